"""What `noc check` finds wrong with the uplink of the poller: names of nothing."""

from __future__ import annotations

from collections.abc import Iterator

from noc.app.includes import Merged
from noc.inventory.inventory import Inventory
from noc.model.finding import Finding, did_you_mean


def wrong_uplink(uplink: tuple[str, ...], merged: Merged, inventory: Inventory) -> Iterator[Finding]:
    """Yield the names of `polling: uplink:` that are no device, circuit or site of the inventory."""
    known: set[str] = {one.entity for one in inventory.devices.values()}
    known |= {one.entity for one in inventory.circuits.values()} | {one.entity for one in inventory.sites.values()}
    for index, name in enumerate(uplink):
        if name not in known:
            message = f"polling.uplink: there is no entity '{name}'{did_you_mean(name, known)}; write device/NAME"
            yield merged.place("polling", "uplink", index).finding(message)
