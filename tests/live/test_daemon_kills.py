"""The whole daemon, killed again and again while devices come and go: nothing is lost, and nothing is there twice."""

from __future__ import annotations

import random
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from itertools import pairwise
from pathlib import Path

import pytest

from tests.live.house import House, noc
from tests.live.ssh_server import free_tcp_port

pytestmark = pytest.mark.live

SWITCHED = 6
"""Devices whose liveness is a TCP port of ours, which is opened and closed."""


class Doors:
    """Devices that are there while their port listens."""

    def __init__(self) -> None:
        self.ports = [free_tcp_port() for _ in range(SWITCHED)]
        self._open: dict[int, socket.socket] = {}

    def inventory(self) -> str:
        line = "  d{0}: {{site: loopback, address: 127.0.0.1{0}, class: server, liveness: tcp:{1}, timeout: 200ms}}\n"
        return "".join(line.format(number, port) for number, port in enumerate(self.ports))

    def switch(self, number: int) -> None:
        """Open what is closed, close what is open."""
        known = self._open.pop(number, None)
        if known is not None:
            known.close()
            return
        listener = socket.create_server((f"127.0.0.1{number}", self.ports[number]), backlog=64)
        self._open[number] = listener

    def close(self) -> None:
        for listener in self._open.values():
            listener.close()


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


@pytest.mark.parametrize(
    ("kills", "seed"), [(2, 1), pytest.param(30, 2, marks=(pytest.mark.slow, pytest.mark.timeout(600)))]
)
def test_nothing_is_lost_or_there_twice(tmp_path: Path, stack: ExitStack, kills: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 the same chances each time, no secret
    doors = stack.enter_context(closing(Doors()))
    house = stack.enter_context(closing(House(tmp_path)))
    house.inventory(doors.inventory())
    house.agent_on()
    kept = 0
    for _ in range(kills):
        house.start()
        for _ in range(chance.randint(2, 8)):
            doors.switch(chance.randrange(SWITCHED))
            linger(house, chance.uniform(0.0, 0.5))
        seen = len(points(house))
        assert seen >= kept  # what could be read before the last kill can still be read
        kept = seen
        house.stop(signal.SIGKILL)
        house.ledger()  # says if it isn't whole
    house.start()
    house.until(lambda: settled(house), "all devices to be judged, all incidents to fit")
    times = points(house)
    assert len(times) == len(set(times)) >= kept
    assert house.stop(signal.SIGTERM) == 0
    assert noc(house, "ledger", "verify").returncode == 0
    assert "Traceback" not in house.log.read_text()
    for number in range(SWITCHED):
        changes = [change for change in house.ledger() if change.entity == f"device/d{number}"]
        assert all(before.status != after.status for before, after in pairwise(changes))
        assert all(before.status == after.before for before, after in pairwise(changes))
        assert all(before.since_ms < after.since_ms for before, after in pairwise(changes))


def linger(house: House, seconds: float) -> None:
    """Let the daemon work for a while."""
    assert house.daemon is not None
    with suppress(subprocess.TimeoutExpired):
        house.daemon.wait(seconds)


def points(house: House) -> list[int]:
    """Return when the agent was read, as the store knows it."""
    series = house.ask("/series?device=agent&measurement=snmp&field=uptime")["items"]
    assert isinstance(series, list)
    return [time for entry in series for time in entry["times_ms"]]


def settled(house: House) -> bool:
    """Return whether exactly those devices have one open incident that are down."""
    devices, incidents = house.ask("/devices")["items"], house.ask("/incidents?state=open")["items"]
    assert isinstance(devices, list)
    assert isinstance(incidents, list)
    down = sorted(f"device/{device['id']}" for device in devices if device["status"] == "down")
    known = all(device["status"] in ("up", "down") for device in devices)
    return known and down == sorted(incident["entity"] for incident in incidents)
