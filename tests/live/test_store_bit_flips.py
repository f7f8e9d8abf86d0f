"""A thousand flipped bits in the files of an embedded store: it opens, no number is wrong, and little is lost."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from noc.model.samples import Samples
from noc.model.series import SeriesQuery
from noc.store._retention import Retention
from noc.store._rows import floor_ms
from noc.store.embedded import query as queries
from noc.store.embedded.engine import Engine
from noc.wire import columns

pytestmark = pytest.mark.live

BEGIN = datetime(2026, 11, 20, 12, tzinfo=UTC)
STEP = timedelta(minutes=10)
POLLS = 110  # twelve hours of one day, and six of the next; the last rows are in the log
DEVICES = 12
MEGABYTE = 1024 * 1024

Numbers = set[tuple[str, str, int, str]]


def poll(number: int, device: int) -> Samples:
    rows = tuple((f"d{device}", f"s{device % 3}", f"Gi{port}") for port in range(2))
    values = tuple((number * 1.5 + port + device / 10, number / 7) for port in range(2))
    return Samples("m", BEGIN + number * STEP, ("device", "site", "ifName"), ("a", "b"), rows, values)


def expected() -> Numbers:
    return {
        (dict(zip(table.tag_keys, tags, strict=True))["device"], tags[2], floor_ms(table.time), value.hex())
        for number in range(POLLS)
        for device in range(DEVICES)
        for table in (poll(number, device),)
        for tags, (value, _) in zip(table.tags, table.values, strict=True)
        if value is not None
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    engine = Engine(folder, Retention(), 64 * MEGABYTE)
    engine.open()
    for number in range(POLLS):
        now = floor_ms(BEGIN + number * STEP)
        engine.write([columns.encode([poll(number, device) for device in range(DEVICES)])], now)
        while engine.tick(now) is not None:
            pass
    engine.close()
    assert len(list(folder.glob("*.db"))) == 2
    assert found(folder)[0] == expected()
    return folder


def found(folder: Path) -> tuple[Numbers, int]:
    """Return the numbers of field `a` that are found, and how many places were told to be damaged."""
    engine = Engine(folder, Retention(), 64 * MEGABYTE)
    engine.open()
    numbers: Numbers = set()
    for device in range(DEVICES):
        query = SeriesQuery("m", ("a",), {"device": f"d{device}"}, BEGIN, BEGIN + timedelta(days=2))
        for one in queries.read(query, engine.source, BEGIN + timedelta(hours=20)).series:
            for at, value in zip(one.times_ms, one.values, strict=True):
                numbers.add((one.tags["device"], one.tags["ifName"], at, value.hex()))
    damaged = engine.shelves.damaged
    engine.close()
    return numbers, damaged


def flips(folder: Path, seed: int, count: int) -> Iterator[tuple[Path, int]]:
    """Yield files, and a bit of each, in proportion to their size."""
    chance = random.Random(seed)  # noqa: S311 no secrets here
    paths = sorted(path for path in (*folder.glob("*.db"), *folder.glob("log/*.log")) if path.stat().st_size)
    sizes = [path.stat().st_size for path in paths]
    for _ in range(count):
        (path,) = chance.choices(paths, sizes)
        yield path, chance.randrange(8 * path.stat().st_size)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 10))])
def test_no_number_is_wrong(whole: Path, tmp_path: Path, seed: int, caplog: pytest.LogCaptureFixture) -> None:
    right = expected()
    harmless = lost_most = untold = 0
    for number, (path, bit) in enumerate(flips(whole, seed, 100)):
        folder = tmp_path / str(number)
        shutil.copytree(whole, folder)
        damaged = folder / path.relative_to(whole)
        data = bytearray(damaged.read_bytes())
        data[bit // 8] ^= 1 << bit % 8
        damaged.write_bytes(data)
        caplog.clear()
        numbers, told = found(folder)
        assert numbers <= right, f"bit {bit} of {path.name}: a number that was never written"
        lost = len(right - numbers)
        harmless += not lost
        lost_most += lost > len(right) // 5
        untold += bool(lost) and not told and path.suffix == ".db"
        shutil.rmtree(folder)
    # A page of SQLite's tree may take all that hangs on it, and a changed name is another device's; most bits cost a
    # chunk, or nothing.
    assert harmless >= 20
    assert lost_most <= 30
    assert untold <= 10
