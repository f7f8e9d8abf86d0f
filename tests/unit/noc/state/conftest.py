from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from noc.state.database import Database
from tests.database import empty_database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An open state database on disk."""
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    yield database
    await database.stop()
