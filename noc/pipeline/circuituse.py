"""How full circuits are, by the interfaces at their ends, as these were read last. Pure, and in memory.

So that a list of all circuits can be sorted by it without asking the store for a fleet of interfaces.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from noc.inventory.entities import Circuit, CircuitEnd
from noc.inventory.inventory import Inventory
from noc.model.instants import to_ms
from noc.model.samples import Samples

_MEASUREMENT: Final = "interface"
_FIELDS: Final = ("in_bps", "out_bps")


@dataclass(frozen=True, slots=True)
class UseNow:
    """Traffic of a circuit in bits per second, towards its site (in) and away from it; share: of its capacity, in
    percent, of the fuller way; None where its capacity isn't known. time_ms: when it was read. end: where.
    """

    in_bps: float | None
    out_bps: float | None
    share: float | None
    time_ms: int
    end: CircuitEnd


class CircuitUse:
    """Remembers the rates of the interfaces that are ends of circuits."""

    def __init__(self, inventory: Inventory) -> None:
        self._wanted: dict[str, frozenset[str]] = {}
        self._rates: dict[tuple[str, str], tuple[int, float | None, float | None]] = {}
        self.replace(inventory)

    def replace(self, inventory: Inventory) -> None:
        """Go on with another inventory; what was read of ends stays."""
        found: dict[str, set[str]] = {}
        for circuit in inventory.circuits.values():
            for end in ends_of(circuit):
                found.setdefault(end.device, set()).add(end.interface)
        self._wanted = {device: frozenset(names) for device, names in found.items()}
        self._rates = {key: seen for key, seen in self._rates.items() if key[1] in found.get(key[0], ())}

    def take(self, device: str, samples: Iterable[Samples]) -> None:
        """Take the numbers of a poll of a device. The first one after a start has no rates: older ones stay."""
        wanted = self._wanted.get(device)
        if wanted is None:
            return
        for table in samples:
            if table.measurement != _MEASUREMENT or not set(_FIELDS) <= set(table.field_keys):
                continue
            names = [table.tag_keys.index(key) for key in ("ifName", "ifDescr") if key in table.tag_keys]
            places = [table.field_keys.index(field) for field in _FIELDS]
            for tags, values in zip(table.tags, table.values, strict=True):
                seen = to_ms(table.time), values[places[0]], values[places[1]]
                if seen[1:] == (None, None):
                    continue
                for name in {tags[place] for place in names} & wanted:
                    known = self._rates.get((device, name))
                    if known is None or known[0] <= seen[0]:
                        self._rates[device, name] = seen

    def of(self, circuit: Circuit) -> UseNow | None:
        """Return how full a circuit is: by its end at the site, or else by the far one, whose ways are the other way
        round. None where no end was read twice yet.
        """
        for end in ends_of(circuit):
            seen = self._rates.get((end.device, end.interface))
            if seen is None or seen[1:] == (None, None):
                continue
            time_ms, in_bps, out_bps = seen
            if end is not circuit.a:
                in_bps, out_bps = out_bps, in_bps
            busiest = max(one for one in (in_bps, out_bps) if one is not None)
            share = None if not circuit.capacity else 100 * busiest / circuit.capacity
            return UseNow(in_bps, out_bps, share, time_ms, end)
        return None


def ends_of(circuit: Circuit) -> tuple[CircuitEnd, ...]:
    """Return the ends of a circuit that are known, that at its site first."""
    return tuple(end for end in (circuit.a, circuit.z) if end is not None)
