"""The last answer of each agent, as it came."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from noc.inventory.profiles.compiled import Object, Profile, Table
from noc.model.reading import Failure, FailureKind, Reading, SnmpAnswer
from noc.pipeline.rawanswers import RawAnswers

AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
AT_MS = int(AT.timestamp() * 1000)
OPER = Object("ifOperStatus", "1.3.6.1.2.1.2.2.1.8", "integer", "ifTable")
PROFILE = Profile(
    "small",
    "Small",
    (),
    {},
    (Object("sysName", "1.3.6.1.2.1.1.5", "text"), Object("odd", "1.3.6.1.4.1.1", "integer", bare=True)),
    (Table("ifTable", "1.3.6.1.2.1.2.2.1", (), (OPER,), (OPER,)),),
)
PROFILES = {"small": PROFILE}
ANSWER = SnmpAnswer(
    "small",
    {"sysName": b"nbo", "odd": 7},
    {"ifTable": {(10,): {"ifOperStatus": 2}, (2,): {"ifOperStatus": 1}}},
    {"sysName": 90.0},
)
READING = Reading("snmp", "192.0.2.1", "centre", AT, 0.4, snmp=ANSWER)


def test_each_value_has_its_oid_and_the_time_at_which_it_was_read() -> None:
    raw = RawAnswers()
    raw.keep("device/a", READING)
    poll = raw.of("device/a", PROFILES)
    assert poll is not None
    assert (poll.at_ms, poll.poller, poll.profile, poll.duration_s) == (AT_MS, "centre", "small", 0.4)
    assert [(one.oid, one.value, AT_MS - one.at_ms) for one in poll.values] == [
        ("1.3.6.1.2.1.1.5.0", b"nbo", 90_000),
        ("1.3.6.1.4.1.1", 7, 0),
        ("1.3.6.1.2.1.2.2.1.8.2", 1, 0),
        ("1.3.6.1.2.1.2.2.1.8.10", 2, 0),
    ]


def test_a_poll_that_failed_takes_nothing_away() -> None:
    raw = RawAnswers()
    raw.keep("device/a", READING)
    raw.keep("device/a", replace(READING, failure=Failure(FailureKind.TIMEOUT, "no answer"), snmp=None))
    assert raw.of("device/a", PROFILES) is not None
    assert raw.of("device/a", {}) is None
    assert raw.of("device/b", PROFILES) is None


def test_there_is_never_more_than_is_allowed_and_the_oldest_goes_first() -> None:
    raw = RawAnswers()
    raw.keep("device/0", READING)
    raw = RawAnswers(at_most=3 * raw.octets)
    for number in range(10):
        raw.keep(f"device/{number}", READING)
        raw.keep("device/0", READING)
    assert len(raw) == 3
    assert raw.of("device/0", PROFILES) is not None
    assert raw.of("device/1", PROFILES) is None
    raw.forget("device/0")
    raw.forget("device/8")
    raw.forget("device/9")
    assert (len(raw), raw.octets) == (0, 0)
