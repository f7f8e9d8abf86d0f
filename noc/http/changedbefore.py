"""What changed before an incident: configurations, planned work, starts, versions and routing, of what it is about and
of what that hangs on. Nothing here says that a change is the cause: it says what there was, in the order of time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Final, Literal
from urllib.parse import quote

from noc.http.scope import Scope
from noc.http.sources import Sources
from noc.inventory.inventory import Inventory
from noc.maintenance.below import self_and_above
from noc.maintenance.occurrences import occurrences
from noc.model.discovery import Drift
from noc.model.incident import Incident
from noc.model.instants import length_ms
from noc.model.part import owner_of
from noc.model.transition import Transition
from noc.model.window import PlannedWindow
from noc.state import configurations, drifts, events, ledgerpages, windows
from noc.state.configurations import Version
from noc.state.database import Transaction
from noc.state.ledger import transition_of
from noc.topology import Topology

ChangeKind = Literal["configuration", "window", "start", "version", "routing", "event"]
"""event: the device says that it was configured; configuration: a copy of it is another one."""

BEFORE: Final = timedelta(hours=1)
COPIED_WITHIN: Final = timedelta(minutes=15)
"""So long after the beginning a copy may have been made of what was changed before it."""

DEVICES_AT_MOST: Final = 24
"""Devices that are looked at: of the incident first, then what these hang on, the nearest first."""

TOGETHER: Final = timedelta(seconds=30)
STEPS_AT_MOST: Final = 4
AT_MOST: Final = 100
"""Changes: the newest."""

_VERSIONS: Final = frozenset(("serial", "model", "profile", "other-device"))
_STARTS: Final = ("coldStart", "warmStart", "-RESTART", "-RELOAD", "-BOOTTIME")


@dataclass(frozen=True, slots=True)
class Changed:
    """One change. at_ms: when it was, milliseconds of the Unix epoch; of a window its beginning, end_ms: its end.

    entity: of what. who: its author, empty where nobody said so. text: what is known of it, a device's own words of an
    event: hostile. upstream: it is of what the incident's entity hangs on. url: of the page that shows it.
    """

    kind: ChangeKind
    entity: str
    at_ms: int
    text: str = ""
    who: str = ""
    end_ms: int | None = None
    upstream: bool = False
    url: str = ""


async def changed_before(sources: Sources, seen: Scope, incident: Incident) -> list[Changed]:
    """Return what changed in the hour before an incident, the newest first; no more than its reader may see.

    Raises StateError.
    """
    inventory, topology = sources.inventory(), None if sources.topology is None else sources.topology()
    own, above = looked_at(inventory, topology, incident.entity)
    devices = [one for one in (*own, *above) if seen.sees(inventory, f"device/{one}")]
    since_ms, until_ms = incident.since_ms - length_ms(BEFORE), incident.since_ms + 1
    found: list[Changed] = []
    async with sources.database.read() as connection:
        for device in devices:
            found += await _of_device(connection, device, since_ms, until_ms)
        entities = [f"device/{one}" for one in devices]
        told = await events.page(connection, devices=entities, since_ms=since_ms, until_ms=until_ms, limit=5 * AT_MOST)
        held = await windows.overlapping(connection, since_ms, until_ms)
        drifted = [one for one in await drifts.everything(connection) if one.device in set(devices)]
    found += _events(told)
    found += _versions(drifted, since_ms, until_ms)
    found += _starts(sources, devices, since_ms, until_ms, {one.entity for one in found if one.kind == "start"})
    found += _windows(inventory, held, (incident.entity, *entities), (since_ms, until_ms), seen)
    upper = {f"device/{one}" for one in above}
    marked = [_marked(one, upper) for one in found]
    return sorted(marked, key=lambda one: (-one.at_ms, one.kind, one.entity))[:AT_MOST]


def looked_at(inventory: Inventory, topology: Topology | None, entity: str) -> tuple[list[str], list[str]]:
    """Return the devices, by id, that an incident is about, and those that they hang on, the nearest first. Pure."""
    own = _devices_of(inventory, entity)[:DEVICES_AT_MOST]
    known, ahead, above = dict.fromkeys(own), list(own), list[str]()
    for _ in range(STEPS_AT_MOST if topology is not None else 0):
        uppers = [up for one in ahead for up in (topology.upstream(f"device/{one}") if topology else ())]
        fresh = [one for up in uppers for one in _devices_of(inventory, up) if one not in known]
        ahead = list(dict.fromkeys(fresh))
        known.update(dict.fromkeys(ahead))
        above += ahead
    return own, above[: max(0, DEVICES_AT_MOST - len(own))]


def _devices_of(inventory: Inventory, entity: str) -> list[str]:
    """Return the devices that stand for an entity: of a site its edge devices, of a circuit its ends."""
    kind, _, key = (owner_of(entity) or entity).partition("/")
    names: Iterable[str] = ()
    if kind == "device":
        names = (key,)
    elif kind == "site" and key in inventory.sites:
        names = inventory.sites[key].edge_devices
    elif kind == "circuit" and key in inventory.circuits:
        circuit = inventory.circuits[key]
        names = (end.device for end in (circuit.a, circuit.z, circuit.probe) if end is not None)
    return [one for one in dict.fromkeys(names) if one in inventory.devices]


async def _of_device(connection: Transaction, device: str, since_ms: int, until_ms: int) -> list[Changed]:
    """Return new copies of a device's configuration, and sessions of its routing that came or went."""
    copies = await configurations.versions(connection, device, 5)
    found = list(_configurations(copies, since_ms, until_ms))
    peers = await ledgerpages.below(connection, f"peer/{device}/", since_ms, until_ms, AT_MOST)
    changes = [change for change in map(transition_of, peers) if change.before != "unknown"]  # seen first: no change
    return found + [_routing(device, change) for change in changes]


def _configurations(copies: Sequence[Version], since_ms: int, until_ms: int) -> Iterator[Changed]:
    """Yield copies that differ from the one before. The first one there is of a device is no change."""
    latest_ms = until_ms + length_ms(COPIED_WITHIN)
    for newer, older in pairwise(copies):
        is_new = since_ms <= newer.first_ms < latest_ms and newer.first_ms > older.first_ms
        if is_new and (newer.first_ms < until_ms or older.last_ms < until_ms):  # else it changed after the beginning
            url = f"/devices/{quote(newer.device, safe='')}/configuration?version={newer.id}"
            who, text = newer.author or "", newer.changed or ""
            yield Changed("configuration", f"device/{newer.device}", newer.first_ms, text, who, url=url)


def _routing(device: str, change: Transition) -> Changed:
    url = f"/devices/{quote(device, safe='')}"
    return Changed("routing", change.entity, change.since_ms, change.status, url=url)


def _events(told: Iterable[events.Kept]) -> list[Changed]:
    """Return what devices said, what they said by trap and by syslog once: in the words that name who did it."""
    found: list[Changed] = []
    for one in sorted(_said(told), key=lambda one: (one.entity, one.kind, one.at_ms)):
        last = found[-1] if found else None
        same = last is not None and (last.entity, last.kind) == (one.entity, one.kind)
        if last is None or not same or one.at_ms - last.at_ms >= length_ms(TOGETHER):
            found.append(one)
        elif not last.who:
            found[-1] = one
    return found


def _said(told: Iterable[events.Kept]) -> Iterator[Changed]:
    for one in told:
        event, name = one.event, one.event.name
        is_start = any(word in name for word in _STARTS)
        if event.device is None or not (is_start or event.event_class == "configuration"):
            continue
        url = f"/devices/{quote(event.device.partition('/')[2], safe='')}"
        who = str(event.facts.get("user") or "")
        text = event.text or name
        yield Changed("start" if is_start else "event", event.device, event.first_ms, text, who, url=url)


def _versions(drifted: Iterable[Drift], since_ms: int, until_ms: int) -> Iterator[Changed]:
    """Yield devices that say that they are others than before."""
    for one in drifted:
        if one.kind in _VERSIONS and since_ms <= one.since_ms < until_ms:
            text = f"{one.kind}: {one.expected or '–'} → {one.seen or '–'}"
            yield Changed("version", f"device/{one.device}", one.since_ms, text, url="/discovery/drift")


def _starts(
    sources: Sources, devices: Iterable[str], since_ms: int, until_ms: int, told: Collection[str]
) -> Iterator[Changed]:
    """Yield devices that began to run in that time, as their uptime says, where none said so itself."""
    for device in devices:
        entity = f"device/{device}"
        taken = sources.present.snapshot(entity)
        uptime_s = None if taken is None else taken.device.uptime_s
        poll = None if uptime_s is None or entity in told else sources.raw(entity)
        if poll is None or uptime_s is None:
            continue
        began_ms = poll.at_ms - int(uptime_s * 1000)
        if since_ms <= began_ms < until_ms:
            yield Changed("start", entity, began_ms, url=f"/devices/{quote(device, safe='')}")


def _windows(
    inventory: Inventory, held: Iterable[PlannedWindow], entities: Iterable[str], span: tuple[int, int], seen: Scope
) -> Iterator[Changed]:
    """Yield planned work on the entities, or on what they stand in."""
    concerned = {above for entity in entities for above in self_and_above(inventory, entity)}
    for one in held:
        if one.entity in concerned and one.state == "approved" and seen.sees(inventory, one.entity):
            for time in occurrences(one, *span)[-5:]:
                url = f"/maintenance/{one.number}"
                yield Changed("window", one.entity, time.start, one.now.why, one.now.who, time.end, url=url)


def _marked(one: Changed, upper: Collection[str]) -> Changed:
    if (owner_of(one.entity) or one.entity) not in upper:
        return one
    return Changed(one.kind, one.entity, one.at_ms, one.text, one.who, one.end_ms, upstream=True, url=one.url)
