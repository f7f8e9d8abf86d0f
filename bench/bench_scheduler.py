"""The scheduler at full fleet: 20,303 devices, a liveness check a minute and a poll every five minutes each.

Prints CPU milliseconds per second of the whole process, and how late checks start. The checks themselves do nothing.
Usage: python bench/bench_scheduler.py [seconds]
"""

from __future__ import annotations

import asyncio
import resource
import statistics
import sys
import time

from noc.clock import SystemClock
from noc.model.check import Check
from noc.model.reading import Reading
from noc.scheduling.scheduler import Scheduler

DEVICES = 20_303


async def main(seconds: float) -> None:
    clock = SystemClock()

    async def ask(check: Check) -> Reading:
        return Reading(check.kind, "192.0.2.1", "bench", clock.now(), 0.0)

    scheduler = Scheduler(clock, ask, lambda check, reading: None, max_concurrent=500)
    checks = [Check(f"device/d{number}", "icmp", 60.0, 8.0, liveness=True) for number in range(DEVICES)]
    checks += [Check(f"device/d{number}", "snmp", 300.0, 60.0) for number in range(DEVICES)]
    began = time.process_time()
    scheduler.replace(checks)
    planned_s = time.process_time() - began
    scheduler.start()
    began, wall = time.process_time(), time.perf_counter()
    await asyncio.sleep(seconds)
    used_s, passed_s = time.process_time() - began, time.perf_counter() - wall
    await scheduler.stop()
    tally = scheduler.tally
    late = statistics.quantiles(tally.lateness_s, n=1000)
    print(f"checks                    {len(checks):>10,}")
    print(f"taking up the plan        {planned_s * 1000:>10.0f} ms CPU")
    print(f"started a second          {tally.started / passed_s:>10.0f}")
    print(f"CPU a second              {used_s / passed_s * 1000:>10.1f} ms")
    print(f"CPU a check               {used_s / max(tally.started, 1) * 1e6:>10.1f} µs")
    print(f"late p50 / p99 / p99.9    {late[499] * 1000:.2f} / {late[989] * 1000:.2f} / {late[998] * 1000:.2f} ms")
    print(f"missed, held, faults      {tally.missed}, {tally.held}, {tally.faults}")
    print(f"memory                    {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:>10.0f} MB")


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 20.0))
