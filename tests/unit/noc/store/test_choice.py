from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from noc.model.series import WHOLE, Aggregate, Resolution, SeriesQuery
from noc.store._choice import resolution_for, step_from

NOW = datetime(2026, 11, 20, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
KEPT: dict[Resolution, timedelta] = {"raw": 30 * DAY, "5m": 90 * DAY, "1h": 730 * DAY}


def query(
    back: timedelta, length: timedelta, step: timedelta | None, aggregates: tuple[Aggregate, ...] = ("mean",)
) -> SeriesQuery:
    return SeriesQuery("m", ("v",), {}, NOW - back, NOW - back + length, step, aggregates)


@pytest.mark.parametrize(
    ("asked", "resolution", "step"),
    [
        (query(HOUR, HOUR, None), "raw", None),
        (query(60 * DAY, HOUR, None), "raw", None),
        (query(DAY, DAY, HOUR), "raw", HOUR),
        (query(30 * DAY, 10 * DAY, HOUR), "1h", HOUR),
        (query(7 * DAY, 7 * DAY, HOUR), "5m", HOUR),
        (query(7 * DAY, 7 * DAY, 20 * MINUTE), "5m", 20 * MINUTE),
        (query(7 * DAY, 7 * DAY, 7 * MINUTE), "raw", 7 * MINUTE),
        (query(60 * DAY, HOUR, MINUTE), "5m", 5 * MINUTE),
        (query(60 * DAY, HOUR, 7 * MINUTE), "5m", 10 * MINUTE),
        (query(60 * DAY, 30 * DAY, HOUR), "1h", HOUR),
        (query(200 * DAY, DAY, 5 * MINUTE), "1h", HOUR),
        (query(200 * DAY, DAY, 90 * MINUTE), "1h", 2 * HOUR),
        (query(900 * DAY, DAY, HOUR), "1h", HOUR),
        (query(30 * DAY, 30 * DAY, WHOLE), "1h", WHOLE),
        (query(30 * DAY, 30 * DAY, WHOLE, ("p95",)), "5m", WHOLE),
        (query(30 * DAY, 29 * DAY + MINUTE, WHOLE), "raw", WHOLE),
        (query(40 * DAY, 39 * DAY + MINUTE, WHOLE), "1h", WHOLE),
        (query(40 * DAY, DAY, WHOLE), "1h", WHOLE),
        (query(200 * DAY, 200 * DAY, WHOLE, ("max", "p95")), "5m", WHOLE),
    ],
)
def test_what_a_query_is_answered_from(asked: SeriesQuery, resolution: Resolution, step: timedelta | None) -> None:
    assert resolution_for(asked, KEPT, NOW) == resolution
    assert step_from(asked, resolution) == step


def test_a_store_without_rollups_answers_from_what_it_has() -> None:
    assert resolution_for(query(60 * DAY, 60 * DAY, HOUR), {"raw": 30 * DAY}, NOW) == "raw"
