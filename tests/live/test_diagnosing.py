"""An incident opens; the daemon logs in where its device hangs on, and keeps what that says beside the incident."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from noc.simulator.terminal import TerminalServer, User
from tests.live.cli_consoles import Recorded
from tests.live.house import House

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]

ROUTER, FAR = "127.9.0.1", "127.9.0.2"
TRACE = f"traceroute {FAR} numeric timeout 1 probe 1 ttl 1 15"
BGP = "show ip bgp summary"
BRIEF = "show ip interface brief"
TEXTS = {
    TRACE: "  1 192.0.2.1 4 msec\n  2  *\n",
    BGP: "BGP router identifier 10.0.0.1, local AS number 64500\n",
    BRIEF: "GigabitEthernet0/1     192.0.2.1       YES NVRAM  up                    down\n",
}
CREDENTIALS = "{{ssh: {{user: noc, port: {port}, password: !secret file:password}}}}"
INVENTORY = """\
regions: {{here: {{name: Here}}}}
sites: {{loopback: {{region: here, class: field, edge_devices: [rtr]}}}}
devices:
  rtr: {{site: loopback, address: 127.9.0.1, class: router, liveness: "tcp:{port}", interval: 2s, timeout: 1s,
    ssh: {{platform: cisco-ios, checks: [bgp], every: 1h}}}}
  far: {{site: loopback, address: 127.9.0.2, class: switch, liveness: "tcp:{far}", interval: 2s, timeout: 1s,
    upstream: [rtr]}}
"""


async def test_who_is_upstream_is_asked_what_it_sees(tmp_path: Path) -> None:
    console = Recorded("cisco-ios", TEXTS)
    server = TerminalServer({ROUTER: console}.get, User("noc", "correct-horse"), tmp_path / "key")
    port = await server.open()
    listener = await asyncio.start_server(lambda _, writer: writer.close(), FAR)
    far = listener.sockets[0].getsockname()[1]
    folder = tmp_path / "house"
    folder.mkdir()
    house = House(folder, credentials=CREDENTIALS.format(port=port))
    (folder / "password").write_text("correct-horse\n")
    (folder / "inventory" / "all.yaml").write_text(INVENTORY.format(port=port, far=far))
    try:
        await asyncio.to_thread(house.start)
        await asyncio.to_thread(_both_are_up, house)
        listener.close()
        await listener.wait_closed()
        said = await asyncio.to_thread(_diagnosed, house)
    finally:
        await asyncio.to_thread(house.close)
        await server.close()
    assert {one["question"]: (one["device"], one["state"]) for one in said} == dict.fromkeys(TEXTS, ("rtr", "answered"))
    assert {one["question"]: one["answer"].strip() for one in said} == {
        text: answer.strip() for text, answer in TEXTS.items()
    }
    assert TRACE in console.typed


def _both_are_up(house: House) -> None:
    house.until(lambda: all(house.ask(f"/devices/{name}")["status"] == "up" for name in ("rtr", "far")), "both up")


def _diagnosed(house: House) -> list[dict[str, str]]:
    house.until(lambda: _incident(house) is not None, "the incident of what devices were asked about")
    found = _incident(house)
    assert found is not None
    (line,) = [entry for entry in found["timeline"] if entry["kind"] == "diagnosed"]  # type: ignore[attr-defined]
    assert line["facts"] == {"devices": "rtr", "answered": 3, "failed": 0}
    said: list[dict[str, str]] = found["diagnostics"]  # type: ignore[assignment]
    return said


def _incident(house: House) -> dict[str, object] | None:
    items = house.ask("/incidents?entity=device/far")["items"]
    assert isinstance(items, list)
    for item in items:
        found = house.ask(f"/incidents/{item['id']}")
        if any(entry["kind"] == "diagnosed" for entry in found["timeline"]):  # type: ignore[attr-defined]
            return found
    return None
