"""What all receivers do with a message before and after they read it: whose is it, is it too much, where to."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from noc.clock import Clock
from noc.inventory.events.compiled import EventBook, Meaning
from noc.inventory.inventory import Inventory
from noc.model.counting import counted
from noc.model.event import Event, EventKind
from noc.model.instants import to_ms

log = logging.getLogger(__name__)

RELAY_FACTOR: Final = 20
"""How many times as much a relay may send as a device."""

TELL_STORM_EVERY_S: Final = 10.0
STORM: Final = "noc::storm"
NAMED_AT_MOST: Final = 100
"""Unknown senders that the log names; all are in the list."""

STORM_AGAIN_S: Final = 60.0
"""A sender that keeps to its rate for so long begins a new storm next time."""


_ROUTING_ENGINE: Final = re.compile(r"^re[01][.-](?=.)")


class Sink(Protocol):
    """Where events go."""

    def put(self, event: Event, kept: Callable[[], None] | None = None) -> bool:
        """Take an event; kept is called when it is on disk. False: there is no room."""
        ...

    def unknown_sender(self, address: str, kind: EventKind, sample: str, at_ms: int) -> bool:
        """Count a message of an unknown sender; True: it is the first one of this address."""
        ...

    @property
    def has_room(self) -> bool:
        """Return whether an event would be taken."""
        ...


class Senders:
    """Who is known: devices by address, by the settings' other addresses, by name for relays. Frozen."""

    def __init__(self, inventory: Inventory, others: Mapping[str, str], relays: frozenset[str]) -> None:
        devices = inventory.devices
        self._by_address = {str(device.address): device.entity for device in devices.values()}
        self._by_address |= {address: devices[name].entity for address, name in others.items() if name in devices}
        self._by_name = {device.name.lower(): device.entity for device in devices.values()}
        self._by_name |= {device.id: device.entity for device in devices.values()}
        self._relays = relays

    def is_relay(self, address: str) -> bool:
        """Return whether an address passes on what others sent."""
        return address in self._relays

    def at(self, address: str) -> str | None:
        """Return the device's entity at an address."""
        return self._by_address.get(address)

    def called(self, name: str) -> str | None:
        """Return the device's entity by its name, id or address, with or without a domain.

        A Juniper says which of its routing engines it is: `re0.nbo-rtr-1`, `re1-nbo-rtr-1`.
        """
        word = _ROUTING_ENGINE.sub("", name.lower())
        return self._by_name.get(word) or self._by_address.get(word) or self._by_name.get(word.partition(".")[0])


@dataclass(slots=True)
class Tally:
    """What came in. received is the sum of all others.

    unknown: of senders that are no device. shed: beyond the rate, or for want of room. malformed: no message at all.
    refused: a wrong community, key or time. asked: SNMPv3 senders that asked for our engine id. again: an inform that
    was sent again because its answer was late.
    """

    received: int = 0
    accepted: int = 0
    unknown: int = 0
    shed: int = 0
    malformed: int = 0
    refused: int = 0
    asked: int = 0
    again: int = 0


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_s: float
    shed: int = 0
    shed_s: float = 0.0
    telling: bool = False


@dataclass(frozen=True, slots=True)
class Rate:
    """A token bucket's measures."""

    rate: float
    burst: int


@dataclass(frozen=True, slots=True)
class Doors:
    """What receivers share.

    senders, book: as they are now. told: is given each accepted event and what it means, at once. interface: the name
    of a device's interface by ifIndex, as it was last read; None where it isn't known.
    """

    clock: Clock
    sink: Sink
    senders: Callable[[], Senders]
    book: Callable[[], EventBook]
    told: Callable[[Event, Meaning], None]
    interface: Callable[[str, int], str | None]
    rate: Rate


@dataclass(slots=True)
class Intake:
    """The way of one kind of message from its sender to the sink."""

    kind: EventKind
    doors: Doors
    tally: Tally = field(default_factory=Tally)
    _buckets: dict[str, _Bucket] = field(default_factory=dict)
    _named: int = 0

    def now_ms(self) -> int:
        """Return the time, in milliseconds of the Unix epoch."""
        return to_ms(self.doors.clock.now())

    def admits(self, address: str, sample: bytes) -> bool:
        """Count a message that came in; False: its sender is unknown, or sends too much, or there is no room.

        Costs microseconds, whatever the message is: whoever floods noc gets no more.
        """
        self.tally.received += 1
        senders = self.doors.senders()
        relay = senders.is_relay(address)
        if not relay and senders.at(address) is None:
            self.unknown(address, sample)
            return False
        if self._takes(address, RELAY_FACTOR if relay else 1) and self.doors.sink.has_room:
            return True
        self.tally.shed += 1
        return False

    def unknown(self, address: str, sample: bytes) -> None:
        """Count a message of nobody that is known, and list its sender."""
        self.tally.unknown += 1
        said = sample[:200].decode("utf-8", "replace")
        first = self.doors.sink.unknown_sender(address, self.kind, said, self.now_ms())
        if first and self._named < NAMED_AT_MOST:
            self._named += 1
            log.warning("%s: sends %s and is no device of the inventory: not believed", address, self.kind)

    def malformed(self, address: str, reason: str) -> None:
        """Count a message that is none."""
        self.tally.malformed += 1
        log.debug("%s: a %s that can't be read: %s", address, self.kind, reason)

    def refused(self, address: str, reason: str) -> None:
        """Count a message that is not accepted: a wrong community, key, time."""
        self.tally.refused += 1
        log.info("%s: a %s is refused: %s", address, self.kind, reason)

    def take(self, event: Event, meaning: Meaning, kept: Callable[[], None] | None = None) -> bool:
        """Hand on an event. kept: is called when it is on disk. False: there is no room, it is shed."""
        if not self.doors.sink.put(event, kept):
            self.tally.shed += 1
            return False
        self.tally.accepted += 1
        self.doors.told(event, meaning)
        return True

    def _takes(self, address: str, factor: int) -> bool:
        rate, now_s = self.doors.rate, self.doors.clock.monotonic()
        burst = float(rate.burst * factor)
        bucket = self._buckets.get(address)
        if bucket is None:
            bucket = self._buckets[address] = _Bucket(burst, now_s)
        bucket.tokens = min(burst, bucket.tokens + (now_s - bucket.filled_s) * rate.rate * factor)
        bucket.filled_s = now_s
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return True
        if now_s - bucket.shed_s > STORM_AGAIN_S:
            bucket.shed = 0
        bucket.shed += 1
        bucket.shed_s = now_s
        if not bucket.telling:
            bucket.telling = True
            log.warning("%s: sends more %ss than %g a second: what is beyond is shed", address, self.kind, rate.rate)
            self._tell_storm(address, bucket, bucket.shed)
        return False

    def _tell_storm(self, address: str, bucket: _Bucket, told: int) -> None:
        """Say that messages are shed; again after a while, with their number, until no more are."""
        now_ms = self.now_ms()
        shed = counted(bucket.shed, "message of this sender was", "messages of this sender were")
        text = f"{shed} shed: more than {self.doors.rate.rate:g} a second"
        device = self.doors.senders().at(address)
        facts = {"shed": bucket.shed, "rate": self.doors.rate.rate}
        storm = Event(address, device, self.kind, STORM, "other", "warning", now_ms, now_ms, facts, text)
        self.doors.sink.put(storm)
        self.doors.clock.call_later(TELL_STORM_EVERY_S, lambda: self._tell_on(address, bucket, told))

    def _tell_on(self, address: str, bucket: _Bucket, told: int) -> None:
        if bucket.shed > told:
            self._tell_storm(address, bucket, bucket.shed)
        else:
            bucket.telling = False

    def forget(self) -> None:
        """Drop the buckets of senders that are gone; called when the inventory changes."""
        senders = self.doors.senders()
        for address in [one for one in self._buckets if senders.at(one) is None and not senders.is_relay(one)]:
            del self._buckets[address]
