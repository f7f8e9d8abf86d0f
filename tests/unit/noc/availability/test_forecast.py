"""The forecast of a period's end: bounds that always hold, and made-up months whose end is known."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.availability.figures import Durations, durations
from noc.availability.forecast import LEAST_DAYS, by_day, days_between, forecast, plus, scaled, total
from noc.availability.policy import Period
from noc.availability.spans import ALWAYS, Span, union
from noc.availability.timeline import Change, State, append, intervals

DAY_MS = 86_400_000

some = st.integers(0, 50)
days = st.builds(Durations, up=some, down=some, unreachable=some, unknown=some, planned=some)
spans = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=4).map(union)


@st.composite
def timelines(draw: st.DrawFn) -> list[Change]:
    found: list[Change] = []
    for time in sorted(draw(st.lists(st.integers(0, 100), max_size=8, unique=True))):
        append(found, time, draw(st.sampled_from(State)))
    return found


@given(timelines(), st.one_of(st.just(ALWAYS), spans), spans, st.lists(st.integers(1, 30), min_size=1, max_size=6))
def test_a_day_is_what_the_figures_of_that_day_say(
    timeline: list[Change], service: Sequence[Span], planned: Sequence[Span], lengths: list[int]
) -> None:
    edges = [sum(lengths[:n]) for n in range(len(lengths) + 1)]
    each = [Period(start, end) for start, end in pairwise(edges)]
    found = by_day(intervals(timeline, edges[0], edges[-1]), service, planned, each)
    assert found == [durations(timeline, service, planned, day) for day in each]


@given(days, st.integers(0, 200), st.lists(days, max_size=40), st.integers(1, 60))
def test_a_forecast_is_possible_and_in_order(
    so_far: Durations, to_come: int, history: list[Durations], days_to_come: int
) -> None:
    found = forecast(so_far, to_come, history, days_to_come)
    worst, best = plus(so_far, Durations(down=to_come)), plus(so_far, Durations(up=to_come))
    if found.low_pct is None or found.high_pct is None:
        assert not (so_far.agreed + to_come)
        return
    assert worst.floor_pct is not None
    assert best.ceiling_pct is not None
    assert worst.floor_pct <= found.low_pct <= found.high_pct <= best.ceiling_pct
    if found.expected_pct is not None:
        assert found.low_pct <= found.expected_pct <= found.high_pct


def test_days_that_are_all_alike_leave_only_what_was_not_seen() -> None:
    alike = Durations(up=98, down=1, unknown=1)
    found = forecast(Durations(up=500), 500, [alike] * 30, 5)
    assert (found.low_pct, found.expected_pct, found.high_pct, found.days) == (
        Fraction(99),
        Fraction(100 * 990, 995),
        Fraction("99.5"),
        30,
    )


def test_with_little_history_all_that_is_possible_is_the_range() -> None:
    history = [Durations(up=100)] * (LEAST_DAYS - 1) + [Durations(planned=100)] * 50
    found = forecast(Durations(up=60, down=10), 30, history, 5)
    assert (found.expected_pct, found.low_pct, found.high_pct, found.days) == (None, 60, 90, 0)


def test_a_period_that_is_over_is_certain() -> None:
    found = forecast(Durations(up=90, down=5, unknown=5), 0, [Durations(down=1)] * 90, 0)
    assert (found.low_pct, found.expected_pct, found.high_pct) == (90, Fraction(100 * 90, 95), 95)


@given(days.filter(lambda day: day.agreed > 0), st.integers(0, 1_000))
def test_what_is_scaled_keeps_its_shares(like: Durations, agreed: int) -> None:
    found = scaled(like, agreed)
    assert found.agreed == agreed
    assert found.failed * like.agreed == like.failed * agreed


def test_a_day_that_has_begun_is_a_day() -> None:
    assert [days_between(0, end) for end in (0, 1, DAY_MS, DAY_MS + 1)] == [0, 1, 1, 2]


def made_up_day(rng: random.Random, outages: float, minutes: float) -> Durations:
    """Return a day with some outages a day on average, each of some minutes, and now and then an hour not seen."""
    unseen = rng.randrange(3_600_000) if rng.random() < 0.05 else 0
    down = 0
    while rng.random() < outages / (1 + outages):
        down += int(rng.expovariate(1 / (minutes * 60_000)))
    down = min(down, DAY_MS - unseen)
    return Durations(up=DAY_MS - unseen - down, down=down, unknown=unseen)


@pytest.mark.parametrize(("outages", "minutes"), [(0.4, 20), (0.05, 120), (3, 5)])
@pytest.mark.parametrize("today", [5, 15, 25])
def test_the_range_holds_the_end_of_made_up_months(outages: float, minutes: float, today: int) -> None:
    held = 0
    for seed in range(40):
        rng = random.Random(seed * 100 + today)  # noqa: S311 no secret
        history = [made_up_day(rng, outages, minutes) for _ in range(90)]
        month = [made_up_day(rng, outages, minutes) for _ in range(30)]
        found = forecast(total(month[:today]), (30 - today) * DAY_MS, history, 30 - today)
        truth = total(month).availability_pct
        assert truth is not None
        assert found.low_pct is not None
        assert found.high_pct is not None
        held += found.low_pct <= truth <= found.high_pct
    assert held >= 30
