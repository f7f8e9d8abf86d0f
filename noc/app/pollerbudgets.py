"""Byte budgets of sites and circuits, shared by the pollers that share their devices. Pure.

Nobody tells a poller what the others have spent of a line. So each takes of its budget what its devices are of all that
draw on it: together they keep to it, whoever polls what.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

from noc.inventory.inventory import Inventory
from noc.scheduling.budgets import holders_of, limits_of


def with_shared_budgets(inventory: Inventory, mine: Collection[str]) -> Inventory:
    """Return an inventory with the budgets that are left for these devices, by id; the same where none has one."""
    limits = dict(limits_of(inventory))
    if not limits:
        return inventory
    everybody: Counter[str] = Counter()
    ours: Counter[str] = Counter()
    for site in inventory.sites:
        devices = inventory.devices_of(site)
        taken = sum(device.id in mine for device in devices)
        for holder in holders_of(inventory, site):
            everybody[holder] += len(devices)
            ours[holder] += taken
    shares = {
        holder: limit * ours[holder] // everybody[holder]
        for holder, limit in limits.items()
        if 0 < ours[holder] < everybody[holder]
    }
    sites = {
        name: site.model_copy(update={"budget": shares.get(site.entity, site.budget)})
        for name, site in inventory.sites.items()
    }
    circuits = {
        name: circuit.model_copy(update={"budget": shares[circuit.entity], "byte_budget_per_hour": None})
        if circuit.entity in shares
        else circuit
        for name, circuit in inventory.circuits.items()
    }
    return replace(inventory, sites=sites, circuits=circuits)
