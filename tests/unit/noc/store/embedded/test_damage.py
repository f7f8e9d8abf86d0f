"""Damage costs what was damaged, one line in the log, and nothing else."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from noc.store.embedded.chunktables import FORMAT
from tests.unit.noc.store.embedded.rows import LATER, NOW, cut_all, day_files, names, opened, row, values, write

FIRST, SECOND = "2026-11-20.db", "2026-11-21.db"
TWO_DAYS = [(0.0, 1.0), (300.0, 2.0)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with a number on each of two days, for the devices `d` and `e`."""
    with opened(tmp_path) as store:
        write(store, [row(minute, device=device, v=value) for minute, value in TWO_DAYS for device in "de"], NOW)
        cut_all(store)
    assert day_files(tmp_path) == [FIRST, SECOND]
    return tmp_path


def change(path: Path, statement: str, *values: object) -> None:
    sql = sqlite3.connect(path)
    sql.execute(statement, values)
    sql.commit()
    sql.close()


def test_a_damaged_chunk_costs_itself(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    change(folder / FIRST, "UPDATE chunk SET data = zeroblob(30) WHERE block = 1")
    with opened(folder) as store:
        assert values(store) == TWO_DAYS[1:]
        assert values(store) == TWO_DAYS[1:]
        assert values(store, device="e") == TWO_DAYS
        store.tick(NOW)
        assert store.tally.damaged == 1
    assert caplog.text.count(FIRST) == 1
    assert "device 'd'" in caplog.text


@pytest.mark.parametrize("shape", [b"", b"no zlib", b"x\x9c\x03\x00\x00\x00\x00\x01"])
def test_a_damaged_shape_costs_its_chunks(folder: Path, shape: bytes, caplog: pytest.LogCaptureFixture) -> None:
    change(folder / FIRST, "UPDATE shape SET data = ? WHERE block = 1", shape)
    with opened(folder) as store:
        assert values(store) == TWO_DAYS[1:]
        assert values(store, device="e") == TWO_DAYS
        assert [name.fields for name in names(store, {"device": "d"})] == [("v",)]
    assert caplog.text.count(FIRST) == 1


@pytest.mark.parametrize("content", [b"no database at all" * 1000, b"SQLite format 3\0" + bytes(5000)])
def test_a_file_that_is_none_is_left_out_and_put_aside_when_it_is_written(
    folder: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / FIRST).write_bytes(content)
    with opened(folder) as store:
        assert values(store) == TWO_DAYS[1:]
        assert values(store, device="e") == TWO_DAYS[1:]
        assert len(names(store, {"device": "d"})) == 1
        assert caplog.text.count(FIRST) == 1
        write(store, [row(1, v=7.0)], NOW)
        cut_all(store)
        assert values(store) == [(1.0, 7.0), TWO_DAYS[1]]
    assert (folder / "2026-11-20.damaged1").read_bytes() == content
    assert "put aside" in caplog.text


@pytest.mark.parametrize("half", range(14))
def test_no_damaged_page_stops_anything(folder: Path, half: int) -> None:
    path = folder / FIRST
    data = bytearray(path.read_bytes())
    begin = half * 4096 % len(data)
    data[begin : begin + 4096] = b"\xa5" * 4096
    path.write_bytes(data)
    with opened(folder) as store:
        assert values(store)[-1:] == TWO_DAYS[1:]
        write(store, [row(1, v=7.0), row(301, v=8.0)], NOW)
        cut_all(store)
        assert values(store)[-3:] == [(1.0, 7.0), (300.0, 2.0), (301.0, 8.0)]
    with opened(folder) as store:
        assert values(store)[-3:] == [(1.0, 7.0), (300.0, 2.0), (301.0, 8.0)]


def test_what_is_whole_in_a_damaged_file_is_still_read(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with opened(folder) as store:
        store.shelves.raw.put_aside(store.shelves.raw.all()[0], OSError("a reason"))
        assert values(store) == TWO_DAYS
        write(store, [row(1, v=7.0), row(0, v=9.0)], NOW)
        cut_all(store)
        assert values(store) == [(0.0, 9.0), (1.0, 7.0), TWO_DAYS[1]]
        assert values(store, device="e") == TWO_DAYS
    assert day_files(folder) == [FIRST, SECOND]
    assert "2026-11-20.damaged1" in caplog.text


def test_a_file_of_another_format_is_left_alone(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    change(folder / FIRST, f"PRAGMA user_version = {FORMAT + 1}")
    with opened(folder) as store:
        assert values(store) == TWO_DAYS[1:]
        assert f"has format {FORMAT + 1}, this noc knows 1 to {FORMAT}" in caplog.text
        write(store, [row(1, v=7.0)], NOW)
        cut_all(store)
        assert values(store) == [(1.0, 7.0), TWO_DAYS[1]]
    assert (folder / "2026-11-20.damaged1").exists()


def test_files_of_others_are_no_day_files(folder: Path) -> None:
    (folder / "2026-99-99.db").write_bytes(b"?")
    (folder / "notes.txt").write_bytes(b"?")
    with opened(folder) as store:
        assert values(store) == TWO_DAYS


def test_a_flipped_bit_of_the_log_costs_its_record(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with opened(tmp_path) as store:
        for minute in range(5):
            write(store, [row(minute, v=float(minute))], NOW)
    (path,) = (tmp_path / "log").iterdir()
    data = bytearray(path.read_bytes())
    record = len(data) - data.rfind(b"\xf5ts\x02")  # of one row, without a layout
    data[-2 * record + 20] ^= 0x10
    path.write_bytes(data)
    with opened(tmp_path) as store:
        assert values(store) == [(float(minute), float(minute)) for minute in (0, 1, 2, 4)]
        assert caplog.text.count(path.name) == 1
        cut_all(store, LATER)
    assert path.with_suffix(".damaged").read_bytes() == bytes(data)


def test_rows_whose_layout_is_lost_are_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with opened(tmp_path) as store:
        for minute in range(5):
            write(store, [row(minute, v=float(minute))], NOW)
    (path,) = (tmp_path / "log").iterdir()
    data = bytearray(path.read_bytes())
    data[30] ^= 1
    path.write_bytes(data)
    with opened(tmp_path) as store:
        assert values(store) == []
        assert "4 rows are lost" in caplog.text
        write(store, [row(9, v=9.0)], NOW)
        assert values(store) == [(9.0, 9.0)]


def test_a_log_that_was_cut_off_anywhere_gives_what_was_whole(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        ends = []
        for minute in range(3):
            write(store, [row(minute, v=float(minute))], NOW)
            (path,) = (tmp_path / "log").iterdir()
            ends.append(path.stat().st_size)
    data = path.read_bytes()
    for length in range(0, len(data), 3):
        path.write_bytes(data[:length])
        with opened(tmp_path) as store:
            whole = sum(end <= length for end in ends)
            assert values(store) == [(float(minute), float(minute)) for minute in range(whole)]
