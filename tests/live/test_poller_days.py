"""A poller that was away for three days, and a real centre: its days are virtual, its disk and all else are real.

34 devices, polled each five minutes, liveness each minute; some fail. The ledger has to say in the end what a twin says
that saw each result at its time, what is new has to come first, and nobody is to be called for what is long over.
"""

from __future__ import annotations

import asyncio
import base64
import os
import random
import re
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest

from collectors.snmp import SnmpTarget, collect
from noc.bus.batching import Batching
from noc.bus.identity import Identity
from noc.bus.sending import UPLINK
from noc.bus.shelf import Shelf
from noc.clock import ManualClock, SystemClock
from noc.inventory.profiles.load import load_profiles
from noc.inventory.shipped import shipped
from noc.model.check import Check
from noc.model.instants import from_ms, to_ms
from noc.model.reading import Failure, FailureKind, PingAnswer, Raw, Reading, SnmpAnswer
from noc.pipeline.policy import probe_policy
from noc.pipeline.status import Result, Statuses
from noc.spool.files import HoldBack
from noc.spool.spool import Spool
from noc.state import restating
from noc.state.database import Database
from noc.wire.snmp import Agent, Community
from tests.live.conftest import SNMPD_CONF, agent_answers, find_program, free_udp_port, running, wait_for
from tests.live.house import House
from tests.live.mailserver import MailServer
from tests.live.mosquitto import broker
from tests.live.standin_poller import KEY, enrol
from tests.live.test_poller import Process
from tests.things import watch

CLOCK: Final = SystemClock()
HOURS = float(os.environ.get("NOC_AWAY_HOURS", "72"))

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(1800)]

DEVICES: Final = 34
FAILING: Final = 8
NAMES: Final = [f"far-{number + 1}" for number in range(DEVICES)]
ALIVE_S, POLL_S = 60, 300
BUDGET: Final = 64 * 2**20
REST_MS: Final = 600_000
"""Between its last day and now it was off: nothing of the backlog says how a device is now."""

SETTLED_S: Final = 150.0
"""After so long each device was asked anew, and what is new is known, whatever waits."""

PATIENCE_S: Final = 900.0
WATCHED = watch(interval=timedelta(seconds=ALIVE_S), stale_after=timedelta(minutes=3), skew=timedelta(seconds=30))

SETTINGS = """\
pollers:
  broker: {{host: 127.0.0.1, port: {port}}}
  groups: {{east: {{scope: [region/east], vantage: nairobi}}}}
alerts:
  people: {{achieng: {{email: achieng@example.org}}}}
  policies: {{standard: {{steps: [{{notify: [achieng]}}]}}}}
  default_policy: standard
  notifiers: {{email: {{host: 127.0.0.1, port: {smtp}, security: none, from: noc@example.org}}}}
"""
DEVICE = (
    "  far-{number}: {{site: nairobi, address: 127.0.1.{number}, class: server, liveness: icmp, snmp_port: {port},"
    " interval: 60s, stale_after: 3m, skew: 30s, poll_interval: 5m, timeout: 1s}}\n"
)

Outages = Mapping[str, list[tuple[int, int]]]
"""Of a device: minutes after the beginning, both ends."""


def outages(chance: random.Random) -> Outages:
    found: dict[str, list[tuple[int, int]]] = {}
    for number in range(1, FAILING + 1):
        at, spans = 0, []
        while (at := at + chance.randint(20, 600)) < HOURS * 60 - 30:
            spans.append((at, min(at + chance.randint(1, 120), int(HOURS * 60) - 20)))
            at = spans[-1][1]
        found[f"far-{number}"] = spans
    return found


def alive(device: str, at: datetime, *, ok: bool) -> Reading:
    failure = None if ok else Failure(FailureKind.TIMEOUT, "no reply")
    address = f"127.0.1.{device.removeprefix('far-')}"
    return Reading("icmp", address, "", at, 0.01, failure, ping=PingAnswer((0.01 if ok else None,)))


def moved(answer: SnmpAnswer, chance: random.Random) -> SnmpAnswer:
    """Return an answer five minutes later: what counts has gone on."""

    def later(value: Raw) -> Raw:
        return value + chance.randint(1, 1_000_000) if isinstance(value, int) and value > 10_000 else value

    tables = {
        name: {index: {column: later(value) for column, value in row.items()} for index, row in rows.items()}
        for name, rows in answer.tables.items()
    }
    return replace(answer, tables=tables)


class Days:
    """What the poller's disk holds after three days, and what a twin says of them."""

    def __init__(self, folder: Path, first: Reading) -> None:
        self.begin_ms = (to_ms(CLOCK.now()) - REST_MS - int(HOURS * 3_600_000)) // 60_000 * 60_000
        self.first = first
        self.size = 0
        self.readings = 0
        self._folder = folder
        self._chance = random.Random(34)  # noqa: S311 the same days each time, no secret
        self._outages = outages(self._chance)
        self._twin = Statuses()
        self._twin.watch({f"device/far-{number}": probe_policy(WATCHED) for number in range(1, DEVICES + 1)})
        self.changes: dict[str, list[tuple[int, str]]] = {}

    async def pass_by(self) -> None:
        """Let the days pass on the poller."""
        clock = ManualClock(from_ms(self.begin_ms))
        kept = BUDGET - BUDGET // 8
        spool = Spool(self._folder / "spool", clock, kept, hold_back=HoldBack(0.0, 0), consumers=(UPLINK,))
        shelf = Shelf(self._folder / "bases", clock, BUDGET // 8)
        batching = Batching(b"daysaway", clock, spool, shelf)
        for service in (spool, shelf, batching):
            await service.start()
        answers = dict.fromkeys(range(1, DEVICES + 1), self.first.snmp)
        for minute in range(int(HOURS * 60)):
            for number in range(1, DEVICES + 1):
                self._alive(batching, f"far-{number}", minute, clock.now())
                if (minute + number) % (POLL_S // 60) == 0:
                    answers[number] = answer = moved(answers[number] or SnmpAnswer(""), self._chance)
                    check = Check(f"device/far-{number}", "snmp", POLL_S, 60.0)
                    batching.take(check, replace(self.first, started_at=clock.now(), snmp=answer))
                    self.readings += 1
            await clock.advance(30)
            if minute % 60 == 59:
                await _while_time_passes(clock, asyncio.gather(spool.durable(batching.seq), shelf.written()))
            await clock.advance((minute + 1) * 60 - clock.monotonic())
        for service in (batching, shelf, spool):
            await _while_time_passes(clock, asyncio.ensure_future(service.stop()))
        self.size = spool.size + shelf.size
        tally = spool.tally_of(UPLINK)
        assert (tally.shed.batches, tally.dead.batches) == (0, 0)

    def _alive(self, batching: Batching, device: str, minute: int, at: datetime) -> None:
        ok = not any(first <= minute <= last for first, last in self._outages.get(device, ()))
        check = Check(f"device/{device}", "icmp", ALIVE_S, 5.0, liveness=True)
        batching.take(check, alive(device, at, ok=ok))
        self.readings += 1
        for change in self._twin.take(Result(f"device/{device}", to_ms(at), ok, "icmp", "nbo-1")):
            self.changes.setdefault(device, []).append((change.since_ms, change.status))


async def _while_time_passes(clock: ManualClock, done: asyncio.Future[Any]) -> None:
    """Wait until something is done that waits for its clock, and for the disk."""
    while not done.done():
        await clock.advance(0.2)
        await asyncio.sleep(0.01)
    await done


@contextmanager
def agents(folder: Path) -> Iterator[int]:
    """Run Debian's snmpd on all addresses of loopback."""
    port = free_udp_port()
    folder.mkdir()
    (folder / "snmpd.conf").write_text(SNMPD_CONF.format(port=port).replace("udp:127.0.0.1:", "udp:"))
    command = [find_program("snmpd", "snmpd"), "-f", "-Lo", "-C", "-c", str(folder / "snmpd.conf")]
    with running(command, folder / "log", {**os.environ, "SNMP_PERSISTENT_DIR": str(folder)}) as process:
        wait_for(lambda: agent_answers(port, "public"), process, "snmpd", folder / "log")
        yield port


async def first_answer(port: int) -> Reading:
    profiles, _ = load_profiles([shipped("profiles")])
    target = SnmpTarget(Agent("127.0.1.1", Community("public"), port), 60.0)
    reading = await collect(target, profiles, CLOCK, "")
    assert reading.snmp is not None
    return reading


def centre_at(folder: Path, port: int, smtp: int, snmp: int) -> House:
    house = House(folder, SETTINGS.format(port=port, smtp=smtp))
    inventory = folder / "inventory" / "all.yaml"
    sites = "sites:\n  nairobi: {region: east, class: field, edge_devices: [far-1]}\n"
    text = inventory.read_text().replace("regions: {", "regions: {east: {name: East}, ").replace("sites:\n", sites)
    inventory.write_text(text + "".join(DEVICE.format(number=n + 1, port=snmp) for n in range(DEVICES)))
    enrol(folder / "state", "nbo-1", "east")
    return house


async def measured(house: House, begin_ms: int, end_ms: int) -> dict[str, dict[str, float]]:
    """Return the seconds of each device by status, as the ledger has them now."""
    database = Database(house.folder / "state" / "noc.db")
    await database.start()
    try:
        async with database.read() as connection:
            said = await restating.said_of(connection, [f"device/{name}" for name in NAMES], begin_ms)
    finally:
        await database.stop()
    changes = {name: [(one.time, one.state.value) for one in said[f"device/{name}"].timeline] for name in NAMES}
    return {name: seconds(changes[name], begin_ms, end_ms) for name in NAMES}


def seconds(changes: Sequence[tuple[int, str]], begin_ms: int, end_ms: int) -> dict[str, float]:
    """Return how long each status held, of changes in order of time."""
    found = dict.fromkeys(("up", "down", "unknown"), 0.0)
    for (since_ms, status), (until_ms, _) in pairwise([*changes, (max(end_ms, changes[-1][0]), "")]):
        found[status] += max(0, min(until_ms, end_ms) - max(since_ms, begin_ms)) / 1000
    return found


async def test_three_days_of_a_poller_become_what_a_twin_saw(tmp_path: Path) -> None:
    mails = MailServer()
    await mails.start()
    key = base64.b64encode(KEY).decode()
    (tmp_path / "centre").mkdir()
    with agents(tmp_path / "agents") as snmp:
        async with broker(tmp_path) as port:
            house = centre_at(tmp_path / "centre", port, mails.port, snmp)
            house.patience_s = PATIENCE_S
            at = {"host": "127.0.0.1", "port": port, "tls": False, "user": "", "password": "", "key": key}
            process = Process(tmp_path / "poller", Identity(poller="nbo-1", group="east", centre="c", **at))  # type: ignore[arg-type]
            days = Days(tmp_path / "poller" / "state", await first_answer(snmp))
            made_s = CLOCK.monotonic()
            await days.pass_by()
            made_s = CLOCK.monotonic() - made_s
            assert days.size < BUDGET
            end_ms = days.begin_ms + int(HOURS * 3_600_000) - 1_200_000
            try:
                await asyncio.to_thread(house.agent_on)
                await asyncio.to_thread(house.start)
                process.start()
                begun_s = CLOCK.monotonic()
                live_s = await drained(house, process, begun_s)
                drained_s = CLOCK.monotonic() - begun_s
                figures = figures_of(await asyncio.to_thread(house.metrics))
                late, octets = figures["noc_poller_late_total"], figures["noc_poller_octets_in_total"]
                sys.stdout.write(
                    f"\n{HOURS:g} h: {days.readings} readings took {days.size / 2**20:.1f} MiB, made in {made_s:.0f} s;"
                    f" all devices were known after {live_s:.0f} s, all was stored after {drained_s:.0f} s;"
                    f" {octets:.0f} octets crossed, {late:.0f} readings were late\n"
                )
                wrong = await restated(house, days, end_ms)
                assert wrong == {}
                restated_s = CLOCK.monotonic() - begun_s
                assert [one["Subject"] for one in mails.mails] == []  # of what is long over nobody hears
                await asyncio.to_thread(all_counted, house, process, days)
            finally:
                process.close()
                house.close()
                await mails.stop()
    sys.stdout.write(f"after {restated_s:.0f} s the ledger was right\n")


async def drained(house: House, process: Process, begun_s: float) -> float:
    """Wait until nothing of the backlog waits; return after how long all devices were known for good."""
    live_s: float | None = None
    async with asyncio.timeout(PATIENCE_S):
        while True:
            figures = figures_of(await asyncio.to_thread(house.metrics))
            known = figures.get('noc_devices{status="up"}', 0) >= DEVICES
            since_s = CLOCK.monotonic() - begun_s
            devices = {name: value for name, value in figures.items() if name.startswith("noc_devices{")}
            assert known or since_s < SETTLED_S, f"what is new waits behind the backlog: {devices}"
            live_s = (since_s if live_s is None else live_s) if known else None
            if live_s is not None and (await asyncio.to_thread(own_figures, process))["noc_poller_spool_frames"] <= 1:
                return live_s
            await asyncio.sleep(1)


def all_counted(house: House, process: Process, days: Days) -> None:
    """What the poller had and made is stored, but for what is on its way; the centre took all that the days hold."""
    own = own_figures(process)
    had, stored, queued, shed, dead = (
        sum(own[f'noc_poller_spool_entries{{what="{word}"}}'] for word in words.split())
        for words in ("found given", "stored", "queued", "shed", "dead")
    )
    assert (had, shed, dead) == (stored + queued, 0, 0)
    assert (
        own["noc_poller_spool_lost_total"] == own["noc_poller_baseless_total"] == own["noc_poller_refused_total"] == 0
    )
    here = figures_of(house.metrics())
    assert here["noc_poller_refused_total"] == here["noc_poller_frames_broken_total"] == 0
    assert days.readings < here["noc_poller_readings_total"] <= days.readings + own["noc_poller_readings_total"]


def own_figures(process: Process) -> dict[str, float]:
    """Return what the poller counts."""
    there = re.findall(r"listening on (http://\S+)", process.log)[-1]
    with urllib.request.urlopen(f"{there}/metrics", timeout=30) as answer:  # noqa: S310 our own, http
        return figures_of(answer.read().decode())


def figures_of(text: str) -> dict[str, float]:
    rows = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
    return {row[0]: float(row[2]) for row in rows}


async def restated(house: House, days: Days, end_ms: int) -> dict[str, tuple[object, object]]:
    """Wait until the ledger says what the twin says; return where it doesn't."""
    begin_ms = days.begin_ms + 600_000
    true = {name: seconds(days.changes[name], begin_ms, end_ms) for name in NAMES}
    assert any(one["down"] for one in true.values())
    until_s = CLOCK.monotonic() + PATIENCE_S
    while True:
        known = await measured(house, begin_ms, end_ms)
        wrong: dict[str, tuple[object, object]] = {
            name: (known[name], true[name]) for name in NAMES if known[name] != true[name]
        }
        if not wrong or CLOCK.monotonic() > until_s:
            return wrong
        await asyncio.sleep(5)
