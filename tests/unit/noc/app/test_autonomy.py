"""The rooms of a poller: made where a plan asks for them, and a fault in them stops nothing else."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from noc.app.autonomy import Autonomy
from noc.app.autonomyline import Line
from noc.app.planning import plan_files
from noc.app.pollerplan import PollerPlan
from noc.bus import tales
from noc.bus.messages import Acknowledged
from noc.bus.tales import OpenIncidents
from noc.clock import SystemClock
from noc.model.check import Check
from noc.model.reading import PingAnswer, Reading
from tests.unit.noc.app.test_autonomyplan import centre, plan_at

CLOCK = SystemClock()


async def nothing(_: bytes = b"") -> None:
    return None


def line(whole: list[bool]) -> Line:
    return Line(
        publish=nothing,
        hold_frames=nothing,
        go_on=lambda: None,
        speak=lambda: None,
        may_call=lambda: True,
        take_all=whole.append,
        ahead_ms=lambda: 0,
        look=lambda _: False,
    )


@pytest.fixture
async def autonomy(tmp_path: Path) -> AsyncIterator[Autonomy]:
    made = Autonomy(tmp_path / "state", "nbo-1", "east", CLOCK, line([]))
    await made.start()
    yield made
    await made.stop()


def plan(folder: Path, more: str) -> PollerPlan:
    name = "with" if more else "without"
    return plan_at(folder / name, plan_files(centre(folder, more), "nbo-1", "east"))


def ping() -> tuple[Check, Reading]:
    check = Check("device/a", "icmp", 60.0, 1.0, liveness=True)
    return check, Reading("icmp", "192.0.2.1", "nbo-1", CLOCK.now(), 0.01, None, ping=PingAnswer((0.01,)))


def test_a_poller_imports_no_database_and_no_web_server_before_a_plan_asks_for_it() -> None:
    text = "import sys, noc.app.pollerrun; print(sorted({m.split('.')[0] for m in sys.modules}), *sys.modules)"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=60, check=True)
    told = done.stdout.split()
    for word in ("sqlalchemy", "noc.state.database", "noc.app.autonomyhouse", "noc.http.server", "alerts.engine"):
        assert word not in told


async def test_rooms_are_made_and_left_as_plans_ask(autonomy: Autonomy, tmp_path: Path) -> None:
    await autonomy.use(plan(tmp_path, ""))
    assert autonomy.house is None
    await autonomy.use(plan(tmp_path, ", autonomy: true"))
    assert autonomy.house is not None
    assert (autonomy.health, autonomy.ready(), autonomy.alone_ms) == ("", True, None)
    assert (tmp_path / "state" / "autonomy" / "noc.db").exists()
    for _ in range(3):
        autonomy.take(*ping())
        await asyncio.sleep(0.002)  # no two results are of one moment
    assert autonomy.house.rooms.statuses.status_of("device/a") == "up"
    before = autonomy.house
    await autonomy.use(plan(tmp_path, ", autonomy: true, autonomy_after: 10m"))
    assert autonomy.house is before
    assert before.gate.after_s == 600.0
    await autonomy.use(plan(tmp_path, ""))
    assert autonomy.house is None
    assert autonomy.ready()


async def test_rooms_that_are_made_late_or_anew_know_that_the_centre_answered(
    autonomy: Autonomy, tmp_path: Path
) -> None:
    autonomy._started_s -= 3_600.0  # it has run for an hour
    autonomy.answered(Acknowledged(centre="c", boot=""))
    await autonomy.use(plan(tmp_path, ", autonomy: true"))
    assert autonomy.house is not None
    assert autonomy.house.silent_s < 60.0
    await autonomy.house.work.work()
    assert autonomy.alone_ms is None


async def test_the_centres_list_is_kept_as_it_came(autonomy: Autonomy, tmp_path: Path) -> None:
    await autonomy.use(plan(tmp_path, ", autonomy: true"))
    octets = tales.written(OpenIncidents(at_ms=7))
    autonomy.listed(b"what is no list")
    autonomy.listed(octets)
    path = tmp_path / "state" / "autonomy" / "incidents.bin"
    async with asyncio.timeout(10):
        while not path.exists():
            await asyncio.sleep(0.01)
    assert path.read_bytes() == octets
    assert autonomy.house is not None
    assert autonomy.house.work.centres is not None
    assert autonomy.house.work.centres.at_ms == 7


async def test_a_fault_in_judging_is_told_and_raised_to_nobody(
    autonomy: Autonomy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await autonomy.use(plan(tmp_path, ", autonomy: true"))
    assert autonomy.house is not None

    def broken(*_: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(autonomy.house.rooms.polling, "take", broken)
    for _ in range(3):
        autonomy.take(*ping())
    assert "fault in noc" in autonomy.health
    assert len([one for one in caplog.messages if "judging met a fault" in one]) == 1
    autonomy.answered(Acknowledged(centre="c", boot=""))
    assert autonomy.ready()


async def test_a_disk_that_cannot_hold_them_leaves_a_poller_that_polls(autonomy: Autonomy, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "autonomy").write_text("in the way")
    await autonomy.use(plan(tmp_path, ", autonomy: true"))
    assert autonomy.house is None
    assert autonomy.health
    assert autonomy.ready()
    autonomy.take(*ping())
