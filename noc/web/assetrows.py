"""Assets as their page shows them: filtered, in an order, and counted by class and by useful life left. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from noc.http.assetbook import Asset
from noc.http.tables import Table
from noc.i18n.marking import say
from noc.inventory.layers import DEVICE_CLASSES
from noc.inventory.life import BANDS, Band

BAND_WORDS: Final[Mapping[Band, str]] = {
    "long-past": say("over for 3 years or more"),
    "past": say("over"),
    "year": say("a year left at most"),
    "three-years": say("1 to 3 years left"),
    "more": say("more than 3 years left"),
    "unknown": say("age unknown"),
}
BAND_SHAPES: Final[Mapping[Band, str]] = {
    "long-past": "critical",
    "past": "major",
    "year": "minor",
    "three-years": "",
    "more": "",
    "unknown": "unknown",
}
_LAST: Final = 10**9

ORDERS: Final[Mapping[str, tuple[str, Callable[[Asset], tuple[object, ...]]]]] = {
    "risk": (say("Old ones that most hangs on first"), lambda one: one.risk),
    "down": (say("Down longest first"), lambda one: (-(one.down_s or 0.0), *one.risk)),
    "sites": (say("Most sites first"), lambda one: (-len(one.sites), *one.risk)),
    "left": (say("Least useful life first"), lambda one: (_LAST if one.left_days is None else one.left_days, one.risk)),
    "name": (say("By name"), lambda one: (one.device.name.casefold(), one.device.id)),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which assets somebody asks for; empty: all. text: in a name, id, model, version or serial number."""

    region: str = ""
    site: str = ""
    device_class: str = ""
    maker: str = ""
    band: str = ""
    is_alone: bool = False
    text: str = ""

    def holds(self, one: Asset) -> bool:
        """Return whether an asset is one of these, whatever its class and age."""
        made, text = one.made, self.text.casefold()
        return (
            self.region in ("", one.site.region)
            and self.site in ("", one.site.id)
            and (not self.maker or made.vendor == self.maker)
            and (not self.is_alone or bool(one.sites))
            and (not text or any(text in (word or "").casefold() for word in (one.device.id, one.device.name, *made)))
        )

    def picks(self, one: Asset) -> bool:
        """Return whether one that is held is also of the class and age."""
        return self.device_class in ("", one.device.device_class) and self.band in ("", one.band)


@dataclass(frozen=True, slots=True)
class ClassRow:
    """The devices of a class by useful life left; empty class: of all. sites: that hang on one old device alone."""

    device_class: str
    devices: int
    numbers: Mapping[Band, int]
    past: int
    down_s: float
    sites: int

    @property
    def past_pct(self) -> Fraction:
        """Return the share that is past its useful life, those of unknown age counted as within."""
        return Fraction(100 * self.past, self.devices) if self.devices else Fraction(0)


def matrix(assets: Iterable[Asset]) -> list[ClassRow]:
    """Return the sum, then a row for each class that has devices, as classes are written down."""
    held = list(assets)
    groups: dict[str, list[Asset]] = {name: [] for name in DEVICE_CLASSES}
    for one in held:
        groups[one.device.device_class].append(one)
    return [_row("", held), *(_row(name, found) for name, found in groups.items() if found)]


def _row(name: str, found: Sequence[Asset]) -> ClassRow:
    old = [one for one in found if one.is_over]
    counted = Counter(one.band for one in found)
    return ClassRow(
        name,
        len(found),
        {band: counted[band] for band in BANDS},
        len(old),
        sum(one.down_s or 0.0 for one in old),
        len({site.id for one in old for site in one.sites}),
    )


def table(assets: Iterable[Asset]) -> Table:
    """Return assets for a spreadsheet."""
    header = (
        "device", "name", "class", "maker", "model", "version", "serial", "site", "region", "installed", "useful_until",
        "support_until", "left_days", "state", "down_s", "unknown_s", "outages", "endangered_sites", "sites",
    )  # fmt: skip
    return Table(header, [_cells(one) for one in assets])


def _cells(one: Asset) -> tuple[str | float | None, ...]:
    device, life, made = one.device, one.life, one.made
    days = (device.installed, life.ends, life.end_of_support)
    return (
        device.id,
        device.name,
        device.device_class,
        made.vendor,
        made.model,
        made.version,
        made.serial,
        one.site.id,
        one.site.region,
        *(None if day is None else day.isoformat() for day in days),
        one.left_days,
        one.band,
        one.down_s,
        one.unknown_s,
        one.outages,
        len(one.sites),
        " ".join(site.id for site in one.sites),
    )
