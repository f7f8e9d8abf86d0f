"""Polling: the way of Readings to the ledger, of those that are gathered here and of those that come from elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from collectors._ports import Doors
from noc.app.backups import Backups
from noc.app.gathering import Gathering, Plan, asked_of
from noc.app.lastseen import LastSeen
from noc.app.places import Places
from noc.availability.times import format_time
from noc.clock import Clock, Timer
from noc.inventory.profiles.cli import Catalogue
from noc.model.check import Check
from noc.model.counting import counted
from noc.model.instants import to_ms, to_s
from noc.model.reading import Reading
from noc.model.samples import Samples
from noc.model.snapshot import Snapshot
from noc.model.transition import Transition
from noc.pipeline.circuituse import CircuitUse
from noc.pipeline.engineids import EngineIds
from noc.pipeline.ingest import Ingest, Ingested
from noc.pipeline.parts import unread_kinds, untold_kinds
from noc.pipeline.partwatch import POLL, Judged, Look, PartWatch
from noc.pipeline.policy import probe_policy
from noc.pipeline.polls import Polls, Taken
from noc.pipeline.probes import poll_samples
from noc.pipeline.rawanswers import RawAnswers
from noc.pipeline.restore import resume
from noc.pipeline.status import Statuses
from noc.pipeline.views import Views
from noc.state import checkpoint, ledger
from noc.state.committer import CHECKPOINT, Committer
from noc.state.database import Database

log = logging.getLogger(__name__)

LOOK_FOR_STALE_EVERY_S = 1.0

BUDGETS: Final = "budgets"
"""The checkpoint of what byte budgets have spent."""


@dataclass(frozen=True, slots=True)
class Far:
    """What remote pollers do for polling. look: has a check of theirs run now, by its key. vantage: where one looks
    from, by its name, and group: with whom it shares that place. several: whether an entity is looked at from several;
    place: what series then say of where. remembered: rows of their checkpoint.
    """

    look: Callable[[str], bool] = lambda _: False
    vantage: Callable[[str], str] = lambda _: ""
    group: Callable[[str], str] = lambda poller: poller
    several: Callable[[str], bool] = lambda _: False
    place: Callable[[str, str], str] = lambda *_: ""
    remembered: Callable[[], Iterable[checkpoint.Row]] = tuple


class Polling:
    """A service: polls what its plan names, judges liveness, hands transitions to the committer.

    committer: is started and stopped with it. told: is given the check and what comes of its Reading, after its
    transitions went to the committer; no check where evidence went stale. seen: what was seen before a kill.
    """

    def __init__(
        self,
        plan: Plan,
        doors: Doors,
        database: Database,
        committer: Committer,
        statuses: Statuses,
        max_concurrent: int,
        told: Callable[[Check | None, Ingested], None],
        parts: PartWatch | None = None,
        backups: Backups | None = None,
        seen: LastSeen | None = None,
    ) -> None:
        self._doors = doors
        self._clock: Clock = doors.clock
        self._database = database
        self._told = told
        self._stale_timer: Timer | None = None
        self.statuses = statuses
        self.committer = committer
        self.parts = PartWatch(statuses, plan.inventory) if parts is None else parts
        judge, cli, by_ssh = self._judge_parts, self._catalogue, self._is_by_ssh
        self.far = Far()
        places = Places(
            lambda: self._plan.inventory,
            statuses.status_of,
            lambda entity: self.far.several(entity),  # noqa: PLW0108 made later
        )
        self.views = Views(
            lambda poller: self.far.group(poller),  # noqa: PLW0108 made later
            places.down_when,
            places.hangs_on_what_is_up,
        )
        views, place = self.views, lambda entity, poller: self.far.place(entity, poller)  # noqa: PLW0108 made later
        self.ingest = Ingest(doors.profiles, self.statuses, self._context, judge, cli, by_ssh, views, place)
        self._backups = backups
        self._seen = seen
        self.engines = EngineIds()
        self.polls = Polls()
        self.raw = RawAnswers()
        self.uses = CircuitUse(plan.inventory)
        copies = () if backups is None else (backups.due, backups.changed)
        self.gathering = Gathering(plan, doors, max_concurrent, self.take, *copies)
        self.gathering.far = lambda key: self.far.look(key)  # noqa: PLW0108 made later
        self.asking = self.gathering.asking
        self.budgets = self.gathering.budgets
        self.scheduler = self.gathering.scheduler
        self.look = self.gathering.look
        self.expedite = self.gathering.expedite

    @property
    def _plan(self) -> Plan:
        return self.gathering.plan

    async def start(self) -> None:
        """Take up what was known before a restart, then begin to poll."""
        async with self._database.read() as connection:
            saved = await checkpoint.load(connection, CHECKPOINT)
            spent = await checkpoint.load(connection, BUDGETS)
            known = await ledger.latest(connection)
        written_ms, rows = saved or (None, [])
        last_seen_by = {entity: last.check for entity, last in known.items() if last.status != "unknown"}
        checkpointed = (str(row[0]) for row in rows)
        told_by = {entity: known[entity].check if entity in known else POLL for entity in checkpointed}
        self.parts.take_up({**last_seen_by, **told_by})
        self._watch()
        results = () if self._seen is None else await self._seen.since(written_ms, endpoints=False)
        transitions = tuple(resume(self.statuses, saved, known, results))
        if self._seen is not None:
            self._seen.judged()
        await self.committer.start()
        self._hand_on(transitions)
        self._look_for_stale()
        self.gathering.start(spent[1] if spent is not None else ())

    def wind_down(self) -> None:
        """Ask nothing new; checks that are under way have a moment from now on."""
        if self._stale_timer is not None:
            self._stale_timer.cancel()  # what goes stale from now on, the next start finds
        self.gathering.wind_down()

    async def stop(self) -> None:
        """Let running checks end for a moment, then write what is known."""
        self.wind_down()
        await self.gathering.stop()
        await self.committer.stop()

    def replace(self, plan: Plan) -> None:
        """Go on with another plan: what stays keeps its rhythm and its memory."""
        before = self._plan.inventory.devices
        self.gathering.replace(plan)
        for name, device in before.items():
            fresh = plan.inventory.devices.get(name)
            if fresh is None:
                self.ingest.forget(device.entity)
                self.raw.forget(device.entity)
            if fresh is None or asked_of(fresh) != asked_of(device):
                self.engines.forget(device.entity)
        gone = tuple(self.parts.replace(plan.inventory, to_ms(self._clock.now()), self._doors.poller))
        self.committer.put(gone)
        self._told(None, Ingested(gone))
        self.uses.replace(plan.inventory)
        self._watch()
        self.polls.retain(plan.checks())

    def take(self, check: Check, reading: Reading) -> None:
        """Take what a check brought home, from here or from elsewhere: the one door to ledger, series and rules."""
        device = self._plan.inventory.devices.get(check.entity.removeprefix("device/"))
        if device is not None and reading.address == str(device.address):  # not so after a reload meanwhile
            self._compare_engine(check, reading)
        ingested = self.ingest.take(check, reading)
        if check.kind == "backup" and self._backups is not None:
            age = self._backups.take(check, reading, self._context(check.entity))
            ingested = replace(ingested, samples=(*ingested.samples, *age))
        if device is not None:
            if check.kind == "snmp":  # one of liveness asks for nothing but the uptime
                self.raw.keep(check.entity, reading)
            self.uses.take(device.id, ingested.samples)
            ingested = replace(ingested, samples=(*ingested.samples, *self._polled(check, reading)))
        self.committer.put(ingested.transitions)
        self._told(check, ingested)
        if ingested.failing and device is not None:
            self.gathering.look_soon(device)

    def _catalogue(self) -> Catalogue:
        return self._plan.cli

    def _is_by_ssh(self, entity: str) -> bool:
        device = self._plan.inventory.devices.get(entity.removeprefix("device/"))
        return device is not None and (device.watch.ssh is not None or device.watch.backup is not None)

    def _watch(self) -> None:
        devices = self._plan.inventory.devices.values()
        policies = {device.entity: probe_policy(device.watch) for device in devices}
        self.statuses.watch({**policies, **self.parts.policies()})

    def _context(self, entity: str) -> Mapping[str, str]:
        return self._plan.context(entity)

    def _compare_engine(self, check: Check, reading: Reading) -> None:
        """Tell once of devices that have one SNMPv3 engine id."""
        if reading.engine is None:
            return
        shared = self.engines.take(check.entity, reading.engine, to_s(reading.started_at) + reading.duration_s)
        if shared:
            log.warning(
                "%s have one SNMPv3 engine id, %s: they were cloned, and whose traps are whose can't be told; "
                "give each an engine id of its own",
                ", ".join(shared),
                reading.engine.id,
            )

    def _polled(self, check: Check, reading: Reading) -> tuple[Samples, ...]:
        """Remember how a check went; return for how long a device that is up could not be read by SNMP."""
        taken = self.polls.take(check, reading, is_up=self.statuses.status_of(check.entity) == "up")
        if check.kind != "backup":  # copies of configurations are told where they are kept
            _tell(check, taken)
        unread_s = taken.unread_s(self.statuses.since_ms(check.entity)) if check.kind == "snmp" else None
        return () if unread_s is None else (poll_samples(reading, self._context(check.entity), unread_s),)

    def _judge_parts(self, check: Check, reading: Reading, snapshot: Snapshot) -> Judged:
        device = self._plan.inventory.devices.get(check.entity.removeprefix("device/"))
        if device is None or reading.failure is not None:
            return Judged()
        at_ms, every = to_ms(reading.started_at), timedelta()
        if reading.snmp is not None:
            unread = unread_kinds(snapshot, self._doors.profiles[reading.snmp.profile])
        else:
            unread, every = untold_kinds(snapshot), self.asking.every(check, reading)
        return self.parts.take(Look(device, snapshot, unread, at_ms, check.kind, reading.poller, every))

    def _look_for_stale(self) -> None:
        now_ms = to_ms(self._clock.now())
        self._hand_on(tuple(self.statuses.expire(now_ms)))
        self._stale_timer = self._clock.call_later(LOOK_FOR_STALE_EVERY_S, self._look_for_stale)

    def _hand_on(self, transitions: tuple[Transition, ...]) -> None:
        if transitions:
            self.committer.put(transitions)
            self._told(None, Ingested(transitions))


def _tell(check: Check, taken: Taken) -> None:
    told, before = taken.told, taken.before
    if told is None:
        return
    if told.failure is not None:
        log.warning("%s: %s fails: %s", check.entity, check.kind, told.failure.reason)
    elif before is not None:
        message = "%s: %s is answered again, after %s since %s"
        log.info(message, check.entity, check.kind, counted(before.failures, "failure"), format_time(before.since_ms))
