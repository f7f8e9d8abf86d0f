"""What a device of a rehearsal answers to a poll: interfaces and probes of circuits, and numbers that people set. Pure.

It tells of nothing else; what it doesn't tell of is as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from alerts.rules.measurements import MEASUREMENTS, Rhythm
from noc.inventory.entities import Device
from noc.inventory.inventory import Inventory
from noc.model.instants import to_ms
from noc.model.samples import Samples
from noc.model.snapshot import RECORD_FIELDS, Counters, DeviceIdentity, Interface, Scalar, Snapshot
from noc.rehearsal.steps import Tell
from noc.rehearsal.truth import Truth

_NO_COUNTERS: Final = Counters(*(None,) * 12)

Series = tuple[str, str, tuple[tuple[str, str], ...]]
"""Measurement, field and tags: which number it is of its device."""


def snapshot_of(device: Device, inventory: Inventory, truth: Truth, interfaces: Iterable[str]) -> Snapshot:
    """Return what a device that answers tells. interfaces: of it that matter beside the ends of circuits."""
    ends: dict[str, bool] = {name: truth.is_up(device.id, name) for name in interfaces}
    probes: dict[str, bool] = {}
    for circuit in inventory.circuits.values():
        for end in (circuit.a, circuit.z):
            if end is not None and end.device == device.id:
                ends[end.interface] = ends.get(end.interface, True) and truth.carries(circuit)
        if circuit.probe is not None and circuit.probe.device == device.id:
            probes[circuit.probe.name] = probes.get(circuit.probe.name, True) and truth.carries(circuit)
    return Snapshot(
        device=_identity(device),
        interfaces=tuple(_interface(index, name, ends[name]) for index, name in enumerate(sorted(ends), start=1)),
        records={
            "ip_sla": tuple(_record("ip_sla", index=name, tag=name, ok=probes[name]) for name in sorted(probes)),
            # Each interface that a scenario names is taken for an uplink: a neighbour is heard there.
            "neighbors": tuple(_record("neighbors", local_port=name) for name in sorted(ends)),
        },
    )


def samples_of(
    device: str, told: Mapping[Series, tuple[Tell, int]], rhythm: Rhythm, context: Mapping[str, str], now: datetime
) -> tuple[Samples, ...]:
    """Return the numbers that a device tells. told: each with since when, in milliseconds. context: tags of all."""
    rows: dict[tuple[str, tuple[tuple[str, str], ...]], dict[str, float | None]] = {}
    for (measurement, name, tags), (tell, since_ms) in told.items():
        if MEASUREMENTS[measurement].rhythm == rhythm and tell.value is not None:
            value = tell.value + tell.a_second * (to_ms(now) - since_ms) / 1000
            rows.setdefault((measurement, tags), {})[name] = value
    found = []
    for (measurement, tags), fields in rows.items():
        named = {**context, **dict.fromkeys(MEASUREMENTS[measurement].tags, ""), **dict(tags)}
        named.setdefault("device", device)
        keys = tuple(named)
        found.append(
            Samples(
                measurement, now, keys, tuple(fields), (tuple(named[key] for key in keys),), (tuple(fields.values()),)
            )
        )
    return tuple(found)


def series_of(tell: Tell) -> Series:
    """Return which number of its device something tells."""
    tags = dict(tell.tags)
    if tell.measurement == "noc_sensor":
        tags.setdefault("oid", "/".join(f"{key}={value}" for key, value in sorted(tags.items())))
    return tell.measurement, tell.name, tuple(sorted(tags.items()))


def _identity(device: Device) -> DeviceIdentity:
    return DeviceIdentity(
        address=str(device.address),
        sys_object_id=None,
        sys_name=device.name,
        sys_descr=None,
        uptime_s=None,
        vendor=None,
        os=None,
        version=None,
        model=None,
        serial=None,
        device_class=device.device_class,
        profile=device.watch.profile,
    )


def _interface(index: int, name: str, is_up: bool) -> Interface:
    oper = "up" if is_up else "down"
    return Interface(
        index, name, name, name, None, None, None, None, "up", oper, None, None, wide=True, counters=_NO_COUNTERS
    )


def _record(records: str, **known: Scalar) -> dict[str, Scalar]:
    return {**dict.fromkeys(RECORD_FIELDS[records]), **known}
