"""What every store must answer when it is read, over Debian's influxd and Debian's VictoriaMetrics."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from noc.clock import SystemClock
from noc.service import running
from noc.store._ports import Store, Surroundings
from noc.store.influx import Settings, build
from tests.live.influx_server import DATABASE, Influxd
from tests.live.influx_server import influxd as influxd  # noqa: PLC0414 a fixture
from tests.live.test_influx_victoria import Flushed
from tests.live.victoria_server import Victoria
from tests.live.victoria_server import victoria as victoria  # noqa: PLC0414 a fixture
from tests.reading import ReadingSuite
from tests.stores import Place
from tests.stores import place as four_days_ago  # noqa: F401 a fixture

pytestmark = pytest.mark.live


@pytest.fixture(params=["influxd", "victoria"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    server: Influxd | Victoria = request.getfixturevalue(request.param)
    is_influx = not isinstance(server, Victoria)
    if is_influx:
        settings = Settings(url=server.url, dialect="v1", database=DATABASE)
    else:
        settings = Settings(url=server.url, dialect="victoria")
    built = build(settings, Surroundings(tmp_path, tmp_path, SystemClock()))
    async with running([built]):
        yield built if is_influx else Flushed(built, server)  # type: ignore[misc]


@pytest.fixture
def place(four_days_ago: Place) -> Place:  # noqa: F811
    """A place with a measurement that VictoriaMetrics can tell from its fields without a list."""
    return replace(four_days_ago, measurement=four_days_ago.measurement.replace("_", ""))


class TestReadingServers(ReadingSuite):
    """The suite of tests/reading.py."""
