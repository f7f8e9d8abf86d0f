"""The highest of a fleet, found by the bounds of steps: exactly what reading every series says, and few are read."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.samples import Samples
from noc.model.series import Aggregate, Ranked, Series, TopAnswer, TopQuery
from noc.store._answers import ranked, whole_range
from noc.store._retention import ClassRetention, Retention
from noc.store.embedded.engine import Engine
from noc.store.embedded.query import read
from noc.store.embedded.shortlist import Shortlist, shortlist
from noc.store.embedded.wanted import wanted_of
from tests.unit.noc.store.embedded.rows import BEGIN, NOW, cut_all, opened, write

MINUTE = timedelta(minutes=1)
SOON = BEGIN + timedelta(hours=8)
AGGREGATES: tuple[Aggregate, ...] = ("mean", "min", "max", "last")
ORDERS: tuple[Literal["highest", "lowest"], ...] = ("highest", "lowest")


def poll(device: int, minute: float, *values: float | None, first: int = 0) -> Samples:
    """Return a poll of as many interfaces as there are values."""
    rows = tuple((f"d{device}", f"s{device % 3}", f"Gi{port}") for port in range(first, first + len(values)))
    fields = tuple((1.0, value) for value in values)
    return Samples("interface", BEGIN + minute * MINUTE, ("device", "site", "ifName"), ("up", "bps"), rows, fields)


def asked(begin: float = 0, end: float = 15, aggregate: Aggregate = "mean", count: int = 3, **where: str) -> TopQuery:
    return TopQuery("interface", "bps", where, BEGIN + begin * MINUTE, BEGIN + end * MINUTE, aggregate, count)


def few(engine: Engine, query: TopQuery) -> Shortlist | None:
    return shortlist(query, wanted_of(whole_range(query), engine.source, SOON), engine.source)


def by_few(engine: Engine, query: TopQuery) -> TopAnswer:
    """Answer as the store does."""
    found = few(engine, query)
    assert found is not None
    series: list[Series] = []
    done = 0
    while some := found.after(done, query, series):
        series += read(whole_range(query), engine.source, SOON, some).series
        done += len(some)
    return found.answer(query, series)


def by_reading(engine: Engine, query: TopQuery) -> TopAnswer:
    found = read(whole_range(query), engine.source, SOON).series
    return ranked([Ranked(one.tags, one.values[0]) for one in found], query)


def cut(engine: Engine) -> None:
    """Have all that is in memory in chunks."""
    engine._freeze()
    cut_all(engine, NOW + 600_000)


numbers = st.none() | st.integers(-3, 3).map(float) | st.sampled_from([0.1, 1e300, -1e300, 1e15, 1e-300, 33.3])
minutes = st.integers(-12, 30).map(lambda half: half / 2) | st.sampled_from([119.9, 120.0, 124.99])
polls = st.builds(poll, st.integers(0, 5), minutes, numbers, numbers) | st.builds(
    poll, st.integers(0, 5), minutes, numbers, first=st.integers(0, 2)
)
edges = st.tuples(st.floats(-7, 16), st.floats(-7, 16) | st.floats(110, 130)).map(sorted)


@given(
    batches=st.lists(st.lists(polls, min_size=1, max_size=12), min_size=1, max_size=5),
    cuts=st.lists(st.booleans(), min_size=5, max_size=5),
    edge=st.just([0.0, 15.0]) | edges,
    count=st.integers(1, 5),
    aggregate=st.sampled_from(AGGREGATES),
)
def test_it_says_exactly_what_reading_says(
    batches: Sequence[Sequence[Samples]], cuts: Sequence[bool], edge: Sequence[float], count: int, aggregate: Aggregate
) -> None:
    with tempfile.TemporaryDirectory() as name, opened(Path(name)) as engine:
        for batch, is_cut in zip(batches, cuts, strict=False):
            write(engine, batch, NOW)
            if is_cut:
                cut(engine)
        for order in ORDERS:
            query = replace(asked(*edge, aggregate, count), order=order)
            assert by_few(engine, query) == by_reading(engine, query)


def test_few_are_read(tmp_path: Path) -> None:
    with opened(tmp_path) as engine:
        for minute in range(60):
            write(engine, [poll(device, minute, float(device * 100 + minute)) for device in range(300)], NOW)
        cut(engine)
        for begin in (15, 17.4):
            found = few(engine, asked(begin, begin + 15))
            assert found is not None
            assert {"d299", "d298", "d297"} <= set(found.devices)
            assert len(found.devices) < 6
            assert found.sure.size == 300


def test_of_those_that_are_equal_the_first_by_tags_are_read(tmp_path: Path) -> None:
    with opened(tmp_path) as engine:
        for minute in range(20):
            batch = [poll(device, minute, 7.0 if device == 123 else 0.0) for device in range(200)]
            write(engine, batch, NOW)
        cut(engine)
        query = asked(3.3, 18.3, "max")
        found = few(engine, query)
        assert found is not None
        assert found.devices == ["d123", "d0", "d1", "d10"]
        assert by_few(engine, query) == by_reading(engine, query)


def test_tags_narrow_the_fleet(tmp_path: Path) -> None:
    with opened(tmp_path) as engine:
        for minute in range(20):
            write(engine, [poll(device, minute, float(device), 1.0) for device in range(9)], NOW)
        cut(engine)
        write(engine, [poll(8, 20, 3.0, 4.0)], NOW)
        for where in ({"ifName": "Gi0"}, {"ifName": "Gi1"}, {"site": "s1", "ifName": "Gi0"}, {"site": "nowhere"}):
            query = asked(0, 25, "mean", 2, **where)
            assert by_few(engine, query) == by_reading(engine, query)


def test_what_is_merged_and_what_comes_late_is_told_too(tmp_path: Path) -> None:
    day = 24 * 60
    with opened(tmp_path) as engine:
        for minute in range(60):
            write(engine, [poll(device, minute, float(device)) for device in range(30)], NOW)
        cut(engine)
        cut_all(engine, NOW + 3 * 86_400_000)
        file = engine.shelves.raw.current(NOW // 86_400_000)
        assert file is not None
        assert file.state("merged") == 1
        assert file.summaries.complete()
        assert by_few(engine, asked()) == by_reading(engine, asked())
        write(engine, [poll(3, 7.5, 1000.0)], NOW + day * 60_000)
        assert by_few(engine, asked()).items[0].tags["device"] == "d3"
        cut_all(engine, NOW + 4 * 86_400_000)
        assert by_few(engine, asked()) == by_reading(engine, asked())
        assert by_few(engine, asked()).items[0].tags["device"] == "d3"


def test_a_file_of_an_older_noc_is_read_whole(tmp_path: Path) -> None:
    with opened(tmp_path) as engine:
        write(engine, [poll(device, 1, float(device)) for device in range(9)], NOW)
        cut(engine)
    (path,) = tmp_path.glob("*.db")
    with sqlite3.connect(path) as sql:  # as it was before, and as one that an older noc wrote into later
        sql.execute("DELETE FROM state WHERE key = 'summarised'")
    with opened(tmp_path) as engine:
        assert few(engine, asked()) is None
        write(engine, [poll(device, 2, float(device)) for device in range(9)], NOW)
        cut(engine)
        assert few(engine, asked()) is None


@pytest.mark.parametrize("table", ["summary", "member"])
def test_a_damaged_summary_is_told_and_not_believed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, table: str
) -> None:
    with opened(tmp_path) as engine:
        write(engine, [poll(device, 1, float(device)) for device in range(9)], NOW)
        cut(engine)
    (path,) = tmp_path.glob("*.db")
    column = "data" if table == "summary" else "keys"
    with sqlite3.connect(path) as sql:
        for number, data in sql.execute(f"SELECT id, {column} FROM {table}").fetchall():  # noqa: S608
            changed = bytes([*data[:-1], data[-1] ^ 1])
            sql.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", (changed, number))  # noqa: S608
    with opened(tmp_path) as engine:
        assert few(engine, asked()) is None
        assert "has damaged summaries, the whole fleet is read instead" in caplog.text
        assert few(engine, asked()) is None


def test_cutting_that_was_killed_half_way_is_told_once(tmp_path: Path) -> None:
    with opened(tmp_path) as engine:
        for minute in range(15):
            write(engine, [poll(device, minute, float(device)) for device in range(600)], NOW)
        cut(engine)
        expected = by_reading(engine, asked())
        file = engine.shelves.raw.current(NOW // 86_400_000)
        assert file is not None
        shapes = [(told.begin, told.cells.count.shape) for told in file.summaries.told("interface", "bps", 0, 287)]
    again = Path(tmp_path / "again")
    with opened(again) as engine:
        for minute in range(15):
            write(engine, [poll(device, minute, float(device)) for device in range(600)], NOW)
        engine._freeze()
        engine.tick(NOW)
    for _ in range(3):
        with opened(again) as engine:
            assert by_few(engine, asked()) == expected
            engine.tick(NOW)
    with opened(again) as engine:
        cut_all(engine, NOW)
        file = engine.shelves.raw.current(NOW // 86_400_000)
        assert file is not None
        told = list(file.summaries.told("interface", "bps", 0, 287))
        assert [(one.begin, one.cells.count.shape) for one in told] == shapes
        assert by_few(engine, asked()) == expected


def test_classes_that_are_kept_no_longer_are_not_counted(tmp_path: Path) -> None:
    kept = Retention(raw=timedelta(days=30), classes={"switch": ClassRetention(raw=timedelta(days=2))})
    engine = Engine(tmp_path, kept, 64 * 1024 * 1024)
    engine.open()
    for minute in range(3):
        for device in range(6):
            (own,) = (poll(device, minute, float(device)),)
            tags = (*own.tags[0], "switch" if device % 2 else "router")
            write(engine, [replace(own, tag_keys=(*own.tag_keys, "device_class"), tags=(tags,))], NOW)
    cut(engine)
    assert by_few(engine, asked()).compared == 6
    cut_all(engine, NOW + 5 * 86_400_000)
    assert few(engine, asked()) is not None
    assert by_few(engine, asked()).compared == 3
    assert by_few(engine, asked()) == by_reading(engine, asked())
    engine.close()
