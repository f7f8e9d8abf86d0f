"""A rehearsal as a time line for people, in their language: what happened, what was opened, who was called. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from alerts import phrases
from alerts.incidentwords import NOTICE_WORDS, line_word
from alerts.scene import scene_of
from noc.availability.times import format_time
from noc.i18n.language import Language
from noc.model.incident import Incident, NoticeKind
from noc.model.instants import from_ms
from noc.rehearsal.answer import Outcome, affected_by, title_of
from noc.rehearsal.remarks import whose as whose_words
from noc.rehearsal.remarks import words
from noc.rehearsal.scenario import Scenario
from noc.rehearsal.steps import Act, Fail, Hush, Plan, Restore, Step, Tell

NAMED: Final = 5
"""So many of what fails at once are named."""

Called = Callable[[str], str]
"""Says what people are called, by their keys."""


class Line(NamedTuple):
    """One line. kind: event, remark, opened, acknowledged, resolved, or the kind of a message. who: is told.

    text: in the language of its reader.
    """

    at_ms: int
    kind: str
    text: str
    incident: int | None = None
    who: str = ""


def time_line(say: Language, steps: Sequence[Step], outcome: Outcome, called: Called = str) -> tuple[Line, ...]:
    """Return everything that happened, in order of time. Messages, too, are in the language of who reads this."""
    by_number = {one.id: one for one in outcome.incidents}
    lines = [*_of_steps(say, steps, outcome, called), *_of_incidents(say, outcome, called)]
    for told in outcome.told:
        notice = told.notice
        at_ms = outcome.start_ms if notice.sent_ms is None else notice.sent_ms
        who = say.say("{person} by {channel}", person=called(notice.person), channel=notice.channel)
        about = by_number.get(notice.incident)
        text = told.subject if about is None else _subject(say, notice.kind, about, outcome)
        lines.append(Line(at_ms, notice.kind, text, notice.incident, who))
    lines += [Line(one.at_ms, "remark", words(say, one, called)) for one in outcome.remarks]
    return tuple(sorted(lines, key=lambda line: line.at_ms))


def line_documents(
    say: Language, steps: Sequence[Step], outcome: Outcome, called: Called = str
) -> list[dict[str, object]]:
    """Return the time line as plain data; `kind` is a word for programs."""
    return [
        {"at": format_time(one.at_ms), "kind": one.kind, "who": one.who, "incident": one.incident, "text": one.text}
        for one in time_line(say, steps, outcome, called)
    ]


def headline(say: Language, scenario: Scenario, outcome: Outcome) -> str:
    """Return what is rehearsed, and when."""
    hours = (outcome.end_ms - outcome.start_ms) / 3_600_000
    return f"{scenario.title or say.say('Rehearsal')}: {from_ms(outcome.start_ms):%Y-%m-%d %H:%M} UTC, {hours:g} h"


def summary(say: Language, outcome: Outcome, called: Called = str) -> tuple[str, ...]:
    """Return how many incidents there were, and what each person was sent."""
    roots = [one for one in outcome.incidents if one.parent is None]
    symptoms = sum(len(ones) for ones in outcome.symptoms.values())
    people: dict[str, Counter[NoticeKind]] = {}
    for told in outcome.told:
        people.setdefault(told.notice.person, Counter())[told.notice.kind] += 1
    calls = [
        f"{called(person)}: {', '.join(f'{number} {say.say(NOTICE_WORDS[kind])}' for kind, number in kinds.items())}"
        for person, kinds in sorted(people.items())
    ]
    lost = [
        say.say(
            "not delivered: {kind} to {person} by {channel}: {error}",
            kind=say.say(NOTICE_WORDS[one.kind]),
            person=called(one.person),
            channel=one.channel,
            error=one.error,
        )
        for one in outcome.undelivered
    ]
    first = say.say("incidents: {n}, symptoms in them: {m}", n=len(roots), m=symptoms)
    return first, *(calls or [say.say("nobody is told")]), *lost


def written(say: Language, line: Line, start_ms: int) -> str:
    """Return a line of the time line: since the start, the wall clock, and what."""
    seconds = (line.at_ms - start_ms) // 1000
    since = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    who = f"{line.who}: " if line.who else ""
    kind = say.say(line_word(line.kind, to_somebody=bool(line.who)))
    return f"{since:>9}  {from_ms(line.at_ms):%H:%M:%S}  {kind:<12}  {who}{line.text}"


def _subject(say: Language, kind: NoticeKind, incident: Incident, outcome: Outcome) -> str:
    """Return the subject of a message."""
    title = title_of(incident, outcome.inventory, say)
    if kind == "resolved":
        title = phrases.title(say, incident, scene_of(incident.entity, outcome.inventory))
    return phrases.lead(say, kind, title)


def _of_steps(say: Language, steps: Sequence[Step], outcome: Outcome, called: Called) -> Iterator[Line]:
    for step in steps:
        if step.at_ms <= outcome.end_ms and (text := _words(say, step, called)):
            yield Line(step.at_ms, "event", text)


def _words(say: Language, step: Step, called: Called) -> str:
    match step.action:
        case Fail(entities):
            return say.say("{things} fails", things=_few(say, entities))
        case Restore(entities):
            return say.say("{things} works again", things=_few(say, entities))
        case Tell(device, _, name, value, _, a_second):
            values = {"device": device, "name": name, "value": value}
            if a_second:
                return say.say("{device} tells {name} {value}, and it moves", **values)
            return say.say("{device} tells {name} {value}", **values)
        case Plan(work):
            return say.say("a window of {thing} is approved: {why}", thing=work.entity, why=work.why)
        case Hush(people, silent):
            names = say.comma.join(called(one) for one in people)
            if silent:
                return say.say("{people} acknowledges nothing from now on", people=names)
            return say.say("{people} answers again", people=names)
        case Act(kind, whose, by, _) if whose:
            said = {"person": called(by), "thing": whose_words(say, whose)}
            if kind == "ack":
                return say.say("{person} acknowledges: {thing}", **said)
            return say.say("{person} resolves: {thing}", **said)
    return ""


def _of_incidents(say: Language, outcome: Outcome, called: Called) -> Iterator[Line]:
    for incident in outcome.incidents:
        affected = len(affected_by(incident, outcome)) - 1
        title = title_of(incident, outcome.inventory, say)
        text = say.say("{title}, priority {n}", title=title, n=incident.priority)
        if affected > 0:
            text = say.say("{what}, and {n} behind it", what=text, n=affected)
        yield Line(incident.opened_ms, "opened", text, incident.id)
        if incident.acknowledged_ms is not None:
            by = called(incident.acknowledged_by or "")
            said = say.say("#{id} by {person}", id=incident.id, person=by)
            yield Line(incident.acknowledged_ms, "acknowledged", said, incident.id)
        if incident.resolved_ms is not None:
            said = f"#{incident.id}"
            if incident.parent is not None:
                said = say.say("#{id}, part of #{other}", id=incident.id, other=incident.parent)
            yield Line(incident.resolved_ms, "resolved", said, incident.id)


def _few(say: Language, names: Sequence[str]) -> str:
    some = say.comma.join(names[:NAMED])
    return some if len(names) <= NAMED else say.say("{what}, and {n} more", what=some, n=len(names) - NAMED)
