"""What an entity's memory is after a restart: the checkpoint, corrected by the ledger. Pure."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import TypeGuard

from noc.availability.evidence import Memory
from noc.availability.timeline import State
from noc.model.transition import Transition

log = logging.getLogger(__name__)

Row = tuple[str | int | bool | None, ...]

LOGGED = 20
"""Rows without sense that are told one by one."""

_RAW = (State.UP, State.DOWN, State.UNKNOWN)
_PARTS = 6


def rows(memories: Iterable[tuple[str, Memory]]) -> list[Row]:
    """Return memories as plain rows, for a checkpoint."""
    return [(entity, memory.state.value, *memory[1:]) for entity, memory in memories]


def memories(
    checkpoint: Iterable[Row], ledger: Mapping[str, Transition], written_ms: int | None = None
) -> dict[str, Memory]:
    """Return what is remembered of each entity.

    The ledger is written at once and the checkpoint now and then: where the ledger knows of a later change, it is
    right, and the change is not told a second time. A row that makes no sense is told and left out: of its entity the
    ledger alone is known. written_ms: when the checkpoint was written; what is later is nonsense.
    """
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
    for entity, transition in ledger.items():
        known = found.get(entity)
        if known is None or known.last is None or known.last < transition.decided_ms:
            found[entity] = _after(transition)
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


def _after(transition: Transition) -> Memory:
    """Return the memory right after a transition: a stale entity has no run, any other the one that confirmed it.

    Of what was withdrawn nothing is remembered: evidence begins anew.
    """
    if transition.reason == "withdrawn":
        return Memory()
    results = transition.results
    last, ok = results[-1] if results else (transition.decided_ms, transition.status == "up")
    state = State(transition.status)
    if transition.status == "unknown":
        return Memory(state, last, ok, last, 0)
    length = sum(1 for time, result in results if time >= transition.since_ms and result is ok) or 1
    return Memory(state, last, ok, transition.since_ms, length)
