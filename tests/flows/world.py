"""A world in virtual time: sites, devices and circuits that fail and come back, probed at their rhythm, judged by the
real state machine, handled by the real engine on a real database. Nothing waits in real time, and nothing is sent.
"""

from __future__ import annotations

import heapq
import itertools
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from alerts.engine import Engine
from alerts.policies import AlertSettings
from alerts.rules.compiled import DownRule, Rules
from alerts.sight import Seen
from noc.app.reprobing import Reprobing
from noc.clock import NO_STEPS, Timer
from noc.inventory.entities import Circuit, Device, Region, Site
from noc.inventory.inventory import Inventory
from noc.model.incident import Entry, Incident, Notice, RuleTransition, Severity, Symptom
from noc.model.part import owner_of
from noc.model.snapshot import Snapshot
from noc.model.transition import Status, Transition
from noc.pipeline.policy import probe_policy
from noc.pipeline.status import Result, Statuses
from noc.scheduling.plan import offset_s
from noc.state import handling, incidents, ledger, outbox, symptoms
from noc.topology import Topology, Vantage
from tests.database import empty_database
from tests.things import watch

START = datetime(2026, 3, 1, tzinfo=UTC)
START_MS = int(START.timestamp() * 1000)
SILENCE_S = 2.0
"""After so long without an answer a probe has failed."""

GROUPED_S = 0.2
"""Changes of so long are written together, as the committer does while it is busy."""

WATCH = watch(interval=timedelta(seconds=30), poll_interval=timedelta(minutes=1))
DOWN = DownRule(name="device-down", summary="Device down", severity="critical", hold_ms=0)
LINE = DownRule(name="circuit-down", summary="Circuit down", severity="major", hold_ms=0, of=frozenset({"circuit"}))
SETTINGS = {
    "people": {"achieng": {"email": "achieng@example.org"}},
    "notifiers": {"email": {}},
    "policies": {"standard": {"steps": [{"notify": ["achieng"]}]}},
}


def device(name: str, site: str, number: int, **changes: object) -> Device:
    found = Device(name, name, site, ip_address(0x0A000000 + number), "router", WATCH, 161, (), (), ())
    return replace(found, **changes)  # type: ignore[arg-type]


def site(name: str, *edges: str, **more: object) -> Site:
    text = {"id": name, "name": name, "region": "africa", "class": "field", "edge_devices": edges, **more}
    return Site.model_validate_json(json.dumps(text))


def circuit(name: str, of: str, a: str, z: str, **more: object) -> Circuit:
    ends = {"a": {"device": a, "interface": name}, "z": {"device": z, "interface": name}}
    text = {"id": name, "name": name, "kind": "fibre", "site": of, **ends, **more}
    return Circuit.model_validate_json(json.dumps(text))


def inventory(sites: Iterable[Site], devices: Iterable[Device], circuits: Iterable[Circuit] = ()) -> Inventory:
    return Inventory(
        {"africa": Region(id="africa", name="Africa")},
        {one.id: one for one in sites},
        {one.id: one for one in devices},
        {one.id: one for one in circuits},
    )


class _Timer:
    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        self.call = None


class Hours:
    """A clock that the world moves."""

    steps = NO_STEPS

    def __init__(self) -> None:
        self.at_s = 0.0
        self._order = itertools.count()
        self._calls: list[tuple[float, int, _Timer]] = []

    def now(self) -> datetime:
        return START + timedelta(seconds=self.at_s)

    def monotonic(self) -> float:
        return self.at_s

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)

    def call_later(self, seconds: float, call: Callable[[], None]) -> Timer:
        timer = _Timer(call)
        heapq.heappush(self._calls, (self.at_s + seconds, next(self._order), timer))
        return timer

    @property
    def next_s(self) -> float:
        return self._calls[0][0] if self._calls else float("inf")

    def run(self, until_s: float) -> None:
        """Move on, and call what is due."""
        self.at_s = max(self.at_s, until_s)
        while self._calls and self._calls[0][0] <= self.at_s:
            call = heapq.heappop(self._calls)[2].call
            if call is not None:
                call()


class World:
    """down: what doesn't answer now. The real Sight, re-probing and engine work on it.

    parts: neighbours and the like, which their devices tell of. told_late_s: agents tell of lines from memory for so
    long. patience_s: after so long it is known that something doesn't answer, where it isn't `SILENCE_S`.
    """

    def __init__(
        self,
        folder: Path,
        known: Inventory,
        uplink: Sequence[str] = (),
        rules: Iterable[DownRule] = (DOWN, LINE),
        settings: Mapping[str, object] = SETTINGS,
        reprobe_s: float = 5.0,
        parts: Iterable[str] = (),
        told_late_s: float = 0.0,
    ) -> None:
        self.inventory = known
        self._parts: dict[str, list[str]] = {}
        for part in parts:
            self._parts.setdefault(owner_of(part) or "", []).append(part)
        self._told_late_s = told_late_s
        self.clock = Hours()
        self.database = empty_database(folder / "noc.db", lasting=False)
        self.topology = Topology(
            known, Vantage("centre", tuple(uplink)), peers=lambda: itertools.chain(*self._parts.values())
        )
        self.reprobing = Reprobing(self.clock, lambda: self.topology, self._now, reprobe_s)
        self.statuses = Statuses(self.reprobing.heard)
        self.rules, self.settings = Rules(rules), AlertSettings.model_validate_json(json.dumps(settings))
        self.engine = self.new_engine()
        self.down: set[str] = set()
        self.patience_s: dict[str, float] = {}
        self._failed_s: dict[str, float] = {}
        self.probes = 0
        self._put: list[Transition | RuleTransition] = []
        self._work_s = 0.0
        policies = {one.entity: probe_policy(one.watch) for one in known.devices.values()}
        seldom = probe_policy(replace(WATCH, stale_after=timedelta(minutes=10)))
        policies |= {one.entity: seldom for one in self._lines}
        policies |= {one: replace(seldom, confirm_down=1) for some in self._parts.values() for one in some}
        self.policies = policies
        self.statuses.watch(policies)
        for entity in policies:
            every_s = 30.0 if entity.startswith("device/") else 60.0
            self._rhythm(entity, offset_s(entity, every_s), every_s)

    @property
    def _lines(self) -> Collection[Circuit]:
        return self.inventory.circuits.values()

    def new_engine(self) -> Engine:
        return Engine(
            self.database,
            self.clock,
            self.rules,
            self.settings,
            lambda: self.inventory,
            sight=self,
            topology=lambda: self.topology,
        )

    # what alerting sees

    def status(self, entity: str) -> Status:
        return self.statuses.status_of(entity)

    def since(self, entity: str) -> int | None:
        return self.statuses.since_ms(entity)

    def seen(self, entity: str) -> Seen | None:
        memory = self.statuses.memory(entity)
        if memory is None or memory.last is None or not memory.run_length:
            return None
        return Seen(memory.last, memory.ok, None if memory.ok else memory.run_start)

    def snapshot(self, entity: str) -> Snapshot | None:
        del entity
        return None

    def reprobe(self, entities: Collection[str]) -> None:
        self.reprobing.ask(entities)

    # what happens

    async def begin(self, minutes: float = 3) -> None:
        """Let everything be seen up."""
        await self.database.start()
        await self.go(minutes * 60)

    def fail(self, *entities: str) -> None:
        self.down.update(entities)
        self._failed_s |= dict.fromkeys(entities, self.clock.at_s)

    def restore(self, *entities: str) -> None:
        self.down.difference_update(entities)

    def fail_site(self, *names: str) -> None:
        for name in names:
            self.fail(*(one.entity for one in self.inventory.devices_of(name)))

    def restore_site(self, *names: str) -> None:
        for name in names:
            self.restore(*(one.entity for one in self.inventory.devices_of(name)))

    def raise_rule(self, rule: str, entity: str, status: str = "raised", severity: Severity = "major") -> None:
        at_ms = START_MS + int(self.clock.at_s * 1000)
        self._put.append(RuleTransition(rule, entity, status, severity, at_ms, at_ms, "centre"))  # type: ignore[arg-type]

    async def go(self, seconds: float) -> None:
        """Let so much time pass."""
        end_s = self.clock.at_s + seconds
        while True:
            if self._put:
                self._work_s = min(self._work_s, self.clock.at_s + GROUPED_S)
            self.clock.run(min(self.clock.next_s, self._work_s, end_s))
            self._put += self.statuses.expire(START_MS + int(self.clock.at_s * 1000))
            if self.clock.at_s >= self._work_s:
                await self._handle()
            if self.clock.at_s >= end_s:
                return

    async def _handle(self) -> None:
        changes, self._put = self._put, []
        if changes:
            await self._keep(changes)
        await self._work()
        await self._send()
        self._work_s = self.clock.at_s + await self.engine._next_s()

    async def _keep(self, changes: Sequence[Transition | RuleTransition]) -> None:
        """Write changes, as the committer does."""
        async with self.database.write() as connection:
            evidence = [one for one in changes if isinstance(one, Transition)]
            await handling.put(connection, changes, await ledger.append(connection, evidence))

    async def _work(self) -> None:
        await self.engine.work()

    async def _send(self) -> None:
        """Take what is to be told, as a mail server does that is always there."""
        now_ms = START_MS + int(self.clock.at_s * 1000)
        async with self.database.write() as connection:
            for channel in await outbox.channels_due(connection, now_ms):
                for one in await outbox.claim(connection, channel, now_ms, now_ms + 1000, 1000):
                    await outbox.mark_sent(connection, one.id, now_ms)

    def _rhythm(self, entity: str, due_s: float, every_s: float) -> None:
        def run() -> None:
            self._ask(entity)
            self._rhythm(entity, every_s, every_s)

        self.clock.call_later(due_s, run)

    def _now(self, key: str) -> bool:
        entity, _, check = key.rpartition(":")
        if check == "snmp":
            for line in self._lines:
                if line.z is not None and f"device/{line.z.device}" == entity:
                    self._ask(line.entity)
            for part in self._parts.get(entity, ()):
                self._ask(part)
        else:
            self._ask(entity)
        return True

    def _ask(self, entity: str) -> None:
        asked_ms, ok = START_MS + int(self.clock.at_s * 1000), entity not in self.down
        self.probes += 1
        owner = owner_of(entity)
        if entity.startswith("circuit/"):
            end = self.inventory.circuits[entity.removeprefix("circuit/")].z
            owner = None if end is None else f"device/{end.device}"
            ok = ok or self.clock.at_s < self._failed_s[entity] + self._told_late_s
        if owner in self.down:
            return  # nobody tells of it
        if ok:
            self._result(entity, asked_ms, ok)
        else:
            patience_s = 0.0 if owner_of(entity) is not None else self.patience_s.get(entity, SILENCE_S)
            self.clock.call_later(patience_s, lambda: self._result(entity, asked_ms, ok))

    def _result(self, entity: str, asked_ms: int, ok: bool) -> None:
        self._put += self.statuses.take(Result(entity, asked_ms, ok, "icmp", "centre"))

    # what came of it

    async def incidents(self) -> list[Incident]:
        async with self.database.read() as connection:
            return (await incidents.page(connection, limit=1000))[::-1]

    async def open(self) -> list[str]:
        return [one.entity for one in await self.incidents() if one.resolved_ms is None]

    async def notices(self) -> list[tuple[str, str, float]]:
        """Return kind, entity and second of everything that was told."""
        async with self.database.read() as connection:
            found: list[tuple[str, str, float]] = []
            for one in await self.incidents():
                told: list[Notice] = await outbox.of_incident(connection, one.id)
                found += [(x.kind, one.entity, (x.created_ms - START_MS) / 1000) for x in told if x.state == "sent"]
            return sorted(found, key=lambda one: one[2])

    async def called(self) -> list[tuple[str, str, str]]:
        """Return of everything that was told what it was, to whom, and of which entity, in order of time."""
        async with self.database.read() as connection:
            found: list[tuple[int, str, str, str]] = []
            for one in await self.incidents():
                told = await outbox.of_incident(connection, one.id)
                found += [(x.created_ms, x.kind, x.person, one.entity) for x in told if x.state == "sent"]
            return [(kind, person, entity) for _, kind, person, entity in sorted(found)]

    async def pages(self) -> list[str]:
        return [entity for kind, entity, _ in await self.notices() if kind == "page"]

    async def symptoms(self, number: int, *, left: bool = False) -> list[Symptom]:
        async with self.database.read() as connection:
            return await symptoms.of_incident(connection, number, left=left)

    async def timeline(self, number: int) -> list[Entry]:
        async with self.database.read() as connection:
            return await incidents.timeline_of(connection, number)
