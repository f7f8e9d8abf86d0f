"""A device that is up and can't be read by SNMP: `noc run` says so once, on pages, by the API, in its figures."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.house import House

pytestmark = pytest.mark.live

CREDENTIALS = """{snmp: {version: 2c, community: !secret file:community}}
  carol: {snmp: {version: 3, user: carol, auth: SHA-1, auth_key: !secret file:key}}"""
INVENTORY = """\
regions: {{here: {{}}}}
sites: {{loopback: {{region: here, class: field, edge_devices: [locked]}}}}
devices:
  locked: {{site: loopback, address: 127.0.0.1, class: ups, liveness: tcp:{tcp}, snmp_port: {udp}, credentials: carol}}
  refused: {{site: loopback, address: 127.0.0.2, class: server, liveness: tcp:{tcp}, snmp_port: {udp}}}
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    (tmp_path / "key").write_text("not-her-auth-key\n")
    house = House(tmp_path, credentials=CREDENTIALS)
    yield house
    house.close()


def polls(house: House, device: str) -> dict[str, dict[str, object]]:
    answer = house.ask(f"/devices/{device}")
    assert isinstance(answer["polls"], list)
    return {one["check"]: one for one in answer["polls"]}


def fails(house: House, device: str, times: int) -> bool:
    return int(str(polls(house, device).get("snmp", {}).get("failures", 0))) >= times


def test_why_devices_are_not_read_is_told_once_and_shown(house: House) -> None:
    with socket.create_server(("", 0), backlog=4_000) as listener:
        ports = {"tcp": listener.getsockname()[1], "udp": house.port}
        (house.folder / "inventory" / "all.yaml").write_text(INVENTORY.format(**ports))
        house.agent_on()
        house.start()
        house.until(lambda: fails(house, "refused", 3) and fails(house, "locked", 3), "polls to fail")
        assert_shown(house)
        (house.folder / "key").write_text("carol-auth-key\n")
        assert house.daemon is not None
        house.daemon.send_signal(signal.SIGHUP)
        house.until(lambda: polls(house, "locked")["snmp"]["ok"] is True, "a poll to be answered")
    house.stop(signal.SIGTERM)
    log = house.log.read_text()
    assert log.count("device/locked: snmp fails") == log.count("device/locked: snmp is answered again, after ") == 1
    assert log.count("device/refused: snmp fails: 127.0.0.2: port") == 1


def assert_shown(house: House) -> None:
    """By the API, on the page, in the figures; and the devices are up."""
    refused, locked = polls(house, "refused"), polls(house, "locked")
    assert (refused["snmp"]["kind"], locked["snmp"]["kind"]) == ("refused", "auth")
    assert "is refused: no SNMP agent listens there" in str(refused["snmp"]["reason"])
    assert "with another authentication key" in str(locked["snmp"]["reason"])
    assert refused["tcp"]["ok"] is True
    assert house.ask("/devices/refused")["status"] == "up"
    page = house.page("/devices/locked")
    assert "Checks that fail" in page
    assert "with another authentication key" in page
    metrics = house.metrics()
    assert 'noc_polls_failing{check="snmp"} 2.0' in metrics
    assert 'noc_poll_failures_total{check="snmp",kind="auth"}' in metrics


def test_a_device_that_is_down_is_told_as_down_and_one_that_is_read_again_as_that(house: House) -> None:
    house.agent_on()
    house.start()
    house.until(lambda: house.verdicts() == ["up"], "the device to be up")
    house.until(lambda: polls(house, "agent").get("snmp", {}).get("ok") is True, "the first poll")
    house.agent_off()
    house.until(lambda: house.verdicts() == ["up", "down"], "the device to be down")
    house.until(lambda: fails(house, "agent", 1), "a poll to fail")
    house.agent_on()
    house.until(lambda: house.verdicts() == ["up", "down", "up"], "the device to be up again")
    house.until(lambda: polls(house, "agent")["snmp"]["ok"] is True, "a poll to be answered")
    log = house.log.read_text()
    assert log.count("device/agent: snmp fails") == log.count("device/agent: snmp is answered again") <= 1
