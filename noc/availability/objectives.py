"""What is promised of each entity, how much of it is spent, and what is still possible (docs/objectives.md). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from noc.availability.figures import Durations, Exact
from noc.availability.forecast import Forecast, forecast, plus
from noc.availability.policy import Period
from noc.availability.target import ErrorBudget, Verdict, error_budget, verdict

NETWORK: Final = "network"

BY_DEFAULT: Final = Fraction("99.8")

BURN_MS: Final[Mapping[str, int]] = {"1h": 3_600_000, "6h": 6 * 3_600_000, "3d": 72 * 3_600_000}
"""The times up to now over which a burn rate is told."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is promised of an entity, in percent. said_of: where that is said: an entity, `network`, `class field`."""

    percent: Fraction
    said_of: str


@dataclass(frozen=True, slots=True)
class Targets:
    """What is promised. network: also of what `of_entity` doesn't name. zone: where months begin at midnight."""

    network: Target = field(default_factory=lambda: Target(BY_DEFAULT, NETWORK))
    of_entity: Mapping[str, Target] = field(default_factory=dict)
    zone: str = "UTC"

    def of(self, entity: str) -> Target:
        """Return what is promised of an entity, or of the whole network."""
        return self.of_entity.get(entity, self.network)


@dataclass(frozen=True, slots=True)
class Standing:
    """How an objective stands at a moment of its period.

    so_far: from the beginning of the period up to now. to_come: agreed time from now to its end, in milliseconds.
    now: in milliseconds. adjusted: as so_far, without what people corrected. burns: by the names of BURN_MS; None where
    there is no budget or no agreed time.
    """

    target: Target
    period: Period
    now: int
    so_far: Durations
    adjusted: Durations
    to_come: Exact
    burns: Mapping[str, Fraction | None]
    forecast: Forecast

    @property
    def whole(self) -> Durations:
        """Return the durations of the whole period; what is to come is unknown."""
        return plus(self.so_far, Durations(unknown=self.to_come))

    @property
    def verdict(self) -> Verdict:
        """Return what is certain of the whole period, whatever is still to come."""
        return verdict(self.whole, self.target.percent)

    @property
    def verdict_so_far(self) -> Verdict:
        """Return what would be said if the period ended now."""
        return verdict(self.so_far, self.target.percent)

    @property
    def adjusted_verdict(self) -> Verdict:
        """Return what is certain of the whole period without what people corrected."""
        return verdict(plus(self.adjusted, Durations(unknown=self.to_come)), self.target.percent)

    @property
    def possible(self) -> tuple[Verdict, ...]:
        """Return what may still be said at the end: met, missed, not shown, in this order."""
        found = []
        if verdict(plus(self.so_far, Durations(up=self.to_come)), self.target.percent) is Verdict.MET:
            found.append(Verdict.MET)
        if verdict(plus(self.so_far, Durations(down=self.to_come)), self.target.percent) is Verdict.MISSED:
            found.append(Verdict.MISSED)
        # Open with all that is to come unknown: else no way to divide it leaves the verdict open.
        if self.verdict is Verdict.NOT_SHOWN:
            found.append(Verdict.NOT_SHOWN)
        return tuple(found)

    @property
    def budget(self) -> ErrorBudget:
        """Return the error budget of the whole period."""
        return error_budget(self.whole, self.target.percent, self.period, self.now)


def standing(
    target: Target,
    period: Period,
    now: int,
    *,
    so_far: Durations,
    adjusted: Durations,
    agreed: Exact,
    burns: Mapping[str, Durations],
    days: Sequence[Durations] = (),
    days_to_come: int = 0,
) -> Standing:
    """Return how an objective stands.

    agreed: time of the whole period, in milliseconds. burns: durations of the times of BURN_MS. days, days_to_come: as
    for `forecast`.
    """
    to_come = max(agreed - so_far.agreed, 0)
    return Standing(
        target=target,
        period=period,
        now=now,
        so_far=so_far,
        adjusted=adjusted,
        to_come=to_come,
        burns={name: burn(durations, target.percent) for name, durations in burns.items()},
        forecast=forecast(so_far, to_come, days, days_to_come),
    )


def burn(durations: Durations, target_pct: Exact) -> Fraction | None:
    """Return how fast the budget is spent over a time: 1 spends exactly all of it if it goes on for the whole period.

    None where the target leaves no budget, or no time was agreed.
    """
    allowed = Fraction(100 - target_pct) / 100 * durations.agreed
    return Fraction(durations.failed) / allowed if allowed else None


def worst_first(standings: Iterable[tuple[str, Standing]]) -> list[tuple[str, Standing]]:
    """Return standings by the share of the budget that is left, the least first; those without a budget last."""

    def order(named: tuple[str, Standing]) -> tuple[bool, float, str]:
        budget = named[1].budget
        share = left_share(budget)
        return (share is None, 0.0 if share is None else float(share), named[0])

    return sorted(standings, key=order)


def left_share(budget: ErrorBudget) -> Fraction | None:
    """Return which share of a budget is left; negative where more is spent; None where there is no budget."""
    return Fraction(budget.left) / budget.allowed if budget.allowed else None
