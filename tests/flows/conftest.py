"""Worlds in virtual time that are put away when a story is over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from noc.inventory.inventory import Inventory
from tests.database import remembered_schema
from tests.flows.places import Make, Numbers
from tests.flows.world import World


@pytest.fixture(scope="session", autouse=True)
def schema_of_databases() -> Iterator[None]:
    """Run the migrations once: each rehearsal and what-if has a state database of its own."""
    with remembered_schema():
        yield


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    async with AsyncExitStack() as stack:

        async def made(known: Inventory, **more: object) -> World:
            world = World(tmp_path, known, **more)  # type: ignore[arg-type]
            await world.begin()
            stack.push_async_callback(world.database.stop)
            return world

        yield made


@pytest.fixture
def number() -> Numbers:
    counted = iter(range(1, 100_000))
    return lambda: next(counted)
