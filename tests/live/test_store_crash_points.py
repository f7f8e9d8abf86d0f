"""The embedded store killed at every named place: what it said was stored is there, once, when it is opened again."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from noc.crashpoints import VARIABLE
from noc.model.series import SeriesQuery
from noc.store._retention import Retention
from noc.store._rows import floor_ms
from noc.store.embedded import query as queries
from noc.store.embedded.engine import Engine
from noc.store.embedded.view import Selection, opened
from tests.live.forked import finished

pytestmark = pytest.mark.live

POINTS = (
    "store.log.half-written",
    "store.log.before-sync",
    "store.log.synced",
    "store.log.marked",
    "store.log.deleted",
    "store.cut.before-commit",
    "store.cut.committed",
    "store.merge.before-replace",
    "store.merge.replaced",
    "store.roll.before-commit",
    "store.roll.committed",
)
BEGIN = datetime(2026, 11, 20, 20, tzinfo=UTC)
BATCHES = 60
DEVICES = 5

# Time goes by half an hour a batch, so that two days are written, cut, merged and rolled up on the way.
WRITER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from noc.model.samples import Samples
from noc.store._retention import Retention
from noc.store._rows import floor_ms
from noc.store.embedded import cut, log
from noc.store.embedded.engine import Engine
from noc.wire import columns

cut.SLICE_CELLS = 30
log.PART_BYTES = 400
BEGIN = datetime(2026, 11, 20, 20, tzinfo=UTC)
engine = Engine(Path(sys.argv[1]), Retention(), 64 * 1024 * 1024)
engine.open()
for number in range(int(sys.argv[2]), 60):
    at = BEGIN + timedelta(minutes=30 * number)
    w = None if number % 3 else 1.5
    batch = [
        Samples("m", at, ("device", "site"), ("v", "w"), ((f"d{n}", "x"),), ((number + n / 10, w),))
        for n in range(5)
    ]
    engine.write([columns.encode(batch)], floor_ms(at))
    print(number, flush=True)
    while engine.tick(floor_ms(at)) is not None:
        pass
print("done", flush=True)
"""


def run(folder: Path, first: int, point: str) -> tuple[int, bool]:
    """Write from a batch on until the place is reached; return the last batch that was stored, and whether it was."""
    process = finished((str(folder), str(first)), env={**os.environ, VARIABLE: point}, code=WRITER)
    said = process.stdout.split()
    killed = process.returncode == -signal.SIGKILL
    assert killed or said[-1] == "done"
    stored = [int(word) for word in said if word != "done"]
    return stored[-1] if stored else first - 1, killed


def numbers(engine: Engine, field: str, device: int) -> dict[datetime, float]:
    query = SeriesQuery("m", (field,), {"device": f"d{device}"}, BEGIN, BEGIN + timedelta(days=5))
    return {
        datetime.fromtimestamp(at / 1000, UTC): value
        for one in queries.read(query, engine.source, BEGIN).series
        for at, value in zip(one.times_ms, one.values, strict=True)
    }


@pytest.mark.parametrize("visit", [1, pytest.param(4, marks=pytest.mark.slow)])
@pytest.mark.parametrize("point", POINTS)
def test_nothing_is_lost_or_there_twice(tmp_path: Path, point: str, visit: int) -> None:
    last, killed, kills = -1, True, 0
    while killed and kills < 8:
        last, killed = run(tmp_path, last + 1, f"{point}:{visit}")
        kills += killed
    assert kills or visit > 1
    last, killed = run(tmp_path, last + 1, "")
    assert not killed
    with opened(tmp_path, Retention()) as view:  # beside the logs that are still there
        pieces = [piece.frame for piece in view.pieces(Selection(device="d1"))]
        assert sum(frame.times.size for frame in pieces) == BATCHES
    engine = Engine(tmp_path, Retention(), 64 * 1024 * 1024)
    engine.open()
    for device in range(DEVICES):
        expected = {BEGIN + timedelta(minutes=30 * number): number + device / 10 for number in range(BATCHES)}
        assert numbers(engine, "v", device) == expected
        assert set(numbers(engine, "w", device).values()) == {1.5}
        assert len(numbers(engine, "w", device)) == BATCHES // 3
    query = SeriesQuery("m", ("v",), {"device": "d1"}, BEGIN, BEGIN + timedelta(days=5), timedelta(days=1), ("count",))
    now = BEGIN + timedelta(days=40)  # older than raw numbers are kept: from roll-ups
    answer = queries.read(query, engine.source, now)
    assert sum(answer.series[0].values) == BATCHES
    assert answer.resolution == "1h"
    while engine.tick(floor_ms(BEGIN + timedelta(minutes=30 * BATCHES))) is not None:
        pass
    assert not list((tmp_path / "log").glob("*.cut"))
    engine.close()
