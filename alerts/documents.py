"""Incidents and all that belongs to them as plain documents: what the API and the command line both answer. Pure.

Names are those of docs/reference/api.md. Who asks says how a time is written, as each edge has its own way.
"""

from __future__ import annotations

from collections.abc import Callable

from alerts.due import overdue, target_ms
from noc.model.incident import Entry, Incident, Notice, Symptom
from noc.state.casefile import CaseFile
from noc.state.diagnostics import Diagnostic
from noc.state.notes import EntityNote
from noc.state.problems import Problem, Repeat
from noc.state.tickets import Ticket

WriteTime = Callable[[int], object]
"""Takes milliseconds of the Unix epoch."""


def incident_document(incident: Incident, write: WriteTime, now_ms: int) -> dict[str, object]:
    """Return an incident: id, key, entity, rule, severity, state, priority, …"""
    return {
        "id": incident.id,
        "key": incident.key,
        "entity": incident.entity,
        "rule": incident.rule,
        "severity": incident.severity,
        "state": incident.state,
        "cause": incident.cause,
        "parent": incident.parent,
        "priority": incident.priority,
        "priority_by": incident.priority_by,
        "impact": incident.impact,
        "urgency": incident.urgency,
        "major": incident.major_ms is not None,
        "policy": incident.policy,
        "since": write(incident.since_ms),
        "opened": write(incident.opened_ms),
        "respond_by": _or_none(target_ms(incident, "respond"), write),
        "restore_by": _or_none(target_ms(incident, "restore"), write),
        "update_by": _or_none(target_ms(incident, "update"), write),
        "overdue": list(overdue(incident, now_ms)),
        "facts": dict(incident.facts),
        "acknowledged": _or_none(incident.acknowledged_ms, write),
        "acknowledged_by": incident.acknowledged_by,
        "acknowledged_until": _or_none(incident.acknowledged_until_ms, write),
        "in_progress": _or_none(incident.progress_ms, write),
        "resolved": _or_none(incident.resolved_ms, write),
        "resolved_by": incident.resolved_by,
        "closed": _or_none(incident.closed_ms, write),
        "reopened": _or_none(incident.reopened_ms, write),
        "reopenings": incident.reopened,
        "problem": incident.problem,
    }


def case_document(case: CaseFile, write: WriteTime, now_ms: int) -> dict[str, object]:
    """Return an incident with its timeline, notices, symptoms, diagnostics, tickets, and notes of entities."""
    return {
        **incident_document(case.incident, write, now_ms),
        "timeline": [entry_document(entry, write) for entry in case.timeline],
        "notices": [notice_document(notice, write) for notice in case.notices],
        "symptom_count": case.symptom_count,
        "symptoms_standing": case.standing,
        "symptoms": [symptom_document(symptom, write) for symptom in case.symptoms],
        "diagnostics": [diagnostic_document(one, write) for one in case.diagnostics],
        "tickets": [ticket_document(ticket, write) for ticket in case.tickets],
        "entity_notes": [note_document(note, write) for note in case.notes],
    }


def entry_document(entry: Entry, write: WriteTime) -> dict[str, object]:
    """Return a line of a timeline: at, kind, who, facts."""
    return {"at": write(entry.at_ms), "kind": entry.kind, "who": entry.who, "facts": dict(entry.facts)}


def notice_document(notice: Notice, write: WriteTime) -> dict[str, object]:
    """Return a notice: id, step, person, channel, kind, state, created, sent, attempts, error."""
    return {
        "id": notice.id,
        "step": notice.step,
        "person": notice.person,
        "channel": notice.channel,
        "kind": notice.kind,
        "state": notice.state,
        "created": write(notice.created_ms),
        "sent": _or_none(notice.sent_ms, write),
        "delivered": _or_none(notice.delivered_ms, write),
        "read": _or_none(notice.read_ms, write),
        "acted": _or_none(notice.acted_ms, write),
        "instead_of": notice.instead_of,
        "attempts": notice.attempts,
        "error": notice.error,
    }


def symptom_document(symptom: Symptom, write: WriteTime) -> dict[str, object]:
    """Return a symptom: entity, rule, severity, since, joined, left, facts."""
    return {
        "entity": symptom.entity,
        "rule": symptom.rule,
        "severity": symptom.severity,
        "since": write(symptom.since_ms),
        "joined": write(symptom.joined_ms),
        "left": _or_none(symptom.left_ms, write),
        "facts": dict(symptom.facts),
    }


def diagnostic_document(one: Diagnostic, write: WriteTime) -> dict[str, object]:
    """Return what a device was asked: device, question, state, asked, took_ms, answer."""
    return {
        "device": one.device,
        "question": one.question,
        "state": one.state,
        "asked": write(one.asked_ms),
        "took_ms": one.took_ms,
        "answer": one.answer,
    }


def ticket_document(ticket: Ticket, write: WriteTime) -> dict[str, object]:
    """Return a ticket: channel, reference, state, url, opened, changed."""
    return {
        "channel": ticket.channel,
        "reference": ticket.reference,
        "state": ticket.state,
        "url": ticket.url,
        "opened": write(ticket.opened_ms),
        "changed": write(ticket.changed_ms),
    }


def note_document(note: EntityNote, write: WriteTime) -> dict[str, object]:
    """Return a note of an entity: id, entity, at, who, text, until."""
    return {
        "id": note.id,
        "entity": note.entity,
        "at": write(note.at_ms),
        "who": note.who,
        "text": note.text,
        "until": _or_none(note.until_ms, write),
    }


def problem_document(problem: Problem, write: WriteTime, incidents: int) -> dict[str, object]:
    """Return a problem record: id, title, state, cause, workaround, opened, opened_by, changed, closed, incidents."""
    return {
        "id": problem.id,
        "title": problem.title,
        "state": problem.state,
        "cause": problem.cause,
        "workaround": problem.workaround,
        "opened": write(problem.opened_ms),
        "opened_by": problem.opened_by,
        "changed": write(problem.changed_ms),
        "closed": _or_none(problem.closed_ms, write),
        "incidents": incidents,
    }


def repeat_document(repeat: Repeat, write: WriteTime) -> dict[str, object]:
    """Return what came again: entity, rule, count, first, last, newest."""
    return {
        "entity": repeat.entity,
        "rule": repeat.rule,
        "count": repeat.count,
        "first": write(repeat.first_ms),
        "last": write(repeat.last_ms),
        "newest": repeat.newest,
    }


def _or_none(time_ms: int | None, write: WriteTime) -> object:
    return None if time_ms is None else write(time_ms)
