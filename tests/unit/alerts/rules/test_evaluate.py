from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from alerts.rules.compiled import ThresholdRule
from alerts.rules.evaluate import Change, Memory, step
from tests.unit.alerts.rules.things import threshold

MINUTE = 60_000
STALE = 15 * MINUTE
Sample = tuple[int, float]


def above(hold_ms: int = 10 * MINUTE) -> ThresholdRule:
    return threshold(raise_at=90, clear_at=80, hold_ms=hold_ms)


def below(hold_ms: int = 10 * MINUTE) -> ThresholdRule:
    return threshold("noc_satellite.es_n0_db", raise_at=6.0, clear_at=7.0, hold_ms=hold_ms)


def run(rule: ThresholdRule, samples: list[Sample], stale_ms: int = STALE) -> list[tuple[int, Change]]:
    """Return the changes, each with the minute at which it became certain."""
    memory, found = Memory(), []
    for time_ms, value in samples:
        memory, change = step(memory, value, time_ms, rule, stale_ms)
        if change is not None:
            found.append((time_ms, change))
    return found


def every_5_minutes(*values: float) -> list[Sample]:
    return [(n * 5 * MINUTE, value) for n, value in enumerate(values)]


def test_it_is_raised_after_its_time_and_dated_back() -> None:
    changes = run(above(), every_5_minutes(10, 95, 96, 97, 98))
    assert changes == [(15 * MINUTE, Change("raised", 5 * MINUTE))]


def test_without_a_time_the_first_number_raises_it() -> None:
    assert run(above(0), every_5_minutes(10, 95)) == [(5 * MINUTE, Change("raised", 5 * MINUTE))]


def test_one_number_between_the_limits_begins_the_time_anew() -> None:
    assert run(above(), every_5_minutes(95, 95, 85, 95, 95)) == []


def test_between_the_limits_it_stays_raised_and_beyond_them_it_is_cleared_at_once() -> None:
    changes = run(above(0), every_5_minutes(95, 85, 81, 80.5, 79, 85))
    assert changes == [(0, Change("raised", 0)), (20 * MINUTE, Change("cleared", 20 * MINUTE))]


def test_the_limits_count_themselves() -> None:
    assert run(above(0), every_5_minutes(90, 80)) == [
        (0, Change("raised", 0)),
        (5 * MINUTE, Change("cleared", 5 * MINUTE)),
    ]
    assert run(below(0), every_5_minutes(6.0, 7.0)) == [
        (0, Change("raised", 0)),
        (5 * MINUTE, Change("cleared", 5 * MINUTE)),
    ]
    assert run(above(0), every_5_minutes(math.nextafter(90, 0))) == []
    assert run(below(0), every_5_minutes(math.nextafter(6.0, 10))) == []


def test_a_number_that_must_not_be_low() -> None:
    changes = run(below(), every_5_minutes(9, 5.5, 4.1, 3.9, 6.5, 7.5))
    assert changes == [(15 * MINUTE, Change("raised", 5 * MINUTE)), (25 * MINUTE, Change("cleared", 25 * MINUTE))]


def test_a_gap_begins_the_time_anew() -> None:
    longest = [(0, 95.0), (STALE, 95.0)]
    assert run(above(), longest) == [(STALE, Change("raised", 0))]
    longer = [(0, 95.0), (STALE + 1, 95.0)]
    assert run(above(), longer) == []
    assert run(above(), [*longer, (STALE + 1 + 10 * MINUTE, 95.0)])[0][1] == Change("raised", STALE + 1)


def test_a_gap_clears_nothing() -> None:
    day = 24 * 60 * MINUTE
    assert run(above(0), [(0, 95.0), (day, 85.0), (2 * day, 70.0)]) == [
        (0, Change("raised", 0)),
        (2 * day, Change("cleared", 2 * day)),
    ]


def test_what_is_late_or_twice_or_no_number_is_as_if_it_were_not_there() -> None:
    whole = [(0, 95.0), (5 * MINUTE, 95.0), (10 * MINUTE, 95.0)]
    disturbed = [
        whole[0],
        (0, 10.0),
        (MINUTE, math.nan),
        whole[1],
        (2 * MINUTE, 10.0),
        (6 * MINUTE, -math.inf),
        (7 * MINUTE, math.inf),
        whole[2],
    ]
    assert run(above(), disturbed) == run(above(), whole) == [(10 * MINUTE, Change("raised", 0))]


# The definition once more, over a whole series at once and without a memory.


def usable(samples: list[Sample]) -> list[Sample]:
    kept: list[Sample] = []
    for time_ms, value in samples:
        if math.isfinite(value) and (not kept or time_ms > kept[-1][0]):
            kept.append((time_ms, value))
    return kept


def stretch_start(samples: list[Sample], n: int, limit: float, stale_ms: int) -> int | None:
    """Return where the unbroken stretch that ends with sample n began; None where it is not beyond the limit."""
    starts = [
        first
        for first in range(n + 1)
        if all(value >= limit for _, value in samples[first : n + 1])
        and all(samples[k + 1][0] - samples[k][0] <= stale_ms for k in range(first, n))
    ]
    return samples[starts[0]][0] if starts else None


def by_definition(samples: list[Sample], rule: ThresholdRule, stale_ms: int) -> list[tuple[int, Change]]:
    """Raised after sample n: some sample before or at n ends a stretch that is long enough, and none since is back."""
    sign = 1.0 if rule.side == "above" else -1.0
    limit, back = sign * rule.raise_at, sign * rule.clear_at
    kept = [(time_ms, sign * value) for time_ms, value in usable(samples)]
    starts = [stretch_start(kept, n, limit, stale_ms) for n in range(len(kept))]
    long_enough = [start is not None and kept[n][0] - start >= rule.hold_ms for n, start in enumerate(starts)]
    raised = [
        any(long_enough[j] and all(value > back for _, value in kept[j + 1 : n + 1]) for j in range(n + 1))
        for n in range(len(kept))
    ]
    found: list[tuple[int, Change]] = []
    for n, (time_ms, _) in enumerate(kept):
        start = starts[n]
        if raised[n] and not (n and raised[n - 1]) and start is not None:
            found.append((time_ms, Change("raised", start)))
        elif n and raised[n - 1] and not raised[n]:
            found.append((time_ms, Change("cleared", time_ms)))
    return found


VALUES = st.one_of(st.sampled_from([79.0, 80.0, 85.0, 90.0, 95.0]), st.floats(allow_nan=True, width=16))
SERIES = st.lists(st.tuples(st.integers(-2, 12), VALUES), max_size=25)


@st.composite
def series(draw: st.DrawFn) -> list[Sample]:
    """Samples with gaps, copies and steps back in time."""
    now, samples = 0, []
    for step_by, value in draw(SERIES):
        now += step_by
        samples.append((now, value))
    return samples


@given(series(), st.integers(0, 20), st.integers(1, 15), st.booleans())
def test_it_is_as_defined(samples: list[Sample], hold_ms: int, stale_ms: int, low: bool) -> None:
    rule = above(hold_ms)
    if low:
        samples = [(time_ms, -value) for time_ms, value in samples]
        rule = threshold(raise_at=-90, clear_at=-80, hold_ms=hold_ms)
    assert run(rule, samples, stale_ms) == by_definition(samples, rule, stale_ms)


@given(series(), st.integers(0, 20))
def test_raised_and_cleared_take_turns_and_time_goes_on(samples: list[Sample], hold_ms: int) -> None:
    changes = run(above(hold_ms), samples, 10)
    assert [change.status for _, change in changes] == ["raised", "cleared"] * (len(changes) // 2) + ["raised"] * (
        len(changes) % 2
    )
    assert all(change.since_ms <= certain_ms for certain_ms, change in changes)
    since = [change.since_ms for _, change in changes]
    assert since == sorted(since)
