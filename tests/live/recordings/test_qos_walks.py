"""Classes of quality of service, which no recording has: an agent with the objects of CISCO-CLASS-BASED-QOS-MIB."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from noc.model.reading import Reading
from tests.live.conftest import RunningAgent
from tests.live.made import Walk, served
from tests.live.recorded import poll

pytestmark = pytest.mark.live

QOS = "9.9.166.1"
ROUTER = "9.1.1"


def router(classes: int) -> Walk:
    """Return a router with one policy out of interface 3."""
    walk: dict[str, int | str] = {
        f"{QOS}.1.1.1.3.18": 2,
        f"{QOS}.1.1.1.4.18": 3,
        f"{QOS}.5.1.1.2.18.18": 100,
        f"{QOS}.5.1.1.4.18.18": 0,
        f"{QOS}.6.1.1.1.100": "WAN-OUT",
    }
    for number in range(1, classes + 1):
        walk[f"{QOS}.5.1.1.2.18.{1000 + number}"] = 1000 + number
        walk[f"{QOS}.5.1.1.4.18.{1000 + number}"] = 18
        walk[f"{QOS}.7.1.1.1.{1000 + number}"] = f"CLASS-{number}"
        for column in (3, 6, 7, 10, 11, 14, 17, 18):
            walk[f"{QOS}.15.1.1.{column}.18.{1000 + number}"] = number * column
    return walk


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAgent]:
    walks = {f"qos-{classes}": (ROUTER, router(classes)) for classes in (2, 200, 201)}
    with served(walks, tmp_path_factory.mktemp("agents")) as agent:
        yield agent


def parts(reading: Reading) -> dict[str, str]:
    return {part.what: part.reason for part in reading.parts}


def test_classes_are_read_where_they_are(agent: RunningAgent) -> None:
    taken = poll("qos-2", agent.port).taken
    one, other = taken.records["qos_classes"]
    assert (one["class"], one["policy"], one["direction"]) == ("CLASS-1", "WAN-OUT", "out")
    assert (other["bytes"], other["rate_bps"], other["drop_packets"], other["drop_bps"]) == (12, 14, 28, 36)


def test_as_many_as_are_read_at_most_are_read(agent: RunningAgent) -> None:
    polled = poll("qos-200", agent.port)
    assert len(polled.taken.records["qos_classes"]) == 200
    assert "cbQosCMStatsTable" not in parts(polled.reading)


def test_more_are_left_out_and_told(agent: RunningAgent) -> None:
    polled = poll("qos-201", agent.port)
    assert polled.taken.records["qos_classes"] == ()
    assert parts(polled.reading)["cbQosCMStatsTable"].startswith("left out: more than 200 rows")
    assert polled.taken.device.vendor == "Cisco"
