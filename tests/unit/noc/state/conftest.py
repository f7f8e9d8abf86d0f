from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from noc.state.database import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An open state database on disk."""
    database = Database(tmp_path / "noc.db")
    await database.start()
    yield database
    await database.stop()
