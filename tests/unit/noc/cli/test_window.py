"""`noc window` from a request to its cancellation, on a state database of its own."""

from __future__ import annotations

import asyncio
import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from noc.cli._window import sentences
from noc.cli.window import app
from noc.clock import SystemClock
from noc.maintenance.impact import Impact
from noc.model.errors import UsageError
from tests.database import empty_database

CONFIG = Path(__file__).parents[4] / "config"
RUNNER = CliRunner()


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


def run(config: str, *arguments: str) -> str:
    """Return what a command prints. Raises what it raises."""
    done = RUNNER.invoke(app, [*arguments, "-c", config])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout


def test_a_window_is_asked_for_approved_shortened_and_cancelled(config: str) -> None:
    begin = SystemClock().now() + timedelta(days=2)
    start = begin.strftime("%Y-%m-%dT%H:%M:00Z")
    asked = json.loads(
        run(config, "request", "device/nbo-rtr-1", "--from", start, "--for", "2h", "--what", "x", "--by", "a", "--json")
    )
    assert (asked["window"]["id"], asked["window"]["state"]) == (1, "requested")
    assert asked["impact"]["not_covered"] == ["site/nairobi"]
    with pytest.raises(UsageError, match="somebody else must decide"):
        run(config, "approve", "1", "--by", "a")
    run(config, "approve", "1", "--by", "b")
    end = (begin + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:00Z")
    run(config, "shorten", "1", "--to", end, "--by", "b")
    run(config, "cancel", "1", "--by", "b", "--why", "no parts")
    shown = json.loads(run(config, "show", "1", "--json"))
    assert [one["step"] for one in shown["decisions"]] == ["requested", "approved", "shortened", "cancelled"]
    assert (shown["state"], shown["decisions"][-1]["why"], shown["next"]) == ("cancelled", "no parts", [])
    assert len(json.loads(run(config, "list", "--json"))) == 1
    with pytest.raises(UsageError, match="no window 2"):
        run(config, "reject", "2", "--by", "b")


def test_a_notice_asks_for_a_window_of_the_circuit_that_it_names(config: str, tmp_path: Path) -> None:
    begin = SystemClock().now() + timedelta(days=2)
    lines = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//c//EN", "BEGIN:VEVENT", "UID:1@c", "SUMMARY:nbo-mpls-1 down")
    times = (f"DTSTART:{begin:%Y%m%dT%H%M%SZ}", "DURATION:PT2H", "END:VEVENT", "END:VCALENDAR", "")
    file = tmp_path / "notice.ics"
    file.write_text("\r\n".join((*lines, *times)))
    (found,) = json.loads(run(config, "import", str(file), "--by", "a", "--json"))
    assert (found["word"], found["entity"], found["window"]) == ("request", "circuit/nbo-mpls-1", 1)
    (again,) = json.loads(run(config, "import", str(file), "--by", "a", "--json"))
    assert (again["word"], again["window"]) == ("unchanged", 1)


def test_what_a_window_touches_in_words() -> None:
    three = ("site/a", "site/b", "site/c")
    found = list(sentences(Impact("device/x", three, ("site/c",), ("site/d",), (), ("service/mail",), ("circuit/y",))))
    assert found == [
        "Counted in, at the same time: circuit/y.",
        "These 3 sites lose their only path: site/a, site/b, site/c.",
        "The window is not for site/c: down time there counts as an outage.",
        "With one path less: site/d.",
        "Services that go down: service/mail.",
    ]
    assert list(sentences(Impact("device/x"))) == ["No site loses a path."]
