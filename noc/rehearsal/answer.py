"""What a rehearsal answers, as plain data (docs/rehearsal.md): incidents, messages, availability."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from alerts import phrases
from alerts.scene import scene_of
from noc.availability.document import document
from noc.availability.policy import Period, Policy
from noc.availability.replay import derived, figures_of, raw_states
from noc.availability.spans import BEGINNING
from noc.availability.timeline import Change, State, Timeline
from noc.availability.times import format_time
from noc.i18n.language import Language, language
from noc.inventory.inventory import Inventory
from noc.maintenance.occurrences import occurrences
from noc.model.finding import Finding
from noc.model.incident import Entry, Incident, Notice, Symptom
from noc.pipeline.policy import availability_policy
from noc.rehearsal.play import Play
from noc.rehearsal.remarks import Remark, words
from noc.state import explained, incidents, outbox, windows
from noc.state.past import Plans
from noc.state.timelines import changes, timelines


@dataclass(frozen=True, slots=True)
class Told:
    """A message that was sent, and to whom."""

    notice: Notice
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that came of a rehearsal. states: of every entity, over all time. symptoms: by incident."""

    start_ms: int
    end_ms: int
    incidents: tuple[Incident, ...]
    symptoms: Mapping[int, tuple[Symptom, ...]]
    told: tuple[Told, ...]
    undelivered: tuple[Notice, ...]
    timeline: tuple[Entry, ...]
    remarks: tuple[Remark, ...]
    states: Mapping[str, Timeline]
    policy: Policy
    inventory: Inventory
    root: int | None
    failed_ms: int | None


async def outcome_of(play: Play) -> Outcome:
    """Return what came of a rehearsal that was played."""
    stage = play.stage
    async with stage.database.read() as connection:
        known = sorted(await incidents.page(connection, limit=100_000), key=lambda one: one.id)
        notices = [notice for one in known for notice in await outbox.of_incident(connection, one.id)]
        entries = [entry for one in known for entry in await incidents.timeline_of(connection, one.id)]
        planned = [
            span
            for window in await windows.approved(connection)
            for span in occurrences(window, play.start_ms, play.end_ms)
        ]
        of_services = timelines(row for row in await changes(connection, 0) if row[0].startswith("service/"))
        symptoms = await explained.by_incident(connection)
    sent = {key: message for recorder in stage.recorders.values() for key, message in recorder.sent.items()}
    told = [
        Told(notice, sent[notice.key].subject, sent[notice.key].text)
        for notice in notices
        if notice.sent_ms is not None and notice.key in sent
    ]
    policy = replace(availability_policy(stage.inventory), windows=planned, end=play.end_ms)
    root = await play.root()
    return Outcome(
        start_ms=play.start_ms,
        end_ms=play.end_ms,
        incidents=tuple(known),
        symptoms=symptoms,
        told=tuple(sorted(told, key=lambda one: (one.notice.sent_ms or 0, one.notice.id))),
        undelivered=tuple(notice for notice in notices if notice.sent_ms is None and notice.state != "dropped"),
        timeline=tuple(sorted(entries, key=_order)),
        remarks=tuple(play.remarks),
        states={**_states(stage.evidence, policy, play.start_ms), **of_services},
        policy=policy,
        inventory=stage.inventory,
        root=None if root is None else root.id,
        failed_ms=play.failed_ms,
    )


def answer_document(
    outcome: Outcome, differences: Sequence[Finding] | None = None, reader: Language | None = None
) -> dict[str, object]:
    """Return the answer in the form of docs/rehearsal.md. differences: from what is expected, None: nothing is.

    reader: of titles and remarks; English by default.
    """
    period, say = Period(outcome.start_ms, outcome.end_ms), reader or language("en")
    return {
        "from": format_time(outcome.start_ms),
        "to": format_time(outcome.end_ms),
        "incidents": [_incident(one, outcome, say) for one in outcome.incidents],
        "notifications": [_told(one) for one in outcome.told],
        "undelivered": [_undelivered(one) for one in outcome.undelivered],
        "remarks": [
            {"at": format_time(one.at_ms), "event": one.event, "text": words(say, one)} for one in outcome.remarks
        ],
        "root": outcome.root,
        "expected": None if differences is None else _expected(differences),
        "availability": document(figures_of(outcome.states, outcome.policy, period, outcome.end_ms)),
    }


def planned(plans: Plans) -> dict[str, int]:
    """Return how many windows, overrides and hand-overs were taken from the state of a daemon."""
    rows = {table.name: len(rows) for table, rows in plans.rows}
    return {
        "windows": len(plans.windows),
        "overrides": rows.get("oncall_override", 0),
        "handovers": rows.get("handover", 0),
    }


def title_of(incident: Incident, inventory: Inventory, reader: Language | None = None) -> str:
    """Return what an incident is called while it is open, in the language of its reader; English by default."""
    return phrases.title(
        reader or language("en"), replace(incident, resolved_ms=None), scene_of(incident.entity, inventory)
    )


def affected_by(incident: Incident, outcome: Outcome) -> list[str]:
    """Return what an incident is about: its entity, and those of its symptoms, each once."""
    return list(dict.fromkeys((incident.entity, *(one.entity for one in outcome.symptoms.get(incident.id, ())))))


def _incident(incident: Incident, outcome: Outcome, say: Language) -> dict[str, object]:
    return {
        "id": incident.id,
        "key": incident.key,
        "root_cause": incident.entity,
        "cause": incident.cause,
        "rule": incident.rule,
        "severity": incident.severity,
        "title": title_of(incident, outcome.inventory, say),
        "priority": incident.priority,
        "state": incident.state,
        "since": format_time(incident.since_ms),
        "opened_at": format_time(incident.opened_ms),
        "acknowledged_at": _time(incident.acknowledged_ms),
        "acknowledged_by": incident.acknowledged_by,
        "resolved_at": _time(incident.resolved_ms),
        "affected": affected_by(incident, outcome),
        "suppressed_alerts": len(outcome.symptoms.get(incident.id, ())),
        "merged_into": incident.parent,
        "timeline": [
            {"at": format_time(entry.at_ms), "kind": entry.kind, "who": entry.who, "facts": dict(entry.facts)}
            for entry in outcome.timeline
            if entry.incident == incident.id
        ],
    }


def _told(one: Told) -> dict[str, object]:
    return {
        "at": _time(one.notice.sent_ms),
        "incident": one.notice.incident,
        "step": one.notice.step,
        "person": one.notice.person,
        "channel": one.notice.channel,
        "kind": one.notice.kind,
        "subject": one.subject,
        "text": one.text,
    }


def _undelivered(notice: Notice) -> dict[str, object]:
    return {
        "incident": notice.incident,
        "step": notice.step,
        "person": notice.person,
        "channel": notice.channel,
        "kind": notice.kind,
        "since": format_time(notice.created_ms),
        "attempts": notice.attempts,
        "error": notice.error,
    }


def _states(evidence: Mapping[str, list[tuple[int, bool]]], policy: Policy, start_ms: int) -> dict[str, Timeline]:
    """Return the states of all but services; what nobody asked about is up."""
    raw, _ = raw_states(evidence, policy, start_ms)
    up: Timeline = (Change(BEGINNING, State.UP),)
    return derived({**dict.fromkeys(policy.probes, up), **raw}, policy)


def _order(entry: Entry) -> tuple[int, str]:
    """Messages of one moment are handed over side by side, so that the order of their lines is a matter of chance."""
    of_messages = entry.kind in ("notified", "undelivered")
    return entry.at_ms, json.dumps(dict(entry.facts), sort_keys=True) if of_messages else ""


def _expected(differences: Sequence[Finding]) -> dict[str, object]:
    found = [{"line": one.line, "column": one.column, "message": one.message} for one in differences]
    return {"met": not found, "differences": found}


def _time(at_ms: int | None) -> str | None:
    return None if at_ms is None else format_time(at_ms)
