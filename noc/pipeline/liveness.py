"""Results of liveness as Samples: the evidence itself, so that figures can be recomputed from it. Pure.

A row is one result of one entity at the exact millisecond at which it counted, `ok` 1 or 0; `noc ledger export` writes
these as events of `noc availability replay`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from noc.model.instants import from_ms
from noc.model.part import owner_of
from noc.model.samples import Samples
from noc.pipeline.status import Result

MEASUREMENT: Final = "noc_liveness"
FIELD: Final = "ok"
ENTITY: Final = "entity"
_TAG_KEYS: Final = ("device", "site", "region", ENTITY, "check", "poller")
_DEVICE: Final = "device/"

Context = Callable[[str], Mapping[str, str]]
"""A device, circuit or end point to the tags that the inventory knows of it: site and region."""


class LivenessSeries:
    """Gathers results until they are asked for. context: of entities."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._taken: list[Result] = []

    def take(self, result: Result) -> None:
        """Take a result that was evidence."""
        self._taken.append(result)

    def samples(self) -> tuple[Samples, ...]:
        """Return what was taken since the last time, a table for each moment."""
        if not self._taken:
            return ()
        taken, self._taken = self._taken, []
        tables: dict[int, list[Result]] = {}
        for result in taken:
            tables.setdefault(result.time_ms, []).append(result)
        return tuple(self._table(time_ms, results) for time_ms, results in tables.items())

    def _table(self, time_ms: int, results: list[Result]) -> Samples:
        tags = tuple(self._tags(result) for result in results)
        values = tuple((1.0 if result.ok else 0.0,) for result in results)
        return Samples(MEASUREMENT, from_ms(time_ms), _TAG_KEYS, (FIELD,), tags, values)

    def _tags(self, result: Result) -> tuple[str, ...]:
        entity = result.entity
        owner = owner_of(entity) or entity
        context = self._context(owner)
        # As for all series: `device` is whose numbers they are, of what is no device the entity itself.
        device = owner.removeprefix(_DEVICE)
        return (device, context.get("site", ""), context.get("region", ""), entity, result.check, result.poller)
