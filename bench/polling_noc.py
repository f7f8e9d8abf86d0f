"""noc's side of bench_polling.py, in a process of its own: poll, ingest, encode, spool, until all is on disk.

Standard input: the job as JSON; standard output: what it took, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from collectors.snmp import SnmpTarget, collect
from noc.clock import SystemClock
from noc.inventory.profiles.load import load_profiles
from noc.inventory.shipped import shipped
from noc.model.check import Check
from noc.model.reading import Known, Reading
from noc.pipeline.fanout import Fanout
from noc.pipeline.ingest import Ingest
from noc.pipeline.status import Statuses
from noc.spool.payload import packed
from noc.spool.spool import Spool
from noc.wire.snmp import Agent, Community

PROFILES, _ = load_profiles([shipped("profiles")])
SPOOL_BYTES = 1 << 30


@dataclass(frozen=True)
class Job:
    """Which agents are polled, so many times by known rows after the discovery, so many at once."""

    addresses: list[str]
    port: int
    community: str
    at_once: int
    passes: int


@dataclass
class Cost:
    """What polls took. values: that the agents gave; numbers: that were spooled."""

    polls: int = 0
    cpu_s: float = 0.0
    wall_s: float = 0.0
    values: int = 0
    numbers: int = 0
    memory_mb: float = 0.0


def cpu_s() -> float:
    """Return the CPU seconds of this process, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def agent(job: Job, address: str) -> Agent:
    """Return how an agent is reached."""
    return Agent(address, Community(job.community), job.port)


def values(reading: Reading) -> int:
    """Return how many values an agent gave."""
    if reading.failure is not None or reading.snmp is None or reading.parts:
        raise SystemExit(f"{reading.address}: not read whole: {reading.failure or reading.parts}")
    tables = reading.snmp.tables.values()
    return len(reading.snmp.scalars) + sum(len(row) for rows in tables for row in rows.values())


class Side:
    """What stands between the socket and the disk."""

    def __init__(self, job: Job, folder: Path) -> None:
        self._job = job
        self._clock = SystemClock()
        self._spool = Spool(folder, self._clock, SPOOL_BYTES)
        self._numbers = 0
        self._last = 0
        self._fanout = Fanout(self._clock, lambda batch: setattr(self, "_last", self._spool.put(packed(batch))))
        context = {"site": "nairobi", "region": "africa", "device_class": "switch"}
        self._ingest = Ingest(PROFILES, Statuses(), lambda entity: {"device": entity[7:], **context})
        self._known: dict[str, Known] = {}

    async def run(self) -> tuple[Cost, Cost]:
        """Return what the discovery of each device took, and what the polls by known rows."""
        await self._spool.start()
        discovery = await self._measured(1)
        fast = await self._measured(self._job.passes)
        await self._spool.stop()
        return discovery, fast

    async def _measured(self, passes: int) -> Cost:
        cost, used, began = Cost(), cpu_s(), time.perf_counter()
        self._numbers = 0
        for _ in range(passes):
            left = iter(self._job.addresses)
            await asyncio.gather(*(self._work(left, cost) for _ in range(self._job.at_once)))
        await self._fanout.stop()
        await self._spool.durable(self._last)
        cost.cpu_s, cost.wall_s = cpu_s() - used, time.perf_counter() - began
        cost.numbers = self._numbers
        cost.memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return cost

    async def _work(self, left: Iterator[str], cost: Cost) -> None:
        for address in left:
            target = SnmpTarget(agent(self._job, address), 60.0, known=self._known.get(address))
            reading = await collect(target, PROFILES, self._clock, "bench")
            if reading.known is not None:
                self._known[address] = reading.known
            ingested = self._ingest.take(Check(f"device/{address}", "snmp", 300.0, 60.0), reading)
            self._fanout.take(ingested.samples)
            cost.polls += 1
            cost.values += values(reading)
            self._numbers += sum(len(row) - row.count(None) for samples in ingested.samples for row in samples.values)


def main() -> None:
    job = Job(**json.load(sys.stdin))
    with tempfile.TemporaryDirectory(prefix="noc-bench-") as folder:
        discovery, fast = asyncio.run(Side(job, Path(folder)).run())
    print(json.dumps([asdict(discovery), asdict(fast)]))


if __name__ == "__main__":
    main()
