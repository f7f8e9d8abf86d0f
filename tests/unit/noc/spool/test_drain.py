"""From the spool to a store that is away, refuses, or comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from noc.clock import SystemClock
from noc.model.errors import StoreError
from noc.model.samples import Samples
from noc.model.series import Refusal
from noc.spool import drain as drain_module
from noc.spool import spool as spool_module
from noc.spool.drain import DEAD_LETTERS, Drain
from noc.spool.payload import Payload
from noc.spool.spool import Spool
from noc.wire import columns
from noc.wire.bodies import COLUMNS, LINES, encode_lines

TIME = datetime(2026, 1, 1, tzinfo=UTC)


class Shelf:
    """A store that does as it is told: `moods` are the answers to the next writes, then all is taken."""

    def __init__(self, *moods: Exception | tuple[Refusal, ...]) -> None:
        self.moods = list(moods)
        self.taken: list[float] = []

    @property
    def form(self) -> str:
        return COLUMNS

    def encode(self, batch: Sequence[Samples]) -> bytes:
        return columns.encode(batch)

    async def write(self, body: bytes) -> tuple[Refusal, ...]:
        mood = self.moods.pop(0) if self.moods else ()
        if isinstance(mood, Exception):
            raise mood
        batch = columns.decode(body)
        self.taken += [value for samples in batch for row in samples.values for value in row if value is not None]
        return mood


def sample(value: float) -> Samples:
    return Samples("m", TIME, ("device",), ("v",), (("d",),), ((value,),))


def numbered(value: float) -> bytes:
    return Payload(COLUMNS, 1, columns.encode([sample(value)])).pack()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "COMMIT_EVERY_S", 0.001)
    monkeypatch.setattr(drain_module, "FIRST_WAIT_S", 0.001)
    monkeypatch.setattr(drain_module, "LONGEST_WAIT_S", 0.002)


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    spool = Spool(tmp_path / "spool", SystemClock(), 10_000_000)
    await spool.start()
    yield spool
    await spool.stop()


def sizes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in folder.iterdir()}


async def emptied(spool: Spool, drain: Drain) -> None:
    await drain.start()
    async with asyncio.timeout(10):
        while spool.queued:
            await asyncio.sleep(0)
    await drain.stop()


async def test_everything_arrives_in_order(spool: Spool, tmp_path: Path) -> None:
    shelf = Shelf()
    drain = Drain(spool, shelf, SystemClock(), tmp_path)
    for value in range(200):
        spool.put(numbered(float(value)))
    await emptied(spool, drain)
    assert shelf.taken == [float(value) for value in range(200)]
    assert (drain.tally.stored, drain.tally.values) == (200, 200)


async def test_a_store_that_is_away_is_asked_again_and_told_of_once(
    spool: Spool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shelf = Shelf(*(StoreError("influx at 127.0.0.1:1: connection refused") for _ in range(5)))
    drain = Drain(spool, shelf, SystemClock(), tmp_path)
    spool.put(numbered(1.0))
    await emptied(spool, drain)
    assert shelf.taken == [1.0]
    assert drain.tally.failures == 5
    assert drain.failing is None
    assert [record.levelname for record in caplog.records if "store" in record.message] == ["ERROR", "WARNING"]


async def test_what_is_refused_for_good_is_kept_for_people_and_the_rest_goes_on(spool: Spool, tmp_path: Path) -> None:
    shelf = Shelf((Refusal("m v=1 1", "field type conflict", 1),))
    drain = Drain(spool, shelf, SystemClock(), tmp_path / "dead")
    spool.put(numbered(1.0))
    await emptied(spool, drain)
    spool.put(numbered(2.0))
    await emptied(spool, drain)
    letter = json.loads((tmp_path / "dead" / DEAD_LETTERS).read_text())
    assert (letter["reason"], letter["rows"]) == ("field type conflict", "m v=1 1")
    assert (drain.tally.values, drain.tally.refused_values) == (1, 1)


async def test_the_file_of_dead_letters_is_bounded(
    spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain_module, "DEAD_LETTERS_BYTES", 100)
    drain = Drain(spool, Shelf(*((Refusal("m v=1 1", f"reason {n}", 1),) for n in range(20))), SystemClock(), tmp_path)
    for value in range(20):
        spool.put(numbered(float(value)))
        await emptied(spool, drain)
    kept = {name: size for name, size in sizes(tmp_path).items() if name.startswith(DEAD_LETTERS)}
    assert len(kept) == 2
    assert sum(kept.values()) < 500
    assert "reason 19" in (tmp_path / DEAD_LETTERS).read_text()


async def test_a_batch_that_cannot_be_read_is_counted_and_passed_over(spool: Spool, tmp_path: Path) -> None:
    shelf = Shelf()
    drain = Drain(spool, shelf, SystemClock(), tmp_path)
    spool.put(b"of another program")
    spool.put(numbered(2.0))
    await emptied(spool, drain)
    assert shelf.taken == [2.0]
    assert (drain.tally.unreadable, drain.tally.stored) == (1, 1)
    assert drain.tally.unreadable + drain.tally.stored == spool.tally.stored


async def test_a_body_that_cannot_be_read_is_a_dead_letter(spool: Spool, tmp_path: Path) -> None:
    shelf = Shelf()
    drain = Drain(spool, shelf, SystemClock(), tmp_path)
    spool.put(Payload(COLUMNS, 3, b"of another program").pack())
    spool.put(numbered(2.0))
    await emptied(spool, drain)
    assert shelf.taken == [2.0]
    assert (drain.tally.refused_values, drain.tally.values) == (3, 1)
    assert "can't be read" in json.loads((tmp_path / DEAD_LETTERS).read_text())["reason"]


async def test_a_queue_outlives_a_change_of_store_and_of_version(spool: Spool, tmp_path: Path) -> None:
    shelf = Shelf()
    spool.put(Payload(LINES, 1, encode_lines([sample(1.0)])).pack())
    spool.put(columns.encode([sample(2.0)]))  # as the first version wrote them
    spool.put(Payload("newer", 1, b"x").pack())
    drain = Drain(spool, shelf, SystemClock(), tmp_path)
    await emptied(spool, drain)
    assert shelf.taken == [1.0, 2.0]
    assert (drain.tally.values, drain.tally.unreadable) == (2, 1)


async def test_what_did_not_arrive_stays_in_the_spool(spool: Spool, tmp_path: Path) -> None:
    away = Drain(spool, Shelf(*(StoreError("away") for _ in range(10_000))), SystemClock(), tmp_path)
    spool.put(numbered(1.0))
    await away.start()
    async with asyncio.timeout(10):
        while not away.tally.failures:
            await asyncio.sleep(0)
    await away.stop()
    assert spool.queued == 1
    shelf = Shelf()
    await emptied(spool, Drain(spool, shelf, SystemClock(), tmp_path))
    assert shelf.taken == [1.0]


async def test_a_fault_does_not_end_the_drain(spool: Spool, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    shelf = Shelf(RuntimeError("a fault"))
    drain = Drain(spool, shelf, SystemClock(), tmp_path)
    spool.put(numbered(1.0))
    await emptied(spool, drain)
    assert shelf.taken == [1.0]
    assert drain.failing is None
    assert caplog.text.count("met a fault in noc, see the log") == caplog.text.count("takes samples again") == 1


async def test_a_spool_that_can_not_be_read_is_read_again(
    spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, folder = Shelf(), tmp_path / "spool"
    drain = Drain(spool, shelf, SystemClock(), tmp_path)
    await spool.durable(spool.put(numbered(1.0)))
    (segment,) = folder.glob("*.seg")
    away = segment.rename(tmp_path / "away")
    segment.mkdir()  # reading it fails, also for root
    await drain.start()
    async with asyncio.timeout(10):
        while drain.failing is None:
            await asyncio.sleep(0)
        assert "can't be read" in drain.failing
        segment.rmdir()
        away.rename(segment)
        while spool.queued:
            await asyncio.sleep(0)
    await drain.stop()
    assert shelf.taken == [1.0]
