"""What a poller takes: memory, CPU and octets of the line with many devices, and the disk of three days cut off.

    python bench/bench_poller.py [--devices 500] [--sites 30] [--passes 3] [--autonomy]
    python bench/bench_poller.py --cut-off [--devices 34] [--hours 72]

The first runs the simulator, Mosquitto, a poller's process and a small centre in this one that acknowledges all frames;
the poller polls each device so many times, each 60 s, and pings it by SNMP each 20 s; with --autonomy it judges too.
The second takes answers of simulated devices, lets their counters go on in virtual time, polls each 5 minutes and
liveness each minute, and puts what comes of it into the spool of a poller that has no link.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import random
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

from bench_polling import near, simulator

from collectors.snmp import SnmpTarget, collect
from noc.bus import identity, messages, plans, topics
from noc.bus.bases import Keeping
from noc.bus.batching import Batching
from noc.bus.frames import body_of, head_of, keep_bases
from noc.bus.identity import Identity
from noc.bus.messages import Acknowledged, Presence
from noc.bus.pacing import on_the_wire
from noc.bus.plans import PlanText
from noc.bus.readings import read
from noc.bus.rhythm import SELDOM_S
from noc.bus.sealing import new_key
from noc.bus.sending import UPLINK
from noc.bus.shelf import Shelf
from noc.clock import ManualClock, SystemClock
from noc.inventory.profiles.load import load_profiles
from noc.inventory.shipped import shipped
from noc.model.check import Check
from noc.model.instants import to_ms, to_us
from noc.model.reading import Raw, Reading, SnmpAnswer
from noc.settings.yamltext import Data
from noc.simulator.configuration import Pace, write_configuration
from noc.spool.files import HoldBack
from noc.spool.payload import values_of
from noc.spool.record import Record
from noc.spool.spool import Spool
from noc.wire.mqtt import Broker, Heard, Link, Publication, linked
from noc.wire.snmp import Agent, Community

HERE = Path(__file__).parent
RHYTHM = Pace(timedelta(seconds=20), timedelta(seconds=60))
OPEN_FILES = 16_384
STEP_S = 10
ACK = 130
"""Octets of an acknowledgement of a frame or two."""

UNASSURED = 78
"""What a message at QoS 0 costs less: PUBACK in a record of its own."""

PRESENCE = 300
"""Octets of a presence."""

ANSWER = 170
"""And of what the centre answers."""


def free_port() -> int:
    """Return a TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def broker(folder: Path) -> Iterator[int]:
    """Run Mosquitto."""
    port, config = free_port(), folder / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    program = "/usr/sbin/mosquitto"
    process = subprocess.Popen([program, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


def read_folder(folder: Path) -> dict[str, bytes]:
    """Return all files of a configuration, by path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Centre:
    """Takes all frames of one poller and acknowledges them. values: that SNMP gave; octets: of frames.
    acknowledgements: octets of these; presences_octets: of presences and what is answered to them.
    """

    def __init__(self, who: Identity, files: dict[str, bytes]) -> None:
        self.who, self.files = who, files
        self.bases = Keeping(100_000)
        self.polls: dict[str, int] = {}
        self.readings = self.values = self.octets = self.frames = 0
        self.acknowledgements = self.presences = self.presences_octets = 0
        self.stored: dict[str, set[int]] = {}
        self.moved = asyncio.Event()

    async def run(self) -> None:
        """Take what comes, for ever."""
        where = Broker(self.who.host, self.who.port, "noc-centre-bench")
        async with linked(where, [topics.of_all(word) for word in topics.OF_POLLERS]) as link:
            async for heard in link.heard():
                await self._take(link, heard)
                self.moved.set()

    async def _take(self, link: Link, heard: Heard) -> None:
        known = topics.read(heard.topic)
        if known is None:
            return
        if known[1] == "presence":
            self.presences += 1
            self.presences_octets += len(heard.body)
            await self._answer(link, messages.read(heard.body, Presence))
            return
        head, body = head_of(heard.body), body_of(heard.body)
        keep_bases(body, self.bases)
        for text in body.readings:
            self._count(*read(text, self.who.poller, self.bases))
        self.octets += len(heard.body)
        self.frames += 1
        boot = head.boot.hex()
        self.stored.setdefault(boot, set()).add(head.number)
        said = Acknowledged(centre="bench", boot=boot, stored=((head.number, head.number),))
        self.acknowledgements += await self._say(link, "acks", messages.written(said))

    def _count(self, key: str, reading: Reading) -> None:
        self.readings += 1
        if reading.snmp is not None:
            tables = reading.snmp.tables.values()
            self.values += len(reading.snmp.scalars) + sum(len(row) for rows in tables for row in rows.values())
            if key.endswith(":snmp"):
                self.polls[key] = self.polls.get(key, 0) + 1

    async def _answer(self, link: Link, said: Presence) -> None:
        now_us = to_us(datetime.now(UTC))
        answer = Acknowledged(centre="bench", boot=said.boot, sent_us=said.sent_us, taken_us=now_us, answered_us=now_us)
        self.presences_octets += await self._say(link, "acks", messages.written(answer))
        if said.plan != plans.digest(self.files):
            plan = PlanText(self.who.poller, 1, "bench", self.files)
            await self._say(link, "plan", plans.written(plan, self.who.sealing_key))

    async def _say(self, link: Link, word: topics.Word, body: bytes) -> int:
        await link.publish(Publication(topics.of_poller(self.who.poller, word), body, assured=word != "acks"))
        return len(body)


def figures(log: Path) -> dict[str, float]:
    """Return what a poller tells of itself."""
    port = re.findall(r"http://127.0.0.1:(\d+)", log.read_text())[-1]
    text = urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10).read().decode()
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def start(folder: Path, who: Identity) -> subprocess.Popen[bytes]:
    """Start a poller's process."""
    path = folder / "identity.json"
    path.write_bytes(identity.written(who))
    path.chmod(0o600)
    (folder / "poller.yaml").write_text("state_dir: state\nhttp: {port: 0}\nnewcomer: 1s\n")
    command = [sys.executable, "-m", "noc", "run", "--role", "poller", "-c", str(folder / "poller.yaml")]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, cwd=HERE.parent, env={**os.environ})


PEOPLE: dict[str, Data] = {
    "people": {"desk": {"email": "desk@example.org"}},
    "notifiers": {"email": {"host": "127.0.0.1", "from": "noc@example.org", "security": "none"}},
    "policies": {"desk": {"steps": [{"notify": ["desk"]}]}},
}


async def measure(folder: Path, devices: int, sites: int, passes: int, *, autonomy: bool) -> None:
    """Run a poller until each device was polled so many times, and print what that took."""
    extra: dict[str, Data] = {
        "polling": {"poller": "bench-1"},
        "pollers": {"groups": {"all": {"scope": ["region/africa"], "autonomy": autonomy}}},
        **({"alerts": PEOPLE} if autonomy else {}),
    }
    (folder / "plan").mkdir()
    with simulator(folder, sites, devices) as (world, port), broker(folder) as broker_port:
        write_configuration(world, folder / "plan", port, extra, RHYTHM)
        files = read_folder(folder / "plan")
        key = base64.b64encode(new_key()).decode()
        at = {"host": "127.0.0.1", "port": broker_port, "tls": False, "user": "", "password": ""}
        who = Identity(poller="bench-1", group="all", centre="c", key=key, **at)  # type: ignore[arg-type] # its fields
        centre, process = Centre(who, files), start(folder, who)
        task = asyncio.create_task(centre.run())
        try:
            print(
                f"{'passes':>7}{'readings':>10}{'values':>12}{'RSS MB':>8}{'CPU s':>8}{'octets a value':>16}{'line':>7}"
            )
            for count in range(1, passes + 1):
                while len(centre.polls) < devices or min(centre.polls.values()) < count:
                    centre.moved.clear()
                    await centre.moved.wait()
                tell(count, centre, await asyncio.to_thread(figures, folder / "log"))
        finally:
            process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(process.wait)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def tell(count: int, centre: Centre, said: Mapping[str, float]) -> None:
    """Print one line."""
    memory_mb = said["process_resident_memory_bytes"] / 2**20
    octets, line = centre.octets / centre.values, said["noc_poller_link_octets_total"] / centre.values
    cpu_s = said["process_cpu_seconds_total"]
    print(f"{count:>7}{centre.readings:>10,}{centre.values:>12,}{memory_mb:>8.0f}{cpu_s:>8.1f}", end="")
    print(f"{octets:>16.2f}{line:>7.2f}", flush=True)


# --- three days cut off -----------------------------------------------------------------------------------------------


async def answers(folder: Path, devices: int, wait_s: float) -> list[tuple[Reading, Reading]]:
    """Return two answers of each device, some seconds apart."""
    profiles, _ = load_profiles([shipped("profiles")])
    found: list[tuple[Reading, Reading]] = []
    with simulator(folder, 30, max(devices * 4, 60)) as (world, port):

        async def ask(address: str) -> Reading:
            target = SnmpTarget(Agent(address, Community("public"), port), 60.0)
            return await collect(target, profiles, SystemClock(), "bench")

        addresses = near(world, devices)
        first = [await ask(address) for address in addresses]
        await asyncio.sleep(wait_s)
        found += [(before, await ask(before.address)) for before in first]
    return found


def onward(before: SnmpAnswer, after: SnmpAnswer, times: float, chance: random.Random) -> SnmpAnswer:
    """Return the answer after a while: what moved goes on at about the same rate."""

    def value(old: Raw, new: Raw) -> Raw:
        if not isinstance(old, int) or not isinstance(new, int) or old == new:
            return new
        return new + round((new - old) * times * chance.uniform(0.5, 1.5))

    scalars = {name: value(before.scalars.get(name), new) for name, new in after.scalars.items()}
    tables = {
        table: {
            index: {
                name: value(before.tables.get(table, {}).get(index, {}).get(name), new) for name, new in row.items()
            }
            for index, row in rows.items()
        }
        for table, rows in after.tables.items()
    }
    return replace(after, scalars=scalars, tables=tables)


class Disk(Spool):
    """A spool that writes at once: virtual time doesn't wait for threads. Its files are those of any other."""

    line = frames = 0
    moments: set[float] = set()  # noqa: RUF012 one disk a run

    def open(self) -> None:
        """Begin."""
        self._files.open()

    def put(self, payload: bytes) -> int:
        """Write a payload and return its number."""
        self._last += 1
        values = values_of(payload)
        self.line += on_the_wire(len(payload))
        self.frames += 1
        self.moments.add(self._clock.monotonic())
        self._files.consumers[UPLINK].tally.given.add(values)
        self._files.append([Record(self._last, to_ms(self._clock.now()), payload)], [values])
        return self._last

    def tidy(self) -> None:
        """Shed what is over the budget."""
        self._files.tidy(self._clock.monotonic())


async def cut_off(folder: Path, devices: int, hours: int) -> None:
    """Fill the spool of a poller without a link, and print what it takes."""
    wait_s, poll_s, alive_s = 10.0, 300, 60
    pairs = await answers(folder, devices, wait_s)
    clock = ManualClock(datetime(2026, 11, 22, tzinfo=UTC))
    chance = random.Random(1)  # noqa: S311 no secret
    budget = 64 * 2**20
    spool = Disk(folder / "spool", clock, budget - budget // 8, hold_back=HoldBack(0.0, 0), consumers=(UPLINK,))
    shelf = Shelf(folder / "bases", clock, budget // 8)
    batching = Batching(b"12345678", clock, spool, shelf)
    spool.open()
    await shelf.start()
    said = [(before.snmp or SnmpAnswer(""), after.snmp or SnmpAnswer("")) for before, after in pairs]
    answer = [after for _, after in said]
    values = 0
    for second in range(0, hours * 3_600, STEP_S):
        for place, (_, after) in enumerate(pairs):
            entity, offset = f"device/d{place}", place * STEP_S
            if (second + offset) % alive_s == 0:
                uptime = SnmpAnswer("", {"sysUpTime": second * 100})
                alive = Reading("uptime", after.address, "b", clock.now(), 0.05, snmp=uptime)
                batching.take(Check(entity, "uptime", alive_s, 10, liveness=True), alive)
            if (second + offset) % poll_s == 0:
                step = onward(*said[place], poll_s / wait_s, chance)
                answer[place] = fresh = _moved(answer[place], said[place][1], step)
                values += len(fresh.scalars) + sum(len(row) for rows in fresh.tables.values() for row in rows.values())
                batching.take(Check(entity, "snmp", poll_s, 60), replace(after, started_at=clock.now(), snmp=fresh))
        await clock.advance(STEP_S)
        if (second + STEP_S) % 21_600 == 0:
            spool.tidy()
            await shelf.written()
            await shelf.tidy(0)
            acks = len(spool.moments) * (on_the_wire(ACK) - UNASSURED)
            presences = second / SELDOM_S * (on_the_wire(PRESENCE) + on_the_wire(ANSWER) - UNASSURED)
            line = (spool.line + acks + presences) / values
            print(
                f"{(second + STEP_S) // 3600:>4} h  {values:>12,} values  spool {spool.size / 2**20:6.1f} MiB  "
                f"bases {shelf.size / 2**20:5.1f} MiB  shed {spool.tally_of(UPLINK).shed.values}  "
                f"frames {spool.frames:,}  line {line:.2f} octets a value",
                flush=True,
            )
    await batching.stop()
    await shelf.stop()


def _moved(last: SnmpAnswer, zero: SnmpAnswer, step: SnmpAnswer) -> SnmpAnswer:
    """Return an answer further on by what a step moved from the first one."""

    def value(now: Raw, old: Raw, new: Raw) -> Raw:
        if isinstance(now, int) and isinstance(old, int) and isinstance(new, int):
            return max(now + new - old, 0)
        return new

    scalars = {name: value(last.scalars[name], zero.scalars[name], new) for name, new in step.scalars.items()}
    tables = {
        table: {
            index: {
                name: value(last.tables[table][index][name], zero.tables[table][index][name], new)
                for name, new in row.items()
            }
            for index, row in rows.items()
        }
        for table, rows in step.tables.items()
    }
    return replace(step, scalars=scalars, tables=tables)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=0)
    parser.add_argument("--sites", type=int, default=30)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--autonomy", action="store_true")
    parser.add_argument("--cut-off", action="store_true")
    parser.add_argument("--hours", type=int, default=72)
    asked = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(OPEN_FILES, hard), hard))
    with tempfile.TemporaryDirectory() as folder:
        if asked.cut_off:
            asyncio.run(cut_off(Path(folder), asked.devices or 34, asked.hours))
        else:
            wanted = (Path(folder), asked.devices or 500, asked.sites, asked.passes)
            asyncio.run(measure(*wanted, autonomy=asked.autonomy))


if __name__ == "__main__":
    main()
