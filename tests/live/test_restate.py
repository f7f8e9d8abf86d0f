"""A daemon that was cut off from its device for a while: results that another poller kept restate its ledger."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from noc.app.restating import LAG_MS
from noc.clock import SystemClock
from noc.model.instants import from_ms
from tests.live.forked import finished
from tests.live.house import House, noc

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]

FIGURES = ("availability_pct", "floor_pct", "coverage_pct", "up_s", "down_s", "unreachable_s", "unknown_s")
RESULTS = 30


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    house.patience_s = 2 * LAG_MS / 1000
    yield house
    house.close()


def now() -> datetime:
    return SystemClock().now().astimezone(UTC).replace(microsecond=0)


def text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def results_between(start_ms: int, end_ms: int) -> tuple[list[dict[str, object]], int]:
    """Return results that fill a gap, a third of them failures, and how long it was down, in milliseconds."""
    step = (end_ms - start_ms) // RESULTS
    found = [
        {"time": text(from_ms(start_ms + number * step)), "entity": "device/agent", "ok": not 10 <= number < 20}
        for number in range(RESULTS)
    ]
    return found, 10 * step


def figures(house: House, start: datetime, end: datetime) -> dict[str, object]:
    found = house.ask(f"/availability/devices/agent?from={quote(text(start))}&to={quote(text(end))}")
    return {name: found[name] for name in FIGURES}


@pytest.mark.slow
def test_late_results_give_what_was_not_seen(house: House, tmp_path: Path) -> None:
    house.agent_on()
    house.start()
    house.until(lambda: house.statuses()[-1:] == ["up"], "the device to be up")
    seen = now() + timedelta(seconds=2)
    house.until(lambda: now() > seen, "some results")
    start = now()
    assert house.stop(signal.SIGTERM) == 0
    house.start()
    house.until(lambda: house.statuses() == ["up", "unknown", "up"], "the gap to be known")
    late, down_ms = results_between(*(change.since_ms for change in house.ledger()[-2:]))
    events = tmp_path / "late.jsonl"
    events.write_text("\n".join(map(json.dumps, late)))
    end = now()
    settled = end + timedelta(milliseconds=LAG_MS + 8_000)
    house.until(lambda: now() > settled, "what is restated to be settled")
    before = figures(house, start, end)
    assert before["down_s"] == 0.0

    given = ("ledger", "restate", "--events", str(events), "--poller", "mogadishu")
    shown = noc(house, *given, "--json")
    assert shown.returncode == 0, shown.stderr
    (one,) = json.loads(shown.stdout)["entities"]
    assert [each["status"] for each in one["after"]][:3] == ["up", "down", "up"]
    assert house.statuses() == ["up", "unknown", "up"]
    written = noc(house, *given, "--write")
    assert written.returncode == 0, written.stderr
    assert "1 restatement written into the ledger" in written.stderr

    shifted = end + timedelta(seconds=1)  # another period than before: answers are kept for half a minute
    after = figures(house, start, shifted)
    assert after["down_s"] == down_ms / 1000
    assert float(str(after["unknown_s"])) < float(str(before["unknown_s"]))
    assert house.ask("/incidents")["items"] == []
    again = noc(house, *given, "--write")
    assert "nothing changes" in again.stderr
    assert noc(house, "ledger", "verify").returncode == 0
    _a_replay_of_both_files_agrees(house, tmp_path, events, (start, shifted), after)


def _a_replay_of_both_files_agrees(
    house: House, folder: Path, late: Path, period: tuple[datetime, datetime], figures: dict[str, object]
) -> None:
    events, policy = folder / "events.jsonl", folder / "policy.yaml"
    times = ("--from", text(period[0]), "--to", text(period[1]))
    exported = noc(house, "ledger", "export", "--events", *times, "-o", str(events), "--policy", str(policy))
    assert exported.returncode == 0, exported.stderr
    with events.open("a") as file:
        file.write(late.read_text())
    given = [*times, "--events", str(events), "--policy", str(policy), "--json"]
    done = finished(("availability", "replay", *given))
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)["entities"]["device/agent"]
    assert {name: answer[name] for name in FIGURES} == figures
