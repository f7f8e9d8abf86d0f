"""Looks at the devices of the inventory, and writes down where it and the network disagree.

`look_round` is a person's: it asks now. The daemon looks at site after site (`driftwatch.py`), with an eye of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from noc.app.check import CheckResult
from noc.app.discovery import House, house_of, state_of
from noc.clock import Clock
from noc.discovery.drift import Look, agreed, drifts
from noc.discovery.ground import Ground, host_of
from noc.discovery.identify import identify
from noc.discovery.pace import Pace, paced
from noc.discovery.sweep import Progress
from noc.inventory.entities import Device
from noc.model.discovery import Baseline, Drift, Found, SiteLook
from noc.model.errors import UsageError
from noc.model.finding import did_you_mean
from noc.model.instants import to_ms
from noc.service import running
from noc.state import drifts as kept
from noc.state import proposals
from noc.state.database import Database
from noc.wire.icmp import Burst, Pinger, PingerError

PINGS = 3

Eye = Callable[[Device], Awaitable[Look | None]]
"""Looks at a device; None where nothing can be said of it now, so that what was known of it stays."""


@dataclass(frozen=True, slots=True)
class Round:
    """What a look at the inventory brought. looked_at: devices; of: so many were to be. fresh, gone: disagreements."""

    drifts: tuple[Drift, ...]
    looked_at: int
    of: int
    fresh: int = 0
    gone: int = 0


def chosen(house: House, sites: Collection[str], devices: Collection[str]) -> list[Device]:
    """Return the devices of these sites and these devices; all where none is named. Raises UsageError."""
    inventory = house.inventory
    for kind, names, known in (("site", sites, inventory.sites), ("device", devices, inventory.devices)):
        for name in names:
            if name not in known:
                raise UsageError(f"there is no {kind} '{name}' in the inventory{did_you_mean(name, known)}")
    if not sites and not devices:
        return list(inventory.devices.values())
    return [one for one in inventory.devices.values() if one.site in sites or one.id in devices]


async def look_round(
    checked: CheckResult,
    clock: Clock,
    told: Callable[[Progress], None],
    *,
    sites: Collection[str] = (),
    devices: Collection[str] = (),
    agree: bool = False,
) -> Round:
    """Ask devices who they are, write down the drift, and return it. agree: what they say is right from now on.

    Raises UsageError, InputError, StateError. When it is cancelled, what was found by then is written.
    """
    house, database = house_of(checked, clock), state_of(checked)
    wanted = chosen(house, sites, devices)
    pinger = Pinger(wanted=any(device.watch.liveness.check == "icmp" for device in wanted))
    async with running([database, pinger]):
        return await look_at(house, database, wanted, partial(_look, house, pinger), house.pace, told, agree=agree)


async def look_at(
    house: House,
    database: Database,
    wanted: Sequence[Device],
    eye: Eye,
    pace: Pace,
    told: Callable[[Progress], None] = lambda _: None,
    *,
    agree: bool = False,
) -> Round:
    """Look at devices, write down the drift, and return it. Raises StateError.

    When it is cancelled, what was found by then is written.
    """
    looks: list[Look] = []
    clock = house.clock
    began, is_whole = clock.monotonic(), False

    async def look(index: int) -> None:
        seen = await eye(wanted[index])
        if seen is not None:
            looks.append(seen)

    async def begun(index: int) -> None:
        found = sum(one.found is not None for one in looks)
        left_s = (clock.monotonic() - began) / (index + 1) * (len(wanted) - index - 1)
        told(Progress(index + 1, len(wanted), found, left_s))

    try:
        await paced(len(wanted), look, pace, clock, begun)
        is_whole = True
    finally:
        found, written = await _write(database, house, looks, wanted if is_whole else (), agree=agree)
    return Round(tuple(found), len(looks), len(wanted), *written)


async def _write(
    database: Database, house: House, looks: Sequence[Look], wanted: Sequence[Device], *, agree: bool
) -> tuple[Sequence[Drift], kept.Written]:
    """Write drift. wanted: the devices that were to be looked at, where all were."""
    now_ms = to_ms(house.clock.now())
    async with database.write() as connection:
        before = await kept.baselines(connection)
        ignored = [
            host_of(one.found.sys_name)
            for one in await proposals.everything(connection)
            if one.state == "ignored" and one.found.sys_name
        ]
        found = drifts(looks, Ground(house.inventory, before), frozenset(ignored))
        by_device: dict[str, list[Drift]] = {}
        for one in found:
            by_device.setdefault(one.device, []).append(one)
        now: list[Baseline] = []
        for look in looks:
            key = look.device.id
            said = agreed(look, by_device.get(key, ()), before.get(key), now_ms, all_of_it=agree)
            if look.found is not None and said != before.get(key):
                now.append(said)
        await kept.take_as_right(connection, now)
        if agree:
            found = drifts(looks, Ground(house.inventory, await kept.baselines(connection)), frozenset(ignored))
        written = await kept.write(connection, [look.device.id for look in looks], found, now_ms)
        await kept.looked(connection, list(_sites(house, looks, wanted, now_ms)))
    return sorted(found, key=lambda one: (one.device, one.kind, one.subject)), written


def _sites(house: House, looks: Sequence[Look], wanted: Sequence[Device], now_ms: int) -> Iterator[SiteLook]:
    """Yield the sites of which all devices were to be looked at."""
    names = {device.id for device in wanted}
    for site in dict.fromkeys(device.site for device in wanted):
        devices = house.inventory.devices_of(site)
        if all(device.id in names for device in devices):
            seen = sum(look.device.site == site for look in looks)
            yield SiteLook(site, now_ms, seen, len(devices))


async def _look(house: House, pinger: Pinger, device: Device) -> Look:
    """Ask a device whether it is there, as its liveness check does, and who it is."""
    log_in = house.log_in(device)
    who = None if log_in is None else await identify(log_in, house.profiles, house.clock)
    if isinstance(who, Found):
        return Look(device, alive=True, found=who)
    reason = None if who is None else who.reason
    liveness = device.watch.liveness
    if liveness.check == "snmp":
        return Look(device, alive=False, reason=reason)
    alive = await (_pings(device, pinger) if liveness.port is None else _connects(device, liveness.port))
    return Look(device, alive, reason=reason if alive else None)


async def _pings(device: Device, pinger: Pinger) -> bool:
    burst = Burst(str(device.address), PINGS, timeout_s=device.watch.timeout.total_seconds())
    try:
        return any(rtt is not None for rtt in await pinger.burst(burst))
    except PingerError:
        return True  # noc couldn't ask: that is no evidence of the device


async def _connects(device: Device, port: int) -> bool:
    try:
        async with asyncio.timeout(device.watch.timeout.total_seconds()):
            _, writer = await asyncio.open_connection(str(device.address), port)
    except (TimeoutError, OSError):
        return False
    writer.transport.abort()
    return True
