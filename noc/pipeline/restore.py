"""What an entity's memory is after a restart: the checkpoint, corrected by the ledger. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from noc.availability.evidence import Memory
from noc.availability.timeline import State
from noc.model.transition import Transition

Row = tuple[str | int | bool | None, ...]


def rows(memories: Iterable[tuple[str, Memory]]) -> list[Row]:
    """Return memories as plain rows, for a checkpoint."""
    return [(entity, memory.state.value, *memory[1:]) for entity, memory in memories]


def memories(checkpoint: Iterable[Row], ledger: Mapping[str, Transition]) -> dict[str, Memory]:
    """Return what is remembered of each entity.

    The ledger is written at once and the checkpoint now and then: where the ledger knows of a later change, it is
    right, and the change is not told a second time.
    """
    found = {str(row[0]): _memory(row) for row in checkpoint}
    for entity, transition in ledger.items():
        memory = found.get(entity)
        if memory is None or memory.last is None or memory.last < transition.decided_ms:
            found[entity] = _after(transition)
    return found


def _memory(row: Row) -> Memory:
    _, state, last, ok, run_start, run_length = row
    return Memory(
        State(str(state)), None if last is None else int(last), bool(ok), int(run_start or 0), int(run_length or 0)
    )


def _after(transition: Transition) -> Memory:
    """Return the memory right after a transition: a stale entity has no run, any other the one that confirmed it."""
    results = transition.results
    last, ok = results[-1] if results else (transition.decided_ms, transition.status == "up")
    state = State(transition.status)
    if transition.status == "unknown":
        return Memory(state, last, ok, last, 0)
    length = sum(1 for time, result in results if time >= transition.since_ms and result is ok) or 1
    return Memory(state, last, ok, transition.since_ms, length)
