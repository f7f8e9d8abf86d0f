"""The report after an incident: what happened, to whom, what was done by when, and what devices said. Pure.

Everything in it is read from the incident; what people learned of it are its notes and its problem record. It is in one
language; what people and devices wrote, and the keys of facts, stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from alerts import phrases
from alerts.due import TargetWord, met_ms, target_ms
from alerts.incidentwords import DELIVERY_WORDS, NOTICE_WORDS, STATE_WORDS, entry_word
from noc.i18n.language import Language, language
from noc.inventory.inventory import Inventory
from noc.model.incident import Entry, Facts, Incident
from noc.reports.frame.document import Block, Column, Document, Fact, Paragraph, Section, Table
from noc.reports.frame.document import Facts as Figures
from noc.reports.frame.words import simulation
from noc.state.casefile import CaseFile

NAME: Final = "post-incident"
_BETWEEN: Final = {"ar": "، ", "zh": "，"}
"""What stands between the words of a list, where it is no comma as in English."""
LINES_AT_MOST: Final = 60
"""Of what one device said to one question; all of it is kept beside the incident."""


def post_incident(
    case: CaseFile, inventory: Inventory, now_ms: int, zone: str = "UTC", reader: Language | None = None
) -> Document:
    """Return the report on an incident. now_ms: while it is open, it tells up to now. zone: IANA, of its times.

    reader: whose language it is in; English by default.
    """
    say = reader or language("en")
    one = case.incident
    entity = inventory.entity(one.entity)
    named = one.entity if entity is None else entity.name
    summary = say.say(str(one.facts.get("summary") or one.rule))
    sections = [
        Section(say.say("Summary"), _summary(say, case, now_ms)),
        Section(say.say("Timeline"), [_timeline(say, case.timeline)]),
        *_optional(say.say("Status updates"), _updates(say, case)),
        *_optional(say.say("Symptoms"), _symptoms(say, case)),
        Section(say.say("Who was told"), [_told(say, case)]),
        *_optional(say.say("What devices said"), _said(say, case)),
        Section(say.say("What was learned"), _learned(say, case)),
    ]
    mark = f"{say.say('SIMULATED')} · " if inventory.simulated else ""
    return Document(
        name=f"SIMULATED-{NAME}-{one.id}" if inventory.simulated else f"{NAME}-{one.id}",
        title=mark + say.say("Incident {id}: {summary}", id=one.id, summary=summary),
        subtitle=named,
        language=say.tag,
        zone=zone,
        heading=[
            *([simulation(say)] if inventory.simulated else ()),
            *_heading(say, one, named),
            Fact(say.say("Time zone"), zone, "code"),
        ],
        sections=sections,
        main="timeline",
        made_ms=max([one.opened_ms, *(entry.at_ms for entry in case.timeline)]),
    )


def _heading(say: Language, one: Incident, named: str) -> list[Fact]:
    return [
        Fact(say.say("What"), named, "name", one.entity),
        Fact(say.say("Key"), one.key, "code"),
        Fact(say.say("Priority"), one.priority, "count", _ranked(say, one)),
        Fact(say.say("State"), say.say(STATE_WORDS[one.state])),
        *([Fact(say.say("Declared"), say.say("major incident"))] if one.major_ms is not None else []),
        Fact(say.say("Owner"), one.acknowledged_by, "name"),
        Fact(say.say("Since"), one.since_ms, "moment"),
        Fact(say.say("Opened"), one.opened_ms, "moment"),
        Fact(say.say("Over"), one.resolved_ms, "moment", "" if one.resolved_ms else say.say("it is not over")),
    ]


def _ranked(say: Language, one: Incident) -> str:
    level = (say.say("high"), say.say("medium"), say.say("low"))[min(one.impact, 3) - 1]
    parts = [say.say("impact: {level}", level=level), phrases.severity(say, one.severity)]
    if one.priority_by is not None:
        parts.append(say.say("set by {person}", person=one.priority_by))
    return _BETWEEN.get(say.tag, ", ").join(parts)


def _summary(say: Language, case: CaseFile, now_ms: int) -> list[Block]:
    one = case.incident
    # What was counted, not what somebody set by hand.
    counted = (entry.facts for entry in reversed(case.timeline) if entry.kind == "priority" and "sites" in entry.facts)
    rank = next(counted, {})
    end_ms = one.resolved_ms if one.resolved_ms is not None else now_ms
    answered = next((entry.at_ms for entry in case.timeline if entry.kind == "acknowledged"), None)
    large = [
        Fact(say.say("Lasted"), (end_ms - one.since_ms) / 1000, "seconds"),
        Fact(say.say("Until noc knew"), (one.opened_ms - one.since_ms) / 1000, "seconds"),
        Fact(
            say.say("Until somebody owned it"),
            None if answered is None else (answered - one.opened_ms) / 1000,
            "seconds",
        ),
        Fact(say.say("Reopened"), one.reopened, "count"),
    ]
    affected = [
        Fact(say.say("Sites cut off"), _number(rank, "sites"), "count"),
        Fact(say.say("People there"), _number(rank, "people"), "count"),
        Fact(say.say("Services down"), _number(rank, "services"), "count"),
        Fact(say.say("Symptoms"), case.symptom_count, "count"),
    ]
    blocks: list[Block] = [Figures(large, large=True), Figures(affected), _targets(say, one)]
    if one.cause:
        blocks.append(
            Paragraph(say.say("Root cause by correlation: {cause}.", cause=say.say(one.cause.replace("_", " "))))
        )
    if one.resolved_ms is None:
        blocks.append(Paragraph(say.say("It is not over: these are figures so far."), warns=True))
    return blocks


def _targets(say: Language, one: Incident) -> Table:
    rows = []
    words: tuple[tuple[TargetWord, str], ...] = (
        ("respond", say.say("Somebody owns it")),
        ("restore", say.say("It is over")),
    )
    for target, said in words:
        by_ms, met = target_ms(one, target), met_ms(one, target)
        if by_ms is not None:
            kept = say.say("not yet") if met is None else say.say("met") if met < by_ms else say.say("missed")
            rows.append((said, by_ms, met, kept))
    columns = (
        Column("target", say.say("Target")),
        Column("by", say.say("By"), "moment"),
        Column("met", say.say("Reached"), "moment"),
        Column("kept", say.say("Kept")),
    )
    return Table("targets", columns, rows, say.say("It has no targets."), say.say("Targets"))


def _timeline(say: Language, entries: Sequence[Entry]) -> Table:
    rows = [(entry.at_ms, say.say(entry_word(entry)), entry.who or "noc", _text(entry.facts)) for entry in entries]
    columns = (
        Column("at", say.say("Time"), "moment"),
        Column("kind", say.say("What")),
        Column("who", say.say("Who"), "name"),
        Column("facts", say.say("Facts"), "name"),
    )
    return Table("timeline", columns, rows, say.say("Nothing is written down."), wide=True)


def _updates(say: Language, case: CaseFile) -> list[Block]:
    rows = [(one.at_ms, one.who or "noc", str(one.facts.get("text") or "")) for one in reversed(case.updates)]
    columns = (
        Column("at", say.say("Time"), "moment"),
        Column("who", say.say("Who"), "name"),
        Column("text", say.say("Update"), "name"),
    )
    return [Table("updates", columns, rows, say.say("None."))] if rows else []


def _symptoms(say: Language, case: CaseFile) -> list[Block]:
    rows = [(one.entity, one.rule, one.since_ms, one.left_ms, str(one.facts.get("why") or "")) for one in case.symptoms]
    columns = (
        Column("entity", say.say("Entity"), "code"),
        Column("rule", say.say("Rule"), "code"),
        Column("since", say.say("Since"), "moment"),
        Column("left", say.say("Until"), "moment"),
        Column("why", say.say("Why"), "name"),
    )
    left_out = case.symptom_count - len(rows)
    note = say.say("and {n} more", n=left_out) if left_out > 0 else ""
    return [Table("symptoms", columns, rows, say.say("None."), note=note)] if rows else []


def _told(say: Language, case: CaseFile) -> Table:
    rows = [
        (
            one.created_ms,
            one.person,
            one.channel,
            say.say(NOTICE_WORDS[one.kind]),
            say.say(DELIVERY_WORDS[one.state]),
            one.sent_ms,
            one.error or "",
        )
        for one in case.notices
    ]
    columns = (
        Column("created", say.say("Decided"), "moment"),
        Column("person", say.say("Person"), "name"),
        Column("channel", say.say("By"), "name"),
        Column("kind", say.say("What")),
        Column("state", say.say("Delivery")),
        Column("sent", say.say("Sent"), "moment"),
        Column("error", say.say("Error"), "name"),
    )
    return Table("told", columns, rows, say.say("Nobody was told."), wide=True)


def _said(say: Language, case: CaseFile) -> list[Block]:
    blocks: list[Block] = []
    for number, one in enumerate(case.diagnostics):
        lines = one.answer.splitlines()
        left_out = len(lines) - LINES_AT_MOST
        note = say.say("and {n} more", n=left_out) if left_out > 0 else ""
        columns = (Column("line", say.say(one.state), "code"),)
        rows = [(line,) for line in lines[:LINES_AT_MOST]]
        title = f"{one.device}: {one.question}"
        blocks.append(Table(f"said-{number + 1}", columns, rows, say.say("It said nothing."), title, note))
    return blocks


def _learned(say: Language, case: CaseFile) -> list[Block]:
    blocks: list[Block] = []
    if case.problem is not None:
        one = case.problem
        state = say.say(one.state.replace("_", " "))
        blocks.append(
            Paragraph(say.say("Problem record {id}, {state}: {title}.", id=one.id, state=state, title=one.title))
        )
        blocks += [Paragraph(say.say("Cause: {cause}", cause=one.cause))] if one.cause else []
        blocks += [Paragraph(say.say("Workaround: {said}", said=one.workaround))] if one.workaround else []
    rows = [
        *((entry.at_ms, entry.who or "noc", str(entry.facts["text"])) for entry in case.timeline if _is_note(entry)),
        *((note.at_ms, note.who, f"{note.entity}: {note.text}") for note in case.notes),
    ]
    columns = (
        Column("at", say.say("Time"), "moment"),
        Column("who", say.say("Who"), "name"),
        Column("text", say.say("Note"), "name"),
    )
    blocks.append(
        Table("notes", columns, sorted(rows), say.say("Nobody wrote anything down: add notes to the incident."))
    )
    refs = [(one.channel, one.reference, one.state) for one in case.tickets]
    if refs:
        heads = (
            Column("channel", say.say("System"), "name"),
            Column("reference", say.say("Ticket"), "code"),
            Column("state", say.say("State")),
        )
        blocks.append(Table("tickets", heads, refs, say.say("None."), say.say("Tickets")))
    return blocks


def _optional(title: str, blocks: list[Block]) -> list[Section]:
    return [Section(title, blocks)] if blocks else []


def _is_note(entry: Entry) -> bool:
    return entry.kind == "note" and entry.who is not None and isinstance(entry.facts.get("text"), str)


def _number(facts: Facts, name: str) -> int | None:
    value = facts.get(name)
    return value if isinstance(value, int) else None


def _text(facts: Facts) -> str:
    return ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in facts.items() if value is not None)
