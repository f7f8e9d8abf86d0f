"""The row that the budget document prints: target, estimate and actual of network availability, for four bienniums."""

from __future__ import annotations

from typing import Final

from noc.availability.periods import Named, before, named
from noc.availability.policy import Period
from noc.i18n.language import Language
from noc.model.errors import UsageError
from noc.model.instants import from_ms
from noc.reports.frame.asked import EVERYTHING, Answer, Asked, By, Frozen, Head, Issue
from noc.reports.frame.document import Block, Cell, Column, Document, Fact, Facts, Paragraph, Section, Table
from noc.reports.frame.figures import Sums, sums_of
from noc.reports.frame.material import Material
from noc.reports.frame.words import heading, method

PURPOSE: Final = "Tell target, estimate and actual of network availability for four bienniums, as the budget prints it."
BY: Final[tuple[By, ...]] = ()
PERIOD: Final = "biennium"
FROM_LEDGER: Final = True

BIENNIUMS: Final = 4


class BienniumColumn(Frozen):
    """One biennium. seen_from_ms: when the ledger begins to know anything of it; null: it knows nothing.

    is_over: its figure is actual; else an estimate, of what is over of it until `until_ms`.
    """

    text: str
    start_ms: int
    end_ms: int
    until_ms: int
    is_over: bool
    seen_from_ms: int | None
    measured: Sums | None
    adjusted: Sums | None


class BienniumAnswer(Answer):
    """target_pct: what is promised of the network now. columns: the newest first."""

    target_pct: float | None
    columns: tuple[BienniumColumn, ...]


ANSWER: Final = BienniumAnswer


async def gather(material: Material, asked: Asked) -> BienniumAnswer:
    """Read what is asked. Raises UsageError where the period is no biennium, or of whom is not the network."""
    head = await material.head(asked)
    if head.unit != "biennium":
        raise UsageError(f"{asked.period} is no biennium; write one such as 2026-2027")
    if asked.of != EVERYTHING:
        raise UsageError("the biennium's row is of the whole network")
    now_ms = material.now_ms if asked.known is None else head.known_at.time_ms
    one = named(asked.period, asked.zone, from_ms(now_ms))
    columns = []
    for index in range(BIENNIUMS):
        columns.append(await _column(material, head, one, now_ms))
        material.tell((index + 1) / BIENNIUMS)
        one = before(one)
    target = material.target_of(EVERYTHING)
    return BienniumAnswer(head=head, target_pct=None if target is None else float(target), columns=tuple(columns))


async def _column(material: Material, head: Head, one: Named, now_ms: int) -> BienniumColumn:
    known, whole = head.known_at.record, one.period
    until_ms = min(whole.end, now_ms)
    first_ms = await material.first_ms(whole.end, known)
    seen_from = None if first_ms is None else max(first_ms, whole.start)
    measured = adjusted = None
    if seen_from is not None and seen_from < until_ms:
        # What is over of it, from the ledger's beginning on: the time before noc was there is not the network's.
        found = await material.statement(Period(seen_from, until_ms), known, material.evidence_ms(head))
        measured, adjusted = sums_of(found.measured.network), sums_of(found.adjusted.network)
    return BienniumColumn(
        text=one.text,
        start_ms=whole.start,
        end_ms=whole.end,
        until_ms=until_ms,
        is_over=whole.end <= now_ms,
        seen_from_ms=seen_from,
        measured=measured,
        adjusted=adjusted,
    )


def document(answer: Answer, issue: Issue | None, language: Language) -> Document:
    """Return the answer as a document. Pure."""
    if not isinstance(answer, BienniumAnswer):
        raise TypeError(f"this is an answer of {type(answer).__name__}")
    say, head = language.say, answer.head
    newest = answer.columns[0]
    return Document(
        name=head.asked.report,
        title=say("Network availability by biennium"),
        subtitle=" · ".join(_years(column.text) for column in answer.columns),
        language=language.tag,
        zone=head.asked.zone,
        heading=heading(answer, issue, language),
        sections=[
            Section(say("Performance measure"), [_row(answer, language), *_partly(answer, language)]),
            Section(_years(newest.text), _beside(newest, language)),
            method(head, language),
            Section(say("What the figures stand on"), [_details(answer, language)]),
        ],
        main="biennium",
        made_ms=head.known_at.time_ms,
    )


def _years(text: str) -> str:
    return text.replace("-", "–")


def _row(answer: BienniumAnswer, language: Language) -> Table:
    say = language.say
    columns = [
        Column("row", say("Availability of the wide-area network, in percent")),
        *(Column(column.text, _years(column.text), "percent") for column in answer.columns),
    ]
    actual: list[Cell] = [_pct(column) if column.is_over else None for column in answer.columns]
    estimate: list[Cell] = [None if column.is_over else _pct(column) for column in answer.columns]
    rows: list[list[Cell]] = [
        [say("Target"), *[answer.target_pct] * len(answer.columns)],
        [say("Estimate"), *estimate],
        [say("Actual"), *actual],
    ]
    return Table("biennium", columns, rows, say("There are none in this period."))


def _pct(column: BienniumColumn) -> float | None:
    return None if column.measured is None else column.measured.availability_pct


def _partly(answer: BienniumAnswer, language: Language) -> list[Block]:
    """Return what must be said of bienniums that the ledger knows only in part."""
    say, zone = language.say, answer.head.asked.zone
    said: list[Block] = [
        Paragraph(
            say(
                "Estimate: of a biennium that is not over, what was measured so far. Actual: of one that is over. The"
                " target is what is promised now."
            )
        )
    ]
    for column in answer.columns:
        years = _years(column.text)
        if column.seen_from_ms is None:
            said.append(Paragraph(say("{years}: the ledger knows nothing of it.", years=years)))
        elif column.seen_from_ms > column.start_ms:
            text = say(
                "{years}: the ledger begins at {start}; the figure is of the time since then.",
                years=years,
                start=language.moment(column.seen_from_ms, zone),
            )
            said.append(Paragraph(text, warns=True))
    return said


def _beside(column: BienniumColumn, language: Language) -> list[Block]:
    say, measured, adjusted = language.say, column.measured, column.adjusted
    if measured is None or adjusted is None:
        return [Paragraph(say("There are none in this period."))]
    return [
        Facts(
            [
                Fact(say("Measured"), measured.availability_pct, "percent"),
                Fact(say("Adjusted"), adjusted.availability_pct, "percent"),
            ],
            large=True,
        ),
        Facts(
            [
                Fact(say("Floor"), measured.floor_pct, "percent", say("what was not seen counted as down")),
                Fact(say("Ceiling"), measured.ceiling_pct, "percent", say("what was not seen counted as up")),
                Fact(say("Coverage"), measured.coverage_pct, "percent", say("how much was seen")),
            ]
        ),
    ]


def _details(answer: BienniumAnswer, language: Language) -> Table:
    say = language.say
    columns = [
        Column("biennium", say("Biennium")),
        Column("from", say("From"), "moment"),
        Column("to", say("To"), "moment"),
        Column("measured_pct", say("Measured"), "percent"),
        Column("adjusted_pct", say("Adjusted"), "percent"),
        Column("floor_pct", say("Floor"), "percent"),
        Column("ceiling_pct", say("Ceiling"), "percent"),
        Column("coverage_pct", say("Coverage"), "percent"),
    ]
    rows: list[list[Cell]] = [
        [
            _years(column.text),
            column.seen_from_ms,
            column.until_ms,
            column.measured.availability_pct,
            column.adjusted.availability_pct,
            column.measured.floor_pct,
            column.measured.ceiling_pct,
            column.measured.coverage_pct,
        ]
        for column in answer.columns
        if column.measured is not None and column.adjusted is not None
    ]
    return Table("bienniums", columns, rows, say("There are none in this period."))
