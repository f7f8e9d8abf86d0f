"""A rehearsal as a time line for people: what happened, what was opened, who was called. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from noc.availability.times import format_time
from noc.model.counting import counted
from noc.model.instants import from_ms
from noc.rehearsal.answer import Outcome, affected_by, title_of
from noc.rehearsal.scenario import Scenario
from noc.rehearsal.steps import Act, Fail, Hush, Plan, Restore, Step, Tell


class Line(NamedTuple):
    """One line. kind: event, remark, opened, acknowledged, resolved, or the kind of a message. who: is told."""

    at_ms: int
    kind: str
    text: str
    incident: int | None = None
    who: str = ""


def time_line(steps: Sequence[Step], outcome: Outcome) -> tuple[Line, ...]:
    """Return everything that happened, in order of time."""
    lines = [*_of_steps(steps, outcome), *_of_incidents(outcome)]
    for told in outcome.told:
        notice = told.notice
        at_ms = outcome.start_ms if notice.sent_ms is None else notice.sent_ms
        lines.append(Line(at_ms, notice.kind, told.subject, notice.incident, f"{notice.person} by {notice.channel}"))
    lines += [Line(one.at_ms, "remark", one.text) for one in outcome.remarks]
    return tuple(sorted(lines, key=lambda line: line.at_ms))


def line_documents(steps: Sequence[Step], outcome: Outcome) -> list[dict[str, object]]:
    """Return the time line as plain data."""
    return [
        {"at": format_time(one.at_ms), "kind": one.kind, "who": one.who, "incident": one.incident, "text": one.text}
        for one in time_line(steps, outcome)
    ]


def headline(scenario: Scenario, outcome: Outcome) -> str:
    """Return what is rehearsed, and when."""
    hours = (outcome.end_ms - outcome.start_ms) / 3_600_000
    return f"{scenario.title or 'Rehearsal'}: {from_ms(outcome.start_ms):%Y-%m-%d %H:%M} UTC, {hours:g} h"


def summary(outcome: Outcome) -> tuple[str, ...]:
    """Return how many incidents there were, and what each person was sent."""
    roots = [one for one in outcome.incidents if one.parent is None]
    symptoms = sum(len(ones) for ones in outcome.symptoms.values())
    people: dict[str, Counter[str]] = {}
    for told in outcome.told:
        people.setdefault(told.notice.person, Counter())[told.notice.kind] += 1
    calls = [
        f"{person}: {', '.join(f'{number} {kind}' for kind, number in kinds.items())}"
        for person, kinds in sorted(people.items())
    ]
    lost = [f"not delivered: {one.kind} to {one.person} by {one.channel}: {one.error}" for one in outcome.undelivered]
    first = f"{counted(len(roots), 'incident')}, {counted(symptoms, 'symptom')} in them"
    return first, *(calls or ["nobody is told"]), *lost


def written(line: Line, start_ms: int) -> str:
    """Return a line of the time line: since the start, the wall clock, and what."""
    seconds = (line.at_ms - start_ms) // 1000
    since = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    who = f"{line.who}: " if line.who else ""
    return f"{since:>9}  {from_ms(line.at_ms):%H:%M:%S}  {line.kind:<12}  {who}{line.text}"


def _of_steps(steps: Sequence[Step], outcome: Outcome) -> Iterator[Line]:
    for step in steps:
        if step.at_ms <= outcome.end_ms and (text := _words(step)):
            yield Line(step.at_ms, "event", text)


def _words(step: Step) -> str:
    match step.action:
        case Fail(entities):
            return f"{_few(entities)} fails"
        case Restore(entities):
            return f"{_few(entities)} works again"
        case Tell(device, _, name, value, _, a_second):
            return f"{device} tells {name} {value}{', and it moves' if a_second else ''}"
        case Plan(work):
            return f"a window of {work.entity} is approved: {work.why}"
        case Hush(people, silent):
            return f"{', '.join(people)} {'acknowledges nothing from now on' if silent else 'answers again'}"
        case Act(kind, whose, by, _) if whose:
            return f"{by}: {kind} {whose}"
    return ""


def _of_incidents(outcome: Outcome) -> Iterator[Line]:
    for incident in outcome.incidents:
        affected = len(affected_by(incident, outcome)) - 1
        more = f", and {affected} behind it" if affected > 0 else ""
        title = title_of(incident, outcome.inventory)
        yield Line(incident.opened_ms, "opened", f"{title}, priority {incident.priority}{more}", incident.id)
        if incident.acknowledged_ms is not None:
            by = incident.acknowledged_by or ""
            yield Line(incident.acknowledged_ms, "acknowledged", f"#{incident.id} by {by}", incident.id)
        if incident.resolved_ms is not None:
            merged = "" if incident.parent is None else f", part of #{incident.parent}"
            yield Line(incident.resolved_ms, "resolved", f"#{incident.id}{merged}", incident.id)


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
