"""What people change beside the settings, on its way to pollers that call people by themselves (docs/adr/0026).

Planned windows, and who is on call instead of whom a schedule names: made or taken back after a plan was fetched, they
go along with the centre's open incidents.
"""

from __future__ import annotations

from typing import Final

from alerts.changes import Changes
from alerts.oncallnow import BACK_MS
from noc.app.remotetales import speaks_of
from noc.bus.tales import (
    CHANGES_AT_MOST,
    HandoverThere,
    OpenIncidents,
    OverrideThere,
    WindowThere,
    fields_of,
    told_as,
)
from noc.inventory.inventory import Inventory
from noc.maintenance.below import self_and_above
from noc.model.oncall import Handover, Override
from noc.model.window import PlannedWindow, WindowDecision
from noc.state import handovers, overrides, windows
from noc.state.database import Transaction

_NEWEST: Final = slice(-CHANGES_AT_MOST, None)


async def changes_near(connection: Transaction, now_ms: int) -> Changes:
    """Return what people changed, as far as it may still matter."""
    return Changes(
        await windows.coming(connection, now_ms),
        await overrides.near(connection, now_ms - BACK_MS),
        await handovers.near(connection, now_ms - BACK_MS),
    )


def with_changes(said: OpenIncidents, changes: Changes, scope: frozenset[str], inventory: Inventory) -> OpenIncidents:
    """Return a list with what people changed: windows of a group's scope, and of what that is below. Pure."""
    above = {name for device in scope for name in self_and_above(inventory, f"device/{device}")}
    planned = [one for one in changes.windows if one.entity in above or speaks_of(one.entity, "", scope, inventory)]
    return OpenIncidents(
        at_ms=said.at_ms,
        incidents=said.incidents,
        windows=tuple(told_as(one, WindowThere) for one in planned[_NEWEST]),
        overrides=tuple(told_as(one, OverrideThere) for one in changes.overrides[_NEWEST]),
        handovers=tuple(told_as(one, HandoverThere) for one in changes.handovers[_NEWEST]),
    )


def changes_of(said: OpenIncidents) -> Changes | None:
    """Return what people changed at the centre; None where it doesn't say. Pure."""
    if said.windows is None:
        return None
    return Changes(
        [_planned(one) for one in said.windows if one.decisions],
        [Override(**fields_of(one)) for one in said.overrides],
        [Handover(text="", **fields_of(one)) for one in said.handovers],
    )


def _planned(one: WindowThere) -> PlannedWindow:
    decisions = map(fields_of, one.decisions)
    return PlannedWindow(
        tuple(WindowDecision(entity=one.entity, window=one.number, who="", why="", **each) for each in decisions)
    )
