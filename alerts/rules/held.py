"""What one rule holds against one device: its pending and raised series, and the entities they raise it for. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from alerts.rules.compiled import Judged
from alerts.rules.evaluate import Change, Memory, step
from alerts.rules.measurements import Rhythm
from alerts.rules.numbers import Key, Number
from alerts.rules.selection import Subject
from noc.inventory.endpoints import Endpoint
from noc.inventory.entities import Device
from noc.model.instants import length_ms

GONE_AFTER_MS: Final = 24 * 3_600_000
"""A series that its device doesn't tell of for so long, while it tells of others like it, is no more."""

MAX_SERIES: Final = 10_000
"""Series of one rule and one device that are remembered; further ones are counted and not watched."""

SERVICE_MS: Final = 60_000
"""Services have no rhythm; they are told of every few seconds, so that three minutes without a word are a gap."""

_STALE_INTERVALS: Final = 3  # as for liveness: docs/availability.md
_LEAST_INTERVALS: Final = 2  # so that no single poll that is a little late starts everything anew
_NOTHING: Final = Number(None, {})

Reason = Literal["value", "series", "superseded", "further"]


class Verdict(NamedTuple):
    """An entity for which the rule is now raised or cleared.

    number: the worst that raised it, or the one that cleared it. reason: of a clearing: the value came back, the
    series is no more, or another field tells more now; of a raising: `further` where the
    rule was raised for the entity before, by others of its series. series: how many raise it at that time.
    """

    entity: str
    status: Literal["raised", "cleared"]
    since_ms: int
    number: Number
    reason: Reason
    series: int = 1


class _Series(NamedTuple):
    """seen_ms: when the device last told of it, also without a number."""

    memory: Memory
    seen_ms: int


def every(rhythm: Rhythm, subject: Subject) -> int:
    """Return the milliseconds between two numbers of a subject."""
    if not isinstance(subject, Device | Endpoint):
        return SERVICE_MS
    return length_ms(subject.watch.interval if rhythm == "interval" else subject.watch.poll_interval)


def stale_ms(rule: Judged, device: Subject) -> int:
    """Return the longest time between two numbers that doesn't break what is pending."""
    every_ms = every(rule.rhythm, device)
    if rule.stale_ms is None:
        return _STALE_INTERVALS * every_ms
    return max(rule.stale_ms, _LEAST_INTERVALS * every_ms)


class Held:
    """Remembers only series that are pending or raised. shed: how many were not taken for want of room."""

    __slots__ = ("_adopted", "_device", "_raised", "_series", "_stale_ms", "rule", "shed")

    def __init__(self, rule: Judged, device: Subject) -> None:
        self.rule = rule
        self._device = device
        self._stale_ms = stale_ms(rule, device)
        self._series: dict[Key, _Series] = {}
        self._raised: dict[str, set[Key]] = {}
        self._adopted: dict[str, int] = {}
        self.shed = 0

    def __bool__(self) -> bool:
        """Tell whether anything is held."""
        return bool(self._series or self._adopted)

    def holds(self, entity: str) -> bool:
        """Tell whether the rule is raised for an entity."""
        return entity in self._raised or entity in self._adopted

    def take(self, numbers: Mapping[Key, Number], time_ms: int) -> list[Verdict]:
        """Take the numbers of one time, of all rows while anything is held; return what changes."""
        before: dict[str, bool] = {}
        changes: dict[str, list[tuple[Change, Number]]] = {}
        for key, number in numbers.items():
            entity = self.entity(key)
            before.setdefault(entity, self.holds(entity))
            if number.superseded:
                self._put(entity, key, None, time_ms)
                self._adopted.pop(entity, None)
                continue
            change = self._step(entity, key, number.value, time_ms)
            if change is not None:
                changes.setdefault(entity, []).append((change, number))
        for key, number in numbers.items():
            if self._adopted and number.value is not None:
                self._adopted.pop(self.entity(key), None)  # its series are told apart now
        for key in self._gone(numbers, time_ms):
            before.setdefault(self.entity(key), self.holds(self.entity(key)))
            self._put(self.entity(key), key, None, time_ms)
        superseded = {self.entity(key) for key, number in numbers.items() if number.superseded}
        return [
            verdict
            for entity, held in before.items()
            if (verdict := self._verdict(entity, held, changes.get(entity, []), time_ms, superseded)) is not None
        ]

    def restore(self, entity: str, key: Key | None, memory: Memory, seen_ms: int) -> None:
        """Take up a series. key: None where it is only known that one of the entity's series is raised."""
        if key is not None and len(key) == len(self.rule.key):
            self._put(self.entity(key), key, memory, seen_ms)
        elif memory.raised and memory.since_ms is not None:
            self._adopted[entity] = memory.since_ms

    def memories(self) -> Iterator[tuple[str, Key | None, Memory, int]]:
        """Yield what `restore` takes."""
        for key, (memory, seen_ms) in self._series.items():
            yield self.entity(key), key, memory, seen_ms
        for entity, since_ms in self._adopted.items():
            yield entity, None, Memory(None, since_ms, raised=True), since_ms

    def entity(self, key: Key) -> str:
        """Return what the rule is raised for by a series: its interface, or else the device."""
        if self.rule.measurement == "interface" and key[0]:
            return f"interface/{self._device.entity.removeprefix('device/')}/{key[0]}"
        return self._device.entity

    def _step(self, entity: str, key: Key, value: float | None, time_ms: int) -> Change | None:
        """Return that the series is raised or cleared now, None where it is as it was."""
        known = self._series.get(key)
        if value is None:
            if known is not None:
                self._series[key] = _Series(known.memory, time_ms)
            return None
        memory = Memory() if known is None else known.memory
        if not memory.raised and entity in self._adopted:
            memory = Memory(memory.last_ms, self._adopted[entity], raised=True)
        after, change = step(memory, value, time_ms, self.rule, self._stale_ms)
        if known is None and after.since_ms is not None and len(self._series) >= MAX_SERIES:
            self.shed += 1
            return None
        self._put(entity, key, after, time_ms)
        return change

    def _put(self, entity: str, key: Key, memory: Memory | None, seen_ms: int) -> None:
        if memory is None or memory.since_ms is None:
            self._series.pop(key, None)
        else:
            self._series[key] = _Series(memory, seen_ms)
        if memory is not None and memory.raised:
            self._raised.setdefault(entity, set()).add(key)
        elif entity in self._raised:
            self._raised[entity].discard(key)
            if not self._raised[entity]:
                del self._raised[entity]

    def _gone(self, numbers: Mapping[Key, Number], time_ms: int) -> list[Key]:
        return [
            key
            for key, series in self._series.items()
            if key not in numbers and time_ms - series.seen_ms > GONE_AFTER_MS
        ]

    def _verdict(
        self,
        entity: str,
        held: bool,
        changes: Sequence[tuple[Change, Number]],
        time_ms: int,
        superseded: Collection[str],
    ) -> Verdict | None:
        """Return what changed for an entity; None where nothing did. held: whether it was raised before."""
        if not self.holds(entity):
            number = changes[-1][1] if changes else _NOTHING
            reason: Reason = "value" if changes else "superseded" if entity in superseded else "series"
            return Verdict(entity, "cleared", time_ms, number, reason) if held else None
        raised = [(change.since_ms, number) for change, number in changes if change.status == "raised"]
        if not raised:
            return None
        since_ms, number = raised[0]
        for other_ms, other in raised[1:]:
            since_ms = min(since_ms, other_ms)
            if other.value is not None and number.value is not None and self.rule.worse(other.value, number.value):
                number = other
        reason = "further" if held else "value"
        return Verdict(entity, "raised", since_ms, number, reason, len(self._raised[entity]))
