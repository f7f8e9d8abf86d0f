from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from noc.api.routes import routes
from tests.templates import kept_templates
from tests.unit.noc.http.house import FREE_PORT, House, build

__all__ = ["kept_templates"]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house with the API."""
    house = await build(tmp_path, FREE_PORT, routes)
    yield house
    await house.stack.aclose()
