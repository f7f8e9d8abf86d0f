"""`noc incident` and `noc problem` through the life of an incident, on the state database, with no daemon."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.noc.cli.test_incident import Noc


@pytest.fixture
def noc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Noc:
    noc = Noc(tmp_path, monkeypatch, capsys)
    noc.fill()
    return noc


def state(noc: Noc) -> str:
    shown = noc.json("show", "1")
    assert isinstance(shown, dict)
    return str(shown["state"])


def test_from_new_to_closed(noc: Noc) -> None:
    for arguments, wanted in (
        (("ack", "1", "--for", "4h", "--by", "ann"), "acknowledged"),
        (("own", "1", "--by", "bob", "--note", "I know this one"), ""),
        (("start", "1", "--by", "bob"), "in_progress"),
        (("major", "1"), ""),
        (("update", "1", "the carrier digs"), ""),
        (("ticket", "1", "ineed", "INC0012"), "in_progress"),
        (("resolve", "1"), "resolved"),
        (("reopen", "1"), "new"),
        (("major", "1", "--off"), ""),
        (("resolve", "1"), ""),
        (("close", "1"), "closed"),
    ):
        code, out, err = noc.run(*arguments)
        assert (code, out) == (0, ""), err
        assert wanted in ("", state(noc))
    assert noc.run("reopen", "1")[0] == 2
    assert noc.run("list", "--state", "closed")[1].count("device/a") == 1
    code, out, _ = noc.run("show", "1")
    assert code == 0
    for part in ("the carrier digs", "ineed INC0012", "handed_over", "priority"):
        assert part in out


def test_a_time_counts_from_nocs_own_when_the_clock_of_the_machine_went_back(noc: Noc) -> None:
    written_ms = int(datetime(2090, 1, 1, tzinfo=UTC).timestamp() * 1000)
    with closing(sqlite3.connect(noc.folder / "state" / "noc.db")) as connection, connection:
        connection.execute("INSERT INTO checkpoint (name, at_ms, body) VALUES ('status', ?, x'')", (written_ms,))
    assert noc.run("ack", "1", "--for", "30m", "--by", "ann")[0] == 0
    (shown,) = [one for one in noc.json("list") if one["id"] == 1]  # type: ignore[attr-defined]
    assert shown["acknowledged_until"] == "2090-01-01T00:30:00.000Z"


def test_the_report_is_a_text_or_a_file(noc: Noc, tmp_path: Path) -> None:
    noc.run("note", "1", "a digger was seen")
    code, out, _ = noc.run("report", "1")
    assert code == 0
    for part in ("Incident 1", "a digger was seen", "Timeline"):
        assert part in out
    file = tmp_path / "report.html"
    assert noc.run("report", "1", "--out", str(file))[0] == 0
    assert "a digger was seen" in file.read_text()
    assert noc.run("report", "1", "--format", "doc")[0] == 2
    assert noc.run("report", "9")[::2] == (2, "there is no incident 9\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ack", "1", "--for", "soon"), "--for: 'soon' is not a duration"),
        (("reopen", "1"), "is not resolved"),
        (("close", "1"), "resolve it first"),
        (("update", "1", " "), "the note is empty"),
        (("own", "9"), "there is no incident 9"),
        (("priority", "1"), "give a priority, or --release"),
        (("priority", "1", "2", "--release"), "give a priority, or --release"),
        (("priority", "1", "2"), "say why"),
        (("list", "--region", "afrika"), "there is no region 'afrika' (did you mean 'africa'?)"),
    ],
)
def test_wrong_use_says_what_to_do(noc: Noc, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = noc.run(*arguments)
    assert (code, out) == (2, "")
    assert said in err


def test_a_priority_is_set_by_hand_and_incidents_are_found_by_it(noc: Noc) -> None:
    assert noc.run("priority", "1", "1", "--by", "ann", "--note", "the visit")[2] == "incident 1 has priority 1\n"
    assert noc.run("ack", "2", "--by", "Bob")[0] == 0

    def found(*filters: str) -> list[int]:
        rows = noc.json("list", *filters)
        assert isinstance(rows, list)
        return [row["id"] for row in rows]

    assert found("--priority", "1") == [1]
    assert found("--priority", "1", "--priority", "4") == [2, 1]
    assert found("--owner", "bob") == [2]
    assert found("--text", "DEVICE/A") == [1]
    assert found("--region", "africa") == []
    shown = noc.json("show", "1")
    assert isinstance(shown, dict)
    assert (shown["priority"], shown["priority_by"]) == (1, "ann")
    assert "set by ann" in noc.run("show", "1")[1]
    assert noc.run("priority", "1", "--release")[0] == 0
    again = noc.json("show", "1")
    assert isinstance(again, dict)
    assert again["priority_by"] is None


def test_problem_records_join_what_comes_again(noc: Noc, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(Noc, "command", "problem")
        try:
            return noc.run(*arguments)
        finally:
            monkeypatch.setattr(Noc, "command", "incident")

    assert run("suggest")[::2] == (0, "nothing came again so often\n")
    assert run("open", "Modem sags", "1")[::2] == (0, "problem 1 is open\n")
    assert run("join", "1", "2")[0] == 0
    assert run("change", "1", "--state", "known_error", "--workaround", "wait")[2] == "problem 1 is known error\n"
    code, out, _ = run("list", "--json")
    (one,) = json.loads(out)
    assert (code, one["title"], one["incidents"], one["workaround"]) == (0, "Modem sags", 2, "wait")
    assert run("leave", "1", "2")[0] == 0
    shown = json.loads(run("show", "1", "--json")[1])
    assert [incident["id"] for incident in shown["of"]] == [1]
    assert "Modem sags" in run("show", "1")[1]
    assert "wait" in noc.run("show", "1")[1]
    assert run("show", "9")[::2] == (2, "there is no problem 9\n")
    assert run("change", "1")[0] == 2
    assert run("change", "1", "--state", "shut")[0] == 2
    assert run("open", "Again", "1")[0] == 2  # it belongs to the first


def test_what_is_known_of_an_entity_stands_on_its_incidents(noc: Noc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Noc, "command", "known")
    assert noc.run("add", "device/a", "it sags in rain", "--for", "30d")[::2] == (0, "note 1 of device/a is kept\n")
    assert noc.run("add", "a", "x")[0] == 2
    assert noc.run("add", "device/a", "x", "--for", "long")[0] == 2
    (one,) = json.loads(noc.run("list", "device/a", "--json")[1])
    assert (one["text"], one["who"]) == ("it sags in rain", "achieng")
    monkeypatch.setattr(Noc, "command", "incident")
    assert "it sags in rain" in noc.run("show", "1")[1]
    monkeypatch.setattr(Noc, "command", "known")
    assert noc.run("remove", "1")[0] == 0
    assert noc.run("remove", "1")[0] == 2
    assert noc.run("list")[::2] == (0, "nothing is written down\n")
