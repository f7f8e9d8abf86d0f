"""Assets: devices against their useful life, how long they were down, and the sites that hang on each alone.

The arithmetic is that of the report of old devices (noc.inventory.life, noc.maintenance.singlepoints); what takes long
is worked out once for each inventory and day, in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final, Protocol

from noc.availability.policy import Period
from noc.availability.statement import Statement
from noc.clock import Clock
from noc.http.scope import Scope
from noc.inventory.entities import Device, Site
from noc.inventory.inventory import Inventory
from noc.inventory.life import OVER, Band, Life, life_of
from noc.maintenance.singlepoints import endangered
from noc.model.instants import to_ms
from noc.model.present import Made

NOTHING_SAID: Final = Made()
KEPT_AT_MOST: Final = 4
"""Lists that are kept for a minute: who looks through one asks for it page after page."""

_MINUTE_MS: Final = 60_000


class Booked(Protocol):
    """What is read, as in `noc.http.sources.Sources`."""

    @property
    def clock(self) -> Clock: ...  # noqa: D102
    @property
    def inventory(self) -> Callable[[], Inventory]: ...  # noqa: D102
    @property
    def made(self) -> Callable[[str], Made | None]: ...  # noqa: D102
    @property
    def stated(self) -> Stated: ...  # noqa: D102


class Stated(Protocol):
    """Figures, as in `noc.http.sources.Sources`."""

    async def __call__(self, entity: str, period: Period, known: int | None = None) -> Statement | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Asset:
    """A device. left_days: of use; 0 or less where that is over, None where nobody can tell. made: by its own words.

    down_s, unknown_s, outages: of the period; None where there are no figures of it. sites: that lose their only path
    when it fails, of those that the caller may see.
    """

    device: Device
    site: Site
    life: Life
    band: Band
    left_days: int | None
    made: Made
    down_s: float | None
    unknown_s: float | None
    outages: int | None
    sites: tuple[Site, ...]

    @property
    def is_over(self) -> bool:
        """Return whether it is past its useful life, or mended no more."""
        return self.band in OVER

    @property
    def risk(self) -> tuple[object, ...]:
        """Return what assets are ranked by: old ones that most hangs on first, then those that were down longest."""
        left = self.left_days
        return (
            not self.is_over,
            -len(self.sites),
            -(self.down_s or 0.0),
            10**9 if left is None else left,
            self.device.id,
        )


@dataclass(frozen=True, slots=True)
class _Ground:
    """What holds for an inventory on a day."""

    inventory: Inventory
    day: date
    lives: Sequence[Life]
    dangers: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Assets:
    """All that a caller may see, in the order of the inventory. day: on which ages are told, of UTC."""

    day: date
    items: Sequence[Asset]


class AssetBook:
    """Keeps what takes long: ages, what hangs on each device alone, and lists as they were within this minute."""

    def __init__(self) -> None:
        self._kept: _Ground | None = None
        self._working = asyncio.Lock()
        self._lists: dict[tuple[Scope, int, int, int], tuple[_Ground, Assets]] = {}

    async def read(self, sources: Booked, seen: Scope, period: Period) -> Assets:
        """Return what a caller may see, with the figures of a period, to the minute. Raises StateError."""
        now = sources.clock.now()
        ground = await self._ground(sources.inventory(), now.date())
        key = (seen, period.start // _MINUTE_MS, period.end // _MINUTE_MS, to_ms(now) // _MINUTE_MS)
        kept = self._lists.get(key)
        if kept is not None and kept[0] is ground:
            return kept[1]
        stated = await sources.stated("network", period)
        found = Assets(ground.day, await asyncio.to_thread(_assets, ground, stated, sources.made, seen))
        self._lists[key] = ground, found
        while len(self._lists) > KEPT_AT_MOST:
            self._lists.pop(next(iter(self._lists)))
        return found

    async def _ground(self, inventory: Inventory, day: date) -> _Ground:
        async with self._working:  # a second caller waits for the first one's answer
            kept = self._kept
            if kept is None or kept.inventory is not inventory or kept.day != day:
                kept = self._kept = await asyncio.to_thread(_worked_out, inventory, day)
            return kept


def _worked_out(inventory: Inventory, day: date) -> _Ground:
    return _Ground(inventory, day, [life_of(one, day) for one in inventory.devices.values()], endangered(inventory))


def _assets(ground: _Ground, stated: Statement | None, made: Callable[[str], Made | None], seen: Scope) -> list[Asset]:
    inventory = ground.inventory
    return [
        _asset(life, ground, stated, made(life.device.entity) or NOTHING_SAID, seen)
        for life in ground.lives
        if seen.sees_region(inventory.sites[life.device.site].region)
    ]


def _asset(life: Life, ground: _Ground, stated: Statement | None, made: Made, seen: Scope) -> Asset:
    inventory, entity = ground.inventory, life.device.entity
    found = None if stated is None else stated.measured.entities.get(entity)
    durations = None if found is None else found.figures.durations
    behind = (inventory.sites[name.partition("/")[2]] for name in ground.dangers.get(entity, ()))
    return Asset(
        device=life.device,
        site=inventory.sites[life.device.site],
        life=life,
        band=life.band(ground.day),
        left_days=life.left_days(ground.day),
        made=made,
        # Unreachable is the fault of something else.
        down_s=None if durations is None else float(Fraction(durations.down) / 1000),
        unknown_s=None if durations is None else float(Fraction(durations.unknown) / 1000),
        outages=None if found is None else found.figures.outages,
        sites=tuple(one for one in behind if seen.sees_region(one.region)),
    )
