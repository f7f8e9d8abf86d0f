"""Planned work as pages and API tell of it: windows that a caller may see, and how each of their times stands."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from noc.http.scope import Scope
from noc.http.sources import Sources
from noc.inventory.inventory import Inventory
from noc.maintenance.below import self_and_above
from noc.maintenance.standing import PlannedTime, Standing, Standings
from noc.model.instants import to_ms
from noc.model.window import PlannedWindow, WindowState
from noc.state import windows

WINDOWS_AT_MOST: Final = 2_000
"""The newest, of which a list tells."""

TIMES_AT_MOST: Final = 2_000
DRAWN: Final[tuple[WindowState, ...]] = ("requested", "approved", "cancelled")
"""A cancelled one was planned time until then; a rejected one never was."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which windows somebody asks for: of a region, a site, a provider's circuits, how they stand; empty: all."""

    region: str = ""
    site: str = ""
    provider: str = ""
    standings: tuple[Standing, ...] = ()

    def fits(self, inventory: Inventory, entity: str) -> bool:
        """Return whether a window of an entity is one of these; one of a whole region is also of each site in it."""
        above = set(self_and_above(inventory, entity))
        if self.region and f"region/{self.region}" not in above:
            return False
        if self.site and f"site/{self.site}" not in above:
            around = set(self_and_above(inventory, f"site/{self.site}"))
            if entity not in around:
                return False
        return self.provider in ("", provider_of(inventory, entity))

    def stands(self, standing: Standing) -> bool:
        """Return whether what stands so is one of these."""
        return not self.standings or standing in self.standings


@dataclass(frozen=True, slots=True)
class Known:
    """A window as a whole, how it stands, and what is still down after it."""

    window: PlannedWindow
    standing: Standing
    down: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """times: those of the time that was asked for, in order. is_more: there was no room for all.

    known: the newest windows, the newest first, however they stand. numbers: of these, how many stand how.
    """

    times: Sequence[PlannedTime]
    is_more: bool
    known: Sequence[Known]
    numbers: Mapping[Standing, int]


async def planned_times(sources: Sources, seen: Scope, span: tuple[int, int]) -> list[PlannedTime]:
    """Return what is planned in `[start, end)`, milliseconds, as far as a caller may see it. Raises StateError."""
    inventory, now_ms = sources.inventory(), to_ms(sources.clock.now())
    async with sources.database.read() as connection:
        near = await windows.overlapping(connection, *span, DRAWN)
    standings = Standings(inventory, sources.present.status, now_ms)
    mine = [window for window in near if seen.sees(inventory, window.entity)]
    return await asyncio.to_thread(lambda: list(standings.times(mine, *span)))


def sites_of(inventory: Inventory, entity: str) -> list[str]:
    """Return the ids of the sites where a window of an entity is: one of a whole region is at each site in it."""
    kind, _, key = entity.partition("/")
    if kind == "region":
        return [site.id for site in inventory.sites_of(key)]
    return [name.removeprefix("site/") for name in self_and_above(inventory, entity) if name.startswith("site/")]


def provider_of(inventory: Inventory, entity: str) -> str | None:
    """Return who provides a circuit; None of what is none, and where nobody says so."""
    kind, _, key = entity.partition("/")
    circuit = inventory.circuits.get(key) if kind == "circuit" else None
    return None if circuit is None else circuit.provider


async def work(sources: Sources, seen: Scope, span: tuple[int, int], wanted: Wanted) -> Work:
    """Return what is planned in `[start, end)`, milliseconds, and the newest windows. Raises StateError."""
    inventory, now_ms = sources.inventory(), to_ms(sources.clock.now())
    async with sources.database.read() as connection:
        near = await windows.overlapping(connection, *span, DRAWN)
        newest = await windows.page(connection, limit=WINDOWS_AT_MOST)
    standings = Standings(inventory, sources.present.status, now_ms)

    def is_wanted(window: PlannedWindow) -> bool:
        return seen.sees(inventory, window.entity) and wanted.fits(inventory, window.entity)

    found = await asyncio.to_thread(lambda: list(standings.times(filter(is_wanted, near), *span)))
    times = sorted(
        (one for one in found if wanted.stands(one.standing)), key=lambda one: (one.start_ms, one.window.number)
    )
    known = [Known(one, *standings.of(one)) for one in newest if is_wanted(one)]
    return Work(
        times[:TIMES_AT_MOST],
        len(times) > TIMES_AT_MOST,
        known,
        Counter(one.standing for one in known),
    )
