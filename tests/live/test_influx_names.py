"""Which series a device has, over Debian's influxd: what a look at a whole month says, asked of the last hours."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from noc.clock import SystemClock
from noc.model.samples import Samples
from noc.model.series import SeriesName
from noc.service import running
from noc.store._ports import Store, Surroundings
from noc.store.influx import Settings, build, influxql
from noc.store.influx.access import Access, Place, access
from noc.store.influx.influxql import Row
from noc.store.influx.listing import FIELDS_AT_MOST, LATELY, NAMED_AT_MOST, Listing
from noc.store.influx.server import Server
from noc.wire.http import HttpClient, Tls
from tests.live.influx_server import DATABASE, Influxd
from tests.live.influx_server import influxd as influxd  # noqa: PLC0414 a fixture
from tests.live.test_influx import fresh
from tests.stores import put

pytestmark = pytest.mark.live

CLOCK = SystemClock()
NOW = CLOCK.now().replace(microsecond=0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Told(Server):
    """A server that keeps the statements it was asked."""

    def __init__(self, way: Access, client: HttpClient) -> None:
        super().__init__(way, client, CLOCK)
        self.statements: list[str] = []

    async def query(self, statement: str, timeout_s: float | None = None, place: Place | None = None) -> list[Row]:
        self.statements.append(statement)
        return await super().query(statement, timeout_s, place)


@dataclass
class House:
    """A store with numbers of one device, and the list of its series."""

    store: Store
    server: Told
    device: str = field(default_factory=lambda: fresh("d"))

    async def put(self, measurement: str, ago: timedelta, fields: Mapping[str, float], **tags: str) -> None:
        whole = {"device": self.device, **tags}
        names, values = tuple(fields), (tuple(fields.values()),)
        batch = [Samples(measurement, NOW - ago, tuple(whole), names, (tuple(whole.values()),), values)]
        assert await put(self.store, batch) == ()

    async def names(self) -> tuple[SeriesName, ...]:
        self.server.statements = []
        return await Listing(self.server, CLOCK).names({"device": self.device})

    async def found(self) -> list[tuple[str, str, tuple[str, ...]]]:
        return [(one.measurement, one.tags.get("n", ""), one.fields) for one in await self.names()]

    async def ever(self) -> list[tuple[str, dict[str, str], list[str]]]:
        """Return what a look at everything says."""
        rows = await self.server.query(influxql.select_last(f"\"device\"::tag = '{self.device}'", None))
        held = ((key, fields) for key, fields in influxql.numbers_held(rows) if fields)
        return [(name, dict(tags), sorted(fields)) for (name, tags), fields in sorted(held)]


@pytest.fixture
async def house(influxd: Influxd, tmp_path: Path) -> AsyncIterator[House]:
    settings = Settings(url=influxd.url, dialect="v1", database=DATABASE)
    store = build(settings, Surroundings(tmp_path, tmp_path, CLOCK, serves=False))
    client = HttpClient(Tls().context(), 30.0, 4)
    async with running([client, store]):
        yield House(store, Told(access(settings, tmp_path), client))


async def test_what_was_written_lately_is_asked_of_the_last_hours(house: House) -> None:
    one, other = fresh(), fresh()
    for ago in (HOUR, 20 * DAY):
        for port in ("a", "b"):
            await house.put(one, ago, {"in": 1.0, "out": 2.0}, n=port)
        await house.put(other, ago, {"v": 1.0})
    expected = sorted([(one, "a", ("in", "out")), (one, "b", ("in", "out")), (other, "", ("v",))])
    assert await house.found() == expected
    (statement,) = (one for one in house.server.statements if one.startswith("SELECT"))
    since = re.search(r"time >= '(\S{19})", statement)
    assert since is not None
    assert since[1] >= f"{NOW - LATELY:%Y-%m-%dT%H:%M:%S}"


async def test_fields_of_a_month_are_found_where_the_last_hours_lack_them(house: House) -> None:
    measurement = fresh()
    await house.put(measurement, HOUR, {"in": 1.0}, n="a")
    await house.put(measurement, HOUR, {"in": 1.0, "mos": 4.0}, n="b")
    await house.put(measurement, 12 * DAY, {"mos": 4.0, "late": 1.0}, n="a")
    await house.put(measurement, 3 * HOUR, {"daily": 1.0}, n="b")
    await house.put(fresh(), HOUR, {"elsewhere": 1.0})
    found = [one for one in await house.found() if one[0] == measurement]
    assert found == [(measurement, "a", ("in", "late", "mos")), (measurement, "b", ("daily", "in", "mos"))]


async def test_more_fields_than_a_statement_names(house: House) -> None:
    measurement = fresh()
    many = {f"f{number:03}": 1.0 for number in range(2 * FIELDS_AT_MOST + 5)}
    await house.put(measurement, HOUR, {"f000": 1.0}, n="a")
    await house.put(measurement, 12 * DAY, many, n="a")
    assert await house.found() == [(measurement, "a", tuple(many))]


async def test_series_of_last_month_and_of_last_year_are_found(house: House) -> None:
    measurement, other = fresh(), fresh("a b,c=d")
    await house.put(measurement, HOUR, {"in": 1.0}, n="now")
    await house.put(measurement, 12 * DAY, {"in": 1.0, "out": 1.0}, n="it's, of = last month")
    await house.put(measurement, 300 * DAY, {"in": 1.0, "old": 1.0}, n="last year")
    await house.put(other, 300 * DAY, {"v": 1.0}, n='quo"te')
    assert await house.found() == sorted([
        (measurement, "it's, of = last month", ("in", "out")),
        (measurement, "last year", ("in", "old")),
        (measurement, "now", ("in",)),
        (other, 'quo"te', ("v",)),
    ])  # fmt: skip


@pytest.mark.parametrize("ago", [12 * DAY, 300 * DAY], ids=["last month", "last year"])
async def test_a_device_that_fell_silent_has_all_its_series(house: House, ago: timedelta) -> None:
    measurement = fresh()
    for number in range(NAMED_AT_MOST + 5):
        await house.put(measurement, ago, {"in": 1.0, "out": 2.0}, n=f"{number:02}")
    found = await house.names()
    assert len(found) == NAMED_AT_MOST + 5
    assert [(one.measurement, dict(one.tags), list(one.fields)) for one in found] == await house.ever()
