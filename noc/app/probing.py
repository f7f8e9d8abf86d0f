"""Probing: end points of applications are asked on their rhythm, and what they answer is judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from collectors._endpoints import ProbeDoors, Prober, Question
from noc import plugins
from noc.app.lastseen import LastSeen
from noc.clock import Clock, Timer
from noc.inventory.endpoints import Endpoint
from noc.inventory.inventory import Inventory
from noc.model.check import Check
from noc.model.instants import to_ms
from noc.model.present import StatusNow
from noc.model.reading import Reading
from noc.model.transition import Transition
from noc.pipeline.endpoints import Last, faults
from noc.pipeline.endpointseries import endpoint_samples, endpoint_tags
from noc.pipeline.ingest import Ingested
from noc.pipeline.policy import probe_policy
from noc.pipeline.restore import resume, rows
from noc.pipeline.status import Result, Statuses
from noc.scheduling.scheduler import Scheduler
from noc.settings.secrets import Secret
from noc.state import checkpoint, ledger
from noc.state.committer import Committer
from noc.state.database import Database

CHECKPOINT: Final = "endpoints"
LOOK_FOR_STALE_EVERY_S: Final = 1.0
STOP_PATIENCE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class ProbePlan:
    """What is asked: end points, their headers with values, and the folder from which relative paths start."""

    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    regions: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, Mapping[str, Secret]] = field(default_factory=dict)
    folder: Path = Path()

    def checks(self) -> Iterator[Check]:
        """Yield the check of each end point: its evidence of up and down."""
        for endpoint in self.endpoints.values():
            yield check_of(endpoint)

    def question(self, check: Check) -> Question:
        """Return what a check asks."""
        endpoint = self.endpoints[check.entity.removeprefix("endpoint/")]
        return Question(check, endpoint, self.folder, self.headers.get(endpoint.id, {}))


def check_of(endpoint: Endpoint) -> Check:
    """Return the check of an end point."""
    watch = endpoint.watch
    interval_s = watch.interval.total_seconds()
    patience_s = watch.timeout.total_seconds() * (watch.retries + 1)
    return Check(endpoint.entity, endpoint.kind, interval_s, min(interval_s, patience_s + 1.0), liveness=True)


def probe_plan_of(inventory: Inventory, folder: Path) -> ProbePlan:
    """Return what is asked. Raises SecretError."""
    return ProbePlan(
        endpoints=inventory.endpoints,
        regions={site.id: site.region for site in inventory.sites.values()},
        headers={
            key: {name: ref.resolve(folder) for name, ref in endpoint.headers.items()}
            for key, endpoint in inventory.endpoints.items()
            if endpoint.headers
        },
        folder=folder,
    )


class Probing:
    """A service; starts after what commits.

    told: is given the check and what comes of its Reading, after its transitions went to the committer; no check where
    evidence went stale. read: is given each Reading. seen: what was seen before a kill.
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
    ) -> None:
        self._plan = plan
        self._doors = doors
        self._clock: Clock = doors.clock
        self._database = database
        self._committer = committer
        self._told = told
        self._read = read
        self._seen = seen
        self._probers: dict[str, Prober] = {}
        self._last: dict[str, Last] = {}
        self._timer: Timer | None = None
        self.statuses = Statuses() if statuses is None else statuses
        self.scheduler = Scheduler(self._clock, self._ask, self._take, max_concurrent)

    async def start(self) -> None:
        """Take up what was known before a restart, tell of what left meanwhile, then begin to ask."""
        self._watch()
        async with self._database.read() as connection:
            saved = await checkpoint.load(connection, CHECKPOINT)
            known = {
                entity: last
                for entity, last in (await ledger.latest(connection)).items()
                if entity.startswith("endpoint/")
            }
        written_ms = None if saved is None else saved[0]
        results = () if self._seen is None else await self._seen.since(written_ms, endpoints=True)
        transitions = tuple(resume(self.statuses, saved, known, results))
        if self._seen is not None:
            self._seen.judged()
        self._tell(None, Ingested(transitions))
        self._leave(
            (entity, last)
            for entity, last in known.items()
            if entity.removeprefix("endpoint/") not in self._plan.endpoints
        )
        self._look_for_stale()
        self.scheduler.replace(self._plan.checks())
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
            if fresh is None or fresh.probe != endpoint.probe:
                self._last.pop(endpoint.entity, None)
        self._plan = plan
        self._watch()
        self._tell(None, Ingested(tuple(gone)))
        self.scheduler.replace(plan.checks())

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

    async def _ask(self, check: Check) -> Reading:
        prober = self._probers.get(check.kind)
        if prober is None:
            built: Prober = plugins.load("collectors", check.kind).build(self._doors)
            prober = self._probers[check.kind] = built
        return await prober.probe(self._plan.question(check))

    def _take(self, check: Check, reading: Reading) -> None:
        endpoint = self._plan.endpoints.get(check.entity.removeprefix("endpoint/"))
        if endpoint is None or reading.address != endpoint.probe.address:  # so after a reload meanwhile
            return
        wrong = faults(endpoint, reading)
        self._last[check.entity] = Last(reading, wrong)
        result = Result(check.entity, to_ms(reading.started_at), not wrong, check.kind, reading.poller)
        tags = endpoint_tags(endpoint, self._plan.regions.get(endpoint.site, ""))
        samples = endpoint_samples(endpoint, reading, tags, wrong)
        self._tell(check, Ingested(tuple(self.statuses.take(result)), samples))
        self._read(check.entity, reading)

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
        self._timer = self._clock.call_later(LOOK_FOR_STALE_EVERY_S, self._look_for_stale)
