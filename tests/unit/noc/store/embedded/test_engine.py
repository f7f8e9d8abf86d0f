from __future__ import annotations

import math
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from noc.model.errors import StoreError
from noc.model.samples import Samples
from noc.store._retention import Retention
from noc.store.embedded import cut, engine, log
from noc.store.embedded.engine import CUT_AFTER_MS, Engine
from noc.store.embedded.intake import TOO_NEW
from tests.unit.noc.store.embedded.rows import (
    BEGIN,
    DAY_MS,
    LATER,
    MEGABYTE,
    NOW,
    cut_all,
    day_files,
    opened,
    query,
    read,
    row,
    values,
    write,
)

LINE = [(float(minute), minute * 1.5) for minute in range(180)]


def write_line(store: Engine) -> None:
    for begin in range(0, len(LINE), 10):
        write(store, [row(minute, v=value) for minute, value in LINE[begin : begin + 10]], NOW)


def chunks(folder: Path) -> int:
    count = 0
    for name in day_files(folder):
        with sqlite3.connect(folder / name) as sql:
            count += sql.execute("SELECT count(*) FROM chunk").fetchone()[0]
        sql.close()
    return count


def test_chunks_say_what_memory_said(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        write_line(store)
        assert values(store) == LINE
        cut_all(store)
        assert values(store) == LINE
        assert day_files(tmp_path) == ["2026-11-20.db", "2026-11-21.db"]
        assert store.tally.values == len(LINE)
        assert store.tally.chunks == 2
        assert store.tally.bytes_on_disk > 0
    with opened(tmp_path) as store:
        assert values(store) == LINE


def test_memory_is_there_again_after_a_kill(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        write_line(store)
    with opened(tmp_path) as store:  # close() writes nothing that a kill would not have left
        assert values(store) == LINE
        write(store, [row(500, v=1.0)], NOW)
        assert values(store) == [*LINE, (500.0, 1.0)]


def test_a_generation_is_cut_when_it_is_old(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        write(store, [row(0, v=1.0)], NOW)
        store.tick(NOW + CUT_AFTER_MS - 1)
        assert day_files(tmp_path) == []
        while store.tick(NOW + CUT_AFTER_MS) is not None:
            pass
        assert day_files(tmp_path) == ["2026-11-20.db"]
        assert len(list((tmp_path / "log").iterdir())) == 1


def test_rows_of_one_time_from_two_kinds_of_samples_count_in_the_order_they_came(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        write(store, [row(1, v=1.0, w=1.0), row(1, v=2.0), row(1, v=3.0, w=None), row(1, v=4.0), row(2, v=5.0)], NOW)
        write(store, [row(1, v=6.0, w=7.0), row(0, v=8.0)], NOW)
        expected = [(0.0, 8.0), (1.0, 6.0), (2.0, 5.0)]
        assert values(store) == expected
        cut_all(store)
        assert values(store) == expected
        write(store, [row(1, v=9.0)], NOW)
        assert values(store)[1] == (1.0, 9.0)
        assert values(store, "w") == [(1.0, 7.0)]


def test_a_crash_between_chunks_and_log_repeats_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path) as store:
        write_line(store)
        monkeypatch.setattr(store._log, "drop", lambda generation, kept_from_ms: None)  # as if killed before it
        cut_all(store)
    before = chunks(tmp_path)
    with opened(tmp_path) as store:
        assert values(store) == LINE
        cut_all(store)
        assert values(store) == LINE
    assert chunks(tmp_path) == before == 2


def test_a_crash_in_the_middle_of_a_cut_repeats_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut, "SLICE_CELLS", 1)
    devices = [f"d{number}" for number in range(10)]
    with opened(tmp_path) as store:
        # Each with a field of its own is of another kind, and cut by itself.
        write(store, [row(0, device=device, v=1.0, **{device: 0.0}) for device in devices], NOW)
        for _ in range(4):
            assert store.tick(LATER) is not None
        assert 0 < chunks(tmp_path) < 10
        write(store, [row(1, device=device, v=2.0, **{device: 0.0}) for device in devices], LATER)
    with opened(tmp_path) as store:
        write(store, [row(2, device=device, v=3.0, **{device: 0.0}) for device in devices], LATER)
        for device in devices:
            assert values(store, device=device) == [(0.0, 1.0), (1.0, 2.0), (2.0, 3.0)]
        cut_all(store, LATER + CUT_AFTER_MS)
        for device in devices:
            assert values(store, device=device) == [(0.0, 1.0), (1.0, 2.0), (2.0, 3.0)]
    assert chunks(tmp_path) == 20


def test_a_crash_while_logs_are_deleted_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "PART_BYTES", 100)
    unlink = Path.unlink
    left = iter([True, True])

    def fails(path: Path, missing_ok: bool = False) -> None:
        if path.suffix == ".log" and not next(left, False):
            raise OSError(5, "Input/output error")
        unlink(path, missing_ok)

    with opened(tmp_path) as store:
        write_line(store)
        monkeypatch.setattr(Path, "unlink", fails)
        for _ in range(3):
            store.tick(LATER)
        monkeypatch.undo()
    assert len(list((tmp_path / "log").glob("*.log"))) > 3
    with opened(tmp_path) as store:
        assert values(store) == LINE
        cut_all(store)
        assert values(store) == LINE
    assert chunks(tmp_path) == 2


def test_memory_is_bounded(tmp_path: Path) -> None:
    with opened(tmp_path, memory_bytes=MEGABYTE) as store:
        wide = {f"f{number}": float(number) for number in range(1000)}
        for minute in range(250):
            write(store, [row(minute, v=float(minute), **wide)], NOW)
            held = store._held()
            assert held <= 1.1 * MEGABYTE
        assert [value for _, value in values(store)] == [float(minute) for minute in range(250)]


def test_series_come_and_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "IDLE_AT_LEAST", 2)
    expected = {f"d{n}": [(0.0, float(n))] for n in range(10)}
    with opened(tmp_path) as store:
        write(store, [row(0, device=f"d{n}", v=float(n)) for n in range(10)], NOW)
        store._freeze()
        first = store._active.registry
        write(store, [row(1, device="d0", v=7.0)], NOW)
        expected["d0"].append((1.0, 7.0))
        store._freeze()
        assert store._active.registry is not first  # most of its series had fallen silent
        assert store._active.registry.tables == 0
        write(store, [row(2, device="d5", v=8.0), row(2, device="new", w=9.0)], NOW)
        expected["d5"].append((2.0, 8.0))
        assert {device: values(store, device=device) for device in expected} == expected
        cut_all(store)
        assert {device: values(store, device=device) for device in expected} == expected
    with opened(tmp_path) as store:
        assert {device: values(store, device=device) for device in expected} == expected
        (found,) = read(store, query("w", device="new"))
        assert found.values == (9.0,)


def test_what_is_older_than_the_retention_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path, retention_days=7) as store:
        (refusal,) = write(store, [row(-7 * 1440 - 1, v=1.0, w=2.0), row(0, v=3.0)], NOW)
        assert refusal.values == 2
        assert "retention" in refusal.reason
        assert refusal.text.startswith("m,device=d v=1.0,w=2.0 ")
        assert values(store) == [(0.0, 3.0)]
        assert store.tally.refused == 2


def test_what_is_far_ahead_of_the_clock_is_refused_and_passes_for_no_newest(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        (refusal,) = write(store, [row(1441, v=1.0, w=None), row(600, v=2.0), row(0, v=3.0)], NOW)
        assert (refusal.values, refusal.reason) == (1, TOO_NEW)
        assert refusal.text.startswith("m,device=d v=1.0 ")
        assert values(store) == [(0.0, 3.0), (600.0, 2.0)]


def test_a_row_without_a_device_is_refused(tmp_path: Path) -> None:
    homeless = Samples("m", BEGIN, ("device", "n"), ("v",), (("", "a"), ("d", "b")), ((1.0,), (2.0,)))
    with opened(tmp_path) as store:
        (refusal,) = write(store, [homeless], NOW)
        assert (refusal.values, refusal.text.split()[0]) == (1, "m,n=a")
        assert values(store) == [(0.0, 2.0)]


def test_samples_of_several_devices_are_split(tmp_path: Path) -> None:
    both = Samples("m", BEGIN, ("device",), ("v",), (("a",), ("b",), ("a",)), ((1.0,), (2.0,), (3.0,)))
    with opened(tmp_path) as store:
        assert write(store, [both], NOW) == ()
        assert values(store, device="a") == [(0.0, 3.0)]
        assert values(store, device="b") == [(0.0, 2.0)]


def test_names_that_look_alike_stay_apart(tmp_path: Path) -> None:
    tags = [{"a": "x\x00y", "b": "z"}, {"a": "x", "b": "y\x00z"}, {"a": "x y", "b": "z"}]
    with opened(tmp_path) as store:
        for number, entry in enumerate(tags):
            write(store, [row(number, entry, v=float(number))], NOW)
        found = {(series.tags["a"], series.tags["b"]): series.values for series in read(store, query())}
    assert found == {("x y", "z"): (0.0, 2.0), ("x", "y z"): (1.0,)}


def test_day_files_older_than_the_retention_are_deleted(tmp_path: Path) -> None:
    with opened(tmp_path, retention_days=2) as store:
        write(store, [row(0, v=1.0), row(1440, v=2.0)], NOW)
        cut_all(store)
        (tmp_path / "2026-11-20.damaged1").touch()
        store.tick(NOW + 2 * DAY_MS)
        assert len(day_files(tmp_path)) == 2
        store.tick(NOW + 3 * DAY_MS)
        assert day_files(tmp_path) == ["2026-11-21.db"]
        assert not (tmp_path / "2026-11-20.damaged1").exists()
        assert values(store) == [(1440.0, 2.0)]


def test_a_log_that_was_not_cut_for_longer_than_the_retention_makes_no_old_files(tmp_path: Path) -> None:
    with opened(tmp_path, retention_days=2) as store:
        write(store, [row(0, v=1.0)], NOW)
        cut_all(store, NOW + 9 * DAY_MS)
        assert day_files(tmp_path) == []


def test_a_second_process_is_kept_out(tmp_path: Path) -> None:
    with opened(tmp_path):
        second = Engine(tmp_path, Retention(), MEGABYTE)
        with pytest.raises(StoreError, match="another noc"):
            second.open()
    with opened(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "series").write_text("a file")
    store = Engine(tmp_path / "series", Retention(), MEGABYTE)
    with pytest.raises(StoreError, match=r"series: can't be used.*"):
        store.open()


def test_chunks_that_cannot_be_written_wait_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, memory_bytes=MEGABYTE) as store:
        write_line(store)
        blocker = tmp_path / "2026-11-20.db"
        blocker.mkdir()
        store.tick(LATER)
        assert store.tick(LATER) is None
        assert store.tick(LATER) is None
        assert caplog.text.count("can't be written") == 1
        assert values(store) == LINE
        monkeypatch.setattr(store, "_memory_bytes", 1)
        with pytest.raises(StoreError, match="memory is full"):
            write(store, [row(500, v=1.0)], LATER)
        blocker.rmdir()
        cut_all(store)
        assert "written again" in caplog.text
        write(store, [row(500, v=1.0)], LATER)
        assert values(store) == [*LINE, (500.0, 1.0)]


def test_samples_that_contradict_themselves_are_a_fault(tmp_path: Path) -> None:
    wrong = Samples("m", BEGIN, ("device",), ("v", "w"), (("d",),), ((1.0,),))
    with opened(tmp_path) as store:
        with pytest.raises(ValueError, match="'m': 1 values where rows × fields are 2"):
            write(store, [wrong], NOW)
        write(store, [row(0, v=math.nan, w=1.0)], NOW)
        assert values(store) == []


def test_a_clock_that_was_set_back_does_not_stop_cutting(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        write(store, [row(0, v=1.0)], NOW + 5 * DAY_MS)
        cut_all(store, NOW)
        assert day_files(tmp_path) == ["2026-11-20.db"]


def test_no_log_left_and_the_generations_go_on(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        write(store, [row(0, v=1.0)], NOW)
        cut_all(store)
    for path in (tmp_path / "log").iterdir():
        path.unlink()
    with opened(tmp_path) as store:
        write(store, [row(0, v=2.0)], NOW)
        assert values(store) == [(0.0, 2.0)]
        cut_all(store, LATER)
        assert values(store) == [(0.0, 2.0)]


def test_a_chunk_with_nothing_in_the_range_and_one_behind_it_that_has(tmp_path: Path) -> None:
    with opened(tmp_path) as engine:
        write(engine, [row(0, v=1.0), row(60, v=2.0)], NOW)
        engine._freeze()
        cut_all(engine)
        write(engine, [row(30, v=3.0)], NOW)
        asked = replace(query(), start=BEGIN + timedelta(minutes=20), stop=BEGIN + timedelta(minutes=40))
        assert [one.values for one in read(engine, asked)] == [(3.0,)]
