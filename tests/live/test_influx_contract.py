"""The suite that every store passes, over Debian's influxd; and over NOC_TEST_INFLUX_URL where a person names a server.

NOC_TEST_INFLUX_DIALECT: v1, v2 or v3. NOC_TEST_INFLUX_DATABASE (v1, v3), _ORG and _BUCKET (v2), _USER (v1).
NOC_TEST_INFLUX_TOKEN, _PASSWORD: the secrets themselves.
"""

from __future__ import annotations

import math
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from noc.clock import SystemClock
from noc.service import running
from noc.settings.secrets import SecretRef
from noc.store._ports import Store, Surroundings
from noc.store.influx import Settings, build
from tests.live.influx_server import DATABASE, Influxd
from tests.live.influx_server import influxd as influxd  # noqa: PLC0414 a fixture
from tests.stores import Place, StoreSuite
from tests.stores import place as four_days_ago  # noqa: F401 a fixture

pytestmark = pytest.mark.live

NAMED = "NOC_TEST_INFLUX_"
FOREIGN = os.environ.get(f"{NAMED}URL")


def settings_of_the_environment() -> Settings:
    """Return the settings of the server that a person has named."""
    named = {
        key: value
        for key in ("url", "dialect", "database", "org", "bucket", "user")
        if (value := os.environ.get(f"{NAMED}{key.upper()}")) is not None
    }
    secrets = {
        key: SecretRef("env", f"{NAMED}{key.upper()}")
        for key in ("token", "password")
        if f"{NAMED}{key.upper()}" in os.environ
    }
    return Settings.model_validate({**named, **secrets})


@pytest.fixture
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    if FOREIGN is not None:
        settings = settings_of_the_environment()
    else:
        server: Influxd = request.getfixturevalue("influxd")
        settings = Settings(url=server.url, dialect="v1", database=DATABASE)
    built = build(settings, Surroundings(tmp_path, tmp_path, SystemClock()))
    async with running([built]):
        yield built


@pytest.fixture
def place(four_days_ago: Place) -> Place:  # noqa: F811
    """A place two days ago: of 3 Core, series are named that had a number in the last three days."""
    return replace(four_days_ago, begin=four_days_ago.begin + timedelta(days=2))


class TestInflux(StoreSuite):
    """The suite of tests/stores.py."""

    async def test_a_zero_below_zero_keeps_its_sign(self, place: Place) -> None:
        await place.put_line([-0.0, 0.0, -0.0, -1.0])
        assert [math.copysign(1, number) for _, number in await place.numbers()] == [-1, 1, -1, -1]
