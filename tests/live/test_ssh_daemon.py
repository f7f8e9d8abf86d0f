"""The daemon asks by SSH: peers and sensors stand on the page, copies are kept, a changed host key is an incident."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from noc.simulator.terminal import TerminalServer, User
from tests.live.cli_consoles import Recorded
from tests.live.house import House, noc

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]

ADDRESS = "127.9.0.1"
CREDENTIALS = "{{ssh: {{user: noc, port: {port}, password: !secret file:password}}}}"
DEVICE = """\
  rtr:
    site: loopback
    address: 127.9.0.1
    class: router
    liveness: tcp:{port}
    interval: 2s
    timeout: 1s
    ssh: {{platform: cisco-ios, checks: [version, bgp, ntp], every: 8s}}
    backup: {{every: 4s}}
"""
VERSION = """\
Cisco IOS Software, C2960 Software (C2960-LANBASEK9-M), Version 15.0(2)SE11, RELEASE SOFTWARE (fc3)
rtr uptime is 1 week, 2 days
System image file is "flash:c2960-lanbasek9-mz.150-2.SE11.bin"
cisco WS-C2960-24TT-L (PowerPC405) processor (revision D0) with 65536K bytes of memory.
Processor board ID FOC1010X104
Configuration register is 0xF
"""
BGP = """\
BGP router identifier 10.0.0.1, local AS number 64500
BGP table version is 1, main routing table version 1

Neighbor        V           AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd
192.0.2.9       4        64501      10      10        1    0    0 00:10:00        3
192.0.2.10      4        64502       0       0        1    0    0 never    Idle (Admin)
"""
NTP = """\
Clock is synchronized, stratum 3, reference is 192.0.2.1
nominal freq is 250.0000 Hz, actual freq is 250.0001 Hz, precision is 2**24
clock offset is -1.5000 msec, root delay is 2.01 msec
"""
CONFIGURATION = """\
Building configuration...

Current configuration : 100 bytes
!
! Last configuration change at 18:56:48 UTC Wed Apr 5 2017 by achieng
!
hostname rtr
enable secret 5 S3cr3tW0rd
snmp-server community S3cr3tW0rd RO
ntp server 192.0.2.1
end
"""


@pytest.fixture
async def console(tmp_path: Path) -> Recorded:
    texts = {"show version": VERSION, "show ip bgp summary": BGP, "show ntp status": NTP}
    return Recorded("cisco-ios", {**texts, "show running-config": CONFIGURATION})


@pytest.fixture
async def server(console: Recorded, tmp_path: Path) -> AsyncIterator[TerminalServer]:
    made = TerminalServer({ADDRESS: console}.get, User("noc", "correct-horse"), tmp_path / "key-1")
    yield made
    await made.close()


@pytest.mark.slow
async def test_the_whole_way_from_a_command_line_to_page_incident_and_copy(
    server: TerminalServer, console: Recorded, tmp_path: Path
) -> None:
    port = await server.open()
    folder = tmp_path / "house"
    folder.mkdir()
    house = House(folder, credentials=CREDENTIALS.format(port=port))
    (folder / "password").write_text("correct-horse\n")
    device = DEVICE.format(port=port)
    places = "regions: {here: {name: Here}}\nsites: {loopback: {region: here, class: field, edge_devices: [rtr]}}\n"
    whole = f"{places}devices:\n{device}"
    (folder / "inventory" / "all.yaml").write_text(whole)
    try:
        await asyncio.to_thread(_story, house, console)
        await server.close()
        other = TerminalServer({ADDRESS: console}.get, User("noc", "correct-horse"), tmp_path / "key-2")
        await other.open(port)
        try:
            await asyncio.to_thread(_changed_key, house)
        finally:
            await other.close()
    finally:
        await asyncio.to_thread(house.close)


def _story(house: House, console: Recorded) -> None:
    house.start()
    house.until(lambda: len(_sensors(house)) >= 3, "answers by SSH")
    known = house.ask("/devices/rtr")
    identity = known["identity"]
    assert isinstance(identity, dict)
    assert (identity["version"], identity["serial"]) == ("15.0(2)SE11", "FOC1010X104")
    assert _sensors(house) == {"NTP": "ok", "NTP stratum": "ok", "NTP offset": "ok"}
    house.until(lambda: len(_versions(house)) == 1, "the first copy")
    (first,) = _versions(house)
    assert (first["author"], first["changed"]) == ("achieng", "18:56:48 UTC Wed Apr 5 2017")
    console.texts["show running-config"] = CONFIGURATION.replace("192.0.2.1", "192.0.2.2").replace("achieng", "luca")
    house.until(lambda: len(_versions(house)) == 2, "the second copy")
    found = house.ask(f"/devices/rtr/configurations/{_versions(house)[0]['version']}/diff")
    assert isinstance(found["diff"], list)
    assert {"-ntp server 192.0.2.1", "+ntp server 192.0.2.2"} <= set(found["diff"])
    page = house.page("/devices/rtr/configuration")
    assert '<ins><bdi dir="ltr">+ntp server 192.0.2.2</bdi></ins>' in page
    assert "copies and changes" in house.page("/devices/rtr")
    shown = noc(house, "config", "show", "rtr")
    assert (shown.returncode, "ntp server 192.0.2.2" in shown.stdout) == (0, True)
    assert noc(house, "config", "diff", "rtr").returncode == 1
    (listed,) = json.loads(noc(house, "config", "list", "--json").stdout)
    assert (listed["device"], listed["error"]) == ("rtr", None)
    everything = shown.stdout + page + "".join(map(str, house.ask("/devices/rtr/configurations").values()))
    assert "S3cr3tW0rd" not in everything
    assert b"S3cr3tW0rd" not in (house.folder / "state" / "noc.db").read_bytes()
    assert set(console.typed) <= {*console.texts, "terminal width 511", "terminal length 0"}


def _changed_key(house: House) -> None:
    house.until(lambda: _incident(house, "unresolved") is not None, "the incident of a changed key")
    incident = _incident(house, "unresolved")
    assert incident is not None
    facts = incident["facts"]
    assert isinstance(facts, dict)
    known, shown = facts["tag.known_key"], facts["tag.shown_key"]
    assert known.startswith("ssh-ed25519 SHA256:")
    assert shown.startswith("ssh-ed25519 SHA256:")
    assert known != shown
    wrong = noc(house, "ssh", "accept", "rtr", "--fingerprint", "SHA256:of-another")
    assert (wrong.returncode, "nothing was accepted" in wrong.stderr) == (2, True)
    taken = noc(house, "ssh", "accept", "rtr", "--fingerprint", shown.split()[1])
    assert (taken.returncode, f"accepted: {shown}" in taken.stderr) == (0, True)
    house.until(lambda: _incident(house, "resolved") is not None, "the end of the incident")


def _sensors(house: House) -> dict[str, str]:
    sensors = house.ask("/devices/rtr")["sensors"]
    assert isinstance(sensors, list)
    return {sensor["name"]: sensor["status"] for sensor in sensors}


def _versions(house: House) -> list[dict[str, object]]:
    items = house.ask("/devices/rtr/configurations")["items"]
    assert isinstance(items, list)
    return items


def _incident(house: House, state: str) -> dict[str, object] | None:
    found = house.ask(f"/incidents?state={state}&limit=1000")["items"]
    assert isinstance(found, list)
    return next((one for one in found if one["rule"] == "ssh-host-key-changed"), None)
