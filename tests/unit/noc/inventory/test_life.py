"""How old devices are: past, within, unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.inventory.entities import Device
from noc.inventory.life import Band, by_class, life_of, total
from tests.things import device, watch


def aged(installed: str | None, years: int | None, support: str | None = None, name: str = "d") -> Device:
    made = device(name, watched=watch(useful_life=years))
    day = None if installed is None else date.fromisoformat(installed)
    return replace(made, installed=day, end_of_support=None if support is None else date.fromisoformat(support))


@pytest.mark.parametrize(
    ("one", "state", "ends"),
    [
        (aged("2019-06-30", 7), "within", "2026-06-30"),
        (aged("2019-06-29", 7), "past", "2026-06-29"),
        (aged("2020-02-29", 5), "past", "2025-03-01"),
        (aged("2025-01-01", 7, "2026-06-28"), "past", "2032-01-01"),
        (aged("2025-01-01", 7, "2026-06-29"), "within", "2032-01-01"),
        (aged(None, 7, "2026-06-28"), "past", None),
        (aged(None, None, "2027-01-01"), "within", None),
        (aged(None, 7), "unknown", None),
        (aged("2001-01-01", None), "unknown", None),
        (aged("9990-01-01", 100), "unknown", None),
    ],
)
def test_states(one: Device, state: str, ends: str | None) -> None:
    life = life_of(one, date(2026, 6, 29))
    assert (life.state, life.ends) == (state, None if ends is None else date.fromisoformat(ends))


@given(st.dates(max_value=date(9000, 1, 1)), st.integers(1, 100))
def test_the_first_day_past_is_the_anniversary(installed: date, years: int) -> None:
    one = replace(aged(None, years), installed=installed)
    ends = life_of(one, installed).ends
    assert ends is not None
    assert life_of(one, ends).state == "past"
    assert life_of(one, ends - timedelta(days=1)).state == "within"
    assert ends.year == installed.year + years


def test_classes_are_counted_and_unknown_is_one_of_the_states() -> None:
    switch = replace(aged("2010-01-01", 5), device_class="switch")
    devices = [switch, aged("2010-01-01", 5), aged("2025-01-01", 5), aged(None, None), aged(None, None)]
    rows = by_class(life_of(one, date(2026, 6, 29)) for one in devices)
    assert [(row.device_class, row.devices, row.past, row.within, row.unknown) for row in rows] == [
        ("switch", 1, 1, 0, 0),
        ("router", 4, 1, 1, 2),
    ]
    assert (rows[1].past_pct, rows[1].past_at_most_pct) == (25, 75)
    whole = total(rows)
    assert (whole.devices, whole.past_pct, whole.past_at_most_pct) == (5, Fraction(40), Fraction(80))
    assert total([]).past_pct is None


@pytest.mark.parametrize(
    ("one", "left", "band"),
    [
        (aged("2016-06-29", 7), -1096, "long-past"),
        (aged("2016-06-30", 7), -1095, "past"),
        (aged("2019-06-29", 7), 0, "past"),
        (aged("2019-06-30", 7), 1, "year"),
        (aged("2020-06-29", 7), 365, "year"),
        (aged("2020-06-30", 7), 366, "three-years"),
        (aged("2022-06-30", 7), 1097, "more"),
        (aged("2024-01-01", 7, "2026-06-28"), 0, "past"),
        (aged("2024-01-01", 7, "2026-06-29"), 1, "year"),
        (aged(None, None, "9999-12-31"), None, "unknown"),
        (aged(None, 7), None, "unknown"),
    ],
)
def test_how_much_useful_life_is_left(one: Device, left: int | None, band: Band) -> None:
    life = life_of(one, date(2026, 6, 29))
    assert (life.left_days(date(2026, 6, 29)), life.band(date(2026, 6, 29))) == (left, band)
    assert (band in ("long-past", "past")) is (life.state == "past")
