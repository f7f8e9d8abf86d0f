"""The planned times of all windows, as the arithmetic takes them. Pure.

The arithmetic knows the edge devices of sites, and the sites of regions, because figures are made of them. A window
holds for all that stands below its entity; so what else stands there is named here, with a window of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from noc.availability.policy import Window
from noc.inventory.inventory import Inventory
from noc.maintenance.below import below
from noc.maintenance.occurrences import occurrences
from noc.model.window import PlannedWindow


def planned_times(windows: Iterable[PlannedWindow], inventory: Inventory, start_ms: int, end_ms: int) -> list[Window]:
    """Return the times of windows that overlap `[start_ms, end_ms)`, each whole, for all that they hold for.

    Edge devices, sites of regions and parts of devices are not named again: whoever reads the times knows of them.
    """
    edges = {f"device/{edge}" for site in inventory.sites.values() for edge in site.edge_devices}
    found: list[Window] = []
    for window in windows:
        times = occurrences(window, start_ms, end_ms)
        if not times:
            continue
        found += times
        for entity in below(inventory, window.entity):
            if entity not in edges and not entity.startswith("site/"):
                found += [replace(one, entity=entity) for one in times]
    return found
