"""What is known of every entity now: states from evidence, unreachable and sites worked out from them, last Snapshots.

The same words as docs/availability.md, for this moment: a device that is down is unreachable while all its upstreams
are down or unreachable, an end point while its site is; a site has the state of its edge devices that are in service.
"""

from __future__ import annotations

import re
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final

from noc.clock import Clock
from noc.inventory.entities import Device, Site
from noc.inventory.inventory import Inventory
from noc.inventory.values import Periods
from noc.model.instants import to_ms
from noc.model.part import PART_KINDS, Part, owner_of, part_name
from noc.model.present import Made, PartNow, StatusNow, Word
from noc.model.snapshot import Snapshot
from noc.pipeline.packed import packed, unpacked
from noc.pipeline.parts import parts_of
from noc.pipeline.partwatch import PartWatch
from noc.pipeline.status import Statuses

AT_HAND: Final = 64
"""Snapshots that were asked for last and stay unpacked: a page, and what a device sends by itself, ask again."""

_MINUTE_MS: Final = 60_000
_UNKNOWN: Final = StatusNow("unknown")
_ORDER: Final[tuple[Word, ...]] = ("up", "unknown", "down", "unreachable")
"""What a site is: the first of these that one of its devices is, except that it is down only where none is unknown."""


class Presence:
    """Answers from memory. inventory: as it is now."""

    def __init__(
        self, statuses: Statuses, inventory: Callable[[], Inventory], clock: Clock, parts: PartWatch | None = None
    ) -> None:
        self._statuses = statuses
        self._inventory = inventory
        self._clock = clock
        self._parts = parts
        self._snapshots: dict[str, bytes] = {}
        self._at_hand: OrderedDict[str, Snapshot] = OrderedDict()
        self._made: dict[str, Made] = {}
        self._known: dict[str, StatusNow] = {}
        self._known_for: tuple[int, int, int] | None = None
        self.beside: Mapping[str, Callable[[str], StatusNow]] = {}
        """Kinds of entities whose statuses are kept elsewhere, and who tells them."""

    def status(self, entity: str) -> StatusNow:
        """Return the status of a device, a part of one, a circuit or a site; unknown for what is not watched."""
        kind, _, name = entity.partition("/")
        elsewhere, inventory = self.beside.get(kind), self._inventory()
        if elsewhere is not None:
            endpoint = inventory.endpoints.get(name) if kind == "endpoint" else None
            return elsewhere(entity) if endpoint is None else self._behind(endpoint.site, elsewhere(entity))
        key = (*self.version, id(inventory))
        if key != self._known_for:
            self._known, self._known_for = {}, key
        now = self._worked_out(entity, inventory)
        if entity.startswith("site/"):
            return now
        return StatusNow(now.status, now.since_ms, self._statuses.seen_ms(entity))

    @property
    def version(self) -> tuple[int, int]:
        """Return what is another when a status is; sites are in service from one minute on."""
        return self._statuses.version, to_ms(self._clock.now()) // _MINUTE_MS

    def parts(self, entity: str) -> tuple[PartNow, ...]:
        """Return the parts of a device, as it last told of them, and those that it no longer tells of, by name."""
        device = self._inventory().devices.get(entity.removeprefix("device/"))
        if device is None or self._parts is None:
            return ()
        snapshot = self.snapshot(entity)
        told = {} if snapshot is None else parts_of(device.id, snapshot, self._parts.wanted(device))
        found = [PartNow(part, self.status(part.entity)) for part in told.values()]
        for name in self._parts.entities(device.id):
            known = part_name(name)
            if name not in told and known is not None:
                found.append(PartNow(Part(name, known.kind, known.name, None, None), self.status(name), seen=False))
        return tuple(sorted(found, key=lambda one: (PART_KINDS.index(one.part.kind), natural(one.part.name))))

    def snapshot(self, entity: str) -> Snapshot | None:
        """Return a device as it was last read by SNMP."""
        found = self._at_hand.get(entity)
        if found is None:
            data = self._snapshots.get(entity)
            if data is None:
                return None
            found = self._at_hand[entity] = unpacked(data)
            if len(self._at_hand) > AT_HAND:
                self._at_hand.popitem(last=False)
        return found

    def made(self, entity: str) -> Made | None:
        """Return what a device said that it is, when it was last read; at hand for all, as lists ask for all."""
        return self._made.get(entity)

    def keep(self, entity: str, snapshot: Snapshot) -> None:
        """Take the newest Snapshot of a device."""
        self._snapshots[entity] = packed(snapshot)
        said = snapshot.device
        # Thousands are of one model: each word is kept once.
        self._made[entity] = Made(_once(said.vendor), _once(said.model), _once(said.version), said.serial)
        self._at_hand.pop(entity, None)

    def forget(self, entities: Iterable[str]) -> None:
        """Drop what is kept of devices that are no longer watched."""
        for entity in entities:
            self._snapshots.pop(entity, None)
            self._at_hand.pop(entity, None)
            self._made.pop(entity, None)

    def _worked_out(self, entity: str, inventory: Inventory) -> StatusNow:
        known = self._known.get(entity)
        if known is None:
            kind, _, name = entity.partition("/")
            if kind == "device" and name in inventory.devices:
                known = self._device(inventory.devices[name], inventory)
            elif kind == "site" and name in inventory.sites:
                known = self._site(inventory.sites[name], inventory)
            elif kind == "circuit" and name in inventory.circuits:
                known = StatusNow(self._statuses.status_of(entity), self._statuses.since_ms(entity))
            else:
                owner = owner_of(entity)
                known = _UNKNOWN if owner is None else self._part(entity, self._worked_out(owner, inventory))
            self._known[entity] = known
        return known

    def _behind(self, site: str, now: StatusNow) -> StatusNow:
        """Return the status of what stands at a site: its upstream is the site."""
        upstream = self.status(f"site/{site}")
        if now.status != "down" or upstream.status not in ("down", "unreachable"):
            return now
        return StatusNow("unreachable", _latest([now.since_ms, upstream.since_ms]), now.seen_ms)

    def _device(self, device: Device, inventory: Inventory) -> StatusNow:
        word: Word = self._statuses.status_of(device.entity)
        since_ms = self._statuses.since_ms(device.entity)
        if word == "down" and device.upstream:
            upstreams = [self._worked_out(name, inventory) for name in device.upstream]
            if all(upstream.status in ("down", "unreachable") for upstream in upstreams):
                return StatusNow("unreachable", _latest([since_ms, *(upstream.since_ms for upstream in upstreams)]))
        return StatusNow(word, since_ms)

    def _part(self, entity: str, owner: StatusNow) -> StatusNow:
        """Return the status of a part: nothing is known of it while its device is not up."""
        word, since_ms = self._statuses.status_of(entity), self._statuses.since_ms(entity)
        return StatusNow(word, since_ms) if owner.status == "up" else StatusNow("unknown", owner.since_ms)

    def _site(self, site: Site, inventory: Inventory) -> StatusNow:
        now = self._clock.now()
        edges = [inventory.devices[name] for name in site.edge_devices if name in inventory.devices]
        votes = [self._worked_out(edge.entity, inventory) for edge in edges if _in_service(edge.in_service, now)]
        if not votes:
            return _UNKNOWN
        word = next(word for word in _ORDER if any(vote.status == word for vote in votes))
        if word == "up":
            # Since the first of those that are up; that it was up before, by another device, isn't known here.
            return StatusNow(word, _earliest(vote.since_ms for vote in votes if vote.status == "up"))
        return StatusNow(word, _latest(vote.since_ms for vote in votes))


def _in_service(periods: Periods, now: datetime) -> bool:
    return not periods or any(
        (period.start is None or period.start <= now) and (period.end is None or now < period.end) for period in periods
    )


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return what names are sorted by, numbers in them by their value: `ge-0/0/2` before `ge-0/0/10`."""
    parts = re.findall(r"[0-9]{1,20}|[^0-9]+", name.casefold())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)


def _once(word: str | None) -> str | None:
    return None if word is None else sys.intern(word)


def _latest(times_ms: Iterable[int | None]) -> int | None:
    return max((time_ms for time_ms in times_ms if time_ms is not None), default=None)


def _earliest(times_ms: Iterable[int | None]) -> int | None:
    return min((time_ms for time_ms in times_ms if time_ms is not None), default=None)
