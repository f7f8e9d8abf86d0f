"""Evidence that came late, to a Restatement of what the ledger says of a time that is over. Pure.

The same state machine judges what was known, and what was known with what came late. Where the two differ, late
evidence decides, if what the ledger says stands on the evidence at hand. Where it doesn't, evidence is missing that the
ledger was made from: the ledger stays as it is, and the time is told as contested.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from noc.availability.evidence import Memory, Result, expire, step
from noc.availability.policy import ProbePolicy
from noc.availability.spans import Spans, union
from noc.availability.timeline import Change, State, Timeline, append
from noc.model.restatement import Restatement
from noc.model.transition import Status

States = tuple[tuple[int, Status], ...]
"""From when on which, in order of time, as in a Restatement."""

_WORDS: Final[Mapping[State, Status]] = {State.UP: "up", State.DOWN: "down", State.UNKNOWN: "unknown"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Results of one entity, in order of time: those that the ledger knew, and those that came late.

    known: all of them from `context_ms` before the first late one until now, else changes that hang together with late
    results are missed. check, poller: who saw the late ones.
    """

    entity: str
    known: Sequence[Result]
    late: Sequence[Result]
    check: str
    poller: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What late evidence makes of an entity. restatement: None where it changes nothing.

    before: what the entity was until now in the restated time, as `states` of a Restatement. late: results that are
    new. contested: where late evidence says otherwise, and the evidence at hand doesn't carry what the ledger says.
    """

    entity: str
    restatement: Restatement | None
    before: States
    late: int
    contested: Spans


def context_ms(policy: ProbePolicy) -> int:
    """Return how far apart results are that can belong to one change of state, in milliseconds.

    In so long a time there are as many results as confirm anything, or there is a gap that ends all runs.
    """
    return (max(policy.confirm_down, policy.confirm_up) + 1) * policy.stale_after


def restate(evidence: Evidence, policy: ProbePolicy, present: Timeline, end: int, decided_ms: int) -> Outcome:
    """Work out what late evidence changes.

    present: up, down and unknown as the ledger says now, earlier restatements in it. end: nothing from there on is
    restated; the daemon may still date a change back to it. decided_ms: until when evidence was gathered, not before
    `end`. Both in milliseconds. A late result that contradicts a known one of the same moment is passed over.
    """
    known = dict(evidence.known)
    late = {time: ok for time, ok in evidence.late if time <= decided_ms and time not in known}
    if not late:
        return Outcome(evidence.entity, None, (), 0, ())
    together = sorted({**late, **known}.items())
    first = together[0][0]
    # What came before the results at hand shows in the state alone; who knows only late ones doesn't know that either.
    seed = Memory(_at(present, first - 1)) if first in known else Memory()
    found = compare(
        first,
        end,
        present,
        before=_judged(first, sorted(known.items()), policy, seed, decided_ms),
        after=_judged(first, together, policy, seed, decided_ms),
    )
    if not found.states:
        return Outcome(evidence.entity, None, (), len(late), found.contested)
    restatement = _restatement(evidence, found, together, decided_ms)
    return Outcome(evidence.entity, restatement, found.was, len(late), found.contested)


class Compared(NamedTuple):
    """What changes: in `[since, end)` it was `states`, and not what it `was` to the ledger; without states, nothing."""

    since: int
    end: int
    states: States
    was: States
    contested: Spans


def compare(first: int, end: int, said: Timeline, *, before: Timeline, after: Timeline) -> Compared:
    """Return what changes in `[first, end)`, milliseconds.

    said: by the ledger. before, after: by all evidence at hand, without what came late and with it. Only where the
    ledger says what the evidence said before is it changed.
    """
    pieces = _pieces(first, end, said, before=before, after=after)
    contested = union((one.start, one.end) for one in pieces if one.is_contested)
    changed = [index for index, one in enumerate(pieces) if one.is_changed]
    if not changed:
        return Compared(first, first, (), (), contested)
    hull = pieces[changed[0] : changed[-1] + 1]
    states = _states((one.start, one.after if one.is_changed else one.said) for one in hull)
    return Compared(hull[0].start, hull[-1].end, states, _states((one.start, one.said) for one in hull), contested)


class _Piece(NamedTuple):
    """A time in which nothing changes. said: by the ledger; before, after: by the evidence, without and with late."""

    start: int
    end: int
    said: State
    before: State
    after: State

    @property
    def is_changed(self) -> bool:
        return self.after is not self.said and self.before is self.said

    @property
    def is_contested(self) -> bool:
        return self.after is not self.said and self.before is not self.said and self.after is not self.before


def _judged(first: int, results: Sequence[Result], policy: ProbePolicy, seed: Memory, until: int) -> Timeline:
    """Return the states from `first` on that results give, by the one state machine."""
    found: list[Change] = []
    append(found, first, seed.state)
    memory = seed
    for time, ok in results:
        if time > until:
            break
        memory, changes = step(memory, policy, time, ok)
        found += changes
    return [*found, *expire(memory, policy, until)[1]]


def _pieces(first: int, end: int, said: Timeline, *, before: Timeline, after: Timeline) -> list[_Piece]:
    edges = {time for timeline in (said, before, after) for time, _ in timeline if first < time < end}
    times = sorted({first, *edges, end}) if first < end else []
    columns = [_along(timeline, times) for timeline in (said, before, after)]
    return [_Piece(start, stop, *states) for (start, stop), *states in zip(pairwise(times), *columns, strict=False)]


def _along(timeline: Timeline, times: Sequence[int]) -> list[State]:
    """Return the states at times that are in order."""
    found: list[State] = []
    index, state = 0, State.UNKNOWN
    for moment in times:
        while index < len(timeline) and timeline[index].time <= moment:
            state = timeline[index].state
            index += 1
        found.append(state)
    return found


def _at(timeline: Timeline, moment: int) -> State:
    return _along(timeline, [moment])[0]


def _states(pieces: Iterable[tuple[int, State]]) -> States:
    found: list[tuple[int, Status]] = []
    for start, state in pieces:
        if not found or found[-1][1] != _WORDS[state]:
            found.append((start, _WORDS[state]))
    return tuple(found)


def _restatement(evidence: Evidence, found: Compared, together: Sequence[Result], decided_ms: int) -> Restatement:
    inside = [(time, ok) for time, ok in together if found.since <= time < found.end]
    lines = "".join(f"{time} {'true' if ok else 'false'}\n" for time, ok in inside)
    return Restatement(
        entity=evidence.entity,
        since_ms=found.since,
        end_ms=found.end,
        states=found.states,
        decided_ms=decided_ms,
        check=evidence.check,
        poller=evidence.poller,
        results=len(inside),
        digest=hashlib.sha256(lines.encode()).hexdigest(),
    )
