"""Which resolution a query is answered from: one rule for every store that keeps roll-ups. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from noc.model.instants import EPOCH
from noc.model.series import WHOLE, WIDTHS, Resolution, SeriesQuery

WORTH_FROM: Final[Mapping[Resolution, timedelta]] = MappingProxyType({
    "5m": timedelta(days=2),
    "1h": timedelta(days=10),
})  # fmt: skip
"""How long a range must be for roll-ups to be read sooner than raw numbers. Shorter ones are exact to their edges."""

_NONE: Final = timedelta(0)


def resolution_for(query: SeriesQuery, kept: Mapping[Resolution, timedelta], now: datetime) -> Resolution:
    """Return what to answer from.

    kept: how far back each reaches, `raw` and the roll-ups that a store has made. Where raw numbers reach back to the
    start, a roll-up is taken for a long range alone, and only if the answer is the same: its steps are whole roll-ups.
    Where they don't, it is the coarsest roll-up that reaches back and fits the step, else the finest that reaches back,
    with longer steps, else what reaches furthest.
    """
    able = sorted((one for one in kept if _can(query, one)), key=_width)
    reaching = [one for one in able if now - kept[one] <= query.start]
    if "raw" in reaching or query.step is None:
        worth = [one for one in reaching if _is_whole(query, one) and query.stop - query.start >= WORTH_FROM[one]]
        return worth[-1] if worth else "raw"
    if not reaching:
        return max(able, key=lambda one: kept[one])
    fitting = [one for one in reaching if _makes(query.step, one)]
    return fitting[-1] if fitting else reaching[0]


def step_from(query: SeriesQuery, resolution: Resolution) -> timedelta | None:
    """Return the step of an answer: as asked, or the next longer one that a roll-up makes."""
    step = query.step
    if step is None or _makes(step, resolution):
        return step
    return -(-step // WIDTHS[resolution]) * WIDTHS[resolution]


def _can(query: SeriesQuery, resolution: Resolution) -> bool:
    """Return whether all that is asked for can be told: p95 is of means of five minutes."""
    return resolution != "1h" or "p95" not in query.aggregates or query.step is None


def _is_whole(query: SeriesQuery, resolution: Resolution) -> bool:
    """Return whether roll-ups say what raw numbers say: they make the step, or all of the range."""
    if query.step is None or resolution == "raw":
        return False
    if query.step != WHOLE:
        return _makes(query.step, resolution)
    width = WIDTHS[resolution]
    return not (query.start - EPOCH) % width and not (query.stop - query.start) % width


def _makes(step: timedelta, resolution: Resolution) -> bool:
    return resolution == "raw" or step == WHOLE or not step % WIDTHS[resolution]


def _width(resolution: Resolution) -> timedelta:
    return WIDTHS.get(resolution, _NONE)
