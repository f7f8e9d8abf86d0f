"""A view beside the process that writes: what that one begins and deletes meanwhile is no damage."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from noc.model.errors import UsageError
from noc.model.samples import Samples
from noc.store._retention import Retention
from noc.store._rows import DAY_MS, floor_ms
from noc.store.embedded.engine import Engine
from noc.store.embedded.view import Selection, opened
from noc.wire import columns
from tests.unit.noc.store.embedded.rows import MEGABYTE

BEGIN = datetime(2026, 11, 20, 22, tzinfo=UTC)
POLLS = 8


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Two days, an hour a poll, all of them in chunks; the engine is still open."""
    engine = Engine(tmp_path, Retention(), 64 * MEGABYTE)
    engine.open()
    for number in range(POLLS):
        at = BEGIN + timedelta(hours=number)
        body = columns.encode([Samples("m", at, ("device",), ("v",), (("d",),), ((float(number),),))])
        engine.write([body], floor_ms(at))
    while engine.tick(floor_ms(BEGIN + timedelta(hours=POLLS + 2))) is not None:
        pass
    assert len(list(tmp_path.glob("*.db"))) == 2
    yield tmp_path
    engine.close()


def seen(folder: Path) -> list[float]:
    with opened(folder, Retention()) as view:
        found = [value for piece in view.pieces(Selection()) for value in piece.frame.matrix[0].tolist()]
        assert view.source.shelves.damaged == 0
    return found


def test_it_sees_all_that_is_in_chunks(folder: Path) -> None:
    assert seen(folder) == [float(number) for number in range(POLLS)]


def test_a_day_that_was_only_just_begun_has_nothing_yet(folder: Path) -> None:
    (folder / "2026-11-22.db").touch()
    assert seen(folder) == [float(number) for number in range(POLLS)]
    assert (folder / "2026-11-22.db").stat().st_size == 0


def test_a_day_that_is_deleted_meanwhile_is_no_damage(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    first_day = floor_ms(BEGIN) // DAY_MS
    with opened(folder, Retention()) as view:
        (folder / "2026-11-20.db").unlink()
        left = [value for piece in view.pieces(Selection()) for value in piece.frame.matrix[0].tolist()]
        assert left == [2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
        assert view.days(Selection())[0] == first_day
        assert view.source.shelves.damaged == 0
    assert caplog.text == ""


def test_a_folder_without_a_store_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no time series here"), opened(tmp_path, Retention()):
        pass
