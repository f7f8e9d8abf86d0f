"""SIGTERM while everything that noc talks to hangs: it ends within seconds, and nothing is lost by it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.house import House
from tests.live.test_story import ALERTS, until

pytestmark = pytest.mark.live

STORE = "store: {{kind: influx, dialect: v1, url: 'http://127.0.0.1:{port}', database: noc}}\n"


class Hung:
    """A TCP server that takes connections and says nothing."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self.taken: list[socket.socket] = []
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self.taken.append(self._listener.accept()[0])

    def close(self) -> None:
        self._listener.close()
        for connection in self.taken:
            connection.close()


@pytest.fixture
def hung() -> Iterator[Hung]:
    server = Hung()
    yield server
    server.close()


async def test_it_ends_although_all_it_talks_to_hangs(tmp_path: Path, hung: Hung) -> None:
    more = ALERTS.format(port=hung.port) + STORE.format(port=hung.port)
    house = House(tmp_path, more)
    with contextlib.closing(house), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        house.inventory(
            f"  silent: {{site: loopback, address: 127.0.0.1, class: server, liveness: snmp, timeout: 4s, interval: 5s,"
            f" snmp_port: {silent.getsockname()[1]}}}"
        )
        await asyncio.to_thread(house.agent_on)
        await asyncio.to_thread(house.start)
        await until(lambda: house.ask("/devices/agent")["status"] == "up")
        house.agent_off()
        await until(lambda: house.ask("/incidents")["items"])
        await until(lambda: len(hung.taken) >= 2)
        # Somebody looks at a chart.
        asking = threading.Thread(target=ask, args=(house,))
        asking.start()
        await asyncio.sleep(1.0)
        began = time.monotonic()
        assert await asyncio.to_thread(house.stop, signal.SIGTERM) == 0
        took_s = time.monotonic() - began
        asking.join()
        assert took_s < 20  # what hangs is given up after some seconds each; of a hang there would be no end
        assert "Traceback" not in house.log.read_text()
        assert await asyncio.to_thread(house.verdicts) == ["up", "down"]
        with contextlib.closing(sqlite3.connect(tmp_path / "state" / "noc.db")) as state:
            found = [word for (word,) in state.execute("SELECT state FROM outbox ORDER BY id")]
        assert found[0] == "claimed", "what was under way is sent again after a restart"
        assert set(found[1:]) <= {"queued"}, "and nothing else was begun"


def ask(house: House) -> None:
    with contextlib.suppress(Exception):
        house.ask("/series?device=agent&measurement=snmp&field=uptime")
