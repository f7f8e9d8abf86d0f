"""The report after an incident: what happened, to whom, what was done by when, and what devices said. Pure, in English.

Everything in it is read from the incident; what people learned of it are its notes and its problem record.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from alerts.due import TargetWord, met_ms, target_ms
from noc.inventory.inventory import Inventory
from noc.model.incident import Entry, Facts, Incident
from noc.reports.frame.document import Block, Column, Document, Fact, Paragraph, Section, Table
from noc.reports.frame.document import Facts as Figures
from noc.state.casefile import CaseFile

NAME: Final = "post-incident"
LEVELS: Final = ("high", "medium", "low")
LINES_AT_MOST: Final = 60
"""Of what one device said to one question; all of it is kept beside the incident."""


def post_incident(case: CaseFile, inventory: Inventory, now_ms: int, zone: str = "UTC") -> Document:
    """Return the report on an incident. now_ms: while it is open, it tells up to now. zone: IANA, of its times."""
    one = case.incident
    entity = inventory.entity(one.entity)
    named = one.entity if entity is None else entity.name
    summary = str(one.facts.get("summary") or one.rule)
    sections = [
        Section("Summary", _summary(case, now_ms)),
        Section("Timeline", [_timeline(case.timeline)]),
        *_optional("Status updates", _updates(case)),
        *_optional("Symptoms", _symptoms(case)),
        Section("Who was told", [_told(case)]),
        *_optional("What devices said", _said(case)),
        Section("What was learned", _learned(case)),
    ]
    return Document(
        name=f"{NAME}-{one.id}",
        title=f"Incident {one.id}: {summary}",
        subtitle=named,
        language="en",
        zone=zone,
        heading=_heading(one, named),
        sections=sections,
        main="timeline",
        made_ms=max([one.opened_ms, *(entry.at_ms for entry in case.timeline)]),
    )


def _heading(one: Incident, named: str) -> list[Fact]:
    return [
        Fact("What", named, "name", one.entity),
        Fact("Key", one.key, "code"),
        Fact("Priority", one.priority, "count", _ranked(one)),
        Fact("State", one.state.replace("_", " ")),
        *([Fact("Declared", "major incident")] if one.major_ms is not None else []),
        Fact("Owner", one.acknowledged_by, "name"),
        Fact("Since", one.since_ms, "moment"),
        Fact("Opened", one.opened_ms, "moment"),
        Fact("Over", one.resolved_ms, "moment", "" if one.resolved_ms else "it is not over"),
    ]


def _ranked(one: Incident) -> str:
    by_hand = "" if one.priority_by is None else f", set by {one.priority_by}"
    return f"impact {LEVELS[min(one.impact, 3) - 1]}, {one.severity}{by_hand}"


def _summary(case: CaseFile, now_ms: int) -> list[Block]:
    one = case.incident
    # What was counted, not what somebody set by hand.
    counted = (entry.facts for entry in reversed(case.timeline) if entry.kind == "priority" and "sites" in entry.facts)
    rank = next(counted, {})
    end_ms = one.resolved_ms if one.resolved_ms is not None else now_ms
    answered = next((entry.at_ms for entry in case.timeline if entry.kind == "acknowledged"), None)
    large = [
        Fact("Lasted", (end_ms - one.since_ms) / 1000, "seconds"),
        Fact("Until noc knew", (one.opened_ms - one.since_ms) / 1000, "seconds"),
        Fact("Until somebody owned it", None if answered is None else (answered - one.opened_ms) / 1000, "seconds"),
        Fact("Reopened", one.reopened, "count"),
    ]
    affected = [
        Fact("Sites cut off", _number(rank, "sites"), "count"),
        Fact("People there", _number(rank, "people"), "count"),
        Fact("Services down", _number(rank, "services"), "count"),
        Fact("Symptoms", case.symptom_count, "count"),
    ]
    blocks: list[Block] = [Figures(large, large=True), Figures(affected), _targets(one)]
    if one.cause:
        blocks.append(Paragraph(f"Root cause by correlation: {one.cause}."))
    if one.resolved_ms is None:
        blocks.append(Paragraph("It is not over: these are figures so far.", warns=True))
    return blocks


def _targets(one: Incident) -> Table:
    rows = []
    words: tuple[tuple[TargetWord, str], ...] = (("respond", "Somebody owns it"), ("restore", "It is over"))
    for target, said in words:
        by_ms, met = target_ms(one, target), met_ms(one, target)
        if by_ms is not None:
            kept = "not yet" if met is None else "met" if met < by_ms else "missed"
            rows.append((said, by_ms, met, kept))
    columns = (
        Column("target", "Target"),
        Column("by", "By", "moment"),
        Column("met", "Reached", "moment"),
        Column("kept", "Kept"),
    )
    return Table("targets", columns, rows, "It has no targets.", "Targets")


def _timeline(entries: Sequence[Entry]) -> Table:
    rows = [(entry.at_ms, entry.kind.replace("_", " "), entry.who or "noc", _text(entry.facts)) for entry in entries]
    columns = (
        Column("at", "Time", "moment"),
        Column("kind", "What"),
        Column("who", "Who", "name"),
        Column("facts", "Facts", "name"),
    )
    return Table("timeline", columns, rows, "Nothing is written down.", wide=True)


def _updates(case: CaseFile) -> list[Block]:
    rows = [(one.at_ms, one.who or "noc", str(one.facts.get("text") or "")) for one in reversed(case.updates)]
    columns = (Column("at", "Time", "moment"), Column("who", "Who", "name"), Column("text", "Update", "name"))
    return [Table("updates", columns, rows, "None.")] if rows else []


def _symptoms(case: CaseFile) -> list[Block]:
    rows = [(one.entity, one.rule, one.since_ms, one.left_ms, str(one.facts.get("why") or "")) for one in case.symptoms]
    columns = (
        Column("entity", "Entity", "code"),
        Column("rule", "Rule", "code"),
        Column("since", "Since", "moment"),
        Column("left", "Until", "moment"),
        Column("why", "Why", "name"),
    )
    left_out = case.symptom_count - len(rows)
    note = f"and {left_out} more" if left_out > 0 else ""
    return [Table("symptoms", columns, rows, "None.", note=note)] if rows else []


def _told(case: CaseFile) -> Table:
    rows = [
        (one.created_ms, one.person, one.channel, one.kind, one.state, one.sent_ms, one.error or "")
        for one in case.notices
    ]
    columns = (
        Column("created", "Decided", "moment"),
        Column("person", "Person", "name"),
        Column("channel", "By", "name"),
        Column("kind", "What"),
        Column("state", "Delivery"),
        Column("sent", "Sent", "moment"),
        Column("error", "Error", "name"),
    )
    return Table("told", columns, rows, "Nobody was told.", wide=True)


def _said(case: CaseFile) -> list[Block]:
    blocks: list[Block] = []
    for number, one in enumerate(case.diagnostics):
        lines = one.answer.splitlines()
        note = f"and {len(lines) - LINES_AT_MOST} more lines" if len(lines) > LINES_AT_MOST else ""
        columns = (Column("line", f"{one.state}", "code"),)
        rows = [(line,) for line in lines[:LINES_AT_MOST]]
        title = f"{one.device}: {one.question}"
        blocks.append(Table(f"said-{number + 1}", columns, rows, "It said nothing.", title, note))
    return blocks


def _learned(case: CaseFile) -> list[Block]:
    blocks: list[Block] = []
    if case.problem is not None:
        one = case.problem
        blocks.append(Paragraph(f"Problem record {one.id}, {one.state.replace('_', ' ')}: {one.title}."))
        blocks += [Paragraph(f"Cause: {one.cause}")] if one.cause else []
        blocks += [Paragraph(f"Workaround: {one.workaround}")] if one.workaround else []
    rows = [
        *((entry.at_ms, entry.who or "noc", str(entry.facts["text"])) for entry in case.timeline if _is_note(entry)),
        *((note.at_ms, note.who, f"{note.entity}: {note.text}") for note in case.notes),
    ]
    columns = (Column("at", "Time", "moment"), Column("who", "Who", "name"), Column("text", "Note", "name"))
    blocks.append(Table("notes", columns, sorted(rows), "Nobody wrote anything down: add notes to the incident."))
    refs = [(one.channel, one.reference, one.state) for one in case.tickets]
    if refs:
        heads = (Column("channel", "System", "name"), Column("reference", "Ticket", "code"), Column("state", "State"))
        blocks.append(Table("tickets", heads, refs, "None.", "Tickets"))
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
