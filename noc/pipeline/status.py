"""Status: liveness results to Transitions, by the arithmetic of noc.availability. Pure, and in memory.

Confirmed, dated back and gone stale by one state machine, the same that `noc availability replay` uses.
"""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from noc.availability.evidence import Memory, expire, step
from noc.availability.policy import ProbePolicy
from noc.availability.timeline import Change, State
from noc.model.evidence import JudgedNow, Seen
from noc.model.transition import Status, Transition

EVIDENCE_RESULTS = 16
"""Results kept for an entity: what a ledger record shows of the time around a change."""


@dataclass(frozen=True, slots=True)
class Result:
    """One probe result: evidence of up and down. time_ms: when it was asked, in milliseconds of the Unix epoch."""

    entity: str
    time_ms: int
    ok: bool
    check: str
    poller: str


@dataclass(slots=True)
class _Watched:
    """recent: the last results, each as twice its time, plus 1 where it was good: 8 bytes, as there are so many."""

    policy: ProbePolicy
    memory: Memory = field(default_factory=Memory)
    recent: array[int] = field(default_factory=lambda: array("q"))
    check: str = ""
    poller: str = ""
    since_ms: int | None = None


@dataclass(slots=True)
class StatusTally:
    """Results that were taken, and those that were not, with the reason. given = taken + late + unwatched."""

    given: int = 0
    taken: int = 0
    late: int = 0
    unwatched: int = 0


Heard = Callable[[Result, Memory, Memory, int], None]
"""Is told of each result that was evidence, of what was remembered of its entity before and after it, and for how many
milliseconds such a result speaks."""


class Statuses:
    """The status of every watched entity."""

    def __init__(self, heard: Heard | None = None) -> None:
        self._heard = heard
        self._watched: dict[str, _Watched] = {}
        self._deadlines: list[tuple[int, str]] = []
        self.tally = StatusTally()
        self.version = 0
        """Is another one when any status is."""

    def watch(self, policies: Mapping[str, ProbePolicy]) -> None:
        """Say which entities are watched, and how they are judged. Those that stay keep their memory."""
        self.version += 1
        for entity in self._watched.keys() - policies.keys():
            del self._watched[entity]
        for entity, policy in policies.items():
            known = self._watched.get(entity)
            if known is None:
                self._watched[entity] = _Watched(policy)
            else:
                known.policy = policy

    def add(self, entity: str, policy: ProbePolicy) -> None:
        """Watch one more entity, or judge one in another way from now on; it keeps its memory."""
        known = self._watched.get(entity)
        if known is None:
            self._watched[entity] = _Watched(policy)
        else:
            known.policy = policy

    def drop(self, entity: str) -> None:
        """Watch an entity no longer."""
        if self._watched.pop(entity, None) is not None:
            self.version += 1

    def withdraw(self, entity: str, time_ms: int, check: str, poller: str) -> list[Transition]:
        """Say that nothing is expected of an entity from now on: it is unknown, and evidence begins anew."""
        watched = self._watched.get(entity)
        if watched is None:
            return []
        before = _word(watched.memory)
        watched.memory = Memory()
        watched.recent = array("q")
        watched.check, watched.poller = check, poller
        if before == "unknown":
            return []
        change = (Change(time_ms, State.UNKNOWN),)
        return self._transitions(entity, watched, before, change, time_ms, "withdrawn")

    def restore(self, memories: Iterable[tuple[str, Memory]], since_ms: Mapping[str, int]) -> None:
        """Take up what was remembered before a restart; entities that are no longer watched are passed over.

        since_ms: of entities' last Transitions.
        """
        self.version += 1
        for entity, memory in memories:
            watched = self._watched.get(entity)
            if watched is None:
                continue
            watched.memory = memory
            watched.since_ms = since_ms.get(entity)
            if memory.last is not None:
                heapq.heappush(self._deadlines, (memory.last + watched.policy.stale_after, entity))

    def memories(self) -> list[tuple[str, Memory]]:
        """Return what must be remembered over a restart."""
        return [(entity, watched.memory) for entity, watched in self._watched.items()]

    def status_of(self, entity: str) -> Status:
        """Return the status now; unknown for what is not watched."""
        watched = self._watched.get(entity)
        return _word(watched.memory) if watched is not None else "unknown"

    def since_ms(self, entity: str) -> int | None:
        """Return since when the status is so; None where it was always unknown."""
        watched = self._watched.get(entity)
        return watched.since_ms if watched is not None else None

    def seen_ms(self, entity: str) -> int | None:
        """Return the time of the last result, good or bad."""
        watched = self._watched.get(entity)
        return watched.memory.last if watched is not None else None

    def memory(self, entity: str) -> Memory | None:
        """Return what is remembered of the results of an entity; None for what is not watched."""
        watched = self._watched.get(entity)
        return None if watched is None else watched.memory

    def judged(self, entity: str) -> JudgedNow | None:
        """Return how an entity is judged, with its last results; None for what is not watched."""
        watched = self._watched.get(entity)
        if watched is None:
            return None
        policy, memory = watched.policy, watched.memory
        return JudgedNow(
            policy.confirm_down,
            policy.confirm_up,
            policy.stale_after,
            memory.ok,
            memory.run_length,
            memory.run_start if memory.run_length else None,
            tuple(Seen(one >> 1, bool(one & 1)) for one in watched.recent),
            watched.check,
            watched.poller,
        )

    def is_failing(self, entity: str) -> bool:
        """Return whether an entity that is up has failures which don't make it down yet."""
        watched = self._watched.get(entity)
        if watched is None or not watched.memory.run_length:
            return False
        return watched.memory.state is State.UP and not watched.memory.ok

    def is_late(self, entity: str, time_ms: int) -> bool:
        """Return whether a result of this time is no evidence any more: what is known of the entity is later."""
        watched = self._watched.get(entity)
        memory = None if watched is None else watched.memory
        if watched is None or memory is None or memory.last is None:
            return False
        return time_ms <= memory.last + (0 if memory.run_length else watched.policy.stale_after)

    def take(self, result: Result) -> list[Transition]:
        """Take one result; return the changes that it makes certain.

        A result that is not later than the last one (a clock that went back) is counted and is no evidence.
        """
        self.tally.given += 1
        watched = self._watched.get(result.entity)
        if watched is None:
            self.tally.unwatched += 1
            return []
        memory = watched.memory
        if self.is_late(result.entity, result.time_ms):
            self.tally.late += 1
            return []
        self.tally.taken += 1
        before = _word(memory)
        watched.memory, changes = step(memory, watched.policy, result.time_ms, result.ok)
        watched.recent.append(result.time_ms << 1 | result.ok)
        if len(watched.recent) > EVIDENCE_RESULTS:
            del watched.recent[0]
        watched.check, watched.poller = result.check, result.poller
        if self._heard is not None:
            self._heard(result, memory, watched.memory, watched.policy.stale_after)
        if memory.last is None or not memory.run_length:
            heapq.heappush(self._deadlines, (result.time_ms + watched.policy.stale_after, result.entity))
        return self._transitions(result.entity, watched, before, changes, result.time_ms) if changes else []

    def expire(self, now_ms: int) -> list[Transition]:
        """Return the changes of all entities whose evidence is stale by now."""
        transitions: list[Transition] = []
        while self._deadlines and self._deadlines[0][0] < now_ms:
            _, entity = heapq.heappop(self._deadlines)
            watched = self._watched.get(entity)
            if watched is None or watched.memory.last is None or not watched.memory.run_length:
                continue
            deadline_ms = watched.memory.last + watched.policy.stale_after
            if deadline_ms >= now_ms:
                heapq.heappush(self._deadlines, (deadline_ms, entity))
                continue
            before = _word(watched.memory)
            watched.memory, changes = expire(watched.memory, watched.policy, now_ms)
            transitions += self._transitions(entity, watched, before, changes, now_ms)
        return transitions

    def _transitions(
        self,
        entity: str,
        watched: _Watched,
        before: Status,
        changes: Iterable[Change],
        decided_ms: int,
        gone: Literal["stale", "withdrawn"] = "stale",
    ) -> list[Transition]:
        found = []
        for change in changes:
            status: Status = _WORDS[change.state.value]
            found.append(
                Transition(
                    entity=entity,
                    status=status,
                    before=before,
                    since_ms=change.time,
                    decided_ms=decided_ms,
                    check=watched.check,
                    poller=watched.poller,
                    reason=gone if status == "unknown" else "confirmed",
                    results=tuple((one >> 1, bool(one & 1)) for one in watched.recent),
                )
            )
            before = status
            watched.since_ms = change.time
            self.version += 1
        return found


_WORDS: Mapping[str, Status] = {"up": "up", "down": "down", "unknown": "unknown"}


def _word(memory: Memory) -> Status:
    return _WORDS[memory.state.value]
