"""What is said of an objective is what every end that is still possible allows, in every time zone of the sites."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.availability.figures import Durations
from noc.availability.forecast import plus
from noc.availability.objectives import BY_DEFAULT, Standing, Target, Targets, burn, left_share, standing, worst_first
from noc.availability.periods import MONTHS, holding, named
from noc.availability.policy import Period
from noc.availability.target import Verdict, verdict
from noc.model.instants import from_ms
from noc.simulator.places import places

PERIOD = Period(0, 1_000)
HALF = Target(Fraction(50), "site/x")


def stands(so_far: Durations, agreed: int, target: Target = HALF) -> Standing:
    return standing(target, PERIOD, 500, so_far=so_far, adjusted=so_far, agreed=agreed, burns={})


small = st.integers(0, 4)
durations = st.builds(Durations, up=small, down=small, unreachable=small, unknown=small)


@given(durations, st.integers(0, 5), st.sampled_from([0, 25, 50, Fraction("66.6"), 75, 100]))
def test_what_is_possible_is_what_some_end_gives(so_far: Durations, to_come: int, percent: Fraction) -> None:
    found = stands(so_far, int(so_far.agreed) + to_come, Target(Fraction(percent), "network"))
    ends = {
        verdict(plus(so_far, Durations(up=up, down=down, unknown=to_come - up - down)), Fraction(percent))
        for up, down in product(range(to_come + 1), repeat=2)
        if up + down <= to_come
    }
    assert found.to_come == to_come
    assert set(found.possible) == ends
    assert found.verdict in (Verdict.NOT_SHOWN, *(ends if len(ends) == 1 else ()))
    assert found.verdict_so_far is verdict(so_far, Fraction(percent))


def test_a_budget_is_of_the_whole_period_and_what_is_certain_stays() -> None:
    found = stands(Durations(up=300, down=200), 1_000)
    assert (found.budget.allowed, found.budget.left, found.budget.burn_rate) == (500, 300, Fraction(4, 5))
    assert left_share(found.budget) == Fraction(3, 5)
    assert (found.verdict, found.verdict_so_far) == (Verdict.NOT_SHOWN, Verdict.MET)
    assert found.possible == (Verdict.MET, Verdict.MISSED, Verdict.NOT_SHOWN)
    assert stands(Durations(down=501), 1_000).possible == (Verdict.MISSED,)
    assert stands(Durations(up=500), 1_000).possible == (Verdict.MET,)


def test_what_people_corrected_is_told_beside_what_was_measured() -> None:
    measured, adjusted = Durations(up=499, down=501), Durations(up=499, planned=501)
    found = standing(HALF, PERIOD, 1_000, so_far=measured, adjusted=adjusted, agreed=1_000, burns={})
    assert (found.verdict, found.adjusted_verdict) == (Verdict.MISSED, Verdict.MET)


@given(durations, st.integers(1, 99))
def test_a_burn_rate_of_one_spends_all_of_the_budget(seen: Durations, percent: int) -> None:
    rate = burn(seen, percent)
    if not seen.agreed:
        assert rate is None
    else:
        assert rate is not None
        assert rate * (100 - percent) / 100 * seen.agreed == seen.failed


def test_without_a_budget_there_is_no_rate() -> None:
    assert burn(Durations(up=5, down=5), 100) is None


def test_an_entity_without_a_target_of_its_own_has_the_network_s() -> None:
    targets = Targets(of_entity={"site/x": HALF})
    assert (targets.of("site/x"), targets.of("site/y").percent) == (HALF, BY_DEFAULT)


def test_the_one_with_the_least_budget_comes_first() -> None:
    rows = {
        "full": stands(Durations(up=500), 1_000),
        "none": stands(Durations(up=500), 1_000, Target(Fraction(100), "network")),
        "over": stands(Durations(down=600), 1_000),
    }
    assert [name for name, _ in worst_first(rows.items())] == ["over", "full", "none"]


ZONES = sorted({place.time_zone for place in places(594, seed=1)})


@pytest.mark.parametrize("text", ["2024-02", "2026-03", "2026-10", "2026-11", "2026-Q1", "2024", "2026-2027"])
def test_budgets_are_exact_in_every_zone_of_the_sites(text: str) -> None:
    """Minutes of a budget are those of the clock on the wall at both ends: leap days, and days of 23 and 25 hours."""
    for zone in ZONES:
        period = named(text, zone, datetime(2026, 11, 21, tzinfo=UTC)).period
        first, last = (from_ms(moment).astimezone(ZoneInfo(zone)) for moment in (period.start, period.end))
        assert (first.day, last.day) == (1, 1)
        months = MONTHS[named(text, zone, datetime(2026, 11, 21, tzinfo=UTC)).unit]
        assert (last.year * 12 + last.month) - (first.year * 12 + first.month) == months
        drift = last.utcoffset() - first.utcoffset()  # type: ignore[operator] # both have a zone
        wall = last.replace(tzinfo=None) - first.replace(tzinfo=None)
        target = Targets().of("site/x")
        found = standing(
            target,
            period,
            period.end,
            so_far=Durations(),
            adjusted=Durations(),
            agreed=period.end - period.start,
            burns={},
        )
        assert found.budget.allowed == (wall - drift) // timedelta(milliseconds=1) * Fraction(2, 1_000)


@given(st.sampled_from(ZONES), st.integers(1_577_836_800_000, 1_924_992_000_000), st.sampled_from(sorted(MONTHS)))
def test_each_moment_is_in_one_month_of_each_zone(zone: str, moment_ms: int, unit: str) -> None:
    found = holding(unit, from_ms(moment_ms), zone)  # type: ignore[arg-type] # a key of MONTHS
    assert found.period.start <= moment_ms < found.period.end
    assert named(found.text, zone, from_ms(moment_ms)) == found
