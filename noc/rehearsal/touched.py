"""What a scenario touches: only that is asked, the rest is taken as up and seen. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from noc.inventory.entities import Circuit
from noc.inventory.inventory import Inventory
from noc.model.part import part_name
from noc.rehearsal.steps import Fail, Restore, Step, Tell
from noc.rehearsal.truth import Truth


@dataclass(frozen=True, slots=True)
class Touched:
    """Ids, sorted. devices: whose liveness is asked. polled: those of them that are polled too. endpoints: asked.

    interfaces: that fail by themselves, by device.
    """

    devices: tuple[str, ...]
    polled: frozenset[str]
    endpoints: tuple[str, ...]
    interfaces: dict[str, tuple[str, ...]]


def touched_by(steps: Sequence[Step], inventory: Inventory, truth: Truth) -> Touched:
    """Return what steps touch. truth: with nothing failed; it is so again afterwards."""
    devices, polled, endpoints = set[str](), set[str](), set[str]()
    interfaces: dict[str, tuple[str, ...]] = {}
    for step in steps:
        action = step.action
        if isinstance(action, Tell):
            kind, _, name = action.device.partition("/")
            (endpoints if kind == "endpoint" else polled).add(name)
            continue
        if not isinstance(action, Fail | Restore):
            continue
        for entity in action.entities:
            part = part_name(entity)
            if part is not None:
                polled.add(part.device)
                interfaces[part.device] = tuple(dict.fromkeys((*interfaces.get(part.device, ()), part.name)))
        (truth.fail if isinstance(action, Fail) else truth.restore)(action.entities)
        devices.update(name for name in inventory.devices if not truth.answers(name))
        endpoints.update(name for name in inventory.endpoints if not truth.serves(name))
        for circuit in inventory.circuits.values():
            tellers = [name for name in _tellers(circuit) if name in inventory.devices]
            if not truth.carries(circuit) or not all(truth.answers(name) for name in tellers):
                polled.update(tellers)
    truth.restore(truth.failed)
    polled &= inventory.devices.keys()
    devices |= polled
    devices |= _above(devices, inventory)
    return Touched(tuple(sorted(devices)), frozenset(polled), tuple(sorted(endpoints)), interfaces)


def _tellers(circuit: Circuit) -> Iterator[str]:
    """Yield the devices that tell of a circuit."""
    if circuit.probe is not None:
        yield circuit.probe.device
        return
    yield from (end.device for end in (circuit.a, circuit.z) if end is not None)


def _above(devices: Iterable[str], inventory: Inventory) -> set[str]:
    """Return the devices that others stand behind, all the way."""
    found, waiting = set[str](), list(devices)
    while waiting:
        device = inventory.devices[waiting.pop()]
        site = inventory.sites[device.site]
        names = [name.removeprefix("device/") for name in device.upstream if name.startswith("device/")]
        sites = [inventory.sites.get(name.removeprefix("site/")) for name in device.upstream if name[:5] == "site/"]
        for one in sites if device.upstream else [site]:
            names += one.edge_devices if one is not None else ()
        fresh = [name for name in names if name in inventory.devices and name not in found]
        found.update(fresh)
        waiting += fresh
    return found
