"""From readings to a centre that is far: nothing is forgotten before it says so, whatever it lacks or refuses."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from noc.bus import batching as batching_module
from noc.bus.bases import NOBODYS, Keeping, based_on
from noc.bus.batching import Batching
from noc.bus.briefs import UnknownBaseError
from noc.bus.cells import laid_out
from noc.bus.frames import body_of, head_of, keep_bases
from noc.bus.messages import Acknowledged
from noc.bus.pacing import Pace
from noc.bus.readings import read
from noc.bus.sending import UPLINK, Sending
from noc.bus.shelf import Shelf
from noc.bus.topics import Word
from noc.clock import SystemClock
from noc.model.check import Check
from noc.model.event import Event
from noc.model.reading import Failure, FailureKind, Reading, SnmpAnswer
from noc.spool import spool as spool_module
from noc.spool.files import HoldBack
from noc.spool.letters import Letters
from noc.spool.spool import Spool
from tests.spools import TIME, conserved

PATIENCE_S = 10.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "COMMIT_EVERY_S", 0.001)
    monkeypatch.setattr(batching_module, "URGENT_S", 0.001)
    monkeypatch.setattr(batching_module, "ROUTINE_S", 0.001)


def poll(device: int = 1) -> Check:
    return Check(f"device/d{device}", "snmp", 60.0, 30.0)


def ping(device: int = 1) -> Check:
    return Check(f"device/d{device}", "icmp", 60.0, 5.0, liveness=True)


def answered(value: int) -> Reading:
    return Reading("snmp", "192.0.2.1", "nbo-1", TIME, 0.1, snmp=SnmpAnswer("p", {"in": value}))


DOWN = Reading("icmp", "192.0.2.1", "nbo-1", TIME, 0.1, failure=Failure(FailureKind.TIMEOUT, "no answer"))
EVENT = Event("192.0.2.1", "device/d1", "trap", "IF-MIB::linkDown", "link", "warning", 1, 1)


class Far:
    """A centre. answers: whether it says what it has; refuses: why it takes no frame."""

    def __init__(self) -> None:
        self.bases = Keeping(100)
        self.came: list[tuple[Word, bytes]] = []
        self.taken: dict[tuple[bytes, int], list[Reading]] = {}
        self.events: list[Event] = []
        self.answers = True
        self.refuses = ""
        self.sending: Sending | None = None
        self.changed = asyncio.Event()

    async def publish(self, word: Word, octets: bytes) -> None:
        self.came.append((word, octets))
        head, body = head_of(octets), body_of(octets)
        keep_bases(body, self.bases)
        said = Acknowledged(centre="c", boot=head.boot.hex(), stored=((head.number, head.number),))
        try:
            readings = [read(text, "nbo-1", self.bases)[1] for text in body.readings]
        except UnknownBaseError as error:
            said = replace_missing(said, error.digest)
        else:
            if self.refuses:
                said = Acknowledged(centre="c", boot=head.boot.hex(), refused=((head.number, self.refuses),))
            elif (head.boot, head.number) not in self.taken:
                self.taken[head.boot, head.number] = readings
                self.events += body.events
        if self.answers and self.sending is not None:
            await self.sending.acknowledged(said)
        self.changed.set()

    def values(self) -> list[object]:
        """Return what was read, in the order of the frames' numbers."""
        readings = [one for key in sorted(self.taken, key=lambda key: key[1]) for one in self.taken[key]]
        return [one.snmp.scalars["in"] for one in readings if one.snmp is not None]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


def replace_missing(said: Acknowledged, digest: bytes) -> Acknowledged:
    return Acknowledged(centre=said.centre, boot=said.boot, missing=(digest.hex(),))


class Near:
    """A poller's way from readings to the link."""

    def __init__(self, folder: Path, far: Far, boot: bytes = b"12345678") -> None:
        clock = SystemClock()
        self.spool = Spool(folder / "spool", clock, 10_000_000, hold_back=HoldBack(0.0, 0), consumers=(UPLINK,))
        self.shelf = Shelf(folder / "bases", clock, 1_000_000)
        self.batching = Batching(boot, clock, self.spool, self.shelf, self._put)
        pace = Pace(None, clock.monotonic())
        self.sending = Sending(self.spool, self.shelf, self.batching, pace, clock, far.publish)
        far.sending = self.sending
        self.services = (self.spool, self.shelf, self.batching, self.sending)

    def _put(self) -> None:
        self.sending.wake()

    async def start(self) -> None:
        for service in self.services:
            await service.start()

    async def stop(self) -> None:
        for service in reversed(self.services):
            await service.stop()

    async def take(self, check: Check, *readings: Reading) -> None:
        """Take readings, each in a frame of its own, until they are on disk."""
        for reading in readings:
            before = self.batching.seq
            self.batching.take(check, reading)
            while self.batching.seq == before:
                await asyncio.sleep(0.001)
            await self.spool.durable(self.batching.seq)

    async def settled(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while self.queued:
                await asyncio.sleep(0.001)

    @property
    def queued(self) -> int:
        return self.spool.tally_of(UPLINK).queued.batches


@pytest.fixture
def far() -> Far:
    return Far()


@pytest.fixture
async def near(tmp_path: Path, far: Far) -> AsyncIterator[Near]:
    near = Near(tmp_path, far)
    await near.start()
    yield near
    await near.stop()
    await conserved(near.spool, UPLINK)


async def test_what_the_centre_has_is_forgotten_and_nothing_else(near: Near, far: Far) -> None:
    await near.take(poll(), *map(answered, range(5)))
    assert near.queued == 5
    assert far.came == []
    near.sending.allow()
    await near.settled()
    assert far.values() == list(range(5))
    assert near.spool.tally_of(UPLINK).stored.values == 5


async def test_what_was_not_acknowledged_comes_again_after_the_link_was_gone(near: Near, far: Far) -> None:
    far.answers = False
    near.sending.allow()
    await near.take(poll(), *map(answered, range(3)))
    await far.until(lambda: len(far.taken) == 3)
    await near.sending.forbid()
    assert near.queued == 3
    assert len(near.sending.flight) == 0
    far.answers = True
    near.sending.allow()
    await near.settled()
    assert [word for word, _ in far.came] == ["samples"] * 6
    assert far.values() == [0, 1, 2]


async def test_a_centre_that_lost_its_bases_gets_them_whole_and_then_the_frames(near: Near, far: Far) -> None:
    near.sending.allow()
    await near.take(poll(), *map(answered, range(3)))
    await near.settled()
    far.bases = Keeping(100)
    await near.take(poll(), *map(answered, range(3, 6)))
    await near.settled()
    assert far.values() == list(range(6))
    assert near.spool.tally_of(UPLINK).dead.values == 0


async def test_bases_outlive_a_restart_of_the_poller(tmp_path: Path, far: Far) -> None:
    near = Near(tmp_path, far)
    await near.start()
    near.sending.allow()
    await near.take(poll(), answered(0))
    await near.settled()
    await near.sending.forbid()
    await near.take(poll(), *map(answered, range(1, 4)))
    await near.stop()
    far.bases = Keeping(100)
    again = Near(tmp_path, far, b"87654321")
    await again.start()
    again.sending.allow()
    await again.settled()
    assert far.values() == list(range(4))
    assert len(again.shelf) == 1
    await again.shelf.tidy(None)
    assert len(again.shelf) == 0
    await again.stop()


async def test_what_differs_from_a_base_that_is_gone_is_a_dead_letter_and_the_rest_is_stored(
    near: Near, far: Far
) -> None:
    near.sending.allow()
    await near.take(poll(), answered(0))
    await near.settled()
    await near.sending.forbid()
    far.bases = Keeping(100)
    near.batching.take(poll(), answered(1))
    near.batching.take(poll(2), answered(2))
    await near.take(poll(3), answered(3))
    near.batching.forget(poll().key)
    near.shelf._at.clear()  # as when it had to go for want of room
    near.sending.allow()
    await near.settled()
    assert far.values() == [0, 2, 3]
    tally = near.spool.tally_of(UPLINK)
    assert (tally.stored.values, tally.dead.values, near.sending.lost) == (3, 1, 1)
    [letter] = Letters(near.spool.folder).read()
    assert "shed" in letter.reason
    assert letter.values == 1


async def test_what_the_centre_refuses_is_a_dead_letter(near: Near, far: Far) -> None:
    far.refuses = "not its scope"
    near.sending.allow()
    await near.take(ping(), DOWN)
    await near.settled()
    assert near.spool.tally_of(UPLINK).dead.values == 1
    [letter] = Letters(near.spool.folder).read()
    assert letter.reason == "the centre refuses it: not its scope"
    assert letter.raw


async def test_what_is_new_goes_before_a_backlog_and_liveness_before_the_rest(near: Near, far: Far) -> None:
    far.answers = False
    for number in range(40):
        await near.take(poll(), answered(number))
    await near.take(ping(), DOWN)
    near.sending.allow()
    await far.until(lambda: bool(far.came))
    assert far.came[0][0] == "observations"
    await far.until(lambda: len(far.came) >= 20)
    numbers = [head_of(octets).number for _, octets in far.came[1:16]]
    assert min(numbers) > 20, "the newest are first"
    far.answers = True
    await near.sending.forbid()
    near.sending.allow()
    await near.settled()
    assert far.values() == list(range(40))


async def test_an_event_is_told_to_be_kept_once_it_is_on_disk(near: Near, far: Far) -> None:
    kept = asyncio.Event()
    assert near.batching.hear(EVENT, kept.set)
    assert not kept.is_set()
    await asyncio.wait_for(kept.wait(), PATIENCE_S)
    near.sending.allow()
    await near.settled()
    assert far.events == [EVENT]


async def test_an_acknowledgement_of_another_boot_or_of_nonsense_frees_nothing(near: Near, far: Far) -> None:
    far.answers = False
    near.sending.allow()
    await near.take(poll(), answered(1))
    await far.until(lambda: len(far.taken) == 1)
    for boot in ("", "zz", "00" * 8):
        await near.sending.acknowledged(Acknowledged(centre="c", boot=boot, stored=((1, 1_000),)))
    await near.sending.acknowledged(
        Acknowledged(centre="c", boot=b"12345678".hex(), stored=((2, 9),), missing=("ffff",), refused=((7, "x"),))
    )
    assert near.queued == 1


async def test_a_base_is_let_go_when_no_check_and_no_frame_needs_it(tmp_path: Path, far: Far) -> None:
    near = Near(tmp_path, far)
    await near.start()
    await near.take(poll(), answered(1), answered(2))
    await near.shelf.tidy(None)
    assert len(near.shelf) == 1  # the check goes on with it
    await near.stop()
    again = Shelf(near.shelf.folder, SystemClock(), 1_000_000)
    await again.start()
    await again.tidy(0)
    assert len(again) == 1  # a frame waits that may need it
    await again.tidy(None)
    assert len(again) == 0
    assert again.size == 0
    await again.stop()


async def test_bases_keep_to_their_budget(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, SystemClock(), 1_500)
    await shelf.start()
    for number in range(40):
        shelf.put([("device/d:snmp", based_on(*laid_out(SnmpAnswer("p", {"text": f"{number}" * 100})), NOBODYS))])
        await shelf.written()
    await shelf.tidy(0)
    assert shelf.size <= 1_500
    assert 0 < len(shelf) < 40
    await shelf.stop()


async def test_a_full_disk_keeps_nobody_from_what_is_on_it(
    near: Near, far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    await near.take(poll(), answered(0))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(near.shelf._segments, "append", full)
    monkeypatch.setattr(near.spool._files, "append", full)
    near.batching.take(poll(2), answered(1))
    near.batching.take(ping(), DOWN)
    async with asyncio.timeout(PATIENCE_S):
        while near.shelf.failing is None or near.spool.failing is None:
            await asyncio.sleep(0.001)
    near.sending.allow()
    await far.until(lambda: far.values() == [0])
    async with asyncio.timeout(PATIENCE_S):
        while near.spool.tally_of(UPLINK).stored.values < 1:
            await asyncio.sleep(0.001)
    monkeypatch.undo()
    monkeypatch.setattr(spool_module, "RETRY_AFTER_S", 0.001)
    await near.settled()
    assert far.values() == [0, 1]


def test_a_reading_that_says_something_new_is_urgent(tmp_path: Path) -> None:
    batching = Near(tmp_path, Far()).batching
    up = replace(DOWN, failure=None)
    said = [batching._is_urgent(ping(), one) for one in (up, DOWN, DOWN, up, up)]
    assert said == [False, True, True, True, False]
    refused = [batching._is_urgent(poll(), one) for one in (DOWN, DOWN, up)]
    assert refused == [True, False, True]  # a poll that fails again says nothing new
