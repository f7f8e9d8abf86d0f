"""What an entity's memory is after a restart: the checkpoint, corrected by the ledger, and results since. Pure.

Results go to disk as time series within half a second, the checkpoint each half minute. So a process that was killed
goes on with what it had seen: the results since the checkpoint are judged again before anything new is.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import TypeGuard

from noc.availability.evidence import Memory
from noc.availability.timeline import State
from noc.model.transition import Transition
from noc.pipeline.status import Result, Statuses

log = logging.getLogger(__name__)

Row = tuple[str | int | bool | None, ...]

LOGGED = 20
"""Rows without sense that are told one by one."""

_RAW = (State.UP, State.DOWN, State.UNKNOWN)
_PARTS = 6


def rows(memories: Iterable[tuple[str, Memory]]) -> list[Row]:
    """Return memories as plain rows, for a checkpoint."""
    return [(entity, memory.state.value, *memory[1:]) for entity, memory in memories]


def resume(
    statuses: Statuses,
    saved: tuple[int, Iterable[Row]] | None,
    ledger: Mapping[str, Transition],
    results: Sequence[Result] = (),
) -> list[Transition]:
    """Have statuses go on where they were; return the changes that results make certain and the ledger doesn't know.

    saved: when the checkpoint was written, and its rows; None: there is none. ledger: the last Transition of each
    entity. results: that were taken since the checkpoint, in the order in which they were, or any others, which change
    nothing. Entities must be watched already.
    """
    written_ms, rows = saved or (None, ())
    checkpointed = _read(rows, written_ms)
    remembered = _corrected(checkpointed, ledger)
    told = [result for result in results if remembered.get(result.entity) is not checkpointed.get(result.entity)]
    if told:  # the ledger knows what came of these: they are counted as seen, and nothing more
        names = dict.fromkeys(result.entity for result in told)
        statuses.restore([(name, checkpointed.get(name, Memory())) for name in names], {})
        for result in told:
            before = checkpointed.get(result.entity, Memory()).last
            if (before is None or result.time_ms > before) and result.time_ms <= _place_of(ledger[result.entity]):
                statuses.take(result)
    statuses.restore(remembered.items(), {entity: change.since_ms for entity, change in ledger.items()})
    found: list[Transition] = []
    for result in results:
        memory, change = remembered.get(result.entity, Memory()), ledger.get(result.entity)
        known_ms = memory.last
        if known_ms is None and change is not None:
            known_ms = _place_of(change)
        if known_ms is None or result.time_ms > known_ms:
            found += statuses.take(result)
    return sorted(found, key=attrgetter("decided_ms"))


def memories(
    checkpoint: Iterable[Row], ledger: Mapping[str, Transition], written_ms: int | None = None
) -> dict[str, Memory]:
    """Return what is remembered of each entity.

    The ledger is written at once and the checkpoint now and then: where the ledger knows of a later change, it is
    right, and the change is not told a second time. A row that makes no sense is told and left out: of its entity the
    ledger alone is known. written_ms: when the checkpoint was written; what is later is nonsense.
    """
    return _corrected(_read(checkpoint, written_ms), ledger)


def _read(checkpoint: Iterable[Row], written_ms: int | None) -> dict[str, Memory]:
    """Return what the checkpoint alone says."""
    found: dict[str, Memory] = {}
    left_out = 0
    for row in checkpoint:
        try:
            entity, memory = _memory(row, written_ms)
        except ValueError as error:
            left_out += 1
            if left_out <= LOGGED:
                log.error("a row of the checkpoint of statuses is left out, %s: %.200r", error, row)
        else:
            found[entity] = memory
    if left_out > LOGGED:
        log.error("and %d more rows of it", left_out - LOGGED)
    return found


def _corrected(checkpointed: Mapping[str, Memory], ledger: Mapping[str, Transition]) -> dict[str, Memory]:
    found = dict(checkpointed)
    for entity, transition in ledger.items():
        known = found.get(entity)
        if known is None or known.last is None or known.last < transition.decided_ms:
            found[entity] = _after(transition, known)
    return found


def _memory(row: Row, written_ms: int | None) -> tuple[str, Memory]:
    """Return the entity of a row and what is remembered of it. Raises ValueError."""
    if len(row) != _PARTS:
        raise ValueError(f"it has {len(row)} parts instead of {_PARTS}")
    entity, word, last, ok, run_start, run_length = row
    state = next((state for state in _RAW if state.value == word), None)
    if not isinstance(entity, str) or state is None:
        raise ValueError("it names no entity, or no state")
    if last is None:
        return entity, Memory(state)
    if not (_whole(last) and _whole(run_start) and _whole(run_length) and isinstance(ok, bool)):
        raise ValueError("its times are no whole numbers, or its result is neither true nor false")
    if last > (last if written_ms is None else written_ms) or run_start > last or run_length < 0:
        raise ValueError("its times are in no order")
    return entity, Memory(state, last, ok, run_start, run_length)


def _whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _after(transition: Transition, before: Memory | None = None) -> Memory:
    """Return the memory right after a transition: a stale entity has no run, any other the one that confirmed it.

    Of what was withdrawn nothing is remembered: evidence begins anew. before: what was remembered at some time before.
    """
    if transition.reason == "withdrawn":
        return Memory()
    results = transition.results
    last, ok = results[-1] if results else (transition.decided_ms, transition.status == "up")
    state = State(transition.status)
    if transition.status == "unknown":
        if not results:  # it was stale before a result came after a start: nothing was seen since `before`
            return (before or Memory())._replace(state=state, run_length=0)
        # Where a result showed that those before it were stale, a new run begins with it.
        return Memory(state, last, ok, last, int(last > transition.since_ms))
    length = sum(1 for time, result in results if time >= transition.since_ms and result is ok) or 1
    return Memory(state, last, ok, transition.since_ms, length)


def _place_of(transition: Transition) -> int:
    """Return the time of the last result that a transition knows of, or may know of."""
    if transition.status != "unknown":
        return transition.decided_ms
    seen_ms = transition.results[-1][0] if transition.results else transition.since_ms
    return max(seen_ms, transition.since_ms)
