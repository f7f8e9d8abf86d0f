"""Readings in frames: what a poller sends, and what the centre takes in again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.bus import integers
from noc.bus.bases import REBASED_AFTER, Keeping, Writing
from noc.bus.briefs import BriefText, More, Onward, UnknownBaseError
from noc.bus.cells import CellsError
from noc.bus.frames import OLD, VERSION, Body, body_of, framed, head_of, keep_bases, new_bases
from noc.bus.packing import Named, PackingError, packed, squeezed
from noc.bus.readings import read, written
from noc.bus.stripping import needed, stripped
from noc.model.event import Event
from noc.model.reading import (
    ConnectAnswer,
    Engine,
    Failure,
    FailureKind,
    HostKeyChange,
    PartFailure,
    PingAnswer,
    Raw,
    Reading,
    SnmpAnswer,
    SnmpLine,
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
    return [read(text, "nbo-1", keeping)[1] for text in body.readings]


def brief(frame: bytes) -> BriefText:
    [text] = body_of(frame).readings
    assert isinstance(text, BriefText)
    return text


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
    assert kinds == [Named, Onward, Onward]


def test_what_differs_from_a_base_that_is_not_here_names_it() -> None:
    writing = Writing()
    one = reading("snmp", snmp=SnmpAnswer("p", {"in": 1}))
    first, second = sent([one], writing, 1), sent([one], writing, 2)
    text = brief(second)
    with pytest.raises(UnknownBaseError, match=text.base.hex()) as caught:
        read(text, "nbo-1", Keeping(10))
    assert caught.value.digest == text.base
    late = Keeping(10)
    taken(first, late)
    assert taken(second, late) == [one]


def test_a_reading_says_whose_it_is_by_its_base_alone() -> None:
    writing, keeping = Writing(), Keeping(10)
    one = reading("snmp", snmp=SnmpAnswer("p", {"in": 1}))
    taken(sent([one], writing, 1), keeping)
    text = brief(sent([one], writing, 2))
    assert read(text, "nbo-1", keeping) == ("device/d0:snmp", one)
    assert len(packed(text)) < 24


def test_a_look_for_all_rows_needs_no_new_base() -> None:
    """Tables without rows are read when all is looked for, and not by the polls between."""
    writing, keeping = Writing(), Keeping(10)
    known = SnmpAnswer("p", {"in": 1}, {"t": {(1,): {"a": 2}}})
    whole, bases = replace(known, tables={"u": {}, "v": {}, **known.tables}), []
    for answer in (whole, known, known, whole, known):
        one = reading("snmp", snmp=answer)
        frame = sent([one], writing)
        assert taken(frame, keeping) == [one]
        bases.append(len(body_of(frame).bases))
    assert bases == [1, 0, 0, 0, 0]


@pytest.mark.parametrize(
    "later",
    [
        reading("snmp", snmp=SnmpAnswer("p", {"in": 1}), address="192.0.2.2"),
        reading("snmp", snmp=SnmpAnswer("p", {"in": 1}), engine=Engine("80001f88", 4, 1)),
        reading("snmp", snmp=SnmpAnswer("p", {"in": 1})),
        reading("snmp", snmp=SnmpAnswer("q", {"in": 1}), engine=Engine("80001f88", 3, 101)),
        reading("snmp", snmp=SnmpAnswer("p", {"in": 1}, {"t": {}}), engine=Engine("80001f88", 3, 101)),
    ],
    ids=["address", "engine started anew", "no engine", "profile", "another table without rows"],
)
def test_what_no_base_can_say_makes_a_new_one(later: Reading) -> None:
    writing, keeping = Writing(), Keeping(10)
    taken(sent([reading("snmp", snmp=SnmpAnswer("p", {"in": 1}), engine=Engine("80001f88", 3, 100))], writing), keeping)
    frame = sent([later], writing)
    assert [type(base) for base in body_of(frame).bases] == [Named]
    assert taken(frame, keeping) == [later]


def test_the_line_to_an_agent_goes_with_new_bases_alone() -> None:
    writing, keeping, line = Writing(), Keeping(10), SnmpLine(0.612345, 0.93, 1400, 60)
    one = reading("snmp", snmp=SnmpAnswer("p", {"in": 1}), line=line)
    lines = [taken(sent([one], writing), keeping)[0].line for _ in range(REBASED_AFTER + 1)]
    assert lines == [line, *[None] * (REBASED_AFTER - 1), line]


def test_ages_engines_and_what_was_not_read_come_back_without_a_new_base() -> None:
    writing, keeping = Writing(), Keeping(10)
    for count in range(REBASED_AFTER + 2):
        one = reading(
            "snmp",
            snmp=SnmpAnswer("p", {"in": 1}, {"t": {(1,): {"a": 2, "b": "x"}}}, {"a": count + 0.25, "b": 7.5, "z": 1.5}),
            engine=Engine("80001f88", 3, 100 + 60 * count),
            failure=Failure(FailureKind.TIMEOUT, "cut off") if count == 1 else None,
            octets=500 + count,
            started_at=AT + timedelta(seconds=60.25 * count),
        )
        frame = sent([one], writing)
        assert len(body_of(frame).bases) == (count in (0, REBASED_AFTER))
        assert taken(frame, keeping) == [one]


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
        digests.append(brief(frame).base)
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
        (b"N9" + bytes(20), "its version is b'N9', not b'N2'"),
        (b"N2" + bytes(20) + b"xx", "it is not compressed as it should be|cut off"),
        (framed(BOOT, 1, Body())[:-1], "it is cut off"),
        (b"N2" + bytes(20) + squeezed(b"\x93\xa1x"), "it can't be read"),
        (b"N1" + bytes(20) + squeezed(b"\x93\xa1x"), "it can't be read"),
        (b"N2" + bytes(19) + b"\1" + squeezed(packed(Body())), "it says that it has 1 entries, and has 0"),
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
        readings = [read(text, "nbo-1", keeping)[1] for text in body.readings]
    except (PackingError, CellsError, OverflowError):
        return
    assert all(isinstance(one, Reading) for one in readings)


def _damaged(frame: bytes, noise: bytes, place: int) -> bytes:
    body = packed(body_of(frame))
    return body[:place] + noise + body[place + len(noise) :]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BriefText(b"", b""), "it doesn't say when it was"),
        (BriefText(b"", b"\0"), "it doesn't say how long it took"),
        (BriefText(b"", b"\0\0"), "it doesn't say what the engine's clock showed"),
        (BriefText(b"", b"\0\0\0\2"), "column 0: 0 numbers moved, of 1 rows"),
        (BriefText(b"", b"\0\0\x80"), "the last number is cut off"),
        (BriefText(b"", b"\0\0\0", ages=((1, b"\xff"),)), "the age of column 8, its base has 1 names"),
        (BriefText(b"", integers.pack([2**62, 0, 0]), more=More()), "there is no moment"),
    ],
)
def test_a_brief_reading_that_does_not_belong_to_its_base_is_refused(text: BriefText, reason: str) -> None:
    keeping = Keeping(10)
    frame = sent([reading("snmp", snmp=SnmpAnswer("p", {"in": 1}), engine=Engine("80001f88", 3, 100))], Writing())
    taken(frame, keeping)
    with pytest.raises((CellsError, PackingError), match=reason):
        read(replace_base(text, brief(frame).base), "nbo-1", keeping)


def replace_base(text: BriefText, base: bytes) -> BriefText:
    return BriefText(base, text.numbers, text.others, text.ages, text.more)


# Frames as pollers made them before the second version: two readings, of which one is a base, and two that differ from
# it, by numbers and by a text.
FIRST_OF_OLD = bytes.fromhex(
    "4e3131323334353637380000000000000001000000029b3c71dac2f285051317964c9a3861d244c6894c93272f58595c591c"
    "5a1092999bca307979665a4862524e2a9076492d4e2e62848bacca4cf3ccf34f2e492d29669c3c3165d211c6c4238c499358"
    "cffd07824933d6a6a4966526a7ea275a6526e716ac34b434d233d033d2333ccfc0967065d79bf3a6e718982f4c98b4b060f2"
    "59f592ffe71838d50f1c987000495b711e6e6d5317161fe130b2b951aff1fa8dda84899360ae3bed507482010426afb03030"
    "30304cb3b0604e051a3b0100"
)
NEXT_OF_OLD = bytes.fromhex(
    "4e3131323334353637380000000000000002000000029b3c61d28cb529a96599c9a9fa8956c579b9052b0d2d8df40cf48cf4"
    "0ccf33b0255cd9f5e6bce93906e60b13a62e2c3ec2616473a35ee3f51bb54993198e309d609c3099e9081317e38489939667"
    "a6b9a41627179d76283ac1000293575818181818a6595830a71d9870801c4b26832c99c03c6132e3c4238cc9131941968930"
    "13b02c1d68d90400"
)


def old(count: int) -> Reading:
    """Return the reading that such a frame holds."""
    rows: dict[tuple[int, ...], dict[str, Raw]] = {
        (1,): {"ifDescr": b"a", "ifInOctets": 5 * count},
        (2,): {"ifDescr": b"b" if count < 3 else b"c", "ifInOctets": 2**32 - count},
    }
    answer = SnmpAnswer("p", {"sysUpTime": 100 * count}, {"ifTable": rows, "t": {}}, {"ifDescr": 300.5})
    return reading("snmp", snmp=answer, engine=Engine("80001f88", 3, 100 + count))


def test_frames_of_the_first_version_in_a_spool_are_still_read() -> None:
    keeping = Keeping(10)
    assert head_of(FIRST_OF_OLD).version == OLD
    assert taken(FIRST_OF_OLD, keeping) == [ALL[0], old(1)]
    assert taken(NEXT_OF_OLD, keeping) == [old(2), old(3)]
    [base] = needed(NEXT_OF_OLD)
    left, gone = stripped(NEXT_OF_OLD, {base})
    assert (gone, head_of(left).version, head_of(left).number, body_of(left).readings) == (2, VERSION, 2, ())
    same, gone = stripped(FIRST_OF_OLD, set())
    assert (gone, taken(same, Keeping(10))) == (0, [ALL[0], old(1)])
