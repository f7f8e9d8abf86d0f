"""The highest of a fleet and the last of a site, from memory: the same as reading every series would say."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.samples import Samples
from noc.model.series import WHOLE, Aggregate, LatestQuery, Ranked, SeriesQuery, TopAnswer, TopQuery
from noc.store._answers import ranked
from noc.store.embedded import fleet
from noc.store.embedded import query as queries
from noc.store.embedded.engine import CUT_AFTER_MS, Engine
from tests.examples import at_least
from tests.unit.noc.store.embedded.rows import BEGIN, NOW, opened, write

MINUTE = timedelta(minutes=1)
AGGREGATES: tuple[Aggregate, ...] = ("mean", "min", "max", "last", "count")


def poll(device: int, minute: float, *values: float | None) -> Samples:
    """Return a poll of as many interfaces as there are values."""
    rows = tuple((f"d{device}", f"s{device % 3}", f"Gi{port}") for port in range(len(values)))
    fields = tuple((1.0, value) for value in values)
    return Samples("interface", BEGIN + minute * MINUTE, ("device", "site", "ifName"), ("up", "bps"), rows, fields)


def top(engine: Engine, aggregate: Aggregate, count: int = 3, **where: str) -> TopAnswer:
    asked = TopQuery("interface", "bps", where, BEGIN, BEGIN + 15 * MINUTE, aggregate, count)
    found = fleet.top(asked, engine.recent)
    assert found is not None
    return found


def by_reading(engine: Engine, aggregate: Aggregate, count: int = 3, **where: str) -> TopAnswer:
    asked = TopQuery("interface", "bps", where, BEGIN, BEGIN + 15 * MINUTE, aggregate, count)
    query = SeriesQuery("interface", ("bps",), where, asked.start, asked.stop, WHOLE, (aggregate,))
    found = queries.read(query, engine.source, BEGIN).series
    return ranked([Ranked(one.tags, one.values[0]) for one in found], asked)


numbers = st.none() | st.integers(-3, 3).map(float)
polls = st.lists(
    st.builds(poll, st.integers(0, 5), st.integers(-2, 16).map(float), numbers, numbers), min_size=1, max_size=12
)


@at_least(40)
@given(batches=st.lists(polls, min_size=1, max_size=4))
def test_it_says_what_reading_says(batches: Sequence[Sequence[Samples]]) -> None:
    with tempfile.TemporaryDirectory() as name, opened(Path(name)) as engine:
        for batch in batches:
            write(engine, batch, NOW)
        for aggregate in AGGREGATES:
            found, expected = top(engine, aggregate), by_reading(engine, aggregate)
            assert found.compared == expected.compared
            assert [one.tags for one in found.items] == [one.tags for one in expected.items]
            assert [one.value for one in found.items] == pytest.approx([one.value for one in expected.items])


def test_what_was_just_cut_still_counts_and_nothing_counts_twice(tmp_path: Path) -> None:
    with opened(tmp_path) as engine:
        write(engine, [poll(device, minute, float(device)) for minute in range(5) for device in range(9)], NOW)
        while engine.tick(NOW + CUT_AFTER_MS) is not None:
            pass
        assert engine.tally.chunks == 9
        # The clock of the store is two hours on, so that nothing of before is kept: as after a restart.
        assert engine.forgotten_ms == NOW + 4 * 60_000
    with opened(tmp_path) as engine:
        assert engine.forgotten_ms == NOW + 4 * 60_000
        write(engine, [poll(device, 5 + minute, float(device)) for minute in range(3) for device in range(9)], NOW)
        engine._freeze()
        while engine._frozen:
            engine.tick(NOW + 8 * 60_000)
        write(engine, [poll(device, 7, 100.0) for device in range(2)], NOW)  # once more, and other numbers
        write(engine, [poll(device, 8, 2.0) for device in range(9)], NOW)
        assert len(engine.recent) == 2
        after = TopQuery("interface", "bps", {}, BEGIN + 5 * MINUTE, BEGIN + 15 * MINUTE, "mean", 2)
        found = fleet.top(after, engine.recent)
        assert found is not None
        assert [(one.tags["device"], one.value) for one in found.items] == [
            ("d1", (1.0 + 1.0 + 100.0 + 2.0) / 4),
            ("d0", (0.0 + 0.0 + 100.0 + 2.0) / 4),
        ]


def test_tags_narrow_the_fleet(tmp_path: Path) -> None:
    with opened(tmp_path) as engine:
        write(engine, [poll(device, 1, float(device), None) for device in range(9)], NOW)
        found = top(engine, "max", 2, site="s1")
        assert [one.tags["device"] for one in found.items] == ["d7", "d4"]
        assert found.compared == 3
        assert top(engine, "max", 2, site="s1", ifName="Gi1").compared == 0


def test_the_last_numbers_of_a_site(tmp_path: Path) -> None:
    with opened(tmp_path) as engine:
        write(engine, [poll(device, minute, minute + device) for minute in (1, 3, 2) for device in range(6)], NOW)
        write(engine, [poll(1, 4, None)], NOW)
        asked = LatestQuery({"site": "s1"}, BEGIN, BEGIN + 15 * MINUTE)
        found = list(fleet.answer(fleet.latest(asked, engine.recent)))
        assert [(one.tags["device"], one.field, one.value, one.time_ms - NOW) for one in found] == [
            ("d1", "bps", 4.0, 180_000),
            ("d1", "up", 1.0, 240_000),
            ("d4", "bps", 7.0, 180_000),
            ("d4", "up", 1.0, 180_000),
        ]


def test_a_restart_after_a_cut_forgets_nothing_of_the_last_minutes(tmp_path: Path) -> None:
    now = NOW + 30 * 60_000
    with opened(tmp_path) as engine:
        for minute in range(30):
            batch = [poll(device, minute, float(device), float(minute)) for device in range(9)]
            write(engine, batch, NOW + minute * 60_000)
        engine._freeze()
        while engine.tick(now) is not None:
            pass
        assert list((tmp_path / "log").glob("*.kept"))
    asked = TopQuery("interface", "bps", {}, BEGIN + 15 * MINUTE, BEGIN + 30 * MINUTE, "max", 2)
    with opened(tmp_path) as engine:
        assert engine.forgotten_ms is not None
        assert engine.forgotten_ms < NOW + 15 * 60_000
        found = fleet.top(asked, engine.recent)
        assert found is not None
        assert [(one.tags["device"], one.value) for one in found.items] == [("d0", 29.0), ("d1", 29.0)]
        query = SeriesQuery("interface", ("bps",), {"device": "d1"}, BEGIN, BEGIN + 60 * MINUTE)
        first, _ = queries.read(query, engine.source, BEGIN).series
        assert len(first.values) == 30
        write(engine, [poll(0, 31, 5.0)], now)
        while engine.tick(NOW + 3 * 3_600_000) is not None:
            pass
        assert engine.forgotten_ms is not None
        assert engine.forgotten_ms > NOW + 20 * 60_000
        assert not list((tmp_path / "log").glob("*.kept"))
    with opened(tmp_path) as engine:
        assert len(queries.read(query, engine.source, BEGIN).series[0].values) == 30


def test_a_copy_of_what_was_cut_that_is_damaged_is_not_believed(tmp_path: Path) -> None:
    now = NOW + 30 * 60_000
    with opened(tmp_path) as engine:
        for minute in range(30):
            write(engine, [poll(device, minute, float(device), float(minute)) for device in range(9)], now)
        engine._freeze()
        while engine.tick(now) is not None:
            pass
    (kept,) = (tmp_path / "log").glob("*.kept")
    data = bytearray(kept.read_bytes())
    data[len(data) // 2] ^= 1
    kept.write_bytes(data)
    with opened(tmp_path) as engine:
        assert not kept.exists()
        assert engine.forgotten_ms is not None
        assert engine.forgotten_ms >= NOW + 29 * 60_000  # so the chunks are asked, which have all
        query = SeriesQuery("interface", ("bps",), {"device": "d1"}, BEGIN, BEGIN + 60 * MINUTE)
        first, _ = queries.read(query, engine.source, BEGIN).series
        assert len(first.values) == 30
