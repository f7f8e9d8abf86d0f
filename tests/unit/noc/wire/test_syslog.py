"""Syslog messages: the standards, the ways of vendors, and hostile bytes."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from noc.model.instants import to_ms
from noc.wire.syslog import MAX_LINE, parse
from noc.wire.syslogframes import Frames
from tests.examples import at_least

NOW = to_ms(datetime(2026, 3, 1, 12, tzinfo=UTC))


def at(*parts: int) -> int:
    return to_ms(datetime(*parts, tzinfo=UTC))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - 'su root' failed on /dev/pts/8",
            (4, 2, "ID47", "mymachine.example.com", "su", at(2003, 10, 11, 22, 14, 15) + 3,
             "'su root' failed on /dev/pts/8"),
            id="RFC 5424, section 6.5, example 1",
        ),
        pytest.param(
            "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
            (20, 5, "myproc", "192.0.2.1", "myproc", at(2003, 8, 24, 12, 14, 15), "%% It's time to make the do-nuts."),
            id="RFC 5424, example 2",
        ),
        pytest.param(
            "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
            (4, 2, "su", "mymachine", "su", at(2025, 10, 11, 22, 14, 15), "'su root' failed for lonvick on /dev/pts/8"),
            id="RFC 3164, section 5.4",
        ),
        pytest.param(
            "<189>45: *Mar  1 00:00:07.123: %SYS-5-RESTART: System restarted --",
            (23, 5, "%SYS-5-RESTART", None, None, at(2026, 3, 1, 0, 0, 7) + 123, "%SYS-5-RESTART: System restarted --"),
            id="Cisco IOS without a name",
        ),
        pytest.param(
            "<189>000521: 000522: router1: .Nov 14 08:30:56.699 UTC: %LINK-3-UPDOWN: Interface Gi2, changed state to"
            " down",
            (23, 3, "%LINK-3-UPDOWN", "router1", None, at(2025, 11, 14, 8, 30, 56) + 699,
             "%LINK-3-UPDOWN: Interface Gi2, changed state to down"),
            id="Cisco IOS with two numbers, a name, and a clock that isn't synchronised",
        ),
        pytest.param(
            "<166>Jul 20 2019 21:45:59 fw1 : %ASA-6-302013: Built outbound TCP connection",
            (20, 6, "%ASA-6-302013", "fw1", None, at(2019, 7, 20, 21, 45, 59),
             "%ASA-6-302013: Built outbound TCP connection"),
            id="Cisco ASA with a year",
        ),
        pytest.param(
            "<166>%ASA-4-106023: D", (20, 4, "%ASA-4-106023", None, None, None, "%ASA-4-106023: D"), id="no header"
        ),
        pytest.param("no header at all", (1, 5, "syslog", None, None, None, "no header at all"), id="no PRI"),
        pytest.param("<999>too much", (1, 5, "syslog", None, None, None, "<999>too much"), id="a PRI that can't be"),
        pytest.param("<0>", (0, 0, "syslog", None, None, None, ""), id="nothing behind the PRI"),
    ],
)  # fmt: skip
def test_lines(text: str, expected: tuple[object, ...]) -> None:
    line = parse(text.encode(), NOW)
    assert (line.facility, line.severity, line.name, line.host, line.app, line.device_ms, line.text) == expected


def test_structured_data_and_key_value_become_pairs() -> None:
    line = parse(b'<165>1 - r1 mgd 3046 UI_X [a@1 user="l\\"u" n="1"][b@2 empty=""] \xef\xbb\xbftext', NOW)
    assert (line.name, line.pairs, line.text) == ("UI_X", {"user": 'l"u', "n": "1", "empty": ""}, "text")
    forti = parse(
        b'<189>date=2019-04-09 time=04:27:29 tz="+0200" devname=fw01 type=event subtype=system level=notice msg="a b"',
        NOW,
    )
    assert (forti.name, forti.host, forti.text) == ("fortigate:event/system", "fw01", "a b")
    assert forti.device_ms == at(2019, 4, 9, 2, 27, 29)
    assert forti.pairs["level"] == "notice"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<13>Dec 31 23:59:59 h a: new year's eve", at(2025, 12, 31, 23, 59, 59)),
        ("<13>Mar  2 00:00:00 h a: a clock that is ahead", at(2026, 3, 2)),
        ("<13>Feb 29 00:00:00 h a: no such day this year or the last", None),
        ("<13>Feb 30 00:00:00 h a: no such day ever", None),
        ("<13>Xyz 11 00:00:00 h a: no such month", None),
        ("<13>1: h: May 31 15:25:53.743 MEST: %SYS-5-X: a zone that isn't known", None),
        ("<13>2026-03-01T10:00:00+02:00 h a: ISO", at(2026, 3, 1, 8)),
        ("<13>2018-7-23 01:00:34.270.1 h %%01IFNET/4/IF_STATE(l)[4997]:x", at(2018, 7, 23, 1, 0, 34) + 270),
        ("<13>2018 Apr 20 13:15:07 h %ETHPORT-5-IF_UP: x", at(2018, 4, 20, 13, 15, 7)),
        ("<13>Mar  1 11:00:60 h a: a leap second", at(2026, 3, 1, 11, 0, 59)),
    ],
)
def test_times(text: str, expected: int | None) -> None:
    assert parse(text.encode(), NOW).device_ms == expected


def test_a_name_is_not_looked_for_deep_inside_a_text() -> None:
    assert parse(b"<13>Mar  1 00:00:00 h app: " + b"x" * 300 + b" %LINK-3-UPDOWN: no", NOW).name == "app"


hostile = st.one_of(
    st.binary(max_size=400),
    st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")),
    st.lists(
        st.sampled_from(
            ["<165>", "1 ", "2026-03-01T00:00:00Z ", "Mar  1 00:00:00 ", "host ", "a: ", "[", "]", '"', "\\", "=",
             "%A-1-B", "%%01A/1/B", "521: ", ": ", "date=2026-01-01 time=00:00:00 ", "- ", "\0", "\n", "A" * 90,
             "9" * 40, "-" * 60]
        ),
        max_size=30,
    ).map(lambda parts: "".join(parts).encode()),
)  # fmt: skip


@at_least(100)
@given(hostile)
@example(b"<13>" + b"A-" * 4_000)
@example(b"<13>%" + b"A" * 8_000)
@example(b"<13>1 - - - - - " + b'[a b="' * 1_300)
@example(b"<13>" + b"1: " * 2_700)
@example(b"<13>date=2026-01-01 time=00:00:00 " + b'a="' * 2_700)
@example(b"<13>" + b"host: " * 1_300 + b"Mar  1 00:00:00")
def test_hostile_lines_are_read_quickly(data: bytes) -> None:
    begun = time.process_time()
    line = parse(data, NOW)
    assert time.process_time() - begun < 0.5
    assert line.name
    assert 0 <= line.severity <= 7
    assert len(line.text) <= MAX_LINE
    assert len(line.pairs) <= 100


# --- frames -----------------------------------------------------------------------------------------------------------


def cut_up(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces, at_ = [], 0
    while at_ < len(data):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(data[at_ : at_ + size])
        at_ += size
    return pieces


def fed(pieces: list[bytes]) -> list[bytes]:
    frames = Frames()
    found = [message for piece in pieces for message in frames.feed(piece)]
    last = frames.rest()
    return [*found, last] if last else found


messages = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), max_size=40).map(
    lambda text: b"<13>" + text.encode()
)


@given(st.lists(st.tuples(messages, st.booleans()), max_size=8), st.lists(st.integers(1, 60), min_size=1, max_size=4))
def test_both_framings_mixed_and_cut_anywhere(sent: list[tuple[bytes, bool]], sizes: list[int]) -> None:
    stream = b"".join(b"%d %b" % (len(one), one) if counted else one + b"\n" for one, counted in sent)
    assert fed(cut_up(stream, sizes)) == [one for one, _ in sent]


def test_a_line_that_begins_with_a_year_is_no_count() -> None:
    assert fed([b"2018 Apr 20 13:15:07 switch %A-1-B: x\n<13>next\n"]) == [
        b"2018 Apr 20 13:15:07 switch %A-1-B: x",
        b"<13>next",
    ]


@pytest.mark.parametrize("sizes", [[100_000], [1_000], [7_919]])
def test_what_is_too_long_is_cut_and_its_rest_skipped(sizes: list[int]) -> None:
    long = b"<13>" + b"x" * 20_000
    assert fed(cut_up(long + b"\n<13>after\n", sizes)) == [long[:MAX_LINE], b"<13>after"]
    assert fed(cut_up(b"%d %b<13>after\n" % (len(long), long), sizes)) == [long[:MAX_LINE], b"<13>after"]


def test_a_sender_that_ends_no_line_costs_no_more_than_a_line() -> None:
    frames = Frames()
    for _ in range(100):
        for _ in frames.feed(b"y" * 65_536):
            pass
        assert len(frames._buffer) <= MAX_LINE
    assert frames.cut == 1


@at_least(60)
@given(st.lists(hostile, max_size=6))
def test_hostile_streams_give_bounded_messages(pieces: list[bytes]) -> None:
    assert all(0 < len(message) <= MAX_LINE for message in fed(pieces))
