"""One device or two: which findings at several addresses are the same device. Pure.

By what no two devices have in common: the serial number, else the SNMP engine together with the name, else an address
that one of them says is its own. Agents lie, and makers ship a thousand devices with one engine id or serial number
`0123456789`: nothing but a serial number of some weight is believed alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from ipaddress import ip_address
from typing import Final

from noc.model.discovery import ADDRESSES_AT_MOST, Found

_NO_SERIAL: Final = re.compile(
    r"(?:(.)\1*|0?1234567890?.*|n/?a|none|null|unknown|default( string)?|to be filled.*|not (available|specified)"
    r"|system serial number|invalid|undefined|empty|serial)\Z",
    re.IGNORECASE,
)
_SERIAL_AT_LEAST: Final = 4

Key = tuple[str, ...]


def serial_of(found: Found) -> str | None:
    """Return the serial number if it is one: of more than one character, and no placeholder."""
    serial = (found.serial or "").strip()
    if len(serial) < _SERIAL_AT_LEAST or _NO_SERIAL.match(serial):
        return None
    return serial.upper()


def keys(found: Found) -> tuple[Key, ...]:
    """Return what a finding may be known by, the surest first. Two with a key in common may be one device: `same`."""
    serial = serial_of(found)
    sure: list[Key] = [] if serial is None else [("serial", found.sys_object_id or "", serial)]
    if found.engine_id and found.sys_name:
        sure.append(("engine", found.engine_id, found.sys_name))
    return (*sure, *(("address", address) for address in dict.fromkeys((*found.addresses, *found.own))))


def same(one: Found, other: Found) -> bool:
    """Tell whether two findings are one device."""
    serials = serial_of(one), serial_of(other)
    if None not in serials:
        return serials[0] == serials[1] and one.sys_object_id == other.sys_object_id
    if set(one.addresses) & set(other.addresses):
        return not _contradict(one.sys_name, other.sys_name)
    if not one.sys_name or one.sys_name != other.sys_name or one.sys_object_id != other.sys_object_id:
        return False
    if one.engine_id and other.engine_id:
        return one.engine_id == other.engine_id
    return bool(set(one.addresses) & set(other.own)) and bool(set(other.addresses) & set(one.own))


def _contradict(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def joined(findings: Iterable[Found]) -> list[Found]:
    """Return the devices of findings, in the order in which they were first found."""
    devices: list[Found] = []
    known: dict[Key, list[int]] = {}
    for found in findings:
        near = dict.fromkeys(number for key in keys(found) for number in known.get(key, ()))
        number = next((number for number in near if same(devices[number], found)), None)
        if number is None:
            number = len(devices)
            devices.append(found)
        else:
            devices[number] = join(devices[number], found)
        for key in keys(devices[number]):
            numbers = known.setdefault(key, [])
            if number not in numbers:
                numbers.append(number)
    return devices


def join(old: Found, new: Found) -> Found:
    """Return one device as two findings tell of it; what the new one doesn't say is kept from the old one."""
    if "snmp" in old.ways and "snmp" not in new.ways:
        base, other = old, new
    else:
        base, other = new, old
    addresses = sorted({*old.addresses, *new.addresses}, key=_order)[:ADDRESSES_AT_MOST]
    own = tuple(dict.fromkeys((*base.own, *other.own)))[:ADDRESSES_AT_MOST]
    said = {
        name: getattr(other, name)
        for name in ("banner", "serial", "model", "engine_id", "site", "site_why", "heard_from")
        if getattr(base, name) is None
    }
    whole = replace(
        base,
        **said,
        addresses=tuple(addresses),
        ways=tuple(sorted({*old.ways, *new.ways})),
        own=own,
        networks=base.networks or other.networks,
        neighbours=base.neighbours or other.neighbours,
    )
    return replace(whole, address=best_address(whole, old.address))


def best_address(found: Found, first: str) -> str:
    """Return the address to manage a device by: one of no link (a loopback interface's), else the first found."""
    linked = [ip_address(network.partition("/")[0]) for network in found.networks]
    if len(found.addresses) > 1 and linked:
        alone = [address for address in found.addresses if address in found.own and not _linked(address, found)]
        if alone:
            return alone[0]
    return first


def _linked(address: str, found: Found) -> bool:
    return any(_inside(address, network) for network in found.networks)


def _inside(address: str, network: str) -> bool:
    base, _, prefix = network.partition("/")
    one, other = ip_address(address), ip_address(base)
    shift = one.max_prefixlen - int(prefix)
    return one.version == other.version and int(one) >> shift == int(other) >> shift


def _order(address: str) -> tuple[int, int]:
    parsed = ip_address(address)
    return parsed.version, int(parsed)


def find(found: Found, known: Sequence[Found]) -> Found | None:
    """Return the first known device that a finding is."""
    return next((one for one in known if same(one, found)), None)
