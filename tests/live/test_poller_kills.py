"""kill -9 of a poller at each named place on its way to the centre: what was on its disk arrives, whole, and once.

The centre loses the bases that it had, as at a restart of its own, so the poller's shelf has to have them.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from noc import crashpoints
from noc.bus.bases import Keeping
from noc.bus.sending import UPLINK
from noc.spool.report import report
from tests.live.mosquitto import broker
from tests.live.poller_feeding import DEVICES, Numbers, PollerFeeder, laid
from tests.live.standin import BASES
from tests.live.test_poller import identity_at

pytestmark = [pytest.mark.live, pytest.mark.timeout(400)]

APART = 1_000_000
"""Between the numbers of two processes."""

START_S = 60.0
"""A process needs a second to start, and most of a minute on a machine that has much else to do."""

POINTS = (
    "frame.bases-put",
    "frame.put",
    "frame.taken",
    "frame.published",
    "frame.acknowledged",
    "frame.shelved",
    "frame.settled",
    "bases.said",
    "shelf.before-write",
    "shelf.written",
    "shelf.let-go",
    "spool.segment.made",
    "spool.append.half-written",
    "spool.append.before-sync",
    "spool.append.synced",
    "spool.cursor.written",
    "spool.cursor.replaced",
    "spool.segment.before-delete",
    "spool.segment.deleted",
)
ONCE = ("bases.said", "shelf.let-go")
"""What happens once after a restart, or seldom."""

QUICK = (("bases.said", 1), ("frame.shelved", 2))
SLOW = [(point, visit) for point in POINTS for visit in ((1,) if point in ONCE else (1, 7))]


@pytest.mark.parametrize(
    ("point", "visit"),
    [*QUICK, *(pytest.param(*one, marks=pytest.mark.slow) for one in SLOW if one not in QUICK)],
)
async def test_what_is_on_disk_arrives_whole_and_once(tmp_path: Path, point: str, visit: int) -> None:
    with ExitStack() as stack:
        await _killed_at(tmp_path, point, visit, stack)


async def _killed_at(tmp_path: Path, point: str, visit: int, stack: ExitStack) -> None:
    def feeding(first: int, **environment: str) -> PollerFeeder:
        feeder = PollerFeeder(folder, first, **environment)
        stack.callback(feeder.kill)
        return feeder

    async with broker(tmp_path) as port:
        said = identity_at(port)
        folder, centre = laid(tmp_path / "poller", said), Numbers(said, {})
        before = feeding(1)
        async with centre.there():
            await centre.until(lambda: len(set(centre.arrived)) >= 10 * DEVICES, "numbers", START_S)
        known = before.last
        assert await asyncio.to_thread(before.until, known + 10 * DEVICES)  # nobody hears these
        before.kill()
        centre.bases = Keeping(BASES)
        feeder = feeding(APART, **{crashpoints.VARIABLE: f"{point}:{visit}"})
        async with centre.there():
            assert await asyncio.to_thread(feeder.ended, START_S) == -signal.SIGKILL
        centre.bases = Keeping(BASES)
        after = feeding(2 * APART)
        async with centre.there():
            assert await asyncio.to_thread(after.until, 2 * APART + 5 * DEVICES)
            wanted = before.on_disk | feeder.on_disk | after.on_disk
            await centre.until(lambda: wanted <= set(centre.arrived), "all that was on the disk", START_S)
        after.kill()
    arrived = centre.arrived
    assert len(arrived) == len(set(arrived))
    assert centre.asked, "bases of frames before the kill had to be asked for"
    told = report(folder / "state" / "spool", consumer=UPLINK)
    assert (told.batches["lost"], told.batches["shed"], told.batches["dead"], told.missing) == (0, 0, 0, 0)
    assert told.adds_up
