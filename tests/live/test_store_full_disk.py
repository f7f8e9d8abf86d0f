"""A full disk, for real: a write says so, later ones succeed again, and nothing that was acknowledged is lost."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from noc.clock import SystemClock
from noc.model.errors import StoreError
from noc.model.samples import Samples
from noc.model.series import SeriesQuery
from noc.service import running
from noc.store import embedded
from noc.store._ports import Store, Surroundings
from noc.store.embedded import engine
from tests.stores import put
from tests.surroundings import leave_out

pytestmark = pytest.mark.live

BEGIN = datetime(2026, 11, 20, 23, tzinfo=UTC)
WIDTH = 50


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        leave_out("a full disk", "only root can mount one")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(tmp_path)], check=True)
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def samples(number: int) -> Samples:
    fields = tuple(f"f{n}" for n in range(WIDTH))
    at = BEGIN + timedelta(seconds=number)
    return Samples("m", at, ("device",), fields, (("d",),), (tuple(number / 7 + n for n in range(WIDTH)),))


async def write_until_full(store: Store, number: int) -> int:
    """Write until the store refuses; return the number of the batch that was refused."""
    refused = ""
    while number < 100_000:
        try:
            await put(store, [samples(number)])
        except StoreError as error:
            refused = str(error)
            break
        number += 1
    assert "make room" in refused
    return number


async def found(store: Store) -> list[float]:
    query = SeriesQuery("m", ("f0",), {"device": "d"}, BEGIN, BEGIN + timedelta(days=3))
    return [value for series in (await store.read(query)).series for value in series.values]


@pytest.mark.parametrize("cut_all_the_time", [False, True])
async def test_nothing_acknowledged_is_lost(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch, cut_all_the_time: bool
) -> None:
    if cut_all_the_time:
        monkeypatch.setattr(engine, "CUT_AFTER_MS", 0)
    settings = embedded.Settings.model_validate({"retention": "36500d"})
    store = embedded.build(settings, Surroundings(small_disk, small_disk, SystemClock()))
    ballast = small_disk / "ballast"
    async with running([store]):
        for number in range(200):
            await put(store, [samples(number)])
        with pytest.raises(OSError, match="No space"):
            ballast.write_bytes(bytes(8 * 1024 * 1024))
        number = await write_until_full(store, 200)
        await store.caught_up()
        number = await write_until_full(store, number)
        assert (await found(store))[:number] == [n / 7 for n in range(number)]
        ballast.unlink()
        for later in range(number, number + 300):
            await put(store, [samples(later)])
        await store.caught_up()
        expected = [n / 7 for n in range(number + 300)]
        assert await found(store) == expected
    async with running([store]):
        assert await found(store) == expected
