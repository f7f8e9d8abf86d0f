"""What crosses a poller's line, counted by the kernel: octets a value, with TLS, TCP and IP, both ways.

    python bench/bench_line.py [--devices 34] [--sites 10] [--seconds 700] [--poll 300] [--alive 60]

The simulator, Mosquitto with TLS, a poller's process, and a small centre that acknowledges. The first polls carry whole
bases, those after them what moved: of the former what frames hold is told, of the time after them all layers. Headers
are counted as 52 octets a segment; on loopback a segment may be long, so large frames seem cheaper by some hundredths.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import re
import resource
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from datetime import timedelta
from pathlib import Path

from bench_poller import OPEN_FILES, Centre, figures, free_port, read_folder, start
from bench_polling import simulator

from noc.bus.identity import Identity
from noc.bus.sealing import new_key
from noc.settings.yamltext import Data
from noc.simulator.configuration import Pace, write_configuration

HEADERS = 52
"""Of IPv4 and TCP with time stamps."""

SAMPLES, ACKS, PRESENCE = (len(f"noc/v1/poller/bench-1/{word}") for word in ("samples", "acks", "presence"))
AROUND_FRAME = (3 + 2 + SAMPLES + 2 + 1) + 4 + (2 + 2 + ACKS + 1)
"""What MQTT 5 puts around a frame (header, topic, number, properties), its PUBACK, and its acknowledgement."""

AROUND_PRESENCE = (3 + 2 + PRESENCE + 2 + 1) + 4 + (3 + 2 + ACKS + 1)
"""And around a presence, its PUBACK, and its answer."""


@contextmanager
def broker(folder: Path) -> Iterator[tuple[int, int, str]]:
    """Run Mosquitto; return its ports with and without TLS, and its certificate."""
    locked, plain = free_port(), free_port()
    key, made = folder / "key.pem", folder / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    subprocess.run([*command, "-keyout", str(key), "-out", str(made), *names], check=True, capture_output=True)
    (folder / "mosquitto.conf").write_text(
        f"per_listener_settings false\nallow_anonymous true\nlistener {plain} 127.0.0.1\n"
        f"listener {locked} 127.0.0.1\ncertfile {made}\nkeyfile {key}\nuser root\n"
    )
    arguments = ["/usr/sbin/mosquitto", "-c", str(folder / "mosquitto.conf")]
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", locked), 1):
                break
            time.sleep(0.05)
        yield locked, plain, made.read_text()
    finally:
        process.terminate()
        process.wait()


@dataclass(frozen=True)
class Count:
    """What was so far. payload: octets of TCP and segments: by the kernel, both ways, reckoned: by the poller itself.

    frames, acknowledgements, presences: octets of these alone, without topics; messages: frames, said: presences.
    """

    payload: int
    segments: int
    reckoned: int
    frames: int
    acknowledgements: int
    presences: int
    values: int
    messages: int
    said: int

    @property
    def line(self) -> int:
        """Return octets with headers of IP and TCP."""
        return self.payload + HEADERS * self.segments

    def since(self, before: Count) -> Count:
        """Return what came since then."""
        mine, theirs = astuple(self), astuple(before)
        return Count(*(one - other for one, other in zip(mine, theirs, strict=True)))


def crossed(port: int) -> tuple[int, int]:
    """Return octets and segments that the poller's connection has carried, both ways, by the kernel."""
    text = subprocess.run(["ss", "-tinHO", f"dport = :{port}"], check=True, capture_output=True, text=True).stdout
    octets = segments = 0
    for line in text.splitlines():
        said = {name: int(number) for name, number in re.findall(r"(\w+):(\d+)", line)}
        octets += said.get("bytes_sent", 0) + said.get("bytes_received", 0)
        segments += said.get("segs_out", 0) + said.get("segs_in", 0)
    return octets, segments


def counted(port: int, centre: Centre, log: Path) -> Count:
    """Return what was so far."""
    reckoned = figures(log)["noc_poller_link_octets_total"]
    bodies = (centre.octets, centre.acknowledgements, centre.presences_octets)
    return Count(*crossed(port), int(reckoned), *bodies, centre.values, centre.frames, centre.presences)


async def measure(folder: Path, devices: int, sites: int, seconds: float, rhythm: Pace) -> None:
    """Run a poller for so long, and print what crossed."""
    extra: dict[str, Data] = {
        "polling": {"poller": "bench-1"},
        "pollers": {"groups": {"all": {"scope": ["region/africa"]}}, "lost_after": "60s"},
    }
    (folder / "plan").mkdir()
    with simulator(folder, sites, devices) as (world, port), broker(folder) as (locked, plain, made):
        write_configuration(world, folder / "plan", port, extra, rhythm)
        key = base64.b64encode(new_key()).decode()
        names = {"poller": "bench-1", "group": "all", "centre": "c", "key": key, "user": "", "password": ""}
        here = Identity(host="127.0.0.1", port=plain, tls=False, **names)  # type: ignore[arg-type] # its fields
        there = Identity(host="127.0.0.1", port=locked, ca=made, **names)  # type: ignore[arg-type] # its fields
        files = read_folder(folder / "plan")
        files["pollers.txt"] = b"bench-1\n"
        centre, process = Centre(here, files), start(folder, there)
        task = asyncio.create_task(centre.run())
        try:
            await run(task, centre, devices, seconds, locked, folder / "log")
        finally:
            process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(process.wait)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def until(task: asyncio.Task[None], met: Callable[[], bool]) -> None:
    """Wait for something that the centre is told; raise what ends it before."""
    while not met():
        if task.done():
            await task
        await asyncio.sleep(0.2)


async def run(task: asyncio.Task[None], centre: Centre, devices: int, seconds: float, port: int, log: Path) -> None:
    """Wait for the first polls, then so long, and print."""
    await until(task, lambda: bool(centre.polls))
    begun = await asyncio.to_thread(counted, port, centre, log)
    await until(task, lambda: len(centre.polls) >= devices)
    await asyncio.sleep(12)  # frames wait ten seconds for others
    whole = await asyncio.to_thread(counted, port, centre, log)
    first = whole.since(begun)
    print(
        f"first polls: {first.values:,} values, {first.frames / first.values:.2f} octets a value in frames", flush=True
    )
    await asyncio.sleep(seconds)
    rest = (await asyncio.to_thread(counted, port, centre, log)).since(whole)
    steady, beside = rest.frames / rest.values, (rest.line - rest.frames) / rest.values
    print(f"{seconds:.0f} s: {rest.values:,} values, {rest.messages} frames, {rest.line / seconds:.0f} octets a second")
    print(f"octets a value: frames {steady:.2f}, beside them {beside:.2f}, on the line {steady + beside:.2f}")
    print(f"the poller reckons {rest.reckoned / rest.line:.3f} of what crossed")
    layers(rest)


def layers(rest: Count) -> None:
    """Print where the octets of a time went."""
    mqtt = AROUND_FRAME * rest.messages + AROUND_PRESENCE * rest.said
    tls = rest.payload - mqtt - rest.frames - rest.acknowledgements - rest.presences
    parts = {
        "frames": rest.frames,
        "acknowledgements of the centre": rest.acknowledgements,
        "presences and their answers": rest.presences,
        "MQTT: headers, topics, PUBACK, pings": mqtt,
        "TLS records": tls,
        f"TCP and IP, {rest.segments} segments": HEADERS * rest.segments,
    }
    for name, octets in parts.items():
        print(f"  {name}: {octets:,} octets, {octets / rest.values:.2f} a value")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=34)
    parser.add_argument("--sites", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=700)
    parser.add_argument("--poll", type=float, default=300)
    parser.add_argument("--alive", type=float, default=60)
    asked = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(OPEN_FILES, hard), hard))
    rhythm = Pace(timedelta(seconds=asked.alive), timedelta(seconds=asked.poll))
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), asked.devices, asked.sites, asked.seconds, rhythm))


if __name__ == "__main__":
    main()
