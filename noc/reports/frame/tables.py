"""Tables, facts and charts of figures, which several reports show. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from noc.i18n.language import Language
from noc.reports.frame.document import Bar, Block, Cell, Chart, Column, Fact, Facts, Paragraph, Said, Table
from noc.reports.frame.figures import Gap, Line, OutageRow, Step
from noc.reports.frame.words import cause_word, causes_said, kind_word, local_day, verdict_word

LONGEST_DAY_MS: Final = 8 * 86_400_000
"""What is longer than this is a month."""


def result(line: Line, language: Language) -> list[Block]:
    """Return the figures of one line, measured and adjusted side by side."""
    say, measured = language.say, line.measured
    large = [
        Fact(say("Measured"), measured.availability_pct, "percent"),
        Fact(say("Adjusted"), line.adjusted.availability_pct, "percent"),
    ]
    if line.target_pct is not None:
        found = verdict_word(line.verdict, language)
        large.append(Fact(say("Target"), line.target_pct, "percent", "" if found is None else found.text))
    return [
        Facts(large, large=True),
        Facts(
            [
                Fact(say("Floor"), measured.floor_pct, "percent", say("what was not seen counted as down")),
                Fact(say("Ceiling"), measured.ceiling_pct, "percent", say("what was not seen counted as up")),
                Fact(say("Coverage"), measured.coverage_pct, "percent", say("how much was seen")),
                Fact(say("Degraded"), line.degraded_s, "seconds", say("sites up, with a redundant path gone")),
            ]
        ),
    ]


def lines_table(key: str, kind: str, lines: Sequence[Line], whole: str, language: Language) -> Table:
    """Return the table of all figures; the first line is the sum, by the name `whole`. kind: what the others are."""
    say = language.say
    columns = [
        Column("entity", say("Entity"), "code", in_files=True),
        Column("name", kind_word(kind, language), "name"),
        Column("measured_pct", say("Measured"), "percent"),
        Column("adjusted_pct", say("Adjusted"), "percent"),
        Column("floor_pct", say("Floor"), "percent"),
        Column("ceiling_pct", say("Ceiling"), "percent"),
        Column("coverage_pct", say("Coverage"), "percent"),
        Column("target_pct", say("Target"), "percent", in_files=True),
        Column("verdict", say("Target is")),
        Column("up_s", say("Up"), "seconds", in_files=True),
        Column("down_s", say("Down"), "seconds"),
        Column("unreachable_s", say("Unreachable"), "seconds"),
        Column("unknown_s", say("Not seen"), "seconds"),
        Column("planned_s", say("Planned"), "seconds"),
        Column("degraded_s", say("Degraded"), "seconds", in_files=True),
        Column("adjusted_down_s", say("Down, adjusted"), "seconds", in_files=True),
        Column("outages", say("Outages"), "count"),
        Column("longest_outage_s", say("Longest"), "seconds"),
        Column("mttr_s", say("Mean time to restore"), "seconds", in_files=True),
        Column("mtbf_s", say("Mean time between failures"), "seconds", in_files=True),
    ]
    rows = [_row(line, line.name if n else whole, language) for n, line in enumerate(lines)]
    return Table(key, columns, rows, say("There are none in this period."), emphasis=1, wide=True)


def _row(line: Line, name: str, language: Language) -> Sequence[Cell]:
    measured, adjusted = line.measured, line.adjusted
    return [
        line.entity,
        name,
        measured.availability_pct,
        adjusted.availability_pct,
        measured.floor_pct,
        measured.ceiling_pct,
        measured.coverage_pct,
        line.target_pct,
        verdict_word(line.verdict, language),
        measured.up_s,
        measured.down_s,
        measured.unreachable_s,
        measured.unknown_s,
        measured.planned_s,
        line.degraded_s,
        adjusted.failed_s,
        line.outages,
        line.longest_outage_s,
        line.mttr_s,
        line.mtbf_s,
    ]


def worst_table(kind: str, lines: Sequence[Line], language: Language) -> Table:
    """Return the worst, with the cause of most of their down time."""
    say = language.say
    columns = [
        Column("entity", say("Entity"), "code", in_files=True),
        Column("name", kind_word(kind, language), "name"),
        Column("measured_pct", say("Measured"), "percent"),
        Column("adjusted_pct", say("Adjusted"), "percent"),
        Column("coverage_pct", say("Coverage"), "percent"),
        Column("failed_s", say("Down or unreachable"), "seconds"),
        Column("outages", say("Outages"), "count"),
        Column("cause", say("Cause")),
    ]
    rows: list[Sequence[Cell]] = [
        [
            line.entity,
            line.name,
            line.measured.availability_pct,
            line.adjusted.availability_pct,
            line.measured.coverage_pct,
            line.measured.failed_s,
            line.outages,
            causes_said(line.causes, language) if line.causes else None,
        ]
        for line in lines
    ]
    return Table("worst", columns, rows, say("Nothing was down."))


def causes_table(causes: Mapping[str, float], language: Language) -> Table:
    """Return how long was down for what reason; the sum is all of it."""
    say, whole = language.say, sum(causes.values())
    columns = [
        Column("cause", say("Cause")),
        Column("failed_s", say("Down or unreachable"), "seconds"),
        Column("share_pct", say("Share"), "percent"),
    ]
    ordered = sorted(causes.items(), key=lambda item: (-item[1], item[0]))
    rows: list[Sequence[Cell]] = [
        [cause_word(cause, language), spent, 100 * spent / whole] for cause, spent in ordered if spent
    ]
    if rows:
        rows.insert(0, [Said("all", say("All causes")), whole, 100.0])
    return Table("causes", columns, rows, say("Nothing was down."), emphasis=1)


def outages_table(rows: Sequence[OutageRow], left_out: int, language: Language) -> Table:
    """Return outages, the longest first. left_out: how many shorter ones there is no room for."""
    say = language.say
    columns = [
        Column("entity", say("Entity"), "code", in_files=True),
        Column("name", say("What"), "name"),
        Column("start", say("From"), "moment"),
        Column("end", say("To"), "moment"),
        Column("length_s", say("Length"), "seconds"),
        Column("state", say("State")),
        Column("cause", say("Cause")),
        Column("note", say("Note")),
    ]
    cells: list[Sequence[Cell]] = [
        [
            row.entity,
            row.name,
            row.start_ms,
            row.end_ms,
            row.length_s,
            say("down") if row.state == "down" else say("unreachable"),
            causes_said(row.causes, language),
            _reach(row, language),
        ]
        for row in rows
    ]
    return Table("outages", columns, cells, say("There was none."), note=_left_out(left_out, language), wide=True)


def _left_out(count: int, language: Language) -> str:
    return language.count("{n} shorter one is left out.", "{n} shorter ones are left out.", count) if count else ""


def _reach(row: OutageRow, language: Language) -> str:
    said = []
    if row.began_before:
        said.append(language.say("began before the period"))
    if row.goes_on:
        said.append(language.say("not over at the end"))
    return " · ".join(said)


def least_seen_table(kind: str, lines: Sequence[Line], language: Language) -> Table:
    """Return what was seen least."""
    say = language.say
    columns = [
        Column("entity", say("Entity"), "code", in_files=True),
        Column("name", kind_word(kind, language), "name"),
        Column("coverage_pct", say("Coverage"), "percent"),
        Column("unknown_s", say("Not seen"), "seconds"),
        Column("floor_pct", say("Floor"), "percent"),
        Column("ceiling_pct", say("Ceiling"), "percent"),
    ]
    rows: list[Sequence[Cell]] = [
        [
            line.entity,
            line.name,
            line.measured.coverage_pct,
            line.measured.unknown_s,
            line.measured.floor_pct,
            line.measured.ceiling_pct,
        ]
        for line in lines
    ]
    return Table("least_seen", columns, rows, say("Everything was seen, all the time."))


def gaps_table(gaps: Sequence[Gap], left_out: int, language: Language) -> Table:
    """Return the longest times that nobody saw. left_out: how many shorter ones there were."""
    say = language.say
    columns = [
        Column("entity", say("Entity"), "code", in_files=True),
        Column("name", say("What"), "name"),
        Column("start", say("From"), "moment"),
        Column("end", say("To"), "moment"),
        Column("length_s", say("Length"), "seconds"),
    ]
    rows: list[Sequence[Cell]] = [
        [gap.entity, gap.name, gap.start_ms, gap.end_ms, (gap.end_ms - gap.start_ms) / 1000] for gap in gaps
    ]
    return Table("gaps", columns, rows, say("Everything was seen, all the time."), note=_left_out(left_out, language))


def steps_chart(steps: Sequence[Step], target: float | None, zone: str, language: Language) -> Chart:
    """Return availability day by day, or month by month."""
    say = language.say
    is_month = len(steps) > 1 and steps[1].start_ms - steps[0].start_ms > LONGEST_DAY_MS
    bars = [
        Bar(_label(local_day(step.start_ms, zone), language, is_month=is_month), step.sums.availability_pct)
        for step in steps
    ]
    seen = [bar.value for bar in bars if bar.value is not None]
    least = min([*seen, 100.0 if target is None else target])
    return Chart(
        title=say("Month by month, measured") if is_month else say("Day by day, measured"),
        said=say("Lowest: {lowest}. Highest: {highest}.", lowest=language.percent(min(seen, default=None)),
                 highest=language.percent(max(seen, default=None))),
        bars=bars,
        unit="percent",
        low=lowest(least),
        high=100.0,
        line=target,
        line_label=say("Target"),
    )  # fmt: skip


def _label(day: date, language: Language, *, is_month: bool) -> str:
    return language.month(day) if is_month else language.day(day)


def lowest(value: float) -> float:
    """Return the lower end of a scale of percent that shows this value above it."""
    for low in (99.9, 99.5, 99.0, 98.0, 95.0, 90.0, 80.0, 50.0):
        if value > low + (100 - low) / 20:
            return low
    return 0.0


def unseen(line: Line, language: Language, *, is_sum: bool) -> Paragraph:
    """Return how much was not seen, in a sentence. is_sum: the line adds up sites."""
    say = language.say
    if not line.measured.unknown_s:
        return Paragraph(say("Everything was seen, all the time."))
    length, coverage = language.length(line.measured.unknown_s), language.percent(line.measured.coverage_pct)
    if is_sum:
        text = say("Not seen, added up over all sites: {length}. Seen: {coverage}.", length=length, coverage=coverage)
    else:
        text = say("Not seen: {length}. Seen: {coverage}.", length=length, coverage=coverage)
    return Paragraph(text, warns=True)
