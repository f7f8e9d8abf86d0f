from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.noc.http.house import FREE_PORT, House, build, plain_routes


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house with plain pages."""
    house = await build(tmp_path, FREE_PORT, plain_routes)
    yield house
    await house.stack.aclose()
