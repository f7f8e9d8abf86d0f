"""What the daemon's memory of devices takes: its process before it knows of any, and when it knows all.

It has the daemon's inventory, scheduler, collectors, statuses, rates, known rows, last snapshots and spool. Not in it:
the store, whose memory goes by the values of two hours (bench_store.py), the rules and the pages. `polling` is with the
polls that are under way, `at rest` without: a busy machine has as many as may be, each with its answers so far.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from collectors._ports import Doors
from noc.app.build import plan_of
from noc.app.check import check
from noc.app.gathering import Plan
from noc.app.polling import Polling
from noc.clock import SystemClock
from noc.inventory.inventory import Inventory
from noc.model.check import Check
from noc.pipeline.fanout import Fanout
from noc.pipeline.ingest import Ingested
from noc.pipeline.present import Presence
from noc.pipeline.status import Statuses
from noc.simulator.configuration import write_configuration
from noc.simulator.world import World, build
from noc.spool.payload import packed
from noc.spool.spool import Spool
from noc.state.committer import Committer
from noc.state.database import Database
from noc.wire.icmp import Pinger
from noc.wire.ssh import HostKeyFiles, HostKeys, Shell

Simulator = Callable[[Path, int, int], AbstractContextManager[tuple[World, int]]]

SPOOL_BYTES = 1 << 30
AT_ONCE = 500
"""As the daemon's default."""
DEVICES_A_SECOND = 60
"""Both sides share the machine: a poll interval is so long that they can."""
OPEN_FILES = 16_384


def show(counts: Sequence[int], simulator: Simulator, folder: Path) -> None:
    """Run a process for each number of devices and print what it says."""
    heads = (
        ("devices", 9),
        ("interfaces", 12),
        ("sensors", 9),
        ("before MB", 11),
        ("polling MB", 12),
        ("at rest MB", 12),
        ("kB a device", 13),
    )
    print("".join(f"{head:>{width}}" for head, width in (*heads, ("CPU s", 8))))
    for count in counts:
        room = folder / str(count)
        room.mkdir()
        with simulator(room, min(594, count), count) as (world, port):
            path = write_configuration(world, room, port)
            done = subprocess.run([sys.executable, __file__, str(path)], stdout=subprocess.PIPE, check=True, text=True)
        said = json.loads(done.stdout)
        cells = (said["interfaces"], said["sensors"])
        megabytes = (said["before_mb"], said["polling_mb"], said["rest_mb"])
        print(f"{count:>9,}{cells[0]:>12,}{cells[1]:>9,}", end="")
        print(f"{megabytes[0]:>11.0f}{megabytes[1]:>12.0f}{megabytes[2]:>12.0f}", end="")
        print(f"{(megabytes[2] - megabytes[0]) * 1024 / count:>13.1f}{said['cpu_s']:>8.0f}", flush=True)


def memory_mb() -> float:
    """Return the resident memory of this process."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


class Watcher:
    """Takes what polling tells, as the daemon does."""

    def __init__(self, presence: Presence, fanout: Fanout) -> None:
        self._presence = presence
        self._fanout = fanout
        self.polls: dict[str, int] = {}
        self.moved = asyncio.Event()

    def told(self, asked: Check | None, ingested: Ingested) -> None:
        """Hand the samples on, keep the snapshot."""
        self._fanout.take(ingested.samples)
        if asked is not None and ingested.snapshot is not None:
            self._presence.keep(asked.entity, ingested.snapshot)
            self.polls[asked.entity] = self.polls.get(asked.entity, 0) + 1
            self.moved.set()


async def watch(path: Path) -> dict[str, float]:
    """Watch all devices of a configuration until each was polled twice, and return what that took."""
    folder = path.parent
    check(write_configuration(build(1, 1), folder / "smallest", 1), {})  # what no number of devices changes
    first = Database(folder / "smallest.db")  # making a schema imports what a later start needs no more
    await first.start()
    await first.stop()
    before_mb = memory_mb()
    checked = check(path, {})
    base = plan_of(checked)
    count = len(base.inventory.devices)
    every = timedelta(seconds=max(60, count / DEVICES_A_SECOND))
    clock = SystemClock()
    devices = {
        name: replace(device, watch=replace(device.watch, poll_interval=every))
        for name, device in base.inventory.devices.items()
    }
    plan = Plan(Inventory(base.inventory.regions, base.inventory.sites, devices), base.snmp)
    del base, devices
    database, statuses = Database(folder / "noc.db"), Statuses()
    spool = Spool(folder / "spool", clock, SPOOL_BYTES)
    fanout = Fanout(clock, lambda batch: spool.put(packed(batch)))
    presence = Presence(statuses, lambda: plan.inventory, clock)
    watcher = Watcher(presence, fanout)
    shell = Shell(HostKeys(HostKeyFiles(folder / "known_hosts"), "accept-new"), clock)
    doors = Doors(clock, "bench", checked.profiles, Pinger(), shell)
    nobody = Plan(Inventory(), {})
    polling = Polling(nobody, doors, database, Committer(database, clock, list), statuses, AT_ONCE, watcher.told)
    for service in (database, spool, polling):
        await service.start()
    polling.replace(plan)
    while len(watcher.polls) < count or min(watcher.polls.values()) < 2:
        watcher.moved.clear()
        await watcher.moved.wait()
    polling_mb = memory_mb()
    await polling.stop()  # what it knows stays; on a busy machine hundreds of polls are under way, and hold theirs
    rest_mb = memory_mb()
    for service in (fanout, spool, database):
        await service.stop()
    used = resource.getrusage(resource.RUSAGE_SELF)
    taken = [presence.snapshot(entity) for entity in watcher.polls]
    return {
        "before_mb": before_mb,
        "polling_mb": polling_mb,
        "rest_mb": rest_mb,
        "cpu_s": used.ru_utime + used.ru_stime,
        "interfaces": sum(len(one.interfaces) for one in taken if one is not None),
        "sensors": sum(len(one.sensors) for one in taken if one is not None),
    }


def main() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(OPEN_FILES, hard), hard))
    print(json.dumps(asyncio.run(watch(Path(sys.argv[1])))))


if __name__ == "__main__":
    main()
