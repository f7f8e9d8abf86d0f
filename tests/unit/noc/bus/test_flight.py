"""Frames under way: acknowledged, late, and how many."""

from __future__ import annotations

from noc.bus.flight import (
    FRAMES_AT_MOST,
    OCTETS_AT_FIRST,
    OCTETS_AT_LEAST,
    PATIENCE_AT_LEAST_S,
    PATIENCE_AT_MOST_S,
    Flight,
    Frame,
)
from noc.bus.frames import Body, framed
from noc.model.event import Event

BOOT, OTHER = b"12345678", b"87654321"


def frame(number: int, boot: bytes = BOOT, text: str = "") -> Frame:
    event = Event("192.0.2.1", None, "syslog", "x", "other", "info", 1, 1, {}, text)
    return Frame(number, 0, "samples", framed(boot, number, Body(events=(event,))))


def test_an_acknowledgement_frees_what_it_names_of_its_boot() -> None:
    flight = Flight()
    for number in (1, 2, 3):
        flight.sent(frame(number), 0.0)
    flight.sent(frame(2, OTHER), 0.0)
    assert [one.seq for one in flight.acknowledged(BOOT, [(1, 1), (3, 9)], 0.5)] == [1, 3]
    assert [one.head.boot for one in flight.frames] == [BOOT, OTHER]
    assert flight.acknowledged(BOOT, [(1, 1)], 0.6) == []


def test_late_frames_go_again_one_at_a_time_and_ever_more_rarely() -> None:
    flight = Flight()
    for number in range(1, 5):
        flight.sent(frame(number), 0.0)
    waits, now_s = [], 0.0
    for _ in range(8):
        due_s = flight.next_due_s()
        assert due_s is not None
        waits.append(due_s - now_s)
        now_s = due_s
        late = flight.due(now_s)
        assert len(late) <= 1
        for one in late:
            flight.sent(one, now_s)
    assert waits[-1] > waits[0]
    assert max(waits) <= PATIENCE_AT_MOST_S
    assert flight.again == 8


def test_patience_follows_what_acknowledgements_take() -> None:
    flight, now_s = Flight(), 0.0
    for number in range(1, 40):
        flight.sent(frame(number), now_s)
        flight.acknowledged(BOOT, [(number, number)], now_s + 8.0)
        now_s += 10
    assert flight.took_s is not None
    assert abs(flight.took_s - 8) < 0.1
    assert 8 < flight.patience_s < 20
    for number in range(40, 140):
        flight.sent(frame(number), now_s)
        flight.acknowledged(BOOT, [(number, number)], now_s + 0.1)
        now_s += 1
    assert flight.patience_s == PATIENCE_AT_LEAST_S


def test_what_was_sent_again_teaches_nothing() -> None:
    flight = Flight()
    flight.sent(frame(1), 0.0)
    flight.sent(frame(1), 50.0)
    flight.acknowledged(BOOT, [(1, 1)], 51.0)
    assert flight.took_s is None


def test_the_window_grows_on_a_free_line_and_shrinks_on_a_full_one() -> None:
    flight, now_s = Flight(), 0.0
    for number in range(1, 60):
        flight.sent(frame(number, text=str(number) * 500), now_s)
        flight.acknowledged(BOOT, [(number, number)], now_s + 0.6)
        now_s += 1
    wide = flight.window
    assert wide > OCTETS_AT_FIRST
    for number in range(60, 200):
        flight.sent(frame(number, text=str(number) * 500), now_s)
        flight.acknowledged(BOOT, [(number, number)], now_s + 9.0)
        now_s += 10
    assert OCTETS_AT_LEAST <= flight.window < wide / 2


def test_one_frame_may_always_go_and_no_more_than_the_bound() -> None:
    flight = Flight()
    assert flight.has_room(10**9)
    for number in range(1, FRAMES_AT_MOST + 1):
        assert flight.has_room()
        flight.sent(frame(number), 0.0)
    assert not flight.has_room()


def test_what_was_under_way_is_given_back_when_the_link_goes() -> None:
    flight = Flight()
    for number in (1, 2):
        flight.sent(frame(number), 0.0)
    assert [one.seq for one in flight.clear()] == [1, 2]
    assert len(flight) == 0
    assert flight.next_due_s() is None
    assert flight.has_room(OCTETS_AT_FIRST)
