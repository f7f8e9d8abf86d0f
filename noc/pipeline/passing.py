"""Parts that may be passing things: told of only while they are up, and not yet for a day. Pure, with a memory.

A VPN tunnel that its device lists only while it is up is a line between two sites, or a traveller who logged in. Which
it is shows by how long it stands; some devices tell that (`Part.stands`), of others it is seen here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice
from typing import Final, NamedTuple

from noc.model.part import Part, PartKind
from noc.pipeline.parts import STANDS_AFTER_S

GAP_MS: Final = 15 * 60_000
"""A part that is not told of for no longer than this stands all the same: new keys are agreed upon."""


class _Seen(NamedTuple):
    kind: PartKind
    since_ms: int
    last_ms: int


class Passing:
    """What each device tells of that doesn't stand yet, and since when."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], dict[str, _Seen]] = {}

    def take(
        self, device: str, check: str, parts: Iterable[Part], unread: Collection[PartKind], time_ms: int, at_most: int
    ) -> frozenset[str]:
        """Take what a check tells of a device; return the entities that stand now.

        parts: those that are not watched. unread: kinds of which there may be more. at_most: so many are remembered.
        """
        before = self._seen.get((device, check), {})
        seen = {
            entity: one._replace(last_ms=time_ms) if one.kind in unread else one
            for entity, one in before.items()
            if one.kind in unread or time_ms - one.last_ms <= GAP_MS
        }
        told = {part.entity: part.kind for part in parts if part.is_fleeting and part.ok}
        for entity, kind in told.items():
            known = seen.get(entity)
            seen[entity] = _Seen(kind, time_ms if known is None else known.since_ms, time_ms)
        stand = frozenset(entity for entity in told if time_ms - seen[entity].since_ms >= STANDS_AFTER_S * 1000)
        kept = islice(((entity, one) for entity, one in seen.items() if entity not in stand), at_most)
        self._seen[device, check] = dict(kept)
        if not self._seen[device, check]:
            del self._seen[device, check]
        return stand

    def keep(self, devices: Collection[str]) -> None:
        """Forget all devices but these."""
        self._seen = {key: seen for key, seen in self._seen.items() if key[0] in devices}
