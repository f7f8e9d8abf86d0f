"""Stores that older formats wrote: read as they are, written into, written anew, and nothing of them changed.

The archives were made by noc as it was on 21 November 2026, at different hours: format1 has a log of version 1,
format2-first no patterns and no seals, format2-patterns no seals, format2 has both. Each holds two devices, 240 polls
ten minutes apart, of two interfaces and a ping, with gaps, fractions, -0.0 and numbers near 2**53. The first day is
merged, the last is not, and the last rows are in the log alone.
"""

from __future__ import annotations

import sqlite3
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from noc.model.samples import Samples
from noc.model.series import SeriesQuery
from noc.store._retention import Retention
from noc.store._rows import floor_ms
from noc.store.embedded import query as queries
from noc.store.embedded.chunktables import FORMAT
from noc.store.embedded.engine import Engine
from noc.wire import columns
from tests.unit.noc.store.embedded.rows import MEGABYTE

BEGIN = datetime(2026, 11, 19, 12, tzinfo=UTC)
POLLS = 240
STEP = timedelta(minutes=10)
AFTER = BEGIN + POLLS * STEP + timedelta(hours=30)


@pytest.fixture(params=["format1", "format2-first", "format2-patterns", "format2"])
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    name = str(request.param)
    with tarfile.open(Path(__file__).with_name(f"{name}.tar.gz")) as archive:
        archive.extractall(tmp_path, filter="data")
    assert formats(tmp_path) == {int(name[6])}
    return tmp_path


def formats(folder: Path) -> set[int]:
    found = set()
    for path in folder.glob("*.db"):
        sql = sqlite3.connect(path)
        found.add(sql.execute("PRAGMA user_version").fetchone()[0])
        sql.close()
    return found


def expected(port: int) -> dict[str, list[tuple[int, str]]]:
    """Return time and bits of each number of an interface, by field."""
    found: dict[str, list[tuple[int, str]]] = {"count": [], "in_bps": [], "out_bps": []}
    for n in range(POLLS):
        at = floor_ms(BEGIN + n * STEP)
        found["in_bps"].append((at, (n * 1.5 + port).hex()))
        if n % 3:
            found["out_bps"].append((at, (n / 7).hex()))
        found["count"].append((at, (-0.0 if n % 5 == 0 else float(2**53 - n)).hex()))
    return found


def check(engine: Engine) -> None:
    for device in ("old-1", "old-2"):
        asked = SeriesQuery(
            "interface", ("in_bps", "out_bps", "count"), {"device": device, "site": "oslo"}, BEGIN, AFTER
        )
        found: dict[str, dict[str, list[tuple[int, str]]]] = {}
        for one in queries.read(asked, engine.source, BEGIN).series:
            numbers = [(at, value.hex()) for at, value in zip(one.times_ms, one.values, strict=True)]
            found.setdefault(one.tags["ifName"], {})[one.field] = numbers
        assert found == {"Gi0/1": expected(0), "Gi0/2": expected(1)}
        ping = SeriesQuery("ping", ("rtt_ms",), {"device": device}, BEGIN, AFTER)
        (one,) = queries.read(ping, engine.source, BEGIN).series
        assert one.values == tuple(20 + n % 13 / 10 for n in range(POLLS))


def test_a_store_of_an_older_format_is_read_and_made_anew(folder: Path) -> None:
    engine = Engine(folder, Retention(), 64 * MEGABYTE)
    engine.open()
    check(engine)
    while engine.tick(floor_ms(AFTER)) is not None:
        pass
    assert formats(folder) == {FORMAT}
    check(engine)
    engine.close()
    engine = Engine(folder, Retention(), 64 * MEGABYTE)
    engine.open()
    check(engine)
    day = floor_ms(BEGIN) // 86_400_000
    file = engine.shelves.raw.current(day)
    assert file is not None
    assert file.devices_of_site("oslo") == {"old-1", "old-2"}
    assert file.classes() == {"router"}
    engine.close()


def test_numbers_of_a_whole_site_are_found_in_an_older_format(folder: Path) -> None:
    engine = Engine(folder, Retention(), 64 * MEGABYTE)
    engine.open()
    asked = SeriesQuery("ping", ("rtt_ms",), {"site": "oslo"}, BEGIN, BEGIN + timedelta(hours=1))
    assert [one.tags["device"] for one in queries.read(asked, engine.source, BEGIN).series] == ["old-1", "old-2"]
    engine.close()


def test_late_numbers_go_into_a_file_of_an_older_format(folder: Path) -> None:
    engine = Engine(folder, Retention(), 64 * MEGABYTE)
    engine.open()
    before = formats(folder)
    at = BEGIN + timedelta(minutes=5)
    late = Samples(
        "ping", at, ("device", "site", "device_class"), ("rtt_ms",), (("old-1", "oslo", "router"),), ((7.0,),)
    )
    engine.write([columns.encode([late])], floor_ms(AFTER))
    engine._freeze()
    while engine._frozen:
        engine.tick(floor_ms(AFTER))
    assert formats(folder) == before
    asked = SeriesQuery("ping", ("rtt_ms",), {"device": "old-1"}, BEGIN, BEGIN + timedelta(minutes=20))
    (one,) = queries.read(asked, engine.source, BEGIN).series
    assert one.values == (20.0, 7.0, 20.1)
    engine.close()
