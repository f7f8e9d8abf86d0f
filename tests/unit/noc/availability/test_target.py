from __future__ import annotations

from fractions import Fraction

import pytest

from noc.availability.figures import Durations
from noc.availability.policy import Period
from noc.availability.target import Verdict, error_budget, verdict

TARGET = Fraction("99.8")
PERIOD = Period(0, 1000)


@pytest.mark.parametrize(
    ("durations", "expected"),
    [
        (Durations(up=998, down=2), Verdict.MET),
        (Durations(up=9979, down=21), Verdict.MISSED),
        (Durations(up=998, unknown=2), Verdict.MET),
        (Durations(up=997, unknown=3), Verdict.NOT_SHOWN),
        (Durations(up=997, down=2, unknown=1), Verdict.NOT_SHOWN),
        (Durations(up=996, down=3, unknown=1), Verdict.MISSED),
        (Durations(unknown=1000), Verdict.NOT_SHOWN),
        (Durations(planned=1000), Verdict.NOT_SHOWN),
        (Durations(unreachable=1000), Verdict.MISSED),
    ],
)
def test_met_by_the_floor_missed_by_the_ceiling(durations: Durations, expected: Verdict) -> None:
    assert verdict(durations, TARGET) is expected


def test_the_budget_is_of_the_agreed_time() -> None:
    budget = error_budget(Durations(up=400, down=1, unreachable=1, unknown=598, planned=50), TARGET, PERIOD, 500)
    assert (budget.allowed, budget.spent, budget.left) == (2, 2, 0)
    assert budget.burn_rate == 2


@pytest.mark.parametrize(
    ("now", "rate"), [(-5, None), (0, None), (250, 2), (1000, Fraction(1, 2)), (9999, Fraction(1, 2))]
)
def test_the_burn_rate_is_spent_share_over_elapsed_share(now: int, rate: Fraction | None) -> None:
    assert error_budget(Durations(up=999, down=1), TARGET, PERIOD, now).burn_rate == rate


def test_without_a_budget_there_is_no_rate() -> None:
    assert error_budget(Durations(up=999, down=1), 100, PERIOD, 500).burn_rate is None
    assert error_budget(Durations(planned=5), TARGET, PERIOD, 500).burn_rate is None
