"""Interfaces of a device as its page lists them: rates, neighbour, sparkline; filtered, and in an order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from noc.i18n.marking import say
from noc.model.series import Series
from noc.model.snapshot import Interface, Snapshot
from noc.pipeline.present import natural
from noc.web.sparks import Numbers, Spark, spark

ORDERS: Final[Mapping[str, str]] = {
    "": say("As the device has them"),
    "state": say("Down first"),
    "name": say("By name"),
    "in": say("Most in first"),
    "out": say("Most out first"),
    "errors": say("Most errors first"),
    "speed": say("Fastest first"),
}
WORDS: Final = ("up", "down", "off", "unknown")
FAULTS: Final = ("in_errors_ps", "out_errors_ps", "in_discards_ps", "out_discards_ps")
FIELDS: Final = ("in_bps", "out_bps", "in_pct", "out_pct", *FAULTS)

Rates = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Port:
    """An interface with its newest rates, by field; those that aren't known are left out.

    neighbour: name and port of what is at its other end; empty where nothing tells. far: the id of its device.
    """

    interface: Interface
    rates: Rates
    neighbour: str = ""
    far: str = ""
    drawn: Spark | None = None

    @property
    def name(self) -> str:
        """Return what the device calls it."""
        return name_of(self.interface)

    @property
    def word(self) -> str:
        """Return its state in a word: what is switched off by people is `off`, and no fault."""
        return "off" if self.interface.admin_status == "down" else self.interface.oper_status or "unknown"

    @property
    def errors(self) -> float | None:
        """Return packets with errors a second, both ways."""
        return self._sum("in_errors_ps", "out_errors_ps")

    @property
    def discards(self) -> float | None:
        """Return packets that were thrown away a second, both ways."""
        return self._sum("in_discards_ps", "out_discards_ps")

    def _sum(self, *fields: str) -> float | None:
        known = [self.rates[name] for name in fields if name in self.rates]
        return sum(known) if known else None

    def speaks_of(self, text: str) -> bool:
        """Return whether a text stands in what is told of it."""
        one = self.interface
        names = (one.name, one.descr, one.alias, self.neighbour)
        return any(text.casefold() in (name or "").casefold() for name in names)


def name_of(interface: Interface) -> str:
    """Return what a device calls an interface."""
    return interface.name or interface.descr or str(interface.if_index)


def ports_of(snapshot: Snapshot | None, rates: Mapping[str, Rates], known: Mapping[str, str]) -> list[Port]:
    """Return the interfaces of a device. rates: by name. known: ids of devices by their names, in small letters."""
    if snapshot is None:
        return []
    ends: dict[str, tuple[str, str]] = {}
    for row in snapshot.records.get("neighbors", ()):
        local, name = str(row.get("local_port") or ""), str(row.get("remote_name") or "")
        if local and name:
            far = known.get(name.casefold()) or known.get(name.partition(".")[0].casefold(), "")
            ends.setdefault(local, (f"{name} {row.get('remote_port') or ''}".strip(), far))
    found = []
    for one in snapshot.interfaces:
        told = next((ends[name] for name in (one.name, one.descr, one.alias) if name and name in ends), ("", ""))
        found.append(Port(one, rates.get(one.name or one.descr or "", {}), *told))
    return found


def wanted(ports: Iterable[Port], text: str, word: str, order: str) -> list[Port]:
    """Return the interfaces that a filter is about, in an order."""
    found = [one for one in ports if word in ("", _state(one)) and one.speaks_of(text)]
    match order:
        case "state":
            found.sort(key=lambda one: ("down", "unknown", "up", "off").index(_state(one)))
        case "name":
            found.sort(key=lambda one: natural(one.name))
        case "in" | "out":
            found.sort(key=lambda one: -one.rates.get(f"{order}_bps", -1.0))
        case "errors":
            found.sort(key=lambda one: -((one.errors or 0.0) + (one.discards or 0.0)))
        case "speed":
            found.sort(key=lambda one: -(one.interface.speed_bps or 0))
    return found


def _state(port: Port) -> str:
    return port.word if port.word in WORDS else "unknown"


def rates_of(series: Iterable[Series]) -> dict[str, dict[str, float]]:
    """Return the newest rates by interface and field."""
    rates: dict[str, dict[str, float]] = {}
    for one in series:
        if one.values:
            rates.setdefault(_name_of_series(one), {})[one.field] = one.values[-1]
    return rates


def sparks_of(series: Sequence[Series], start_ms: int, stop_ms: int, step_ms: int) -> dict[str, Spark]:
    """Return the sparklines of interfaces, by name."""
    numbers: dict[str, dict[str, Numbers]] = {}
    for one in series:
        numbers.setdefault(_name_of_series(one), {})[one.field] = Numbers(one.times_ms, one.values)
    none = Numbers()
    made = {
        name: spark(by.get("in_bps", none), by.get("out_bps", none), start_ms, stop_ms, step_ms)
        for name, by in numbers.items()
    }
    return {name: one for name, one in made.items() if one is not None}


def _name_of_series(one: Series) -> str:
    return one.tags.get("ifName") or one.tags.get("ifDescr", "")
