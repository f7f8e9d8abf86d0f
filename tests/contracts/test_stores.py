"""Every store that needs no server, found by itself: the same suite over each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from noc import plugins
from noc.clock import SystemClock
from noc.service import running
from noc.store._ports import Store, Surroundings
from tests.reading import ReadingSuite
from tests.stores import StoreSuite
from tests.stores import place as place  # noqa: PLC0414 a fixture

NEED_A_SERVER = {"influx"}
STORES = [name for name in plugins.names("noc.store") if hasattr(plugins.load("noc.store", name), "build")]


@pytest.fixture(params=[name for name in STORES if name not in NEED_A_SERVER])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    module = plugins.load("noc.store", request.param)
    built: Store = module.build(module.Settings(), Surroundings(tmp_path, tmp_path, SystemClock()))
    async with running([built]):
        yield built


class TestEveryStore(StoreSuite):
    """The suite of tests/stores.py."""


class TestReadingEveryStore(ReadingSuite):
    """The suite of tests/reading.py."""


@pytest.mark.parametrize("name", STORES)
def test_settings_name_their_store(name: str) -> None:
    kind = plugins.load("noc.store", name).Settings.model_fields["kind"]
    assert kind.default == name


def test_the_stores_without_a_server_are_found() -> None:
    assert {"embedded", "memory"} <= set(STORES)
