"""`noc incident list`: those that are asked for, the newest first."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from alerts.wanted import Wanted
from noc.cli._config import default_config
from noc.inventory.inventory import Inventory
from noc.model.errors import UsageError
from noc.model.finding import did_you_mean
from noc.model.incident import Incident
from noc.state import incidents
from noc.state.database import Transaction

CHUNK: Final = 500


def inventory_for(wanted: Wanted, config: Path | None) -> Inventory:
    """Return the inventory, where it takes one to tell what is asked for. Raises UsageError for an unknown place."""
    if not (wanted.site or wanted.region or wanted.text):
        return Inventory()
    from noc.app.check import check  # noqa: PLC0415 it brings all of noc along, for which most lists needn't wait

    inventory = check(config or default_config(), os.environ).inventory or Inventory()
    for option, name, known in (("site", wanted.site, inventory.sites), ("region", wanted.region, inventory.regions)):
        if name and name not in known:
            raise UsageError(f"--{option}: there is no {option} '{name[:60]}'{did_you_mean(name[:60], known)}")
    return inventory


async def listed(
    connection: Transaction,
    wanted: Wanted,
    inventory: Inventory,
    state: incidents.StateWord | None,
    entity: str | None,
    last: int,
) -> list[Incident]:
    """Return the newest incidents that are asked for, `last` at most."""
    found: list[Incident] = []
    before: int | None = None
    size = min(last, CHUNK) if wanted.is_anything else CHUNK
    while len(found) < last:
        rows = await incidents.page(connection, state=state, entity=entity, before=before, limit=size)
        found += [row for row in rows if wanted.takes(row, inventory)]
        if len(rows) < size:
            break
        before = rows[-1].id
    return found[:last]
