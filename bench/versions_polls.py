"""One version's side of bench_versions.py: polls by known rows, a turn for each line of standard input.

    python bench/versions_polls.py '[["127.1.0.1", …], 1161, 2]'     addresses, port, rounds of a turn

Standard output: milliseconds of CPU a poll, a line for each turn. Which version it is says PYTHONPATH.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from collections.abc import Sequence

from collectors.snmp import SnmpTarget, collect
from noc.clock import SystemClock
from noc.inventory.profiles.load import load_profiles
from noc.inventory.shipped import shipped
from noc.model.reading import Known
from noc.wire.snmp import Agent, Community, Memory

AT_ONCE = 40


def used_s() -> float:
    """Return the CPU seconds of this process, user and system, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def poll_for_ever(addresses: Sequence[str], port: int, rounds: int) -> None:
    """Poll all devices so many times for each line that is read."""
    profiles, _ = load_profiles([shipped("profiles")])
    clock, memory = SystemClock(), Memory()
    known: dict[str, Known | None] = dict.fromkeys(addresses)

    async def some(left: list[str]) -> None:
        while left:
            address = left.pop()
            target = SnmpTarget(Agent(address, Community("public"), port), 60.0, known=known[address])
            reading = await collect(target, profiles, clock, "bench", memory)
            if reading.failure is not None or reading.parts:
                raise SystemExit(f"{address}: not read whole: {reading.failure or reading.parts}")
            known[address] = reading.known or known[address]

    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        begun_s = used_s()
        for _ in range(rounds):
            left = list(addresses)
            await asyncio.gather(*(some(left) for _ in range(AT_ONCE)))
        print(json.dumps((used_s() - begun_s) / (rounds * len(addresses)) * 1_000), flush=True)


if __name__ == "__main__":
    asyncio.run(poll_for_ever(*json.loads(sys.argv[1])))
