"""How `noc incident` shows incidents to people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.text import Text

from alerts.due import overdue, target_ms
from noc.cli._console import printable
from noc.cli._state import time_text
from noc.cli._table import MISSING, Column, print_rows
from noc.model.incident import Facts, Incident, Notice
from noc.state.casefile import CaseFile

SYMPTOMS_SHOWN = 50


def show_incidents(found: Iterable[Incident], now_ms: int) -> None:
    """Print a table of incidents."""
    columns = [Column("id", right=True), Column("prio"), Column("severity"), Column("state")]
    columns += [Column("entity", shrinks_to=20), Column("rule", shrinks_to=10, drops=1), Column("since")]
    columns += [Column("owned by", shrinks_to=8, drops=2), Column("overdue", drops=3)]
    _print(columns, [[_cell(cell) for cell in _cells(incident, now_ms)] for incident in found])


def show_case(case: CaseFile, now_ms: int) -> None:
    """Print all of an incident."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for key, value in _facts(case, now_ms).items():
        if value is not None:
            console.print(f"{printable(str(key)):<14}{printable(str(value))}")
    for note in case.notes:
        console.print(f"{'known':<14}{printable(note.entity)}: {printable(note.text)} ({printable(note.who)})")
    for ticket in case.tickets:
        console.print(f"{'ticket':<14}{printable(f'{ticket.channel} {ticket.reference}, {ticket.state}')}")
    _symptoms(console, case)
    console.print("\nTimeline", style="bold")
    columns = [Column("at"), Column("what"), Column("who", shrinks_to=8), Column("facts", shrinks_to=20)]
    rows = [
        [Text(_time(entry.at_ms) or ""), Text(entry.kind), _cell(entry.who), Text(printable(_said(entry.facts)))]
        for entry in case.timeline
    ]
    _print(columns, rows)
    _notices(console, case.notices)
    for one in case.diagnostics:
        took = "" if one.took_ms is None else f", {one.took_ms} ms"
        console.print(f"\n{printable(one.device)}: {printable(one.question)} ({one.state}{took})", style="bold")
        for line in one.answer.splitlines():
            console.print(printable(line))


def _facts(case: CaseFile, now_ms: int) -> dict[str, object]:
    incident = case.incident
    missed = overdue(incident, now_ms)
    update = next((f"{_time(one.at_ms)} {one.who}: {one.facts.get('text')}" for one in case.updates), None)
    return {
        "entity": incident.entity,
        "rule": incident.rule,
        "key": incident.key,
        "priority": f"{incident.priority} (impact {incident.impact}, urgency {incident.urgency}){_by_hand(incident)}",
        "major": "major incident" if incident.major_ms is not None else None,
        "update": update,
        "severity": incident.severity,
        "state": incident.state.replace("_", " "),
        "policy": incident.policy or "none: nobody is told",
        "part of": None if incident.parent is None else f"incident {incident.parent}",
        "problem": None if case.problem is None else f"{case.problem.id}: {case.problem.title}",
        "workaround": None if case.problem is None else case.problem.workaround or None,
        "since": _time(incident.since_ms),
        "opened": _time(incident.opened_ms),
        "respond by": _by_then(incident, "respond" in missed, target_ms(incident, "respond")),
        "restore by": _by_then(incident, "restore" in missed, target_ms(incident, "restore")),
        "next update": _by_then(incident, "update" in missed, target_ms(incident, "update")),
        "acknowledged": _by(incident.acknowledged_ms, incident.acknowledged_by),
        "until": _time(incident.acknowledged_until_ms),
        "in progress": _time(incident.progress_ms),
        "resolved": _by(incident.resolved_ms, incident.resolved_by),
        "closed": _time(incident.closed_ms),
        "reopened": None if not incident.reopened else f"{incident.reopened} times, last {_time(incident.reopened_ms)}",
        **incident.facts,
    }


def _symptoms(console: Console, case: CaseFile) -> None:
    if not case.symptom_count:
        return
    console.print(f"\nSymptoms: {case.symptom_count}, of which {case.standing} stand", style="bold")
    columns = [Column("entity", shrinks_to=20), Column("rule", shrinks_to=10), Column("since"), Column("left")]
    columns += [Column("why", shrinks_to=20)]
    rows = [
        [
            _cell(one.entity),
            _cell(one.rule),
            _cell(_time(one.since_ms)),
            _cell(_time(one.left_ms)),
            _cell(_why(one.facts)),
        ]
        for one in case.symptoms[:SYMPTOMS_SHOWN]
    ]
    _print(columns, rows)


def _notices(console: Console, notices: Sequence[Notice]) -> None:
    if not notices:
        return
    console.print("\nNotices", style="bold")
    heads = ("kind", "step", "person", "by", "state", "sent", "tries", "error")
    columns = [Column(head, shrinks_to=12 if head == "error" else None, drops=int(head == "error")) for head in heads]
    _print(columns, [[_cell(cell) for cell in _notice(notice)] for notice in notices])


def _cells(incident: Incident, now_ms: int) -> Iterator[str]:
    yield from (str(incident.id), f"P{incident.priority}{'!' if incident.major_ms is not None else ''}")
    yield from (incident.severity, incident.state.replace("_", " "), incident.entity, incident.rule)
    yield _time(incident.since_ms) or ""
    yield incident.acknowledged_by or ""
    yield ", ".join(overdue(incident, now_ms))


def _notice(notice: Notice) -> Iterator[str | None]:
    yield from (notice.kind, str(notice.step), notice.person, notice.channel, notice.state)
    yield from (_time(notice.sent_ms), str(notice.attempts), notice.error)


def _why(facts: Facts) -> str | None:
    why = facts.get("why")
    return None if why is None else str(why)


def _said(facts: Facts) -> str:
    return ", ".join(f"{key}: {value}" for key, value in facts.items() if value is not None)


def _by(time_ms: int | None, who: str | None) -> str | None:
    return None if time_ms is None else f"{_time(time_ms)} by {who or 'noc'}"


def _by_hand(incident: Incident) -> str:
    return "" if incident.priority_by is None else f", set by {incident.priority_by}"


def _by_then(incident: Incident, is_missed: bool, time_ms: int | None) -> str | None:
    if time_ms is None or (incident.resolved_ms is not None and not is_missed):
        return None
    return f"{_time(time_ms)}{', missed' if is_missed else ''}"


def _cell(text: str | None) -> Text:
    return MISSING if text is None else Text(printable(text))


def _print(columns: list[Column], rows: list[list[Text]]) -> None:
    print_rows(columns, rows)


def _time(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else time_text(milliseconds)
