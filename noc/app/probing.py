"""Probing: end points of applications are asked on their rhythm, and what they answer is judged.

Those that remote pollers ask come in by the same door (`take`). One that moves to them with a reload is asked from here
until whoever is to ask it says that it goes by the new plan.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from collectors._endpoints import ProbeDoors
from noc.app.lastseen import LastSeen
from noc.app.probeplan import PREFIX, ProbePlan, Probers
from noc.clock import Clock, Timer
from noc.inventory.endpoints import Endpoint
from noc.model.check import Check
from noc.model.instants import to_ms
from noc.model.present import StatusNow
from noc.model.reading import Reading
from noc.model.samples import Samples
from noc.model.transition import Transition
from noc.pipeline.endpoints import Last, faults
from noc.pipeline.endpointseries import endpoint_samples, endpoint_tags
from noc.pipeline.ingest import Ingested
from noc.pipeline.policy import probe_policy
from noc.pipeline.restore import resume, rows
from noc.pipeline.status import Result, Statuses
from noc.pipeline.views import Views
from noc.scheduling.scheduler import Scheduler
from noc.state import checkpoint, ledger
from noc.state.committer import Committer
from noc.state.database import Database

log = logging.getLogger(__name__)

CHECKPOINT: Final = "endpoints"
LOOK_FOR_STALE_EVERY_S: Final = 1.0
STOP_PATIENCE_S: Final = 2.0
HAND_OVER_AT_MOST_S: Final = 120.0
"""So long an end point is asked from here until a poller takes it; then nobody sees it, as its poller doesn't."""


@dataclass(frozen=True, slots=True)
class FarProbes:
    """What remote pollers do for probing. look: has a check of theirs run now, by its key. takes: whether whoever is to
    ask an end point now goes by a plan that has it. place: what a place is called in series, by a poller of it; empty
    where nobody else asks.
    """

    look: Callable[[str], bool] = lambda _: False
    takes: Callable[[str], bool] = lambda _: True
    place: Callable[[str], str] = lambda _: ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a Reading of an end point. wrong: why it is not right; nothing where all is."""

    endpoint: Endpoint
    wrong: tuple[str, ...]
    samples: tuple[Samples, ...]


class Probing:
    """A service; starts after what commits.

    told: is given the check and what comes of its Reading, after its transitions went to the committer; no check where
    evidence went stale. read: is given each Reading. seen: what was seen before a kill. views: makes one result of what
    several places saw.
    """

    def __init__(
        self,
        plan: ProbePlan,
        doors: ProbeDoors,
        database: Database,
        committer: Committer,
        max_concurrent: int,
        told: Callable[[Check | None, Ingested], None],
        read: Callable[[str, Reading], None] = lambda _, __: None,
        statuses: Statuses | None = None,
        seen: LastSeen | None = None,
        views: Views | None = None,
    ) -> None:
        self._plan = plan
        self._doors = doors
        self._clock: Clock = doors.clock
        self._database = database
        self._committer = committer
        self._told = told
        self._read = read
        self._seen = seen
        self._views = views
        self._probers = Probers(doors)
        self._handed: frozenset[str] = frozenset()
        self._hand_over_by_s = 0.0
        self.far = FarProbes()
        self._last: dict[str, Last] = {}
        self._timer: Timer | None = None
        self.statuses = Statuses() if statuses is None else statuses
        self.scheduler = Scheduler(
            self._clock, lambda check: self._probers.ask(self._plan.question(check)), self.take, max_concurrent
        )

    async def start(self) -> None:
        """Take up what was known before a restart, tell of what left meanwhile, then begin to ask."""
        self._watch()
        async with self._database.read() as connection:
            saved = await checkpoint.load(connection, CHECKPOINT)
            known = {
                entity: last for entity, last in (await ledger.latest(connection)).items() if entity.startswith(PREFIX)
            }
        written_ms = None if saved is None else saved[0]
        results = () if self._seen is None else await self._seen.since(written_ms, endpoints=True)
        transitions = tuple(resume(self.statuses, saved, known, results))
        if self._seen is not None:
            self._seen.judged()
        self._tell(None, Ingested(transitions))
        self._leave((entity, last) for entity, last in known.items() if self._plan.endpoint(entity) is None)
        self._look_for_stale()
        self.scheduler.replace(self._plan.here())
        self.scheduler.start()

    def wind_down(self) -> None:
        """Ask nothing new; what is under way has a moment from now on."""
        if self._timer is not None:
            self._timer.cancel()
        self.scheduler.wind_down()

    async def stop(self) -> None:
        """Let what is under way end for a moment."""
        self.wind_down()
        await self.scheduler.stop(STOP_PATIENCE_S)

    def replace(self, plan: ProbePlan) -> None:
        """Go on with another plan: what stays keeps its rhythm and its memory, and what left is unknown from now on."""
        now_ms = to_ms(self._clock.now())
        gone: list[Transition] = []
        for key, endpoint in self._plan.endpoints.items():
            fresh = plan.endpoints.get(key)
            if fresh is None:
                gone += self.statuses.withdraw(endpoint.entity, now_ms, endpoint.kind, self._doors.poller)
                if self._views is not None:
                    self._views.forget(endpoint.entity)
            if fresh is None or fresh.probe != endpoint.probe:
                self._last.pop(endpoint.entity, None)
        asked = {check.entity.removeprefix(PREFIX) for check in self.scheduler.checks}
        self._plan, self._handed = plan, plan.elsewhere & asked & plan.endpoints.keys()
        self._hand_over_by_s = self._clock.monotonic() + HAND_OVER_AT_MOST_S
        self._watch()
        self._tell(None, Ingested(tuple(gone)))
        self._reschedule()

    def hand_over(self) -> None:
        """Ask no more what pollers have taken over."""
        if not self._handed:
            return
        overdue = self._clock.monotonic() >= self._hand_over_by_s
        waiting = [] if overdue else [key for key in self._handed if not self.far.takes(f"{PREFIX}{key}")]
        if overdue:
            log.warning("%d end points are asked from here no more, and no poller has taken them", len(self._handed))
        if len(waiting) < len(self._handed):
            self._handed = frozenset(waiting)
            self._reschedule()

    def run(self, key: str) -> bool:
        """Run a check now, beside its rhythm, here or far away; False: there is no such check."""
        return self.scheduler.expedite(key) or self.far.look(key)

    def remembered(self) -> Iterable[checkpoint.Row]:
        """Return what the checkpoint of end points holds."""
        return rows(self.statuses.memories())

    def status(self, entity: str) -> StatusNow:
        """Return what is known of an end point now."""
        statuses = self.statuses
        return StatusNow(statuses.status_of(entity), statuses.since_ms(entity), statuses.seen_ms(entity))

    def last(self, entity: str) -> Last | None:
        """Return the last word of an end point; None before its first."""
        return self._last.get(entity)

    def _watch(self) -> None:
        endpoints = self._plan.endpoints.values()
        self.statuses.watch({endpoint.entity: probe_policy(endpoint.watch) for endpoint in endpoints})

    def judged(self, reading: Reading, entity: str) -> Answered | None:
        """Return what a Reading says of an end point; None where it was asked of something else, before a reload."""
        endpoint = self._plan.endpoint(entity)
        if endpoint is None or reading.address != endpoint.probe.address:
            return None
        wrong = faults(endpoint, reading)
        tags = endpoint_tags(endpoint, self._plan.regions.get(endpoint.site, ""), self.far.place(reading.poller))
        return Answered(endpoint, wrong, endpoint_samples(endpoint, reading, tags, wrong))

    def take(self, check: Check, reading: Reading) -> None:
        """Take what a check brought home, from here or from elsewhere."""
        said = self.judged(reading, check.entity)
        if said is None:
            return
        self._last[check.entity] = Last(reading, said.wrong)
        seen = Result(check.entity, to_ms(reading.started_at), not said.wrong, check.kind, reading.poller)
        statuses, views = self.statuses, self._views
        transitions = tuple(statuses.take(seen)) if views is None else views.judge(seen, statuses)
        self._tell(check, Ingested(transitions, said.samples))
        self._read(check.entity, reading)

    def _reschedule(self) -> None:
        """Ask what is to be asked from here. What is under way is evidence, and ends by itself."""
        elsewhere = self._plan.elsewhere - self._handed
        self.scheduler.replace(replace(self._plan, elsewhere=elsewhere).here(), let_end=True)

    def _tell(self, check: Check | None, ingested: Ingested) -> None:
        self._committer.put(ingested.transitions)
        self._told(check, ingested)

    def _leave(self, gone: Iterable[tuple[str, Transition]]) -> None:
        now_ms = to_ms(self._clock.now())
        told = []
        for entity, last in gone:
            if last.status != "unknown":
                at_ms = max(last.since_ms + 1, last.decided_ms)
                change = Transition(
                    entity,
                    "unknown",
                    last.status,
                    at_ms,
                    max(now_ms, at_ms),
                    last.check,
                    self._doors.poller,
                    "stale",
                    (),
                )
                told.append(change)
        self._tell(None, Ingested(tuple(told)))

    def _look_for_stale(self) -> None:
        transitions = tuple(self.statuses.expire(to_ms(self._clock.now())))
        if transitions:
            self._tell(None, Ingested(transitions))
        self.hand_over()
        self._timer = self._clock.call_later(LOOK_FOR_STALE_EVERY_S, self._look_for_stale)
