"""Re-probing: after seconds, what hangs above at once, and never too many."""

from __future__ import annotations

from noc.app.reprobing import A_SECOND, WAITING_AT_MOST, Reprobing, Turns
from noc.availability.evidence import Memory
from noc.availability.timeline import State
from noc.pipeline.status import Result
from noc.topology import Topology
from tests.flows.world import Hours, circuit, device, inventory, site

KNOWN = inventory(
    [site("hub", "hub-1"), site("f", "f-1")],
    [device("hub-1", "hub", 1), device("f-1", "f", 2), *(device(f"d-{n}", "f", 10 + n) for n in range(A_SECOND + 5))],
    [circuit("l", "f", "f-1", "hub-1")],
)
WELL = Memory(State.UP, 0, True, 0, 9)


class Asked:
    def __init__(self, after_s: float = 5.0) -> None:
        self.clock, self.keys = Hours(), list[str]()
        self.reprobing = Reprobing(self.clock, lambda: Topology(KNOWN), self.keys.append, after_s)

    def fails(self, entity: str, times: int = 1) -> None:
        after = Memory(State.UP, 1, False, 1, times)
        self.reprobing.heard(Result(entity, 1, False, "icmp", "centre"), WELL, after, 0)


def test_the_first_failure_asks_above_at_once_and_itself_after_seconds() -> None:
    asked = Asked()
    asked.clock.run(100)
    asked.fails("device/f-1")
    assert asked.keys == ["device/hub-1:snmp", "device/hub-1:icmp"]
    asked.clock.run(105)
    assert asked.keys[2:] == ["device/f-1:icmp"]


def test_what_is_above_is_not_asked_for_each_that_fails_below() -> None:
    asked = Asked()
    asked.clock.run(100)
    for number in range(10):
        asked.fails(f"device/d-{number}")
    assert asked.keys == ["device/f-1:icmp"]


def test_nothing_is_asked_where_it_is_switched_off_or_already_certain() -> None:
    asked = Asked(after_s=0.0)
    asked.fails("device/f-1")
    certain = Memory(State.DOWN, 1, False, 1, 3)
    asked = Asked()
    asked.reprobing.heard(Result("device/f-1", 1, False, "icmp", "centre"), WELL, certain, 0)
    asked.clock.run(60)
    assert asked.keys == []


def test_no_more_than_so_many_in_a_second() -> None:
    asked = Asked()
    asked.clock.run(100)
    asked.reprobing.ask(f"device/d-{number}" for number in range(A_SECOND + 5))
    assert len(asked.keys) == A_SECOND
    asked.clock.run(101)
    assert len(asked.keys) == A_SECOND + 5


def test_what_others_hang_on_has_the_first_turn_in_a_storm() -> None:
    asked = Asked()
    asked.clock.run(100)
    for number in range(A_SECOND + 5):
        asked.fails(f"device/d-{number}")
    asked.fails("device/f-1")
    asked.keys.clear()
    asked.clock.run(105)
    assert len(asked.keys) == A_SECOND
    asked.clock.run(106)
    assert asked.keys[A_SECOND:] == ["device/f-1:icmp", *(f"device/d-{A_SECOND + n}:icmp" for n in range(5))]


def test_who_waits_already_may_become_urgent() -> None:
    turns = Turns()
    for key in ("a", "b", "c"):
        assert turns.put(key, urgent=False)
    turns.put("c", urgent=True)
    turns.put("a", urgent=False)
    assert [turns.take() for _ in range(len(turns))] == ["c", "a", "b"]
    assert len(turns) == 0


def test_no_more_than_so_many_wait() -> None:
    turns = Turns()
    assert all(turns.put(str(number), urgent=False) for number in range(WAITING_AT_MOST))
    assert not turns.put("one more", urgent=True)
    assert turns.put("0", urgent=True)
    turns.clear()
    assert len(turns) == 0
