"""`noc event list` and `senders` on a state database."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from noc.cli.event import app
from noc.model.errors import UsageError
from noc.model.event import Event
from noc.state import events, senders
from noc.state.events import Kept
from noc.state.senders import Changes, Sender
from tests.database import empty_database

RUN = CliRunner()


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("event")
    (folder / "inventory").mkdir()
    (folder / "noc.yaml").write_text("state_dir: state\n")

    async def fill() -> None:
        database = empty_database(folder / "state" / "noc.db")
        await database.start()
        facts = {"interface": "Gi1", "state": "down"}
        link = Event(
            "192.0.2.1", "device/a", "trap", "IF-MIB::linkDown", "link", "major", 0, 5_000, facts, "Gi1", count=4
        )
        power = Event("192.0.2.2", "device/b", "syslog", "upsmon", "power", "critical", 0, 1_000, {}, "on battery", 900)
        async with database.write() as connection:
            await events.insert(connection, [Kept(1, link), Kept(2, power)])
            await senders.write(connection, Changes((Sender("198.51.100.1", "trap", 0, 1_000, 7, "who?"),), ()))
        await database.stop()

    asyncio.run(fill())
    return folder / "noc.yaml"


def asked(*arguments: str) -> str:
    done = RUN.invoke(app, list(arguments), env={"COLUMNS": "140"})
    assert done.exit_code == 0, done.output
    return done.stdout


def test_events_as_json(config: Path) -> None:
    found = json.loads(asked("list", "-c", str(config), "--json"))
    assert [row["name"] for row in found] == ["IF-MIB::linkDown", "upsmon"]
    assert found[0] == {
        "id": 1,
        "source": "192.0.2.1",
        "device": "device/a",
        "about": "interface/a/Gi1",
        "kind": "trap",
        "name": "IF-MIB::linkDown",
        "class": "link",
        "severity": "major",
        "count": 4,
        "first": "1970-01-01T00:00:00.000Z",
        "last": "1970-01-01T00:00:05.000Z",
        "device_time": None,
        "facts": {"interface": "Gi1", "state": "down"},
        "text": "Gi1",
    }
    assert found[1]["device_time"] == "1970-01-01T00:00:00.900Z"


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["--device", "b"], ["upsmon"]),
        (["--class", "link"], ["IF-MIB::linkDown"]),
        (["--class", "link", "--class", "power"], ["IF-MIB::linkDown", "upsmon"]),
        (["--since", "1h"], []),
        (["--last", "1"], ["IF-MIB::linkDown"]),
    ],
)
def test_filters(config: Path, arguments: list[str], names: list[str]) -> None:
    found = json.loads(asked("list", "-c", str(config), "--json", *arguments))
    assert [row["name"] for row in found] == names


def test_events_and_senders_for_people(config: Path) -> None:
    said = asked("list", "-c", str(config))
    assert "IF-MIB::linkDown" in said
    assert "on battery" in said
    said = asked("senders", "-c", str(config))
    assert ("198.51.100.1" in said, "who?" in said) == (True, True)
    (row,) = json.loads(asked("senders", "-c", str(config), "--json"))
    assert (row["address"], row["count"], row["sample"]) == ("198.51.100.1", 7, "who?")


@pytest.mark.parametrize(
    ("arguments", "words"), [(["--class", "lnk"], "did you mean 'link'"), (["--since", "6"], "is not a duration")]
)
def test_wrong_use(config: Path, arguments: list[str], words: str) -> None:
    done = RUN.invoke(app, ["list", "-c", str(config), *arguments])
    assert isinstance(done.exception, UsageError)
    assert words in str(done.exception)
