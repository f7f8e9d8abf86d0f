"""An answer that was kept, held against the same one made again from the same records: what differs. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Final, NamedTuple, TypeAlias

from noc.reports.frame.asked import Answer

Value: TypeAlias = float | str | None
Place: TypeAlias = tuple[str, ...]


class Differs(NamedTuple):
    """A figure that is not the one that the ledger gives. where: as `lines site/nairobi measured up_s`.

    None: there is none.
    """

    where: str
    kept: Value
    ledger: Value


def differing(kept: Answer, again: Answer) -> Iterator[Differs]:
    """Yield what differs, in the order of the kept answer, then what it lacks: names and words too."""
    left_out = () if _UNCLAIMED[0] in kept.model_dump(mode="json") else _UNCLAIMED
    before, after = (dict(_inside(_plain(one, left_out), ())) for one in (kept, again))
    for place in dict.fromkeys([*before, *after]):
        one, other = before.get(place), after.get(place)
        if one != other or (place in before) != (place in after):
            yield Differs(" ".join(place), one, other)


_WORDS: Final = "asked"
"""What was asked."""

_UNCLAIMED: Final = ("unclaimed", "without_provider")
"""Circuits without a provider, by name, and how many; an answer of before they were named can't be held to a number."""


def _plain(answer: Answer, left_out: Container[str]) -> dict[str, object]:
    return {key: value for key, value in answer.model_dump(mode="json").items() if key not in left_out}


def _inside(value: object, place: Place) -> Iterator[tuple[Place, Value]]:
    """Yield all numbers and words in plain data, each with where it stands; rows go by whose they are."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != _WORDS:
                yield from _inside(inner, (*place, str(key)))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _inside(inner, (*place, *_row(inner, number)))
    elif value is None or isinstance(value, int | float | str):
        yield place, value


def _row(value: object, number: int) -> Place:
    """Return how a row of a list is known: by its entity, and by when it begins where it has more than one."""
    if not isinstance(value, Mapping):
        return (str(number),)
    names = [str(value[key]) for key in ("entity", "number", "record", "start_ms") if key in value]
    return tuple(names) or (str(number),)
