"""What was decided about a window holds from the moment it was decided: nobody improves the past."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from noc.availability.spans import union
from noc.availability.windows import counted
from noc.maintenance.occurrences import occurrences, running
from noc.model.window import PlannedWindow, WindowDecision, WindowStep

HOUR = 3_600_000
DAY = 24 * HOUR
REQUEST = WindowDecision("site/a", 0, 1, "requested", 10 * HOUR, 12 * HOUR, "", "UTC", (), "ann", "new router")
WEEKLY = replace(REQUEST, rrule="FREQ=DAILY")


def window(request: WindowDecision, *steps: tuple[int, WindowStep, dict[str, object]]) -> PlannedWindow:
    decisions = [request]
    for since, step, changes in steps:
        decisions.append(replace(decisions[-1], since_ms=since, step=step, who="bob", **changes))
    return PlannedWindow(tuple(decisions))


def planned(found: PlannedWindow, start: int = 0, end: int = 10 * DAY) -> list[tuple[int, int]]:
    return [tuple(span) for span in union(map(counted, occurrences(found, start, end)))]


def test_only_what_is_approved_is_planned() -> None:
    assert planned(window(REQUEST)) == []
    assert planned(window(REQUEST, (HOUR, "rejected", {}))) == []
    (one,) = occurrences(window(REQUEST, (HOUR, "approved", {})), 0, DAY)
    assert (one.entity, one.start, one.end, one.entered) == ("site/a", 10 * HOUR, 12 * HOUR, HOUR)
    assert (one.who, one.why) == ("ann", "new router")


def test_an_approval_after_the_beginning_counts_from_then_and_after_the_end_never() -> None:
    assert planned(window(REQUEST, (11 * HOUR, "approved", {}))) == [(11 * HOUR, 12 * HOUR)]
    assert planned(window(REQUEST, (13 * HOUR, "approved", {}))) == []


def test_what_ends_sooner_was_planned_until_then() -> None:
    shorter = window(REQUEST, (HOUR, "approved", {}), (10 * HOUR + 5, "shortened", {"end_ms": 11 * HOUR}))
    assert planned(shorter) == [(10 * HOUR, 11 * HOUR)]
    assert planned(window(REQUEST, (HOUR, "approved", {}), (11 * HOUR, "cancelled", {}))) == [(10 * HOUR, 11 * HOUR)]
    assert planned(window(REQUEST, (HOUR, "approved", {}), (2 * HOUR, "cancelled", {}))) == []


def test_of_what_comes_again_one_time_is_left_out_and_a_running_one_ends() -> None:
    ahead = window(WEEKLY, (HOUR, "approved", {}), (2 * HOUR, "shortened", {"without": (DAY + 10 * HOUR,)}))
    assert planned(ahead, end=3 * DAY) == [(10 * HOUR, 12 * HOUR), (2 * DAY + 10 * HOUR, 2 * DAY + 12 * HOUR)]
    running_one = window(WEEKLY, (HOUR, "approved", {}), (11 * HOUR, "shortened", {"without": (10 * HOUR,)}))
    assert planned(running_one, end=DAY) == [(10 * HOUR, 11 * HOUR)]
    ended = window(WEEKLY, (HOUR, "approved", {}), (DAY + 11 * HOUR, "cancelled", {}))
    assert planned(ended) == [(10 * HOUR, 12 * HOUR), (DAY + 10 * HOUR, DAY + 11 * HOUR)]


def test_only_what_overlaps_the_period_is_given_whole() -> None:
    daily = window(WEEKLY, (HOUR, "approved", {}))
    assert planned(daily, DAY + 11 * HOUR, 2 * DAY) == [(DAY + 10 * HOUR, DAY + 12 * HOUR)]
    assert planned(daily, DAY + 12 * HOUR, DAY + 13 * HOUR) == []


def test_what_is_under_way() -> None:
    found = window(REQUEST, (11 * HOUR, "approved", {}))
    assert running(found, 10 * HOUR) is None
    assert running(found, 12 * HOUR) is None
    under_way = running(found, 11 * HOUR)
    assert under_way is not None
    assert under_way.end == 12 * HOUR


@given(
    st.lists(st.tuples(st.integers(0, 4 * DAY), st.sampled_from(["shortened", "cancelled"])), max_size=4),
    st.integers(0, 3 * DAY),
    st.integers(1, 30 * HOUR),
)
def test_no_decision_changes_planned_time_of_the_past(
    later: list[tuple[int, WindowStep]], approved: int, length: int
) -> None:
    request = replace(WEEKLY, end_ms=WEEKLY.start_ms + length)
    steps: list[tuple[int, WindowStep, dict[str, object]]] = [(approved, "approved", {})]
    before = planned(window(request, *steps))
    for since, step in sorted(later):
        moment = max(since, steps[-1][0])
        steps.append((moment, step, {"end_ms": request.start_ms + max(1, length // 2)} if step == "shortened" else {}))
        after = planned(window(request, *steps))
        assert [(a, min(b, moment)) for a, b in after if a < moment] == [
            (a, min(b, moment)) for a, b in before if a < moment
        ]
        before = after


STEPS = st.lists(
    st.tuples(
        st.integers(0, 4 * DAY),
        st.sampled_from(["shorter", "without", "cancelled"]),
        st.integers(0, 3),
    ),
    max_size=4,
)


@given(st.integers(0, 2 * DAY), STEPS, st.lists(st.integers(0, 5 * DAY), min_size=1, max_size=20))
def test_planned_is_what_the_decision_of_each_moment_says(
    approved: int, later: list[tuple[int, str, int]], moments: list[int]
) -> None:
    decisions = [WEEKLY, replace(WEEKLY, since_ms=approved, step="approved")]
    for since, what, number in sorted(later):
        last = decisions[-1]
        at = max(since, last.since_ms)
        if last.step == "cancelled":
            break
        if what == "shorter":
            half = last.start_ms + max(1, (last.end_ms - last.start_ms) // 2)
            decisions.append(replace(last, since_ms=at, step="shortened", end_ms=half))
        elif what == "without":
            without = (*last.without, WEEKLY.start_ms + number * DAY)
            decisions.append(replace(last, since_ms=at, step="shortened", without=without))
        else:
            decisions.append(replace(last, since_ms=at, step="cancelled"))
    spans = planned(PlannedWindow(tuple(decisions)))
    for moment in (*moments, *(one.since_ms for one in decisions), *(edge for span in spans for edge in span)):
        held = [one for one in decisions if one.since_ms <= moment][-1:]
        begin = moment - (moment - WEEKLY.start_ms) % DAY
        expected = any(
            one.step in ("approved", "shortened")
            and begin >= one.start_ms
            and begin not in one.without
            and moment < begin + one.end_ms - one.start_ms
            for one in held
        )
        assert any(start <= moment < end for start, end in spans) == expected, moment
