"""Circuits as their pages show them: how full they are, what their probes measure, in an order. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from noc.i18n.marking import say
from noc.inventory.entities import Circuit, Region, Site
from noc.inventory.inventory import Inventory
from noc.model.present import Present, StatusNow
from noc.model.snapshot import Scalar
from noc.pipeline.circuituse import UseNow
from noc.web.overview import WORDS

ORDERS: Final[Mapping[str, str]] = {
    "state": say("The worst first"),
    "use": say("The fullest first"),
    "name": say("By name"),
    "site": say("By site"),
}
SHARES: Final = (50, 80, 95)
"""Percent of the capacity that a filter offers."""

LOUD_PCT: Final = 90.0
PROBED: Final = (
    ("rtt_ms", say("Round-trip time"), "milliseconds"),
    ("delay_ms", say("Delay one way"), "milliseconds"),
    ("jitter_ms", say("Jitter"), "milliseconds"),
    ("loss_pct", say("Packets lost"), "percent"),
    ("mos", "MOS", None),
)
"""Fields of a probe, with the word and unit of each."""


@dataclass(frozen=True, slots=True)
class CircuitRow:
    """A circuit as lists show it. is_degraded: it works, but worse. probe: what its probe measured last, by field."""

    circuit: Circuit
    site: Site
    region: Region
    status: StatusNow
    use: UseNow | None
    probe: Mapping[str, Scalar]
    is_degraded: bool = False

    @property
    def url(self) -> str:
        """Return the address of its page."""
        return circuit_url(self.circuit.id)

    @property
    def share(self) -> float | None:
        """Return how full it is, in percent; None where that isn't known."""
        return None if self.use is None else self.use.share

    def speaks_of(self, text: str) -> bool:
        """Return whether a text stands in one of its names, capital letters or not."""
        one = self.circuit
        names = (one.id, one.name, one.provider, one.provider_reference, self.site.id, self.site.name)
        return any(text.casefold() in (name or "").casefold() for name in names)

    def place(self, order: str) -> tuple[object, ...]:
        """Return what rows are sorted by."""
        name = self.circuit.name.casefold()
        if order == "name":
            return (name, self.circuit.id)
        if order == "site":
            return (self.site.name.casefold(), name)
        if order == "use":
            return (-(self.share if self.share is not None else -1.0), name)
        changed = 0 if self.status.status == "up" else -(self.status.since_ms or 0)
        return (WORDS.index(self.status.status), not self.is_degraded, changed, -(self.share or 0.0), name)


def circuit_url(key: str) -> str:
    """Return the address of the page of a circuit."""
    return f"/circuits/{quote(key, safe='')}"


def probed(circuit: Circuit, present: Present) -> Mapping[str, Scalar]:
    """Return what the probe of a circuit measured last, by field; empty where it has none, or wasn't read."""
    if circuit.probe is None:
        return {}
    snapshot = present.snapshot(f"device/{circuit.probe.device}")
    name = circuit.probe.name
    for row in () if snapshot is None else snapshot.records.get("ip_sla", ()):
        if name in (row.get("tag"), str(row.get("index")), str(row.get("index")).replace(" ", "/")):
            return {field: row.get(field) for field, _, _ in PROBED if row.get(field) is not None}
    return {}


def region_of(circuit: Circuit, inventory: Inventory) -> Region:
    """Return the region of the site that a circuit connects."""
    return inventory.regions[inventory.sites[circuit.site].region]
