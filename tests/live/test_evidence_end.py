"""A daemon that dies inside a period: of what came then nobody knows, in reports of before the next start and after it.

A daemon counts as away two minutes after its last sign of life, and they are waited for.
"""

from __future__ import annotations

import json
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC
from pathlib import Path
from urllib.parse import quote

import pytest

from noc.availability.times import format_time, parse
from noc.clock import SystemClock
from noc.state.looked import NO_SIGN_MS
from tests.live.forked import finished
from tests.live.house import House, noc
from tests.live.test_ledger_export import Door

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(600)]

MORE = """\
circuits:
  line: {{site: loopback, kind: mpls, a: {{device: agent, interface: lo}}}}
endpoints:
  web: {{site: loopback, tcp: {{host: 127.0.0.1, port: {port}}}, interval: 1s, timeout: 200ms, retries: 0}}
services:
  mail: {{formula: {{all_of: [endpoint/web, device/agent]}}}}
"""
STALE_MS = 4_000
"""So long a result speaks at most in this house, a second or so for looking included."""

WATCHED = ("device/agent", "site/loopback", "circuit/line", "endpoint/web", "service/mail", "interface/agent/lo")
ALL = (*WATCHED, "region/here", "network")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    door = Door()
    made = House(tmp_path)
    made.inventory(MORE.format(port=door.port))
    yield made
    made.close()
    door.close()


def now_ms() -> int:
    return int(SystemClock().now().astimezone(UTC).timestamp() * 1000)


def last_sign_ms(house: House) -> int:
    with closing(sqlite3.connect(house.folder / "state" / "noc.db")) as connection:
        found = connection.execute("SELECT max(at_ms) FROM checkpoint WHERE name = 'statuses'").fetchone()[0]
    return found or 0


def explained(house: House, figure: str, start_ms: int, end_ms: int) -> dict[str, object]:
    asked = noc(house, "explain", figure, "--from", format_time(start_ms), "--to", format_time(end_ms), "--json")
    assert asked.returncode == 0, asked.stderr
    return dict(json.loads(asked.stdout))


def unknown_ms(found: object) -> float:
    assert isinstance(found, dict)
    return float(found["unknown_s"]) * 1000


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def test_a_period_in_which_the_daemon_died(house: House, how: signal.Signals, tmp_path: Path) -> None:
    house.agent_on()
    house.start()
    probed = [one for one in WATCHED if not one.startswith("site/")]
    house.until(lambda: all(house.statuses(one)[-1:] == ["up"] for one in probed), "all to be up")
    start_ms = now_ms()
    house.until(lambda: last_sign_ms(house) > start_ms, "a sign of life inside the period")
    house.stop(how)
    died_ms, sign_ms = now_ms(), last_sign_ms(house)
    while now_ms() < died_ms + NO_SIGN_MS + 3_000:  # by the clock alone: nobody is there to be asked
        time.sleep(1)
    end_ms = now_ms() - 1_000
    blind_ms = end_ms - sign_ms

    for figure in ALL:
        found = explained(house, figure, start_ms, end_ms)
        assert parse(str(found["evidence_until"])) == sign_ms, figure
        assert unknown_ms(found["measured"]) == blind_ms, figure
    period = ("--from", format_time(start_ms), "--to", format_time(end_ms))
    first = noc(house, "report", "availability", *period, "--by", "device", "--json")
    assert first.returncode == 0, first.stderr
    assert "noc looked until" in first.stderr
    answer = json.loads(first.stdout)
    assert answer["head"]["looked_until_ms"] == sign_ms
    assert {unknown_ms(line["measured"]) for line in (answer["total"], *answer["lines"])} == {blind_ms}
    assert noc(house, "ledger", "verify", "--reports").returncode == 0
    same_by_replay(house, tmp_path, start_ms, end_ms, blind_ms)

    house.start()
    asked = f"/availability?from={quote(format_time(start_ms))}&to={quote(format_time(end_ms))}"
    at_once = house.ask(asked)
    assert unknown_ms(at_once) == blind_ms  # what grew stale is not all in the ledger yet
    house.until(lambda: last_sign_ms(house) > died_ms, "the first sign of life")
    for figure in ("network", "endpoint/web", "service/mail", "interface/agent/lo"):
        found = unknown_ms(explained(house, figure, start_ms, end_ms)["measured"])
        assert end_ms - died_ms - STALE_MS <= found <= blind_ms, figure
    second = noc(house, "report", "availability", *period, "--by", "device", "--json")
    document = json.loads(second.stdout)
    assert "looked_until_ms" not in document["head"]
    assert unknown_ms(document["total"]["measured"]) >= end_ms - died_ms - STALE_MS
    known = answer["head"]["known_at"]["record"]
    records = json.loads(noc(house, "ledger", "list", "--json").stdout)
    away = [one for one in records if one.get("kind") == "away"]
    assert [parse(one["since"]) for one in away] == [sign_ms]
    assert all(one["record"] > known for one in away)
    verified = noc(house, "ledger", "verify", "--reports", "--json")
    assert verified.returncode == 0, verified.stdout
    assert json.loads(verified.stdout)["compared"]["reports"] == 2
    assert house.stop(signal.SIGTERM) == 0


def same_by_replay(house: House, folder: Path, start_ms: int, end_ms: int, blind_ms: int) -> None:
    """Hold an auditor's replay of the evidence to it."""
    events, policy = folder / "events.jsonl", folder / "policy.yaml"
    period = ("--from", format_time(start_ms), "--to", format_time(end_ms))
    exported = noc(house, "ledger", "export", "--events", *period, "--output", str(events), "--policy", str(policy))
    assert exported.returncode in (0, 1), exported.stderr
    given = ("--events", str(events), "--policy", str(policy), "--json")
    done = finished(("availability", "replay", *period, *given))
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    for entity in ("device/agent", "site/loopback", "endpoint/web", "circuit/line"):
        assert unknown_ms(answer["entities"][entity]) == blind_ms, entity
