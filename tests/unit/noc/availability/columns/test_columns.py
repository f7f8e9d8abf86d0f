"""In columns the arithmetic gives what it gives entity by entity, to the last digit."""

from __future__ import annotations

import io
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noc.availability.columns.derived import derived as derived_columns
from noc.availability.columns.figures import figures_of as figures_of_columns
from noc.availability.columns.overlay import Later, overlaid
from noc.availability.columns.timelines import CODES, Axis, Columns, from_records, from_timelines
from noc.availability.events import parse_events
from noc.availability.overlay import overlay
from noc.availability.policy import Period, Policy, ProbePolicy
from noc.availability.policyfile import parse_policy
from noc.availability.replay import derived, figures_of, raw_states
from noc.availability.timeline import Change, State, Timeline, append, known_until
from tests.examples import at_least
from tests.unit.noc.availability import worlds

MANY = settings(at_least(60), suppress_health_check=list(HealthCheck))
randoms = st.integers(0, 2**64).map(Random) | st.randoms(use_true_random=False)


def raw_of(random: Random) -> tuple[dict[str, Timeline], Policy, Period, int]:
    policy_text, events = worlds.as_files(worlds.world(random))
    start, stop = worlds.period(random)
    period = Period(worlds.ORIGIN_MS + start, worlds.ORIGIN_MS + stop)
    policy = parse_policy(policy_text, "P.yaml").policy
    raw, end = raw_states(parse_events(io.BytesIO(events.encode()), "E.jsonl"), policy, period.start)
    return raw, policy, period, end


@MANY
@given(randoms)
def test_columns_give_the_same_states_and_figures(random: Random) -> None:
    raw, policy, period, end = raw_of(random)
    slow = derived(raw, policy)
    names = sorted(name for name in raw.keys() | policy.entities() if not name.startswith("region/"))
    columns = from_timelines(names, raw)
    times = [period.start, period.end, end, *columns.times.tolist()]
    axis = Axis(min(times), max(times) - min(times) + 2)
    found = derived_columns(columns, policy, axis)
    assert {name: list(found.timeline(name)) for name in slow} == {name: list(each) for name, each in slow.items()}
    answer = figures_of_columns(found, policy, period, end, axis)
    expected = figures_of(slow, policy, period, end)
    assert answer.entities == expected.entities
    assert (answer.regions, answer.network) == (expected.regions, expected.network)


states = st.sampled_from([State.UP, State.DOWN, State.UNKNOWN])
records = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 30), states), max_size=30)


@MANY
@given(records, st.integers(0, 40))
def test_records_become_the_timelines_that_they_tell_of(said: list[tuple[str, int, State]], end: int) -> None:
    expected: dict[str, list[Change]] = {}
    for name, time, state in said:
        changes = expected.setdefault(name, [])
        at = max(time, changes[-1].time) if changes else time
        if changes and changes[-1].time == at:
            changes.pop()
        changes.append(Change(at, state))
    tidied = {}
    for name, changes in expected.items():
        tidied[name] = []
        for time, state in changes:
            append(tidied[name], time, state)
    owners = np.array(["abc".index(name) for name, _, _ in said], np.int64)
    times = np.array([time for _, time, _ in said], np.int64)
    codes = np.array([CODES[state] for _, _, state in said], np.int8)
    columns = from_records(("a", "b", "c"), owners, times, codes)
    assert {name: columns.timeline(name) for name in tidied} == tidied
    until = columns.known_until(end)
    assert {name: until.timeline(name) for name in tidied} == {
        name: known_until(each, end) for name, each in tidied.items()
    }


later = st.tuples(
    st.sampled_from("abc"), st.integers(0, 30), st.integers(1, 10), st.lists(st.tuples(st.integers(-2, 12), states))
)


@MANY
@given(records, st.lists(later, max_size=6))
def test_what_is_said_later_lies_over_what_was_said_before(
    said: list[tuple[str, int, State]], over: list[tuple[str, int, int, list[tuple[int, State]]]]
) -> None:
    expected: dict[str, Timeline] = {}
    for name in "abc":
        changes: list[Change] = []
        at = -1
        for _, time, state in sorted((one for one in said if one[0] == name), key=lambda one: one[1]):
            if time > at:
                append(changes, time, state)
                at = time
        expected[name] = changes
    columns = from_timelines(("a", "b", "c"), expected)
    given_ = []
    for name, start, length, inside in over:
        moments = sorted({start + time: state for time, state in inside}.items())
        given_.append(Later(name, start, start + length, [(time, state.value) for time, state in moments]))
        expected[name] = overlay(expected[name], start, start + length, moments)
    found = overlaid(columns, given_)
    assert {name: list(found.timeline(name)) for name in "abc"} == {name: list(each) for name, each in expected.items()}


def test_timelines_are_replaced_and_named_anew() -> None:
    columns = from_timelines(("a", "b"), {"a": [Change(1, State.UP)], "b": [Change(2, State.DOWN)]})
    other = columns.replaced({"a": [Change(5, State.DOWN), Change(6, State.UP)]})
    assert other.timeline("a") == [Change(5, State.DOWN), Change(6, State.UP)]
    assert other.timeline("b") == [Change(2, State.DOWN)]
    assert columns.replaced({}) is columns
    named = other.named(("b", "c"))
    assert (named.timeline("b"), named.timeline("c"), named.timeline("a")) == ([Change(2, State.DOWN)], [], ())


def test_nothing_at_all_has_no_figures_and_no_entities() -> None:
    nothing = from_timelines((), {})
    axis, policy = Axis(0, 100), Policy(ProbePolicy.probed_every(10))
    answer = figures_of_columns(derived_columns(nothing, policy, axis), policy, Period(0, 50), 50, axis)
    assert answer == figures_of({}, policy, Period(0, 50), 50)


def test_more_than_63_bits_of_time_are_refused() -> None:
    with pytest.raises(ValueError, match="can't be reckoned"):
        Axis(0, 1 << 60).keys(np.array([10], np.int64), np.array([0], np.int64))
    assert isinstance(from_timelines(("a",), {}), Columns)
