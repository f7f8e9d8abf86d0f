"""What of noc keeps it from being ready, and what it only says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from noc.app.build import build
from noc.app.health import health
from noc.app.reload import Reload
from noc.clock import ManualClock

from .conftest import CLEAN, Checking


async def test_settings_that_were_refused_are_told_and_leave_noc_ready(checking: Checking) -> None:
    base = f"state_dir: state\n{CLEAN['noc.yaml']}"
    checked = checking.run({"noc.yaml": base})
    daemon = build(checked, ManualClock(datetime(2026, 3, 1, tzinfo=UTC)))
    reload = Reload(Path("noc.yaml"), checked, daemon)
    checking.write({"noc.yaml": f"{base}nonsense: 1\n"})
    assert not await reload.now()
    (part,) = (part for part in health(daemon, reload) if part.part == "settings")
    assert (part.ok, part.needed) == (False, False)
    assert part.said == "1 finding in the settings; those before are in use"
