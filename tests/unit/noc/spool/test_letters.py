"""Dead letters: readable, bounded, there once, and sent again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from noc.spool import letters as module
from noc.spool.letters import Letter, Letters, letter
from tests.spools import numbered, sample

TIME = "2026-01-01T00:00:00.000Z"
ROW = "m,device=d v=1.5 1767225600000"


def test_a_letter_is_a_line_that_people_and_noc_can_read(tmp_path: Path) -> None:
    letters = Letters(tmp_path / "spool")
    one, other = letter(7, TIME, "conflict", 1, ROW), letter(8, TIME, "can't be read", 1, raw=numbered(1.0))
    letters.add([one, other])
    assert letters.read() == [one, other]
    assert json.loads(letters.path.read_text().splitlines()[0])["rows"] == ROW
    assert one.samples()[0].values == ((1.5,),)
    assert other.samples() == [sample(1.0)]
    with pytest.raises(ValueError, match="no known form"):
        letter(9, TIME, "", 0, raw=b"garbage").samples()


def test_the_same_refusal_of_the_same_batch_is_there_once_also_after_a_crash(tmp_path: Path) -> None:
    Letters(tmp_path).add([letter(7, TIME, "conflict", 1, ROW)])
    with (tmp_path / module.FILE).open("a") as file:
        file.write('{"id": "8-torn", "ti')
    again = Letters(tmp_path)
    again.add([letter(7, TIME, "conflict", 1, ROW), letter(9, TIME, "conflict", 1, ROW)])
    assert [one.id.partition("-")[0] for one in again.read()] == ["7", "9"]


def test_what_was_sent_again_is_noted(tmp_path: Path) -> None:
    letters = Letters(tmp_path)
    letters.add([letter(7, TIME, "conflict", 1, ROW)])
    letters.sent_again(letters.read()[0], "later")
    assert [one.sent_again for one in Letters(tmp_path).read()] == ["later"]


def test_what_is_remembered_is_bounded_as_the_file_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BYTES_AT_MOST", 300)
    letters = Letters(tmp_path)
    for number in range(50):
        letters.add([letter(number, TIME, "conflict", 1, ROW)])
        assert len(letters._known or ()) <= 10
    letters.add([letter(49, TIME, "conflict", 1, ROW)])
    assert [one.id.partition("-")[0] for one in letters.read()][-2:] == ["48", "49"]


def test_the_file_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BYTES_AT_MOST", 300)
    letters = Letters(tmp_path)
    for number in range(50):
        letters.add([letter(number, TIME, f"reason {number}", 1, ROW)])
    files = sorted(tmp_path.iterdir())
    assert [path.name for path in files] == ["dead-letters.jsonl", "dead-letters.jsonl.old"]
    assert sum(path.stat().st_size for path in files) < 1200
    assert letters.read()[-1].reason == "reason 49"


def test_letters_of_before_they_had_ids_and_garbage_stop_nobody(tmp_path: Path) -> None:
    lines = [json.dumps({"time": TIME, "reason": "old", "rows": ROW}), "garbage", "[]", "null", "{}", '"x"']
    (tmp_path / module.FILE).write_text("\n".join(lines) + "\n")
    (one,) = Letters(tmp_path).read()
    assert isinstance(one, Letter)
    assert (one.reason, one.rows, one.id != "") == ("old", ROW, True)
