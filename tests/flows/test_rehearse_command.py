"""`noc rehearse` as people and scripts see it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from noc.cli import main
from tests.rehearsed import SCENARIO, configured

EVENTS = "  - {at: 0m, fail: device/goma-1}\n  - {at: 12m, ack: root, by: achieng}\n"


def run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str, more: str = ""
) -> tuple[object, str, str]:
    """Return exit code, stdout and stderr."""
    monkeypatch.setenv("COMMUNITY", "public")
    configured(folder)
    (folder / "scenario.yaml").write_text(SCENARIO + EVENTS + more)
    config = str(folder / "noc.yaml")
    monkeypatch.setattr(sys, "argv", ["noc", "rehearse", str(folder / "scenario.yaml"), "-c", config, *arguments])
    code: object = 0
    try:
        main()
    except SystemExit as stop:
        code = stop.code
    captured = capsys.readouterr()
    return code or 0, captured.out, captured.err


def test_json_is_one_document_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(tmp_path, monkeypatch, capsys, "--json", "--until", "30m")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    assert answer["to"] == "2026-03-01T02:30:00Z"
    (incident,) = answer["incidents"]
    assert incident["acknowledged_at"] == "2026-03-01T02:12:00Z"
    assert answer["notifications"][0]["kind"] == "page"
    assert answer["availability"]["entities"]["device/goma-1"]["down_s"] > 0


def test_what_is_expected_and_does_not_come_is_exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    record = tmp_path / "record.json"
    more = "expect: {incidents: 0}\n"
    arguments = ("--record", str(record), "--signed-off-by", "A. Odhiambo")
    code, out, err = run(tmp_path, monkeypatch, capsys, *arguments, more=more)
    assert code == 1
    assert json.loads(out)["expected"]["met"] is False
    assert "scenario.yaml:6:21: error: 0 incidents are expected, there are 1" in err
    assert "page" in err
    written = json.loads(record.read_text())
    assert (written["result"], written["signed_off"]["by"]) == ("not met", "A. Odhiambo")
    assert run(tmp_path, monkeypatch, capsys, *arguments, more=more)[0] == 2  # a record is never written over
