"""Where inventory and network disagree, of devices that were just looked at. Pure.

What people wrote holds; what they didn't write (serial number, model) holds as it was first seen. `agreed` takes the
network's word where nothing is disputed, or where a person says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from noc.discovery.ground import Ground, host_of
from noc.discovery.same import same
from noc.inventory.entities import Device
from noc.inventory.layers import AUTO_PROFILE
from noc.inventory.profiles.load import GENERIC
from noc.model.discovery import Baseline, Drift, DriftKind, Found

NEIGHBOURS_AT_MOST: Final = 50
"""Neighbours that are told of one device: a switch hears every telephone."""

_FIELDS: Final[dict[DriftKind, str]] = {
    "name": "sys_name",
    "serial": "serial",
    "model": "model",
    "profile": "profile",
    "class": "device_class",
}
"""What a baseline holds, by the kind of drift that disputes it."""


@dataclass(frozen=True, slots=True)
class Look:
    """A device of the inventory as it was found just now.

    alive: by its liveness check. found: what it says; None where it isn't asked by SNMP or doesn't answer.
    reason: why it doesn't.
    """

    device: Device
    alive: bool
    found: Found | None = None
    reason: str | None = None


def drifts(looks: Sequence[Look], ground: Ground, ignored: Collection[str] = ()) -> list[Drift]:
    """Return all disagreements. ignored: hosts that people want to hear nothing of."""
    found = [drift for look in looks for drift in _of(look, ground, ignored)]
    return [*found, *_twice(looks)]


def _of(look: Look, ground: Ground, ignored: Collection[str]) -> Iterator[Drift]:
    device = look.device
    if not look.alive:
        yield Drift(device.id, "silent", expected=str(device.address), seen=look.reason)
    elif look.found is None:
        if look.reason is not None:
            yield Drift(device.id, "no-snmp", expected=str(device.address), seen=look.reason)
    else:
        baseline = ground.baselines.get(device.id) or Baseline(device.id, 0)
        other = _other(look.found, device, baseline, ground)
        if other is not None:
            seen = look.found.sys_name or look.found.serial
            yield Drift(device.id, "other-device", other.id, expected=device.id, seen=seen)
        yield from _identity(look.found, device, baseline, named=other is None)
        yield from _neighbours(look.found, device, ground, ignored)


def _other(found: Found, device: Device, baseline: Baseline, ground: Ground) -> Device | None:
    """Return the other device of the inventory that answers at a device's address."""
    named = ground.named(found.sys_name)
    if named is not None and named.id != device.id and found.sys_name != baseline.sys_name:
        return named
    by_serial = ground.with_serial(found)
    return by_serial if by_serial is not None and by_serial.id != device.id else None


def _identity(found: Found, device: Device, baseline: Baseline, *, named: bool) -> Iterator[Drift]:
    """Yield what differs in what a device says of itself. named: its name isn't told already."""
    expected_name = baseline.sys_name
    if expected_name is None and found.sys_name and host_of(found.sys_name) in map(host_of, (device.id, device.name)):
        expected_name = found.sys_name
    if named and found.sys_name and found.sys_name != expected_name:
        yield Drift(device.id, "name", expected=expected_name or device.id, seen=found.sys_name)
    if baseline.serial and found.serial and baseline.serial != found.serial:
        yield Drift(device.id, "serial", expected=baseline.serial, seen=found.serial)
    if baseline.model and found.model and baseline.model != found.model:
        yield Drift(device.id, "model", expected=baseline.model, seen=found.model)
    wanted = device.watch.profile if device.watch.profile != AUTO_PROFILE else baseline.profile
    # The generic profile fits where a device tells nothing of itself: that contradicts nobody.
    if wanted and found.profile and found.profile not in (wanted, baseline.profile, GENERIC):
        yield Drift(device.id, "profile", expected=wanted, seen=found.profile)
    if found.device_class not in (None, "other", device.device_class, baseline.device_class):
        yield Drift(device.id, "class", expected=device.device_class, seen=found.device_class)


def _neighbours(found: Found, device: Device, ground: Ground, ignored: Collection[str]) -> Iterator[Drift]:
    told: set[str] = set()
    for neighbour in found.neighbours:
        name = neighbour.name or neighbour.address
        if name is None or len(told) >= NEIGHBOURS_AT_MOST:
            continue
        at_known = neighbour.address is not None and ground.at(neighbour.address) is not None
        if at_known or ground.named(name) is not None or host_of(name) in ignored or name in told:
            continue
        told.add(name)
        yield Drift(device.id, "neighbour", name, seen=neighbour.address)


def _twice(looks: Sequence[Look]) -> Iterator[Drift]:
    """Yield devices of the inventory that are one in the network."""
    by_weight: dict[tuple[str | None, ...], list[Look]] = {}
    for look in looks:
        if look.found is not None and (look.found.serial or look.found.engine_id):
            mark = (look.found.sys_object_id, look.found.serial or look.found.engine_id)
            by_weight.setdefault(mark, []).append(look)
    for group in by_weight.values():
        for place, look in enumerate(group):
            for other in group[:place]:
                if look.found is not None and other.found is not None and same(look.found, other.found):
                    seen = look.found.serial or look.found.sys_name
                    yield Drift(look.device.id, "twice", other.device.id, expected=look.device.id, seen=seen)
                    break


def agreed(look: Look, found: Sequence[Drift], baseline: Baseline | None, now_ms: int, *, all_of_it: bool) -> Baseline:
    """Return what holds of a device from now on: what it says, but for what is disputed.

    found: its drift. all_of_it: a person takes its word also for that.
    """
    said = look.found
    known = baseline or Baseline(look.device.id, now_ms)
    if said is None:
        return known
    if all_of_it:
        return Baseline(
            device=look.device.id,
            at_ms=now_ms,
            sys_name=said.sys_name,
            serial=said.serial,
            model=said.model,
            profile=said.profile,
            device_class=said.device_class,
            engine_id=said.engine_id,
        )
    disputed = {_FIELDS[one.kind] for one in found if one.kind in _FIELDS}
    if any(one.kind in ("other-device", "twice") for one in found):
        return known
    fresh = {
        name: getattr(said, name)
        for name in (*_FIELDS.values(), "engine_id")
        if name not in disputed and getattr(known, name) is None and getattr(said, name) is not None
    }
    return replace(known, at_ms=now_ms, **fresh) if fresh else known
