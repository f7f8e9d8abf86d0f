"""How long it takes to restate the ledger after a fleet was cut off for six hours, and came back with all its results.

python bench/bench_restate.py [--devices 20303]
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from noc.app.restating import restate_late
from noc.availability.evidence import Result
from noc.inventory.entities import Device
from noc.inventory.inventory import Inventory
from noc.model.transition import Transition
from noc.pipeline.policy import availability_policy
from noc.state import ledger
from noc.state.database import Database
from tests.things import device

START = 1_772_323_200_000
MINUTE = 60_000
HOUR = 60 * MINUTE
CUT, BACK, NOW = START + HOUR, START + 7 * HOUR, START + 8 * HOUR


def main() -> None:
    """Run, and print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--devices", type=int, default=20_303)
    count = parser.parse_args().devices
    devices = {f"d{number}": named(f"d{number}") for number in range(count)}
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder), Inventory(regions={}, sites={}, devices=devices)))


def named(name: str) -> Device:
    """Return a device that is probed each minute."""
    return replace(device(name), site="s")


async def run(folder: Path, inventory: Inventory) -> None:
    """Fill a ledger, and restate it."""
    names = [one.entity for one in inventory.devices.values()]
    probe = availability_policy(inventory).probe_of(names[0])
    stale = CUT + probe.stale_after
    database = Database(folder / "noc.db")
    await database.start()
    changes = []
    for name in names:
        up = Transition(name, "up", "unknown", START, START, "icmp", "hq", "confirmed", ())
        gone = replace(up, status="unknown", before="up", since_ms=stale, decided_ms=stale, reason="stale")
        changes += [up, gone, replace(up, since_ms=BACK, decided_ms=BACK)]
    async with database.write() as connection:
        await ledger.append(connection, changes)
    seen = [(at, True) for at in (*range(START, CUT + 1, MINUTE), *range(BACK, NOW, MINUTE))]
    late = [(at, at % (2 * HOUR) > 10 * MINUTE) for at in range(CUT + MINUTE, BACK, MINUTE)]

    async def known(_: str, start: int, stop: int) -> Sequence[Result]:
        return [one for one in seen if start <= one[0] < stop]

    for what in ("restated", "the same again"):
        began, cpu = time.perf_counter(), time.process_time()
        done = await restate_late(
            database, inventory, dict.fromkeys(names, late), known, poller="p", now_ms=NOW, write=True
        )
        changed = sum(one.restatement is not None for one in done.outcomes)
        took, spent = time.perf_counter() - began, time.process_time() - cpu
        print(f"{what}: {len(names):,} devices, {len(late)} late results each: {changed:,} restatements")
        print(f"  {took:.1f} s, {spent:.1f} s of CPU; {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    await database.stop()


if __name__ == "__main__":
    main()
