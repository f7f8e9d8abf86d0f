"""What is written into a pipe or a file is not cut to the width of a terminal that nobody looks at."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

import noc.cli
from noc.cli._table import FILE_WIDTH, width_of
from noc.cli._window import print_steps
from noc.maintenance.imports import Step
from noc.maintenance.notice import Notice
from noc.state import incidents
from noc.state.incidents import Opening
from tests.database import empty_database

LONG = "device/" + "-".join(["nairobi", "data", "centre", "north", "distribution", "switch", "of", "floor", "twelve"])
SINCE_MS = 1_772_323_200_000


def test_a_terminal_has_its_width_and_a_file_a_wide_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert width_of(Console(file=io.StringIO())) == FILE_WIDTH
    assert width_of(Console(file=io.StringIO(), force_terminal=True, width=70)) == 70
    monkeypatch.setenv("COLUMNS", "90")
    assert width_of(Console(file=io.StringIO())) == 90


def test_why_a_notice_came_to_nothing_is_told_whole_on_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    notice = Notice("w-77@carrier", 1, False, 0, 1, "", "UTC", (), "Work on REF-1", "")
    why = "it names no circuit of the inventory; give its provider_reference"
    print_steps([Step("unmatched", notice, why=why), Step("unmatched", notice, why=why)])
    assert capsys.readouterr().out.splitlines()[3:] == [f"Work on REF-1: {why}"]


def test_a_pipe_is_given_whole_lines(tmp_path: Path) -> None:
    (tmp_path / "noc.yaml").write_text("state_dir: state\n")
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "all.yaml").write_text("regions: {africa: {}}\n")

    async def fill() -> None:
        database = empty_database(tmp_path / "state" / "noc.db")
        await database.start()
        async with database.write() as connection:
            opening = Opening(LONG, "device-down", "status", "critical", "standard", SINCE_MS, SINCE_MS, {})
            await incidents.insert(connection, opening)
        await database.stop()

    asyncio.run(fill())
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    asked = [sys.executable, "-m", "noc", "incident", "list", "-c", str(tmp_path / "noc.yaml")]
    told = subprocess.run(asked, env=environment, capture_output=True, check=True, text=True, timeout=30).stdout
    (row,) = told.splitlines()[1:]
    assert LONG in row
    assert row.split()[5] == "device-down"
    assert "…" not in told


def test_no_command_asks_by_itself_how_wide_a_line_may_be() -> None:
    files = Path(noc.cli.__file__).parent.glob("*.py")
    assert [one.name for one in files if "console.width" in one.read_text(encoding="utf-8")] == ["_table.py"]
