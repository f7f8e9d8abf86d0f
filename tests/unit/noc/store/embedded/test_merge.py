from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from noc.store.embedded import cut, merge
from noc.store.embedded.engine import CUT_AFTER_MS, MERGE_PAUSE_S, Engine
from tests.unit.noc.store.embedded.rows import DAY_MS, LATER, NOW, cut_all, day_files, opened, row, values, write

FIRST = "2026-11-20.db"
NEXT_NIGHT = NOW + DAY_MS
LINE = [(minute / 2, minute * 1.5) for minute in range(200)]


def chunks(folder: Path) -> int:
    sql = sqlite3.connect(folder / FIRST)
    (count,) = sql.execute("SELECT count(*) FROM chunk").fetchone()
    sql.close()
    return int(count)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with a line of numbers in ten chunks, for each of two devices; half of it is in the second day."""
    with opened(tmp_path) as store:
        for n in range(0, 200, 20):
            write(store, [row(minute, device=d, v=value) for minute, value in LINE[n : n + 20] for d in "de"], NOW)
            cut_all(store)
    assert chunks(tmp_path) == 20
    return tmp_path


def test_a_day_that_is_over_becomes_long_chunks(folder: Path) -> None:
    before = (folder / FIRST).stat().st_size
    with opened(folder) as store:
        cut_all(store, NEXT_NIGHT)
        assert values(store) == values(store, device="e") == LINE
        assert chunks(folder) == 2
        assert (folder / FIRST).stat().st_size <= before
        assert store.tick(NEXT_NIGHT) is None
    assert day_files(folder) == [FIRST]
    assert not list(folder.glob("*.merging*"))
    with opened(folder) as store:
        assert values(store) == LINE
        cut_all(store, NEXT_NIGHT)
        assert chunks(folder) == 2


def test_a_merge_is_in_no_hurry(folder: Path) -> None:
    with opened(folder) as store:
        assert store.tick(NEXT_NIGHT) == MERGE_PAUSE_S


def test_today_is_not_merged(folder: Path) -> None:
    with opened(folder) as store:
        cut_all(store, LATER)
        assert chunks(folder) == 20


def test_late_numbers_after_a_merge_count(folder: Path) -> None:
    with opened(folder) as store:
        cut_all(store, NEXT_NIGHT)
        write(store, [row(0, v=99.0), row(0.1, v=98.0)], NEXT_NIGHT)
        cut_all(store, NEXT_NIGHT + 2 * CUT_AFTER_MS)
        assert values(store)[:3] == [(0.0, 99.0), (0.1, 98.0), LINE[1]]
        assert chunks(folder) == 3


def begin_merge(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Merge the first of two devices."""
    monkeypatch.setattr(merge, "BLOCKS_AT_ONCE", 1)
    assert store.tick(NEXT_NIGHT) == MERGE_PAUSE_S
    assert list(store.folder.glob("*.merging"))


def test_late_numbers_during_a_merge_count(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(folder) as store:
        begin_merge(store, monkeypatch)
        write(store, [row(0, v=99.0)], NEXT_NIGHT)
        cut_all(store, NEXT_NIGHT + 2 * CUT_AFTER_MS)
        assert values(store) == [(0.0, 99.0), *LINE[1:]]
        assert chunks(folder) == 2


def test_a_crash_in_a_merge_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(folder) as store:
        begin_merge(store, monkeypatch)
        monkeypatch.setattr(store._upkeep, "stop", lambda: None)  # as if killed
    assert list(folder.glob("*.merging"))
    with opened(folder) as store:
        assert not list(folder.glob("*.merging"))
        assert values(store) == LINE
        cut_all(store, NEXT_NIGHT)
        assert values(store) == LINE
        assert chunks(folder) == 2


def test_a_stop_in_a_merge_leaves_no_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(folder) as store:
        begin_merge(store, monkeypatch)
    assert not list(folder.glob("*.merging*"))
    assert chunks(folder) == 20


def test_a_day_that_expires_during_its_merge_is_gone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(folder) as store:
        begin_merge(store, monkeypatch)
        cut_all(store, NEXT_NIGHT + 40 * DAY_MS)
    assert list(folder.glob("2026*")) == []


def test_a_day_with_a_damaged_chunk_is_left_as_it_is(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    sql = sqlite3.connect(folder / FIRST)
    sql.execute("UPDATE chunk SET data = zeroblob(20) WHERE id = 1")
    sql.commit()
    sql.close()
    with opened(folder) as store:
        cut_all(store, NEXT_NIGHT)
        cut_all(store, NEXT_NIGHT + DAY_MS)
        assert chunks(folder) == 20
        assert values(store) == LINE[20:]
        assert caplog.text.count("can't be merged") == 1


def test_a_merge_that_fails_is_tried_again_later(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    blocker = folder / "2026-11-20.merging"
    with opened(folder) as store:
        blocker.mkdir()
        cut_all(store, NEXT_NIGHT)
        assert caplog.text.count("can't be merged") == 1
        assert chunks(folder) == 20
        blocker.rmdir()
        cut_all(store, NEXT_NIGHT + merge.RETRY_AFTER_MS)
        assert chunks(folder) == 2
        assert values(store) == LINE


def test_a_day_of_minutes_is_one_chunk() -> None:
    assert cut.CHUNK_ROWS * 60_000 == DAY_MS
