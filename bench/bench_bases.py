"""What bases of pollers take in the centre's memory, and what looking at one costs.

    python bench/bench_bases.py [--devices 2000] [--kinds 60]

Answers of simulated devices, whose counters are moved on by chance until there is one of each device; their bases are
kept as objects, and as the centre keeps them.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import random
import resource
import tempfile
import time
from pathlib import Path

from bench_poller import OPEN_FILES, answers, onward

from noc.bus.bases import Base, Keeping, Whose, based_on, whole
from noc.bus.cells import laid_out
from noc.model.reading import SnmpAnswer


def resident() -> int:
    """Return the resident memory of this process, octets."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def made(pairs: list[tuple[SnmpAnswer, SnmpAnswer]], number: int) -> Base:
    """Return the base of a device, with objects of its own as they would come out of a frame."""
    before, after = pairs[number % len(pairs)]
    step = onward(before, after, 30.0, random.Random(number))  # noqa: S311 made-up counters
    keeping = Keeping(1)
    base = based_on(*laid_out(step), Whose(f"device/d{number}:snmp", "192.0.2.1", number))
    keeping.keep(whole(base))
    return keeping.of(base.digest) or base


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=2_000)
    parser.add_argument("--kinds", type=int, default=60)
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    with tempfile.TemporaryDirectory() as folder:
        told = asyncio.run(answers(Path(folder), asked.kinds, 10.0))
    pairs = [(before.snmp or SnmpAnswer(""), after.snmp or SnmpAnswer("")) for before, after in told]
    made(pairs, 0)
    begun = resident()
    objects = [made(pairs, number) for number in range(asked.devices)]
    unpacked = resident() - begun
    keeping = Keeping(asked.devices)
    for base in objects:
        keeping.keep(whole(base))
    values = sum(len(column) for base in objects for column in base.cells)
    begun_s = time.process_time()
    for base in objects:
        keeping.of(base.digest)
    took_us = (time.process_time() - begun_s) / len(objects) * 1e6
    print(f"{len(objects)} bases of {values / len(objects):.0f} values")
    as_objects, packed = unpacked / len(objects) / 1024, keeping.octets / len(keeping) / 1024
    print(f"  as objects {as_objects:.1f} kB each, packed {packed:.1f}")
    print(f"  {took_us:.0f} µs of CPU to look at one")


if __name__ == "__main__":
    main()
