"""What of the way of samples people must hear of: concerns of noc/app/selfwatch.py."""

from __future__ import annotations

from typing import Final

from alerts.rules.made import MADE
from noc.app.selfwatch import Concern, Grown
from noc.app.series import Series
from noc.clock import Clock

AWAY_S: Final = 180.0
REFUSED_S: Final = 30.0
UNWRITTEN_S: Final = 60.0
SHED_WITHIN_S: Final = 600.0
FULL: Final = 0.8
"""Of its budget the spool may take so much while the store is away, before people hear of it."""


def series_concerns(series: Series, clock: Clock) -> tuple[Concern, ...]:
    """Return them. What the store says of itself is told as it says it: the sentence says what to do."""
    drain, spool = series.drain, series.spool
    shed = Grown(clock, lambda: spool.tally.shed.batches, SHED_WITHIN_S)

    def shedding() -> str | None:
        number = shed.lately()
        return f"{number:,} batches of time series were shed for want of room: {_room(series)}" if number else None

    def filling() -> str | None:
        share = spool.size / spool.budget_bytes
        if drain.failing is None or share < FULL:
            return None
        return f"the spool has {share:.0%} of its budget; beyond it the oldest time series are shed: {_room(series)}"

    return (
        Concern(MADE["store-refuses"], "major", REFUSED_S, lambda: drain.failing if drain.refused else None),
        Concern(MADE["store-away"], "major", AWAY_S, lambda: None if drain.refused else drain.failing),
        Concern(MADE["spool-unwritten"], "major", UNWRITTEN_S, lambda: spool.failing),
        Concern(MADE["spool-fills"], "major", 0.0, filling),
        Concern(MADE["spool-sheds"], "critical", 0.0, shedding),
    )


def _room(series: Series) -> str:
    if series.spool.failing:
        return series.spool.failing
    return f"see to the store ({series.drain.failing or 'it is too slow'}), or raise spool: budget"
