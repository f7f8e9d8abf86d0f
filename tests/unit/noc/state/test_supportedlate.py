"""A restatement is named that calls known what nobody saw, and has too few results for it."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Mapping, Sequence

import pytest

from noc.model.coverage import HOUR_MS, CoverageColumns
from noc.model.restatement import Restatement
from noc.model.transition import Status
from noc.state.hours import pack
from noc.state.supportedlate import unsupported_late

START = 1_772_323_200_000
NAMES = ("device/a", "device/b")


def covered(counts: Mapping[int, Sequence[int]]) -> sqlite3.Connection:
    """Return hours of coverage. counts: by hour, how many results of each device; one speaks for 180 s."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE coverage (hour_ms INTEGER, poller TEXT, body BLOB)")
    named = None
    for hour, count in counts.items():
        stale = array("I", [180_000 if one else 0 for one in count])
        zeros = array("I", [0] * len(NAMES))
        columns = CoverageColumns(START + hour * HOUR_MS, NAMES, zeros, zeros, array("I", count), zeros, zeros, stale)
        body = pack(columns, named)
        named = named or columns.start_ms
        connection.execute("INSERT INTO coverage VALUES (?, ?, ?)", (columns.start_ms, "poller/hq", body))
    return connection


def restated(results: int, *states: tuple[int, Status], entity: str = "device/a", hours: int = 6) -> Restatement:
    begins = tuple((START + minute * 60_000, status) for minute, status in states)
    end_ms = START + 30 * 60_000 + hours * HOUR_MS
    return Restatement(entity, begins[0][0], end_ms, begins, end_ms, "icmp", "far", results, "ab")


CUT_OFF = {0: (30, 60), **dict.fromkeys(range(1, 6), (0, 60)), 6: (30, 60), 7: (60, 60)}
"""Nothing was seen of device/a from half past the first hour on, for six hours."""


@pytest.mark.parametrize(
    ("restatement", "missing_h"),
    [
        (restated(360, (30, "up")), None),
        (restated(120, (30, "up")), None),
        (restated(20, (30, "up")), 5),
        (restated(20, (30, "up"), (200, "down"), (201, "up")), 5),
        (restated(20, (30, "up"), (65, "unknown")), None),
        (restated(20, (30, "unknown"), (300, "up")), None),
        (restated(20, (30, "up"), entity="device/b"), None),
        (restated(0, (30, "up"), entity="service/s"), None),
    ],
)
def test_hours_that_nobody_saw_need_results(restatement: Restatement, missing_h: int | None) -> None:
    connection = covered(CUT_OFF)
    faults = list(unsupported_late(connection, {7: restatement}))
    connection.close()
    assert len(faults) == (missing_h is not None)
    if missing_h is not None:
        assert faults[0].startswith(f"the restatement of record 7 calls device/a known for {missing_h} h after")


def test_an_hour_that_is_damaged_accuses_nobody() -> None:
    connection = covered(CUT_OFF)
    connection.execute("UPDATE coverage SET body = zeroblob(30) WHERE hour_ms BETWEEN ? AND ?", (START + 1, START * 2))
    assert list(unsupported_late(connection, {7: restated(0, (30, "up"))})) == []
    connection.close()
