"""The suite of every store over Debian's VictoriaMetrics, written by noc's client and by influxdb-client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from noc.clock import SystemClock
from noc.model.errors import StoreError
from noc.model.series import Refusal
from noc.service import running as started
from noc.settings.secrets import SecretRef
from noc.store._ports import Store, Surroundings
from noc.store.influx import Settings, build
from noc.store.influx.settings import Writer
from tests.live.test_influx import ask, fresh, table
from tests.live.victoria_server import Victoria
from tests.live.victoria_server import victoria as victoria  # noqa: PLC0414 a fixture
from tests.stores import Place, StoreSuite, put
from tests.stores import place as four_days_ago  # noqa: F401 a fixture

pytestmark = pytest.mark.live

DIGITS: Final = 1e-12
"""VictoriaMetrics keeps about twelve to fifteen digits of a number."""


class Flushed:
    """A store whose numbers can be read at once: VictoriaMetrics takes a second by itself."""

    def __init__(self, store: Store, server: Victoria) -> None:
        self._store = store
        self._server = server

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    async def write(self, body: bytes) -> tuple[Refusal, ...]:
        refusals = await self._store.write(body)
        self._server.flush()
        return refusals


@pytest.fixture(params=["noc", "influxdb-client"])
async def store(request: pytest.FixtureRequest, victoria: Victoria, tmp_path: Path) -> AsyncIterator[Store]:
    writer: Writer = request.param
    settings = Settings(url=victoria.url, dialect="victoria", writer=writer)
    built = build(settings, Surroundings(tmp_path, tmp_path, SystemClock()))
    async with started([built]):
        yield Flushed(built, victoria)  # type: ignore[misc]


@pytest.fixture
def place(four_days_ago: Place) -> Place:  # noqa: F811
    """A place with a measurement that can be told from its fields without a list."""
    return replace(four_days_ago, measurement=four_days_ago.measurement.replace("_", ""))


class TestVictoria(StoreSuite):
    """The suite of tests/stores.py, but for what VictoriaMetrics is not made for (docs/influx.md)."""

    @pytest.mark.parametrize("value", [2.0**53, 2.0**53 - 1, 1e300, -1e-300, 0.1, 1 / 3, 12.34, -273.15])
    async def test_numbers_are_exact(self, place: Place, value: float) -> None:
        values = [value, 0.0, value, -value]
        await place.put_line(values)
        assert [number for _, number in await place.numbers()] == pytest.approx(values, rel=DIGITS, abs=0)

    async def test_names_tell_series_and_fields(self, place: Place) -> None:
        own = replace(place, measurement="interface")
        rows = ({"ifName": "b"}, {"out_bps": 1.0, "in_bps": 2.0}), ({"ifName": "a"}, {"out_bps": 1.0})
        await own.write(own.samples(place.begin, *rows))
        await place.put(place.begin, value=1.0)
        found = await place.store.names({"device": place.device})
        assert [(name.measurement, dict(name.tags), name.fields) for name in found] == [
            ("interface", {"device": place.device, "ifName": "a"}, ("out_bps",)),
            ("interface", {"device": place.device, "ifName": "b"}, ("in_bps", "out_bps")),
            (place.measurement, {"device": place.device}, ("value",)),
        ]
        assert await place.store.names({"device": place.device, "ifName": "b"}) == (found[1],)


async def test_what_is_written_as_to_influxdb_2_arrives(victoria: Victoria, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("any")
    name, tag = fresh(), "a b,c=d'\"日"
    for writer, number in (("noc", 1.25), ("influxdb-client", 2.5)):
        secret = SecretRef("file", "token")
        settings = Settings.model_validate(
            {"url": victoria.url, "dialect": "v2", "org": "o", "bucket": "b", "token": secret, "writer": writer}
        )
        store = build(settings, Surroundings(tmp_path, tmp_path, SystemClock()))
        async with started([store]):
            assert await put(store, [table(name, [(tag, number), (writer, number)])]) == ()
            # It has no InfluxQL, and answers every query alike: with the databases.
            with pytest.raises(StoreError, match="answers something else than was asked"):
                await store.read(ask(name))
    victoria.flush()
    found = [(line["metric"]["n"], line["values"]) for line in victoria.export(f'{{__name__="{name}_value"}}')]  # type: ignore[index]
    assert sorted(found) == [(tag, [2.5]), ("influxdb-client", [2.5]), ("noc", [1.25])]


async def test_a_server_that_is_away_is_told_by_the_official_client_too(tmp_path: Path) -> None:
    settings = Settings(url="http://127.0.0.1:1", dialect="victoria", writer="influxdb-client")
    store = build(settings, Surroundings(tmp_path, tmp_path, SystemClock()))
    async with started([store]):
        with pytest.raises(StoreError, match=r"VictoriaMetrics http://127.0.0.1:1: no answer: .*refused") as raised:
            await put(store, [table("m", [("a", 1.0)])])
    assert not raised.value.refused
