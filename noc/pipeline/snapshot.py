"""A Reading of an SNMP agent to a Snapshot, by its profile. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from noc.inventory.profiles.compiled import Expression, Profile, RecordSpec, as_text
from noc.model.reading import Reading, SnmpAnswer
from noc.model.snapshot import RECORD_FIELDS, SATELLITE_FIELDS, DeviceIdentity, Scalar, Snapshot
from noc.pipeline import values
from noc.pipeline.dvbs2 import completed
from noc.pipeline.expression import Scope, evaluate, holds, oid_of, rows
from noc.pipeline.interfaces import interfaces
from noc.pipeline.sensornames import told_apart
from noc.pipeline.sensors import sensors

_INSTANCE: Final = "vrf"

_TOLD_ONCE: Final[Mapping[str, tuple[str, ...]]] = {
    "bgp_peers": (_INSTANCE, "peer"),
    "ospf_neighbors": (_INSTANCE, "neighbor"),
    "mpls_vrfs": ("name",),
    "vpn_tunnels": ("name",),
    "memory": ("name",),
    "storage": ("name",),
}
"""The fields that tell which rows of two tables are about one thing (BGP4-MIB and CISCO-BGP4-MIB know one peer)."""

_NAME_SUFFICES: Final = frozenset({"mpls_vrfs"})
"""Lists of which a row counts though the agent tells no more than its name, in the index."""


def snapshot(reading: Reading, profile: Profile) -> Snapshot:
    """Return what the device said, in names and units that people use."""
    answer = reading.snmp or SnmpAnswer(profile.name)
    return Snapshot(
        device=_identity(reading.address, profile, answer),
        interfaces=interfaces(answer),
        sensors=told_apart(sensors(profile, answer), profile, answer),
        records={name: _records(name, profile, answer) for name in RECORD_FIELDS},
        satellite=_satellite(profile, answer),
        errors=reading.parts,
        duration_ms=round(reading.duration_s * 1000, 3),
        ages_s=answer.ages_s,
    )


def _identity(address: str, profile: Profile, answer: SnmpAnswer) -> DeviceIdentity:
    scope = Scope(profile, answer)
    uptime = values.convert(answer.scalars.get("sysUpTime"), "timeticks")

    def read(name: str) -> str | None:
        how = profile.identity.get(name)
        return None if how is None else as_text(evaluate(how, scope)) or None

    return DeviceIdentity(
        address=address,
        sys_object_id=values.text(answer.scalars.get("sysObjectID")),
        sys_name=values.text(answer.scalars.get("sysName")),
        sys_descr=values.text(answer.scalars.get("sysDescr")),
        uptime_s=uptime if isinstance(uptime, float) else None,
        vendor=read("vendor"),
        os=read("os"),
        version=read("version"),
        model=read("model"),
        serial=read("serial"),
        device_class=read("device_class"),
        profile=profile.name,
    )


def _records(name: str, profile: Profile, answer: SnmpAnswer) -> tuple[Mapping[str, Scalar], ...]:
    """Return the rows of all tables that feed a list; what one table has told, the next can't tell again.

    A table without routing instances speaks of the default one. But where another table tells of that one too, it has
    told all peers, and an address that it has in a VRF alone is that VRF's: some agents list all peers in both.
    """
    fields = _TOLD_ONCE.get(name, ())
    found: list[Mapping[str, Scalar]] = []
    is_whole = False
    for spec in profile.records.get(name, ()):
        if spec.unless is not None and answer.tables.get(spec.unless):
            continue
        told = {_key(record, fields) for record in found} if fields else set()
        knows_instances = _INSTANCE in fields and _INSTANCE in spec.fields
        if is_whole and not knows_instances:
            told |= {(None, *key[1:]) for key in told}
        rows_told = _rows_of(name, spec, profile, answer)
        is_whole = is_whole or (knows_instances and any(record[_INSTANCE] is None for record in rows_told))
        for record in rows_told:
            if record not in found and _key(record, fields) not in told:
                found.append(record)
    return tuple(found)


def _key(record: Mapping[str, Scalar], fields: tuple[str, ...]) -> tuple[Scalar, ...]:
    return tuple(record[name] for name in fields)


def _rows_of(name: str, spec: RecordSpec, profile: Profile, answer: SnmpAnswer) -> list[Mapping[str, Scalar]]:
    scopes = [Scope(profile, answer)] if spec.table is None else rows(profile, answer, spec.table)
    records: list[Mapping[str, Scalar]] = []
    for scope in scopes:
        if not holds(spec.where, scope):
            continue
        read = {field: evaluate(how, scope) for field, how in spec.fields.items()}
        if all(value is None for field, value in read.items() if field != "name" or name in _NAME_SUFFICES):
            continue
        source = next((thing for thing in spec.objects if scope.value(thing) is not None), None)
        if source is not None:
            read["oid"] = oid_of(source, scope)
        records.append({field: read.get(field) for field in RECORD_FIELDS[name]})
    return records


def _satellite(profile: Profile, answer: SnmpAnswer) -> Mapping[str, Scalar]:
    if not profile.satellite:
        return {}
    scope = Scope(profile, answer)

    def read(how: Expression | None) -> Scalar:
        return None if how is None else evaluate(how, scope)

    return completed({name: read(profile.satellite.get(name)) for name in SATELLITE_FIELDS})
