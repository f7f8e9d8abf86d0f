"""Checks that fail: told once and once when they are well again, counted, and forgotten with their device."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from noc.model.check import Check
from noc.model.present import PollNow
from noc.model.reading import Failure, FailureKind, Reading, SnmpAnswer, SnmpLine, SshAnswer
from noc.pipeline.polls import REASON_AT_MOST, Polls

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOON_MS = int(NOON.timestamp() * 1000)
SNMP = Check("device/a", "snmp", 300.0, 60.0)
ICMP = Check("device/a", "icmp", 60.0, 10.0, liveness=True)
BACKUP = Check("device/a", "backup", 3_600.0, 60.0)
REFUSED = Failure(FailureKind.REFUSED, "192.0.2.1: port 161 is refused")
AUTH = Failure(FailureKind.AUTH, "192.0.2.1: knows no user")


def reading(minute: int, failure: Failure | None = None, check: str = "snmp") -> Reading:
    answer = None if failure is not None or check == "backup" else SnmpAnswer("generic")
    return Reading(check, "192.0.2.1", "here", NOON + timedelta(minutes=minute), 0.5, failure, snmp=answer)


def test_a_failure_is_told_once_and_once_when_it_is_over() -> None:
    polls = Polls()
    assert polls.take(SNMP, reading(0), is_up=True).told is None
    first = polls.take(SNMP, reading(5, REFUSED), is_up=True).told
    assert first == PollNow("snmp", NOON_MS + 300_000, REFUSED, 1)
    assert polls.take(SNMP, reading(10, REFUSED), is_up=True).told is None
    assert polls.take(SNMP, reading(15, AUTH), is_up=True).told is None  # the same trouble, told otherwise
    assert polls.of("device/a") == (PollNow("snmp", NOON_MS + 300_000, AUTH, 3),)
    news = polls.take(SNMP, reading(20), is_up=True)
    assert news.told == PollNow("snmp", NOON_MS + 1_200_000)
    assert news.before == PollNow("snmp", NOON_MS + 300_000, AUTH, 3)
    assert polls.take(SNMP, reading(25), is_up=True).told is None
    assert polls.counted == {("snmp", "refused"): 2, ("snmp", "auth"): 1}


def test_a_poll_of_a_device_that_is_down_is_no_news_until_the_device_is_up() -> None:
    polls = Polls()
    assert polls.take(SNMP, reading(0, REFUSED), is_up=False).told is None
    assert polls.take(SNMP, reading(5, REFUSED), is_up=False).told is None
    late = polls.take(SNMP, reading(10, REFUSED), is_up=True).told
    assert late is not None
    assert (late.since_ms, late.failures) == (NOON_MS, 3)
    polls.take(SNMP, reading(15), is_up=True)
    assert polls.take(SNMP, reading(20, REFUSED), is_up=False).told is None
    assert polls.take(SNMP, reading(25), is_up=True).told is None  # nobody was told of the failure


def test_liveness_is_shown_and_counted_but_told_by_its_transitions() -> None:
    polls = Polls()
    assert polls.take(ICMP, reading(0, REFUSED, "icmp"), is_up=True).told is None
    assert polls.take(SNMP, reading(0), is_up=True).told is None
    assert [(one.check, one.ok) for one in polls.of("device/a")] == [("icmp", False), ("snmp", True)]
    assert polls.failing == {"icmp": 1.0, "snmp": 0.0}
    assert polls.counted == {("icmp", "refused"): 1}


def test_a_look_that_asked_nothing_says_nothing() -> None:
    polls = Polls()
    polls.take(BACKUP, reading(0, AUTH, "backup"), is_up=True)
    polls.take(BACKUP, reading(60, None, "backup"), is_up=True)  # no copy was due
    assert [one.ok for one in polls.of("device/a")] == [False]
    answers: tuple[SshAnswer, ...] = ()
    good = Reading("backup", "192.0.2.1", "here", NOON + timedelta(minutes=120), 0.5, ssh=answers)
    polls.take(BACKUP, good, is_up=True)
    assert [one.ok for one in polls.of("device/a")] == [True]


def test_what_a_device_says_is_cleaned_and_bounded() -> None:
    polls = Polls()
    polls.take(SNMP, reading(0, Failure(FailureKind.PROTOCOL, "\x1b[2Jx\n" + "y" * 5_000)), is_up=True)
    (one,) = polls.of("device/a")
    assert one.failure is not None
    assert one.failure.reason.isprintable()
    assert len(one.failure.reason) <= REASON_AT_MOST


def test_what_is_no_longer_asked_is_forgotten() -> None:
    polls = Polls()
    polls.take(SNMP, reading(0, REFUSED), is_up=True)
    polls.take(ICMP, reading(0, None, "icmp"), is_up=True)
    polls.take(Check("device/b", "snmp", 300.0, 60.0), reading(0, REFUSED), is_up=True)
    polls.retain([ICMP])
    assert [one.check for one in polls.of("device/a")] == ["icmp"]
    assert polls.of("device/b") == ()
    assert polls.failing == {"icmp": 0.0}


def test_how_long_a_device_that_is_up_was_not_read() -> None:
    polls = Polls()
    assert polls.take(SNMP, reading(0), is_up=True).unread_s(None) == 0.0  # the first one: a rule may still be raised
    assert polls.take(SNMP, reading(5), is_up=True).unread_s(NOON_MS) is None
    assert polls.take(SNMP, reading(10, AUTH), is_up=True).unread_s(NOON_MS) == 0.0
    assert polls.take(SNMP, reading(80, AUTH), is_up=True).unread_s(NOON_MS) == 4_200.0
    # Down, and up again for a minute: that is how long it could have been read.
    assert polls.take(SNMP, reading(90, AUTH), is_up=False).unread_s(NOON_MS) is None
    assert polls.take(SNMP, reading(101, AUTH), is_up=True).unread_s(NOON_MS + 6_000_000) == 60.0
    assert polls.take(SNMP, reading(102), is_up=True).unread_s(NOON_MS) == 0.0


def test_the_line_to_an_agent_is_known_until_it_is_another() -> None:
    polls = Polls()
    lines = [SnmpLine(0.6, 0.9, 1400, 48), None, SnmpLine(0.7, 1.1, 1400, 60), None]
    for minute, (line, failure) in enumerate(zip(lines, (None, None, None, REFUSED), strict=True)):
        polls.take(SNMP, replace(reading(minute, failure), line=line), is_up=True)
        assert polls.of("device/a")[0].line == lines[2 * (minute // 2)]
    polls.take(ICMP, reading(9, check="icmp"), is_up=True)
    assert polls.round_trips == {"0.5": 0.7, "0.99": 0.7, "1.0": 0.7}
    assert Polls().round_trips == {}
