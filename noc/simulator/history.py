"""History: what noc would have written in its ledger, had it watched the world for days. In virtual time.

The results of probes go through the real `noc.pipeline.status.Statuses`, at the moments at which the scheduler would
have asked. Within a long run of equal results the middle is passed over: by the arithmetic of availability
(`noc.availability.evidence.step`) further equal results change nothing but the time of the last one and the run's
length, so the memory is set to what they would have made of it. Around every change all results are fed, so that
each record shows the same evidence as if all had been.

A circuit has the interface of a router for its evidence, and that is read when the router is polled: while nothing is
heard of the router there are no results, and the circuit is unknown when the last one is stale. Nobody saw it then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from noc.availability.policy import ProbePolicy
from noc.availability.spans import NEVER, Spans
from noc.inventory.inventory import Inventory
from noc.model.transition import Transition
from noc.pipeline.partwatch import POLL
from noc.pipeline.policy import circuit_policies, probe_policy
from noc.pipeline.status import EVIDENCE_RESULTS, Result, Statuses
from noc.scheduling.plan import checks_of, offset_s
from noc.simulator.faults import Story
from noc.simulator.reach import down_spans

DAYS: Final = 30
LOOK_FOR_STALE_EVERY_MS: Final = 1_000
"""As the daemon looks for what nobody has seen for too long."""


@dataclass(frozen=True, slots=True)
class Probed:
    """How something is probed: at `offset_ms` of each `interval_ms` since the Unix epoch. check: the collector.

    told_by: the device that tells of it, and then nobody does while that is silent; empty for a device itself.
    """

    entity: str
    check: str
    policy: ProbePolicy
    interval_ms: int
    offset_ms: int
    told_by: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """What was told. transitions: by the time of their decision. statuses: what is remembered at the end."""

    transitions: tuple[Transition, ...]
    statuses: Statuses


class _Run(NamedTuple):
    """Probes number `first` to `last`, all with the same result."""

    ok: bool
    first: int
    last: int


def probed(inventory: Inventory) -> Iterator[Probed]:
    """Yield how the devices of an inventory are probed, by the scheduler's own plan."""
    for device in inventory.devices.values():
        check = next(check for check in checks_of(device) if check.liveness)
        offset_ms = int(offset_s(check.key, check.interval_s) * 1000)
        interval_ms = round(check.interval_s * 1000)
        yield Probed(device.entity, check.kind, probe_policy(device.watch), interval_ms, offset_ms)


def polled(inventory: Inventory) -> Iterator[Probed]:
    """Yield how the circuits of an inventory that have one end are read, at the polls of its device.

    A line of a site never fails alone in a world: it is cut, and then nothing is heard of the site.
    """
    policies = circuit_policies(inventory)
    for circuit in inventory.circuits.values():
        device = None if circuit.a is None else inventory.devices.get(circuit.a.device)
        check = None if device is None else next((one for one in checks_of(device) if one.kind == POLL), None)
        if device is None or check is None or circuit.z is not None or circuit.probe is not None:
            continue
        offset_ms, interval_ms = int(offset_s(check.key, check.interval_s) * 1000), round(check.interval_s * 1000)
        yield Probed(circuit.entity, POLL, policies[circuit.entity], interval_ms, offset_ms, device.entity)


def past(story: Story, things: Iterable[Probed], start_ms: int, end_ms: int, poller: str) -> Past:
    """Tell what happened in `[start_ms, end_ms)`.

    things: devices of the story's world, and what they tell of; others are passed over. poller: who saw it. The daemon
    that takes over must look again within `stale_after` of the end, or what lies between is unknown.
    """
    down = down_spans(story, start_ms, end_ms)
    numbers = {device.entity: device.number for device in story.world.devices}
    known = [thing for thing in things if (thing.told_by or thing.entity) in numbers]
    statuses = Statuses()
    statuses.watch({thing.entity: thing.policy for thing in known})
    found: list[Transition] = []
    for thing in known:
        for run in _runs(thing, down.get(numbers[thing.told_by or thing.entity], NEVER), start_ms, end_ms):
            if run.ok or not thing.told_by:
                found += _unseen(run, thing, statuses)
                found += _live_through(run, thing, statuses, poller)
    found.sort(key=lambda change: (change.decided_ms, change.entity))
    return Past(tuple(found), statuses)


def _runs(thing: Probed, down: Spans, start_ms: int, end_ms: int) -> Sequence[_Run]:
    """Return the runs of equal results. An outage between two probes is not seen."""
    edges = [start_ms, *(edge for span in down for edge in span), end_ms]
    runs: list[_Run] = []
    for number, (begin, end) in enumerate(pairwise(edges)):
        first, last = _first_probe(thing, begin), _first_probe(thing, end) - 1
        if first > last:
            continue
        ok = number % 2 == 0
        if runs and runs[-1].ok is ok:
            runs[-1] = _Run(ok, runs[-1].first, last)
        else:
            runs.append(_Run(ok, first, last))
    return runs


def _first_probe(thing: Probed, time_ms: int) -> int:
    """Return the number of the first probe at or after a moment."""
    return -((thing.offset_ms - time_ms) // thing.interval_ms)


def _unseen(run: _Run, thing: Probed, statuses: Statuses) -> list[Transition]:
    """Return what became of a thing that nobody told of until a run began."""
    seen_ms = statuses.seen_ms(thing.entity)
    if seen_ms is None:
        return []
    begins_ms = run.first * thing.interval_ms + thing.offset_ms
    return statuses.expire(min(begins_ms, seen_ms + thing.policy.stale_after + LOOK_FOR_STALE_EVERY_MS))


def _live_through(run: _Run, thing: Probed, statuses: Statuses, poller: str) -> Iterator[Transition]:
    def at(number: int) -> int:
        return number * thing.interval_ms + thing.offset_ms

    def take(first: int, last: int) -> Iterator[Transition]:
        for number in range(first, last + 1):
            yield from statuses.take(Result(thing.entity, at(number), run.ok, thing.check, poller))

    around = max(EVIDENCE_RESULTS, thing.policy.confirm_down, thing.policy.confirm_up)
    if run.last - run.first < 2 * around:
        yield from take(run.first, run.last)
        return
    yield from take(run.first, run.first + around - 1)
    seen, memory, since_ms = run.last - around, statuses.memory(thing.entity), statuses.since_ms(thing.entity)
    if memory is not None and since_ms is not None:
        passed_over = seen - (run.first + around - 1)
        memory = memory._replace(last=at(seen), run_length=memory.run_length + passed_over)
        statuses.restore([(thing.entity, memory)], {thing.entity: since_ms})
    yield from take(seen + 1, run.last)
