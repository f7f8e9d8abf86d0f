"""A byte budget over a restart of the daemon: what was spent of the hour is still spent."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.house import House

pytestmark = pytest.mark.live

LINE = "circuits:\n  line: {kind: satellite, site: loopback, budget: 4MiB/h, probe: {device: agent, name: hub}}\n"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    made.inventory(LINE)
    yield made
    made.close()


def spent(house: House) -> float:
    found = re.search(r'^noc_budget_circuit_bytes\{circuit="line"\} (\S+)$', house.metrics(), re.MULTILINE)
    return float(found[1]) if found else 0.0


@pytest.mark.slow
def test_a_restart_does_not_give_the_hour_a_second_budget(house: House) -> None:
    house.agent_on()
    house.start()
    house.until(lambda: spent(house) > 10_000, "some of the budget to be spent")
    before = spent(house)
    assert house.stop(signal.SIGTERM) == 0
    for _ in range(3):
        house.start()
        assert before <= spent(house) <= 4 * 2**20
        before = spent(house)
        assert house.stop(signal.SIGTERM) == 0
