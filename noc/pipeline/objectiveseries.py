"""Objectives to Samples: budgets and burn rates, for charts and for rules. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Final

from noc.availability.objectives import BURN_MS, Standing, left_share
from noc.model.samples import Samples

MEASUREMENT: Final = "noc_objective"
OBJECTIVE_TAGS: Final = ("device", "site", "region")
OBJECTIVE_FIELDS: Final = (
    "target_pct",
    "availability_pct",
    "floor_pct",
    "ceiling_pct",
    "budget_left_s",
    "budget_left_pct",
    *(f"burn_{name}" for name in BURN_MS),
    "forecast_low_pct",
    "forecast_high_pct",
)


def objective_samples(rows: Sequence[tuple[str, Mapping[str, str], Standing]], at: datetime) -> Samples:
    """Return how objectives stand as one table.

    rows: an entity, or `network`; its tags `site` and `region`; how it stands. The tag `device` is whose numbers they
    are: of what is no device the entity itself.
    """
    tags = tuple(
        (name.removeprefix("device/"), context.get("site", ""), context.get("region", "")) for name, context, _ in rows
    )
    values = tuple(_values(one) for _, _, one in rows)
    return Samples(MEASUREMENT, at, OBJECTIVE_TAGS, OBJECTIVE_FIELDS, tags, values)


def _values(one: Standing) -> tuple[float | None, ...]:
    share = left_share(one.budget)
    found = (
        one.target.percent,
        one.so_far.availability_pct,
        one.so_far.floor_pct,
        one.so_far.ceiling_pct,
        Fraction(one.budget.left) / 1000,
        None if share is None else 100 * share,
        *(one.burns.get(name) for name in BURN_MS),
        one.forecast.low_pct,
        one.forecast.high_pct,
    )
    return tuple(None if value is None else float(value) for value in found)
