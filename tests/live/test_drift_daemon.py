"""The daemon looks for drift by itself, at a real agent: what differs is told once, and shown until it is settled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.house import House

pytestmark = pytest.mark.live


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path, "discovery: {drift_every: 4s}")
    yield made
    made.close()


def looked_at(house: House) -> float:
    found = re.search(r"^noc_drift_devices_total (\S+)$", house.metrics(), re.MULTILINE)
    return float(found[1]) if found else 0.0


def kinds(house: House) -> list[object]:
    items = house.ask("/discovery/drift")["items"]
    assert isinstance(items, list)
    return [one["kind"] for one in items]


@pytest.mark.slow
def test_a_device_that_calls_itself_otherwise_is_told_and_one_that_is_gone_too(house: House) -> None:
    house.agent_on()  # its sysName is this machine's, and not `agent`
    house.start()
    house.until(lambda: looked_at(house) >= 1, "the first look")
    assert kinds(house) == ["name"]
    house.until(lambda: looked_at(house) >= 3, "three looks")
    assert kinds(house) == ["name"]
    assert 'noc_drift{kind="name"} 1.0' in house.metrics()
    (look,) = house.ask("/discovery/looks")["items"]  # type: ignore[misc]
    assert (look["site"], look["devices"], look["looked_at"]) == ("site/loopback", 1, 1)
    assert "Looked at 1 of 1 sites" in house.page("/discovery/drift")
    said = [line for line in house.log.read_text().splitlines() if "inventory and network disagree" in line]
    assert len(said) == 1, said
    house.agent_off()
    house.until(lambda: house.statuses()[-1] == "down", "the outage")
    assert kinds(house) == ["name"], "an outage is no drift"
    house.until(lambda: kinds(house) == ["silent"], "silence for longer than the rhythm")
