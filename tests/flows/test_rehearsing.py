"""A rehearsal that a page asks for runs in a process of its own, on the settings as they are written."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from noc.app.rehearsing import Rehearsing
from noc.model.errors import ConflictError, UsageError
from tests.rehearsed import SCENARIO, configured

EVENTS = "  - {at: 0m, fail: site/nairobi}\n  - {at: 30m, restore: site/nairobi}\n"


@pytest.fixture
def rehearse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rehearsing:
    monkeypatch.setenv("COMMUNITY", "public")
    configured(tmp_path)
    return Rehearsing(tmp_path / "noc.yaml")


async def test_it_is_played_beside_the_daemon_and_one_at_a_time(rehearse: Rehearsing) -> None:
    first = asyncio.create_task(rehearse(SCENARIO + EVENTS, "fr"))
    await asyncio.sleep(0)
    with pytest.raises(ConflictError):
        await rehearse(SCENARIO + EVENTS, "en")
    found = await first
    assert found.met
    incidents = found.answer["incidents"]
    assert isinstance(incidents, list)
    assert incidents[0]["root_cause"] == "site/nairobi"
    lines = found.answer["time_line"]
    assert isinstance(lines, list)
    assert lines[0]["text"] == "panne de site/nairobi"


async def test_what_is_wrong_with_a_scenario_is_told_with_its_place(rehearse: Rehearsing) -> None:
    with pytest.raises(UsageError, match=r"SCENARIO:4:20: error: .*unknown site 'nowhere'"):
        await rehearse(f"{SCENARIO}  - {{at: 0m, fail: site/nowhere}}\n", "en")
