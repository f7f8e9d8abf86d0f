"""Tables of what people decided and what came late. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from noc.i18n.language import Language
from noc.reports.frame.document import Cell, Column, Table
from noc.reports.frame.happened import CorrectionRow, RestatementRow, WindowRow
from noc.reports.frame.words import cause_word


def windows_table(rows: Sequence[WindowRow], language: Language) -> Table:
    """Return planned maintenance, in order of time."""
    say = language.say
    columns = [
        Column("number", say("Number"), "count"),
        Column("entity", say("Entity"), "code", in_files=True),
        Column("name", say("What"), "name"),
        Column("start", say("From"), "moment"),
        Column("end", say("To"), "moment"),
        Column("work", say("Work"), "name"),
        Column("requested_by", say("Asked for by"), "name"),
        Column("approved_by", say("Approved by"), "name"),
        Column("notice_s", say("Notice"), "seconds"),
        Column("note", say("Note")),
    ]
    cells: list[Sequence[Cell]] = [
        [
            row.number,
            row.entity,
            row.name,
            row.start_ms,
            row.end_ms,
            row.what,
            row.requested_by,
            row.approved_by,
            row.notice_s,
            say("counts from its approval") if row.late else "",
        ]
        for row in rows
    ]
    return Table("windows", columns, cells, say("There was none."), wide=True)


def corrections_table(rows: Sequence[CorrectionRow], language: Language) -> Table:
    """Return corrections, in order of time."""
    say = language.say
    columns = [
        Column("number", say("Number"), "count"),
        Column("entity", say("Entity"), "code", in_files=True),
        Column("name", say("What"), "name"),
        Column("start", say("From"), "moment"),
        Column("end", say("To"), "moment"),
        Column("cause", say("Cause")),
        Column("why", say("Why"), "name"),
        Column("evidence", say("Evidence"), "name"),
        Column("proposed_by", say("Proposed by"), "name"),
        Column("approved_by", say("Approved by"), "name"),
        Column("approved", say("Approved"), "moment"),
    ]
    cells: list[Sequence[Cell]] = [
        [
            row.number,
            row.entity,
            row.name,
            row.start_ms,
            row.end_ms,
            cause_word(row.cause, language),
            row.why,
            " · ".join(row.evidence),
            row.proposed_by,
            row.approved_by,
            row.approved_ms,
        ]
        for row in rows
    ]
    return Table("corrections", columns, cells, say("There was none."), wide=True)


def restatements_table(rows: Sequence[RestatementRow], language: Language) -> Table:
    """Return what late evidence restated, in the order in which it came."""
    say = language.say
    columns = [
        Column("entity", say("Entity"), "code", in_files=True),
        Column("name", say("What"), "name"),
        Column("start", say("From"), "moment"),
        Column("end", say("To"), "moment"),
        Column("poller", say("Seen by"), "name"),
        Column("results", say("Results"), "count"),
        Column("decided", say("It came"), "moment"),
    ]
    cells: list[Sequence[Cell]] = [
        [row.entity, row.name, row.start_ms, row.end_ms, row.poller, row.results, row.decided_ms] for row in rows
    ]
    return Table("restatements", columns, cells, say("There was none."))
