"""A device tells of a changed configuration, by trap or syslog: noc fetches a copy over SSH. Copies that grow old."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from noc.pipeline.configtext import copy_of
from noc.simulator.terminal import TerminalServer, User
from noc.state import configurations
from noc.state.configurations import Fetched
from tests.database import empty_database
from tests.live.cli_consoles import Recorded
from tests.live.conftest import find_program, free_udp_port
from tests.live.house import House
from tests.live.ssh_server import free_tcp_port

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]

CREDENTIALS = "{{ssh: {{user: noc, port: {port}, password: !secret file:password}}}}"
RECEIVERS = """\
receivers:
  trap: {{listen: ["127.0.0.1:{trap}"]}}
  syslog: {{udp: ["127.0.0.1:{syslog}"]}}
  senders: {{127.0.0.1: rtr-2}}
"""
DEVICE = """\
  {name}:
    site: loopback
    address: {address}
    class: router
    liveness: tcp:{alive}
    interval: 2s
    timeout: 1s
    ssh: {{platform: cisco-ios, command: show clock, every: 24h}}
    backup: {{every: {every}}}
"""
CONFIGURATION = """\
Building configuration...

Current configuration : 100 bytes
!
! Last configuration change at 18:56:48 UTC Wed Apr 5 2017 by {author}
!
hostname rtr
ntp server 192.0.2.{number}
end
"""
CHANGED = "1.3.6.1.4.1.9.9.43.2.0.1"
"""CISCO-CONFIG-MAN-MIB::ciscoConfigManEvent."""
HISTORY = "1.3.6.1.4.1.9.9.43.1.1.6.1"
BY_COMMAND_LINE = [f"{HISTORY}.3.7", "i", "1", f"{HISTORY}.4.7", "i", "2", f"{HISTORY}.5.7", "i", "3"]
"""ccmHistoryEventCommandSource: commandLine, ConfigSource: commandSource, ConfigDestination: running."""
SAID = "%SYS-5-CONFIG_I: Configured from console by amina on vty0 (192.0.2.77)"


@dataclass
class Routers:
    """Two routers with real SSH on loopback, by address. alive: the port that tells that they are up."""

    consoles: dict[str, Recorded]
    folder: Path
    port: int
    alive: int
    server: TerminalServer | None = None

    async def open(self) -> None:
        self.server = TerminalServer(self.consoles.get, User("noc", "correct-horse"), self.folder / "host-key")
        await self.server.open(self.port)

    async def close(self) -> None:
        if self.server is not None:
            await self.server.close()
        self.server = None


def router(author: str, number: int) -> Recorded:
    return Recorded("cisco-ios", {"show clock": "*12:00:00 UTC", "show running-config": configured(author, number)})


def configured(author: str, number: int) -> str:
    return CONFIGURATION.format(author=author, number=number)


@pytest.fixture
async def routers(tmp_path: Path) -> AsyncIterator[Routers]:
    consoles = {"127.9.0.1": router("luca", 2), "127.9.0.2": router("amina", 3)}
    alive = await asyncio.start_server(lambda _, writer: writer.close(), [*consoles], free_tcp_port())
    made = Routers(consoles, tmp_path, free_tcp_port(), alive.sockets[0].getsockname()[1])
    await made.open()
    yield made
    await made.close()
    alive.close()
    await alive.wait_closed()


async def known_copies(folder: Path, ages_s: dict[str, int]) -> None:
    """Write down copies of a while ago, as a daemon did that ran then."""
    copy = copy_of([configured("achieng", 1)])
    assert copy is not None
    database = empty_database(folder / "state" / "noc.db")
    await database.start()
    async with database.write() as connection:
        for device, age_s in ages_s.items():
            fetched = Fetched(copy.text, copy.digest, copy.changed, copy.author)
            await configurations.keep(connection, device, fetched, int((time.time() - age_s) * 1000), 50)
    await database.stop()


def house_of(folder: Path, routers: Routers, every: str, more: str = "") -> House:
    folder.mkdir()
    house = House(folder, more, CREDENTIALS.format(port=routers.port))
    (folder / "password").write_text("correct-horse\n")
    (folder / "state").mkdir()
    alive = routers.alive
    devices = [DEVICE.format(name=f"rtr-{one}", address=f"127.9.0.{one}", alive=alive, every=every) for one in (1, 2)]
    places = "regions: {here: {name: Here}}\nsites: {loopback: {region: here, class: field, edge_devices: [rtr-1]}}\n"
    (folder / "inventory" / "all.yaml").write_text(f"{places}devices:\n{''.join(devices)}")
    return house


def authors(house: House, device: str) -> list[object]:
    items = house.ask(f"/devices/{device}/configurations")["items"]
    assert isinstance(items, list)
    return [item["author"] for item in items]


async def test_a_trap_and_a_syslog_line_of_a_change_bring_a_copy_with_its_author(
    routers: Routers, tmp_path: Path
) -> None:
    trap, syslog = free_udp_port(), free_udp_port()
    house = house_of(tmp_path / "house", routers, "24h", RECEIVERS.format(trap=trap, syslog=syslog))
    # Of rtr-2 the last copy is so new that the next one waits until a minute has passed.
    await known_copies(house.folder, {"rtr-1": 7200, "rtr-2": 52})

    def story() -> None:
        house.start()
        assert (authors(house, "rtr-1"), authors(house, "rtr-2")) == (["achieng"], ["achieng"])
        where = f"127.0.0.1:{trap}"
        command = [find_program("snmptrap", "snmp"), "--clientaddr=127.9.0.1", "-v2c", "-c", "public", where, ""]
        subprocess.run([*command, CHANGED, *BY_COMMAND_LINE], check=True, capture_output=True)
        house.until(lambda: authors(house, "rtr-1") == ["luca", "achieng"], "the copy that the trap asked for")
        assert authors(house, "rtr-2") == ["achieng"]
        logger = [find_program("logger", "bsdutils"), "--server", "127.0.0.1", "--port", str(syslog), "--udp"]
        subprocess.run([*logger, "--rfc3164", "--tag", "42", SAID], check=True, capture_output=True)
        house.until(lambda: authors(house, "rtr-2") == ["amina", "achieng"], "the copy that the line asked for")
        events = house.ask("/events?class=configuration")["items"]
        assert isinstance(events, list)
        told = {event["device"]: (event["name"], event["facts"].get("user")) for event in events}
        assert told == {
            "device/rtr-1": ("CISCO-CONFIG-MAN-MIB::ciscoConfigManEvent", None),
            "device/rtr-2": ("%SYS-5-CONFIG_I", "amina"),
        }
        diff = house.ask(f"/devices/rtr-1/configurations/{newest(house, 'rtr-1')}/diff")["diff"]
        assert isinstance(diff, list)
        assert {"-ntp server 192.0.2.1", "+ntp server 192.0.2.2"} <= set(diff)

    try:
        await asyncio.to_thread(story)
    finally:
        await asyncio.to_thread(house.close)
    assert all(console.typed.count("show running-config") == 1 for console in routers.consoles.values())


def newest(house: House, device: str) -> object:
    items = house.ask(f"/devices/{device}/configurations")["items"]
    assert isinstance(items, list)
    return items[0]["version"]


@pytest.mark.slow
async def test_a_last_good_copy_that_is_too_old_is_an_incident_until_there_is_a_new_one(
    routers: Routers, tmp_path: Path
) -> None:
    house = house_of(tmp_path / "house", routers, "2s")
    await known_copies(house.folder, {"rtr-1": 3600, "rtr-2": 3600})
    await routers.close()
    try:
        await asyncio.to_thread(house.start)
        await asyncio.to_thread(house.until, lambda: old_copies(house) == {"rtr-1", "rtr-2"}, "the incidents")
        await routers.open()
        await asyncio.to_thread(house.until, lambda: old_copies(house) == set(), "the end of the incidents")
        await asyncio.to_thread(
            house.until, lambda: authors(house, "rtr-1") == ["luca", "achieng"], "the new copy beside the old one"
        )
    finally:
        await asyncio.to_thread(house.close)


def old_copies(house: House) -> set[str]:
    """Return the devices of which an incident says now that their copy is old."""
    found = house.ask("/incidents?state=unresolved&limit=1000")["items"]
    assert isinstance(found, list)
    return {one["entity"].split("/")[1] for one in found if one["rule"] == "configuration-copy-old"}
