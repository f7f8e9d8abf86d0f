"""The server's own list of the highest says what a look at all series says, whatever their tags hold."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest

from noc.clock import SystemClock
from noc.model.instants import to_ms
from noc.model.samples import Samples
from noc.model.series import TopQuery
from noc.service import running
from noc.store._answers import top_by_reading
from noc.store._ports import Surroundings
from noc.store.influx import Settings, build
from noc.store.influx.influxql import Column, Function, Source
from noc.store.influx.store import InfluxStore
from noc.store.influx.toplist import top_list
from tests.live.influx_server import DATABASE, Influxd
from tests.live.influx_server import influxd as influxd  # noqa: PLC0414 a fixture
from tests.live.test_influx import fresh
from tests.stores import put

pytestmark = pytest.mark.live

NOW = SystemClock().now().replace(microsecond=0)
SERIES = 120
HOSTILE = ('quo"te', "it's", "a,b", "a b", "a=b", "日本", "{}", "v")
TAKEN = ("top", "bottom", "noc_number")
"""What the server calls columns of its list."""


def fleet(measurement: str, chance: random.Random, keys: tuple[str, ...]) -> list[Samples]:
    """Return three minutes of series: some with tags that others lack, many with numbers that are the same."""
    found = []
    for number in range(SERIES):
        tags = {"device": f"d{number}", "site": chance.choice(HOSTILE)}
        if number % 3 == 0:
            tags[chance.choice(keys)] = chance.choice(HOSTILE)
        for minute in range(3):
            values = ((float(chance.randrange(30)) if chance.random() < 0.8 else None, 1.0),)
            at = NOW - timedelta(minutes=minute)
            found.append(Samples(measurement, at, tuple(tags), ("v", "w"), (tuple(tags.values()),), values))
    return found


@pytest.mark.parametrize("keys", [HOSTILE, HOSTILE + TAKEN], ids=["hostile", "taken"])
@pytest.mark.parametrize("function", get_args(Function))
async def test_it_says_what_a_look_at_all_series_says(
    influxd: Influxd, tmp_path: Path, function: Function, keys: tuple[str, ...]
) -> None:
    measurement, listed = fresh(), 0
    settings = Settings(url=influxd.url, dialect="v1", database=DATABASE)
    store = build(settings, Surroundings(tmp_path, tmp_path, SystemClock(), serves=False))
    assert isinstance(store, InfluxStore)
    begin, end = NOW - timedelta(hours=1), NOW + timedelta(seconds=1)
    async with running([store]):
        assert await put(store, fleet(measurement, random.Random(1), keys)) == ()  # noqa: S311 the same each time
        source = Source(measurement, {}, to_ms(begin), to_ms(end))
        for order in ("highest", "lowest"):
            for count in (1, 2, 5, 20, 40, SERIES, 2 * SERIES):
                query = TopQuery(measurement, "v", {}, begin, end, function, count, order)
                expected = await top_by_reading(store, query)
                assert await store.top(query) == expected
                answer = await top_list(store._server, source, Column("v", function), query)
                assert answer in (None, expected)
                listed += answer is not None
    assert (listed >= 2) == (keys == HOSTILE)
