"""What devices are asked when an incident opens, and which of them: commands that change nothing. Pure.

Who is down can't answer: then those on the way to it are asked, what they see of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

from noc.inventory.entities import Circuit, Device
from noc.inventory.inventory import Inventory
from noc.model.command import Command, Platform
from noc.model.incident import Incident
from noc.model.part import PEERS, part_name

DEVICES_AT_MOST: Final = 2
ROUTING: Final = frozenset(("router", "firewall", "server"))
"""Classes of devices that are asked for their BGP sessions."""

Kind = Literal["trace", "bgp", "interface", "interfaces"]

_COMWARE: Final[Mapping[Kind, str]] = {
    "trace": "tracert -m 15 -q 1 -w 1000 {address}",
    "bgp": "display bgp peer",
    "interface": "display interface {interface}",
    "interfaces": "display ip interface brief",
}
_IOS: Final[Mapping[Kind, str]] = {
    "trace": "traceroute {address} numeric timeout 1 probe 1 ttl 1 15",
    "bgp": "show ip bgp summary",
    "interface": "show interfaces {interface}",
    "interfaces": "show ip interface brief",
}
COMMANDS: Final[Mapping[Platform, Mapping[Kind, str]]] = {
    "cisco-ios": _IOS,
    "cisco-iosxe": _IOS,
    "cisco-iosxr": {
        "trace": "traceroute {address} numeric timeout 1 probe 1 minttl 1 maxttl 15",
        "bgp": "show bgp summary",
        "interface": "show interfaces {interface}",
        "interfaces": "show ipv4 interface brief",
    },
    "cisco-nxos": {
        "bgp": "show ip bgp summary",
        "interface": "show interface {interface}",
        "interfaces": "show interface brief",
    },
    "arista-eos": {
        "bgp": "show ip bgp summary",
        "interface": "show interfaces {interface}",
        "interfaces": "show ip interface brief",
    },
    "juniper-junos": {
        "trace": "traceroute {address} no-resolve wait 1 ttl 15",
        "bgp": "show bgp summary",
        "interface": "show interfaces {interface}",
        "interfaces": "show interfaces terse",
    },
    "hp-comware": _COMWARE,
    "huawei-vrp": _COMWARE,
    "fortinet": {"bgp": "get router info bgp summary", "interfaces": "get system interface physical"},
    "frr": {"bgp": "show bgp summary", "interface": "show interface {interface}", "interfaces": "show interface brief"},
    "linux": {
        "trace": "traceroute -n -q 1 -w 1 -m 15 {address}",
        "interface": "ip -s link show dev {interface}",
        "interfaces": "ip -br address",
    },
    "mikrotik": {"bgp": "routing bgp peer print", "interfaces": "interface print stats"},
}
"""What is asked, by platform; all of it is in the list of commands that change nothing (noc/model/command.py)."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Commands for one device, all of its platform."""

    device: Device
    commands: tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class _Witness:
    """A device that may know. toward: where it traces to. interface: which of its interfaces matters."""

    device: str
    toward: str | None = None
    interface: str | None = None


def asks(
    incident: Incident,
    inventory: Inventory,
    can_answer: Callable[[Device], bool],
    platform: Callable[[Device], Platform | None],
) -> tuple[Ask, ...]:
    """Return what is asked of whom; nothing where nobody can answer.

    can_answer: it is up, noc can log in there, and no byte budget forbids it. platform: its command line.
    """
    seen: set[str] = set()
    found = _found(incident, inventory, can_answer, platform, seen)
    return tuple(islice(found, DEVICES_AT_MOST))


def _found(
    incident: Incident,
    inventory: Inventory,
    can_answer: Callable[[Device], bool],
    platform: Callable[[Device], Platform | None],
    seen: set[str],
) -> Iterator[Ask]:
    for witness in _witnesses(incident, inventory):
        device = inventory.devices.get(witness.device)
        if device is None or device.id in seen or not can_answer(device):
            continue
        kind = platform(device)
        commands = () if kind is None else _commands(kind, device, witness)
        if commands:
            seen.add(device.id)
            yield Ask(device, commands)


def _commands(platform: Platform, device: Device, witness: _Witness) -> tuple[Command, ...]:
    known = COMMANDS.get(platform, {})
    wanted: list[Kind] = ["trace"] if witness.toward else []
    wanted += ["bgp"] if device.device_class in ROUTING else []
    wanted += ["interface" if witness.interface and "interface" in known else "interfaces"]
    found = []
    for kind in wanted:
        if kind in known:
            text = known[kind].format(address=witness.toward, interface=witness.interface)
            try:
                found.append(Command(platform, text))
            except ValueError:  # a name of an interface that is no word for this command line
                continue
    return tuple(found)


def _witnesses(incident: Incident, inventory: Inventory) -> Iterator[_Witness]:
    part = part_name(incident.entity)
    kind, _, name = incident.entity.partition("/")
    entity = inventory.entity(incident.entity)
    if part is not None:
        toward = part.name.rpartition("/")[2] if part.kind in PEERS else None
        yield _Witness(part.device, toward, part.name if part.kind == "interface" else None)
    elif isinstance(entity, Device):
        if incident.facts.get("status") != "down":
            interface = incident.facts.get("tag.ifName")
            yield _Witness(entity.id, None, interface if isinstance(interface, str) else None)
        else:
            yield from _around(entity, inventory)
    elif isinstance(entity, Circuit):
        ends = [end for end in (entity.z, entity.a) if end is not None]
        yield from (_Witness(end.device, None, end.interface) for end in ends)
    elif kind == "site" and name in inventory.sites:
        for edge in inventory.sites[name].edge_devices:
            if edge in inventory.devices:
                yield from _around(inventory.devices[edge], inventory)


def _around(device: Device, inventory: Inventory) -> Iterator[_Witness]:
    """Yield who may see a device that is down: at the far ends of its circuits, upstream, at its site's edge."""
    toward = str(device.address)
    for circuit in inventory.circuits_of(device.site):
        if circuit.z is not None and circuit.z.device != device.id and circuit.a and circuit.a.device == device.id:
            yield _Witness(circuit.z.device, toward, circuit.z.interface)
    for name in device.upstream:
        kind, _, key = name.partition("/")
        site = inventory.sites.get(key) if kind == "site" else None
        for one in (key,) if site is None else site.edge_devices:
            yield _Witness(one, toward)
    site = inventory.sites.get(device.site)
    for edge in () if site is None else site.edge_devices:
        if edge != device.id:
            yield _Witness(edge, toward)
