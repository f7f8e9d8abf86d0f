"""The receiver of traps: informs are answered when kept, and once an event; any datagram is counted somewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.receivers._intake import Doors, Intake, Rate, Senders
from collectors.receivers.trap import AGAIN_WITHIN_S, Accepts, TrapReceiver, accepts
from noc.clock import ManualClock
from noc.inventory.inventory import Inventory
from noc.model.event import Event, EventKind
from noc.wire.ber import Message, Pdu, PduType, Tag, TrapV1, VarBind, Version, decode, encode
from noc.wire.snmp import Community, User
from noc.wire.usmengine import Engine
from tests.books import book
from tests.examples import at_least
from tests.things import device

HERE = "192.0.2.1"
BOOK = book()
UP_TIME = VarBind((1, 3, 6, 1, 2, 1, 1, 3, 0), Tag.TIME_TICKS, 5)
SAID = (UP_TIME, VarBind((1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0), Tag.OID, (1, 3, 6, 1, 6, 3, 1, 1, 5, 3)))


@dataclass
class Slow:
    """A sink that keeps nothing before it is told to."""

    events: list[Event] = field(default_factory=list)
    waiting: list[Callable[[], None]] = field(default_factory=list)
    has_room: bool = True

    def put(self, event: Event, kept: Callable[[], None] | None = None) -> bool:
        if not self.has_room:
            return False
        self.events.append(event)
        if kept is not None:
            self.waiting.append(kept)
        return True

    def unknown_sender(self, address: str, kind: EventKind, sample: str, at_ms: int) -> bool:
        return False

    def keep(self) -> None:
        for kept in self.waiting:
            kept()
        self.waiting.clear()


@dataclass
class World:
    clock: ManualClock
    sink: Slow
    receiver: TrapReceiver
    answers: list[bytes] = field(default_factory=list)

    def take(self, data: bytes, address: str = HERE) -> None:
        self.receiver.datagram(data, address, self.answers.append)


@pytest.fixture
def world() -> World:
    return made()


def made(accepted: Accepts | None = None) -> World:
    clock, sink = ManualClock(datetime(2026, 3, 1, tzinfo=UTC)), Slow()
    known = Senders(Inventory(devices={"d": device("d", HERE)}), {}, frozenset())
    doors = Doors(clock, sink, lambda: known, lambda: BOOK, lambda *_: None, lambda *_: None, Rate(1e6, 10**6))
    receiver = TrapReceiver(Intake("trap", doors), Engine(b"12345", 1, 0.0, []), accepted or Accepts())
    return World(clock, sink, receiver)


def inform(number: int = 7, kind: PduType = PduType.INFORM) -> bytes:
    return encode(Message(Version.V2C, b"public", Pdu(kind, number, 0, 0, SAID)))


def test_an_inform_is_answered_when_it_is_kept_with_what_it_said(world: World) -> None:
    world.take(inform())
    assert world.answers == []
    world.sink.keep()
    (answer,) = world.answers
    assert decode(answer) == Message(Version.V2C, b"public", Pdu(PduType.RESPONSE, 7, 0, 0, SAID))


def test_an_inform_that_is_sent_again_is_one_event_and_gets_each_its_answer(world: World) -> None:
    world.take(inform())
    world.take(inform())
    assert (len(world.sink.events), world.answers) == (1, [])
    world.sink.keep()
    world.take(inform())
    assert (len(world.sink.events), len(world.answers)) == (1, 2)
    assert world.receiver.intake.tally.again == 2
    world.take(inform(8))
    assert len(world.sink.events) == 2


async def test_the_same_number_after_a_while_is_another_inform(world: World) -> None:
    world.take(inform())
    await world.clock.advance(AGAIN_WITHIN_S)
    world.take(inform())
    assert len(world.sink.events) == 2


def test_an_inform_for_which_there_is_no_room_is_not_answered_and_taken_later(world: World) -> None:
    world.take(inform())
    world.sink.has_room = False
    world.take(inform(8))
    world.sink.has_room = True
    world.take(inform(8))
    world.sink.keep()
    assert len(world.answers) == 2
    assert world.receiver.intake.tally.shed == 1


@pytest.mark.parametrize("kind", [PduType.GET, PduType.RESPONSE, PduType.SET_REQUEST, PduType.REPORT])
def test_what_is_no_trap_is_malformed_and_not_answered(world: World, kind: PduType) -> None:
    world.take(inform(kind=kind))
    assert (world.receiver.intake.tally.malformed, world.answers, world.sink.events) == (1, [], [])


def test_what_is_accepted_goes_by_sets_of_credentials() -> None:
    logins = [Community("a"), User("u"), Community("b", "1")]
    assert accepts(logins, any_community=True) == Accepts(None, (User("u"),))
    assert accepts(logins, any_community=False) == Accepts(frozenset({b"a", b"b"}), (User("u"),))
    world = made(Accepts(frozenset({b"public"})))
    world.take(inform())
    world.take(encode(Message(Version.V1, b"else", TrapV1((1, 3, 6, 1, 4, 1, 9), "192.0.2.1", 2, 0, 0))))
    tally = world.receiver.intake.tally
    assert (tally.accepted, tally.refused) == (1, 1)


GOOD = [
    inform(),
    inform(kind=PduType.TRAP_V2),
    encode(Message(Version.V1, b"p", TrapV1((1, 3, 6), "0.0.0.0", 6, 1, 0))),
]


@at_least(100)
@given(st.lists(st.one_of(st.binary(max_size=200), st.sampled_from(GOOD)), min_size=1, max_size=5), st.data())
def test_any_datagram_is_counted_somewhere(datagrams: list[bytes], draw: st.DataObject) -> None:
    world = made()
    for data in datagrams:
        at = draw.draw(st.integers(0, len(data)))
        world.take(data[:at] + draw.draw(st.binary(max_size=3)) + data[at + draw.draw(st.integers(0, 2)) :])
    world.sink.keep()
    tally = world.receiver.intake.tally
    parts = (tally.accepted, tally.unknown, tally.shed, tally.malformed, tally.refused, tally.asked, tally.again)
    assert tally.received == sum(parts) == len(datagrams)
    assert len(world.sink.events) == tally.accepted
