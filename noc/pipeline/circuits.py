"""Circuits: up or down by their probe where they have one, else by the interfaces at their ends. Pure, and in memory.

Of two ends a circuit is down when one is, and up when both are. An end that is not seen, or was not seen for long, says
nothing; nor does then a circuit of which the other end is up. An end that people switched off takes it out of service.
So a circuit with one end alone, at a device that is reached over it, is unknown while it is cut: nobody sees that end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from noc.availability.policy import ProbePolicy
from noc.inventory.entities import Circuit, CircuitEnd
from noc.inventory.inventory import Inventory
from noc.model.part import Part
from noc.model.snapshot import Interface, Snapshot
from noc.pipeline.parts import interface_ok
from noc.pipeline.policy import circuit_policies

Verdict = Literal["ok", "bad", "off"]


class Seen(NamedTuple):
    """What was last seen of an end. ok: None where it can't be told. off: people switched it off."""

    time_ms: int
    ok: bool | None
    off: bool


class Circuits:
    """What is known of the ends of all circuits."""

    def __init__(self, inventory: Inventory) -> None:
        self.policies: Mapping[str, ProbePolicy] = {}
        self._by_device: dict[str, tuple[Circuit, ...]] = {}
        self._ends: dict[tuple[str, str], Seen] = {}
        self._parts: dict[tuple[str, str], str] = {}
        self.replace(inventory)

    def replace(self, inventory: Inventory) -> None:
        """Go on with another inventory; what was seen of ends stays."""
        self.policies = circuit_policies(inventory)
        found: dict[str, list[Circuit]] = {}
        for circuit in inventory.circuits.values():
            for device in dict.fromkeys(_devices(circuit)):
                found.setdefault(device, []).append(circuit)
        self._by_device = {device: tuple(circuits) for device, circuits in found.items()}
        self._ends = {key: seen for key, seen in self._ends.items() if key[0] in found}
        self._parts = {key: part for key, part in self._parts.items() if key[0] in found}

    def names(self, device: str) -> frozenset[str]:
        """Return the interfaces of a device that are ends of circuits: as people write them, and as it calls them."""
        written = {
            end.interface
            for circuit in self._by_device.get(device, ())
            for end in (circuit.a, circuit.z)
            if end is not None and end.device == device
        }
        return frozenset(written | {self._parts.get((device, name), name) for name in written})

    def probes(self, device: str) -> frozenset[str]:
        """Return the probes of a device that measure circuits, as the inventory calls them."""
        circuits = self._by_device.get(device, ())
        return frozenset(one.probe.name for one in circuits if one.probe is not None and one.probe.device == device)

    def take(
        self, device: str, snapshot: Snapshot, parts: Iterable[Part], time_ms: int, *, lost: Iterable[str] = ()
    ) -> Iterator[tuple[str, Verdict]]:
        """Take what a device tells; yield what that says of circuits, those of which it says something.

        lost: interfaces that were there, and that the device no longer tells of.
        """
        circuits = self._by_device.get(device, ())
        if not circuits:
            return
        interfaces = {name: one for one in snapshot.interfaces for name in (one.descr, one.name) if name}
        probes = {part.name: part for part in parts if part.kind == "probe"}
        indexes = {str(row["index"]): row for row in snapshot.records.get("ip_sla", ())}
        for circuit in circuits:
            if circuit.probe is not None:
                name = circuit.probe.name
                part = probes.get(name)
                row = indexes.get(name) or indexes.get(name.replace("/", " "))
                ok = part.ok if part is not None else None if row is None else row["ok"]
                if circuit.probe.device == device and isinstance(ok, bool):
                    yield circuit.entity, "ok" if ok else "bad"
                continue
            here = [end for end in (circuit.a, circuit.z) if end is not None and end.device == device]
            for end in here:
                called = self._parts.get((device, end.interface), end.interface)
                self._see(end, interfaces.get(end.interface), time_ms, is_lost=called in lost)
            verdict = self._verdict(circuit, here, time_ms)
            if verdict is not None:
                yield circuit.entity, verdict

    def _see(self, end: CircuitEnd, interface: Interface | None, time_ms: int, *, is_lost: bool) -> None:
        if interface is not None:
            self._parts[end.device, end.interface] = interface.name or end.interface
            off = interface.admin_status == "down"
            self._ends[end.device, end.interface] = Seen(time_ms, interface_ok(interface), off)
        elif is_lost:
            self._ends[end.device, end.interface] = Seen(time_ms, ok=False, off=False)

    def _verdict(self, circuit: Circuit, here: Iterable[CircuitEnd], time_ms: int) -> Verdict | None:
        """Return what a look at the ends of one device says.

        The other end's word of earlier adds to it and is not told again: each failure counts once.
        """
        oldest_ms = time_ms - self.policies[circuit.entity].stale_after
        ends = [end for end in (circuit.a, circuit.z) if end is not None]
        seen = [self._ends.get((end.device, end.interface)) for end in ends]
        fresh = [one for one in seen if one is not None and one.time_ms >= oldest_ms]
        if any(one.off for one in fresh):
            return "off"
        looked = [self._ends.get((end.device, end.interface)) for end in here]
        if any(one is not None and one.time_ms == time_ms and one.ok is False for one in looked):
            return "bad"
        is_news = any(one is not None and one.time_ms == time_ms for one in looked)
        return "ok" if is_news and len(fresh) == len(ends) and all(one.ok for one in fresh) else None


def _devices(circuit: Circuit) -> Iterator[str]:
    for one in (circuit.probe,) if circuit.probe is not None else (circuit.a, circuit.z):
        if one is not None:
            yield one.device
