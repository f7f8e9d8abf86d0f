"""What is known of agents, and when it counts no longer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from noc.model.reading import Block, Failure, FailureKind, Known, Reading
from noc.pipeline.known import SPREAD, KnownAgents

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, FIVE = timedelta(hours=1), timedelta(minutes=5)
ROW = (Block(("ifDescr",), ((7,),), (16,)),)
KNOWN = Known("generic", False, NOON, True, (None, None), 5, {}, {"ifTable": ROW}, {"ifTable": ROW}, (), 6)


def reading(known: Known | None) -> Reading:
    failure = None if known else Failure(FailureKind.TIMEOUT, "no answer")
    return Reading("snmp", "192.0.2.1", "test", NOON, 0.1, failure, known=known)


def test_nothing_is_known_before_a_discovery_and_after_a_device_is_gone() -> None:
    agents = KnownAgents()
    assert agents.of("device/a", NOON, HOUR, FIVE) is None
    agents.take("device/a", reading(KNOWN))
    assert agents.of("device/a", NOON, HOUR, FIVE) is KNOWN
    assert agents.of("device/b", NOON, HOUR, FIVE) is None
    agents.forget("device/a")
    agents.forget("device/a")
    assert agents.of("device/a", NOON, HOUR, FIVE) is None
    assert len(agents) == 0


def test_a_reading_that_tells_nothing_takes_nothing_away() -> None:
    agents = KnownAgents()
    agents.take("device/a", reading(KNOWN))
    agents.take("device/a", reading(None))
    assert agents.of("device/a", NOON, HOUR, FIVE) is KNOWN
    doubtful = replace(KNOWN, valid=False)
    agents.take("device/a", reading(doubtful))
    assert agents.of("device/a", NOON, HOUR, FIVE) is doubtful


def test_what_is_old_is_only_a_hint_and_what_had_vanished_is_forgotten() -> None:
    agents = KnownAgents()
    agents.take("device/a", reading(KNOWN))
    old = agents.of("device/a", NOON + HOUR - FIVE, HOUR, FIVE)
    assert old == replace(KNOWN, valid=False, gone={}, oids_per_request=0)


@given(st.text(min_size=1), st.integers(1, 900), st.integers(60, 86_400))
def test_a_discovery_is_made_within_its_time_and_not_much_earlier(
    name: str, interval_s: int, rediscover_s: int
) -> None:
    interval, rediscover = timedelta(seconds=interval_s), timedelta(seconds=rediscover_s)
    agents = KnownAgents()
    agents.take(name, reading(KNOWN))
    at, polls = NOON, 0
    while (known := agents.of(name, at, rediscover, interval)) is not None and known.valid:
        polls, at = polls + 1, at + interval
    assert at - NOON <= max(rediscover, interval)
    # Two polls earlier at most than the share by which devices are spread.
    assert at - NOON >= rediscover * (1 - SPREAD) - interval


def test_devices_that_were_discovered_together_are_not_discovered_together_again() -> None:
    agents = KnownAgents()
    names = [f"device/nbo-rtr-{number}" for number in range(200)]
    for name in names:
        agents.take(name, reading(KNOWN))
    due = [
        sum(not known.valid for name in names if (known := agents.of(name, NOON + minute * FIVE / 5, HOUR, FIVE)))
        for minute in range(61)
    ]
    assert due[39] == 0
    assert due[55] == 200
    assert max(later - earlier for earlier, later in pairwise(due)) < 40
