"""Intake: who is known, who sends too much, and that nothing is lost unseen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from collectors.receivers._intake import STORM, TELL_STORM_EVERY_S, Doors, Intake, Rate, Senders
from collectors.receivers.syslog import SyslogReceiver
from noc.clock import ManualClock
from noc.inventory.events.compiled import NOTHING
from noc.inventory.inventory import Inventory
from noc.model.event import Event, EventKind
from tests.things import device

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HERE, RELAY, STRANGER = "192.0.2.1", "192.0.2.250", "192.0.2.66"


@dataclass
class Kept:
    """A sink that keeps what it is given, up to a number."""

    room: int = 1_000
    events: list[Event] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)

    @property
    def has_room(self) -> bool:
        return len(self.events) < self.room

    def put(self, event: Event, kept: Callable[[], None] | None = None) -> bool:
        if not self.has_room:
            return False
        self.events.append(event)
        if kept is not None:
            kept()
        return True

    def unknown_sender(self, address: str, kind: EventKind, sample: str, at_ms: int) -> bool:
        self.unknown.append((address, sample))
        return len(self.unknown) == 1


def intake(sink: Kept, clock: ManualClock) -> Intake:
    inventory = Inventory(devices={"d": replace(device("d", HERE), name="Nairobi Router 1")})
    known = Senders(inventory, {"10.0.0.1": "d", "10.0.0.2": "gone"}, frozenset({RELAY}))
    doors = Doors(clock, sink, lambda: known, lambda: NOTHING, lambda *_: None, lambda *_: None, Rate(10, 20))
    return Intake("syslog", doors)


def test_devices_are_known_by_address_other_addresses_and_names() -> None:
    senders = intake(Kept(), ManualClock(NOW)).doors.senders()
    assert [senders.at(one) for one in (HERE, "10.0.0.1", "10.0.0.2", STRANGER)] == ["device/d", "device/d", None, None]
    names = ("d", "D.example.org", "nairobi router 1", HERE, "re0.d", "re1-d", "e")
    assert [senders.called(name) for name in names] == ["device/d"] * 6 + [None]


async def test_everything_that_comes_in_is_somewhere() -> None:
    clock, sink = ManualClock(NOW), Kept(room=30)
    taker = intake(sink, clock)
    receiver = SyslogReceiver(taker)
    for number in range(100):
        receiver.datagram(b"<13>app: text %d" % number, HERE)
        receiver.datagram(b"<13>Mar  1 00:00:00 d app: text", RELAY)
        receiver.datagram(b"<13>Mar  1 00:00:00 stranger app: text", RELAY)
        receiver.datagram(b"<13>app: text", STRANGER)
        receiver.datagram(b"\0\n", HERE)
        await clock.advance(0.04)
    tally = taker.tally
    assert tally.received == 500
    assert tally.received == tally.accepted + tally.unknown + tally.shed + tally.malformed + tally.refused
    assert min(tally.accepted, tally.unknown, tally.shed, tally.malformed) > 0
    assert len([event for event in sink.events if event.name != STORM]) == tally.accepted


async def test_a_storm_is_told_when_it_begins_while_it_lasts_and_no_more_when_it_is_over() -> None:
    clock, sink = ManualClock(NOW), Kept()
    receiver = SyslogReceiver(intake(sink, clock))
    for _ in range(30):  # a burst of 20 is allowed
        receiver.datagram(b"<13>app: text", HERE)
    storms = [event for event in sink.events if event.name == STORM]
    assert [event.facts["shed"] for event in storms] == [1]
    assert (storms[0].device, storms[0].kind, storms[0].severity) == ("device/d", "syslog", "warning")
    await clock.advance(TELL_STORM_EVERY_S)
    await clock.advance(TELL_STORM_EVERY_S)
    await clock.advance(TELL_STORM_EVERY_S)
    storms = [event for event in sink.events if event.name == STORM]
    assert [event.facts["shed"] for event in storms] == [1, 10]
    assert len(sink.events) - len(storms) == 20
    for _ in range(20):
        receiver.datagram(b"<13>app: text", HERE)
    assert receiver.intake.tally.shed == 10


async def test_a_sender_gets_its_rate_and_no_more() -> None:
    clock, sink = ManualClock(NOW), Kept(room=100_000)
    taker = intake(sink, clock)
    for _ in range(1_000):
        taker.admits(HERE, b"")
        await clock.advance(0.01)
    assert 118 <= 1_000 - taker.tally.shed <= 120  # a burst of 20, then 10 a second


def test_a_relay_may_send_more() -> None:
    taker = intake(Kept(), ManualClock(NOW))
    assert sum(taker.admits(RELAY, b"") for _ in range(1_000)) == 400


def test_buckets_of_senders_that_are_gone_are_dropped() -> None:
    taker = intake(Kept(), ManualClock(NOW))
    taker.admits(HERE, b"")
    nobody = Senders(Inventory(), {}, frozenset())
    taker.doors = replace(taker.doors, senders=lambda: nobody)
    taker.forget()
    assert taker._buckets == {}
    assert not taker.admits(HERE, b"what it sent")
    assert taker.doors.sink.unknown == [(HERE, "what it sent")]  # type: ignore[attr-defined]
