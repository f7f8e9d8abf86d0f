"""The service around the engine: its thread, its clock, its folder."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from noc.clock import ManualClock
from noc.model.errors import StoreError
from noc.service import running
from noc.store import embedded
from noc.store._ports import Surroundings
from noc.store.embedded.store import EmbeddedStore
from tests.stores import put
from tests.unit.noc.store.embedded.rows import BEGIN, DAY_MS, day_files, query, row


def built(folder: Path, clock: ManualClock, **settings: object) -> EmbeddedStore:
    store = embedded.build(embedded.Settings.model_validate(settings), Surroundings(folder, folder, clock))
    assert isinstance(store, EmbeddedStore)
    return store


async def test_files_lie_below_the_state_directory_unless_the_path_is_absolute(tmp_path: Path) -> None:
    clock = ManualClock(BEGIN)
    async with running([built(tmp_path, clock), built(tmp_path, clock, path=str(tmp_path / "else" / "where"))]):
        assert (tmp_path / "series" / "log").is_dir()
        assert (tmp_path / "else" / "where" / "log").is_dir()


async def test_it_cuts_by_itself(tmp_path: Path) -> None:
    clock = ManualClock(BEGIN)
    store = built(tmp_path, clock)
    async with running([store]):
        await put(store, [row(0, v=1.0)])
        await clock.advance(3 * 3600)
        await put(store, [])  # waits its turn behind what the clock has woken
        await store.caught_up()
        assert day_files(tmp_path / "series") == ["2026-11-20.db"]
        assert (store.tally.values, store.tally.chunks, store.tally.bytes_in_memory) == (1, 1, 0)


async def test_the_retention_is_kept(tmp_path: Path) -> None:
    store = built(tmp_path, ManualClock(BEGIN), retention=timedelta(days=1))
    async with running([store]):
        (refusal,) = await put(store, [row(-DAY_MS / 60_000 - 1, v=1.0), row(0, v=2.0)])
        assert refusal.values == 1


async def test_a_store_that_is_not_open_says_so(tmp_path: Path) -> None:
    store = built(tmp_path, ManualClock(BEGIN))
    with pytest.raises(StoreError, match="isn't open"):
        await put(store, [row(0, v=1.0)])
    async with running([store]):
        pass
    with pytest.raises(StoreError, match="isn't open"):
        await store.read(query())


async def test_a_start_that_failed_leaves_nothing_behind(tmp_path: Path) -> None:
    clock = ManualClock(BEGIN)
    first, second = built(tmp_path, clock), built(tmp_path, clock)
    async with running([first]):
        with pytest.raises(StoreError, match="another noc"):
            await second.start()
    async with running([second]):
        await put(second, [row(0, v=1.0)])
        assert len((await second.read(query())).series) == 1
