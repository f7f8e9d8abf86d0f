"""What drawings of the topology cost, graph and layout, in the simulated world of 20,303 devices.

    python bench/bench_topology.py [--runs 5]

CPU milliseconds. First: nothing is known yet of what hangs on what. Then: as for each page after it.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from noc.app.check import check
from noc.inventory.inventory import Inventory
from noc.model.present import Word
from noc.simulator.configuration import write_configuration
from noc.simulator.world import build
from noc.sketch import views
from noc.sketch.graph import Graph
from noc.sketch.layout import layout
from noc.sketch.ways import Ways
from noc.topology import Topology

DOWN = 0.03


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    runs: int = parser.parse_args().runs
    inventory = _inventory()
    largest = max(inventory.sites, key=lambda site: len(inventory.devices_of(site)))
    chance = random.Random(1)  # noqa: S311 a made-up world, no secret
    down = {f"device/{key}" for key in inventory.devices if chance.random() < DOWN}

    def status(entity: str) -> Word:
        return "down" if entity in down else "up"

    print(f"{len(inventory.sites)} sites, {len(inventory.devices)} devices; Python {platform.python_version()}")
    edge = f"device/{inventory.sites[largest].edge_devices[0]}"
    symptoms = [device.entity for device in list(inventory.devices.values())[:500]]
    drawn: dict[str, Callable[[Ways], Graph]] = {
        f"site {largest}, {len(inventory.devices_of(largest))} devices": lambda ways: views.site(
            ways, status, f"site/{largest}"
        ),
        f"{edge}": lambda ways: views.device(ways, status, edge),
        f"path {largest} to brindisi": lambda ways: views.path(ways, status, [f"site/{largest}", "site/brindisi"]),
        f"incident, {len(symptoms)} symptoms": lambda ways: views.incident(ways, status, edge, symptoms),
        "network": lambda ways: views.network(ways, status),
    }
    print(f"{'':32}{'nodes':>7}{'first ms':>10}{'then ms':>9}")
    for name, draw in drawn.items():
        first, then, nodes = [], [], 0
        for _ in range(runs):
            topology = Topology(inventory)
            first.append(_took(lambda draw=draw, topology=topology: layout(draw(Ways(topology)))))  # type: ignore[misc]
            then.append(_took(lambda draw=draw, topology=topology: layout(draw(Ways(topology)))))  # type: ignore[misc]
            nodes = len(draw(Ways(topology)).nodes)
        print(f"{name:32}{nodes:>7}{statistics.median(first):>10.1f}{statistics.median(then):>9.1f}")


def _took(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1_000


def _inventory() -> Inventory:
    with tempfile.TemporaryDirectory() as name:
        found = check(write_configuration(build(), Path(name), 1161), dict(os.environ))
    if found.inventory is None:
        raise SystemExit("the simulated world can't be read")
    return found.inventory


if __name__ == "__main__":
    main()
