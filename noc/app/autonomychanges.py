"""What people change beside the settings, on its way to pollers that call people by themselves (docs/adr/0026).

Planned windows, and who is on call instead of whom a schedule names: made or taken back after a plan was fetched, they
go along with the centre's open incidents.
"""

from __future__ import annotations

from typing import Final

from alerts.changes import Changes
from alerts.oncallnow import BACK_MS
from noc.app.remotetales import speaks_of
from noc.bus.tales import CHANGES_AT_MOST, DecisionThere, HandoverThere, OpenIncidents, OverrideThere, WindowThere
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
        windows=tuple(map(_window, planned[_NEWEST])),
        overrides=tuple(map(_override, changes.overrides[_NEWEST])),
        handovers=tuple(map(_handover, changes.handovers[_NEWEST])),
    )


def changes_of(said: OpenIncidents) -> Changes | None:
    """Return what people changed at the centre; None where it doesn't say. Pure."""
    if said.windows is None:
        return None
    return Changes(
        [_planned(one) for one in said.windows if one.decisions],
        [_of_override(one) for one in said.overrides],
        [_of_handover(one) for one in said.handovers],
    )


def _window(one: PlannedWindow) -> WindowThere:
    decisions = tuple(
        DecisionThere(
            since_ms=decision.since_ms,
            step=decision.step,
            start_ms=decision.start_ms,
            end_ms=decision.end_ms,
            rrule=decision.rrule,
            zone=decision.zone,
            without=decision.without,
        )
        for decision in one.decisions
    )
    return WindowThere(number=one.number, entity=one.entity, decisions=decisions)


def _planned(one: WindowThere) -> PlannedWindow:
    return PlannedWindow(
        tuple(
            WindowDecision(
                entity=one.entity,
                since_ms=decision.since_ms,
                window=one.number,
                step=decision.step,
                start_ms=decision.start_ms,
                end_ms=decision.end_ms,
                rrule=decision.rrule,
                zone=decision.zone,
                without=decision.without,
                who="",
                why="",
            )
            for decision in one.decisions
        )
    )


def _override(one: Override) -> OverrideThere:
    return OverrideThere(
        id=one.id,
        schedule=one.schedule,
        start_ms=one.start_ms,
        end_ms=one.end_ms,
        person=one.person,
        instead_of=one.instead_of,
        made_ms=one.made_ms,
        cancelled_ms=one.cancelled_ms,
    )


def _handover(one: Handover) -> HandoverThere:
    return HandoverThere(
        id=one.id,
        schedule=one.schedule,
        at_ms=one.at_ms,
        outgoing=one.outgoing,
        incoming=one.incoming,
        written_ms=one.written_ms,
        accepted_ms=one.accepted_ms,
    )


def _of_override(one: OverrideThere) -> Override:
    return Override(
        id=one.id,
        schedule=one.schedule,
        start_ms=one.start_ms,
        end_ms=one.end_ms,
        person=one.person,
        instead_of=one.instead_of,
        made_ms=one.made_ms,
        cancelled_ms=one.cancelled_ms,
    )


def _of_handover(one: HandoverThere) -> Handover:
    return Handover(
        id=one.id,
        schedule=one.schedule,
        at_ms=one.at_ms,
        outgoing=one.outgoing,
        incoming=one.incoming,
        text="",
        written_ms=one.written_ms,
        accepted_ms=one.accepted_ms,
    )
