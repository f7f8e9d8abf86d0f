"""What a command does is a record of the audit: which command, with what, by whom."""

from __future__ import annotations

import asyncio
import getpass
import shutil
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from noc.cli import main
from noc.clock import SystemClock
from noc.state import auditlog
from noc.state.auditlog import Record
from noc.state.database import Database
from tests.database import empty_database

CONFIG = Path(__file__).parents[4] / "config"


@pytest.fixture
def config(tmp_path: Path) -> str:
    """The sample settings, with an empty state database beside them."""
    shutil.copytree(CONFIG, tmp_path / "config")
    (tmp_path / "var").mkdir()

    async def make() -> None:
        database = empty_database(tmp_path / "var" / "noc.db")
        await database.start()
        await database.stop()

    asyncio.run(make())
    return str(tmp_path / "config" / "noc.yaml")


def run(config: str, *arguments: str, code: int = 0) -> None:
    before = sys.argv
    sys.argv = ["noc", *arguments, "-c", config]
    try:
        main()
        ended: object = 0
    except SystemExit as stop:
        ended = stop.code or 0
    finally:
        sys.argv = before
    assert ended == code


def audit(config: str) -> list[Record]:
    database = Database(Path(config).parents[1] / "var" / "noc.db")

    async def read() -> list[Record]:
        await database.start()
        try:
            async with database.read() as connection:
                return await auditlog.page(connection)
        finally:
            await database.stop()

    return asyncio.run(read())


def test_a_command_that_changes_something_is_a_record_and_one_that_does_not_is_none(config: str) -> None:
    start = (SystemClock().now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:00Z")
    asked = ("--from", start, "--for", "2h", "--what", "new fans", "--by", "amina")
    run(config, "window", "request", "device/nbo-rtr-1", *asked)
    run(config, "window", "list")
    (record,) = audit(config)
    done = record.done
    assert (done.who, done.way, done.what) == (getpass.getuser(), "command", "noc window request")
    said = str(done.detail["arguments"])
    assert said.startswith("device/nbo-rtr-1 --from")
    assert "'new fans' --by amina" in said


def test_what_was_refused_changed_nothing_and_is_no_record(config: str) -> None:
    run(config, "window", "approve", "7", "--by", "b", code=2)
    assert audit(config) == []


def test_to_list_the_audit_is_a_record(config: str) -> None:
    run(config, "audit", "list")
    assert [one.done.what for one in audit(config)] == ["looked at the audit"]


def test_a_restatement_that_is_written_and_a_sweep_are_records(config: str, tmp_path: Path) -> None:
    late = tmp_path / "late.jsonl"
    late.write_text("")
    run(config, "ledger", "restate", "--events", str(late), "--known", str(late), "--poller", "nbo", "--write")
    run(config, "discover", "127.0.0.9")
    sweep, restated = [one.done for one in audit(config)]
    assert (sweep.what, restated.what) == ("noc discover 127.0.0.9", "noc ledger restate")
    assert "--write" in str(restated.detail["arguments"])
