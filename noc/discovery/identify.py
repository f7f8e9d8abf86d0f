"""Who a device is: what its profile reads of vendor, model and serial, its own addresses, and whom it hears.

It is asked by the collector that polls, with the profiles cut down to these questions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_interface
from typing import Final

from collectors.snmp import SnmpTarget, collect
from noc.clock import Clock
from noc.inventory.profiles.compiled import (
    Arithmetic,
    Condition,
    Expression,
    Find,
    First,
    IndexPart,
    Lookup,
    Modified,
    Object,
    Profile,
    RecordSpec,
    Table,
    Text,
    Value,
)
from noc.inventory.profiles.load import GENERIC
from noc.inventory.values import Address
from noc.model.discovery import ADDRESSES_AT_MOST, NEIGHBOURS_AT_MOST, TEXT_AT_MOST, Found, Neighbour
from noc.model.event import clean
from noc.model.reading import Failure, FailureKind, Index, Raw, Reading, Row, SnmpAnswer
from noc.model.snapshot import Snapshot
from noc.pipeline import values
from noc.pipeline.snapshot import snapshot
from noc.scheduling.octets import octets_of
from noc.wire.snmp import Agent

POLLER: Final = "discovery"
DEADLINE_S: Final = 60.0

_LOCATION: Final = Object("sysLocation", "1.3.6.1.2.1.1.6", "string")
_ENGINE: Final = Object("snmpEngineID", "1.3.6.1.6.3.10.2.1.1", "hex")

_MASK: Final = Object("ipAdEntNetMask", "1.3.6.1.2.1.4.20.1.3", "ip", "ipAddrTable")
_PREFIX: Final = Object("ipAddressPrefix", "1.3.6.1.2.1.4.34.1.5", "oid", "ipAddressTable")
_MANAGED: Final = Object("lldpRemManAddrIfSubtype", "1.0.8802.1.1.2.1.4.2.1.3", "integer", "lldpRemManAddrTable")
_CDP: Final = Object("cdpCacheAddress", "1.3.6.1.4.1.9.9.23.1.2.1.1.4", "hex", "cdpCacheTable")

_TABLES: Final = (
    Table("ipAddrTable", "1.3.6.1.2.1.4.20.1", (IndexPart("ipAdEntAddr", "ip"),), (_MASK,), (_MASK,)),
    Table("ipAddressTable", "1.3.6.1.2.1.4.34.1", (IndexPart("ipAddress", "rest"),), (_PREFIX,), (_PREFIX,)),
    Table("lldpRemManAddrTable", "1.0.8802.1.1.2.1.4.2.1", (IndexPart("remote", "rest"),), (_MANAGED,), (_MANAGED,)),
)
_IPV4, _IPV6 = 4, 16
_LLDP_INDEX: Final = 3  # lldpRemTimeMark, lldpRemLocalPortNum, lldpRemIndex


@dataclass(frozen=True, slots=True)
class LogIn:
    """A set of credentials by its name, with the agent that it was or is to be used on."""

    name: str
    agent: Agent


def only_identity(profiles: Mapping[str, Profile]) -> dict[str, Profile]:
    """Return profiles that ask for nothing but what says who a device is, where it is, and whom it hears."""
    return {name: _only_identity(profile) for name, profile in profiles.items()}


def _only_identity(profile: Profile) -> Profile:
    records = {"neighbors": profile.records.get("neighbors", ())}
    used = {thing.name for how in profile.identity.values() for thing in _objects(how)}
    for spec in records["neighbors"]:
        used |= {thing.name for thing in _objects_of_record(spec)}
    scalars = [thing for thing in profile.scalars if thing.name in used or thing.oid.startswith("1.3.6.1.2.1.1.")]
    tables: list[Table] = []
    for table in profile.tables:
        columns = tuple(column for column in table.columns if column.name in used)
        if columns:
            more = (_CDP,) if table.name == _CDP.table else ()
            rows_from = tuple(column for column in table.rows_from if column in columns) or columns[:1]
            tables.append(replace(table, columns=(*columns, *more), rows_from=rows_from))
    own = [thing for thing in (_LOCATION, _ENGINE) if thing.name not in {scalar.name for scalar in scalars}]
    return replace(
        profile,
        scalars=(*scalars, *own),
        tables=(*tables, *_TABLES),
        sensors=(),
        records=records,
        satellite={},
    )


async def identify(login: LogIn, profiles: Mapping[str, Profile], clock: Clock) -> Found | Failure:
    """Ask a device who it is. profiles: of `only_identity`."""
    return (await identify_counted(login, profiles, clock))[0]


async def identify_counted(login: LogIn, profiles: Mapping[str, Profile], clock: Clock) -> tuple[Found | Failure, int]:
    """Ask a device who it is, as `identify`; return the octets on the wire too."""
    reading = await collect(SnmpTarget(login.agent, DEADLINE_S), profiles, clock, POLLER)
    if reading.failure is not None or reading.snmp is None:
        nothing = Failure(FailureKind.PROTOCOL, f"{reading.address}: the agent told nothing")
        return reading.failure or nothing, octets_of(reading)
    return found_in(reading, profiles[reading.snmp.profile], login), octets_of(reading)


def told_by(taken: Snapshot) -> Found:
    """Return what a poll told of a device: who it is, and neither its addresses nor its neighbours."""
    said = taken.device
    return Found(
        address=said.address,
        addresses=(said.address,),
        ways=("snmp",),
        profile=said.profile,
        sys_name=_said(said.sys_name),
        sys_descr=_said(said.sys_descr),
        sys_object_id=_said(said.sys_object_id),
        vendor=_said(said.vendor),
        os=_said(said.os),
        version=_said(said.version),
        model=_said(said.model),
        serial=_said(said.serial),
        device_class=said.device_class,
    )


def found_in(reading: Reading, profile: Profile, login: LogIn) -> Found:
    """Return what a Reading by a profile of `only_identity` says of a device."""
    answer = reading.snmp or SnmpAnswer(GENERIC)
    taken = snapshot(reading, profile)
    engine = answer.scalars.get(_ENGINE.name)
    own, networks = _own(answer, login.agent.address)
    return replace(
        told_by(taken),
        address=login.agent.address,
        addresses=(login.agent.address,),
        snmp_port=login.agent.port,
        credentials=login.name,
        location=_said(values.text(answer.scalars.get(_LOCATION.name))),
        engine_id=engine.hex()[:64] if isinstance(engine, bytes) and engine else None,
        own=own,
        networks=networks,
        neighbours=tuple(_neighbours(answer, taken.records.get("neighbors", ()), login.agent.address)),
    )


def _said(text: str | None) -> str | None:
    return (clean(text, TEXT_AT_MOST).strip() or None) if text else None


def _own(answer: SnmpAnswer, asked: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the addresses that a device says are its own, and the networks that it is connected to."""
    own: dict[str, None] = {}
    networks: dict[str, None] = {}
    for address, prefix in (*_from_old_table(answer), *_from_new_table(answer)):
        if not _may_be_a_device(address) and str(address) != asked:
            continue
        own[str(address)] = None
        if prefix is not None and 0 < prefix < address.max_prefixlen and not address.is_loopback:
            networks[str(ip_interface(f"{address}/{prefix}").network)] = None
        if len(own) >= ADDRESSES_AT_MOST:
            break
    return tuple(own), tuple(networks)


def _may_be_a_device(address: Address) -> bool:
    nothing = address.is_unspecified or address.is_multicast or address.is_loopback or address.is_link_local
    return not nothing and not (isinstance(address, IPv4Address) and address.is_reserved)


def _from_old_table(answer: SnmpAnswer) -> Iterator[tuple[Address, int | None]]:
    for index, row in answer.tables.get("ipAddrTable", {}).items():
        if len(index) == _IPV4 and all(0 <= part <= 255 for part in index):
            yield IPv4Address(bytes(index)), _prefix_of_mask(row.get(_MASK.name))


def _prefix_of_mask(mask: Raw) -> int | None:
    try:
        bits = int(IPv4Address(mask)) if isinstance(mask, str) else None
    except ValueError:
        return None
    if bits is None:
        return None
    prefix = bits.bit_count()
    return prefix if bits == ((1 << prefix) - 1) << (32 - prefix) else None


def _from_new_table(answer: SnmpAnswer) -> Iterator[tuple[Address, int | None]]:
    """Yield the addresses of ipAddressTable (RFC 4293); the prefix is the end of the row that ipAddressPrefix names."""
    for index, row in answer.tables.get("ipAddressTable", {}).items():
        address = _inet(index[1:])
        if address is None:
            continue
        pointer = row.get(_PREFIX.name)
        last = pointer.rpartition(".")[2] if isinstance(pointer, str) else ""
        known = last.isascii() and last.isdigit() and pointer != "0.0" and len(last) < _IPV4
        yield address, min(int(last), address.max_prefixlen) if known else None


def _inet(index: Sequence[int]) -> Address | None:
    """Return the address of a length and so many octets."""
    octets = index[1:]
    if not index or index[0] != len(octets) or not all(0 <= part <= 255 for part in octets):
        return None
    return _address(bytes(octets))


def _address(octets: bytes) -> Address | None:
    if len(octets) == _IPV4:
        return IPv4Address(octets)
    return IPv6Address(octets) if len(octets) == _IPV6 else None


def _neighbours(answer: SnmpAnswer, records: Sequence[Mapping[str, object]], asked: str) -> Iterator[Neighbour]:
    """Yield neighbours, with the address that each told to be managed by."""

    def useful(address: Address | None) -> bool:
        # A neighbour at 127.0.0.1 is nobody, or noc itself, except on a network that is all on loopback.
        nearby = address is not None and address.is_loopback and ip_address(asked).is_loopback
        return nearby or (address is not None and _may_be_a_device(address))

    addresses: dict[tuple[str | None, str | None], str] = {}
    managed: dict[Index, str] = {}
    for index in answer.tables.get("lldpRemManAddrTable", {}):
        address = _inet(index[_LLDP_INDEX + 1 :])
        if useful(address):
            managed.setdefault(index[:_LLDP_INDEX], str(address))
    for index, row in answer.tables.get("lldpRemTable", {}).items():
        if index in managed:
            key = _key(row, "lldpRemSysName", ("lldpRemPortId", "lldpRemPortDesc"))
            addresses.setdefault(key, managed[index])
    for row in answer.tables.get("cdpCacheTable", {}).values():
        octets = row.get(_CDP.name)
        address = _address(octets) if isinstance(octets, bytes) else None
        if useful(address):
            addresses.setdefault(_key(row, "cdpCacheDeviceId", ("cdpCacheDevicePort",)), str(address))
    for record in records[:NEIGHBOURS_AT_MOST]:
        name, port = _field(record, "remote_name"), _field(record, "remote_port")
        if name is not None or (name, port) in addresses:
            protocol = _field(record, "protocol") or "lldp"
            yield Neighbour(protocol, _field(record, "local_port"), name, port, addresses.get((name, port)))


def _key(row: Row, name: str, ports: Sequence[str]) -> tuple[str | None, str | None]:
    port = next((said for one in ports if (said := _said(values.text(row.get(one)))) is not None), None)
    return _said(values.text(row.get(name))), port


def _field(record: Mapping[str, object], name: str) -> str | None:
    value = record.get(name)
    return None if value is None else _said(str(value))


def _objects_of_record(spec: RecordSpec) -> Iterator[Object]:
    for how in spec.fields.values():
        yield from _objects(how)
    yield from spec.objects
    yield from _of_conditions(spec.where)


def _of_conditions(conditions: Sequence[Condition]) -> Iterator[Object]:
    for condition in conditions:
        yield from _objects(condition.value)


def _objects(how: Expression) -> Iterator[Object]:
    """Yield the objects that an expression is made of."""
    if isinstance(how, Value):
        yield how.object
    elif isinstance(how, Lookup):
        yield how.object
        yield from _objects(how.by)
    elif isinstance(how, Find):
        yield how.object
        yield from _of_conditions(how.where)
    elif isinstance(how, Modified):
        yield from _objects(how.source)
        yield from _of_conditions(how.where)
    elif isinstance(how, First | Arithmetic | Text):
        for part in (
            how.choices if isinstance(how, First) else how.operands if isinstance(how, Arithmetic) else how.parts
        ):
            if not isinstance(part, str):
                yield from _objects(part)
