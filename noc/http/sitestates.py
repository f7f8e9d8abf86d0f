"""How sites and circuits are now: the worst of what is known of each, for the map and its list."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from noc.http.sources import Sources
from noc.inventory.endpoints import Endpoint
from noc.inventory.entities import Circuit, Device, Site
from noc.inventory.inventory import Inventory
from noc.model.incident import SEVERITIES, Incident, Severity
from noc.model.part import owner_of
from noc.model.present import Present
from noc.state import incidents

Level = Literal["up", "unmeasured", "degraded", "unknown", "unreachable", "down"]

LEVELS: Final[tuple[Level, ...]] = ("up", "unmeasured", "degraded", "unknown", "unreachable", "down")
"""The worst last. degraded: it is up, but something of it isn't, or works worse than it should; a site also while an
incident that is more than a warning is open there. unmeasured: a circuit that nobody has measured yet, which is no
problem; one that was known before is unknown."""

SITE_LEVELS: Final[tuple[Level, ...]] = tuple(one for one in LEVELS if one != "unmeasured")
"""Those that sites may have, the worst last."""

APART_S: Final = 1.0
"""Between two times that they are worked out: as long at least."""

PATIENCE: Final = 10
"""Between them lies this many times as long as it took, where that is more."""

APART_AT_MOST_S: Final = 5.0
GOOD_FOR_S: Final = 60.0
"""Time makes states of its own: windows of service begin and end by the minute."""

_DEGRADED: Final = "degraded"
_GRAVE: Final[frozenset[Severity]] = frozenset({"critical", "major", "minor"})
_BROKEN: Final = ("down", "unreachable")


@dataclass(frozen=True, slots=True)
class SiteStates:
    """sites, circuits: how each is, by id. open: the incidents that are open at a site, the gravest first."""

    sites: Mapping[str, Level] = field(default_factory=dict)
    circuits: Mapping[str, Level] = field(default_factory=dict)
    open: Mapping[str, tuple[Incident, ...]] = field(default_factory=dict)


def states_of(inventory: Inventory, present: Present, found: Iterable[Incident]) -> SiteStates:
    """Return how everything is. found: the incidents that are open. Pure but for `present`."""
    worse, at = set[str](), dict[str, list[Incident]]()
    for one in found:
        site = site_of(inventory, one.entity)
        if site is not None:
            at.setdefault(site, []).append(one)
            if one.severity in _GRAVE:
                worse.add(f"site/{site}")
            if one.facts.get("status") == _DEGRADED:
                worse |= {one.entity, owner_of(one.entity) or one.entity}
    circuits = {key: _of_circuit(one, inventory, present, worse) for key, one in inventory.circuits.items()}
    sites = {key: _of_site(one, inventory, present, circuits, worse) for key, one in inventory.sites.items()}
    return SiteStates(sites, circuits, {site: tuple(sorted(those, key=_order)) for site, those in at.items()})


def _order(one: Incident) -> tuple[int, bool, int]:
    return SEVERITIES.index(one.severity), one.state != "new", one.since_ms


def _of_circuit(circuit: Circuit, inventory: Inventory, present: Present, worse: set[str]) -> Level:
    now = present.status(circuit.entity)
    if now.status == "unknown" and now.since_ms is None:
        return "unmeasured"
    if now.status != "up" or circuit.entity in worse:
        return _DEGRADED if now.status == "up" else now.status
    router = None if circuit.kind != "satellite" or circuit.a is None else inventory.devices.get(circuit.a.device)
    return _DEGRADED if router is not None and not worse.isdisjoint((router.entity, *router.upstream)) else "up"


def _of_site(
    site: Site, inventory: Inventory, present: Present, circuits: Mapping[str, Level], worse: set[str]
) -> Level:
    status = present.status(site.entity).status
    if status != "up":
        return status
    devices = inventory.devices_of(site.id)
    is_worse = (
        site.entity in worse
        or any(circuits[one.id] in (_DEGRADED, *_BROKEN) for one in inventory.circuits_of(site.id))
        or any(one.entity in worse or present.status(one.entity).status in _BROKEN for one in devices)
    )
    return _DEGRADED if is_worse else "up"


def site_of(inventory: Inventory, entity: str) -> str | None:
    """Return the id of the site that an entity stands at; None where it stands at none of this inventory."""
    thing = inventory.entity(owner_of(entity) or entity)
    if isinstance(thing, Site):
        return thing.id
    return thing.site if isinstance(thing, Device | Circuit | Endpoint) else None


class StatesNow:
    """Works them out when something changed, once a second at most, for all who look; less often where that takes long.

    Who asks gets what is so from then on, if need be a moment later: pages ask once for each change that they hear of.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._lock = asyncio.Lock()
        self._states = SiteStates()
        self._made_for: Inventory | None = None
        self._changes: int | None = None
        self._began_s = 0.0
        self._next_s = 0.0

    async def of(self, inventory: Inventory) -> SiteStates:
        """Return how everything is. Raises StateError."""
        clock = self._sources.clock
        asked_s = clock.monotonic()
        async with self._lock:
            if not self._is_so(inventory, asked_s):
                if self._changes is not None:
                    await clock.sleep(max(0.0, self._next_s - clock.monotonic()))
                await self._work_out(inventory)
            return self._states

    def _is_so(self, inventory: Inventory, asked_s: float) -> bool:
        """Return whether what was worked out last is an answer to who asked then: nothing changed, or it is newer."""
        if self._made_for is not inventory:
            return False
        changes = self._sources.changes()
        is_same = changes is not None and changes == self._changes and asked_s < self._began_s + GOOD_FOR_S
        return is_same or asked_s < self._began_s

    async def _work_out(self, inventory: Inventory) -> None:
        clock = self._sources.clock
        self._made_for, self._changes, self._began_s = None, self._sources.changes(), clock.monotonic()
        async with self._sources.database.read() as connection:
            found = await incidents.all_open(connection)
        self._states, self._made_for = states_of(inventory, self._sources.present, found), inventory
        ended_s = clock.monotonic()
        self._next_s = ended_s + min(APART_AT_MOST_S, max(APART_S, PATIENCE * (ended_s - self._began_s)))
