"""The tale of a poller that was cut off: what its rooms wrote of incidents since the centre last took one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from alerts.escalation import key_of
from alerts.majorincidents import key_of as key_of_update
from alerts.majorincidents import news
from noc.bus.tales import INCIDENTS_AT_MOST, LINES_AT_MOST, IncidentTold, Line, NoticeTold, SymptomTold, Tale
from noc.model.incident import Entry, Incident, Notice, Symptom
from noc.state import cutoff, incidents, outbox, symptoms
from noc.state.database import Transaction

LINES_IN_ALL: Final = 5_000
"""Of all timelines of one tale; what is more goes into the next."""

REMINDERS_AT_MOST: Final = 1_000
"""As `reminders` of a policy."""


async def tale_of(
    connection: Transaction, poller: str, number: int, alone_ms: int | None, *, after: int, behind: int
) -> tuple[Tale, int]:
    """Return the next tale, and the number of the last incident in it. after: the line of which all is told.

    behind: the number of the last incident of the tale before; 0: this is the first.
    """
    numbers = await cutoff.told_after(connection, after, INCIDENTS_AT_MOST + 1, behind=behind)
    told: list[IncidentTold] = []
    lines = 0
    for one in numbers[:INCIDENTS_AT_MOST]:
        found = await incidents.get(connection, one)
        if found is not None:
            told.append(await _told(connection, found))
            lines += len(told[-1].lines)
        behind = one
        if lines >= LINES_IN_ALL:
            break
    more = bool(numbers) and behind != numbers[-1]
    return Tale(poller=poller, number=number, alone_ms=alone_ms, incidents=tuple(told), more=more), behind


async def _told(connection: Transaction, incident: Incident) -> IncidentTold:
    return incident_told(
        incident,
        await symptoms.origin_of(connection, incident.id),
        await incidents.timeline_of(connection, incident.id),
        await symptoms.of_incident(connection, incident.id),
        await outbox.of_incident(connection, incident.id),
    )


def incident_told(
    incident: Incident,
    origin: str,
    timeline: Sequence[Entry],
    explained: Sequence[Symptom],
    notices: Sequence[Notice],
) -> IncidentTold:
    """Return an incident as it is told. Pure."""
    newest = slice(-LINES_AT_MOST, None)
    return IncidentTold(
        key=incident.key,
        there=incident.id,
        entity=incident.entity,
        rule=incident.rule,
        origin=origin,
        severity=incident.severity,
        policy=incident.policy,
        since_ms=incident.since_ms,
        opened_ms=incident.opened_ms,
        cause=incident.cause,
        facts=dict(incident.facts),
        acknowledged_ms=incident.acknowledged_ms,
        acknowledged_by=incident.acknowledged_by,
        acknowledged_until_ms=incident.acknowledged_until_ms,
        resolved_ms=incident.resolved_ms,
        resolved_by=incident.resolved_by,
        lines=tuple(
            Line(at_ms=one.at_ms, kind=one.kind, who=one.who, facts=dict(one.facts)) for one in timeline[newest]
        ),
        symptoms=tuple(_symptom(one) for one in explained[newest]),
        notices=tuple(_notice(one, incident, timeline) for one in notices[newest]),
    )


def _symptom(one: Symptom) -> SymptomTold:
    return SymptomTold(
        entity=one.entity,
        rule=one.rule,
        origin=one.origin,
        severity=one.severity,
        policy=one.policy,
        since_ms=one.since_ms,
        joined_ms=one.joined_ms,
        facts=dict(one.facts),
        left_ms=one.left_ms,
    )


def _notice(one: Notice, incident: Incident, timeline: Iterable[Entry]) -> NoticeTold:
    return NoticeTold(
        step=one.step,
        number=number_of(one, incident, timeline),
        person=one.person,
        channel=one.channel,
        kind=one.kind,
        created_ms=one.created_ms,
        state=one.state,
        attempts=one.attempts,
        sent_ms=one.sent_ms,
        error=one.error,
        delivered_ms=one.delivered_ms,
        read_ms=one.read_ms,
        acted_ms=one.acted_ms,
    )


def number_of(notice: Notice, incident: Incident, timeline: Iterable[Entry]) -> int:
    """Return what made the key of a notice beside its incident: the step, which reminder, when the incident grew. Pure.

    Where that can't be told, because people were called anew since, or it goes another way: when it was made.
    """
    target = notice.person, notice.channel
    if notice.kind in ("page", "escalation"):
        return notice.step
    if notice.kind == "resolved":
        return 1
    if notice.kind == "update":
        said = (number for number, _ in news(timeline) if key_of_update(incident, number, target) == notice.key)
        return next(said, notice.created_ms)
    asked = range(1, REMINDERS_AT_MOST + 1) if notice.kind == "reminder" else (notice.created_ms,)
    made = (number for number in asked if key_of(incident, notice.kind, number, target) == notice.key)
    return next(made, notice.created_ms)
