"""What a change would have done, asked of a daemon: in a process of its own, by the real command."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from noc.app.whatifs import WhatIfs
from noc.clock import SystemClock
from noc.http.ruleroom import Played
from noc.model.errors import ConflictError, UsageError
from noc.model.instants import to_ms
from noc.model.transition import Status, Transition
from noc.service import running
from noc.state import ledger
from noc.state.database import Database
from noc.store import embedded
from noc.store._ports import Surroundings
from tests.rehearsed import SETTINGS, configured

STORED = SETTINGS + "store: {kind: embedded}\n"
OFF = "enabled: false\n"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMMUNITY", "public")
    configured(tmp_path, STORED)
    return tmp_path / "noc.yaml"


async def outage(folder: Path) -> None:
    """Let a site be down for half an hour, yesterday."""
    now = SystemClock().now()

    def change(status: Status, before: Status, hours: float) -> Transition:
        since_ms = to_ms(now - timedelta(hours=hours))
        results = ((since_ms, status == "up"),)
        return Transition("device/nbo-1", status, before, since_ms, since_ms, "icmp", "hub", "confirmed", results)

    state = Database(folder / "state" / "noc.db")
    store = embedded.build(embedded.Settings(), Surroundings(folder, folder / "state", SystemClock()))
    async with running([state, store]), state.write() as connection:
        changes = [change("up", "unknown", 90), change("down", "up", 20), change("up", "down", 19.5)]
        await ledger.append(connection, changes)


async def played(config: Path, name: str, text: str) -> Played:
    past = WhatIfs(config, SystemClock())
    begun = past.begin(name, text, 1)
    assert (begun.state, begun.done, begun.answer) == ("running", 0, None)
    with pytest.raises(ConflictError, match="number 1 is being played"):
        past.begin(name, text, 1)
    await past.ended()
    found = past.get(begun.id)
    assert found is not None
    return found


async def test_where_a_rule_is_switched_off_another_one_speaks(config: Path) -> None:
    await outage(config.parent)
    found = await played(config, "transport-down", OFF)
    assert (found.state, found.done) == ("done", 1.0), found.said
    answer: Any = found.answer
    assert answer["rules"]["removed"] == ["transport-down"]
    (moved,) = answer["move"]
    assert [moved[when]["rule"] for when in ("before", "after")] == ["transport-down", "device-down"]
    assert not any(line.startswith("progress") for line in found.said)


async def test_a_mistake_is_told_with_its_place(config: Path) -> None:
    await outage(config.parent)
    found = await played(
        config, "mine", "kind: expression\nsummary: x\nseverity: minor\nfor: 0s\nwhen: noc_memory.usd > 1\n"
    )
    assert (found.state, found.answer) == ("failed", None)
    assert any(line.startswith("mine.yaml:5:7: error: when: 'noc_memory' has no field 'usd'") for line in found.said)


@pytest.mark.parametrize(
    ("name", "text", "days", "said"),
    [
        ("No Name", OFF, 1, "is no name of a rule"),
        ("../x", OFF, 1, "is no name of a rule"),
        ("x", " ", 1, "a rule has 1 to 100,000 characters"),
        ("x", OFF, 32, "days: 32 is not from 1 to 31"),
    ],
)
async def test_what_cannot_be_begun(tmp_path: Path, name: str, text: str, days: int, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        WhatIfs(tmp_path / "noc.yaml", SystemClock()).begin(name, text, days)
