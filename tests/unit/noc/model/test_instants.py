"""Moments as whole numbers: exact, rounded down, and the same way back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.instants import from_ms, length_ms, to_ms, to_s


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_there_and_back_is_exact(milliseconds: int) -> None:
    assert to_ms(from_ms(milliseconds)) == milliseconds


def test_what_is_finer_is_rounded_down_and_zones_count() -> None:
    assert to_ms(datetime(1970, 1, 1, 0, 0, 1, 1_999, UTC)) == 1_001
    assert to_ms(datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC)) == -1
    assert to_ms(datetime(1970, 1, 1, 3, tzinfo=timezone(timedelta(hours=3)))) == 0
    assert to_s(datetime(1970, 1, 1, 0, 0, 1, 500_000, UTC)) == 1.5
    assert length_ms(timedelta(seconds=2, microseconds=999)) == 2_000


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(TypeError):
        to_ms(datetime(2026, 1, 1))  # noqa: DTZ001 that is the point


def test_nobody_else_converts() -> None:
    root = Path(__file__).parents[4]
    pattern = re.compile(r"datetime\(1970, 1, 1|timedelta\((milli|micro)seconds=1\)|fromtimestamp\(|\.timestamp\(\)")
    modules = [path for room in ("noc", "alerts", "collectors") for path in (root / room).rglob("*.py")]
    found = [
        str(path.relative_to(root))
        for path in modules
        if "node_modules" not in path.parts and pattern.search(path.read_text())
    ]
    assert found == ["noc/model/instants.py"]
