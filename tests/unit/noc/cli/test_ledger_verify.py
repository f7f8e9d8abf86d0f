"""`noc ledger verify` and `export` as people and scripts see them: on the state database, with no daemon."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from noc.cli import main
from noc.model.clockstep import ClockStep
from noc.state import ledger
from tests.database import empty_database

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def noc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Give the command, in a folder with settings and a ledger of three records."""
    (tmp_path / "noc.yaml").write_text("state_dir: state\n")
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "all.yaml").write_text("regions: {africa: {}}\nsites: {}\n")

    async def fill() -> None:
        database = empty_database(tmp_path / "state" / "noc.db")
        await database.start()
        async with database.write() as connection:
            await ledger.append(connection, [ClockStep("poller/hq", number, number) for number in range(3)])
        await database.stop()

    asyncio.run(fill())

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["noc", "ledger", *arguments, "-c", str(tmp_path / "noc.yaml")])
        monkeypatch.setenv("COLUMNS", "200")
        code: object = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code
        captured = capsys.readouterr()
        return int(str(code or 0)), captured.out, captured.err

    return run


def test_a_whole_ledger_is_told_with_what_was_compared(noc: Run) -> None:
    code, out, err = noc("verify")
    assert (code, out) == (0, "")
    assert "the ledger is whole: 3 records, last hash " in err
    assert "0 seals, 0 hours of coverage, 0 policies, 0 decisions" in err
    code, out, _ = noc("verify", "--json")
    document = json.loads(out)
    assert (document["whole"], document["records"], document["broken"], document["faults"]) == (True, 3, None, [])


def test_seals_that_were_kept_elsewhere_are_compared(noc: Run, tmp_path: Path) -> None:
    hashed = json.loads(noc("verify", "--json")[1])["last_hash"]
    seals = tmp_path / "seals.txt"
    seals.write_text(f"2026-03-01:3:{hashed}\n\n")
    code, out, _ = noc("verify", "--seals", str(seals), "--seal", f"3:{hashed}", "--json")
    assert (code, json.loads(out)["compared"]["seals"]) == (0, 1)
    code, _, err = noc("verify", "--seal", f"2026-03-02:9:{hashed}")
    assert code == 1
    assert "the seal of 2026-03-02 is of record 9, and the ledger ends with record 3" in err
    seals.write_text(f"2026-03-01:3:{hashed}\nnonsense\n")
    code, _, err = noc("verify", "--seals", str(seals))
    assert code == 2
    assert f"{seals}:2: 'nonsense' is no seal; write 2026-11-20:12345:HASH" in err
    assert noc("verify", "--seals", str(tmp_path / "none"))[0] == 2


def test_the_first_record_that_was_changed_is_named(noc: Run, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "state" / "noc.db") as connection:
        connection.execute("DROP TRIGGER ledger_no_update")
        connection.execute("UPDATE ledger SET since_ms = 7 WHERE seq = 2")
    connection.close()
    code, _, err = noc("verify")
    assert code == 1
    assert err == ("the ledger is broken at record 2: column since_ms disagrees with the body; 1 before it are whole\n")
    code, out, _ = noc("verify", "--json")
    assert code == 1
    assert json.loads(out)["broken"] == {"record": 2, "reason": "column since_ms disagrees with the body"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "say what is to be written: --events"),
        (("--events", "--from", "2026-03-01"), "--from: '2026-03-01'"),
        (("--events", "--from", "2026-03-02T00:00:00Z", "--to", "2026-03-01T00:00:00Z"), "must be later than --from"),
        (("--events", "--from", "2026-03-01T00:00:00Z", "--to", "2026-03-02T00:00:00Z"), "no time series here"),
    ],
)
def test_an_export_that_can_not_be_is_refused(noc: Run, arguments: tuple[str, ...], sentence: str) -> None:
    code, out, err = noc("export", *arguments)
    assert (code, out) == (2, "")
    assert sentence in err
