"""Segments: order, restart, torn ends, sealing, damage."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.spool import quarantine
from noc.spool.payload import Payload
from noc.spool.record import HEADER_BYTES, Record, encode
from noc.spool.segments import Segments
from noc.wire import columns
from tests.spools import numbered, sample


def record(seq: int, payload: bytes = b"lp-ms 3\n" + b"x" * 92) -> Record:
    return Record(seq, 1_700_000_000_000 + seq, payload)


def append(segments: Segments, *seqs: int) -> None:
    segments.append([record(seq) for seq in seqs], [3] * len(seqs))


def opened(folder: Path, segment_bytes: int = 16_000_000) -> Segments:
    segments = Segments(folder, segment_bytes)
    segments.open()
    return segments


def everything(segments: Segments) -> list[int]:
    found = [segments.read(segment, entry) for segment in segments.all for entry in segment.entries()]
    return [entry.seq for entry in found if entry is not None]


def test_what_was_appended_is_there_after_a_restart(tmp_path: Path) -> None:
    first = opened(tmp_path / "spool")
    assert first.last() == 0
    append(first, 1, 2)
    append(first, 3)
    again = opened(tmp_path / "spool")
    assert (again.last(), everything(again)) == (3, [1, 2, 3])
    append(again, 4)
    assert everything(again) == [1, 2, 3, 4]
    assert [segment.first for segment in again.all] == [1, 4]
    assert [entry.values for segment in again.all for entry in segment.entries()] == [3] * 4
    assert again.size == 4 * len(encode(record(1)))


@pytest.mark.parametrize("left", range(0, 2 * (HEADER_BYTES + 100), 9))
def test_a_torn_end_costs_what_was_torn_and_its_numbers_are_free(tmp_path: Path, left: int) -> None:
    segments = opened(tmp_path)
    append(segments, 1, 2)
    torn = segments.all[0].path
    torn.write_bytes(torn.read_bytes()[:left])
    again = opened(tmp_path)
    whole = left // (HEADER_BYTES + 100)
    assert again.last() == whole
    append(again, whole + 1)
    assert everything(opened(tmp_path)) == list(range(1, whole + 2))


@pytest.mark.parametrize("copied", [True, False])
def test_a_torn_end_is_cut_off_when_a_copy_of_it_was_kept(tmp_path: Path, copied: bool) -> None:
    segments = opened(tmp_path)
    append(segments, 1, 2)
    torn = segments.all[0].path
    content = torn.read_bytes()[:-5]
    torn.write_bytes(content)
    if not copied:
        (tmp_path / quarantine.FOLDER).write_text("no folder")
    again = opened(tmp_path)
    length = len(encode(record(1)))
    assert [damage.torn for _, damage in again.damages] == [True]
    assert again.size == torn.stat().st_size == (length if copied else len(content))
    assert not copied or [path.read_bytes() for path in torn.parent.glob("quarantine/*")] == [content[length:]]
    append(again, 2)
    assert [damage.torn for _, damage in opened(tmp_path).damages] == ([] if copied else [True])


def test_a_full_segment_is_sealed(tmp_path: Path) -> None:
    segments = opened(tmp_path, 300)
    for seq in range(1, 10):
        append(segments, seq)
    assert len(segments.all) == 3
    assert everything(segments) == list(range(1, 10))
    assert not segments.is_current(segments.all[0])
    assert segments.is_current(segments.all[-1])
    segments.delete(segments.all[0])
    assert everything(segments) == list(range(4, 10))
    assert segments.size == 6 * len(encode(record(1)))


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=4), st.data())
def test_damage_costs_the_records_that_it_hits_and_no_other(
    tmp_path_factory: pytest.TempPathFactory, flips: list[int], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    segments = opened(folder)
    append(segments, *range(1, 21))
    path = segments.all[0].path
    content = bytearray(path.read_bytes())
    size = len(content) // 20
    hit = set()
    for flip in flips:
        bit = flip % (len(content) * 8)
        content[bit // 8] ^= 1 << bit % 8
        hit.add(bit // 8 // size + 1)
    cut = data.draw(st.integers(0, len(content)))
    path.write_bytes(content[:cut])
    found = everything(opened(folder))
    assert set(found) >= set(range(1, cut // size + 1)) - hit
    assert set(found) <= set(range(1, cut // size + 1))
    assert found == sorted(set(found))


def test_a_damaged_place_is_copied_and_the_copies_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "FILES_AT_MOST", 3)
    segments = opened(tmp_path)
    append(segments, *range(1, 11))
    path = segments.all[0].path
    content = bytearray(path.read_bytes())
    for seq in (2, 4, 6, 8, 9):
        content[(seq - 1) * len(content) // 10] ^= 1
    path.write_bytes(content)
    again = opened(tmp_path)
    assert everything(again) == [1, 3, 5, 7, 10]
    assert len(again.damages) == 4
    kept = sorted((tmp_path / quarantine.FOLDER).iterdir())
    assert len(kept) == 3
    assert kept[-1].read_bytes() == content[7 * len(content) // 10 : 9 * len(content) // 10]


def test_after_a_failed_sync_the_group_goes_to_a_fresh_segment_and_is_there_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segments = opened(tmp_path)
    append(segments, 1)
    synced: list[int] = []

    def refuse(file: int) -> None:
        synced.append(file)
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fdatasync", refuse)
        for _ in range(2):
            with pytest.raises(OSError, match="Input/output"):
                append(segments, 2, 3)
    append(segments, 2, 3)
    assert [segment.first for segment in segments.all] == [1, 2]
    assert everything(segments) == everything(opened(tmp_path)) == [1, 2, 3]


def test_records_of_before_tell_how_many_values_they_have(tmp_path: Path) -> None:
    segments = opened(tmp_path)
    old = b"S1" + columns.encode([sample(1.0)])[2:]
    segments.append(
        [Record(1, 1, numbered(1.0)), Record(2, 2, old), Record(3, 3, Payload("x", 7, b"").pack())], [1, 0, 7]
    )
    assert [entry.values for entry in opened(tmp_path).all[0].entries()] == [1, 0, 7]


def test_other_files_in_the_folder_are_no_segments(tmp_path: Path) -> None:
    (tmp_path / "notes.seg").write_text("mine")
    (tmp_path / "cursor").write_text("1")
    (tmp_path / "00000000000000000007.seg").mkdir()
    assert opened(tmp_path).all == []


def test_files_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    segments = opened(tmp_path / "spool")
    append(segments, 1)
    assert segments.all[0].path.stat().st_mode & 0o077 == 0
    assert segments.folder.stat().st_mode & 0o077 == 0
