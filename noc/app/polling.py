"""Polling: the scheduler, the collectors it fires, and the way of their Readings to the ledger.

The scheduler knows nothing of devices and the collectors nothing of rhythms; here they meet.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from collectors._ports import Collector, Doors, Target
from noc import plugins
from noc.app.asking import Asking
from noc.app.backups import Backups
from noc.app.lastseen import LastSeen
from noc.availability.times import format_time
from noc.clock import Clock, Timer
from noc.inventory.credentials import CredentialSet, SnmpCredentials
from noc.inventory.entities import Device
from noc.inventory.inventory import Inventory
from noc.inventory.profiles.cli import Catalogue
from noc.model.check import Check
from noc.model.counting import counted
from noc.model.instants import to_ms, to_s
from noc.model.reading import Known, Reading
from noc.model.samples import Samples
from noc.model.snapshot import Snapshot
from noc.model.transition import Transition
from noc.pipeline.engineids import EngineIds
from noc.pipeline.ingest import Ingest, Ingested
from noc.pipeline.known import KnownAgents
from noc.pipeline.parts import unread_kinds, untold_kinds
from noc.pipeline.partwatch import POLL, Judged, Look, PartWatch
from noc.pipeline.policy import probe_policy
from noc.pipeline.polls import Polls, Taken
from noc.pipeline.probes import poll_samples
from noc.pipeline.restore import resume
from noc.pipeline.slow import SlowObjects
from noc.pipeline.status import Statuses
from noc.scheduling.budgets import Budgets
from noc.scheduling.plan import checks
from noc.scheduling.scheduler import Scheduler
from noc.settings.secrets import SecretRef
from noc.state import checkpoint, ledger
from noc.state.committer import CHECKPOINT, Committer
from noc.state.database import Database
from noc.wire.snmp import Community, User
from noc.wire.ssh import SshLogin

log = logging.getLogger(__name__)

LOOK_FOR_STALE_EVERY_S = 1.0
STOP_PATIENCE_S = 2.0

BUDGETS: Final = "budgets"
"""The checkpoint of what byte budgets have spent."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is polled: devices by entity, how to log in to each credential set, what can be asked by SSH."""

    inventory: Inventory
    snmp: Mapping[str, Community | User]
    ssh: Mapping[str, SshLogin] = field(default_factory=dict)
    cli: Catalogue = field(default_factory=dict)

    def checks(self) -> Iterator[Check]:
        """Yield the checks of all devices; a set of credentials without an snmp part polls nothing."""
        for check in checks(self.inventory):
            if check.kind != "snmp" or self.target(check).snmp is not None:
                yield check

    def target(self, check: Check) -> Target:
        """Return the question that a check asks, with what it takes to log in."""
        device = self.inventory.devices[check.entity.removeprefix("device/")]
        name = device.watch.credentials or ""
        return Target(check, device, self.snmp.get(name), self.ssh.get(name))

    def context(self, entity: str) -> dict[str, str]:
        """Return the tags of a device's series."""
        device = self.inventory.devices.get(entity.removeprefix("device/"))
        if device is None:
            return {}
        region = self.inventory.sites[device.site].region
        return {"device": device.id, "site": device.site, "region": region, "device_class": device.device_class}


def resolved(credentials: Mapping[str, CredentialSet], folder: Path) -> dict[str, Community | User]:
    """Return how to log in with each credential set that has an snmp part. Raises SecretError."""
    return {name: _snmp(entry.snmp, folder) for name, entry in credentials.items() if entry.snmp is not None}


def _snmp(settings: SnmpCredentials, folder: Path) -> Community | User:
    def secret(ref: SecretRef | None) -> str | None:
        return None if ref is None else ref.resolve(folder).reveal()

    if settings.version == "3":
        keys = secret(settings.auth_key), secret(settings.priv_key)
        return User(settings.user or "", settings.auth, keys[0], settings.priv, keys[1])
    return Community(secret(settings.community) or "", settings.version)


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
        self._plan = plan
        self._doors = doors
        self._clock: Clock = doors.clock
        self._database = database
        self._told = told
        self._collectors: dict[str, Collector] = {}
        self._stale_timer: Timer | None = None
        self._known = KnownAgents()
        self._slow = SlowObjects(doors.profiles)
        self.statuses = statuses
        self.committer = committer
        self.parts = PartWatch(statuses, plan.inventory) if parts is None else parts
        judge, cli, by_ssh = self._judge_parts, self._catalogue, self._is_by_ssh
        self.ingest = Ingest(doors.profiles, self.statuses, self._context, judge, cli, by_ssh)
        due = backups.due if backups is not None else lambda *_: False
        self.asking = Asking(doors.profiles, self._catalogue, self._known.profile, due)
        self._backups = backups
        self._seen = seen
        self._soon: dict[str, Timer] = {}
        self.engines = EngineIds()
        self.polls = Polls()
        self.budgets = Budgets(plan.inventory, lambda: to_s(doors.clock.now()))
        self.scheduler = Scheduler(doors.clock, self._collect, self._take, max_concurrent, self._admit)

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
        self.budgets.take_up(spent[1] if spent is not None else ())
        self.budgets.watch(self._plan.checks())
        self.scheduler.replace(self._plan.checks())
        self.scheduler.start()

    def wind_down(self) -> None:
        """Ask nothing new; checks that are under way have a moment from now on."""
        if self._stale_timer is not None:
            self._stale_timer.cancel()  # what goes stale from now on, the next start finds
        for timer in self._soon.values():
            timer.cancel()
        self.scheduler.wind_down()

    async def stop(self) -> None:
        """Let running checks end for a moment, then write what is known."""
        self.wind_down()
        await self.scheduler.stop(STOP_PATIENCE_S)
        await self.committer.stop()

    def replace(self, plan: Plan) -> None:
        """Go on with another plan: what stays keeps its rhythm and its memory."""
        for name, device in self._plan.inventory.devices.items():
            fresh = plan.inventory.devices.get(name)
            if fresh is None:
                self.ingest.forget(device.entity)
            if fresh is None or _asked(fresh) != _asked(device):
                self._known.forget(device.entity)
                self._slow.forget(device.entity)
                self.engines.forget(device.entity)
                self.asking.forget(device.entity)
        self._plan = plan
        gone = tuple(self.parts.replace(plan.inventory, to_ms(self._clock.now()), self._doors.poller))
        self.committer.put(gone)
        self._told(None, Ingested(gone))
        self._watch()
        self.polls.retain(plan.checks())
        self.budgets.replace(plan.inventory)
        self.budgets.watch(plan.checks())
        self.scheduler.replace(plan.checks())

    def look(self, entity: str) -> None:
        """Poll a device now, beside its rhythm."""
        self.scheduler.expedite(f"{entity}:snmp")

    def expedite(self, key: str) -> bool:
        """Run a check now, beside its rhythm, because a device told of something; False: there is no such check.

        Of `backup` it means that its configuration has changed, so that a copy is due: now, or when the last one is a
        minute old.
        """
        entity, _, kind = key.rpartition(":")
        if kind == "backup":
            wait_s = None if self._backups is None else self._backups.changed(entity)
            if wait_s is None:
                return False
            if wait_s > 0:
                self._expedite_later(key, wait_s)
                return True
        return self.scheduler.expedite(key)

    def _expedite_later(self, key: str, wait_s: float) -> None:
        if key in self._soon:
            return

        def run() -> None:
            del self._soon[key]
            self.scheduler.expedite(key)

        self._soon[key] = self._clock.call_later(wait_s, run)

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

    def _admit(self, check: Check) -> bool:
        """Return whether the byte budgets of the device's line leave room for a check."""
        known = self._known_of(check) if check.kind == "snmp" else None
        grant = self.budgets.admit(check, known=known is not None, due=known is not None and not known.valid)
        return grant is not None

    def _known_of(self, check: Check) -> Known | None:
        device = self._plan.inventory.devices.get(check.entity.removeprefix("device/"))
        if device is None:
            return None
        watch = device.watch
        return self._known.of(check.entity, self._clock.now(), watch.rediscover, watch.poll_interval)

    async def _collect(self, check: Check) -> Reading:
        """Ask; what it took is settled with the budgets, whatever comes of it."""
        reading: Reading | None = None
        try:
            reading = await self._ask(check)
        finally:
            self.budgets.settle(check, reading)
        return reading

    async def _ask(self, check: Check) -> Reading:
        collector = self._collectors.get(check.kind)
        if collector is None:
            built: Collector = plugins.load("collectors", check.kind).build(self._doors)
            collector = self._collectors[check.kind] = built
        target = replace(self._plan.target(check), grant=self.budgets.granted(check))
        if check.kind == "snmp":
            known, interval = self._known_of(check), target.device.watch.poll_interval
            target = replace(target, known=self._slow.narrowed(check.entity, known, self._clock.now(), interval))
        elif check.kind in ("ssh", "backup"):
            target = self.asking.target(target, self._clock.now())
        return await collector.collect(target)

    def _take(self, check: Check, reading: Reading) -> None:
        device = self._plan.inventory.devices.get(check.entity.removeprefix("device/"))
        if device is not None and reading.address == str(device.address):  # not so after a reload meanwhile
            reading = self._slow.completed(check.entity, reading)
            self._known.take(check.entity, reading)
            self._compare_engine(check, reading)
            self.asking.take(check, reading)
        ingested = self.ingest.take(check, reading)
        if check.kind == "backup" and self._backups is not None:
            age = self._backups.take(check, reading, self._context(check.entity))
            ingested = replace(ingested, samples=(*ingested.samples, *age))
        if device is not None:
            ingested = replace(ingested, samples=(*ingested.samples, *self._polled(check, reading)))
        self.committer.put(ingested.transitions)
        self._told(check, ingested)
        if ingested.failing and device is not None:
            self._look_soon(device)

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

    def _look_soon(self, device: Device) -> None:
        """Poll a device again after the time of a liveness probe: a part of it may be down, and that is to be sure."""
        watch = device.watch
        if device.entity in self._soon or watch.interval >= watch.poll_interval:
            return

        def look() -> None:
            del self._soon[device.entity]
            self.look(device.entity)

        self._soon[device.entity] = self._clock.call_later(watch.interval.total_seconds(), look)

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


def _asked(device: Device) -> tuple[object, ...]:
    """Return what tells which agent is asked, and for what."""
    return device.address, device.snmp_port, device.watch.credentials, device.watch.profile
