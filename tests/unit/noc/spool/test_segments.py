"""Segments: order, restart, torn ends, sealing."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.spool import segments as module
from noc.spool.record import Record, encode
from noc.spool.segments import Segments


def record(seq: int, payload: bytes = b"x" * 100) -> Record:
    return Record(seq, 1_700_000_000_000 + seq, payload)


def everything(segments: Segments) -> list[int]:
    return [entry.seq for segment in segments.all for entry in segments.read(segment)]


def test_what_was_appended_is_there_after_a_restart(tmp_path: Path) -> None:
    first = Segments(tmp_path / "spool")
    assert first.open() == 0
    first.append([record(1), record(2)])
    first.append([record(3)])
    again = Segments(tmp_path / "spool")
    assert again.open() == 3
    assert everything(again) == [1, 2, 3]
    again.append([record(4)])
    assert everything(again) == [1, 2, 3, 4]
    assert [segment.first for segment in again.all] == [1, 4]


def test_a_torn_end_is_left_alone_and_the_next_number_is_free(tmp_path: Path) -> None:
    segments = Segments(tmp_path)
    segments.open()
    segments.append([record(1), record(2)])
    torn = segments.all[0].path
    torn.write_bytes(torn.read_bytes()[:-7])
    again = Segments(tmp_path)
    assert again.open() == 1
    again.append([record(2)])
    assert everything(again) == [1, 2]


def test_the_number_of_a_segment_without_a_whole_record_is_not_given_again(tmp_path: Path) -> None:
    segments = Segments(tmp_path)
    segments.open()
    segments.append([record(1)])
    segments.seal()
    segments.append([record(2)])
    segments.all[-1].path.write_bytes(b"")
    assert Segments(tmp_path).open() == 2


def test_a_full_segment_is_sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SEGMENT_BYTES", 300)
    segments = Segments(tmp_path)
    segments.open()
    for seq in range(1, 10):
        segments.append([record(seq)])
    assert len(segments.all) == 3
    assert everything(segments) == list(range(1, 10))
    assert not segments.is_current(segments.all[0])
    assert segments.is_current(segments.all[-1])
    segments.delete(segments.all[0])
    assert everything(segments) == list(range(4, 10))
    assert sum(segment.bytes for segment in segments.all) == 6 * len(encode(record(1)))


def test_other_files_in_the_folder_are_no_segments(tmp_path: Path) -> None:
    (tmp_path / "notes.seg").write_text("mine")
    (tmp_path / "cursor").write_text("1")
    assert Segments(tmp_path).open() == 0


def test_files_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    segments = Segments(tmp_path / "spool")
    segments.open()
    segments.append([record(1)])
    assert segments.all[0].path.stat().st_mode & 0o077 == 0
    assert segments.folder.stat().st_mode & 0o077 == 0
