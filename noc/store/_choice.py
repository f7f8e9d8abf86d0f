"""Which resolution a query is answered from: one rule for every store that keeps roll-ups. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from noc.model.series import WHOLE, WIDTHS, Resolution, SeriesQuery

RAW_UP_TO: Final = timedelta(days=1)
"""Up to this length numbers are worked out from those that were stored, exact to the edges of the range."""


def resolution_for(query: SeriesQuery, kept: Mapping[Resolution, timedelta], now: datetime) -> Resolution:
    """Return what to answer from.

    kept: how long each is kept; with `raw`, without the roll-ups that a store doesn't make. Short ranges and numbers as
    they were stored come from these. Else it is the coarsest roll-up that makes whole steps of the query and reaches
    back to its start. Where none of these does, the finest that reaches back stands in with longer steps, and where
    nothing reaches back, what is kept longest.
    """
    able = [one for one in kept if one != "1h" or "p95" not in query.aggregates or query.step is None]
    reaching = [one for one in able if now - kept[one] <= query.start]
    if query.step is None or (query.stop - query.start <= RAW_UP_TO and "raw" in reaching):
        return "raw"
    fine_first = sorted(reaching or [max(able, key=lambda one: kept[one])], key=_width)
    fitting = [one for one in fine_first if _makes(query.step, one)]
    return fitting[-1] if fitting else fine_first[0]


def step_from(query: SeriesQuery, resolution: Resolution) -> timedelta | None:
    """Return the step of an answer: as asked, or that of a roll-up that stands in for what is finer."""
    step = query.step
    if step is None or _makes(step, resolution):
        return step
    return max(WIDTHS[resolution], -(-step // WIDTHS[resolution]) * WIDTHS[resolution])


def _makes(step: timedelta, resolution: Resolution) -> bool:
    return resolution == "raw" or step == WHOLE or not step % WIDTHS[resolution]


def _width(resolution: Resolution) -> timedelta:
    return WIDTHS.get(resolution, timedelta(0))
