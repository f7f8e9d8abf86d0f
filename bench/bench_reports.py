"""How long reports take: of 594 sites and of 20,303 devices, from a ledger with a million transitions of two years.

    python bench/bench_reports.py

Each file is made by a process of its own, as the daemon has it made.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from bench_availability import DEVICES, END, START, inventory_of

from noc.app.reports import drafted, material_of
from noc.availability.times import DAY_MS
from noc.model.transition import Transition
from noc.reports.frame.asked import Answer, Asked, Issue
from noc.reports.frame.registry import written
from noc.state.database import Database
from noc.state.records import body_of

OUTAGES = 25
"""Of each device in two years."""

MADE = """
import runpy, sys, time
runpy.run_module("noc.reports.render", run_name="__main__")
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(time.process_time(), peak.split()[1], file=sys.stderr)
"""
"""Makes a file, and tells CPU and memory: what the system tells of a child begins with what its parent had."""

MEAN_OUTAGE_MS = 40 * 60_000
ISSUE = Issue(id=1, number=1, issued_ms=END, digest="00" * 32)


def fill(path: Path, devices: Sequence[str]) -> None:
    """Write a million transitions: each device fails now and then. The hashes aren't those of a chain."""
    chance = random.Random(20303)  # noqa: S311 the same history each time
    changes: list[tuple[int, str, bool]] = []
    for device in devices:
        changes.append((START, device, True))
        moment = START
        for _ in range(OUTAGES):
            moment += 60_000 + int(chance.expovariate(OUTAGES / (730 * DAY_MS)))
            until = moment + 60_000 + int(chance.expovariate(1 / MEAN_OUTAGE_MS))
            changes += [(moment, device, False), (until, device, True)]
            moment = until
    changes.sort()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=OFF")

    def rows() -> Iterator[tuple[object, ...]]:
        for seq, (moment, device, up) in enumerate(changes, 1):
            words = ("up", "down") if up else ("down", "up")
            made = Transition(device, *words, moment, moment + 30_000, "icmp", "centre", "confirmed", ())  # type: ignore[arg-type]
            yield seq, device, "transition", moment, body_of(made, seq), bytes(32)

    connection.executemany("INSERT INTO ledger (seq, entity, kind, since_ms, body, hash) VALUES (?,?,?,?,?,?)", rows())
    connection.commit()
    connection.close()
    print(f"{len(changes):,} transitions")


def file_of(answer: Answer, form: str) -> None:
    """Have a file made, and say how long that took and how much memory."""
    asked = {"answer": written(answer), "issue": written(ISSUE), "form": form, "lang": "en"}
    before = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", MADE], input=json.dumps(asked).encode(), capture_output=True, check=True
    )
    took, (spent, peak) = time.perf_counter() - before, done.stderr.split()[-2:]
    size = len(done.stdout) / 1e3
    print(f"    {form:5} {size:9,.0f} kB {took:7.1f} s, {float(spent):6.1f} s of CPU, {int(peak) / 1024:5.0f} MB")


async def main(folder: Path) -> None:
    inventory = inventory_of(folder)
    database = Database(folder / "noc.db")
    await database.start()
    fill(database.path, [device.entity for device in inventory.devices.values()])
    asked = [
        ("month, 594 sites", Asked(report="availability", period="2026-10")),
        ("two years, 594 sites", Asked(report="availability", period="2026-2027")),
        (f"month, {DEVICES:,} devices", Asked(report="availability", period="2026-10", by="device")),
        ("biennium", Asked(report="biennium", period="2026-2027", by="network")),
    ]
    for said, one in asked:
        before, cpu = time.perf_counter(), time.process_time()
        async with database.read() as connection:
            answer = await drafted(material_of(connection, inventory, END, lambda _: Fraction("99.8")), one)
        print(f"{said}: answered in {time.perf_counter() - before:.1f} s, {time.process_time() - cpu:.1f} s of CPU")
        for form in ("html", "xlsx", "csv", "pdf") if one.by != "device" else ("html", "xlsx", "csv"):
            file_of(answer, form)
    await database.stop()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        asyncio.run(main(Path(scratch)))
