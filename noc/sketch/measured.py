"""Loss, delay and jitter of ways: which of the newest numbers belong to which circuit, and to which data centre. Pure.

A circuit's numbers are those of its probe. Where no probe is named, those of its router's count, if that has one
circuit alone. A probe asks a data centre if the site's id is a word of its tag. What noc itself measures is a ping of
the edge of the site.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from noc.inventory.entities import Circuit
from noc.inventory.inventory import Inventory
from noc.model.series import Latest

MEASUREMENTS: Final = ("noc_path", "ping")
_FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "noc_path": {"loss_pct": "loss_pct", "rtt_ms": "rtt_ms", "jitter_ms": "jitter_ms"},
    "ping": {"percent_packet_loss": "loss_pct", "average_response_ms": "rtt_ms", "jitter_ms": "jitter_ms"},
}
_WORD: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured last between a device and somewhere else. by: a probe of the device, or noc.

    name: tag or number of the probe; of noc the place from which it looks, empty for the centre. time_ms: of the oldest
    of these numbers, Unix epoch.
    """

    by: Literal["probe", "noc"]
    device: str
    name: str
    time_ms: int
    loss_pct: float | None = None
    rtt_ms: float | None = None
    jitter_ms: float | None = None
    index: str = ""

    def asks(self, site: str) -> bool:
        """Return whether a probe is named after a site, by its id."""
        words, wanted = _WORD.split(self.name.casefold()), _WORD.split(site.casefold())
        return any(words[start : start + len(wanted)] == wanted for start in range(len(words)))


def measured(latest: Iterable[Latest]) -> list[Measured]:
    """Return what was measured last, probes before pings, by device and name."""
    found: dict[tuple[str, str, str, str], dict[str, Latest]] = {}
    for one in latest:
        field = _FIELDS.get(one.measurement, {}).get(one.field)
        if field is not None:
            name = one.tags.get("tag", "") if one.measurement == "noc_path" else one.tags.get("vantage", "")
            key = one.measurement, one.tags.get("device", ""), name, one.tags.get("index", "")
            found.setdefault(key, {})[field] = one
    made = []
    for (measurement, device, name, index), fields in sorted(found.items()):
        values = {field: one.value for field, one in fields.items()}
        time_ms = min(one.time_ms for one in fields.values())
        by: Literal["probe", "noc"] = "probe" if measurement == "noc_path" else "noc"
        called = name or index if by == "probe" else name
        made.append(Measured(by, device, called, time_ms, index=index, **values))
    return made


def of_circuits(inventory: Inventory, circuits: Iterable[str], known: Iterable[Measured]) -> dict[str, Measured]:
    """Return what is known of circuits, by entity: of several probes the one that is worst."""
    probes = [one for one in known if one.by == "probe"]
    found = {}
    for entity in circuits:
        circuit = inventory.entity(entity)
        mine = [one for one in probes if _is_of(one, circuit, inventory)] if isinstance(circuit, Circuit) else []
        if mine:
            found[entity] = max(mine, key=lambda one: (one.loss_pct or 0.0, one.rtt_ms or 0.0, one.name))
    return found


def _is_of(one: Measured, circuit: Circuit, inventory: Inventory) -> bool:
    if circuit.probe is not None:
        names = (circuit.probe.name, circuit.probe.name.replace("/", " "))
        return one.device == circuit.probe.device and (one.name in names or one.index in names)
    if circuit.a is None or one.device != circuit.a.device:
        return False
    others = (other for other in inventory.circuits_of(circuit.site) if other.a is not None)
    return sum(other.a is not None and other.a.device == one.device for other in others) == 1
