"""Tables of the report of incidents. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from noc.i18n.language import Language
from noc.reports._classwords import class_word
from noc.reports.frame.asked import Frozen
from noc.reports.frame.document import Bar, Cell, Chart, Column, Fact, Facts, Said, Table
from noc.reports.frame.figures import DAYS_AT_MOST
from noc.reports.frame.words import cause_word, local_day

Group = Literal["class", "site", "cause", "hub"]

DAY_MS: Final = 86_400_000


class Row(Frozen):
    """Incidents of a group. key: a class of devices, a cause, an entity, empty for none; name: what people call it.

    entity: the key with its kind, `class/router`, `hub/site/nairobi`; of all, `network`. `noc report diff` names it.
    failures: in which something was down. unresolved, unowned: nobody ended, nobody acknowledged them. Seconds; null
    where there is nothing to divide by.
    """

    entity: str
    key: str
    name: str
    incidents: int
    failures: int
    unresolved: int
    unowned: int
    mtta_s: float | None
    mttr_s: float | None
    mtbf_s: float | None


class NoisyRow(Frozen):
    """An entity with many incidents. rules: which, the most frequent first."""

    entity: str
    name: str
    incidents: int
    failures: int
    rules: tuple[str, ...]


class RepeatedRow(Frozen):
    """The same again and again: it deserves a problem record. open_s: how long, together. gap_s: between beginnings.

    numbers: of the incidents.
    """

    entity: str
    name: str
    rule: str
    times: int
    open_s: float
    gap_s: float | None
    first_ms: int
    last_ms: int
    cause: str
    numbers: tuple[int, ...]


class StepRow(Frozen):
    """A day, or a month, of the period: how many incidents were opened."""

    start_ms: int
    incidents: int


def large_facts(total: Row, language: Language) -> Facts:
    """Return the figures that the report is about."""
    say = language.say
    return Facts(
        [
            Fact(say("Incidents"), total.incidents, "count"),
            Fact(say("Mean time to acknowledge"), total.mtta_s, "seconds", _unowned(total, language)),
            Fact(say("Mean time to resolve"), total.mttr_s, "seconds", _unresolved(total, language)),
            Fact(say("Mean time between failures"), total.mtbf_s, "seconds", say("of a device")),
        ],
        large=True,
    )


def groups_table(group: Group, rows: Sequence[Row], language: Language) -> Table:
    """Return the incidents of classes, sites, causes or hubs."""
    say = language.say
    titles = {
        "class": say("Class"),
        "site": say("Site"),
        "cause": say("Cause"),
        "hub": say("Hub"),
    }
    columns = [
        Column(group, titles[group], "name" if group in ("site", "hub") else "text"),
        Column("incidents", say("Incidents"), "count"),
        Column("failures", say("Down"), "count"),
        Column("unresolved", say("Not over"), "count"),
        Column("unowned", say("Not acknowledged"), "count"),
        Column("mtta_s", say("Mean time to acknowledge"), "seconds"),
        Column("mttr_s", say("Mean time to resolve"), "seconds"),
        Column("mtbf_s", say("Mean time between failures"), "seconds"),
    ]
    cells: list[Sequence[Cell]] = [
        [
            _group_word(group, row, language),
            row.incidents,
            row.failures,
            row.unresolved,
            row.unowned,
            row.mtta_s,
            row.mttr_s,
            row.mtbf_s,
        ]
        for row in rows
    ]
    return Table(f"by_{group}", columns, cells, say("There was none."))


def noisiest_table(rows: Sequence[NoisyRow], language: Language) -> Table:
    """Return the entities with the most incidents."""
    say = language.say
    columns = [
        Column("entity", say("Entity"), "code", in_files=True),
        Column("name", say("What"), "name"),
        Column("incidents", say("Incidents"), "count"),
        Column("failures", say("Down"), "count"),
        Column("rules", say("Rules"), "code"),
    ]
    cells: list[Sequence[Cell]] = [
        [row.entity, row.name, row.incidents, row.failures, ", ".join(row.rules)] for row in rows
    ]
    return Table("noisiest", columns, cells, say("There was none."))


def repeated_table(rows: Sequence[RepeatedRow], at_least: int, left_out: int, language: Language) -> Table:
    """Return what deserves a problem record. left_out: how many came less often, and there is no room for."""
    say = language.say
    columns = [
        Column("entity", say("Entity"), "code", in_files=True),
        Column("name", say("What"), "name"),
        Column("rule", say("Rule"), "code"),
        Column("times", say("Incidents"), "count"),
        Column("open_s", say("Open, together"), "seconds"),
        Column("gap_s", say("Every"), "seconds"),
        Column("first", say("First"), "moment"),
        Column("last", say("Last"), "moment"),
        Column("cause", say("Cause")),
        Column("numbers", say("Numbers"), "code", in_files=True),
    ]
    cells: list[Sequence[Cell]] = [
        [
            row.entity,
            row.name,
            row.rule,
            row.times,
            row.open_s,
            row.gap_s,
            row.first_ms,
            row.last_ms,
            cause_word(row.cause, language),
            " ".join(map(str, row.numbers)),
        ]
        for row in rows
    ]
    note = say("At least {n} incidents of the same rule and entity.", n=language.number(at_least))
    if left_out:
        more = language.count(
            "{n} that came less often is left out.", "{n} that came less often are left out.", left_out
        )
        note = f"{note} {more}"
    return Table("repeated", columns, cells, say("Nothing came again and again."), note=note)


def opened_chart(steps: Sequence[StepRow], zone: str, language: Language) -> Chart:
    """Return how many incidents were opened, day by day or month by month."""
    say = language.say
    is_month = len(steps) > 1 and steps[1].start_ms - steps[0].start_ms > 8 * DAY_MS
    bars = []
    for step in steps[-DAYS_AT_MOST:]:
        day = local_day(step.start_ms, zone)
        bars.append(Bar(language.month(day) if is_month else language.day(day), float(step.incidents)))
    most = max((step.incidents for step in steps), default=0)
    return Chart(
        title=say("Incidents month by month") if is_month else say("Incidents day by day"),
        said=say("Highest: {highest}.", highest=language.number(most)),
        bars=bars,
        unit="count",
        low=0.0,
        high=float(most + most % 2 or 2),  # half of it is marked too, and is a whole number
    )


def _group_word(group: Group, row: Row, language: Language) -> Cell:
    if group == "cause":
        return cause_word(row.key, language)
    if group == "class":
        return class_word(row.key, language)
    if not row.key:
        return Said("", language.say("(none)"))
    return Said(row.key, row.name)


def _unowned(total: Row, language: Language) -> str:
    if not total.unowned:
        return ""
    return language.count("{n} was not acknowledged", "{n} were not acknowledged", total.unowned)


def _unresolved(total: Row, language: Language) -> str:
    if not total.unresolved:
        return ""
    return language.count("{n} is not over", "{n} are not over", total.unresolved)
