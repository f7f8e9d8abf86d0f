"""The whole daemon while its store is away: people are told by an incident and on the pages, until it is back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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
        assert until(True, house, "noc itself is not well", 60) > 20
        house.until(lambda: told(house) == [("store-refuses", "new")], "an incident")
        server.tell(f'CREATE DATABASE "{DATABASE}"')
        until(False, house, "noc itself is not well", 90)
        house.until(lambda: told(house) == [("store-refuses", "resolved")], "its end")
        stop()
        until(True, house, "connection refused", 240)
        house.until(lambda: ("store-away", "new") in told(house), "another incident")
        influxds.start(port=server.port)
        until(False, house, "noc itself is not well", 90)
        house.until(lambda: ("store-away", "resolved") in told(house), "its end")


class Doorkeeper(ThreadingHTTPServer):
    """A server as InfluxDB 1.x answers, which lets nobody in: `status` is what it says; 204 is a yes."""

    status = 204


class Answers(BaseHTTPRequestHandler):
    """What it answers."""

    server: Doorkeeper

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self._answer(self.server.status, b"")

    def do_GET(self) -> None:
        self._answer(200 if self.server.status == 204 else self.server.status, b'{"results": [{"statement_id": 0}]}')

    def _answer(self, status: int, good: bytes) -> None:
        body = good if status < 300 else b'{"error": "not for you"}'
        self.send_response(status)
        self.send_header("Content-Length", str(0 if status == 204 else len(body)))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def doorkeeper(status: int) -> Iterator[Doorkeeper]:
    server = Doorkeeper(("127.0.0.1", 0), Answers)
    server.status = status
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "what"), [(401, "refuses the log-in"), (403, "does not allow it"), (404, "check url")]
)
def test_a_store_that_lets_us_not_in(tmp_path: Path, status: int, what: str) -> None:
    with doorkeeper(status) as server:
        store = f"store: {{kind: influx, url: 'http://127.0.0.1:{server.server_port}', dialect: v1, database: noc}}"
        house = House(tmp_path, store)
        with closing(house):
            house.agent_on()
            house.start()
            until(True, house, what, 120)
            house.until(lambda: told(house) == [("store-refuses", "new")], "an incident")
            waits = [line for line in house.metrics().splitlines() if line.startswith("noc_spool_queued_values ")]
            assert float(waits[0].split()[1]) > 0  # nothing is lost meanwhile
            server.status = 204
            until(False, house, "noc itself is not well", 90)
            house.until(lambda: told(house) == [("store-refuses", "resolved")], "its end")
