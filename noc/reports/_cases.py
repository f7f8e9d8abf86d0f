"""Incidents counted: how many, how long until somebody owned them, until they were over, and between two. Pure.

All incidents that were opened in the period count. MTTA is the mean time from the opening to the acknowledgement, of
those that somebody acknowledged; MTTR the mean time from when it began (dated back) to when it was over, of those that
are over; MTBF the time that the devices concerned were up in the period, for each incident in which something was down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Final

from noc.inventory.entities import Region
from noc.inventory.inventory import Inventory
from noc.maintenance.below import self_and_above
from noc.model.correction import Cause
from noc.model.incident import Incident
from noc.model.part import owner_of

NOWHERE: Final = ""
"""The group of what belongs to no device class, site or hub."""

REPEATED: Final = 3
"""So many incidents of the same kind and entity in a period deserve a problem record."""


@dataclass(frozen=True, slots=True)
class Case:
    """An incident and whose it is. device_class, site, hub: NOWHERE where it has none. hub: who looks after it."""

    incident: Incident
    device_class: str
    site: str
    hub: str
    cause: Cause

    @property
    def is_failure(self) -> bool:
        """Return whether something was down, and not only beyond a limit."""
        return self.incident.facts.get("status") == "down"


@dataclass(frozen=True, slots=True)
class Count:
    """The incidents of a group. Times in milliseconds; None where there is nothing to divide by.

    unresolved, unowned: those of them that nobody has ended, that nobody acknowledged.
    """

    key: str
    incidents: int
    failures: int
    unresolved: int
    unowned: int
    mtta_ms: Fraction | None
    mttr_ms: Fraction | None
    mtbf_ms: Fraction | None


@dataclass(frozen=True, slots=True)
class Repeated:
    """Incidents of one rule and entity. open_ms: how long they were open, together. gap_ms: the median from one
    beginning to the next.
    """

    entity: str
    rule: str
    incidents: int
    open_ms: int
    gap_ms: int | None
    first_ms: int
    last_ms: int
    cause: Cause
    numbers: tuple[int, ...]


CauseOf = Callable[[str, int, int], Cause]
"""Says of an entity and a time, from and to in milliseconds, what most of it was caused by."""


def cases(incidents: Iterable[Incident], inventory: Inventory, cause_of: CauseOf, now_ms: int) -> list[Case]:
    """Return incidents with whose they are. now_ms: until when those last that are not over."""
    return [_case(one, inventory, cause_of, now_ms) for one in incidents]


def counted(found: Sequence[Case], key_of: Callable[[Case], str], up_ms: Mapping[str, int]) -> list[Count]:
    """Return a row for each group, the one with most incidents first. up_ms: how long its devices were up."""
    groups: dict[str, list[Case]] = {}
    for case in found:
        groups.setdefault(key_of(case), []).append(case)
    rows = [count(key, group, up_ms.get(key)) for key, group in groups.items()]
    return sorted(rows, key=lambda row: (-row.incidents, row.key))


def count(key: str, group: Sequence[Case], up_ms: int | None) -> Count:
    """Return the row of a group. up_ms: how long its devices were up, together; None where it has none."""
    owned = [one.acknowledged_ms - one.opened_ms for one in _incidents(group) if one.acknowledged_ms is not None]
    over = [one.resolved_ms - one.since_ms for one in _incidents(group) if one.resolved_ms is not None]
    failures = sum(case.is_failure for case in group)
    return Count(
        key=key,
        incidents=len(group),
        failures=failures,
        unresolved=len(group) - len(over),
        unowned=len(group) - len(owned),
        mtta_ms=Fraction(sum(owned), len(owned)) if owned else None,
        mttr_ms=Fraction(sum(over), len(over)) if over else None,
        mtbf_ms=Fraction(up_ms, failures) if up_ms is not None and failures else None,
    )


def repeated(found: Iterable[Case], now_ms: int, at_least: int = REPEATED) -> list[Repeated]:
    """Return what happened again and again, the most often first."""
    groups: dict[tuple[str, str], list[Case]] = {}
    for case in found:
        groups.setdefault((case.incident.entity, case.incident.rule), []).append(case)
    rows = [
        _repeated(entity, rule, group, now_ms) for (entity, rule), group in groups.items() if len(group) >= at_least
    ]
    return sorted(rows, key=lambda row: (-row.incidents, -row.open_ms, row.entity, row.rule))


def up_times(inventory: Inventory, up_of: Callable[[str], int]) -> dict[str, dict[str, int]]:
    """Return how long the devices of each class, site and hub were up, together; and of all, below `all`.

    up_of: of a device, in milliseconds.
    """
    found: dict[str, dict[str, int]] = {"class": {}, "site": {}, "hub": {}, "all": {"all": 0}}
    for device in inventory.devices.values():
        up_ms = up_of(device.entity)
        groups = {
            "class": device.device_class,
            "site": f"site/{device.site}",
            "hub": hub_of(inventory, f"site/{device.site}"),
            "all": "all",
        }
        for kind, key in groups.items():
            found[kind][key] = found[kind].get(key, 0) + up_ms
    return found


def hub_of(inventory: Inventory, entity: str) -> str:
    """Return the technology centre that looks after an entity, as `site/…`; NOWHERE where none does."""
    for name in self_and_above(inventory, entity):
        region = inventory.entity(name)
        if isinstance(region, Region) and region.technology_centre is not None:
            return f"site/{region.technology_centre}"
    return NOWHERE


def _case(incident: Incident, inventory: Inventory, cause_of: CauseOf, now_ms: int) -> Case:
    entity = incident.entity
    kind, _, key = (owner_of(entity) or entity).partition("/")
    device = inventory.devices.get(key) if kind == "device" else None
    sites = (name for name in self_and_above(inventory, entity) if name.startswith("site/"))
    return Case(
        incident=incident,
        device_class=NOWHERE if device is None else device.device_class,
        site=next(sites, NOWHERE),
        hub=hub_of(inventory, entity),
        cause=cause_of(entity, incident.since_ms, _end_ms(incident, now_ms)),
    )


def _repeated(entity: str, rule: str, group: Sequence[Case], now_ms: int) -> Repeated:
    held = sorted(group, key=lambda case: case.incident.since_ms)
    begins = [case.incident.since_ms for case in held]
    causes = Counter(case.cause for case in held if case.cause != "unknown").most_common(1)
    return Repeated(
        entity=entity,
        rule=rule,
        incidents=len(held),
        open_ms=sum(_end_ms(case.incident, now_ms) - case.incident.since_ms for case in held),
        gap_ms=round(median(later - earlier for earlier, later in pairwise(begins))) if len(begins) > 1 else None,
        first_ms=begins[0],
        last_ms=begins[-1],
        cause=causes[0][0] if causes else "unknown",
        numbers=tuple(case.incident.id for case in held),
    )


def _incidents(group: Iterable[Case]) -> list[Incident]:
    return [case.incident for case in group]


def _end_ms(incident: Incident, now_ms: int) -> int:
    return max(incident.since_ms, now_ms if incident.resolved_ms is None else incident.resolved_ms)
