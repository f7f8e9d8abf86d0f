"""`noc incident` as people and scripts see it: on the state database, with no daemon."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from noc.cli import main
from noc.model.incident import Entry, Notice
from noc.state import incidents, outbox
from noc.state.incidents import Opening
from tests.database import empty_database

SINCE = 1_772_323_200_000
SETTINGS = "state_dir: state\n"
INVENTORY = "regions: {africa: {}}\n"


class Noc:
    """A folder with settings and two incidents, and the command run in it."""

    command = "incident"

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        (folder / "noc.yaml").write_text(SETTINGS)
        (folder / "inventory").mkdir()
        (folder / "inventory" / "all.yaml").write_text(INVENTORY)

    def fill(self) -> None:
        async def write() -> None:
            database = empty_database(self.folder / "state" / "noc.db")
            await database.start()
            async with database.write() as connection:
                for entity in ("device/a", "device/\x1b[2Jb"):
                    facts = {"status": "down", "check": "icmp"}
                    opening = Opening(entity, "device-down", "status", "critical", "standard", SINCE, SINCE, facts)
                    await incidents.insert(connection, opening)
                await incidents.record(connection, [Entry(1, SINCE, "opened", None, {"why": "down"})])
                await outbox.put(connection, [Notice(0, "k", 1, 1, "achieng", "email", "page", SINCE)])
            await database.stop()

        asyncio.run(write())

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Return exit code, stdout and stderr."""
        config = [] if arguments[0] == "--help" else ["-c", str(self.folder / "noc.yaml")]
        self._monkeypatch.setattr(sys, "argv", ["noc", self.command, *arguments, *config])
        self._monkeypatch.setenv("LOGNAME", "achieng")
        self._monkeypatch.setenv("COLUMNS", "160")
        code: object = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code
        captured = self._capsys.readouterr()
        return int(str(code or 0)), captured.out, captured.err

    def json(self, *arguments: str) -> object:
        code, out, _ = self.run(*arguments, "--json")
        assert code == 0
        return json.loads(out)


@pytest.fixture
def noc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Noc:
    noc = Noc(tmp_path, monkeypatch, capsys)
    noc.fill()
    return noc


def test_list_for_scripts(noc: Noc) -> None:
    newest, first = noc.json("list")  # type: ignore[misc]
    assert newest["id"] == 2
    assert {name: first[name] for name in ("priority", "impact", "urgency", "major", "overdue", "closed")} == {
        "priority": 4,
        "impact": 3,
        "urgency": 3,
        "major": False,
        "overdue": [],
        "closed": None,
    }
    assert len(first["key"]) == 16
    assert (
        first.items()
        >= {
            "id": 1,
            "entity": "device/a",
            "rule": "device-down",
            "severity": "critical",
            "state": "new",
            "policy": "standard",
            "since": "2026-03-01T00:00:00.000Z",
            "opened": "2026-03-01T00:00:00.000Z",
            "facts": {"status": "down", "check": "icmp"},
            "acknowledged": None,
            "acknowledged_by": None,
            "resolved": None,
            "resolved_by": None,
        }.items()
    )
    assert noc.json("list", "--entity", "device/a") == [first]
    assert noc.json("list", "--last", "1") == [newest]
    assert noc.json("list", "--state", "resolved") == []


def test_list_for_people_shows_no_control_characters(noc: Noc) -> None:
    code, out, _ = noc.run("list")
    assert code == 0
    assert "device/a" in out
    assert "\\x1b[2Jb" in out
    assert "\x1b[2J" not in out


def test_show_tells_who_was_told_and_what_happened(noc: Noc) -> None:
    shown = noc.json("show", "1")
    assert isinstance(shown, dict)
    assert shown["timeline"] == [
        {"at": "2026-03-01T00:00:00.000Z", "kind": "opened", "who": None, "facts": {"why": "down"}}
    ]
    (notice,) = shown["notices"]
    assert (notice["person"], notice["state"], notice["sent"]) == ("achieng", "queued", None)
    _, out, _ = noc.run("show", "1")
    assert "achieng" in out
    assert "why: down" in out


def test_acknowledge_note_and_resolve_leave_their_lines(noc: Noc) -> None:
    code, _, err = noc.run("ack", "1", "--note", "on my way")
    assert (code, err) == (0, "incident 1 is acknowledged\n")
    assert noc.run("ack", "1")[::2] == (0, "incident 1 is yours already\n")
    assert noc.run("ack", "1", "--by", "berta")[::2] == (0, "incident 1 is achieng's already; nothing was changed\n")
    assert noc.run("note", "1", "called the carrier", "--by", "berta")[0] == 0
    assert noc.run("resolve", "1")[::2] == (0, "incident 1 is resolved\n")
    shown = noc.json("show", "1")
    assert isinstance(shown, dict)
    assert (shown["state"], shown["acknowledged_by"], shown["resolved_by"]) == ("resolved", "achieng", "achieng")
    lines = [(entry["kind"], entry["who"], entry["facts"]) for entry in shown["timeline"]]
    assert lines[1:] == [
        ("acknowledged", "achieng", {"text": "on my way"}),
        ("note", "berta", {"text": "called the carrier"}),
        ("resolved", "achieng", {"why": "by_hand"}),
    ]
    assert shown["notices"][0]["state"] == "dropped"


@pytest.mark.parametrize("verb", ["ack", "resolve"])
def test_what_is_resolved_can_be_neither_acknowledged_nor_resolved(noc: Noc, verb: str) -> None:
    assert noc.run("resolve", "1", "--by", "berta\x1b[2J")[0] == 0
    before = noc.json("show", "1")
    code, out, err = noc.run(verb, "1")
    assert (code, out) == (2, "")
    assert err.startswith("incident 1 is resolved, since 2")
    assert err.endswith("Z, by berta\\x1b[2J; nothing was changed\n")
    assert noc.json("show", "1") == before


@pytest.mark.parametrize("arguments", [("show",), ("ack",), ("resolve",), ("note", "x")])
def test_an_incident_that_is_not_there_is_wrong_use(noc: Noc, arguments: tuple[str, ...]) -> None:
    code, out, err = noc.run(arguments[0], "7", *arguments[1:])
    assert (code, out, err) == (2, "", "there is no incident 7\n")


def test_wrong_use_names_what_is_wrong(noc: Noc) -> None:
    code, _, err = noc.run("list", "--state", "close")
    assert code == 2
    assert "'close' is not one of unresolved, new, acknowledged, in_progress, resolved, closed, open, all" in err
    assert noc.run("note", "1", " ")[::2] == (2, "the note is empty\n")


def test_without_a_state_it_says_who_makes_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = Noc(tmp_path, monkeypatch, capsys).run("list")
    assert code == 2
    assert "there is no state yet; `noc run` makes it" in err
