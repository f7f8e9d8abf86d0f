"""What a demo that goes on from its folder knows of how much of its past was told."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.app.demopastkept import FILE, WITHIN_MS, PastKept
from noc.clock import ManualClock
from noc.model.instants import from_ms
from noc.simulator.pastrun import Spent

BEGINS_MS = 1_780_000_000_000
SPENT = Spent(7, 312_000, 9.5)


def left(folder: Path, after_ms: int = 60_000) -> Spent | None:
    return PastKept(folder).left(ManualClock(from_ms(BEGINS_MS + after_ms)), BEGINS_MS)


def test_it_goes_on_where_the_last_one_was_ended(tmp_path: Path) -> None:
    PastKept(tmp_path).keep(Spent())
    assert left(tmp_path) == Spent()
    PastKept(tmp_path).keep(SPENT)
    assert left(tmp_path) == SPENT


def test_nothing_is_left_where_all_was_told(tmp_path: Path) -> None:
    PastKept(tmp_path).keep(SPENT, through=True)
    assert left(tmp_path) is None


def test_what_stores_would_not_take_any_more_is_not_told(tmp_path: Path) -> None:
    PastKept(tmp_path).keep(SPENT)
    assert left(tmp_path, WITHIN_MS) == SPENT
    assert left(tmp_path, WITHIN_MS + 1) is None


@pytest.mark.parametrize("text", [None, "", "{", "[]", "{}", '{"waves": 1}', '{"through": false, "other": 1}'])
def test_a_folder_without_that_file_or_with_another_one_has_no_past_to_tell(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / FILE).write_text(text)
    assert left(tmp_path) is None
