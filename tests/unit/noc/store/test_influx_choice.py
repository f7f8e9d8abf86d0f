"""Which resolution answers a query."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from noc.model.instants import to_ms
from noc.model.series import WHOLE, Resolution, SeriesQuery
from noc.store._choice import resolution_for
from noc.store._retention import Retention
from noc.store.influx.choice import RolledRange, made_of, reach

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
KEEPING = Retention(classes={})
SINCE = RolledRange(to_ms(NOW - 700 * DAY), to_ms(NOW - HOUR))
MEANS = SeriesQuery("interface", ("in_bps",), {"device": "d"}, NOW - DAY, NOW, HOUR)


def choose(query: SeriesQuery, keeping: Retention, rolled: RolledRange, now: datetime) -> Resolution:
    return resolution_for(query, reach(keeping, rolled, now), now)


@pytest.mark.parametrize(
    ("days", "step", "resolution"),
    [
        (1, None, "raw"),
        (1, 5 * MINUTE, "raw"),
        (3, 5 * MINUTE, "5m"),
        (3, 7 * MINUTE, "raw"),
        (29, None, "raw"),
        (29, 5 * MINUTE, "5m"),
        (29, HOUR, "1h"),
        (29, DAY, "1h"),
        (29, WHOLE, "1h"),
        (60, None, "raw"),
        (60, MINUTE, "5m"),
        (200, 5 * MINUTE, "1h"),
    ],
)
def test_long_ranges_and_old_ones_come_from_roll_ups(days: int, step: timedelta | None, resolution: Resolution) -> None:
    query = replace(MEANS, start=NOW - days * DAY, step=step)
    assert choose(query, KEEPING, SINCE, NOW) == resolution


def test_a_range_that_begins_before_all_roll_ups_is_raw() -> None:
    begun = RolledRange(to_ms(NOW - 2 * DAY), to_ms(NOW - HOUR))
    assert choose(replace(MEANS, start=NOW - 20 * DAY), KEEPING, begun, NOW) == "raw"
    assert choose(replace(MEANS, start=NOW - 40 * DAY), KEEPING, begun, NOW) == "raw"
    assert choose(replace(MEANS, start=NOW - 20 * DAY), KEEPING, RolledRange(), NOW) == "raw"


def test_a_percentile_is_never_told_from_hours() -> None:
    query = replace(MEANS, start=NOW - 20 * DAY, step=DAY, aggregates=("p95",))
    assert choose(query, KEEPING, SINCE, NOW) == "5m"


def test_what_is_kept_no_longer_than_raw_numbers_is_not_made() -> None:
    keeping = Retention(raw=100 * DAY, five_minutes=90 * DAY, hourly=730 * DAY, classes={})
    assert made_of(keeping) == ["1h"]
    assert made_of(Retention(raw=800 * DAY, classes={})) == []
    assert choose(replace(MEANS, start=NOW - 120 * DAY, step=MINUTE), keeping, SINCE, NOW) == "1h"
