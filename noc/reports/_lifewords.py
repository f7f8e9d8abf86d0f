"""Tables of the report of old devices. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from noc.i18n.language import Language
from noc.reports._classwords import class_word
from noc.reports.frame.asked import Frozen
from noc.reports.frame.document import Cell, Column, Fact, Facts, Said, Table


class ClassRow(Frozen):
    """The devices of a class, `all` for the sum. entity: `class/router`; of the sum, `network`.

    past_pct: those whose age nobody knows counted as within.

    past_at_most_pct: counted as past. down_s: how long those past were down in the period, together. sites: how many
    hang on one of them alone.
    """

    entity: str
    device_class: str
    devices: int
    past: int
    within: int
    unknown: int
    past_pct: float | None
    past_at_most_pct: float | None
    down_s: float
    sites: int


class OldRow(Frozen):
    """A device past its useful life, or not mended any more. Days as YYYY-MM-DD.

    ends: the first day past its useful life. down_s, unknown_s, outages: of the period. sites: names of those that lose
    their only path when it fails.
    """

    entity: str
    name: str
    device_class: str
    site: str
    installed: str | None
    ends: str | None
    end_of_support: str | None
    down_s: float
    unknown_s: float
    outages: int
    sites: tuple[str, ...]


def large_facts(total: ClassRow, language: Language) -> Facts:
    """Return the figures that the report is about."""
    say = language.say
    beside = ""
    if total.unknown:
        beside = language.count("{n} of unknown age", "{n} of unknown age", total.unknown)
    return Facts(
        [
            Fact(say("Devices past useful life"), total.past, "count", beside),
            Fact(say("Of all devices"), language.percent(total.past_pct, 1), beside=_at_most(total, language)),
            Fact(say("Down, these devices together"), total.down_s, "seconds"),
            Fact(say("Sites that hang on one of them alone"), total.sites, "count"),
        ],
        large=True,
    )


def classes_table(rows: Sequence[ClassRow], language: Language) -> Table:
    """Return the classes; the sum is the first row."""
    say = language.say
    columns = [
        Column("class", say("Class")),
        Column("devices", say("Devices"), "count"),
        Column("past", say("Past useful life"), "count"),
        Column("past_pct", say("Past, %"), "number"),
        Column("past_at_most_pct", say("Past at most, %"), "number"),
        Column("within", say("Within useful life"), "count"),
        Column("unknown", say("Age unknown"), "count"),
        Column("down_s", say("Down"), "seconds"),
        Column("sites", say("Endangered sites"), "count"),
    ]
    cells: list[Sequence[Cell]] = [
        [
            class_word(row.device_class, language),
            row.devices,
            row.past,
            row.past_pct,
            row.past_at_most_pct,
            row.within,
            row.unknown,
            row.down_s,
            row.sites,
        ]
        for row in rows
    ]
    return Table("classes", columns, cells, say("There are no devices."), emphasis=1)


def devices_table(key: str, rows: Sequence[OldRow], left_out: int, language: Language) -> Table:
    """Return devices past their useful life, in the order given. left_out: how many more there are."""
    say = language.say
    columns = [
        Column("entity", say("Entity"), "code", in_files=True),
        Column("name", say("Device"), "name"),
        Column("class", say("Class")),
        Column("site", say("Site"), "name"),
        Column("installed", say("Installed")),
        Column("ends", say("Useful until")),
        Column("end_of_support", say("Support until")),
        Column("down_s", say("Down"), "seconds"),
        Column("unknown_s", say("Not seen"), "seconds", in_files=True),
        Column("outages", say("Outages"), "count"),
        Column("sites", say("Endangered sites"), "count"),
        Column("site_names", say("Which"), "name", in_files=True),
    ]
    cells: list[Sequence[Cell]] = [
        [
            row.entity,
            row.name,
            class_word(row.device_class, language),
            row.site,
            day_word(row.installed, language),
            day_word(row.ends, language),
            day_word(row.end_of_support, language),
            row.down_s,
            row.unknown_s,
            row.outages,
            len(row.sites),
            ", ".join(row.sites),
        ]
        for row in rows
    ]
    note = language.count("{n} more is left out.", "{n} more are left out.", left_out) if left_out else ""
    return Table(key, columns, cells, say("No device is known to be past its useful life."), note=note, wide=True)


def day_word(day: str | None, language: Language) -> Said | None:
    """Return a day as people read it; files have it as YYYY-MM-DD."""
    return None if day is None else Said(day, language.day(date.fromisoformat(day)))


def _at_most(total: ClassRow, language: Language) -> str:
    if not total.unknown:
        return ""
    return language.say("at most {share}", share=language.percent(total.past_at_most_pct, 1))
