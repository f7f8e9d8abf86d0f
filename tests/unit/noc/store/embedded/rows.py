"""Samples, queries and engines, made for tests of the embedded store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from noc.model.samples import Samples
from noc.model.series import Refusal, Series, SeriesName, SeriesQuery
from noc.store._retention import Retention
from noc.store._rows import floor_ms
from noc.store.embedded import query as queries
from noc.store.embedded import reading
from noc.store.embedded.engine import CUT_AFTER_MS, Engine
from noc.wire import columns

BEGIN = datetime(2026, 11, 20, 22, tzinfo=UTC)
NOW = floor_ms(BEGIN)
DAY_MS = 86_400_000
LATER = NOW + CUT_AFTER_MS + 1_800_000
MEGABYTE = 1024 * 1024


def row(minute: float, tags: Mapping[str, str] | None = None, device: str = "d", **fields: float | None) -> Samples:
    """Return one row of measurement `m`, some minutes after BEGIN."""
    named = tags or {}
    return Samples(
        "m",
        BEGIN + timedelta(minutes=minute),
        ("device", *named),
        tuple(fields),
        ((device, *named.values()),),
        (tuple(fields.values()),),
    )


def query(*fields: str, device: str = "d") -> SeriesQuery:
    """Ask for some fields (`v`) of 40 days around BEGIN."""
    return SeriesQuery(
        "m", fields or ("v",), {"device": device}, BEGIN - timedelta(days=20), BEGIN + timedelta(days=20)
    )


def write(engine: Engine, batch: Sequence[Samples], now_ms: int) -> tuple[Refusal, ...]:
    """Write a batch; return what was refused."""
    (refused,) = engine.write([columns.encode(batch)], now_ms)
    return refused


def read(engine: Engine, asked: SeriesQuery) -> tuple[Series, ...]:
    """Return what a query finds, asked some hours after BEGIN."""
    return queries.read(asked, engine.source, BEGIN + timedelta(hours=8)).series


def names(engine: Engine, where: Mapping[str, str]) -> tuple[SeriesName, ...]:
    """Return the series that have these tags."""
    return reading.names(where, engine.source)


def values(engine: Engine, *fields: str, device: str = "d") -> list[tuple[float, float]]:
    """Return (minute, value) of the one series that the query finds, or nothing."""
    found = read(engine, query(*fields, device=device))
    assert len(found) <= 1
    return [
        ((at - NOW) / 60_000, value) for each in found for at, value in zip(each.times_ms, each.values, strict=True)
    ]


@contextmanager
def opened(folder: Path, retention_days: int = 30, memory_bytes: int = 64 * MEGABYTE) -> Iterator[Engine]:
    """An open engine."""
    engine = Engine(folder, Retention(raw=timedelta(days=retention_days)), memory_bytes)
    engine.open()
    try:
        yield engine
    finally:
        engine.close()


def cut_all(engine: Engine, now_ms: int = LATER) -> None:
    """Do all that is due some hours later: everything in memory goes into chunks."""
    while engine.tick(now_ms) is not None:
        pass
    assert not [shard for memtable in engine.source.memtables for shard in memtable.uncut()]


def day_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.db"))
