"""What is written into a pipe or a file is not cut to the width of a terminal that nobody looks at."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from noc.cli._table import FILE_WIDTH, width_of
from noc.cli._window import print_steps
from noc.maintenance.imports import Step
from noc.maintenance.notice import Notice


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
