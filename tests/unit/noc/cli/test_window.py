"""`noc window` from a request to its cancellation, on a state database of its own."""

from __future__ import annotations

import asyncio
import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from noc.cli._window import sentences, state_text
from noc.cli.window import app
from noc.clock import SystemClock
from noc.maintenance.impact import Impact
from noc.model.errors import UsageError
from noc.model.window import PlannedWindow, WindowDecision, WindowStep
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


HOUR_MS = 3_600_000


def planned(*steps: WindowStep, rrule: str = "") -> PlannedWindow:
    """A window of two hours, asked for at 0, from hour 10 on, with a decision each hour."""
    decisions = tuple(
        WindowDecision("site/a", number * HOUR_MS, 1, step, 10 * HOUR_MS, 12 * HOUR_MS, rrule, "UTC", (), "a", "x")
        for number, step in enumerate(("requested", *steps))
    )
    return PlannedWindow(decisions)


@pytest.mark.parametrize(
    ("window", "hour", "said"),
    [
        pytest.param(planned("approved"), 9, "approved", id="to-come"),
        pytest.param(planned("approved"), 11, "approved, under way", id="under-way"),
        pytest.param(planned("approved"), 13, "over", id="over"),
        pytest.param(planned("approved", rrule="FREQ=DAILY"), 13, "approved", id="comes-again"),
        pytest.param(planned("approved", rrule="FREQ=DAILY;COUNT=2"), 40, "over", id="came-for-the-last-time"),
        pytest.param(planned(), 9, "requested", id="asked-for"),
        pytest.param(planned(), 13, "not decided in time", id="lapsed"),
        pytest.param(planned("rejected"), 13, "rejected", id="rejected"),
        pytest.param(planned("approved", "cancelled"), 13, "cancelled", id="cancelled"),
    ],
)
def test_a_window_that_is_over_is_not_called_approved(window: PlannedWindow, hour: int, said: str) -> None:
    assert state_text(window, hour * HOUR_MS) == said


def test_one_that_is_more_than_a_year_ahead_is_not_over() -> None:
    assert state_text(planned("approved"), -500 * 24 * HOUR_MS) == "approved"


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
