"""InfluxDB 2.x and 3 Core: the suite of every store and the servers' refusals, over a facade of them."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from noc.clock import ManualClock, SystemClock
from noc.model.errors import StoreError
from noc.service import running
from noc.settings.secrets import SecretRef
from noc.store._ports import Store, Surroundings
from noc.store.influx import Settings, build
from noc.store.influx.settings import Dialect
from tests.live.influx_facade import ORG, TOKEN, Facade, Planned
from tests.live.influx_server import DATABASE, Influxd
from tests.live.influx_server import influxd as influxd  # noqa: PLC0414 a fixture
from tests.live.test_influx import NOW, ask, fresh, numbers, table
from tests.stores import Place, StoreSuite, put
from tests.stores import place as four_days_ago  # noqa: F401 a fixture

pytestmark = pytest.mark.live


def settings(facade: Facade, folder: Path, token: str = TOKEN, **changes: object) -> Settings:
    (folder / "token").write_text(token)
    where = {"org": ORG, "bucket": DATABASE} if facade.dialect == "v2" else {"database": DATABASE}
    named = {"url": facade.url, "dialect": facade.dialect, "token": SecretRef("file", "token"), "timeout": "5s"}
    return Settings.model_validate({**named, **where, **changes})


@pytest.fixture(params=["v2", "v3"])
async def facade(request: pytest.FixtureRequest, influxd: Influxd) -> AsyncIterator[Facade]:
    dialect: Dialect = request.param
    made = Facade(dialect, influxd.url, DATABASE)
    async with running([made]):
        yield made


@pytest.fixture
async def store(facade: Facade, tmp_path: Path) -> AsyncIterator[Store]:
    built = build(settings(facade, tmp_path), Surroundings(tmp_path, tmp_path, SystemClock()))
    async with running([built]):
        yield built


@pytest.fixture
def place(four_days_ago: Place) -> Place:  # noqa: F811
    """A place two days ago: of 3 Core, series are named that had a number in the last three days."""
    return replace(four_days_ago, begin=four_days_ago.begin + timedelta(days=2))


class TestDialects(StoreSuite):
    """The suite of tests/stores.py."""


async def test_what_is_written_goes_to_the_paths_of_the_dialect(facade: Facade, store: Store) -> None:
    assert await put(store, [table(fresh(), [("a", 1.0)])]) == ()
    assert facade.asked == ["GET /query", "POST /api/v2/write"]


async def test_a_wrong_token_is_told_without_itself(
    facade: Facade, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = build(settings(facade, tmp_path, "hunter2"), Surroundings(tmp_path, tmp_path, SystemClock()))
    async with running([store]):
        facade.planned.append(Planned(401, '{"message": "token hunter2 is not known"}'))
        with pytest.raises(StoreError, match=r"refuses the log-in \(token … is not known\): check token") as raised:
            await put(store, [table("m", [("a", 1.0)])])
    assert raised.value.refused
    assert "refuses the log-in" in caplog.text
    assert "hunter2" not in caplog.text + str(raised.value) + repr(raised.value)


async def test_a_bucket_that_is_not_there(facade: Facade, tmp_path: Path) -> None:
    key = "bucket" if facade.dialect == "v2" else "database"
    store = build(settings(facade, tmp_path, **{key: "nowhere"}), Surroundings(tmp_path, tmp_path, SystemClock()))
    command = "influx bucket create" if facade.dialect == "v2" else "influxdb3 create database 'nowhere'"
    async with running([store]):
        with pytest.raises(StoreError, match=command) as raised:
            await put(store, [table("m", [("a", 1.0)])])
    assert raised.value.refused


@pytest.mark.parametrize("facade", ["v2"], indirect=True)
async def test_a_missing_dbrp_mapping_is_told_by_the_command_that_makes_it(facade: Facade, store: Store) -> None:
    facade.has_dbrp = False
    with pytest.raises(StoreError, match="influx v1 dbrp create --db 'noc' --rp 'autogen'") as raised:
        await store.read(ask("m"))
    assert raised.value.refused
    assert await put(store, [table(fresh(), [("a", 1.0)])]) == ()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, '{"error": "partial write of line protocol occurred", "data": [{"line_number": 3}]}'),
        (400, '{"code": "invalid", "message": "unable to parse \'x\': missing fields"}'),
        (422, '{"code": "unprocessable entity", "message": "failure writing points to database: conflict"}'),
        (400, "what no version has said yet"),
        (413, '{"code": "request too large"}'),
    ],
)
async def test_what_is_refused_once_is_halved_and_stored(facade: Facade, store: Store, status: int, body: str) -> None:
    name = fresh()
    facade.planned += [Planned(status, body)]
    assert await put(store, [table(name, [("a", 1.0), ("b", 2.0), ("c", 3.0)])]) == ()
    assert facade.asked.count("POST /api/v2/write") == 3
    assert await numbers(store, name) == {"a": 1.0, "b": 2.0, "c": 3.0}


async def test_a_400_about_the_place_is_no_fault_of_the_lines(facade: Facade, store: Store) -> None:
    facade.planned += [Planned(400, '{"code": "invalid", "message": "invalid bucket name"}')]
    with pytest.raises(StoreError, match="invalid bucket name") as raised:
        await put(store, [table("m", [("a", 1.0)])])
    assert raised.value.refused


@pytest.mark.parametrize(
    ("planned", "seconds"),
    [
        (Planned(429, headers={"Retry-After": "17"}), 17.0),
        (Planned(503, headers={"Retry-After": "100000"}), 3600.0),
        (Planned(503, headers={"Retry-After": "-1"}), None),
        (Planned(503, headers={"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}), 0.0),
        (Planned(500, '{"message": "engine is closed"}'), None),
        (Planned(204, drop=True), None),
    ],
)
async def test_what_passes_is_to_be_tried_again(
    facade: Facade, store: Store, planned: Planned, seconds: float | None
) -> None:
    facade.planned.append(planned)
    with pytest.raises(StoreError) as raised:
        await put(store, [table(fresh(), [("a", 1.0)])])
    assert not raised.value.refused
    assert raised.value.retry_after_s == seconds


async def test_a_date_to_try_again_at_counts_from_now(facade: Facade, tmp_path: Path) -> None:
    store = build(settings(facade, tmp_path), Surroundings(tmp_path, tmp_path, ManualClock(NOW)))
    async with running([store]):
        at = NOW + timedelta(seconds=90)
        facade.planned.append(Planned(503, headers={"Retry-After": f"{at:%a, %d %b %Y %H:%M:%S} GMT"}))
        with pytest.raises(StoreError) as raised:
            await put(store, [table("m", [("a", 1.0)])])
    assert raised.value.retry_after_s == 90.0


async def test_a_redirect_is_not_followed(facade: Facade, store: Store) -> None:
    facade.planned.append(Planned(307, headers={"Location": "https://elsewhere.example:8443/api?token=x"}))
    asked = len(facade.asked)
    with pytest.raises(StoreError, match=r"leads on to https://elsewhere.example:8443: write that as url") as raised:
        await put(store, [table("m", [("a", 1.0)])])
    assert raised.value.refused
    assert len(facade.asked) == asked + 1


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "null",
        "<html>",
        '{"results": 3}',
        '{"results": [{"series": [{"name": "databases", "columns": ["name"], "values": [["x"]]}]}]}',
        '{"results": [{"series": [{"name": "m", "columns": ["time", "value"], "values": [[1], [2, 3, 4]]}]}]}',
        '{"results": [{"error": "timeout"}]}',
        '{"results": [{"partial": true, "series": []}]}',
        "[" * 5000,
    ],
)
async def test_what_is_no_answer_to_a_query_is_told(facade: Facade, store: Store, body: str) -> None:
    facade.planned.append(Planned(200, body))
    with pytest.raises(StoreError, match=rf"InfluxDB {facade.url}: "):
        await store.read(ask("m"))


async def test_another_fault_is_told_again(facade: Facade, store: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "noc.store")
    facade.planned += [Planned(503), Planned(503), Planned(401), Planned(401), Planned(503)]
    for _ in range(5):
        with pytest.raises(StoreError):
            await put(store, [table("m", [("a", 1.0)])])
    told = [text.getMessage() for text in caplog.records if "fails:" in text.getMessage()]
    assert [": 503" in text for text in told] == [True, False, True]
