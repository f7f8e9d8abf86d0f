"""Watches the parts of devices and the circuits: from each Snapshot to results, and by `Statuses` to Transitions. Pure.

A part that its device no longer tells of, though it answers, was either lost or taken out of the configuration. What is
learned from others (neighbours of OSPF and IS-IS, sessions of LDP), the end of a circuit, a BGP peer that vanishes with
all others, and a VPN tunnel that stood for a day and is told of only while it is up is lost: down, for a day. Anything
else is withdrawn after as many polls as make a part down.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from noc.availability.policy import ProbePolicy
from noc.inventory.entities import Device
from noc.inventory.interfaces import ALL, NONE, UPLINKS, is_named
from noc.inventory.inventory import Inventory
from noc.model.part import Part, PartKind, PartName, part_entity, part_name
from noc.model.snapshot import Interface, Snapshot
from noc.model.transition import Transition
from noc.pipeline.circuits import Circuits
from noc.pipeline.parts import Wanted, parts_of
from noc.pipeline.passing import Passing
from noc.pipeline.policy import part_policy
from noc.pipeline.status import Result, Statuses

log = logging.getLogger(__name__)

POLL: Final = "snmp"
"""The check that tells of most parts."""

SELDOM: Final = timedelta(minutes=15)
"""How often other checks tell of parts, as far as it isn't known."""

LOST_FOR_MS: Final = 24 * 3_600_000
"""What was lost for so long is taken to be no more."""

FLAPS: Final = 6
FLAP_WITHIN_MS: Final = 3_600_000
FLAP_CONFIRM_UP: Final = 6
"""A part that changed so often within an hour is up again only after so many good results in a row, until it was
quiet for an hour: its incident stays one incident."""

CARRIERS: Final = frozenset({"router", "firewall", "satellite-modem", "earth-station", "microwave"})
"""What carries a site: each of their interfaces that people described is an uplink."""

_LEARNED: Final = frozenset({"ospf", "isis", "ldp"})
_ORDER: Final[Mapping[PartKind, int]] = {"bgp": 1, "ospf": 1, "isis": 1, "ldp": 1, "tunnel": 2, "vrf": 2, "probe": 2}


@dataclass(frozen=True, slots=True)
class Look:
    """What a device told at one moment. unread: kinds of parts of which it may have more. time_ms: when it was asked.

    check, poller: who saw it. every: how often this is asked, where it is more rarely than polls are.
    """

    device: Device
    snapshot: Snapshot
    unread: frozenset[PartKind]
    time_ms: int
    check: str
    poller: str
    every: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a poll. failing: a part that was up fails, and another look soon would tell whether it is down."""

    transitions: tuple[Transition, ...] = ()
    failing: bool = False


@dataclass(slots=True)
class _Watched:
    """A part. check: which tells of it, every: how often. missing: for so many looks in a row. is_fleeting: its device
    tells of it only while it is up.

    ok, turned_ms: its last result, and since when results are so. changes: times of its last changes of status.
    damped: it flaps.
    """

    kind: PartKind
    check: str = POLL
    every: timedelta = timedelta()
    missing: int = 0
    missing_ms: int | None = None
    is_fleeting: bool = False
    ok: bool | None = None
    turned_ms: int = 0
    changes: tuple[int, ...] = ()
    damped: bool = False


class PartWatch:
    """Knows which parts of which device are watched. left_out: parts beyond `max_parts`, by device."""

    def __init__(self, statuses: Statuses, inventory: Inventory) -> None:
        self._statuses = statuses
        self._inventory = inventory
        self._circuits = Circuits(inventory)
        self._watched: dict[str, dict[str, _Watched]] = {}
        self._passing = Passing()
        self.left_out: dict[str, int] = {}

    def take_up(self, entities: Mapping[str, str]) -> None:
        """After a start: go on watching parts that were watched before; what no longer belongs is left.

        entities: each with the check that told of it.
        """
        for entity, check in entities.items():
            name = part_name(entity)
            if name is not None and self.belongs(entity):
                every = timedelta() if check == POLL else SELDOM
                self._watched.setdefault(name.device, {})[entity] = _Watched(name.kind, check, every)

    def replace(self, inventory: Inventory, time_ms: int, poller: str) -> list[Transition]:
        """Go on with another inventory; return what becomes of what is no longer watched."""
        before = self._circuits.policies.keys()
        self._inventory = inventory
        self._circuits.replace(inventory)
        gone = sorted(before - self._circuits.policies.keys())
        for device in list(self._watched):
            known = self._watched[device]
            for entity in [one for one in known if not self.belongs(one)]:
                del known[entity]
                gone.append(entity)
            if not known:
                del self._watched[device]
        for device in self.left_out.keys() - inventory.devices.keys():
            del self.left_out[device]
        self._passing.keep(inventory.devices.keys())
        return [change for entity in gone for change in self._statuses.withdraw(entity, time_ms, "", poller)]

    def policies(self) -> dict[str, ProbePolicy]:
        """Return all that is watched, and how it is judged from now on."""
        found = dict(self._circuits.policies)
        for device, parts in self._watched.items():
            watch = self._inventory.devices[device].watch
            for entity, known in parts.items():
                known.damped = False
                found[entity] = part_policy(watch, known.every)
        return found

    def belongs(self, entity: str) -> bool:
        """Return whether a part's device is there and polled, and the part still wanted; a circuit, whether it is."""
        name = part_name(entity)
        if name is None:
            return entity in self._circuits.policies
        device = self._inventory.devices.get(name.device)
        if device is None or device.watch.credentials is None:
            return False
        if name.kind != "interface" or name.name in self._circuits.names(device.id):
            return True
        setting = device.watch.watch_interfaces
        return setting in ((ALL,), (UPLINKS,)) or (setting != (NONE,) and is_named(setting, name.name))

    @property
    def number(self) -> int:
        """Return how many parts are watched."""
        return sum(map(len, self._watched.values()))

    def entities(self, device: str) -> Collection[str]:
        """Return the parts of a device that are watched. device: the id."""
        return self._watched.get(device, {}).keys()

    def wanted(self, device: Device) -> Wanted:
        """Return which interfaces of a device are watched when it is next read."""
        ends, watched = self._circuits.names(device.id), self._watched.get(device.id, {})
        setting = device.watch.watch_interfaces
        carries = device.device_class in CARRIERS

        def wanted(interface: Interface) -> bool:
            name = interface.name or interface.descr or ""
            if name in ends or interface.descr in ends or setting == (ALL,):
                return True
            if setting == (NONE,):
                return False
            if setting != (UPLINKS,):
                return is_named(setting, interface.name, interface.descr)
            # One that was an uplink stays one: its neighbour is no longer heard just when it is down.
            return bool(interface.alias) and (carries or part_entity("interface", device.id, name) in watched)

        return wanted

    def take(self, look: Look) -> Judged:
        """Take what a device tells of its parts."""
        device, statuses = look.device, self._statuses
        watched = self._watched.setdefault(device.id, {})
        found = parts_of(device.id, look.snapshot, self._wanted_now(device, look.snapshot))
        transitions: list[Transition] = []
        self._begin(look, found, watched)
        for entity, part in found.items():
            known = watched.get(entity)
            if known is None:
                continue
            known.missing, known.missing_ms, known.is_fleeting = 0, None, part.is_fleeting
            if known.check != look.check:
                known.check, known.every = look.check, look.every
                statuses.add(entity, part_policy(device.watch, look.every))
            if not part.judged:
                transitions += statuses.withdraw(entity, look.time_ms, look.check, look.poller)
            elif part.ok is not None:
                transitions += self._result(entity, known, part.ok, look)
        lost = self._missing(look, found, watched, transitions)
        for entity, verdict in self._circuits.take(
            device.id, look.snapshot, found.values(), look.time_ms, lost=[name.name for name in lost]
        ):
            if verdict == "off":
                transitions += statuses.withdraw(entity, look.time_ms, look.check, look.poller)
            else:
                transitions += statuses.take(Result(entity, look.time_ms, verdict == "ok", look.check, look.poller))
        if not watched:
            del self._watched[device.id]
        failing = any(known.check == POLL and statuses.is_failing(entity) for entity, known in watched.items())
        return Judged(tuple(transitions), look.check == POLL and failing)

    def _wanted_now(self, device: Device, snapshot: Snapshot) -> Wanted:
        wanted = self.wanted(device)
        if device.watch.watch_interfaces != (UPLINKS,):
            return wanted
        heard = {row["local_port"] for row in snapshot.records.get("neighbors", ())}
        return lambda one: wanted(one) or (bool(one.alias) and (one.name in heard or one.descr in heard))

    def _begin(self, look: Look, found: Mapping[str, Part], watched: dict[str, _Watched]) -> None:
        """Watch parts that are new; what the inventory names comes before all others, interfaces come last."""
        device = look.device
        unwatched = [part for part in found.values() if part.entity not in watched]
        stand = self._passing.take(
            device.id, look.check, unwatched, look.unread, look.time_ms, at_most=device.watch.max_parts
        )
        fresh = [
            part for part in unwatched if part.judged and part.ok is not None and (part.stands or part.entity in stand)
        ]
        named = self._circuits.names(device.id) | self._circuits.probes(device.id)
        fresh.sort(key=lambda part: (part.name not in named, _ORDER.get(part.kind, 9)))
        room = max(0, device.watch.max_parts - len(watched))
        for part in fresh[:room]:
            watched[part.entity] = _Watched(part.kind, look.check, look.every)
            self._statuses.add(part.entity, part_policy(device.watch, look.every))
        if len(fresh) <= room:
            self.left_out.pop(device.id, None)
            return
        if device.id not in self.left_out:
            message = "%s: %d parts have no status, max_parts is %d; the first of them: %s"
            log.warning(message, device.entity, len(fresh) - room, device.watch.max_parts, fresh[room].entity)
        self.left_out[device.id] = len(fresh) - room

    def _missing(
        self, look: Look, found: Mapping[str, Part], watched: dict[str, _Watched], transitions: list[Transition]
    ) -> list[PartName]:
        """Judge what the device no longer tells of; return the interfaces among it that are lost."""
        has_bgp = any(part.kind == "bgp" for part in found.values())
        ends, lost = self._circuits.names(look.device.id), []
        for entity, known in list(watched.items()):
            name = part_name(entity)
            if entity in found or known.kind in look.unread or known.check != look.check or name is None:
                continue
            known.missing += 1
            known.missing_ms = look.time_ms if known.missing_ms is None else known.missing_ms
            is_end = known.kind == "interface" and name.name in ends
            is_lost = known.kind in _LEARNED or known.is_fleeting or is_end or (known.kind == "bgp" and not has_bgp)
            if is_lost and look.time_ms - known.missing_ms < LOST_FOR_MS:
                transitions += self._result(entity, known, False, look)
                lost += [name] if is_end else []
            elif known.missing >= look.device.watch.confirm_down:
                transitions += self._statuses.withdraw(entity, look.time_ms, look.check, look.poller)
                self._statuses.drop(entity)
                del watched[entity]
        return lost

    def _result(self, entity: str, known: _Watched, ok: bool, look: Look) -> list[Transition]:
        changes = self._statuses.take(Result(entity, look.time_ms, ok, look.check, look.poller))
        known.changes += tuple(change.decided_ms for change in changes if change.reason == "confirmed")
        if ok is not known.ok:
            known.ok, known.turned_ms = ok, look.time_ms
        if known.changes or known.damped:
            known.changes = tuple(at_ms for at_ms in known.changes if look.time_ms - at_ms < FLAP_WITHIN_MS)
            calm = look.time_ms - known.turned_ms >= FLAP_WITHIN_MS
            damped = not calm if known.damped else len(known.changes) >= FLAPS
            if damped is not known.damped:
                known.damped = damped
                policy = part_policy(look.device.watch, known.every)
                confirm_up = max(policy.confirm_up, FLAP_CONFIRM_UP) if damped else policy.confirm_up
                self._statuses.add(entity, replace(policy, confirm_up=confirm_up))
        return changes
