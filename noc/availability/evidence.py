"""Probe results to raw states: confirmed, dated back, gone stale (docs/availability.md, "Raw state"). Pure.

`step` is the one state machine: the daemon feeds it result by result, `raw_timeline` a whole series at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from noc.availability.policy import ProbePolicy
from noc.availability.timeline import Change, State, Timeline, known_until

Result: TypeAlias = tuple[int, bool]
"""When a probe asked, in milliseconds, and whether the entity was well."""

Changes: TypeAlias = tuple[Change, ...]

_UP, _DOWN, _UNKNOWN = State.UP, State.DOWN, State.UNKNOWN
_NOTHING: Changes = ()


class Memory(NamedTuple):
    """All that is kept of an entity's past results. Times in milliseconds.

    last: time of the last result, None before the first. ok, run_start, run_length: the run of equal results that the
    last one belongs to; no length after it went stale.
    """

    state: State = State.UNKNOWN
    last: int | None = None
    ok: bool = False
    run_start: int = 0
    run_length: int = 0


def step(memory: Memory, policy: ProbePolicy, time: int, ok: bool) -> tuple[Memory, Changes]:
    """Take one result; return what to remember, and the changes of state that are now certain, in order of time.

    A change is dated back to the first result of its run, so it may lie before earlier results, never before an
    earlier change. The same result a second time changes nothing.
    Raises ValueError where the result is older than the last one, contradicts it, or comes when `expire` has already
    said that nothing came in its time.
    """
    state, last, run_ok, run_start, run_length = memory
    changes = _NOTHING
    if last is not None:
        if time <= last:
            if time == last and ok is run_ok:
                return memory, _NOTHING
            raise ValueError(f"result of {time} ms after the one of {last} ms; feed them in order of time")
        stale = last + policy.stale_after
        if time > stale:
            run_length = 0
            if state is not _UNKNOWN:
                state = _UNKNOWN
                changes = (Change(stale, _UNKNOWN),)
        elif not run_length:
            raise ValueError(f"result of {time} ms comes too late; it was judged stale from {stale} ms on")
    if run_length and ok is run_ok:
        run_length += 1
    else:
        run_start, run_length = time, 1
    if run_length >= (policy.confirm_up if ok else policy.confirm_down):
        confirmed = _UP if ok else _DOWN
        if confirmed is not state:
            state = confirmed
            changes = (*changes, Change(run_start, confirmed))
    return Memory(state, time, ok, run_start, run_length), changes


def expire(memory: Memory, policy: ProbePolicy, now: int) -> tuple[Memory, Changes]:
    """Say that no further result came up to `now`: what is stale by then becomes unknown. Returned as by `step`."""
    last = memory.last
    if last is None or not memory.run_length or now - last <= policy.stale_after:
        return memory, _NOTHING
    changes = (Change(last + policy.stale_after, _UNKNOWN),) if memory.state is not _UNKNOWN else _NOTHING
    return memory._replace(state=_UNKNOWN, run_length=0), changes


def raw_timeline(results: Iterable[Result], policy: ProbePolicy, end: int) -> Timeline:
    """Return the raw states (up, down, unknown) of one entity.

    results: in order of time. end: until when evidence was gathered, in milliseconds; later results are ignored, and
    after it everything is unknown. Raises ValueError as `step` does.
    """
    memory = Memory()
    timeline: list[Change] = []
    for time, ok in results:
        if time > end:
            break
        memory, changes = step(memory, policy, time, ok)
        if changes:
            timeline += changes
    timeline += expire(memory, policy, end)[1]
    return known_until(timeline, end)
