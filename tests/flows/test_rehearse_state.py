"""A rehearsal that knows what people have planned: windows and overrides of a daemon's state, which it reads alone."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from pathlib import Path

import pytest

from noc.availability.times import parse
from noc.cli import main
from noc.model.oncall import Handover, Override
from noc.model.window import WindowDecision
from noc.state import handovers, overrides, windows
from noc.state.database import Database
from tests.rehearsed import SCENARIO, SETTINGS, configured

START, END = parse("2026-03-01T02:00:00Z"), parse("2026-03-01T04:00:00Z")
BEFORE = START - 86_400_000
ON_CALL = SETTINGS.replace("{notify: [achieng]}", "{notify: [schedule/nairobi]}").replace(
    "  notifiers:",
    "  schedules:\n    nairobi:\n      time_zone: Africa/Nairobi\n      layers:\n"
    '        - {rotation: weekly, hand_off: "mon 08:00", people: [achieng]}\n  notifiers:',
)
Answer = dict[str, list[dict[str, str]]]


def rehearsed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], events: str, *options: str
) -> tuple[object, Answer, str]:
    """Return exit code, answer and stderr."""
    monkeypatch.setenv("COMMUNITY", "public")
    (folder / "scenario.yaml").write_text(f"{SCENARIO}{events}")
    config = str(folder / "noc.yaml")
    monkeypatch.setattr(sys, "argv", ["noc", "rehearse", str(folder / "scenario.yaml"), "-c", config, *options])
    code: object = 0
    try:
        main()
    except SystemExit as stop:
        code = stop.code
    captured = capsys.readouterr()
    return code or 0, json.loads(captured.out) if captured.out else {}, captured.err


def plan(folder: Path) -> None:
    """Have a daemon's state: work at Goma in the first hour, the desk stands in for achieng, a hand-over."""

    async def write() -> None:
        database = Database(folder / "state" / "noc.db")
        await database.start()
        asked = WindowDecision(
            "site/goma", BEFORE, 0, "requested", START, START + 3_600_000, "", "UTC", (), "okello", "new card"
        )
        async with database.write() as connection:
            for _ in range(3):  # so that the numbers of its records are greater than any of the rehearsal
                found = await windows.request(connection, asked)
                await windows.approve(connection, found.number, who="amina", now_ms=BEFORE)
            await overrides.add(connection, Override(0, "nairobi", BEFORE, END, "desk", who="amina", made_ms=BEFORE))
            await handovers.write(
                connection, Handover(0, "nairobi", BEFORE, "desk", "achieng", "calm", {}, BEFORE, "x")
            )
        await database.stop()

    asyncio.run(write())


def dumped(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "state" / "noc.db") as connection:
        return list(connection.iterdump())


def people(answer: Answer) -> set[str]:
    return {one["person"] for one in answer["notifications"]}


def test_windows_and_overrides_of_the_daemon_count_where_they_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    configured(tmp_path, ON_CALL)
    plan(tmp_path)
    before = dumped(tmp_path)
    events = "  - {at: 0m, fail: [device/goma-1, device/nbo-ups]}\n  - {at: 14m, restore: device/nbo-ups}\n"
    _, alone, _ = rehearsed(tmp_path, monkeypatch, capsys, events, "--json", "--until", "14m")
    code, told, err = rehearsed(tmp_path, monkeypatch, capsys, events, "--json", "--with-state", "--until", "14m")
    assert (code, err) == (0, "")
    assert people(alone) == {"achieng"}
    assert people(told) == {"desk"}
    assert {one["incident"] for one in told["notifications"]} < {one["incident"] for one in alone["notifications"]}
    assert json.dumps(told["with_state"]) == '{"windows": 3, "overrides": 1, "handovers": 1}'
    assert "with_state" not in alone
    assert dumped(tmp_path) == before


def test_windows_of_the_scenario_count_beside_those_of_the_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    configured(tmp_path, ON_CALL)
    plan(tmp_path)
    events = (
        "  - {at: 0m, fail: device/goma-1}\n"
        "  - {at: 10m, window: {entity: device/nbo-ups, lasts: 1h}}\n"
        "  - {at: 11m, fail: device/nbo-ups}\n"
    )
    _, told, _ = rehearsed(tmp_path, monkeypatch, capsys, events, "--json", "--with-state", "--until", "50m")
    assert {one["root_cause"] for one in told["incidents"]} == {"site/goma", "device/nbo-ups"}
    assert told["notifications"] == []


def test_a_state_that_is_not_there_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    configured(tmp_path)
    code, _, err = rehearsed(tmp_path, monkeypatch, capsys, "  - {at: 0m, fail: site/goma}\n", "--with-state")
    assert code == 2
    assert "noc.db: there is no state yet" in err
    assert not (tmp_path / "state").exists()
