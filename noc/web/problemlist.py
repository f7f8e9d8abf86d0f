"""The problem list as it stands on a page: in order, in groups, and still while somebody is in it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from noc.inventory.inventory import Inventory
from noc.model.incident import Incident, Severity
from noc.web.places import place_of
from noc.web.problemfilter import Row

GROUPS: Final = ("site", "region")
HELD_AT_MOST: Final = 300
TOLD_AT_MOST: Final = 500

Outcome = Literal["yours", "theirs", "over", "merged"]


@dataclass(frozen=True, slots=True)
class Counts:
    """Incidents that are not resolved: nobody owns the new ones. severities: how many there are of each."""

    new: int
    acknowledged: int
    severities: Mapping[Severity, int]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together. name: what people call it; empty where they stand nowhere. number: of rows in all."""

    key: str
    name: str
    number: int


def counted(unresolved: Iterable[Incident]) -> Counts:
    """Return how many incidents there are by state and severity."""
    found = list(unresolved)
    states, severities = Counter(one.state for one in found), Counter(one.severity for one in found)
    return Counts(states["new"], states["acknowledged"] + states["in_progress"], severities)


def rows_of(found: Iterable[Incident], inventory: Inventory) -> list[Row]:
    """Return incidents with their places."""
    return [Row(incident, place_of(inventory, incident.entity)) for incident in found]


def group_of(row: Row, by: str) -> tuple[str, str]:
    """Return id and name of the group of a row. by: one of GROUPS."""
    found = row.where.site if by == "site" else row.where.region
    return ("", "") if found is None else (found.id, found.name)


def grouped(rows: Sequence[Row], by: str) -> list[Row]:
    """Return sorted rows by groups: the group whose first row is the gravest comes first."""
    place: dict[str, int] = {}
    for row in rows:
        place.setdefault(group_of(row, by)[0], len(place))
    return sorted(rows, key=lambda row: place[group_of(row, by)[0]])


def heads(items: Sequence[Row], rows: Sequence[Row], by: str) -> dict[int, Group]:
    """Return the groups of a page by the number of the incident that they begin with. rows: of all pages."""
    numbers = Counter(group_of(row, by)[0] for row in rows)
    found: dict[int, Group] = {}
    last: str | None = None
    for row in items:
        key, name = group_of(row, by)
        if key != last:
            found[row.incident.id] = Group(key, name, numbers[key])
        last = key
    return found


def held_numbers(text: str) -> tuple[int, ...]:
    """Return the numbers that a page says it shows, `12 7 30`; none where it says anything else."""
    words = text.split()[:HELD_AT_MOST]
    if not all(word.isascii() and word.isdigit() and len(word) < 16 for word in words):
        return ()
    return tuple(dict.fromkeys(int(word) for word in words))


def still(items: Sequence[Row], held: Sequence[int], others: Mapping[int, Row]) -> tuple[list[Row], int]:
    """Return the rows of a page that must not move, and how many wait to come in.

    items: those that the page would have now. held: the numbers that it shows, in its order. others: rows of those that
    the page would no longer have; one that is nowhere any more is left out.
    """
    known = {row.incident.id: row for row in items}
    shown = [row for number in held if (row := known.get(number) or others.get(number)) is not None]
    return shown, len(known.keys() - set(held))


def outcome(incident: Incident, who: str) -> Outcome:
    """Return what became of an incident that somebody wanted to have."""
    if incident.parent is not None:
        return "merged"
    if incident.resolved_ms is not None:
        return "over"
    return "yours" if incident.acknowledged_by == who else "theirs"


def told_numbers(text: str) -> tuple[int, ...]:
    """Return the numbers of an address, `12.7.30`."""
    return held_numbers(text.replace(".", " "))[:TOLD_AT_MOST]
