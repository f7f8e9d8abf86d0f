"""Taking over: what becomes of those who were told of incidents that another one explains. In one transaction.

Who was told of a child hears that there is more of it, by the parent's incident and the same way, and is not called
once more, unless it is graver; whoever wasn't told is called as ever. A call that may have been lost on its way counts
as not told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from alerts.calling import Calling
from alerts.causes import OWNED, Batch
from alerts.escalation import further
from alerts.oncalltargets import Target
from alerts.windows import Held
from noc.model.incident import SEVERITIES, Entry, Facts, Incident, Notice, Symptom
from noc.state import incidents, outbox
from noc.state.database import Transaction

CALLS = ("page", "escalation", "reminder")


Children = Mapping[int, Sequence[Incident]]
"""Incidents that ended because another one explains them, by the number of that one."""


async def absorb(connection: Transaction, batch: Batch, calling: Calling, now_ms: int) -> Children:
    """Let what opened take over what it explains."""
    children: dict[int, list[Incident]] = {}
    for number in await batch.absorb(connection):
        await calling.escalate(connection, number, now_ms)
        calling.touched[number] = None
        child = await incidents.get(connection, number)
        parent = None if child is None else await root_of(connection, child)
        if child is not None and parent is not None and parent.id != number:
            children.setdefault(parent.id, []).append(child)
    return children


async def call(connection: Transaction, batch: Batch, calling: Calling, children: Children, now_ms: int) -> None:
    """Call people for what opened and is no child itself; tell those who know of children."""
    for number, found in children.items():
        if number in batch.uncalled:
            await _inherit(connection, number, found, now_ms)
    for number in batch.uncalled:
        incident = await incidents.get(connection, number)
        if incident is not None and incident.resolved_ms is None:
            await calling.call(connection, incident, now_ms)
    batch.uncalled.clear()
    for number, found in children.items():
        await _tell(connection, calling, number, found, now_ms)


async def call_for(connection: Transaction, batch: Batch, calling: Calling, incident: Incident, now_ms: int) -> None:
    """Call people for a new incident that is over already: that it was is told, too."""
    if incident.id in batch.uncalled:
        del batch.uncalled[incident.id]
        await calling.call(connection, incident, now_ms)


async def own_again(connection: Transaction, batch: Batch, one: Symptom, incident: Incident, now_ms: int) -> None:
    """Give what was a symptom, and is an incident again, back to who owned it before that; nobody else is called."""
    owner, until_ms = (one.facts.get(name) for name in OWNED)
    until_ms = until_ms if isinstance(until_ms, int) else None
    if not isinstance(owner, str) or (until_ms is not None and until_ms <= now_ms):
        return
    batch.uncalled.pop(incident.id, None)
    await _own(connection, incident, owner, {"acknowledged_until_ms": until_ms}, now_ms)


async def root_of(connection: Transaction, incident: Incident) -> Incident:
    """Return the incident that took over another one in the end; the same where none did."""
    seen = {incident.id}
    while incident.parent is not None and incident.resolved_ms is not None and incident.parent not in seen:
        parent = await incidents.get(connection, incident.parent)
        if parent is None:
            break
        seen.add(parent.id)
        incident = parent
    return incident


async def _inherit(connection: Transaction, number: int, children: Sequence[Incident], now_ms: int) -> None:
    """Let a new incident go on where its children were: with their owner, or on their way up the ladder.

    Only of the same policy. An owner owns it where it is no graver than what they said yes to, and no child is
    without one.
    """
    parent = await incidents.get(connection, number)
    same = [] if parent is None else [one for one in children if one.policy == parent.policy]
    if parent is None or not same or parent.begun_ms is not None:
        return
    owned = next((one for one in same if one.acknowledged_ms is not None), None)
    if owned is None:
        begun_ms = min(one.calls_from_ms for one in same)
        if begun_ms < parent.calls_from_ms:
            await incidents.put(connection, number, {"begun_ms": begun_ms})
        return
    if any(one.acknowledged_ms is None or _is_graver(parent, one) for one in children):
        return
    values = {"acknowledged_until_ms": owned.acknowledged_until_ms, "progress_ms": owned.progress_ms}
    await _own(connection, parent, owned.acknowledged_by or "", values, now_ms, {"incident": owned.id})


async def _own(
    connection: Transaction,
    incident: Incident,
    who: str,
    values: Mapping[str, int | str | None],
    now_ms: int,
    facts: Facts = MappingProxyType({}),
) -> None:
    """Let somebody own an incident without their saying so anew: they own what it was before."""
    await incidents.acknowledge(connection, incident.id, now_ms, who)
    await incidents.put(connection, incident.id, {**values, "life_ms": now_ms})
    await incidents.record(connection, [Entry(incident.id, now_ms, "acknowledged", who, {"why": "merged", **facts})])


def _is_graver(parent: Incident, child: Incident) -> bool:
    severities = SEVERITIES.index(parent.severity), SEVERITIES.index(child.severity)
    return severities[0] < severities[1] or parent.priority < child.priority


def _says_the_same(parent: Incident, child: Incident) -> bool:
    """Return whether who was called for a child need not be called for its parent: no graver, nor settled."""
    is_settled = child.acknowledged_ms is not None and parent.acknowledged_ms is None
    return not is_settled and not _is_graver(parent, child)


async def _tell(
    connection: Transaction, calling: Calling, number: int, children: Sequence[Incident], now_ms: int
) -> None:
    """Tell those who know of the children that it is more, instead of calling them for the same."""
    parent = await incidents.get(connection, number)
    if parent is None or parent.resolved_ms is not None:
        return
    if isinstance(await calling.held(connection, parent, now_ms), Held):
        return
    mine = await outbox.of_incident(connection, number)
    knows, spared = dict[Target, Notice](), set[Target]()
    for child in children:
        found = [one for one in await outbox.of_incident(connection, child.id) if one.kind in CALLS]
        heard = {(one.person, one.channel): one for one in found if one.state == "sent"}
        knows |= heard
        if _says_the_same(parent, child):
            spared.update(heard)
    for one in mine:
        target = one.person, one.channel
        if target not in knows or one.kind not in CALLS or one.state in ("dead", "dropped"):
            continue
        if target in spared and one.state == "queued" and one.attempts == 0:
            await outbox.drop_queued(connection, one.id)
        else:
            del knows[target]
    ladder = await calling.ladder(connection, parent.policy, now_ms)
    await outbox.put_new(connection, further(parent, list(knows.values()), now_ms, now_ms, ladder))
    calling.touched[number] = None
