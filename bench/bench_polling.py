"""What a poll costs from the socket to the spool, against Debian's prometheus-snmp-exporter on the same agents.

    python bench/bench_polling.py                                   the agents are noc's simulator, in a process
    python bench/bench_polling.py --agent 127.10.0.1-127.10.0.250:1161     … or any others that answer SNMPv2c
    python bench/bench_polling.py --memory [--devices 20303]        what the daemon's memory of devices takes

noc's side collects, ingests, encodes and spools, in a process of its own: once by discovery, then by known rows. The
exporter (`apt-get install prometheus-snmp-exporter`) is asked over HTTP for the scalars and columns that noc reads of
the same devices, by as many at once; its CPU is read from /proc. The two alternate. Varbinds are counted on the wire,
for one device of each kind, by a relay that both go through: those with a value in answers, wanted or not.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from ipaddress import IPv4Address
from pathlib import Path

import polling_memory
from polling_exporter import Exporter, Target, module, wanted
from polling_noc import PROFILES, Cost, Job, agent, values
from polling_relay import Count, relayed

from collectors.snmp import SnmpTarget, collect
from noc.clock import SystemClock
from noc.model.reading import Known
from noc.simulator.world import World, build

HERE = Path(__file__).parent
SITES, WORLD = 60, 2000
MEMORY_OF = (1_000, 5_000, 20_303)


@dataclass
class Kind:
    """Devices that are read alike: the first of them, how many there are, and what a poll of one moves on the wire."""

    name: str
    address: str
    known: Known
    values: int
    devices: int = 0
    discovery: Count | None = None
    fast: Count | None = None
    scrape: Count | None = None


@contextmanager
def simulator(folder: Path, sites: int, devices: int) -> Iterator[tuple[World, int]]:
    """Run the simulator, in which nothing fails, and yield its world and its port."""
    arguments = folder / "world.json"
    arguments.write_text(json.dumps({"sites": sites, "devices": devices, "quiet": True}))
    command = [sys.executable, "-m", "noc.simulator", str(arguments)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=HERE.parent)
    try:
        if process.stdout is None:
            raise SystemExit("the simulator has no output")
        yield build(sites, devices), json.loads(process.stdout.readline())["ready"]
    finally:
        process.terminate()
        process.wait()


def near(world: World, count: int) -> list[str]:
    """Return the addresses of devices of all classes that are not behind a satellite: those answer at once."""
    found = [str(device.address) for device in world.devices if device.number not in world.over_satellite]
    step = max(len(found) // count, 1)
    return found[::step][:count]


def given(text: str) -> tuple[list[str], int]:
    """Return the addresses and the port of `FIRST-LAST:PORT`."""
    hosts, _, port = text.rpartition(":")
    first, _, last = hosts.partition("-")
    start, end = IPv4Address(first), IPv4Address(last or first)
    return [str(IPv4Address(number)) for number in range(int(start), int(end) + 1)], int(port)


async def kinds_of(job: Job) -> tuple[list[Kind], dict[str, Kind]]:
    """Poll each device once, and return the kinds, and that of each device."""
    found: dict[object, Kind] = {}
    of: dict[str, Kind] = {}
    for address in job.addresses:
        reading = await collect(SnmpTarget(agent(job, address), 60.0), PROFILES, SystemClock(), "bench")
        count = values(reading)
        if reading.known is None or not reading.known.valid:
            raise SystemExit(f"{address}: nothing is known after a discovery")
        key = (reading.known.profile, reading.known.cells)
        kind = next((one for one in found.values() if (one.known.profile, one.known.cells) == key), None)
        if kind is None:
            kind = found[len(found)] = Kind(f"m{len(found)}", address, reading.known, count)
        kind.devices += 1
        of[address] = kind
    return list(found.values()), of


async def count_noc(job: Job, kind: Kind) -> None:
    """Count what a poll of one device moves, without and with known rows."""
    for known in (None, kind.known):
        async with relayed(kind.address, job.port) as (port, count):
            there = Job(job.addresses, port, job.community, 1, 1)
            values(
                await collect(SnmpTarget(agent(there, "127.0.0.1"), 60.0, known=known), PROFILES, SystemClock(), "b")
            )
        if known is None:
            kind.discovery = count
        else:
            kind.fast = count


async def count_exporter(job: Job, kind: Kind, exporter: Exporter) -> None:
    """Count what a scrape of one device moves."""
    async with relayed(kind.address, job.port) as (port, count):
        await exporter.scrape([Target("127.0.0.1", port, kind.name)], 1)
    kind.scrape = count


def noc_side(job: Job) -> tuple[Cost, Cost]:
    """Run noc's side in a process of its own."""
    command = [sys.executable, str(HERE / "polling_noc.py")]
    done = subprocess.run(
        command, input=json.dumps(asdict(job)), capture_output=True, text=True, cwd=HERE.parent, check=False
    )
    if done.returncode:
        raise SystemExit(f"noc's side failed:\n{done.stderr}{done.stdout}")
    discovery, fast = json.loads(done.stdout)
    return Cost(**discovery), Cost(**fast)


@dataclass
class Run:
    """One side: what its rounds took, and what a poll of all devices moves."""

    name: str
    costs: list[Cost]
    moved: Count
    values: int


def show(runs: list[Run], devices: int) -> None:
    """Print both tables."""
    print(f"{'a poll of one device, on average':36}{'requests':>9}{'varbinds':>9}{'values':>8}")
    for run in runs:
        numbers = (run.moved.requests / devices, run.moved.varbinds / devices, run.values / devices)
        print(f"{run.name:36}{numbers[0]:>9.1f}{numbers[1]:>9.1f}{numbers[2]:>8.1f}")
    head = "".join(f"{'CPU ' + what:>24}" for what in ("ms a poll", "us a varbind", "us a value"))
    print(f"\n{'median (least-most)':30}{head}{'values/s of a core':>20}")
    for run in runs:
        times = [cost.cpu_s / cost.polls * devices for cost in run.costs]  # of a poll of all devices
        per = (devices / 1000, run.moved.varbinds / 1e6, run.values / 1e6)
        cells = "".join(f"{spread([time / one for time in times]):>24}" for one in per)
        print(f"{run.name:30}{cells}{run.values / statistics.median(times):>20,.0f}")


def spread(numbers: list[float]) -> str:
    """Return the median, the least and the most."""
    return f"{statistics.median(numbers):.2f} ({min(numbers):.2f}-{max(numbers):.2f})"


async def compare(job: Job, rounds: int, folder: Path) -> None:
    kinds, of = await kinds_of(job)
    for kind in kinds:
        await count_noc(job, kind)
    devices = len(job.addresses)
    total = sum(kind.values * kind.devices for kind in kinds)

    def moved(which: Callable[[Kind], Count | None]) -> Count:
        counts = [(which(kind) or Count(), kind.devices) for kind in kinds]
        return Count(sum(c.requests * n for c, n in counts), sum(c.varbinds * n for c, n in counts))

    runs = [
        Run("noc, discovery", [], moved(lambda kind: kind.discovery), total),
        Run("noc, known rows", [], moved(lambda kind: kind.fast), total),
    ]
    exporter = None
    if Exporter.installed():
        modules = [module(kind.name, PROFILES[kind.known.profile], wanted(kind.known), job.community) for kind in kinds]
        exporter = Exporter("".join(modules), folder)
    else:
        print("left out: prometheus-snmp-exporter is not installed (as root: apt-get install prometheus-snmp-exporter)")
    print(f"{devices} devices of {len(kinds)} kinds, {job.at_once} at once, {job.passes} polls of each by known rows")
    memory = ""
    try:
        targets = [Target(address, job.port, of[address].name) for address in job.addresses] * job.passes
        if exporter is not None:
            await exporter.ready()
            for kind in kinds:
                await count_exporter(job, kind, exporter)
            runs.append(Run("prometheus-snmp-exporter", [], moved(lambda kind: kind.scrape), total))
            await exporter.scrape(targets[:devices], job.at_once)  # to warm up
        for _ in range(rounds):
            for run, cost in zip(runs, noc_side(job), strict=False):
                run.costs.append(cost)
            if exporter is not None:
                cpu_s, wall_s, metrics = await exporter.scrape(targets, job.at_once)
                runs[2].costs.append(Cost(len(targets), cpu_s, wall_s, total * job.passes, metrics))
                memory = f"; prometheus-snmp-exporter {exporter.memory_mb():.0f} MB"
    finally:
        if exporter is not None:
            exporter.stop()
    show(runs, devices)
    if exporter is not None:
        ratios = [
            (theirs.cpu_s / theirs.polls) / (ours.cpu_s / ours.polls)
            for ours, theirs in zip(runs[1].costs, runs[2].costs, strict=True)
        ]
        print(f"\nCPU of the exporter / CPU of noc by known rows, a poll: {spread(ratios)}")
        print(f"of a poll of all, the exporter shows {runs[2].costs[0].numbers // job.passes:,} metrics", end=", ")
    print(f"noc spools {runs[1].costs[0].numbers // job.passes:,} numbers, rates among them")
    print(f"memory at most: noc's side {max(cost.memory_mb for cost in runs[1].costs):.0f} MB{memory}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agent", type=given, metavar="FIRST-LAST:PORT", help="agents to poll, not the simulator's")
    parser.add_argument("--community", default="public")
    parser.add_argument("--devices", type=int, help="200; with --memory 1,000, 5,000 and 20,303")
    parser.add_argument("--at-once", type=int, default=50)
    parser.add_argument("--passes", type=int, default=5, help="polls of each device in a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", action="store_true")
    arguments = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}")
    with tempfile.TemporaryDirectory(prefix="noc-bench-") as name:
        folder = Path(name)
        if arguments.memory:
            polling_memory.show([arguments.devices] if arguments.devices else MEMORY_OF, simulator, folder)
            return
        more = (arguments.community, arguments.at_once, arguments.passes)
        if arguments.agent is not None:
            addresses, port = arguments.agent
            asyncio.run(compare(Job(addresses[: arguments.devices], port, *more), arguments.rounds, folder))
            return
        with simulator(folder, SITES, WORLD) as (world, port):
            job = Job(near(world, arguments.devices or 200), port, *more)
            asyncio.run(compare(job, arguments.rounds, folder))


if __name__ == "__main__":
    main()
