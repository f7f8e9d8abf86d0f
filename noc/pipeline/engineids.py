"""SNMPv3 engine ids that more than one device has: cloned machines, copied configurations. Pure.

An engine id is to be one device's alone (RFC 3411, section 5): messages of two with the same one can't be told apart
by who receives traps, and keys of one open those of the other. One agent that is reached at two addresses has one
clock; two agents with one id have two, by which they are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from noc.model.reading import Engine

SAME_START_S: Final = 10.0
"""Two agents that started so close together, as often as each other, are one: answers come late, clocks drift."""


@dataclass(frozen=True, slots=True)
class _Seen:
    engine_id: str
    boots: int
    started_s: float


class EngineIds:
    """Remembers the engine of each device, by entity."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self._by_id: dict[str, set[str]] = {}
        self._told: set[str] = set()

    def take(self, entity: str, engine: Engine, at_s: float) -> tuple[str, ...]:
        """Take the engine that answered for a device at a moment.

        Return the devices that share its id, itself too, when that is found for the first time.
        """
        before = self.engine_id(entity)
        self._drop(entity)
        if before != engine.id and not self._is_shared(before):
            self._told.discard(before)
        self._seen[entity] = _Seen(engine.id, engine.boots, at_s - engine.time_s)
        self._by_id.setdefault(engine.id, set()).add(entity)
        twins = self.twins(entity)
        if not twins and not self._is_shared(engine.id):
            self._told.discard(engine.id)
        if not twins or engine.id in self._told:
            return ()
        self._told.add(engine.id)
        return tuple(sorted((entity, *twins)))

    def twins(self, entity: str) -> tuple[str, ...]:
        """Return the other devices with the engine id of a device."""
        own = self._seen.get(entity)
        if own is None:
            return ()
        return tuple(sorted(other for other in self._by_id[own.engine_id] if _are_two(own, self._seen[other])))

    def engine_id(self, entity: str) -> str:
        """Return a device's engine id, in hexadecimal; empty where it is not known."""
        seen = self._seen.get(entity)
        return "" if seen is None else seen.engine_id

    @property
    def shared(self) -> int:
        """Return how many engine ids belong to more than one device."""
        return sum(self._is_shared(engine_id) for engine_id, entities in self._by_id.items() if len(entities) > 1)

    def forget(self, entity: str) -> None:
        """Drop a device that is no longer watched, or is asked otherwise."""
        self._drop(entity)

    def _is_shared(self, engine_id: str) -> bool:
        return any(self.twins(entity) for entity in self._by_id.get(engine_id, ()))

    def _drop(self, entity: str) -> None:
        before = self._seen.pop(entity, None)
        if before is not None:
            self._by_id[before.engine_id].discard(entity)
            if not self._by_id[before.engine_id]:
                del self._by_id[before.engine_id]
                self._told.discard(before.engine_id)


def _are_two(one: _Seen, other: _Seen) -> bool:
    return one.boots != other.boots or abs(one.started_s - other.started_s) > SAME_START_S
