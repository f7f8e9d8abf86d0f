from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.availability.causes import Causes
from noc.availability.figures import Durations
from noc.availability.replay import Answer
from noc.availability.statement import Statement
from noc.availability.target import Verdict
from noc.http.problems import ProblemError
from noc.i18n.language import language
from noc.web.figures import beside, functions, line, scale_for
from noc.web.periods import asked
from noc.web.views.availability import target_of
from noc.web.words import ms

TARGET_PCT = Fraction("99.8")
NOW = datetime(2026, 11, 21, tzinfo=UTC)
PERIOD = asked("", NOW)


def made(durations: Durations, whole: Durations | None = None):
    return line("x", None, durations, durations if whole is None else whole, PERIOD, TARGET_PCT, ms(NOW))


@pytest.mark.parametrize(
    ("durations", "verdict"),
    [
        (Durations(up=9_990, down=10), Verdict.MET),
        (Durations(up=9_900, down=100), Verdict.MISSED),
        (Durations(up=9_900, unknown=100), Verdict.NOT_SHOWN),
        (Durations(), None),
    ],
)
def test_a_line_says_whether_the_target_is_met(durations: Durations, verdict: Verdict | None) -> None:
    assert made(durations).verdict is verdict


def test_what_people_said_stands_beside_what_was_measured() -> None:
    nobody = Answer(PERIOD.so_far, {}, {"region/r": Durations(up=90, down=10)}, Durations(up=90, down=10), ())
    adjusted = Answer(PERIOD.so_far, {}, {"region/r": Durations(up=90)}, Durations(up=90, planned=10), ())
    causes: dict[str, Causes] = {"network": {"unknown": 3, "planned": 7}, "region/r": {"false_reading": 10}}
    said = Statement(nobody, adjusted, causes, {"network": 5})
    network, region = (beside(made(nobody.network), said, name) for name in ("network", "region/r"))
    assert network.adjusted == Durations(up=90, planned=10)
    assert network.causes == (("planned", 7), ("unknown", 3))
    assert (network.degraded, region.degraded) == (5, 0)
    assert (region.adjusted, region.causes) == (Durations(up=90), (("false_reading", 10),))


def test_the_budget_is_that_of_the_whole_period() -> None:
    budget = made(Durations(up=999, down=1), Durations(up=999, down=1, unknown=9_000)).budget
    assert budget.allowed == 20
    assert budget.left == 19


def test_the_worst_line_comes_first_and_the_unseen_last() -> None:
    lines = [made(Durations(unknown=5)), made(Durations(up=99, down=1)), made(Durations(up=9, down=1))]
    assert [one.durations for one in sorted(lines, key=lambda one: one.order)] == [
        Durations(up=9, down=1),
        Durations(up=99, down=1),
        Durations(unknown=5),
    ]


@given(st.lists(st.tuples(*[st.integers(0, 10**9)] * 4), max_size=5))
def test_a_scale_shows_every_floor_and_the_target(rows: list[tuple[int, int, int, int]]) -> None:
    lines = [made(Durations(up, down, unreachable, unknown)) for up, down, unreachable, unknown in rows]
    scale = scale_for([*lines, made(Durations())])
    assert 0 < float(scale.x(TARGET_PCT)) < 100
    assert scale.x(Fraction(100)) == "100.00"
    for one in lines:
        floor, ceiling = one.durations.floor_pct, one.durations.ceiling_pct
        assert float(scale.x(floor)) + float(scale.width(floor, ceiling)) <= 100.01


def test_a_target_is_a_percentage() -> None:
    assert target_of("", TARGET_PCT) == TARGET_PCT
    assert target_of("", None) is None
    assert target_of("99.95", None) == Fraction("99.95")
    for text in ("0", "101", "x", "1e3", "-1", "99,8", "1/2", "9" * 40, "."):
        with pytest.raises(ProblemError):
            target_of(text, None)


def test_where_nothing_is_promised_there_is_no_verdict_and_no_budget() -> None:
    durations = Durations(up=99, down=1)
    made_without = line("x", None, durations, durations, PERIOD, None, ms(NOW))
    assert (made_without.verdict, made_without.budget) == (None, None)
    assert scale_for([made_without]).base == 98
    assert scale_for([]).base == Fraction("99.9")


def test_each_row_is_held_against_its_own_target() -> None:
    durations = Durations(up=9_970, down=30)
    rows = [line("x", None, durations, durations, PERIOD, Fraction(target), ms(NOW)) for target in ("99.5", "99.9")]
    assert [one.verdict for one in rows] == [Verdict.MET, Verdict.MISSED]
    scale = scale_for(rows)
    assert list(scale.targets) == [Fraction("99.5"), Fraction("99.9")]
    assert scale.base == 99


@pytest.mark.parametrize(
    ("tag", "month", "day", "cause"),
    [
        ("en", "November 2026", "the last 24 hours", "Not explained"),
        ("fr", "novembre 2026", "les dernières 24 heures", "Non expliquée"),
        ("zh", "2026年11月", "最近 24 小时", "未说明"),
    ],
)
def test_periods_and_causes_are_said_in_the_readers_language(tag: str, month: str, day: str, cause: str) -> None:
    said = functions(language(tag))
    assert [said["period_in"]("2026-11"), said["period_in"]("24h")] == [month, day]
    assert said["cause_in"]("unknown") == cause


@pytest.mark.parametrize(
    ("name", "english", "spanish"),
    [
        ("2026-Q4", "Q4 2026", "T4 2026"),
        ("2026", "2026", "2026"),
        ("2026-2027", "2026–2027", "2026–2027"),
        ("90d", "the last 90 days", "los últimos 90 días"),
        ("1d", "the last day", "el último día (1)"),
        ("2026-10-01T00:00:00Z/2026-10-02T00:00:00Z",) * 3,
        ("2026-13",) * 3,
        ("0000-12",) * 3,
    ],
)
def test_the_periods_of_reports_and_objectives_are_said_too(name: str, english: str, spanish: str) -> None:
    assert [functions(language(tag))["period_in"](name) for tag in ("en", "es")] == [english, spanish]
