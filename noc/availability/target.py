"""A target for availability: met or missed, and how much of its error budget is spent (docs/availability.md). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from noc.availability.figures import Durations, Exact
from noc.availability.policy import Period


class Verdict(StrEnum):
    """What can be said of a target. Unknown time may leave it open."""

    MET = "met"
    MISSED = "missed"
    NOT_SHOWN = "not shown"


@dataclass(frozen=True, slots=True)
class ErrorBudget:
    """What a target allows to fail and what failed, in milliseconds.

    burn_rate: the share of the budget that is spent / the share of the period that is over; 1 spends it exactly. None
    before the period, and where the budget is nothing.
    """

    allowed: Fraction
    spent: Exact
    burn_rate: Fraction | None

    @property
    def left(self) -> Fraction:
        """What may still fail; negative where the target is broken."""
        return self.allowed - self.spent


def verdict(durations: Durations, target_pct: Exact) -> Verdict:
    """Return whether the target (percent) is met (by the floor), missed (by the ceiling) or neither is shown."""
    floor, ceiling = durations.floor_pct, durations.ceiling_pct
    if floor is not None and floor >= target_pct:
        return Verdict.MET
    if ceiling is not None and ceiling < target_pct:
        return Verdict.MISSED
    return Verdict.NOT_SHOWN


def error_budget(durations: Durations, target_pct: Exact, period: Period, now: int) -> ErrorBudget:
    """Return the budget of a target (percent) over the period.

    durations: over the whole period, what is still to come as unknown. now: in milliseconds.
    """
    allowed = Fraction(100 - target_pct) / 100 * durations.agreed
    elapsed = Fraction(min(max(now, period.start), period.end) - period.start, period.end - period.start)
    burn_rate = durations.failed / allowed / elapsed if allowed and elapsed else None
    return ErrorBudget(allowed, durations.failed, burn_rate)
