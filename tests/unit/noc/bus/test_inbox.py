"""What the centre makes of frames: new, known, lacking a base, broken; and nothing that raises."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.bus.bases import Writing, from_whole
from noc.bus.frames import Body, framed, new_bases
from noc.bus.inbox import BOOTS_AT_MOST, Again, Broken, Inbox, Lacking, Opened
from noc.bus.packing import Whole, packed, squeezed
from noc.bus.readings import ReadingText, Snmp, written
from noc.model.reading import PingAnswer, Reading, SnmpAnswer

AT = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
BOOT, NAME = b"12345678", b"12345678".hex()
PING = Reading("icmp", "192.0.2.1", "nbo-1", AT, 0.25, ping=PingAnswer((0.25,)))
ANSWER = SnmpAnswer("p", {"sysUpTime": 7, "sysName": "a"}, {"t": {(1,): {"x": 1}, (2,): {"x": 5, "y": b"z"}}})
SNMP = Reading("snmp", "192.0.2.1", "nbo-1", AT, 0.25, snmp=ANSWER)


def inbox() -> Inbox:
    return Inbox("nbo-1", 100, {})


def frame(reading: Reading, writing: Writing, number: int = 1, boot: bytes = BOOT) -> bytes:
    text, told = written(f"device/a:{reading.check}", reading, writing)
    return framed(boot, number, Body(() if told is None else new_bases([told]), (text,)))


def test_a_frame_is_new_until_it_is_taken_and_known_after_that() -> None:
    room, octets = inbox(), frame(PING, Writing())
    assert room.take(octets) == Opened(NAME, 1, (("device/a:icmp", PING),), ())
    assert room.take(octets) == Again(NAME, 1)
    room.drop(NAME, 1)
    assert isinstance(room.take(octets), Opened)
    room.stored(NAME, 1)
    assert room.take(octets) == Again(NAME, 1)
    assert room.ranges(NAME) == ((1, 1),)
    assert Inbox("nbo-1", 100, {NAME: [(1, 1)]}).take(octets) == Again(NAME, 1)
    assert isinstance(room.take(frame(PING, Writing(), 1, b"87654321")), Opened)


def test_a_frame_that_lacks_a_base_says_which_and_is_taken_when_it_is_there() -> None:
    writing, room = Writing(), inbox()
    first, second = frame(SNMP, writing, 1), frame(SNMP, writing, 2)
    lacking = room.take(second)
    assert isinstance(lacking, Lacking)
    assert len(lacking.missing) == 1
    assert isinstance(room.take(first), Opened)
    opened = room.take(second)
    assert isinstance(opened, Opened)
    assert opened.readings == (("device/a:snmp", SNMP),)


def test_a_base_that_differs_from_one_that_is_missing_is_asked_for_with_that_one() -> None:
    writing = Writing()
    answers = [replace(ANSWER, scalars={"sysUpTime": number}) for number in range(1, 14)]
    frames = [frame(replace(SNMP, snmp=one), writing, number) for number, one in enumerate(answers, 1)]
    lacking = inbox().take(frames[-1])
    assert isinstance(lacking, Lacking)
    assert len(lacking.missing) == 2
    room = inbox()
    assert isinstance(room.take(frames[0]), Opened)
    assert isinstance(room.take(frames[-1]), Opened)


def test_one_reading_that_makes_no_sense_leaves_the_others() -> None:
    good, _ = written("device/a:icmp", PING, Writing())
    bad = ReadingText("device/b:icmp", "192.0.2.2", 2**62, 0)
    opened = inbox().take(framed(BOOT, 1, Body((), (good, bad))))
    assert isinstance(opened, Opened)
    assert [key for key, _ in opened.readings] == ["device/a:icmp"]
    assert opened.wrong == (f"device/b:icmp: there is no moment {2**62}",)


def test_a_base_without_a_row_of_scalars_is_no_fault_of_ours() -> None:
    whole = Whole("p", (), ((),), (("", "sysName", 0),), ((),))
    room = inbox()
    room.take(framed(BOOT, 1, Body((whole,))))
    text = ReadingText("device/a:snmp", "192.0.2.1", 0, 0, Snmp(from_whole(whole).digest, ()))
    opened = room.take(framed(BOOT, 2, Body((), (text,))))
    assert isinstance(opened, Opened)
    assert opened.readings == ()
    assert opened.wrong[0].startswith("device/a:snmp: ")


@pytest.mark.parametrize(
    ("octets", "number", "why"),
    [
        (b"", None, "it has 0 octets"),
        (b"N0" + bytes(20), None, "its version is b'N0'"),
        (framed(BOOT, 7, Body())[:-1], 7, "cut off"),
        (framed(BOOT, 7, Body())[:22] + squeezed(packed(ReadingText("x", "y", 0, 0))), 7, "can't be read"),
    ],
)
def test_what_is_broken_is_told_with_the_reason(octets: bytes, number: int | None, why: str) -> None:
    broken = inbox().take(octets)
    assert isinstance(broken, Broken)
    assert broken.number == number
    assert why in broken.why


@given(st.binary(max_size=400), st.integers(0, 400), st.binary(max_size=4))
def test_nothing_that_comes_raises(rest: bytes, place: int, instead: bytes) -> None:
    good = frame(SNMP, Writing())
    room = inbox()
    for octets in (rest, good[:22] + rest, good[:22] + squeezed(rest), good[:place] + instead + good[place + 4 :]):
        assert isinstance(room.take(octets), Opened | Again | Lacking | Broken)


def test_boots_of_long_ago_are_forgotten() -> None:
    room = inbox()
    for boot in range(BOOTS_AT_MOST + 1):
        room.stored(f"{boot:016x}", 1)
    assert room.ranges(f"{0:016x}") == ()
    assert room.ranges(f"{1:016x}") == ((1, 1),)
