"""How long `noc ledger verify` takes: a million records, and hours of coverage of 20,303 devices.

    python bench/bench_verify.py [--records 1000000] [--hours 720]

Then one record is changed, removed and moved, at random places, and each is to be found.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from array import array
from pathlib import Path

from noc.availability.policy import ProbePolicy
from noc.model.coverage import HOUR_MS, CoverageColumns, HourOfCoverage
from noc.model.transition import Transition
from noc.pipeline.coverage import CoverageCounts
from noc.pipeline.status import Result, Statuses
from noc.state.database import Database
from noc.state.hours import pack
from noc.state.records import body_of
from noc.state.verify import proof

DEVICES = 20_303
START = 1_772_323_200_000
CHANCE = random.Random(1)  # noqa: S311 made-up results


def main() -> None:
    """Run, and print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--hours", type=int, default=720)
    parser.add_argument("--file", type=Path, help="verify this state database alone")
    asked = parser.parse_args()
    if asked.file is not None:
        verify(asked.file)
        return
    count()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "noc.db"
        asyncio.run(_make(file))
        fill(file, asked.records, asked.hours)
        for hours in (True, False):
            if not hours:
                run(file, "DELETE FROM ledger WHERE kind = 'coverage'", "DELETE FROM coverage")
            subprocess.run([sys.executable, __file__, "--file", str(file)], check=True)
        tamper(file, asked.records)


def verify(file: Path) -> None:
    """Print what it takes to verify a ledger, in a process of its own."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = proof(file)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    what = f"{found.records:,} records and {found.hours} hours"
    most = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    memory = int(most.split()[1]) / 1024
    print(f"verify {what}: {wall:.1f} s, {cpu:.1f} s of CPU, {memory:.0f} MB; whole: {found.whole} {found.faults[:1]}")


async def _make(file: Path) -> None:
    database = Database(file)
    await database.start()
    await database.stop()


def count() -> None:
    """Print what counting costs a result, and an hour's bytes."""
    names = [f"device/{site}-rtr-{number}" for number, site in enumerate(CHANCE.choices("abcdef", k=DEVICES))]
    policy = ProbePolicy.probed_every(60_000)
    offsets = [CHANCE.randrange(60_000) for _ in names]
    results = [
        Result(name, START + minute * 60_000 + offset + CHANCE.randrange(20), True, "icmp", "hq")
        for minute in range(60)
        for name, offset in zip(names, offsets, strict=True)
    ]
    took = []
    counts = CoverageCounts()
    for heard in (None, lambda result, *rest: counts.take(result.entity, result.time_ms, *rest)):
        statuses = Statuses(heard)
        statuses.watch(dict.fromkeys(names, policy))
        begun = time.process_time()
        for result in results:
            statuses.take(result)
        took.append((time.process_time() - begun) / len(results) * 1e6)
    hour_ms = counts.due(START + 9 * HOUR_MS)[0]
    columns = counts.columns(hour_ms)
    begun = time.process_time()
    bodies = pack(columns), pack(columns, START)
    packing = (time.process_time() - begun) / 2 * 1000
    print(f"a result: {took[0]:.2f} us, counted as well {took[1]:.2f} us")
    print(
        f"an hour of {DEVICES:,}: {len(bodies[1]):,} bytes, with names {len(bodies[0]):,}; packed in {packing:.0f} ms"
    )


def fill(file: Path, records: int, hours: int) -> None:
    """Write changes of devices that are down for a minute now and then, and coverage that supports them."""
    names = [f"device/nbo-rtr-{number}" for number in range(DEVICES)]
    before, seq = bytes(32), 0
    rows: list[tuple[object, ...]] = []

    def record(entity: str, kind: str, since_ms: int, recorded: Transition | HourOfCoverage) -> None:
        nonlocal before, seq
        seq += 1
        body = body_of(recorded, seq)
        before = hashlib.sha256(before + body.encode()).digest()
        rows.append((seq, entity, kind, since_ms, body, before))

    connection = sqlite3.connect(file)
    hour_records = []
    span_ms = max(hours, 1) * HOUR_MS
    for number in range(records - hours):
        since_ms = START + (number * span_ms) // records
        name, is_up = names[number % DEVICES], (number // DEVICES) % 2 == 0
        words = ("up", "down") if is_up else ("down", "up")
        probes = tuple((since_ms - 60_000 * place, is_up) for place in range(16, 0, -1))
        status, was = words
        change = Transition(name, status, was, since_ms, since_ms + 60_000, "icmp", "hq", "confirmed", probes)  # type: ignore[arg-type]
        record(name, "transition", since_ms, change)
    for hour in range(hours):
        columns = made_hour(names, START + hour * HOUR_MS)
        body = pack(columns, None if hour % 24 == 0 else START + hour // 24 * 24 * HOUR_MS)
        digest = hashlib.sha256(body).hexdigest()
        record(
            "poller/hq", "coverage", columns.start_ms, HourOfCoverage("poller/hq", columns.start_ms, DEVICES, digest)
        )
        hour_records.append((columns.start_ms, "poller/hq", DEVICES, digest, body, seq))
    connection.executemany("INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.executemany("INSERT INTO coverage VALUES (?, ?, ?, ?, ?, ?)", hour_records)
    connection.commit()
    connection.close()


def made_hour(names: list[str], start_ms: int) -> CoverageColumns:
    """Return an hour in which all were seen once a minute, and not quite regularly."""
    first = array("I", (CHANCE.randrange(60_000) for _ in names))
    last = array("I", (one + 3_540_000 + CHANCE.randrange(9) for one in first))
    gap = array("I", (60_000 + CHANCE.randrange(20) for _ in names))
    same = [array("I", [number]) * len(names) for number in (60, 0, 180_000)]
    return CoverageColumns(start_ms, tuple(names), first, last, same[0], gap, same[1], same[2])


def tamper(file: Path, records: int) -> None:
    """Change one record in three ways, each time put back, and see that it is found."""
    seq = CHANCE.randrange(2, max(records - 10_000, records // 2))
    undone = f"UPDATE ledger SET {{}} WHERE seq = {seq}"  # noqa: S608
    for what, change, back in (
        ("changed", "body = replace(body, 'icmp', 'icmq')", "body = replace(body, 'icmq', 'icmp')"),
        ("moved", "seq = -5", None),
    ):
        run(file, undone.format(change))
        begun = time.perf_counter()
        broken = proof(file).broken
        print(f"record {seq:,} {what}: found {broken} in {time.perf_counter() - begun:.1f} s")
        run(file, undone.format(back) if back else f"UPDATE ledger SET seq = {seq} WHERE seq = -5")  # noqa: S608
    run(file, f"DELETE FROM ledger WHERE seq = {seq}")  # noqa: S608
    begun = time.perf_counter()
    print(f"record {seq:,} removed: found {proof(file).broken} in {time.perf_counter() - begun:.1f} s")


def run(file: Path, *statements: str) -> None:
    """Change the past as somebody with the file in his hands would."""
    connection = sqlite3.connect(file)
    for verb in ("update", "delete"):
        connection.execute(f"DROP TRIGGER IF EXISTS ledger_no_{verb}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


if __name__ == "__main__":
    main()
