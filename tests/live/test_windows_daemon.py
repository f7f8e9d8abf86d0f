"""A window while the daemon runs, at a real agent: planned time is not down, and an overrun is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from noc.availability.times import parse
from noc.clock import SystemClock
from tests.live.house import House, noc

pytestmark = pytest.mark.live

LONG = timedelta(seconds=15)
ALERTS = """
alerts:
  people: {achieng: {email: achieng@example.org}}
  notifiers: {email: {host: 127.0.0.1, port: 9, security: none, from: noc@example.org}}
  policies: {standard: {steps: [{notify: [achieng]}]}}
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path, ALERTS)
    yield made
    made.close()


def incidents(house: House) -> list[dict[str, object]]:
    items = house.ask("/incidents")["items"]
    assert isinstance(items, list)
    return [house.ask(f"/incidents/{one['id']}") for one in items if one["entity"] == "device/agent"]


def span(long: timedelta) -> dict[str, str]:
    begin = SystemClock().now()
    return {"from": begin.isoformat(timespec="seconds"), "to": (begin + long).isoformat(timespec="seconds")}


def planned(house: House) -> int:
    """Ask for a window on the site that begins now, and approve it; return its end in milliseconds."""
    made = house.ask("/windows", {"entity": "site/loopback", **span(LONG), "why": "UPS", "by": "ann"})
    house.ask(f"/windows/{made['id']}/approve", {"by": "bob"})
    return parse(str(made["to"]))


@pytest.mark.slow
def test_nobody_approves_a_window_that_they_asked_for(house: House) -> None:
    house.start()
    arguments = (f"--{key}={value}" for key, value in span(timedelta(hours=1)).items())
    asked = noc(house, "window", "request", "site/loopback", *arguments, "--what", "UPS", "--by", "ann", "--json")
    assert asked.returncode == 0, asked.stderr
    number = str(json.loads(asked.stdout)["window"]["id"])
    assert noc(house, "window", "approve", number, "--by", "ann").returncode == 2
    assert noc(house, "window", "approve", number, "--by", "bob").returncode == 0


@pytest.mark.slow
def test_what_fails_in_a_window_is_shown_and_what_overruns_it_is_told(house: House) -> None:
    house.agent_on()
    house.start()
    house.until(lambda: house.verdicts() == ["up"], "the device to be up")
    end_ms = planned(house)
    house.agent_off()
    house.until(lambda: bool(incidents(house)), "the incident")
    (incident,) = incidents(house)
    facts = incident["facts"]
    assert isinstance(facts, dict)
    assert (facts["window"], incident["notices"]) == (1, [])
    house.until(lambda: bool(incidents(house)[0]["notices"]), "the call when the window is over")
    (notice,) = incidents(house)[0]["notices"]  # type: ignore[misc]
    assert notice["kind"] == "page"
    assert 0 <= parse(notice["created"]) - end_ms < 8_000
    path = "/availability/sites/loopback?period=1h"
    house.until(lambda: bool(house.ask(path)["down_s"]), "down time after the window")
    figures = house.ask(path)
    assert figures["planned_s"] > 0  # type: ignore[operator]
    assert 0 < figures["down_s"] < 20  # type: ignore[operator]
    assert noc(house, "ledger", "verify").returncode == 0
