"""Satellite links as the pages of a device and of a site show them: signal, margin, what the modem says. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from noc.i18n.marking import say
from noc.inventory.entities import Circuit, Device
from noc.inventory.inventory import Inventory
from noc.model.incident import Incident
from noc.model.present import Present, StatusNow
from noc.model.snapshot import Scalar, Snapshot
from noc.web.places import url_of
from noc.web.words import DEGRADED

_ROWS: Final = (
    ("es_n0_db", "Es/N0", "db"),
    ("es_n0_threshold_db", say("Es/N0 that the MODCOD needs"), "db"),
    ("link_margin_db", say("Margin"), "db"),
    ("eb_n0_db", "Eb/N0", "db"),
    ("snr_db", say("Signal to noise"), "db"),
    ("modcod", "MODCOD", None),
    ("capacity_pct", say("Rate, of the best of a day"), "percent"),
    ("lock_losses", say("Lock lost within an hour"), None),
    ("rx_level_dbm", say("Receive level"), "dbm"),
    ("tx_power_dbm", say("Transmit power"), "dbm"),
    ("ber", say("Bit error ratio"), None),
    ("temperature_c", say("Temperature"), "celsius"),
    ("state", say("Says"), None),
)
_SWITCHES: Final = (
    ("tx_on", say("Transmitter"), say("on"), say("off")),
    ("buc_alarm", "BUC", say("alarm"), say("no alarm")),
    ("lnb_alarm", "LNB", say("alarm"), say("no alarm")),
)


@dataclass(frozen=True, slots=True)
class Told:
    """A value of a link. name: a text of the catalogues. unit: of a number. is_said: the value is such a text too."""

    name: str
    value: Scalar
    unit: str | None = None
    is_said: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A satellite link. lock: locked, not locked, empty where nothing tells. rows: what is known, to read."""

    values: Mapping[str, Scalar]
    lock: str
    rows: tuple[Told, ...]

    def shown(self, field: str) -> Scalar:
        """Return a value; None where it isn't known."""
        return self.values.get(field)


@dataclass(frozen=True, slots=True)
class Terminal:
    """A satellite terminal and its link as the list shows them."""

    device: Device
    status: StatusNow
    link: Link
    is_degraded: bool

    @property
    def url(self) -> str:
        """Return the address of its page."""
        return url_of("device", self.device.id)

    @property
    def order(self) -> tuple[bool, float, str]:
        """Return what terminals are sorted by: the degraded first, then the least margin."""
        margin = self.link.values.get("link_margin_db")
        known = margin if isinstance(margin, int | float) else float("inf")
        return (not self.is_degraded, known, self.device.name.casefold())


def link_of(snapshot: Snapshot | None) -> Link | None:
    """Return the link of a satellite terminal; None of a device that tells of none."""
    told = {} if snapshot is None else snapshot.satellite
    if all(value is None for value in told.values()):
        return None
    rows = [Told(name, told[field], unit) for field, name, unit in _ROWS if told.get(field) not in (None, "")]
    for field, name, on, off in _SWITCHES:
        value = told.get(field)
        if isinstance(value, bool):
            rows.append(Told(name, on if value else off, is_said=True))
    locked = told.get("rx_lock")
    lock = (say("locked") if locked else say("not locked")) if isinstance(locked, bool) else ""
    return Link(told, lock, tuple(rows))


def degraded(found: Iterable[Incident]) -> frozenset[str]:
    """Return the entities that open incidents call degraded."""
    return frozenset(one.entity for one in found if one.facts.get("status") == DEGRADED and one.state != "resolved")


def terminals_of(devices: Iterable[Device], present: Present, worse: Collection[str]) -> list[Terminal]:
    """Return the satellite terminals that were read: the degraded first, then those with the least margin.

    worse: entities that are degraded.
    """
    found = []
    for device in devices:
        link = link_of(present.snapshot(device.entity))
        if link is not None:
            found.append(Terminal(device, present.status(device.entity), link, device.entity in worse))
    return sorted(found, key=lambda one: one.order)


def on_way(circuit: Circuit, inventory: Inventory, worse: Collection[str]) -> bool:
    """Return whether a satellite circuit runs over a terminal that is degraded: one that its router hangs on."""
    router = None if circuit.kind != "satellite" or circuit.a is None else inventory.devices.get(circuit.a.device)
    return router is not None and not {router.entity, *router.upstream}.isdisjoint(worse)
