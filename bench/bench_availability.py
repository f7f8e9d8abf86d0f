"""How long availability takes: a replay of a million events, and the figures of a whole fleet over two years.

    python bench/bench_availability.py [--profile]

The fleet's are asked as the daemon asks, with its collector of cycles, of a ledger with a million transitions in a
temporary folder; and with four million intervals in memory.
"""

from __future__ import annotations

import asyncio
import cProfile
import io
import json
import pstats
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import fleet
import numpy as np

from noc.app.check import check
from noc.app.figures import Figures
from noc.app.memory import Memory
from noc.availability.columns.statement import names_for, statement
from noc.availability.columns.timelines import from_records
from noc.availability.document import document
from noc.availability.events import parse_events
from noc.availability.policy import Period, Policy, ProbePolicy
from noc.availability.replay import replay
from noc.availability.times import DAY_MS, SECOND_MS, format_time, parse
from noc.clock import ManualClock
from noc.inventory.inventory import Inventory
from noc.model.instants import from_ms
from noc.model.transition import Status, Transition
from noc.model.window import WindowDecision
from noc.state import corrections, ledger, windows
from noc.state.database import Database
from noc.state.records import body_of

EVENTS = 1_000_000
REPLAYED_DEVICES = 500
DEVICES = 20_303
SITES = 594
TRANSITIONS = 1_000_000
INTERVALS = 4_000_000
START = parse("2026-01-01T00:00:00Z")
END = START + 730 * DAY_MS
HOUR_MS = 3_600_000
SECONDS = range(START, END, SECOND_MS)

Value = TypeVar("Value")


def timed(what: str, work: Callable[[], Value]) -> Value:
    before = time.process_time()
    value = work()
    print(f"{what:66} {time.process_time() - before:7.2f} CPU s")
    return value


def network(devices: int, sites: int) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return sites with their devices, and the upstream of each device: the first of its site, and that the hub."""
    members: dict[str, list[str]] = {f"site/{number:03}": [] for number in range(sites)}
    for number in range(devices):
        members[f"site/{number % sites:03}"].append(f"device/{number:05}")
    upstream = {device: [names[0]] for names in members.values() for device in names[1:]}
    upstream |= {names[0]: ["device/00000"] for names in members.values() if names[0] != "device/00000"}
    return members, upstream


def events() -> bytes:
    """Return a million results, every tenth a failure in a row of five, all devices in turn."""
    lines = []
    for number in range(EVENTS):
        turn, device = divmod(number, REPLAYED_DEVICES)
        moment = format_time(START + turn * 10 * SECOND_MS + device)
        ok = (turn + device) % 50 >= 5
        lines.append(json.dumps({"time": moment, "entity": f"device/{device:05}", "ok": ok}))
    return "\n".join(lines).encode()


def replay_a_million() -> None:
    text = events()
    sites, upstream = network(REPLAYED_DEVICES, 50)
    policy = Policy(ProbePolicy.probed_every(10 * SECOND_MS), upstream=upstream, sites=sites)
    period = Period(START, START + DAY_MS)
    results = timed(
        f"read {EVENTS:,} events ({len(text) / 1e6:.0f} MB)", lambda: parse_events(io.BytesIO(text), "bench")
    )
    answer = timed("work out states and figures", lambda: replay(results, policy, period))
    found = timed("answer as plain data", lambda: document(answer))
    size = timed("answer as JSON", lambda: len(json.dumps(found)))
    intervals = sum(len(entity.intervals) for entity in answer.entities.values())
    print(f"{'':4}{len(answer.entities)} entities, {intervals:,} intervals, {size / 1e6:.0f} MB")


def inventory_of(folder: Path) -> Inventory:
    """Return the fleet of bench/fleet.py: 20,303 devices in 594 sites, with upstreams, circuits and weights."""
    fleet.write(fleet.fleet(), folder, "csv")
    found = check(folder / "noc.yaml", {}).inventory
    if found is None:
        raise SystemExit("the made-up fleet has mistakes; run bench/bench_fleet.py")
    return found


def fill(path: Path, devices: Sequence[str]) -> None:
    """Write a million transitions of two years: each device now up, now down. The hashes aren't those of a chain."""
    chance = random.Random(20303)  # noqa: S311 the same fleet each time
    each = TRANSITIONS // len(devices)
    moments = [(time, name, n) for name in devices for n, time in enumerate(sorted(chance.sample(SECONDS, each)))]
    moments.sort()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=OFF")
    results = tuple((number * 10_000, True) for number in range(16))

    def rows() -> Iterator[tuple[object, ...]]:
        for seq, (time_ms, name, n) in enumerate(moments, 1):
            words: tuple[Status, Status] = ("up", "down") if n % 2 == 0 else ("down", "up")
            at_ms = time_ms + 30_000
            change = Transition(name, *words, time_ms, at_ms, "icmp", "centre", "confirmed", results, vantage="hq")
            yield seq, name, "transition", time_ms, body_of(change, seq), bytes(32)

    connection.executemany(
        "INSERT INTO ledger (seq, entity, kind, since_ms, body, hash) VALUES (?, ?, ?, ?, ?, ?)", rows()
    )
    connection.commit()
    connection.close()


async def decided(database: Database, inventory: Inventory) -> None:
    """Have each site worked on once a month, by night, and a hundred outages explained."""
    chance = random.Random(7)  # noqa: S311
    sites = list(inventory.sites)
    async with database.write() as connection:
        for site in sites:
            start = START + chance.randrange(28) * DAY_MS + 2 * HOUR_MS
            asked = ("requested", start, start + 2 * HOUR_MS, "FREQ=MONTHLY", "UTC", (), "ann", "work")
            held = await windows.request(connection, WindowDecision(f"site/{site}", START, 0, *asked))  # type: ignore[arg-type]
            await windows.approve(connection, held.number, who="bob", now_ms=START + 1)
        for number in range(100):
            start, cause = START + chance.randrange(700) * DAY_MS, ("carrier", "planned", "false_reading")[number % 3]
            span = (f"site/{chance.choice(sites)}", start, start + 12 * HOUR_MS, cause)
            said = await corrections.propose(connection, *span, who="ann", why="so", now_ms=END)  # type: ignore[arg-type]
            await corrections.decide(connection, said.number, "approved", who="bob", why="", now_ms=END)


async def asked(folder: Path) -> None:
    inventory = inventory_of(folder)
    devices = [device.entity for device in inventory.devices.values()]
    database = Database(folder / "noc.db")
    await database.start()
    await asyncio.to_thread(fill, database.path, devices)
    clock = ManualClock(from_ms(END))
    figures, memory = Figures(database, lambda: inventory, clock), Memory(clock)
    await memory.start()
    print(f"{len(devices):,} devices in {len(inventory.sites)} sites, a million transitions in two years:")
    periods = {"biennium": Period(START, END), "month": Period(END - 30 * DAY_MS, END)}

    async def ask(said: str) -> None:
        for word, period in periods.items():
            before, cpu = time.perf_counter(), time.process_time()
            found = await figures.statement(period)
            took, spent = time.perf_counter() - before, time.process_time() - cpu
            up = float(found.measured.network.up)
            print(f"{f'{word}, {said}':50} {took:6.2f} s, {spent:5.2f} s of CPU {up:.0f}")
        timed("every entity's figures of these, one by one", lambda: list(found.measured.entities.values()))

    await ask("the first time (biennium), and again (month)")
    await ask("when the ledger is in memory")
    async with database.write() as connection:
        at = END - 60_000
        await ledger.append(connection, [Transition(devices[0], "up", "down", at, at, "icmp", "c", "confirmed", ())])
    await ask("after one more transition")
    await decided(database, inventory)
    await ask("with 594 monthly windows, 100 corrections")
    await ask("again")
    await memory.stop()
    await database.stop()


def many() -> None:
    """Work out figures of four million intervals, with nothing read."""
    chance = np.random.default_rng(1)
    names = [f"device/{number:05}" for number in range(DEVICES)]
    sites, upstream = network(DEVICES, SITES)
    edges = {site: devices[:2] for site, devices in sites.items()}
    policy = Policy(
        ProbePolicy.probed_every(10_000), upstream=upstream, sites=edges, regions={"region/all": list(edges)}
    )
    each = INTERVALS // DEVICES
    times = np.sort(START + chance.integers(0, END - START, (DEVICES, each)), axis=1).ravel()
    states = np.tile(np.arange(each, dtype=np.int8) % 2, DEVICES)
    raw = from_records(names, np.repeat(np.arange(DEVICES), each), times, states).named(names_for(names, policy))
    for word, start in (("two years", START), ("a month of them", END - 30 * DAY_MS)):
        said = f"figures of {word}, {each * DEVICES:,} intervals of {DEVICES:,} devices"
        timed(said, lambda start=start: statement(raw, policy, (), Period(start, END), END))  # type: ignore[misc]


def main() -> None:
    replay_a_million()
    many()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(asked(Path(folder)))
    print(f"largest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    if "--profile" in sys.argv:
        profile = cProfile.Profile()
        profile.runcall(main)
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    else:
        main()
