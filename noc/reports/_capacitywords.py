"""Tables of the report of capacity. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from noc.i18n.language import Language
from noc.reports.frame.asked import Frozen
from noc.reports.frame.document import Cell, Column, Fact, Facts, Said, Table

Outlook = Literal["full", "growing", "steady", "falling", "too short", "no capacity", "no numbers"]
"""What can be said of a circuit. no capacity: the inventory doesn't tell it; no numbers: nothing was read of its ends,
too short: of too few days for a trend."""


class CircuitRow(Frozen):
    """A circuit. in_bps, out_bps: 95th percentile of the period. used_pct: of the greater one, of the capacity.

    growth_bps: of the 95th percentile of a day, in 30 days. full, full_earliest, full_latest: days, YYYY-MM-DD; null:
    not within twenty years, as things go. points: days or weeks that the trend is made of.
    """

    entity: str
    name: str
    site: str
    provider: str
    capacity_bps: int | None
    in_bps: float | None
    out_bps: float | None
    used_pct: float | None
    outlook: Outlook
    growth_bps: float | None
    full: str | None
    full_earliest: str | None
    full_latest: str | None
    points: int

    @property
    def p95_bps(self) -> float | None:
        """Return the 95th percentile of the busier direction."""
        return max((one for one in (self.in_bps, self.out_bps) if one is not None), default=None)


def large_facts(rows: Sequence[CircuitRow], soon: date, language: Language) -> Facts:
    """Return the figures that the report is about. soon: what is full before this day, is full soon."""
    say = language.say
    dates = [row.full for row in rows if row.full is not None and row.outlook == "growing"]
    return Facts(
        [
            Fact(say("Circuits"), len(rows), "count"),
            Fact(say("Full"), sum(row.outlook == "full" for row in rows), "count"),
            Fact(say("Full within a year"), sum(day < soon.isoformat() for day in dates), "count"),
            Fact(say("Not told"), sum(row.outlook in ("no capacity", "no numbers") for row in rows), "count"),
        ],
        large=True,
    )


def circuits_table(rows: Sequence[CircuitRow], language: Language) -> Table:
    """Return all circuits, in the order in which they are given."""
    say = language.say
    columns = [
        Column("circuit", say("Entity"), "code", in_files=True),
        Column("name", say("Circuit"), "name"),
        Column("site", say("Site"), "name", in_files=True),
        Column("provider", say("Provider"), "name"),
        Column("capacity_mbps", say("Capacity, Mbit/s"), "number"),
        Column("in_mbps", say("95th percentile in, Mbit/s"), "number"),
        Column("out_mbps", say("95th percentile out, Mbit/s"), "number"),
        Column("used_pct", say("In use, %"), "number"),
        Column("growth_mbps", say("Growth in 30 days, Mbit/s"), "number"),
        Column("outlook", say("Outlook")),
        Column("full", say("Full on")),
        Column("full_earliest", say("At the earliest")),
        Column("full_latest", say("At the latest")),
        Column("points", say("Points of the trend"), "count", in_files=True),
    ]
    cells: list[Sequence[Cell]] = [
        [
            row.entity,
            row.name,
            row.site,
            row.provider,
            _mega(row.capacity_bps),
            _mega(row.in_bps),
            _mega(row.out_bps),
            row.used_pct,
            _mega(row.growth_bps),
            outlook_word(row.outlook, language),
            _day(row.full, language),
            _day(row.full_earliest, language),
            _day(row.full_latest, language),
            row.points,
        ]
        for row in rows
    ]
    return Table("circuits", columns, cells, say("There are no circuits."), wide=True)


def outlook_word(outlook: Outlook, language: Language) -> Said:
    """Return what can be said of a circuit."""
    say = language.say
    words = {
        "full": say("full"),
        "growing": say("growing"),
        "steady": say("no clear trend"),
        "falling": say("falling"),
        "too short": say("too few days for a trend"),
        "no capacity": say("capacity unknown"),
        "no numbers": say("no numbers"),
    }
    return Said(outlook, words[outlook])


def _mega(value: float | None) -> float | None:
    return None if value is None else round(value / 1e6, 3)


def _day(day: str | None, language: Language) -> Said | None:
    return None if day is None else Said(day, language.day(date.fromisoformat(day)))
