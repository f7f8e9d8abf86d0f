"""Thousands of devices down at once: when the first page is written, how many there are, and what it costs.

    python bench/bench_storm.py [--devices 5000] [--shape hub|alone]

hub: all hang on one hub site, which is lost. alone: nothing is known of what they hang on, and all fail at once.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from noc.inventory.inventory import Inventory
from tests.flows.world import World, circuit, device, inventory, site

PER_SITE = 34


def fleet(count: int, shape: str) -> Inventory:
    """Return a hub, and field sites behind it or not."""
    numbers = iter(range(1, 1_000_000))
    hub = [device("hub-1", "hub", next(numbers)), device("hub-2", "hub", next(numbers))]
    sites, devices, lines = [site("hub", "hub-1", "hub-2")], hub, []
    for index in range(count // PER_SITE):
        name = f"f{index}"
        edge = f"{name}-0"
        sites.append(site(name, edge) if shape == "hub" else site(name))
        devices += [device(f"{name}-{one}", name, next(numbers)) for one in range(PER_SITE)]
        if shape == "hub":
            lines += [circuit(f"{name}-{z}", name, edge, f"hub-{z}") for z in (1, 2)]
    return inventory(sites, devices, lines)


async def run(count: int, shape: str) -> None:
    """Let all fail, and tell what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), fleet(count, shape))
        await world.begin()
        began_s, probes = world.clock.at_s, world.probes
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        world.fail(*(one.entity for one in world.inventory.devices.values()))
        await world.go(180)
        cpu_s, wall_s = time.process_time() - cpu_s, time.perf_counter() - wall_s
        told = [(round(at_s - began_s, 1), kind, entity) for kind, entity, at_s in await world.notices()]
        open_ones = [one for one in await world.incidents() if one.resolved_ms is None]
        held = sum([len(await world.symptoms(one.id)) for one in open_ones])
        print(f"{shape}: {len(world.inventory.devices)} devices down, 3 minutes of virtual time")
        print(f"  messages: {told[:12]}{' ...' if len(told) > 12 else ''}, {len(told)} in all")
        print(f"  open incidents: {[one.entity for one in open_ones][:12]}, {len(open_ones)}; symptoms: {held}")
        print(f"  probes {world.probes - probes}, asked again {world.reprobing.asked}, shed {world.reprobing.shed}")
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        print(f"  CPU {cpu_s:.1f} s, wall {wall_s:.1f} s, peak {peak_mb} MB")
        world.down.clear()
        cpu_s = time.process_time()
        await world.go(300)
        cpu_s, more, left = time.process_time() - cpu_s, len(await world.notices()) - len(told), len(await world.open())
        print(f"  recovery: {cpu_s:.1f} s CPU, {more} messages, {left} open")
        await world.database.stop()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--devices", type=int, default=5000)
    parser.add_argument("--shape", choices=("hub", "alone"), default="hub")
    arguments = parser.parse_args()
    asyncio.run(run(arguments.devices, arguments.shape))


if __name__ == "__main__":
    main()
