"""The life of an incident as time goes by: its priority and targets, what expires, what is closed, what comes back.

Functions over one transaction of the caller, which also reads the clock. What people do with it is in alerts/desk.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final

from alerts.due import next_ms, overdue, target_ms
from alerts.lifesettings import DEFAULTS, LifeSettings
from alerts.priority import ranked
from alerts.windows import OF_WINDOWS
from noc.inventory.inventory import Inventory
from noc.model.clockstep import HELD
from noc.model.incident import Entry, EntryKind, Fact, Incident
from noc.model.instants import length_ms
from noc.state import clocksteps, incidents, outbox
from noc.state.database import Transaction

BY_ITSELF: Final = frozenset({"up", "cleared"})
"""Why an incident ended that is reopened when the same comes back."""


async def advance(
    connection: Transaction, incident: Incident, now_ms: int, *, settings: LifeSettings = DEFAULTS
) -> Incident:
    """Do what its life asks for by now, and return it as it is then.

    A priority that somebody set or released gets its targets; an acknowledgement that was for a time expires, and
    people are called anew; a target that passed is marked, once; what has been over for long enough is closed.
    """
    close_after_ms = length_ms(settings.close_after)
    if incident.resolved_ms is None and incident.respond_by_ms is None:
        incident = await _prioritised(connection, incident, now_ms, settings)
    if incident.resolved_ms is not None:
        if incident.closed_ms is None and now_ms >= incident.resolved_ms + close_after_ms:
            incident = await _changed(connection, incident, closed_ms=now_ms)
            await _record(connection, incident, now_ms, "closed", {"why": "after", "after_s": close_after_ms // 1000})
    else:
        until_ms = incident.acknowledged_until_ms
        if incident.acknowledged_ms is not None and until_ms is not None and until_ms <= now_ms:
            incident = await _expire(connection, incident, now_ms)
        await _mark(connection, incident, now_ms)
    return await again(connection, incident, now_ms, close_after_ms)


async def opened(
    connection: Transaction,
    incident: Incident,
    affected: Collection[str],
    inventory: Inventory,
    now_ms: int,
    *,
    settings: LifeSettings = DEFAULTS,
) -> Incident:
    """Give an incident its priority and targets, and return it. affected: as in `ranked`."""
    return await _rank(connection, incident, affected, inventory, now_ms, settings)


async def grew(
    connection: Transaction,
    incident: Incident,
    affected: Collection[str],
    inventory: Inventory,
    now_ms: int,
    *,
    settings: LifeSettings = DEFAULTS,
) -> Incident:
    """Raise the priority of an incident where more is affected now, and return it. It never falls by itself.

    affected: everything that is affected, not only what is new.
    """
    return await _rank(connection, incident, affected, inventory, now_ms, settings)


async def reopenable(
    connection: Transaction, rule: str, entity: str, now_ms: int, *, settings: LifeSettings = DEFAULTS
) -> Incident | None:
    """Return the incident that goes on where the same comes back; None where another one begins.

    It must have ended by itself, a short time ago, and not as a part of another.
    """
    found = await incidents.last_of(connection, rule, entity)
    since_ms = now_ms - length_ms(settings.reopen_within)
    if found is None or found.resolved_ms is None:
        return None
    if (await clocksteps.steps(connection)).here(found.resolved_ms) < since_ms or found.closed_ms is not None:
        return None
    if found.resolved_by is not None or found.parent is not None:
        return None
    ends = [entry for entry in await incidents.timeline_of(connection, found.id) if entry.kind == "resolved"]
    return found if ends and ends[-1].facts.get("why") in BY_ITSELF else None


async def reopen(
    connection: Transaction,
    incident: Incident,
    now_ms: int,
    *,
    who: str | None = None,
    facts: Mapping[str, Fact] | None = None,
) -> Incident:
    """Make a resolved incident new again: people are called anew, its targets count from now. Return it.

    facts: `why`, and what was seen. Raises sqlalchemy's IntegrityError where another of its rule and entity is open.
    """
    for notice in await outbox.of_incident(connection, incident.id):
        if notice.kind == "resolved" and notice.state == "queued":
            await outbox.drop(connection, notice.id)
    kept = {name: fact for name, fact in incident.facts.items() if name not in OF_WINDOWS}
    await incidents.put_facts(connection, incident.id, kept)
    found = await _anew(
        connection,
        replace(incident, facts=kept),
        now_ms,
        resolved_ms=None,
        resolved_by=None,
        closed_ms=None,
        reopened_ms=now_ms,
        reopened=incident.reopened + 1,
    )
    await _record(connection, found, now_ms, "reopened", facts or {"why": "again"}, who)
    return await again(connection, found, now_ms, 0)


async def again(connection: Transaction, incident: Incident, now_ms: int, close_after_ms: int) -> Incident:
    """Note when its life goes on by itself."""
    at_ms = next_ms(incident, now_ms, close_after_ms)
    return incident if at_ms == incident.life_ms else await _changed(connection, incident, life_ms=at_ms)


async def _expire(connection: Transaction, incident: Incident, now_ms: int) -> Incident:
    said: dict[str, Fact] = {"owner": incident.acknowledged_by, "until_ms": incident.acknowledged_until_ms}
    kept = {name: fact for name, fact in incident.facts.items() if name != HELD}
    await incidents.put_facts(connection, incident.id, kept)
    incident = await _anew(connection, replace(incident, facts=kept), now_ms)
    await _record(connection, incident, now_ms, "expired", said)
    return incident


async def _anew(connection: Transaction, incident: Incident, now_ms: int, **values: int | str | None) -> Incident:
    """Make it new: nobody owns it, escalation begins now, and so do its targets, of the same length."""
    later_ms = now_ms - incident.calls_from_ms
    for name in ("respond_by_ms", "restore_by_ms") if "resolved_ms" in values else ("respond_by_ms",):
        by_ms: int | None = getattr(incident, name)
        values[name] = None if by_ms is None else by_ms + later_ms
    ownerless: dict[str, int | str | None] = dict.fromkeys(
        ("acknowledged_ms", "acknowledged_by", "acknowledged_until_ms", "progress_ms")
    )
    incident = await _changed(connection, incident, **ownerless, **values, begun_ms=now_ms)
    await incidents.look_at(connection, incident.id, now_ms)
    return incident


async def _mark(connection: Transaction, incident: Incident, now_ms: int) -> None:
    """Write down the targets that have passed, each once."""
    missed = [(target, target_ms(incident, target)) for target in overdue(incident, now_ms)]
    if incident.acknowledged_ms is not None:
        missed = [one for one in missed if one[0] != "respond"]  # late, but answered
    if not missed:
        return
    known = {
        (entry.facts.get("target"), entry.facts.get("by_ms"))
        for entry in await incidents.timeline_of(connection, incident.id)
        if entry.kind == "overdue"
    }
    for target, by_ms in missed:
        if (target, by_ms) not in known:
            said: dict[str, Fact] = {"target": target, "by_ms": by_ms, "priority": incident.priority}
            await _record(connection, incident, now_ms, "overdue", said)


async def _rank(
    connection: Transaction,
    incident: Incident,
    affected: Collection[str],
    inventory: Inventory,
    now_ms: int,
    settings: LifeSettings,
) -> Incident:
    works = incident.facts.get("status") != "down" and not incident.cause
    rank = ranked(incident.entity, incident.severity, affected, inventory, works=works, settings=settings)
    if incident.priority_by is not None:
        impact = min(rank.impact, incident.impact)
        return await _changed(connection, incident, impact=impact, urgency=rank.urgency)
    is_new = incident.respond_by_ms is None
    if not is_new and (rank.priority, rank.impact) >= (incident.priority, incident.impact):
        return incident
    target = settings.target_times.of(rank.priority)
    begun_ms = incident.calls_from_ms
    was: dict[str, Fact] = {} if is_new else {"was": incident.priority}
    values: dict[str, int | str | None] = {
        "impact": rank.impact,
        "urgency": rank.urgency,
        "priority": rank.priority,
        "respond_by_ms": begun_ms + length_ms(target.respond),
        "restore_by_ms": begun_ms + length_ms(target.restore),
    }
    ranked_so = replace(incident, **values)  # type: ignore[arg-type]  # as in `_changed`
    values["life_ms"] = next_ms(ranked_so, now_ms, length_ms(settings.close_after))
    incident = await _changed(connection, incident, **values)
    await _record(connection, incident, now_ms, "priority", {**rank.facts, **was})
    return incident


async def _prioritised(connection: Transaction, incident: Incident, now_ms: int, settings: LifeSettings) -> Incident:
    """Give an incident whose priority was set or released by hand the targets of it, and return it."""
    by_matrix = settings.matrix.priority(incident.severity, incident.impact)
    priority = by_matrix if incident.priority_by is None else incident.priority
    target = settings.target_times.of(priority)
    values: dict[str, int | str | None] = {
        "priority": priority,
        "respond_by_ms": incident.calls_from_ms + length_ms(target.respond),
        "restore_by_ms": (incident.reopened_ms or incident.opened_ms) + length_ms(target.restore),
    }
    if priority != incident.priority:
        said: dict[str, Fact] = {"impact": incident.impact, "urgency": incident.urgency, "priority": priority}
        await _record(connection, incident, now_ms, "priority", {**said, "was": incident.priority})
    return await _changed(connection, incident, **values)


async def _changed(connection: Transaction, incident: Incident, **values: int | str | None) -> Incident:
    await incidents.put(connection, incident.id, values)
    return replace(incident, **values)  # type: ignore[arg-type]  # columns and fields have the same names


async def _record(
    connection: Transaction,
    incident: Incident,
    now_ms: int,
    kind: EntryKind,
    facts: Mapping[str, Fact],
    who: str | None = None,
) -> None:
    await incidents.record(connection, [Entry(incident.id, now_ms, kind, who, facts)])
