"""What a change means for incidents, without a database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.incidents import (
    NO_RULE,
    NOT_OPEN,
    OPEN_ALREADY,
    TOO_SHORT,
    Ignore,
    Open,
    Remark,
    Resolve,
    Wait,
    of_rule,
    of_status,
)
from alerts.incidents import gone as gone_of
from noc.model.incident import Incident
from noc.model.transition import Status, Transition
from tests.unit.alerts.alerting import DOWN, MINUTE, START_MS, changed, held, inventory, ruled

INCIDENT = Incident(7, "device/a", "device-down", "critical", "standard", START_MS, START_MS, {"status": "down"})
HELD = held(DOWN, 5)


def test_down_opens_with_what_was_seen() -> None:
    results = ((START_MS - 1, True), (START_MS, False), (START_MS + 1, False), (START_MS + 2, False))
    change = Transition("device/a", "down", "up", START_MS, START_MS + 2, "icmp", "brindisi", "confirmed", results)
    (action,) = of_status(change, DOWN, (), None, START_MS + 2)
    facts = {"status": "down", "check": "icmp", "poller": "brindisi", "failures": 3}
    assert action == Open("device/a", "device-down", "status", "critical", None, START_MS, facts)


def test_down_without_a_rule_and_up_or_unknown_without_an_incident_are_nothing() -> None:
    assert of_status(changed("down"), None, (), None, START_MS) == (Ignore(NO_RULE),)
    for status in ("up", "unknown"):
        assert of_status(changed(status), None, (), None, START_MS) == (Ignore(NOT_OPEN),)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "kind", "why"), [("up", Resolve, "up"), ("unknown", Remark, "stale"), ("down", Remark, "down")]
)
def test_what_an_open_incident_hears(status: Status, kind: type[Resolve | Remark], why: str) -> None:
    """Whatever rule opened it, and whether or not that rule is still there."""
    for rule in (DOWN, None):
        (action,) = of_status(changed(status), rule, (INCIDENT,), None, START_MS)
        assert isinstance(action, kind)
        assert (action.incident, action.facts["why"]) == (INCIDENT, why)


def test_a_rule_that_waits_counts_from_the_beginning_of_the_outage() -> None:
    change = changed("down")
    assert of_status(change, HELD, (), None, START_MS + MINUTE) == (Wait(START_MS + 5 * MINUTE),)
    (action,) = of_status(change, HELD, (), None, START_MS + 5 * MINUTE)
    assert isinstance(action, Open)


@pytest.mark.parametrize("status", ["up", "unknown"])
def test_what_was_over_or_out_of_sight_before_the_rules_time_opens_nothing(status: Status) -> None:
    following = changed(status, START_MS + 5 * MINUTE - 1)
    for now_ms in (START_MS + MINUTE, START_MS + 60 * MINUTE):
        assert of_status(changed("down"), HELD, (), following, now_ms) == (Ignore(TOO_SHORT),)
    late = changed(status, START_MS + 5 * MINUTE)
    (action,) = of_status(changed("down"), HELD, (), late, START_MS + 60 * MINUTE)
    assert isinstance(action, Open)


@given(st.integers(0, 20), st.none() | st.integers(1, 20), st.lists(st.integers(0, 40), min_size=1))
def test_the_answer_does_not_depend_on_when_it_is_asked(hold: int, over: int | None, asked: list[int]) -> None:
    """Once it is no longer `wait`, it is the same for ever; only before the rule's time is there a `wait`."""
    answers = set()
    for minute in asked:
        following = None if over is None or over > minute else changed("up", START_MS + over * MINUTE)
        (action,) = of_status(changed("down"), held(DOWN, hold), (), following, START_MS + minute * MINUTE)
        if not isinstance(action, Wait):
            answers.add(type(action))
        else:
            assert minute < hold
    assert answers <= ({Open} if over is None or over >= hold else {Ignore})


def test_a_rule_opens_once_and_ends_once() -> None:
    facts = {"poller": "test", "metric": "cpu.usage_pct", "value": 97.5, "limit": 90.0}
    assert of_rule(ruled("raised"), "quiet", None) == Open(
        "device/a", "cpu-high", "rule", "minor", "quiet", START_MS, facts
    )
    assert of_rule(ruled("raised"), "quiet", INCIDENT) == Ignore(OPEN_ALREADY)
    assert of_rule(ruled("cleared"), None, None) == Ignore(NOT_OPEN)
    ended = of_rule(ruled("cleared"), None, INCIDENT)
    assert isinstance(ended, Resolve)
    assert (ended.incident, ended.facts["why"], ended.facts["value"]) == (INCIDENT, "cleared", 97.5)


@pytest.mark.parametrize(
    ("entity", "ends"),
    [
        ("device/a", False),
        ("interface/a/Gi0/0/1", False),
        ("device/gone", True),
        ("interface/gone/Gi0/0/1", True),
        ("poller/brindisi", False),
    ],
)
def test_only_what_is_no_longer_watched_is_ended(entity: str, ends: bool) -> None:
    incident = Incident(7, entity, "r", "minor", "", START_MS, START_MS, {})
    assert (gone_of(incident, inventory("a")) is not None) is ends
