"""The whole daemon while its store is away: people are told by an incident and on the pages, until it is back."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from noc.clock import SystemClock
from tests.live.house import House
from tests.live.influx_server import DATABASE, Influxds
from tests.live.influx_server import influxds as influxds  # noqa: PLC0414 a fixture

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(600)]


def told(house: House) -> list[tuple[str, str]]:
    """Return rule and state of the incidents of noc itself."""
    items = house.ask("/incidents")["items"]
    assert isinstance(items, list)
    return [(item["rule"], item["state"]) for item in items if item["entity"] == "poller/test-poller"]


def until(met: bool, house: House, text: str, seconds: float) -> float:
    """Wait until a page shows a text, or doesn't; return how long that took."""
    clock = SystemClock()
    began_s = clock.monotonic()
    while (text in house.page("/problems")) != met:
        assert clock.monotonic() - began_s < seconds, house.log.read_text()[-2000:]
        assert house.daemon is not None
        assert house.daemon.poll() is None
    return clock.monotonic() - began_s


def test_a_store_that_is_away_and_one_that_refuses_us(tmp_path: Path, influxds: Influxds) -> None:
    server, stop = influxds.start()
    store = f"store: {{kind: influx, url: '{server.url}', dialect: v1, database: {DATABASE}}}"
    house = House(tmp_path, store)
    with closing(house):
        house.agent_on()
        house.start()
        house.until(lambda: house.ask("/devices/agent")["status"] == "up", "the agent to be up")
        assert told(house) == []
        server.tell(f'DROP DATABASE "{DATABASE}"')
        assert until(True, house, "noc itself isn't well", 60) > 20
        house.until(lambda: told(house) == [("store-refuses", "open")], "an incident")
        server.tell(f'CREATE DATABASE "{DATABASE}"')
        until(False, house, "noc itself isn't well", 90)
        house.until(lambda: told(house) == [("store-refuses", "resolved")], "its end")
        stop()
        until(True, house, "connection refused", 240)
        house.until(lambda: ("store-away", "open") in told(house), "another incident")
        influxds.start(port=server.port)
        until(False, house, "noc itself isn't well", 90)
        house.until(lambda: ("store-away", "resolved") in told(house), "its end")
