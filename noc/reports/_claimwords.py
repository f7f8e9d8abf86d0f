"""Tables of the evidence pack for carriers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from noc.i18n.language import Language
from noc.reports._claims import Claim, EvidenceRow
from noc.reports.frame.document import Block, Cell, Column, Fact, Facts, Section, Table
from noc.reports.frame.tables import outages_table
from noc.reports.frame.told import corrections_table, windows_table
from noc.reports.frame.words import verdict_word


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


def claim_section(claim: Claim, language: Language, *, begins_page: bool) -> Section:
    """Return the evidence of one circuit."""
    say, measured = language.say, claim.figures.measured
    facts = Facts(
        [
            Fact(say("Provider"), claim.provider, "name"),
            Fact(say("Provider's reference"), claim.reference or None, "code"),
            Fact(say("Measured"), measured.availability_pct, "percent"),
            Fact(say("Carrier's part alone"), claim.carrier_pct, "percent"),
            Fact(say("Floor"), measured.floor_pct, "percent"),
            Fact(say("Ceiling"), measured.ceiling_pct, "percent"),
            Fact(say("Coverage"), measured.coverage_pct, "percent"),
        ]
    )
    outages = outages_table(claim.outages, claim.outages_left_out, language)
    blocks: list[Block] = [facts, replace(outages, title=say("Outages"))]
    if claim.windows:
        blocks.append(replace(windows_table(claim.windows, language), title=say("Planned maintenance")))
    if claim.corrections:
        blocks.append(replace(corrections_table(claim.corrections, language), title=say("Corrections")))
    blocks.append(records_table(claim.records, claim.records_left_out, language))
    return Section(f"{claim.figures.name} ({claim.figures.entity})", blocks, begins_page=begins_page)


def records_table(rows: Sequence[EvidenceRow], left_out: int, language: Language) -> Table:
    """Return records of the ledger. left_out: how many earlier ones there is no room for."""
    say = language.say
    columns = [
        Column("record", say("Record"), "count"),
        Column("since", say("Since"), "moment"),
        Column("status", say("State"), "code"),
        Column("decided", say("Certain at"), "moment", in_files=True),
        Column("by", say("Seen by"), "code"),
        Column("results", say("Results"), "code"),
        Column("rule", say("Rule"), "code"),
        Column("hash", say("Hash"), "code", in_files=True),
    ]
    cells: list[Sequence[Cell]] = [
        [row.record, row.since_ms, row.status, row.decided_ms, row.by, row.results, row.rule, row.hash] for row in rows
    ]
    note = say("Results: time of each answer (+) and of each failure (-), UTC.")
    if left_out:
        note += " " + language.count("{n} earlier one is left out.", "{n} earlier ones are left out.", left_out)
    return Table("records", columns, cells, say("There was none."), title=say("Records of the ledger"), note=note)
