"""How the centre's work grows with its pollers: memory and CPU for 1 to 50 of them, 34 devices each.

    python bench/bench_growth.py [--pollers 1,10,50] [--devices 34] [--rounds 3]

A real daemon with the embedded store hears a real Mosquitto; the pollers are connections of one process that send
frames made before, as pollers make them: one poll by SNMP and six results of liveness a frame, which is what 34 devices
give in ten seconds. CPU is the daemon's own, until everything is acknowledged; memory is resident.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import resource
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from bench_downlink import OPEN_FILES, figure, start, wait_for
from bench_poller import answers, broker, onward

from noc.bus import identity, topics
from noc.bus.bases import Writing
from noc.bus.frames import Body, framed, new_bases
from noc.bus.identity import Enrolled
from noc.bus.messages import Acknowledged, Presence, read, written
from noc.bus.readings import written as text_of
from noc.bus.sealing import new_key
from noc.model.instants import to_us
from noc.model.reading import PingAnswer, Reading, SnmpAnswer
from noc.wire.mqtt import Broker, Link, Publication, linked

POLL_S = 300
APART_S = 10.0
PINGS = 6
PRESENCES = 20
Pairs = Sequence[tuple[Reading, Reading]]

SETTINGS = """\
state_dir: state
credentials: {{c: {{snmp: {{version: 2c, community: !secret file:community}}}}}}
defaults: {{credentials: c, interval: 60s, poll_interval: 300s, liveness: icmp}}
polling: {{poller: hq}}
http: {{port: 0}}
pollers:
  broker: {{host: 127.0.0.1, port: {port}}}
  groups: {{{groups}}}
"""


def address(poller: int, place: int) -> str:
    """Return the address of a device."""
    return f"10.{poller}.0.{place + 1}"


@dataclass
class Poller:
    """One of them. answered: presences that were; stored: frames."""

    number: int
    link: Link
    answered: set[int] = field(default_factory=set)
    stored: set[int] = field(default_factory=set)
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def name(self) -> str:
        """Return its name."""
        return f"p{self.number}"

    @property
    def boot(self) -> bytes:
        """Return its boot."""
        return f"boot{self.number:04}".encode()

    async def hear(self) -> None:
        """Note what is acknowledged."""
        async for message in self.link.heard():
            if message.topic.endswith("/acks"):
                said = read(message.body, Acknowledged)
                self.stored |= {one for first, last in said.stored for one in range(first, last + 1)}
                self.answered.add(said.sent_us)
                self.moved.set()

    async def here(self, times: int) -> None:
        """Say so many times that it is there, and wait for each answer."""
        for _ in range(times):
            sent_us = to_us(datetime.now(UTC))
            said = Presence(
                poller=self.name, state="here", boot=self.boot.hex(), group=self.name, from_ms=0, sent_us=sent_us
            )
            topic = topics.of_poller(self.name, "presence")
            await self.link.publish(Publication(topic, written(said), retain=True))
            await self._until(lambda sent_us=sent_us: sent_us in self.answered)

    async def send(self, frames: Sequence[tuple[int, bytes]]) -> None:
        """Send frames, four at once, until all are stored."""
        topic = topics.of_poller(self.name, "samples")
        for place, (number, octets) in enumerate(frames):
            await self.link.publish(Publication(topic, octets))
            if place >= 4:
                await self._until(lambda wanted=number - 4: wanted in self.stored)
        await self._until(lambda: {number for number, _ in frames} <= self.stored)

    async def _until(self, met: object) -> None:
        async with asyncio.timeout(150):
            while callable(met) and not met():
                self.moved.clear()
                await self.moved.wait()


def house(folder: Path, port: int, pollers: int, devices: int) -> None:
    """Write the settings of a centre."""
    groups = ", ".join(f"p{number}: {{scope: [site/s{number}]}}" for number in range(pollers))
    (folder / "noc.yaml").write_text(SETTINGS.format(port=port, groups=groups))
    (folder / "community").write_text("public\n")
    (folder / "inventory").mkdir()
    sites = "".join(f"  s{n}: {{region: r, class: field, edge_devices: [d{n}-0]}}\n" for n in range(pollers))
    lines = "".join(
        f"  d{n}-{place}: {{site: s{n}, address: {address(n, place)}, class: router}}\n"
        for n in range(pollers)
        for place in range(devices)
    )
    (folder / "inventory" / "all.yaml").write_text(f"regions: {{r: {{name: R}}}}\nsites:\n{sites}devices:\n{lines}")
    enrolled = folder / "state" / "pollers"
    enrolled.mkdir(parents=True)
    for n in range(pollers):
        key = base64.b64encode(new_key()).decode()
        known = Enrolled(poller=f"p{n}", group=f"p{n}", user=f"p{n}", key=key, at_ms=0, by="bench")
        (enrolled / f"p{n}.json").write_bytes(identity.written(known))


def frames_of(poller: Poller, pairs: Pairs, devices: int, rounds: int) -> tuple[list[tuple[int, bytes]], int]:
    """Return the frames of some rounds of polls, the last of now, and how many values they have."""
    writing, chance, values = Writing(), Random(poller.number), 0  # noqa: S311 made-up counters
    frames: list[tuple[int, bytes]] = []
    begun, last = datetime.now(UTC) - timedelta(seconds=POLL_S * rounds), dict[int, SnmpAnswer]()
    for turn in range(rounds):
        for place in range(devices):
            before, after = pairs[place % len(pairs)]
            at, to = begun + timedelta(seconds=POLL_S * (turn + place / devices)), address(poller.number, place)
            step = onward(before.snmp or SnmpAnswer(""), after.snmp or SnmpAnswer(""), POLL_S / APART_S, chance)
            last[place] = step if place not in last else onward(last[place], step, 1.0, chance)
            values += len(step.scalars) + sum(len(row) for rows in step.tables.values() for row in rows.values())
            poll = Reading("snmp", to, "", at, 0.3, snmp=last[place])
            told = [text_of(f"device/d{poller.number}-{place}:snmp", poll, writing)]
            for ping in range(PINGS):
                other = (place * PINGS + ping) % devices
                lives = Reading("icmp", address(poller.number, other), "", at, 0.01, ping=PingAnswer((0.01,)))
                told.append(text_of(f"device/d{poller.number}-{other}:icmp", lives, writing))
            bases = new_bases([one for _, one in told if one is not None])
            body = Body(bases, tuple(text for text, _ in told))
            frames.append((len(frames) + 1, framed(poller.boot, len(frames) + 1, body)))
    return frames, values


async def told(log: Path) -> tuple[float, float]:
    """Return the daemon's CPU seconds and its resident memory in MB."""
    cpu_s = await asyncio.to_thread(figure, log, "process_cpu_seconds_total")
    return cpu_s, await asyncio.to_thread(figure, log, "process_resident_memory_bytes") / 2**20


async def measure(folder: Path, port: int, pairs: Pairs, pollers: int, devices: int, rounds: int) -> None:
    """Feed a running daemon, and print what it took."""
    log, loop = folder / "log", asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        made = []
        for number in range(pollers):
            filters = [topics.of_poller(f"p{number}", word) for word in topics.OF_CENTRE]
            link = await stack.enter_async_context(linked(Broker("127.0.0.1", port, f"p{number}"), filters))
            made.append(Poller(number, link))
        hearing = [asyncio.create_task(one.hear()) for one in made]
        await asyncio.gather(*(one.here(1) for one in made))
        cpu_s, begun_mb = await told(log)
        begun_s = loop.time()
        await asyncio.gather(*(one.here(PRESENCES) for one in made))
        took_s, (then_s, _) = loop.time() - begun_s, await told(log)
        a_presence = (then_s - cpu_s) / (PRESENCES * pollers) * 1e3
        frames = [frames_of(one, pairs, devices, rounds) for one in made]
        cpu_s, _ = await told(log)
        begun_s = loop.time()
        await asyncio.gather(*(one.send(some) for one, (some, _) in zip(made, frames, strict=True)))
        sent_s, (then_s, end_mb) = loop.time() - begun_s, await told(log)
        count, values = sum(len(some) for some, _ in frames), sum(number for _, number in frames)
        octets = sum(len(one) for some, _ in frames for _, one in some)
        print(
            f"{pollers:>7}{pollers * devices:>8}{begun_mb:>8.0f}{end_mb:>8.0f}{a_presence:>9.2f}"
            f"{PRESENCES * pollers / took_s:>8.0f}{(then_s - cpu_s) / count * 1e3:>9.2f}{count / sent_s:>8.0f}"
            f"{(then_s - cpu_s) / values * 1e6:>9.1f}{octets / values:>8.2f}",
            flush=True,
        )
        for task in hearing:
            task.cancel()
        await asyncio.gather(*hearing, return_exceptions=True)


async def run(many: Sequence[int], devices: int, rounds: int) -> None:
    """Measure each in a folder of its own."""
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "world").mkdir()
        pairs = await answers(Path(place) / "world", devices, APART_S)
        print(
            f"{'pollers':>7}{'devices':>8}{'MB':>8}{'MB then':>8}{'ms here':>9}{'a s':>8}{'ms frame':>9}{'a s':>8}"
            f"{'µs value':>9}{'octets':>8}"
        )
        for pollers in many:
            folder = Path(place) / str(pollers)
            (folder / "mqtt").mkdir(parents=True)
            (folder / "centre").mkdir()
            with broker(folder / "mqtt") as port:
                house(folder / "centre", port, pollers, devices)
                log = folder / "centre" / "log"
                daemon = start(folder / "centre", log)
                try:
                    await asyncio.to_thread(wait_for, "noc.app.run: watching", log)
                    await measure(folder / "centre", port, pairs, pollers, devices, rounds)
                except Exception:
                    print(log.read_text()[-2_000:])
                    raise
                finally:
                    daemon.terminate()
                    daemon.wait()


def main() -> None:
    """Read the arguments, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pollers", default="1,10,50")
    parser.add_argument("--devices", type=int, default=34)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(OPEN_FILES, hard), hard))
    asyncio.run(run([int(one) for one in given.pollers.split(",")], given.devices, given.rounds))


if __name__ == "__main__":
    main()
