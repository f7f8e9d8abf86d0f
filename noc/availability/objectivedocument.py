"""How an objective stands as plain data, for JSON: percent and minutes, unrounded. Pure."""

from __future__ import annotations

from fractions import Fraction

from noc.availability.figures import Exact
from noc.availability.objectives import Standing, left_share
from noc.availability.periods import Named
from noc.availability.times import format_time

MINUTE_MS = 60_000


def objective_fields(entity: str, one: Standing) -> dict[str, object]:
    """Return all that is said of an objective (docs/objectives.md)."""
    seen, budget, end = one.so_far, one.budget, one.forecast
    return {
        "entity": entity,
        "target_pct": float(one.target.percent),
        "said_of": one.target.said_of,
        "verdict": one.verdict.value,
        "verdict_so_far": one.verdict_so_far.value,
        "adjusted_verdict": one.adjusted_verdict.value,
        "possible": [word.value for word in one.possible],
        "availability_pct": number(seen.availability_pct),
        "adjusted_pct": number(one.adjusted.availability_pct),
        "floor_pct": number(seen.floor_pct),
        "ceiling_pct": number(seen.ceiling_pct),
        "coverage_pct": number(seen.coverage_pct),
        "budget": {
            "allowed_min": minutes(budget.allowed),
            "spent_min": minutes(budget.spent),
            "left_min": minutes(budget.left),
            "left_pct": number(_hundred(left_share(budget))),
            "burn_rate": number(budget.burn_rate),
        },
        "burn": {name: number(rate) for name, rate in one.burns.items()},
        "forecast": {
            "expected_pct": number(end.expected_pct),
            "low_pct": number(end.low_pct),
            "high_pct": number(end.high_pct),
            "history_days": end.days,
        },
    }


def period_fields(named: Named, now: int) -> dict[str, object]:
    """Return the name, zone and ends of a period, and up to when its figures reach."""
    return {
        "name": named.text,
        "unit": named.unit,
        "zone": named.zone,
        "from": format_time(named.period.start),
        "to": format_time(named.period.end),
        "up_to": format_time(min(now, named.period.end)),
    }


def minutes(milliseconds: Exact) -> float:
    """Return milliseconds as minutes."""
    return float(Fraction(milliseconds) / MINUTE_MS)


def number(value: Fraction | None) -> float | None:
    """Return an exact number as JSON has it."""
    return None if value is None else float(value)


def _hundred(share: Fraction | None) -> Fraction | None:
    return None if share is None else 100 * share
