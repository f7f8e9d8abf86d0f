"""What a centre takes for its pollers: CPU a value from the broker to the store, and messages a second.

    python bench/bench_downlink.py [--devices 68] [--rounds 12] [--pings 20000]

A real daemon with the embedded store hears a real Mosquitto. Answers of simulated devices are made into frames before,
as a poller would; then they are sent as fast as the centre acknowledges them: first polls by SNMP, twenty a frame, then
results of liveness, one a frame. CPU is the daemon's own, until all is acknowledged.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

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
from noc.wire.errors import WireError
from noc.wire.mqtt import Broker, Link, Publication, linked

HERE = Path(__file__).parent
BOOT = b"benchmrk"
A_FRAME = 20
WINDOW = 64
MANY = 900
POLL_S = 60
APART_S = 10.0
OPEN_FILES = 16_384
NAME = "bench-1"

SETTINGS = """\
state_dir: state
credentials: {{c: {{snmp: {{version: 2c, community: !secret file:community}}}}}}
defaults: {{credentials: c, interval: 60s, poll_interval: {poll}s, liveness: icmp}}
polling: {{poller: hq}}
http: {{port: 0}}
pollers:
  broker: {{host: 127.0.0.1, port: {port}}}
  groups: {{g: {{scope: [region/r]}}}}
"""


@dataclass
class Line:
    """What was sent and acknowledged."""

    link: Link
    window: int = WINDOW
    stored: set[int] = field(default_factory=set)
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    async def hear(self) -> None:
        """Note what is acknowledged, until the line ends."""
        async for message in self.link.heard():
            if message.topic.endswith("/acks"):
                said = read(message.body, Acknowledged)
                self.stored |= {one for first, last in said.stored for one in range(first, last + 1)}
                self.moved.set()

    async def send(self, frames: Sequence[tuple[int, bytes]]) -> None:
        """Send frames, so many ahead of what is acknowledged, until all are."""
        topic = topics.of_poller(NAME, "samples")
        for place, (_, octets) in enumerate(frames):
            await self.link.publish(Publication(topic, octets))
            if place >= self.window:
                await self._until({frames[place - self.window][0]})
        await self._until({number for number, _ in frames})

    async def _until(self, wanted: set[int]) -> None:
        while not wanted <= self.stored:
            self.moved.clear()
            async with asyncio.timeout(120):
                await self.moved.wait()


def house(folder: Path, port: int, addresses: Sequence[str]) -> None:
    """Write the settings of a centre."""
    (folder / "noc.yaml").write_text(SETTINGS.format(port=port, poll=POLL_S))
    (folder / "community").write_text("public\n")
    (folder / "inventory").mkdir()
    devices = "\n".join(f"  d{n}: {{site: s, address: {one}, class: router}}" for n, one in enumerate(addresses))
    sites = "regions: {r: {name: R}}\nsites: {s: {region: r, class: hub, edge_devices: [d0]}}\n"
    (folder / "inventory" / "all.yaml").write_text(f"{sites}devices:\n{devices}\n")
    enrolled = folder / "state" / "pollers"
    enrolled.mkdir(parents=True)
    known = Enrolled(poller=NAME, group="g", user=NAME, key=base64.b64encode(new_key()).decode(), at_ms=0, by="bench")
    (enrolled / f"{NAME}.json").write_bytes(identity.written(known))


def polls(pairs: Sequence[tuple[Reading, Reading]], rounds: int) -> tuple[list[tuple[int, bytes]], int]:
    """Return frames of some rounds of polls, the last of now, and how many values they have."""
    writing, chance, values, frames = Writing(), random.Random(1), 0, []  # noqa: S311 made-up counters
    last = [after.snmp or SnmpAnswer("") for _, after in pairs]
    begun = datetime.now(UTC) - timedelta(seconds=POLL_S * rounds)
    for turn in range(rounds):
        told = []
        for place, (before, after) in enumerate(pairs):
            at = begun + timedelta(seconds=POLL_S * (turn + place / len(pairs)))
            last[place] = onward(before.snmp or SnmpAnswer(""), last[place], POLL_S / APART_S, chance)
            values += len(last[place].scalars) + sum(len(r) for t in last[place].tables.values() for r in t.values())
            reading = replace(after, started_at=at, snmp=last[place], known=None)
            told.append(text_of(f"device/d{place}:snmp", reading, writing))
        for start in range(0, len(told), A_FRAME):
            some = told[start : start + A_FRAME]
            bases = new_bases([one for _, one in some if one is not None])
            number = len(frames) + 1
            frames.append((number, framed(BOOT, number, Body(bases, tuple(text for text, _ in some)))))
    return frames, values


def pings(addresses: Sequence[str], count: int, first: int) -> list[tuple[int, bytes]]:
    """Return frames with one result of liveness each, of the last minute."""
    frames, writing, now = [], Writing(), datetime.now(UTC)
    for number in range(count):
        place = number % len(addresses)
        at = now - timedelta(milliseconds=(count - number) * 20_000 / count)
        reading = Reading("icmp", addresses[place], "", at, 0.01, ping=PingAnswer((0.01,)))
        text, _ = text_of(f"device/d{place}:icmp", reading, writing)
        frames.append((first + number, framed(BOOT, first + number, Body((), (text,)))))
    return frames


def figure(log: Path, name: str) -> float:
    """Return a figure that the daemon tells of itself."""
    port = re.findall(r"listening on http://127.0.0.1:(\d+)", log.read_text())[-1]
    text = urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10).read().decode()
    return float(re.findall(rf"^{name} (\S+)$", text, re.MULTILINE)[0])


async def timed(line: Line, log: Path, frames: Sequence[tuple[int, bytes]]) -> tuple[float, float]:
    """Send frames; return the daemon's CPU seconds, and the seconds that it took."""
    loop, cpu_s = asyncio.get_running_loop(), await asyncio.to_thread(figure, log, "process_cpu_seconds_total")
    begun = loop.time()
    await line.send(frames)
    took_s = loop.time() - begun
    return await asyncio.to_thread(figure, log, "process_cpu_seconds_total") - cpu_s, took_s


async def measure(folder: Path, port: int, pairs: Sequence[tuple[Reading, Reading]], rounds: int, count: int) -> None:
    """Feed a running daemon, and print what it took."""
    addresses, log = [after.address for _, after in pairs], folder / "log"
    filters = [topics.of_poller(NAME, word) for word in topics.OF_CENTRE]
    async with linked(Broker("127.0.0.1", port, f"noc-poller-{NAME}"), filters) as link:
        line = Line(link)
        hearing = asyncio.create_task(line.hear())
        said = Presence(
            poller=NAME, state="here", boot=BOOT.hex(), group="g", from_ms=0, sent_us=to_us(datetime.now(UTC))
        )
        await link.publish(Publication(topics.of_poller(NAME, "presence"), written(said)))
        frames, values = polls(pairs, rounds)
        octets = sum(len(octets) for _, octets in frames)
        cpu_s, took_s = await timed(line, log, frames)
        a_value, a_frame = cpu_s / values * 1e6, cpu_s / len(frames) * 1e3
        print(f"{values:,} values of {len(pairs)} devices, {len(frames)} frames, {octets / values:.2f} octets a value")
        print(f"  {a_value:.1f} µs of CPU a value, {a_frame:.1f} ms a frame; {took_s:.1f} s")
        line.window = MANY
        frames = pings(addresses, count, len(frames) + 1)
        cpu_s, took_s = await timed(line, log, frames)
        a_frame = cpu_s / count * 1e6
        print(f"{count:,} frames of one result: {count / took_s:,.0f} a second, {a_frame:.0f} µs of CPU each")
        for name in ("poller_refused_total", "poller_late_total", "poller_frames_broken_total"):
            print(f"  {name}: {await asyncio.to_thread(figure, log, f'noc_{name}'):.0f}")
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)


async def run(devices: int, rounds: int, count: int) -> None:
    """Measure in a folder of its own."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name in ("world", "mqtt", "centre"):
            (folder / name).mkdir()
        pairs = await answers(folder / "world", devices, APART_S)
        with broker(folder / "mqtt") as port:
            house(folder / "centre", port, [after.address for _, after in pairs])
            log = folder / "centre" / "log"
            daemon = start(folder / "centre", log)
            try:
                await asyncio.to_thread(wait_for, "noc.app.run: watching", log)
                await measure(folder / "centre", port, pairs, rounds, count)
            except (WireError, TimeoutError):
                print(log.read_text()[-2_000:])
                raise
            finally:
                daemon.terminate()
                daemon.wait()


def start(folder: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start a daemon."""
    command = [sys.executable, "-m", "noc", "run", "-c", str(folder / "noc.yaml")]
    with log.open("wb") as out:
        return subprocess.Popen(command, stdout=out, stderr=out, cwd=HERE.parent, env={**os.environ})


def wait_for(text: str, log: Path) -> None:
    """Wait until a log says something, three minutes at most: a busy machine starts a daemon slowly."""
    for _ in range(900):
        if text in log.read_text():
            return
        time.sleep(0.2)
    raise TimeoutError(text)


def main() -> None:
    """Read the arguments, and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--devices", type=int, default=68)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--pings", type=int, default=20_000)
    given = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    asyncio.run(run(given.devices, given.rounds, given.pings))


if __name__ == "__main__":
    main()
