"""What both readers make of a query. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from noc.model.series import Aggregate, Series, SeriesQuery
from noc.wire.lineprotocol import kept


def fields_of(query: SeriesQuery) -> list[str]:
    """Return the fields of a query as they are stored, each once; `time` is none."""
    return [name for name in dict.fromkeys(kept(name) for name in query.fields) if name not in ("", "time")]


def ordered(query: SeriesQuery, found: Iterable[Series]) -> tuple[Series, ...]:
    """Return series in the order of an answer: tags, field, the query's order of aggregates."""
    order: dict[Aggregate | None, int] = {name: number for number, name in enumerate(query.aggregates)}
    return tuple(sorted(found, key=lambda one: (sorted(one.tags.items()), one.field, order.get(one.aggregate, 0))))
