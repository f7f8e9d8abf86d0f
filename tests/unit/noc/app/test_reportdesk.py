"""Reports in the daemon are those of the shell, whether the ledger was read already or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.app.figures import Figures
from noc.app.reportdesk import ReportDesk
from noc.availability.objectives import Targets
from noc.clock import ManualClock
from noc.model.instants import from_ms
from noc.model.transition import Transition
from noc.reports.availability import gather
from noc.reports.frame.asked import Asked
from noc.reports.frame.registry import digest_of, written
from noc.state import ledger
from noc.state.database import Database
from tests.reported import INVENTORY, NOW_MS, at, reported

ASKED = Asked(report="availability", period="2026-10", by="device")


async def test_the_daemon_issues_the_report_of_the_shell(tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        answer = await gather(material, ASKED)
    database, clock = Database(tmp_path / "noc.db"), ManualClock(from_ms(NOW_MS))
    await database.start()
    figures = Figures(database, lambda: INVENTORY, clock)
    desk = ReportDesk(database, lambda: INVENTORY, Targets, clock, figures=figures)
    issue = await desk.issue(ASKED)
    assert issue.digest == digest_of(written(answer))
    assert await desk.issue(ASKED) == issue
    # What the daemon learned since is in the next issue, and not in one of before.
    async with database.write() as connection:
        late = at("10-30 00:00")
        await ledger.append(
            connection, [Transition("device/nbo", "down", "up", late, late + 60_000, "icmp", "hq", "confirmed", ())]
        )
    second = await desk.issue(ASKED)
    assert second.number == 2
    _, after = await desk.get(second.id)
    _, before = await desk.get((await desk.issue(ASKED.model_copy(update={"known": answer.head.known_at.record}))).id)
    failed = {
        one: {line.entity: line.measured.failed_s for line in found.lines}["device/nbo"]  # type: ignore[attr-defined]
        for one, found in (("after", after), ("before", before))
    }
    assert failed == {"after": 1_800 + 2 * 86_400, "before": 1_800}
    with pytest.raises(LookupError):
        await desk.get(99)
    await database.stop()
