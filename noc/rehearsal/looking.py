"""Looking: asks what a scenario touches, at the rhythm of the plan, and judges what comes back as the daemon does.

No answer is known only after the patience of the check, as on the wire: so moments of detection are real.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from noc.app.probeplan import check_of
from noc.clock import Clock
from noc.inventory.entities import Device
from noc.inventory.inventory import Inventory
from noc.inventory.layers import Watch
from noc.model.check import Check
from noc.model.instants import from_ms, length_ms, to_ms
from noc.model.samples import Samples
from noc.model.transition import Transition
from noc.pipeline.ingest import Ingested
from noc.pipeline.partwatch import POLL, Look, PartWatch
from noc.pipeline.policy import probe_policy
from noc.pipeline.status import Result, Statuses
from noc.rehearsal.steps import Tell
from noc.rehearsal.told import Series, samples_of, series_of, snapshot_of
from noc.rehearsal.touched import Touched
from noc.rehearsal.truth import Truth
from noc.scheduling.plan import checks_of, offset_s

BURST_S: Final = 0.8
"""How long the five packets of an ICMP check take to go out (collectors/icmp.py)."""

CALM: Final = 8
"""So many equal answers after something happened make sure that all is judged; from then on fewer are needed."""

Told = Callable[[Check, Ingested], None]


class _Due(NamedTuple):
    """What happens at a moment: a check asks, or it is known that nothing answered what was asked at `asked_ms`."""

    at_ms: int
    order: int
    key: str
    what: Literal["ask", "again", "silence"]
    asked_ms: int


@dataclass(slots=True)
class _Asked:
    """A check that is asked. due_ms: when by its rhythm. soon, under_way, again: beside it, now, and right after it.

    calm: how often it was asked since something happened in the world; after many times, not each is asked (sparse).
    """

    check: Check
    watch: Watch
    device: Device | None
    interval_ms: int
    patience_ms: int
    numbers: dict[Series, tuple[Tell, int]] = field(default_factory=dict)
    soon: bool = False
    under_way: bool = False
    again: bool = False
    due_ms: int = 0
    calm: int = 0
    sparse: bool = False


class Looking:
    """Asks and judges. told: is given each check and what comes of it, at once."""

    def __init__(
        self,
        inventory: Inventory,
        truth: Truth,
        touched: Touched,
        statuses: Statuses,
        clock: Clock,
        poller: str,
        told: Told,
    ) -> None:
        self._inventory = inventory
        self._truth = truth
        self._touched = touched
        self._statuses = statuses
        self._clock = clock
        self._poller = poller
        self._told = told
        self._order = itertools.count()
        self._due: list[_Due] = []
        self._asked: dict[str, _Asked] = {}
        self.parts = PartWatch(statuses, inventory)
        self.asked = 0
        self._plan()

    @property
    def next_ms(self) -> int | None:
        """Return when something is asked or known next."""
        return self._due[0].at_ms if self._due else None

    def begin(self, start_ms: int) -> list[Transition]:
        """Say what was seen before the beginning, which is all well; then look at the rhythm of the plan."""
        past = []
        for key, asked in self._asked.items():
            policy = probe_policy(asked.watch)
            offset_ms = int(offset_s(key, asked.check.interval_s) * 1000)
            first_ms = start_ms + (offset_ms - start_ms) % asked.interval_ms
            back = policy.confirm_up + 1
            past += [(first_ms - number * asked.interval_ms, key) for number in range(back, 0, -1)]
            asked.due_ms = first_ms
            self._push(first_ms, key, "ask")
        found: list[Transition] = []
        for at_ms, key in sorted(past):
            found += self._answered(self._asked[key], at_ms).transitions
        for asked in self._asked.values():
            asked.soon = False
        return found

    def run(self, now_ms: int) -> None:
        """Ask all that is due."""
        while self._due and self._due[0].at_ms <= now_ms:
            due = heapq.heappop(self._due)
            asked = self._asked[due.key]
            if due.what == "silence":
                again, asked.under_way, asked.again = asked.again, False, False
                self._hand_on(asked, self._unanswered(asked, due.asked_ms))
                if again:
                    self._ask(asked, due.at_ms)
                continue
            if due.what == "ask":
                if due.at_ms != asked.due_ms:
                    continue  # it was called earlier meanwhile
                self._rhythm(asked)
            elif not asked.check.liveness:
                asked.soon = False
            self._ask(asked, due.at_ms)

    def wake(self, now_ms: int) -> None:
        """Say that something happened in the world: each answer counts again, at the moment of its rhythm."""
        for key, asked in self._asked.items():
            if asked.sparse:
                self._catch_up(asked, now_ms)
                asked.due_ms = now_ms + (asked.due_ms - now_ms) % asked.interval_ms
                self._push(asked.due_ms, key, "ask")
            asked.calm, asked.sparse = 0, False

    def catch_up(self, entity: str) -> None:
        """Ask what would have been asked of the liveness of an entity by now."""
        asked = self._liveness.get(entity)
        if asked is not None and asked.sparse:
            self._catch_up(asked, to_ms(self._clock.now()))

    def _catch_up(self, asked: _Asked, now_ms: int) -> None:
        last_ms = now_ms - (now_ms - asked.due_ms) % asked.interval_ms
        seen_ms = self._statuses.seen_ms(asked.check.entity)
        if seen_ms is not None and seen_ms < last_ms < now_ms:
            ok = self._statuses.status_of(asked.check.entity) == "up"
            if ok or last_ms + asked.patience_ms <= now_ms:
                self._statuses.take(Result(asked.check.entity, last_ms, ok, asked.check.kind, self._poller))

    def _rhythm(self, asked: _Asked) -> None:
        """Say when a check is due again. While nothing happens, only so often that nothing goes stale."""
        asked.calm += 1
        asked.sparse, steps = False, 1
        sure = max(CALM, asked.watch.confirm_down + asked.watch.confirm_up)
        if asked.calm >= sure and asked.check.liveness and not asked.numbers:
            steps = max(1, length_ms(asked.watch.stale_after) // asked.interval_ms - 1)
            asked.sparse = steps > 1
        asked.due_ms += steps * asked.interval_ms
        self._push(asked.due_ms, asked.check.key, "ask")

    def tell(self, tell: Tell, now_ms: int) -> None:
        """Have a device or an end point tell a number from now on."""
        for asked in self._asked.values():
            if asked.check.entity == tell.device:
                asked.numbers[series_of(tell)] = tell, now_ms

    def expedite(self, key: str) -> bool:
        """Run a check now, beside its rhythm; right after the one that is under way. False: it isn't asked here."""
        asked = self._asked.get(key)
        if asked is None:
            return False
        if asked.under_way:
            asked.again = True
        else:
            self._push(to_ms(self._clock.now()), key, "again")
        return True

    def _plan(self) -> None:
        policies = {}
        for name in self._touched.devices:
            device = self._inventory.devices[name]
            policies[device.entity] = probe_policy(device.watch)
            for check in checks_of(device):
                if check.liveness or (check.kind == POLL and name in self._touched.polled):
                    self._add(check, device.watch, device)
        for name in self._touched.endpoints:
            endpoint = self._inventory.endpoints[name]
            policies[endpoint.entity] = probe_policy(endpoint.watch)
            self._add(check_of(endpoint), endpoint.watch, None)
        self._statuses.watch({**policies, **self.parts.policies()})
        self._liveness = {asked.check.entity: asked for asked in self._asked.values() if asked.check.liveness}

    def _add(self, check: Check, watch: Watch, device: Device | None) -> None:
        interval_ms = max(1, int(check.interval_s * 1000))
        self._asked[check.key] = _Asked(check, watch, device, interval_ms, _patience_ms(check, watch))

    def _push(self, at_ms: int, key: str, what: Literal["ask", "again", "silence"], asked_ms: int = 0) -> None:
        heapq.heappush(self._due, _Due(at_ms, next(self._order), key, what, asked_ms))

    def _ask(self, asked: _Asked, now_ms: int) -> None:
        if asked.under_way:
            return
        self.asked += 1
        if self._answers(asked):
            self._hand_on(asked, self._answered(asked, now_ms))
        elif asked.check.liveness:
            asked.under_way = True
            self._push(now_ms + asked.patience_ms, asked.check.key, "silence", now_ms)

    def _answers(self, asked: _Asked) -> bool:
        if asked.device is not None:
            return self._truth.answers(asked.device.id)
        return self._truth.serves(asked.check.entity.removeprefix("endpoint/"))

    def _answered(self, asked: _Asked, now_ms: int) -> Ingested:
        check, device = asked.check, asked.device
        samples: tuple[Samples, ...] = ()
        if asked.numbers:
            rhythm: Literal["interval", "poll_interval"] = "interval" if check.liveness else "poll_interval"
            name = check.entity.partition("/")[2]
            samples = samples_of(name, asked.numbers, rhythm, self._context(device), from_ms(now_ms))
        if check.liveness:
            result = Result(check.entity, now_ms, True, check.kind, self._poller)
            return Ingested(tuple(self._statuses.take(result)), samples)
        if device is None:
            return Ingested((), samples)
        named = self._touched.interfaces.get(device.id, ())
        snapshot = snapshot_of(device, self._inventory, self._truth, named)
        judged = self.parts.take(Look(device, snapshot, frozenset(), now_ms, check.kind, self._poller))
        if judged.failing and not asked.soon and asked.watch.interval < asked.watch.poll_interval:
            asked.soon = True
            self._push(now_ms + length_ms(asked.watch.interval), check.key, "again")
        return Ingested(judged.transitions, samples, snapshot)

    def _unanswered(self, asked: _Asked, asked_ms: int) -> Ingested:
        result = Result(asked.check.entity, asked_ms, False, asked.check.kind, self._poller)
        return Ingested(tuple(self._statuses.take(result)))

    def _hand_on(self, asked: _Asked, ingested: Ingested) -> None:
        if ingested.transitions or ingested.samples:
            self._told(asked.check, ingested)

    def _context(self, device: Device | None) -> dict[str, str]:
        if device is None:
            return {}
        region = self._inventory.sites[device.site].region
        return {"device": device.id, "site": device.site, "region": region, "device_class": device.device_class}


def _patience_ms(check: Check, watch: Watch) -> int:
    """Return how long after a check asked it is known that nothing answers."""
    timeout_s = watch.timeout.total_seconds()
    if check.kind == "icmp":
        return int((BURST_S + min(timeout_s, max(check.deadline_s - BURST_S, 0.1))) * 1000)
    return int(min(check.deadline_s, timeout_s * (watch.retries + 1)) * 1000)
