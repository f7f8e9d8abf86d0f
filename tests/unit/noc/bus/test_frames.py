"""Readings in frames: what a poller sends, and what the centre takes in again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.bus.bases import REBASED_AFTER, Keeping, Writing
from noc.bus.cells import CellsError
from noc.bus.frames import Body, Onward, body_of, framed, head_of, keep_bases, new_bases
from noc.bus.packing import PackingError, Whole, packed, squeezed
from noc.bus.readings import Snmp, UnknownBaseError, read, written
from noc.model.event import Event
from noc.model.reading import (
    ConnectAnswer,
    Engine,
    Failure,
    FailureKind,
    HostKeyChange,
    PartFailure,
    PingAnswer,
    Reading,
    SnmpAnswer,
    SshAnswer,
)
from noc.model.replies import Certificate, DnsReply, HttpReply, NtpReply, SmtpReply, TcpReply, TlsReply

from .conftest import ANSWER

AT = datetime(2026, 11, 22, 3, 4, 5, 678901, tzinfo=UTC)
PAPER = Certificate("CN=mail", "CN=ca", AT, AT + timedelta(days=90))
BOOT = b"12345678"


def reading(check: str, **more: object) -> Reading:
    return replace(Reading(check, "192.0.2.1", "nbo-1", AT, 0.25), **more)  # type: ignore[arg-type]


ALL = [
    reading("icmp", ping=PingAnswer((0.0101, None, 0.6))),
    reading("icmp", failure=Failure(FailureKind.TIMEOUT, "no answer within 2 s"), octets=252),
    reading("tcp", connect=ConnectAnswer(443, 0.012)),
    reading("ssh", ssh=(SshAnswer("frr", "show x", "a\nb", 0.5, ({"a": "1", "b": ("2", "3")},)),), profile="frr"),
    reading("ssh", failure=Failure(FailureKind.AUTH, "other key"), host_key=HostKeyChange("ssh-rsa a", "ssh-rsa b")),
    reading("http", reply=HttpReply("https://x/", 200, {"server": "x"}, "text", 4, 0.1, 0.2, certificate=PAPER)),
    reading("tls", reply=TlsReply(PAPER, "TLSv1.3", 0.1)),
    reading("dns", reply=DnsReply("NOERROR", ("192.0.2.1",), 0.1, serial=7)),
    reading("tcp", reply=TcpReply(0.1)),
    reading("ntp", reply=NtpReply(0.1, 0.2, 2, 0, 0.01, "GPS")),
    reading("smtp", reply=SmtpReply(220, "hello", 0.1, ("STARTTLS",))),
    reading("snmp", snmp=SnmpAnswer("p"), engine=Engine("80001f88", 3, 100), parts=(PartFailure("t", "cut off"),)),
]


def sent(readings: list[Reading], writing: Writing, number: int = 1) -> bytes:
    """Return the frame of readings of as many devices."""
    pairs = [written(f"device/d{place}:{one.check}", one, writing) for place, one in enumerate(readings)]
    bases = new_bases(told for _, told in pairs if told is not None)
    return framed(BOOT, number, Body(bases, tuple(text for text, _ in pairs)))


def taken(frame: bytes, keeping: Keeping) -> list[Reading]:
    body = body_of(frame)
    assert keep_bases(body, keeping) == []
    return [read(text, "nbo-1", keeping) for text in body.readings]


@pytest.mark.parametrize("one", ALL)
def test_a_reading_of_each_kind_comes_back(one: Reading) -> None:
    assert taken(sent([one], Writing()), Keeping(10)) == [one]


@given(st.lists(ANSWER, min_size=1, max_size=4))
def test_answers_of_one_device_come_back_one_after_the_other(answers: list[SnmpAnswer]) -> None:
    writing, keeping = Writing(), Keeping(10)
    for number, answer in enumerate(answers):
        one = reading("snmp", snmp=answer)
        assert taken(sent([one], writing, number), keeping) == [one]


def test_a_base_serves_some_polls_and_then_comes_as_a_difference() -> None:
    writing, keeping, kinds = Writing(), Keeping(10), []
    for count in range(2 * REBASED_AFTER + 1):
        one = reading("snmp", snmp=SnmpAnswer("p", {"in": 10**12 + count}, {"t": {(1,): {"name": b"x" * 50}}}))
        frame = sent([one], writing, count)
        kinds += [type(base) for base in body_of(frame).bases]
        assert taken(frame, keeping) == [one]
    assert kinds == [Whole, Onward, Onward]


def test_what_differs_from_a_base_that_is_not_here_names_it() -> None:
    writing = Writing()
    one = reading("snmp", snmp=SnmpAnswer("p", {"in": 1}))
    first, second = sent([one], writing, 1), sent([one], writing, 2)
    content = body_of(second).readings[0].content
    assert isinstance(content, Snmp)
    with pytest.raises(UnknownBaseError, match=content.base.hex()) as caught:
        read(body_of(second).readings[0], "nbo-1", Keeping(10))
    assert caught.value.digest == content.base
    late = Keeping(10)
    taken(first, late)
    assert taken(second, late) == [one]


def test_a_base_that_stands_on_one_that_is_not_here_is_told() -> None:
    writing = Writing()
    frames = [sent([reading("snmp", snmp=SnmpAnswer("p", {"in": n}))], writing, n) for n in range(REBASED_AFTER + 1)]
    keeping = Keeping(10)
    [missing] = keep_bases(body_of(frames[-1]), keeping)
    taken(frames[0], keeping)
    assert keeping.of(missing) is not None
    assert keep_bases(body_of(frames[-1]), keeping) == []


def test_the_least_used_bases_go_first() -> None:
    keeping, digests = Keeping(2), []
    for name in ("a", "b", "c"):
        frame = sent([reading("snmp", snmp=SnmpAnswer(name))], Writing())
        taken(frame, keeping)
        content = body_of(frame).readings[0].content
        assert isinstance(content, Snmp)
        digests.append(content.base)
    assert [keeping.of(digest) is not None for digest in digests] == [False, True, True]


def test_events_come_back() -> None:
    event = Event(
        "192.0.2.1", "device/a", "trap", "IF-MIB::linkDown", "link", "warning", 1, 2, {"if_index": 3, "x": "y"}
    )
    assert body_of(framed(BOOT, 1, Body(events=(event,)))).events == (event,)


def test_the_head_is_read_without_the_rest() -> None:
    head = head_of(sent([*ALL], Writing(), 77)[:22])
    assert (head.boot, head.number, head.entries) == (BOOT, 77, len(ALL))


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b"", "it has 0 octets, a frame at least 22"),
        (b"N9" + bytes(20), "its version is b'N9', not b'N1'"),
        (b"N1" + bytes(20) + b"xx", "it is not compressed as it should be|cut off"),
        (framed(BOOT, 1, Body())[:-1], "it is cut off"),
        (b"N1" + bytes(20) + squeezed(b"\x93\xa1x"), "it can't be read"),
        (b"N1" + bytes(19) + b"\1" + squeezed(packed(Body())), "it says that it has 1 entries, and has 0"),
    ],
)
def test_other_octets_are_refused(frame: bytes, reason: str) -> None:
    with pytest.raises(PackingError, match=reason):
        body_of(frame)


@given(st.binary(max_size=300), st.integers(0, 400))
def test_a_damaged_frame_is_refused_or_has_readings(noise: bytes, place: int) -> None:
    frame = sent([*ALL, reading("snmp", snmp=SnmpAnswer("p", {"a": 1}, {"t": {(1,): {"b": b"c"}}}))], Writing())
    damaged = frame[:22] + squeezed(_damaged(frame, noise, place))
    try:
        body = body_of(damaged)
        keeping = Keeping(10)
        keep_bases(body, keeping)
        readings = [read(text, "nbo-1", keeping) for text in body.readings]
    except (PackingError, CellsError):
        return
    assert all(isinstance(one, Reading) for one in readings)


def _damaged(frame: bytes, noise: bytes, place: int) -> bytes:
    body = packed(body_of(frame))
    return body[:place] + noise + body[place + len(noise) :]
