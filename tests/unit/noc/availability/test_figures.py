"""Section "Figures". Times in milliseconds."""

from __future__ import annotations

from fractions import Fraction

import pytest

from noc.availability.figures import Durations, Figures, add_up, durations, figures, outages
from noc.availability.policy import Period
from noc.availability.spans import ALWAYS, FOREVER, NEVER, Span, Spans
from noc.availability.timeline import Change, State, known_until

UP, DOWN, UNREACHABLE, UNKNOWN = State.UP, State.DOWN, State.UNREACHABLE, State.UNKNOWN
END = 1000
PERIOD = Period(100, 200)


def timeline(*changes: tuple[int, State]) -> list[Change]:
    return list(known_until([Change(time, state) for time, state in changes], END))


def of(
    *changes: tuple[int, State],
    service: Spans = ALWAYS,
    planned: Spans = NEVER,
    period: Period = PERIOD,
    end: int = END,
) -> Figures:
    return figures(known_until(timeline(*changes), end), service, planned, period, end)


def test_the_formulas() -> None:
    found = Durations(up=50, down=10, unreachable=20, unknown=20, planned=7)
    assert found.agreed == 100
    assert found.availability_pct == Fraction(5000, 80)
    assert found.floor_pct == 50
    assert found.ceiling_pct == 70
    assert found.coverage_pct == 80


def test_nothing_below_the_line_is_none() -> None:
    never_seen = Durations(unknown=5)
    assert never_seen.availability_pct is None
    assert (never_seen.floor_pct, never_seen.ceiling_pct, never_seen.coverage_pct) == (0, 100, 0)
    all_planned = Durations(planned=5)
    assert all_planned.availability_pct is None
    assert all_planned.floor_pct is None
    assert all_planned.ceiling_pct is None
    assert all_planned.coverage_pct is None


def test_states_are_counted_inside_the_period() -> None:
    found = of((0, UP), (120, DOWN), (130, UNREACHABLE), (150, UNKNOWN), (160, UP), (300, DOWN)).durations
    assert found == Durations(up=60, down=10, unreachable=20, unknown=10)


def test_planned_time_is_cut_out_of_all_four_states() -> None:
    planned = [Span(90, 105), Span(115, 125), Span(195, 300)]
    assert of((0, UP), (120, DOWN), planned=planned).durations == Durations(up=10, down=70, planned=20)


def test_only_in_service_time_counts_and_planned_time_only_inside_it() -> None:
    found = of((0, UP), service=[Span(0, 110), Span(150, FOREVER)], planned=[Span(105, 160)])
    assert found.durations == Durations(up=45, planned=15)


def test_out_of_service_for_the_whole_period_everything_is_none_or_nothing() -> None:
    found = of((0, DOWN), service=[Span(300, FOREVER)])
    assert found == Figures(Durations(), outages=0, longest_outage=0, mttr=None, mtbf=None)


def test_down_and_unreachable_are_one_outage() -> None:
    found = of((0, UP), (120, DOWN), (130, UNREACHABLE), (140, DOWN), (150, UP))
    assert (found.outages, found.longest_outage, found.mttr) == (1, 30, 30)


def test_unknown_time_ends_an_outage() -> None:
    found = of((0, UP), (120, DOWN), (130, UNKNOWN), (140, DOWN), (160, UP))
    assert (found.outages, found.longest_outage, found.mttr, found.mtbf) == (2, 20, 15, Fraction(60, 2))


def test_a_window_ends_an_outage_and_another_may_follow_it() -> None:
    found = of((0, UP), (120, DOWN), (180, UP), planned=[Span(130, 140)])
    assert (found.outages, found.longest_outage, found.mttr) == (2, 40, 25)


def test_leaving_service_ends_an_outage() -> None:
    found = of((0, UP), (120, DOWN), service=[Span(0, 150)])
    assert (found.outages, found.longest_outage, found.mttr) == (1, 30, 30)


def test_an_outage_counts_in_every_period_that_it_overlaps() -> None:
    changes = [(0, UP), (90, DOWN), (250, UP)]
    for period, inside in ((Period(0, 100), 10), (Period(100, 200), 100), (Period(200, 300), 50)):
        found = of(*changes, period=period)
        assert (found.outages, found.longest_outage) == (1, inside)
    assert of(*changes, period=Period(0, 90)).outages == 0
    assert of(*changes, period=Period(250, 300)).outages == 0


def test_mttr_is_of_whole_lengths_where_the_outage_ends() -> None:
    changes = [(0, UP), (90, DOWN), (150, UP), (190, DOWN), (200, UP), (210, DOWN), (220, UP)]
    assert of(*changes).mttr == Fraction(60 + 10, 2)
    assert of(*changes, period=Period(0, 150)).mttr == 60
    assert of(*changes, period=Period(0, 149)).mttr is None
    assert of(*changes, period=Period(149, 150)).mttr == 60
    assert of(*changes, period=Period(150, 180)).mttr is None


def test_adjacent_periods_share_the_outages_that_ended_without_counting_one_twice() -> None:
    changes = [(0, UP), (90, DOWN), (100, UP), (150, DOWN), (200, UP)]
    assert (of(*changes, period=Period(0, 100)).mttr, of(*changes).mttr) == (10, 50)


def test_an_outage_that_reaches_the_end_is_open() -> None:
    found = of((0, UP), (120, DOWN), end=150)
    assert (found.outages, found.longest_outage, found.mttr, found.mtbf) == (1, 30, None, 20)


def test_unless_a_window_begins_there() -> None:
    assert of((0, UP), (120, DOWN), end=150, planned=[Span(150, 160)]).mttr == 30
    assert of((0, UP), (120, DOWN), end=150, planned=[Span(151, 160)]).mttr is None


def test_or_service_stops_there() -> None:
    assert of((0, UP), (120, DOWN), end=150, service=[Span(0, 150)]).mttr == 30
    assert of((0, UP), (120, DOWN), end=150, service=[Span(0, 151)]).mttr is None


def test_a_window_over_the_end_ended_the_outage_before() -> None:
    assert of((0, UP), (120, DOWN), end=150, planned=[Span(140, 160)]).mttr == 20


def test_mttr_is_none_where_none_ended_and_mtbf_where_there_was_none() -> None:
    calm = of((0, UP))
    assert (calm.outages, calm.longest_outage, calm.mttr, calm.mtbf) == (0, 0, None, None)
    always_down = of((0, DOWN))
    assert (always_down.outages, always_down.mttr, always_down.mtbf) == (1, None, 0)


def test_outages_are_found_over_all_time() -> None:
    found = outages(timeline((0, DOWN), (10, UP), (990, DOWN)), ALWAYS, NEVER, END)
    assert [(outage.start, outage.end, outage.is_open) for outage in found] == [(0, 10, False), (990, 1000, True)]


def test_sums_are_weighted_and_exact() -> None:
    one, other = Durations(up=60, down=40, planned=3), Durations(up=10, unknown=80, unreachable=10)
    total = add_up([(one, Fraction(1, 10)), (other, Fraction(2))])
    assert total == Durations(26, 4, 20, 160, Fraction(3, 10))
    assert total.floor_pct == Fraction(2600, 210)
    assert add_up([]) == Durations()


def test_durations_alone() -> None:
    assert durations(timeline((0, UP)), ALWAYS, NEVER, PERIOD) == Durations(up=100)


def test_a_period_ends_after_it_begins() -> None:
    with pytest.raises(ValueError, match="must end after it begins"):
        Period(5, 5)
