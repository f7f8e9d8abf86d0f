from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.hashing import cheap_passwords
from tests.templates import kept_templates
from tests.unit.noc.http.house import FREE_PORT, House, build, plain_routes

__all__ = ["cheap_passwords", "kept_templates"]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house with plain pages."""
    house = await build(tmp_path, FREE_PORT, plain_routes)
    yield house
    await house.stack.aclose()
