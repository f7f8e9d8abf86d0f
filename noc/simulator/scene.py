"""What is so now: which devices are silent, since when each runs, what is special about some. Fed by the story and by
hand. No clock of its own: `advance` says what time it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from noc.model.errors import UsageError
from noc.model.finding import did_you_mean
from noc.simulator import curves, models
from noc.simulator.faults import Fault, Hit, Story
from noc.simulator.moment import METRICS, NOTHING, Condition, Machine, Moment, Pushed
from noc.simulator.objects import View
from noc.simulator.reach import silent
from noc.simulator.world import SimDevice, World

DAY_MS: Final = 86_400_000
REMEMBERED_MS: Final = 30 * DAY_MS
"""How far back what happened still shows: in uptimes and counters."""

PUSHES_REMEMBERED: Final = 100
_OLDEST_DAYS: Final = 400  # within the 497 days that sysUpTime can count


class Scene:
    """The world at a moment that goes on.

    silent: for each device, by number, 1 where nothing is heard of it. views: the objects of each. since_ms: from when
    on what happened still shows; None: the usual time before now.
    """

    def __init__(self, story: Story, now_ms: int, since_ms: int | None = None) -> None:
        self.world: Final[World] = story.world
        self._story = story
        self.machines = tuple(machine(story.world, device) for device in story.world.devices)
        self.views: tuple[View, ...] = tuple(
            models.view(
                models.model_of(one.device.device_class, one.place.site_class, one.device.number),
                tuple((peer.number, str(peer.address)) for peer in story.world.peers.get(one.device.number, ())),
            )
            for one in self.machines
        )
        self._boots = [first_boot_ms(one, story.begins_ms) for one in self.machines]
        self._lost: dict[int, dict[int, int]] = {}
        self._faults: dict[str, tuple[Hit, ...]] = {}
        self._mended: set[str] = set()
        self._hits: dict[int, list[Hit]] = {}
        self._by_hand: dict[str, frozenset[int]] = {}
        self._down_by_hand: dict[int, dict[int, int]] = {}
        self._set: dict[int, dict[str, float]] = {}
        self._pushed: dict[int, tuple[Pushed, ...]] = {}
        self._failed: frozenset[int] = frozenset()
        self._seen_ms = now_ms - REMEMBERED_MS if since_ms is None else since_ms
        self.silent = bytearray(len(self.machines))
        self.advance(now_ms)

    def tour_from(self, begins_ms: int) -> None:
        """Let the tour of the story begin at a moment."""
        self._story.tour_from(begins_ms)

    def advance(self, now_ms: int) -> None:
        """Let time go on to a moment."""
        going = {fault.key: fault for fault in self._story.between(self._seen_ms, now_ms + 1)}
        over = [fault for fault in going.values() if fault.end_ms <= now_ms and fault.key not in self._mended]
        for fault in sorted(over, key=lambda fault: fault.end_ms):
            self._finish(self._faults.pop(fault.key, ()) or tuple(self._story.hits(fault)), fault.end_ms)
        begun = [
            fault
            for fault in going.values()
            if fault.end_ms > now_ms and fault.key not in self._faults and fault.key not in self._mended
        ]
        for fault in begun:
            self._faults[fault.key] = tuple(self._story.hits(fault))
        if over or begun:
            self._index()
            self._mended &= going.keys()
        self._seen_ms = now_ms
        self._look()

    def faults(self) -> tuple[Fault, ...]:
        """Return what the story tells now."""
        return tuple(fault for fault in self._story.active(self._seen_ms) if fault.key in self._faults)

    def troubled(self) -> frozenset[int]:
        """Return the numbers of the devices that something is special about now."""
        return frozenset(self._hits) | self._down_by_hand.keys() | self._set.keys()

    def moment(self, number: int, now_ms: int) -> Moment:
        """Return a device as it is now."""
        boot_ms, lost = self._boots[number], self._lost.get(number, {})
        hits, values = self._hits.get(number), self._set.get(number)
        down, pushed = self._down_by_hand.get(number), self._pushed.get(number, ())
        if hits is None and values is None and down is None:
            return Moment(self.machines[number], now_ms, boot_ms, NOTHING, lost, self.silent, pushed)
        condition = Condition(set_to=dict(values or {}))
        if down:
            condition.down |= down.keys()
            lost = {**lost, **{index: lost.get(index, 0) + now_ms - since for index, since in down.items()}}
        for hit in hits or ():
            if hit.what == "dark" and hit.end_ms <= now_ms:
                boot_ms = max(boot_ms, hit.end_ms)
            elif hit.what == "flap":
                lost = {**lost, hit.interface: lost.get(hit.interface, 0) + hit.down_ms(now_ms)}
            elif hit.what == "push" and hit.is_on(now_ms):
                pushed = (*pushed, Pushed(hit.start_ms, is_wrong=True))
            _apply(hit, condition, now_ms)
        return Moment(self.machines[number], now_ms, boot_ms, condition, lost, self.silent, pushed)

    def fail(self, entity: str, now_ms: int) -> None:
        """Let a device, a site, a region, a circuit or an interface fail until it is restored. Raises UsageError."""
        if entity.startswith("interface/"):
            number, index = self._interface(entity)
            self._down_by_hand.setdefault(number, {}).setdefault(index, now_ms)
            return
        devices = self._members(entity)
        self._by_hand[entity] = frozenset(device.number for device in devices)
        self._look()

    def restore(self, entity: str, now_ms: int) -> None:
        """End what ails an entity: what was done by hand, and what the story does to its devices. Raises UsageError."""
        if entity.startswith("interface/"):
            self._raise_interface(*self._interface(entity), now_ms)
        numbers = {device.number for device in self._members(entity)}
        self._by_hand = {name: failed - numbers for name, failed in self._by_hand.items() if failed - numbers}
        for key in [key for key, hits in self._faults.items() if any(hit.device in numbers for hit in hits)]:
            self._mended.add(key)
            self._finish(self._faults.pop(key), now_ms)
        self._index()
        self._look()

    def set(self, entity: str, metric: str, value: float | None) -> None:
        """Hold a metric of a device (or of all devices of a site or region) at a value; None lets it go.

        Raises UsageError where there is no such entity or metric.
        """
        if metric not in METRICS:
            raise UsageError(f"no metric '{metric}'{did_you_mean(metric, METRICS)}; there are: {', '.join(METRICS)}")
        for device in self._members(entity):
            values = self._set.setdefault(device.number, {})
            if value is None:
                values.pop(metric, None)
            else:
                values[metric] = value
            if not values:
                del self._set[device.number]

    def _finish(self, hits: Iterable[Hit], end_ms: int) -> None:
        """Keep what stays of a fault: a new start, time that an interface was down."""
        for hit in hits:
            if hit.what == "dark" and hit.start_ms < end_ms:
                self._boots[hit.device] = max(self._boots[hit.device], min(hit.end_ms, end_ms))
                self._lost.pop(hit.device, None)
            elif hit.what == "flap":
                self._lose(hit.device, hit.interface, hit.down_ms(end_ms))
            elif hit.what == "push":
                both = Pushed(hit.start_ms, is_wrong=True), Pushed(end_ms, is_wrong=False)
                self._pushed[hit.device] = (*self._pushed.get(hit.device, ()), *both)[-PUSHES_REMEMBERED:]

    def _raise_interface(self, number: int, index: int, now_ms: int) -> None:
        down = self._down_by_hand.get(number, {})
        self._lose(number, index, now_ms - down.pop(index, now_ms))
        if not down:
            self._down_by_hand.pop(number, None)

    def _lose(self, number: int, index: int, lost_ms: int) -> None:
        lost = self._lost.setdefault(number, {})
        lost[index] = lost.get(index, 0) + lost_ms

    def _index(self) -> None:
        self._hits = {}
        for hits in self._faults.values():
            for hit in hits:
                self._hits.setdefault(hit.device, []).append(hit)

    def _look(self) -> None:
        """Work out anew who is silent, if something else fails than before."""
        failed = {
            hit.device
            for hits in self._faults.values()
            for hit in hits
            if hit.what in ("cut", "dark") and hit.is_on(self._seen_ms)
        }
        whole = frozenset(failed.union(*self._by_hand.values()))
        if whole != self._failed:
            self._failed = whole
            self.silent = silent(self.world, whole)

    def _members(self, entity: str) -> tuple[SimDevice, ...]:
        kind, _, name = entity.partition("/")
        try:
            if kind == "interface":
                return (self.world.device[name.partition("/")[0]],)
            if kind == "circuit":
                return self.world.edges[self._site_of_circuit(name)]
            return self.world.members(entity)
        except KeyError:
            known = [f"device/{name}" for name in self.world.device] + [f"site/{name}" for name in self.world.place]
            raise UsageError(f"no '{entity}' in this world{did_you_mean(entity, known)}") from None

    def _site_of_circuit(self, name: str) -> str:
        site, _, kind = name.rpartition("-")
        if site not in self.world.place or kind not in ("sat", "mpls"):
            raise KeyError(name)
        return site

    def _interface(self, entity: str) -> tuple[int, int]:
        """Return device number and ifIndex of `interface/<device>/<ifName>`."""
        (device,) = self._members(entity)
        name = entity.split("/", 2)[2] if entity.count("/") > 1 else ""
        names = models.port_names(self.views[device.number])
        if name not in names:
            raise UsageError(f"device '{device.id}' has no interface '{name}'; it has: {', '.join(names)}")
        return device.number, names.index(name) + 1


def machine(world: World, device: SimDevice) -> Machine:
    """Return a device with what its values are made from."""
    place = world.place[device.site]
    before = tuple(world.devices[number].id for number in world.before[device.number][:1])
    seed = curves.seed_of(world.seed, device.number)
    return Machine(device, place, seed, world.capacity_bps(place), device.number in world.over_satellite, before)


def first_boot_ms(one: Machine, begins_ms: int) -> int:
    """Return when a device was started, before anything is told of it: 31 to 400 days ago."""
    days = curves.share(curves.seed_of(one.seed, 1), 31, _OLDEST_DAYS)
    return begins_ms - int(days * DAY_MS)


def _apply(hit: Hit, condition: Condition, now_ms: int) -> None:
    if not hit.is_on(now_ms):
        return
    if hit.what == "battery":
        condition.on_battery_ms, condition.lasting_ms = hit.start_ms, hit.lasting_ms
    elif hit.change is not None:
        metric = hit.change.metric
        condition.changed[metric] = condition.changed.get(metric, 0.0) + hit.added(now_ms)
    elif hit.what == "flap" and hit.is_down(now_ms):
        condition.down.add(hit.interface)
