"""Flipped bits, zeroed pages, cut files: noc always starts, and loses no record that the damage didn't hit."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from noc.spool import files as files_module
from noc.spool.files import Files, HoldBack
from noc.spool.payload import Payload
from noc.spool.record import HEADER_BYTES, Record
from noc.spool.report import report
from noc.spool.spool import STORE

pytestmark = pytest.mark.live

RECORDS = 120
PAGE = 4096


def files_of(folder: Path) -> Files:
    return Files(folder, 10**9, HoldBack(), [STORE])


@pytest.fixture
def whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A spool of several segments, with records of various lengths."""
    monkeypatch.setattr(files_module, "SEGMENT_BYTES", 10_000)
    chance = random.Random(0)  # noqa: S311 the same lengths each time
    folder = tmp_path / "whole"
    files = files_of(folder)
    files.open()
    for seq in range(1, RECORDS + 1):
        body = chance.randbytes(chance.choice([0, 1, 60, 400, 900]))
        files.append([Record(seq, seq, Payload("lp-ms", 3, body).pack())], [3])
    files.close()
    return folder


def places(folder: Path) -> list[tuple[Path, int, int, int]]:
    """Return file, number, begin and end of each record."""
    files = files_of(folder)
    files.open()
    return [
        (segment.path, entry.seq, entry.offset, entry.offset + HEADER_BYTES + entry.length)
        for segment in files.segments.all
        for entry in segment.entries()
    ]


def read(folder: Path) -> tuple[list[int], Files]:
    files = files_of(folder)
    files.open()
    found = [record.seq for record in files.window(STORE, RECORDS + 1)]
    files.settle(STORE, dict.fromkeys(found, 0))
    return found, files


@pytest.mark.parametrize(
    ("damages", "seed"), [(60, 1), pytest.param(1000, 2, marks=(pytest.mark.slow, pytest.mark.timeout(900)))]
)
@pytest.mark.parametrize("kind", ["bit", "page", "cut", "garbage", "cursor"])
def test_only_what_was_hit_is_lost(tmp_path: Path, whole: Path, kind: str, damages: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 the same damage each time
    known = places(whole)
    for number in range(damages):
        folder = tmp_path / "damaged"
        shutil.copytree(whole, folder)
        segment = folder / chance.choice(known)[0].name
        content = bytearray(segment.read_bytes())
        begin, end = spoilt(folder, segment, content, kind, chance)
        hit = {seq for path, seq, first, last in known if path.name == segment.name and first < end and begin < last}
        assert len(hit) <= 1 or kind not in ("bit", "cursor")
        found, files = read(folder)
        assert set(found) == set(range(1, RECORDS + 1)) - hit, (kind, number, segment.name, begin)
        assert found == sorted(found)
        tally = files.consumers[STORE].tally
        assert tally.lost == len(hit)
        assert tally.found.batches == tally.stored.batches + tally.shed.batches
        assert not hit or kind == "cut" or any((folder / "quarantine").iterdir())  # a cut may leave nothing to copy
        files.close()
        told = report(folder)
        assert told.adds_up
        assert (told.queued.batches, told.batches["lost"]) == (0, len(hit))
        again, after = read(folder)  # a second start finds nothing new
        assert (again, after.consumers[STORE].tally.lost) == ([], 0)
        after.append([Record(files.last + 1, 1, b"lp-ms 0\n")], [0])
        after.close()
        shutil.rmtree(folder)


def spoilt(folder: Path, segment: Path, content: bytearray, kind: str, chance: random.Random) -> tuple[int, int]:
    """Damage a segment, or the cursor; return from where to where."""
    at = chance.randrange(len(content))
    match kind:
        case "bit":
            content[at] ^= 1 << chance.randrange(8)
            span = (at, at + 1)
        case "page":
            at = at // PAGE * PAGE
            span = (at, min(at + PAGE, len(content)))
            content[span[0] : span[1]] = bytes(span[1] - span[0])
        case "cut":
            span = (at, len(content))
            del content[at:]
        case "garbage":
            length = chance.randrange(1, 300)
            span = (at, min(at + length, len(content)))
            content[span[0] : span[1]] = chance.randbytes(span[1] - span[0])
        case _:
            (folder / f"cursor-{STORE}.json").write_bytes(chance.randbytes(chance.randrange(60)))
            span = (0, 0)
    segment.write_bytes(content)
    return span
