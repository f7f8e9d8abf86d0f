"""Tables of the evidence pack for carriers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from noc.i18n.language import Language
from noc.reports._claims import Claim, EvidenceRow
from noc.reports.frame.document import Cell, Column, Fact, Facts, Section, Table
from noc.reports.frame.tables import outages_table
from noc.reports.frame.told import corrections_table, windows_table
from noc.reports.frame.words import verdict_word

OUTAGES_SHOWN: Final = 500
RECORDS_SHOWN: Final = 1_000
"""Rows in a document; of a provider, or of a circuit, alone there are fewer."""


def large_facts(claims: Sequence[Claim], language: Language) -> Facts:
    """Return the figures that the report is about."""
    say = language.say
    return Facts(
        [
            Fact(say("Circuits"), len(claims), "count"),
            Fact(say("Down by the carrier"), sum(one.carrier_s for one in claims), "seconds"),
            Fact(say("Down, not explained"), sum(one.open_s for one in claims), "seconds"),
            Fact(say("Target missed"), sum(one.figures.verdict == "missed" for one in claims), "count"),
        ],
        large=True,
    )


def claims_table(claims: Sequence[Claim], language: Language) -> Table:
    """Return all circuits, in the order in which they are given."""
    say = language.say
    columns = [
        Column("provider", say("Provider"), "name"),
        Column("circuit", say("Entity"), "code", in_files=True),
        Column("name", say("Circuit"), "name"),
        Column("reference", say("Provider's reference"), "code"),
        Column("measured_pct", say("Measured"), "percent"),
        Column("adjusted_pct", say("Adjusted"), "percent"),
        Column("carrier_pct", say("Carrier's part alone"), "percent"),
        Column("carrier_floor_pct", say("With what is not explained"), "percent"),
        Column("floor_pct", say("Floor"), "percent", in_files=True),
        Column("ceiling_pct", say("Ceiling"), "percent", in_files=True),
        Column("coverage_pct", say("Coverage"), "percent", in_files=True),
        Column("target_pct", say("Target"), "percent"),
        Column("verdict", say("Target is")),
        Column("outages", say("Outages"), "count"),
        Column("carrier_s", say("Down by the carrier"), "seconds"),
        Column("open_s", say("Down, not explained"), "seconds"),
        Column("other_s", say("Down, other causes"), "seconds"),
        Column("planned_s", say("Planned"), "seconds", in_files=True),
    ]
    cells: list[Sequence[Cell]] = [
        [
            one.provider,
            one.figures.entity,
            one.figures.name,
            one.reference,
            one.figures.measured.availability_pct,
            one.figures.adjusted.availability_pct,
            one.carrier_pct,
            one.carrier_floor_pct,
            one.figures.measured.floor_pct,
            one.figures.measured.ceiling_pct,
            one.figures.measured.coverage_pct,
            one.figures.target_pct,
            verdict_word(one.figures.verdict, language),
            one.figures.outages,
            one.carrier_s,
            one.open_s,
            one.other_s,
            one.figures.measured.planned_s,
        ]
        for one in claims
    ]
    return Table("circuits", columns, cells, say("No circuit has a provider in the inventory."), wide=True)


def evidence_sections(claims: Sequence[Claim], language: Language) -> list[Section]:
    """Return what the figures stand on, of all circuits together, circuit by circuit."""
    say = language.say
    outages = [one for claim in claims for one in claim.outages]
    left_out = sum(claim.outages_left_out for claim in claims) + max(0, len(outages) - OUTAGES_SHOWN)
    windows = {(one.number, one.start_ms): one for claim in claims for one in claim.windows}
    corrections = {one.number: one for claim in claims for one in claim.corrections}
    return [
        Section(say("Outages"), [outages_table(outages[:OUTAGES_SHOWN], left_out, language)], begins_page=True),
        Section(say("Planned maintenance"), [windows_table(list(windows.values()), language)]),
        Section(say("Corrections"), [corrections_table(list(corrections.values()), language)]),
        Section(say("Records of the ledger"), [records_table(claims, language)], begins_page=True),
    ]


def records_table(claims: Sequence[Claim], language: Language) -> Table:
    """Return the records behind the outages, circuit by circuit."""
    say = language.say
    columns = [
        Column("circuit", say("Entity"), "code", in_files=True),
        Column("name", say("Circuit"), "name"),
        Column("record", say("Record"), "count"),
        Column("since", say("Since"), "moment"),
        Column("status", say("State"), "code"),
        Column("decided", say("Certain at"), "moment", in_files=True),
        Column("by", say("Seen by"), "code"),
        Column("results", say("Results"), "code"),
        Column("rule", say("Rule"), "code"),
        Column("hash", say("Hash"), "code", in_files=True),
    ]
    rows = [(claim, one) for claim in claims for one in claim.records]
    left_out = sum(claim.records_left_out for claim in claims) + max(0, len(rows) - RECORDS_SHOWN)
    cells = [_record_cells(claim, one) for claim, one in rows[:RECORDS_SHOWN]]
    note = say("Results: time of each answer (+) and of each failure (-), UTC.")
    if left_out:
        note += " " + language.count("{n} more is left out.", "{n} more are left out.", left_out)
    return Table("records", columns, cells, say("There was none."), note=note, wide=True)


def _record_cells(claim: Claim, row: EvidenceRow) -> Sequence[Cell]:
    return [
        claim.entity,
        claim.figures.name,
        row.record,
        row.since_ms,
        row.status,
        row.decided_ms,
        row.by,
        row.results,
        row.rule,
        row.hash,
    ]
