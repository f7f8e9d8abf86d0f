"""Gathers why an entity is what it is: what was asked and what came, what it hangs on, what is planned, as it was read.

Pages and API show the same. Nothing is asked of devices for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from noc.http.live import is_topic
from noc.http.rawvalues import concerned
from noc.http.reasons import Hang, Reason, reason_of
from noc.http.scope import Scope
from noc.http.sources import Sources
from noc.inventory.entities import Circuit, Device, Site
from noc.inventory.inventory import Inventory
from noc.maintenance.below import self_and_above
from noc.maintenance.impact import Impact, impact
from noc.maintenance.occurrences import occurrences
from noc.model.errors import StoreError
from noc.model.evidence import JudgedNow, RawPoll, RawValue, Seen
from noc.model.incident import Incident
from noc.model.instants import MILLISECOND, length_ms, to_ms
from noc.model.part import owner_of
from noc.model.present import PollNow, StatusNow
from noc.model.series import SeriesQuery
from noc.model.transition import Transition
from noc.pipeline.liveness import ENTITY, FIELD, MEASUREMENT
from noc.state import configurations, incidents, ledger, windows
from noc.state.configurations import Version

log = logging.getLogger(__name__)

RESULTS: Final = 10
CHANGES: Final = 5
DEPTH: Final = 6
HANGS_AT_MOST: Final = 60
WINDOWS_AT_MOST: Final = 20
AHEAD: Final = timedelta(days=7)
BEHIND: Final = timedelta(days=1)
_LOOK_BACK: Final = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Planned:
    """A time that is planned for work on an entity, or on what it is below. Milliseconds of the Unix epoch."""

    window: int
    entity: str
    start_ms: int
    end_ms: int
    why: str

    def runs(self, now_ms: int) -> bool:
        """Return whether it is under way."""
        return self.start_ms <= now_ms < self.end_ms


@dataclass(frozen=True, slots=True)
class Why:
    """All that is known of why an entity is what it is.

    device: whose values were read; None where there is none. judged: None for what is not judged by results. results:
    the last ones, the newest first. stored: False where the store can't be asked, so that who asked is not told. hangs:
    the nearest first. places: what each place saw last, (time in ms, whether it was well). polls: the checks of its
    device. touches: what stops with it; None where the inventory lacks it. raw: the last poll; values: those of it that
    concern the entity. changed: the last change of the device's configuration.
    """

    entity: str
    device: Device | None
    now: StatusNow
    reason: Reason
    judged: JudgedNow | None
    results: tuple[Seen, ...]
    stored: bool
    hangs: tuple[Hang, ...]
    places: Mapping[str, tuple[int, bool]]
    polls: tuple[PollNow, ...]
    changes: tuple[Transition, ...]
    planned: tuple[Planned, ...]
    incidents: tuple[Incident, ...]
    touches: Impact | None
    raw: RawPoll | None
    values: tuple[RawValue, ...]
    changed: Version | None


async def why_of(sources: Sources, seen: Scope, entity: str) -> Why:
    """Return why an entity of the inventory, or a part of one of its devices, is what it is. Raises StateError.

    seen: what the caller may see; other things are left out.
    """
    inventory, now_ms = sources.inventory(), to_ms(sources.clock.now())
    now, judged = sources.present.status(entity), sources.judged(entity)
    device = device_of(inventory, entity)
    hangs = tuple(hang for hang in hangs_of(sources, inventory, entity) if seen.sees(inventory, hang.entity))
    async with sources.database.read() as connection:
        records = await ledger.newest(connection, CHANGES, entity)
        upon = [entity, *(one.entity for one in hangs)]
        found = await incidents.page(connection, state="unresolved", entities=upon)
        start_ms, end_ms = now_ms - length_ms(BEHIND), now_ms + length_ms(AHEAD)
        held = await windows.overlapping(connection, start_ms, end_ms)
        versions = [] if device is None else await configurations.versions(connection, device.id, 1)
    changes = [ledger.transition_of(one) for one in reversed(records) if one.kind == "transition"]
    above = set(self_and_above(inventory, entity))
    planned = [
        Planned(one.number, one.entity, span.start, span.end, one.now.why)
        for one in held
        if one.entity in above
        for span in occurrences(one, start_ms, end_ms)
    ]
    results, stored = await _results(sources, entity, judged)
    raw = None if device is None else sources.raw(device.entity)
    named = entity if inventory.entity(entity) is not None else owner_of(entity)
    is_site, is_part = entity.startswith("site/"), owner_of(entity) is not None
    return Why(
        entity=entity,
        device=device,
        now=now,
        reason=reason_of(now, judged, changes[0].reason if changes else "", hangs, is_part=is_part, is_site=is_site),
        judged=judged,
        results=results,
        stored=stored,
        hangs=hangs,
        places=sources.places(entity),
        polls=() if device is None else sources.polls(device.entity),
        changes=tuple(changes),
        planned=tuple(sorted(planned, key=lambda one: one.start_ms)[:WINDOWS_AT_MOST]),
        incidents=tuple(sorted(found, key=lambda one: (one.entity != entity, one.since_ms))),
        touches=None if named is None else _visible(await asyncio.to_thread(impact, inventory, named), inventory, seen),
        raw=raw,
        values=() if raw is None else _values(sources, inventory, entity, raw, found),
        changed=versions[0] if versions else None,
    )


def reason_now(sources: Sources, seen: Scope, entity: str, last: str) -> Reason:
    """Return why an entity is what it is, from memory alone. last: the reason of its last Transition."""
    inventory = sources.inventory()
    hangs = [one for one in hangs_of(sources, inventory, entity) if seen.sees(inventory, one.entity)]
    is_site, is_part = entity.startswith("site/"), owner_of(entity) is not None
    now, judged = sources.present.status(entity), sources.judged(entity)
    return reason_of(now, judged, last, hangs, is_part=is_part, is_site=is_site)


def _visible(touched: Impact, inventory: Inventory, seen: Scope) -> Impact:
    """Return what stops, without what the caller may not see."""

    def kept(entities: Iterable[str]) -> tuple[str, ...]:
        return tuple(one for one in entities if seen.sees(inventory, one))

    return replace(
        touched,
        cut=kept(touched.cut),
        uncovered=kept(touched.uncovered),
        weaker=kept(touched.weaker),
        circuits=kept(touched.circuits),
        services=kept(touched.services),
    )


def live_of(why: Why) -> tuple[str, ...]:
    """Return the topics of the hub that tell of changes of what is shown: of the device whose values it is, too."""
    device = () if why.device is None else (why.device.entity,)
    return tuple(one for one in (*device, "statuses", "incidents") if is_topic(one))


def device_of(inventory: Inventory, entity: str) -> Device | None:
    """Return the device whose values tell of an entity: itself, what it is a part of, or an end of a circuit."""
    thing = inventory.entity(owner_of(entity) or entity)
    if isinstance(thing, Device):
        return thing
    if isinstance(thing, Circuit):
        ends = (thing.probe, thing.a, thing.z)
        return next((inventory.devices[one.device] for one in ends if one and one.device in inventory.devices), None)
    return None


def hangs_of(sources: Sources, inventory: Inventory, entity: str) -> list[Hang]:
    """Return what an entity hangs on, the nearest first, as far as the inventory tells."""
    found: dict[str, Hang] = {}
    layer: Iterable[str] = (entity,)
    for depth in range(1, DEPTH + 1):
        names = [name for one in layer for name in _below_it(inventory, one) if name not in found and name != entity]
        for name in dict.fromkeys(names):
            if len(found) < HANGS_AT_MOST:
                found[name] = Hang(name, sources.present.status(name), depth)
        layer = dict.fromkeys(names)
    return list(found.values())


def _below_it(inventory: Inventory, entity: str) -> Sequence[str]:
    """Return what an entity hangs on itself."""
    owner = owner_of(entity)
    thing = inventory.entity(entity)
    if owner is not None:
        return (owner,)
    if isinstance(thing, Site):
        return tuple(f"device/{one}" for one in thing.edge_devices if one in inventory.devices)
    if isinstance(thing, Circuit):
        ends = (thing.probe,) if thing.probe is not None else (thing.a, thing.z)
        return tuple(dict.fromkeys(f"device/{one.device}" for one in ends if one is not None))
    return thing.upstream if isinstance(thing, Device) else ()


async def _results(sources: Sources, entity: str, judged: JudgedNow | None) -> tuple[tuple[Seen, ...], bool]:
    """Return the last results, the newest first: from memory, and with who asked from the store, which hears later."""
    memory = () if judged is None else judged.results[-RESULTS:]
    found = {one.time_ms: one for one in memory}
    if judged is not None and memory:
        last = memory[-1]
        found[last.time_ms] = Seen(last.time_ms, last.ok, judged.check, judged.poller)
    now = sources.clock.now()
    whose = (owner_of(entity) or entity).removeprefix("device/")
    start = now - max(_LOOK_BACK, MILLISECOND * (0 if judged is None else judged.stale_ms * RESULTS))
    query = SeriesQuery(MEASUREMENT, (FIELD,), {"device": whose, ENTITY: entity}, start, now)
    try:
        series = (await sources.series.read(query)).series
    except StoreError as error:
        log.warning("%s: who asked it last can't be told: %s", entity, error)
        return tuple(found[time_ms] for time_ms in sorted(found, reverse=True)), False
    for one in series:
        check, poller = one.tags.get("check", ""), one.tags.get("poller", "")
        for time_ms, value in zip(one.times_ms[-RESULTS:], one.values[-RESULTS:], strict=True):
            found[time_ms] = Seen(time_ms, value > 0, check, poller)
    newest = sorted(found, reverse=True)[:RESULTS]
    return tuple(found[time_ms] for time_ms in newest), True


def _values(
    sources: Sources, inventory: Inventory, entity: str, raw: RawPoll, found: Iterable[Incident]
) -> tuple[RawValue, ...]:
    """Return the values of a poll that concern an entity: of a device those that its incidents are about come first."""
    thing = inventory.entity(entity)
    named = entity
    if isinstance(thing, Circuit):
        named = _end_of(thing, raw, inventory) or entity
    device = device_of(inventory, entity)
    snapshot = None if device is None else sources.present.snapshot(device.entity)
    numbers = {} if snapshot is None else {one.name or one.descr or "": one.if_index for one in snapshot.interfaces}
    oids = [str(one.facts["tag.oid"]) for one in found if one.entity == entity and one.facts.get("tag.oid")]
    return concerned(raw.values, named, numbers, oids)


def _end_of(circuit: Circuit, raw: RawPoll, inventory: Inventory) -> str | None:
    """Return the part of a device that tells of a circuit."""
    if circuit.probe is not None:
        return f"probe/{circuit.probe.device}/{circuit.probe.name}"
    ends = [one for one in (circuit.a, circuit.z) if one is not None and one.device in inventory.devices]
    return f"interface/{ends[0].device}/{ends[0].interface}" if ends and raw.values else None
