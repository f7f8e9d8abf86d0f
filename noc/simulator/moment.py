"""A device at a moment: all that the value of an object may depend on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from noc.simulator import curves
from noc.simulator.places import Place
from noc.simulator.world import SimDevice

METRICS: Final = (
    "es_n0_db",
    "snr_db",
    "cpu_pct",
    "memory_pct",
    "temperature_c",
    "battery_pct",
    "input_volts",
    "load_pct",
)
"""What can be set on a device or changed by a fault: signal of a satellite terminal, load of processor and memory,
temperature, and of a UPS its charge, the voltage that comes in, the load."""


@dataclass(slots=True)
class Condition:
    """What is special about a device now. Times in milliseconds.

    set_to: metric to a value that holds; changed: metric to what is added. down: interfaces that are down, by ifIndex.
    on_battery_ms: since when a UPS has no mains; lasting_ms: for how long its battery will do.
    """

    set_to: dict[str, float] = field(default_factory=dict)
    changed: dict[str, float] = field(default_factory=dict)
    down: set[int] = field(default_factory=set)
    on_battery_ms: int | None = None
    lasting_ms: int = 3_600_000


NOTHING: Final = Condition()


class Pushed(NamedTuple):
    """Somebody gave a device another configuration. at_ms: when; is_wrong: or put it right."""

    at_ms: int
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class Machine:
    """A device with what its values are made from. seed: of its numbers; peers: devices that it hangs on."""

    device: SimDevice
    place: Place
    seed: int
    capacity_bps: int
    over_satellite: bool
    peers: tuple[str, ...]


@dataclass(slots=True)
class Moment:
    """A device at a moment.

    time_ms: of the Unix epoch. boot_ms: when the device was started. lost_ms: ifIndex to how long that interface was
    down since then. silent: for each device of the world, by number, 1 where nothing is heard of it. pushed: what
    configurations it was given beside those of every day.
    """

    machine: Machine
    time_ms: int
    boot_ms: int
    condition: Condition = field(default_factory=lambda: NOTHING)
    lost_ms: Mapping[int, int] = field(default_factory=dict)
    silent: Sequence[int] = b""
    pushed: tuple[Pushed, ...] = ()

    @property
    def ticks(self) -> int:
        """Return hundredths of a second since the start, as sysUpTime counts them."""
        return max(0, self.time_ms - self.boot_ms) // 10 % 2**32

    def hears(self, number: int) -> bool:
        """Return whether another device of the world, by its number, is heard of."""
        return number >= len(self.silent) or not self.silent[number]

    def metric(self, name: str, usual: float) -> float:
        """Return a metric: what it was set to, or what is usual with what faults add."""
        condition = self.condition
        if condition is NOTHING:
            return usual
        return condition.set_to.get(name, usual + condition.changed.get(name, 0.0))

    def counted(self, mean: int, part: int, interface: int = 0) -> int:
        """Return a counter that grows by `mean` a second, since the start. part: tells counters of a device apart.

        interface: ifIndex of the interface that it belongs to, whose down time doesn't count.
        """
        machine = self.machine
        until = self.time_ms - self.lost_ms.get(interface, 0) if self.lost_ms else self.time_ms
        seed = curves.seed_of(machine.seed, part, interface)
        return curves.amount(self.boot_ms, max(until, self.boot_ms), mean, seed, machine.place.longitude)

    def load(self, part: int) -> float:
        """Return the load now, relative to its mean."""
        machine = self.machine
        return curves.load(self.time_ms, curves.seed_of(machine.seed, part), machine.place.longitude)

    def share(self, part: int, low: float, high: float) -> float:
        """Return a number that is always the same for this device."""
        return curves.share(curves.seed_of(self.machine.seed, part), low, high)
