"""Polls of real agents over a thin, long, lossy line: what they take, and whether they are whole.

    apt-get install snmpd
    python -m bench.bench_thin_line [--agents 4] [--polls 12] [--timeout 2] [--kbit 64] [--rtt 1.2] [--loss 0.05]

Each agent is a snmpd of Debian's, in a process of its own, read by discovery, then by known rows, with one discovery
more half-way. All agents are behind one line, of which a relay in this process is the model: so many bits a second each
way with a queue of two seconds, half of the round trip each way, and packets lost by a dice that is the same in each
run; a datagram of two fragments is lost with either. All polls of a round begin at once, the worst that can happen.
Prints one line of JSON: octets and datagrams are what went over the line.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.polling_relay import Count, Line, Wire, relayed
from collectors.snmp import SnmpTarget, collect
from noc.clock import SystemClock
from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.shipped import shipped
from noc.model.reading import Known, Reading
from noc.wire.snmp import Agent, Community, Memory

PROFILES, _ = kept_profiles([shipped("profiles")])
DEADLINE_S = 60.0
INTERFACES = 12
CONF = """\
agentAddress udp:127.0.0.1:{port}
rocommunity public 127.0.0.1
sysLocation far away
sysContact nobody
"""


@dataclass
class Found:
    """What came of all polls. seconds: of each; values: of each; broken: those that failed or lack a part."""

    seconds: list[float] = field(default_factory=list)
    values: list[int] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def free_port() -> int:
    """Return a free UDP port of loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def snmpd(folder: Path) -> Iterator[int]:
    """Run an agent and yield its port."""
    program, port = shutil.which("snmpd") or shutil.which("snmpd", path="/usr/sbin"), free_port()
    if program is None:
        raise SystemExit("snmpd is not installed: apt-get install snmpd")
    folder.mkdir()
    (folder / "snmpd.conf").write_text(CONF.format(port=port))
    env = {**os.environ, "SNMP_PERSISTENT_DIR": str(folder), "MIBS": ""}
    command = [program, "-f", "-Lf", str(folder / "log"), "-C", "-c", str(folder / "snmpd.conf")]
    process = subprocess.Popen(command, env=env)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(10)


async def answering(port: int) -> None:
    """Wait until an agent answers."""
    for _ in range(100):
        reading = await collect(SnmpTarget(where(port, 0.2), 5.0), PROFILES, SystemClock(), "bench")
        if reading.failure is None:
            return
    raise SystemExit("snmpd does not answer")


def where(port: int, timeout_s: float) -> Agent:
    """Return how to reach an agent."""
    return Agent("127.0.0.1", Community("public"), port, timeout_s=timeout_s)


async def poll_all(ports: list[int], polls: int, timeout_s: float) -> Found:
    """Poll all agents so often, at once each time."""
    found, memory = Found(), Memory()
    known: dict[int, Known | None] = dict.fromkeys(ports)
    for turn in range(polls):
        asked = {
            port: one if one is None or turn != polls // 2 else replace(one, valid=False) for port, one in known.items()
        }
        tasks = [_poll(port, timeout_s, asked[port], memory) for port in ports]
        for port, reading in zip(ports, await asyncio.gather(*tasks), strict=True):
            known[port] = reading.known or known[port]
            found.seconds.append(reading.duration_s)
            found.values.append(_values(reading))
            if reading.failure is not None:
                found.broken.append(reading.failure.reason)
            found.broken += [f"{part.what}: {part.reason}" for part in reading.parts]
    return found


async def _poll(port: int, timeout_s: float, known: Known | None, memory: Memory) -> Reading:
    target = SnmpTarget(where(port, timeout_s), DEADLINE_S, known=known)
    return await collect(target, PROFILES, SystemClock(), "bench", memory)


def _values(reading: Reading) -> int:
    if reading.snmp is None:
        return 0
    rows = sum(len(row) for table in reading.snmp.tables.values() for row in table.values())
    return rows + len(reading.snmp.scalars)


async def run(arguments: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Return what was measured."""
    line = Line(arguments.rtt, arguments.loss, arguments.seed, arguments.kbit * 1000)
    async with AsyncExitStack() as stack:
        agents = [stack.enter_context(snmpd(folder / str(number))) for number in range(arguments.agents)]
        for port in agents:
            await answering(port)
        wire = Wire(line)
        fronts: list[tuple[int, Count]] = [
            await stack.enter_async_context(relayed("127.0.0.1", port, wire)) for port in agents
        ]
        cpu_s = time.process_time()
        found = await poll_all([port for port, _ in fronts], arguments.polls, arguments.timeout)
        cpu_s = time.process_time() - cpu_s
    seconds = sorted(found.seconds)
    return {
        "polls": len(seconds),
        "not whole": len(found.broken),
        "seconds: median, most": [round(seconds[len(seconds) // 2], 1), round(seconds[-1], 1)],
        "values a poll": round(sum(found.values) / len(found.values)),
        "requests": sum(count.requests for _, count in fronts),
        "repeated": sum(count.repeated for _, count in fronts),
        "datagrams lost": sum(count.lost for _, count in fronts),
        "octets": wire.carried,
        "cpu ms a poll, with the relay": round(cpu_s * 1000 / len(seconds), 1),
        "what": sorted(set(found.broken))[:3],
    }


def main() -> None:
    """Measure, and print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--agents", type=int, default=4)
    parser.add_argument("--polls", type=int, default=12)
    parser.add_argument("--timeout", type=float, default=2.0)
    parser.add_argument("--kbit", type=int, default=64)
    parser.add_argument("--rtt", type=float, default=1.2)
    parser.add_argument("--loss", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="nocthin"))
    try:
        with ExitStack():
            print(json.dumps(asyncio.run(run(arguments, folder))))
    finally:
        with suppress(OSError):
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
