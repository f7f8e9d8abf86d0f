"""What people ask of a spool that a daemon owns, and what its files tell them."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from noc.clock import SystemClock
from noc.model.instants import to_ms
from noc.spool import clerk as clerk_module
from noc.spool import requests
from noc.spool import spool as spool_module
from noc.spool.clerk import Clerk
from noc.spool.letters import Letters, letter
from noc.spool.report import report, wrong
from noc.spool.requests import Answer, Replay, Request, Resend
from noc.spool.spool import Spool
from tests.spools import conserved, numbered

ROW = "m,device=d v=1.5,w=2.5 1767225600000"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "COMMIT_EVERY_S", 0.001)
    monkeypatch.setattr(spool_module, "TIDY_EVERY_S", 0.001)
    monkeypatch.setattr(clerk_module, "LOOK_EVERY_S", 0.001)


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    spool = Spool(tmp_path / "spool", SystemClock(), 10_000_000)
    await spool.start()
    yield spool
    await conserved(spool)
    await spool.stop()


@pytest.fixture
async def clerk(spool: Spool) -> AsyncIterator[Clerk]:
    clerk = Clerk(spool, Letters(spool.folder), SystemClock())
    await clerk.start()
    yield clerk
    await clerk.stop()


async def answered(spool: Spool, request: Request) -> Answer:
    place = requests.ask(spool.folder, request)
    async with asyncio.timeout(10):
        while (said := requests.answered(place)) is None:
            await asyncio.sleep(0)
        while any((spool.folder / requests.FOLDER).iterdir()):  # what was asked goes last
            await asyncio.sleep(0)
    return said


async def settled(spool: Spool, count: int) -> None:
    for number in range(count):
        last = spool.put(numbered(float(number)))
    await spool.durable(last)
    await spool.settle({record.seq: 0 for record in await spool.waiting(count)})


@pytest.mark.usefixtures("clerk")
async def test_the_store_is_fed_again(spool: Spool) -> None:
    await settled(spool, 10)
    now_ms = to_ms(SystemClock().now())
    assert await answered(spool, Replay(now_ms + 60_000, now_ms + 120_000)) == Answer(0, 0)
    assert await answered(spool, Replay(now_ms - 60_000, now_ms + 60_000)) == Answer(10, 10)
    assert spool.queued == 10


@pytest.mark.usefixtures("clerk")
async def test_dead_letters_are_sent_again_one_by_one_or_all(spool: Spool) -> None:
    letters = Letters(spool.folder)
    letters.add([letter(number, "2026-01-01T00:00:00.000Z", "conflict", 2, ROW) for number in range(3)])
    first = letters.read()[0]
    assert await answered(spool, Resend((first.id,))) == Answer(1, 2)
    assert await answered(spool, Resend(())) == Answer(2, 4)
    assert await answered(spool, Resend(())) == Answer(0, 0)
    assert "there is no dead letter x" in (await answered(spool, Resend(("x",)))).wrong
    assert all(one.sent_again for one in Letters(spool.folder).read())
    assert spool.tally.given.values == 6


@pytest.mark.usefixtures("clerk")
async def test_what_is_no_request_is_answered_too(spool: Spool) -> None:
    assert await answered(spool, Resend(())) == Answer(0, 0)
    garbage = spool.folder / requests.FOLDER / "x.request"
    garbage.write_text("[")
    async with asyncio.timeout(10):
        while (said := requests.answered(garbage.with_suffix(".answer"))) is None:
            await asyncio.sleep(0)
    assert "can't be read" in said.wrong


def test_a_request_that_nobody_takes_up_is_withdrawn(tmp_path: Path) -> None:
    place = requests.ask(tmp_path, Replay(1, 2))
    assert [request for _, request in requests.asked(tmp_path, 0.0)] == [Replay(1, 2)]
    assert requests.withdraw(place)
    assert not requests.withdraw(place)
    assert list(requests.asked(tmp_path / "nowhere", 0.0)) == []


async def test_the_files_tell_what_became_of_everything(spool: Spool) -> None:
    await settled(spool, 10)
    for number in range(5):
        last = spool.put(numbered(float(number)))
    await spool.durable(last)
    async with asyncio.timeout(10):
        while (found := report(spool.folder, bodies=True)).batches["stored"] < 10:
            await asyncio.sleep(0)
    assert (found.last, found.queued.batches, found.queued.values, found.held.values) == (15, 5, 5, 10)
    assert found.adds_up
    assert list(wrong(found)) == []
    (path,) = spool.folder.glob("*.seg")
    content = bytearray(path.read_bytes())
    content[12 * len(content) // 15 + 40] ^= 1
    path.write_bytes(content)
    damaged = report(spool.folder)
    assert (damaged.queued.batches, damaged.batches["lost"], len(damaged.damaged)) == (4, 1, 1)
    assert damaged.adds_up
    assert "are damaged" in next(wrong(damaged))


async def test_a_record_whose_body_is_none_is_told(spool: Spool) -> None:
    await spool.durable(spool.put(b"columns 3\ngarbage"))
    assert list(wrong(report(spool.folder))) == []
    (said,) = wrong(report(spool.folder, bodies=True))
    assert "batch 1: " in said


async def test_a_disk_that_is_full_for_ever_does_not_hold_up_the_end(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = Letters(spool.folder)
    letters.add([letter(1, "2026-01-01T00:00:00.000Z", "conflict", 2, ROW)])
    append = spool._files.segments.append

    def full(records: object, values: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(spool._files.segments, "append", full)
    clerk = Clerk(spool, letters, SystemClock())
    await clerk.start()
    requests.ask(spool.folder, Resend(()))
    async with asyncio.timeout(10):
        while spool.failing is None:
            await asyncio.sleep(0)
        await clerk.stop()
    monkeypatch.setattr(spool._files.segments, "append", append)
    assert [one.sent_again for one in letters.read()] == [""]  # it may be sent once more
