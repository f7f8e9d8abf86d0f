"""kill -9 of the way of samples, at random moments and at each named crash point: what was on disk is in the store."""

from __future__ import annotations

import random
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from noc import crashpoints
from noc.clock import SystemClock
from noc.spool.report import wrong
from tests.live.feeding import REPLAY, Feeder, emptied, missing

pytestmark = pytest.mark.live

BASE = SystemClock().now().replace(microsecond=0) - timedelta(days=1)
APART = 1_000_000
"""Between the numbers of two processes."""


@pytest.mark.parametrize(
    ("kills", "seed"), [(6, 1), pytest.param(200, 2, marks=(pytest.mark.slow, pytest.mark.timeout(900)))]
)
async def test_at_random_moments(tmp_path: Path, kills: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 the same chances each time, no secret
    acknowledged: list[range] = []
    for number in range(kills):
        feeder = Feeder(tmp_path, BASE, 1 + number * APART)
        feeder.until(chance.randint(1, 60))
        feeder.kill()
        acknowledged.append(feeder.acknowledged)
        if number % 20 == 19 or number == kills - 1:
            found, told = await emptied(tmp_path)
            assert [lost for one in acknowledged for lost in missing(found, one)] == []
            assert (told.batches["lost"], told.batches["shed"], told.queued.batches) == (0, 0, 0)
            assert list(wrong(told)) == []
    assert sum(map(len, acknowledged)) > kills * 20


@pytest.mark.parametrize("point", [name for name in crashpoints.POINTS if name != "spool.quarantined"])
@pytest.mark.parametrize("visit", [1, pytest.param(7, marks=pytest.mark.slow)])
async def test_at_a_named_point(tmp_path: Path, point: str, visit: int) -> None:
    before = Feeder(tmp_path, BASE, 1)
    assert before.until(30)
    before.kill()
    armed = {crashpoints.VARIABLE: f"{point}:{visit}", **({REPLAY: "1"} if point == "spool.replayed" else {})}
    feeder = Feeder(tmp_path, BASE, APART, **armed)
    assert feeder.ended() == -signal.SIGKILL
    found, told = await emptied(tmp_path)
    assert missing(found, before.acknowledged) == missing(found, feeder.acknowledged) == []
    assert (told.batches["lost"], told.batches["shed"], told.queued.batches) == (0, 0, 0)
    assert list(wrong(told)) == []


async def test_while_a_damaged_place_is_put_aside(tmp_path: Path) -> None:
    before = Feeder(tmp_path, BASE, 1, **{crashpoints.VARIABLE: "spool.cursor.written:2"})
    before.ended()
    newest = max((tmp_path / "spool").glob("*.seg"))
    content = bytearray(newest.read_bytes())
    assert len(content) > 200
    content[5] ^= 1  # the length of the first record in it
    newest.write_bytes(content)
    feeder = Feeder(tmp_path, BASE, APART, **{crashpoints.VARIABLE: "spool.quarantined"})
    assert feeder.ended() == -signal.SIGKILL
    found, told = await emptied(tmp_path)
    gone = missing(found, before.acknowledged)
    assert len(gone) <= 20  # one record
    assert told.adds_up
    assert told.batches["lost"] * 20 == len(gone) or told.batches["lost"] == 1
