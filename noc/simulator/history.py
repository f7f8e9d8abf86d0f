"""History: what noc would have written in its ledger, had it watched the world for days. In virtual time.

The results of probes go through the real `noc.pipeline.status.Statuses`, at the moments at which the scheduler would
have asked. Within a long run of equal results the middle is passed over: by the arithmetic of availability
(`noc.availability.evidence.step`) further equal results change nothing but the time of the last one and the run's
length, so the memory is set to what they would have made of it. Around every change all results are fed, so that
each record shows the same evidence as if all had been.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from noc.availability.evidence import Memory
from noc.availability.policy import ProbePolicy
from noc.availability.spans import NEVER, Spans
from noc.availability.timeline import State
from noc.inventory.inventory import Inventory
from noc.model.transition import Transition
from noc.pipeline.policy import probe_policy
from noc.pipeline.status import EVIDENCE_RESULTS, Result, Statuses
from noc.scheduling.plan import checks_of, offset_s
from noc.simulator.faults import Story
from noc.simulator.reach import down_spans

DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Probed:
    """How a device is probed: at `offset_ms` of each `interval_ms` since the Unix epoch. check: the collector."""

    entity: str
    check: str
    policy: ProbePolicy
    interval_ms: int
    offset_ms: int


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


def past(story: Story, devices: Iterable[Probed], start_ms: int, end_ms: int, poller: str) -> Past:
    """Tell what happened in `[start_ms, end_ms)`.

    devices: of the story's world; others are passed over. poller: who saw it. The daemon that takes over must look
    again within `stale_after` of the end, or what lies between is unknown.
    """
    down = down_spans(story, start_ms, end_ms)
    numbers = {device.entity: device.number for device in story.world.devices}
    known = [device for device in devices if device.entity in numbers]
    statuses = Statuses()
    statuses.watch({device.entity: device.policy for device in known})
    found: list[Transition] = []
    for device in known:
        runs = _runs(device, down.get(numbers[device.entity], NEVER), start_ms, end_ms)
        for run in runs:
            found += _live_through(run, device, statuses, poller)
    found.sort(key=lambda change: (change.decided_ms, change.entity))
    return Past(tuple(found), statuses)


def _runs(device: Probed, down: Spans, start_ms: int, end_ms: int) -> Sequence[_Run]:
    """Return the runs of equal results. An outage between two probes is not seen."""
    edges = [start_ms, *(edge for span in down for edge in span), end_ms]
    runs: list[_Run] = []
    for number, (begin, end) in enumerate(pairwise(edges)):
        first, last = _first_probe(device, begin), _first_probe(device, end) - 1
        if first > last:
            continue
        ok = number % 2 == 0
        if runs and runs[-1].ok is ok:
            runs[-1] = _Run(ok, runs[-1].first, last)
        else:
            runs.append(_Run(ok, first, last))
    return runs


def _first_probe(device: Probed, time_ms: int) -> int:
    """Return the number of the first probe at or after a moment."""
    return -((device.offset_ms - time_ms) // device.interval_ms)


def _live_through(run: _Run, device: Probed, statuses: Statuses, poller: str) -> Iterator[Transition]:
    def at(number: int) -> int:
        return number * device.interval_ms + device.offset_ms

    def take(first: int, last: int) -> Iterator[Transition]:
        for number in range(first, last + 1):
            yield from statuses.take(Result(device.entity, at(number), run.ok, device.check, poller))

    around = max(EVIDENCE_RESULTS, device.policy.confirm_down, device.policy.confirm_up)
    if run.last - run.first < 2 * around:
        yield from take(run.first, run.last)
        return
    yield from take(run.first, run.first + around - 1)
    seen = run.last - around
    state = State.UP if run.ok else State.DOWN
    memory = Memory(state, at(seen), run.ok, at(run.first), seen - run.first + 1)
    statuses.restore([(device.entity, memory)], {device.entity: at(run.first)})
    yield from take(seen + 1, run.last)
