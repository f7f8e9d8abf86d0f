"""Time and bytes of one poll for each class of device, on recordings of real ones, also over a bad satellite line.

    python -m bench.bench_classes [--root FOLDER] [--port PORT] [--at-most N]

FOLDER (or NOC_RECORDINGS, else our own) has recordings; snmpsim serves the recordings, or an agent that serves them
already is asked by --port. Each recording is polled by discovery, then by known rows, through a relay that counts
octets with headers. The middle recording of each class is then polled over a line with a round trip of 600 ms that
loses 5 % of all datagrams each way. snmpsim answers in Python from files: on the good line, the time is mostly its
own.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.bench_recordings import serving
from bench.polling_relay import GOOD, SATELLITE, Line, relayed
from collectors.snmp import SnmpTarget, collect
from noc.clock import SystemClock
from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.shipped import shipped
from noc.model.reading import Known, Reading
from noc.pipeline.snapshot import snapshot
from noc.wire.snmp import Agent, Community, Memory

PROFILES, _ = kept_profiles([shipped("profiles")])
PATIENCE_S = 900.0


@dataclass(frozen=True)
class Poll:
    """One poll: what it moved, how long it took, whether all was read."""

    requests: int
    octets: int
    lost: int
    seconds: float
    whole: bool


@dataclass(frozen=True)
class Device:
    """A recording: its class, and a poll of it by discovery and by known rows; None where rows aren't remembered."""

    name: str
    device_class: str
    discovery: Poll
    known: Poll | None


async def _once(name: str, port: int, line: Line, known: Known | None, memory: Memory) -> tuple[Reading, Poll]:
    async with relayed("127.0.0.1", port, line) as (front, count):
        agent = Agent("127.0.0.1", Community(name), front, timeout_s=2.0 if line is SATELLITE else 5.0)
        reading = await collect(SnmpTarget(agent, PATIENCE_S, known=known), PROFILES, SystemClock(), "bench", memory)
    whole = reading.failure is None and not any("no answer" in part.reason for part in reading.parts)
    return reading, Poll(count.requests, count.octets, count.lost, reading.duration_s, whole)


async def polled(name: str, port: int, line: Line) -> Device | None:
    """Poll a recording both ways; None where it does not answer."""
    memory = Memory()
    reading, first = await _once(name, port, line, None, memory)
    if reading.snmp is None:
        return None
    known = None
    if reading.known is not None and reading.known.valid:
        known = (await _once(name, port, line, reading.known, memory))[1]
    shown = snapshot(reading, PROFILES[reading.snmp.profile])
    return Device(name, shown.device.device_class or "other", first, known)


def _row(device_class: str, devices: list[Device], bad: Device | None) -> str:
    again = [device.known for device in devices if device.known is not None]

    def middle(polls: list[Poll], of: str) -> float:
        return statistics.median(float(getattr(poll, of)) for poll in polls) if polls else float("nan")

    def pair(polls: list[Poll]) -> str:
        if not polls:
            return "– | – | –"
        most = max(poll.octets for poll in polls) / 1000
        return (
            f"{middle(polls, 'requests'):.0f} | {middle(polls, 'octets') / 1000:.1f} ({most:.0f}) |"
            f" {middle(polls, 'seconds'):.2f}"
        )

    far = "– | –"
    if bad is not None:
        told = [poll for poll in (bad.discovery, bad.known) if poll is not None]
        far = " | ".join(f"{poll.seconds:.1f} s{'' if poll.whole else ', not whole'}" for poll in told)
        far += "" if len(told) == 2 else " | –"
    first = pair([device.discovery for device in devices])
    return f"| {device_class} | {len(devices)} | {first} | {pair(again)} | {far} |"


async def measured(names: list[str], port: int) -> list[str]:
    """Return the rows of the table."""
    found: dict[str, list[Device]] = {}
    while await polled(names[0], port, GOOD) is None:
        pass  # snmpsim is still reading
    for name in names:
        device = await polled(name, port, GOOD)
        print(name, "silent" if device is None else device.device_class, file=sys.stderr, flush=True)
        if device is not None:
            found.setdefault(device.device_class, []).append(device)
    middles = {
        kind: sorted(devices, key=lambda one: one.discovery.octets)[len(devices) // 2]
        for kind, devices in found.items()
    }
    bad = await asyncio.gather(*(polled(one.name, port, SATELLITE) for one in middles.values()))
    return [_row(kind, found[kind], far) for kind, far in sorted(zip(middles, bad, strict=True))]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path(os.environ.get("NOC_RECORDINGS", "tests/walks")))
    parser.add_argument("--port", type=int)
    parser.add_argument("--at-most", type=int, default=10_000)
    asked = parser.parse_args()
    folder = asked.root / "snmprec" if (asked.root / "snmprec").is_dir() else asked.root
    names = [str(path.relative_to(folder).with_suffix("")) for path in sorted(folder.rglob("*.snmprec"))]
    step = max(1, len(names) // asked.at_most)
    with ExitStack() as stack:
        port = asked.port or stack.enter_context(serving(folder))
        rows = asyncio.run(measured(names[::step], port))
    print(
        "| class | recordings | discovery: requests | kB | s | known rows: requests | kB | s"
        " | satellite: discovery | known rows |\n" + "|---" * 10 + "|"
    )
    print("\n".join(rows))


if __name__ == "__main__":
    main()
