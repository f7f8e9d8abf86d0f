"""End points that a poller asks: its process, Mosquitto, a web server with TLS, and the centre that judges."""

from __future__ import annotations

import asyncio
import base64
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from noc.availability.times import format_time
from noc.bus.identity import Identity
from noc.clock import SystemClock
from noc.model.instants import to_ms
from noc.model.transition import Transition
from tests.live.endpoint_servers import Authority
from tests.live.house import House
from tests.live.mosquitto import broker
from tests.live.standin_poller import KEY, enrol, until
from tests.live.test_poller import Process

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]

SETTINGS = """\
pollers:
  broker: {{host: 127.0.0.1, port: {port}}}
  groups:
    east: {{scope: [region/east], vantage: nairobi}}
"""
ENDPOINT = """\
endpoints:
  web:
    site: nairobi
    http: {{url: "https://localhost:{port}/", ca_file: ca.pem, text: works, headers: {{X-Key: !secret file:key}}}}
    interval: {interval}
    stale_after: 20s
    timeout: 900ms
    confirm_down: 2
    confirm_up: 1
"""
HERE = "    asked_by: centre\n"


@dataclass
class Server:
    """A web server that works, or doesn't. asked: when it was, by whom."""

    works: bool = True
    asked: list[float] = field(default_factory=list)
    wrong: int = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(asyncio.get_running_loop().time())
        known = b"X-Key: open sesame\r\n" in said
        self.wrong += not known
        status, body = (b"200 OK", b"it works") if self.works and known else (b"503 Busy", b"it doesn't")
        writer.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (status, len(body), body))
        await writer.drain()
        writer.close()

    @asynccontextmanager
    async def there(self, authority: Authority) -> AsyncIterator[int]:
        server = await asyncio.start_server(self.talk, "127.0.0.1", 0, ssl=authority.server(["localhost"]))
        async with server:
            yield int(server.sockets[0].getsockname()[1])


@dataclass
class Stage:
    """A house, a poller of its group, and a server at the poller's site."""

    house: House
    poller: Process
    server: Server
    port: int
    interval: str

    def place(self, more: str = "") -> None:
        """Write the end point."""
        text = ENDPOINT.format(port=self.port, interval=self.interval) + more
        (self.house.folder / "inventory" / "web.yaml").write_text(text)

    async def reload(self) -> None:
        known = self.house.log.read_text().count("reloaded:")
        assert self.house.daemon is not None
        self.house.daemon.send_signal(signal.SIGHUP)
        await until(lambda: self.house.log.read_text().count("reloaded:") > known, "a reload")

    async def changes(self) -> list[Transition]:
        return [one for one in await asyncio.to_thread(self.house.ledger) if one.entity == "endpoint/web"]

    async def statuses(self, wanted: list[str]) -> list[Transition]:
        """Wait until the end point had these statuses, one after the other."""
        found: list[Transition] = []
        async with asyncio.timeout(60):
            while [one.status for one in found] != wanted:
                await asyncio.sleep(0.2)
                found = await self.changes()
        return found

    async def asked(self, more: int) -> None:
        known = len(self.server.asked)
        await until(lambda: len(self.server.asked) >= known + more, f"{more} questions")


@asynccontextmanager
async def staged(folder: Path, interval: str, more: str = "") -> AsyncIterator[Stage]:
    authority, server = Authority(folder), Server()
    async with broker(folder) as at, server.there(authority) as port:
        house = House(folder, SETTINGS.format(port=at))
        inventory = folder / "inventory" / "all.yaml"
        sites = "sites:\n  nairobi: {region: east, class: hub, edge_devices: [far]}\n"
        text = inventory.read_text().replace("regions: {", "regions: {east: {name: East}, ").replace("sites:\n", sites)
        inventory.write_text(f"{text}  far: {{site: nairobi, address: 127.0.0.2, class: router, liveness: 'tcp:1'}}\n")
        (folder / "key").write_text("open sesame\n")
        enrol(folder / "state", "nbo-1", "east")
        key = base64.b64encode(KEY).decode()
        said = Identity(
            poller="nbo-1",
            group="east",
            centre="test-poller",
            host="127.0.0.1",
            port=at,
            tls=False,
            user="",
            password="",
            key=key,
        )
        poller = Process(folder / "poller", said)
        stage = Stage(house, poller, server, port, interval)
        stage.place(more)
        try:
            yield stage
        finally:
            if poller.running is not None:  # a killed one leaves its plan in memory
                await asyncio.to_thread(poller.end)
            house.close()


@pytest.mark.slow
async def test_a_poller_asks_and_the_centre_sees_it_go_down_and_come_back(tmp_path: Path) -> None:
    async with staged(tmp_path, "1s") as stage:
        await asyncio.to_thread(stage.house.start)
        stage.poller.start()
        await stage.statuses(["up"])
        stage.server.works = False
        await stage.statuses(["up", "down"])
        stage.server.works = True
        found = await stage.statuses(["up", "down", "up"])
        assert {(one.poller, one.vantage, one.check) for one in found} == {("nbo-1", "nairobi", "http")}
        assert stage.server.wrong == 0
        answer = await asyncio.to_thread(stage.house.ask, series("http_response", "response_time"))
        await asyncio.to_thread(stage.poller.end)
        assert [one["tags"]["vantage"] for one in answer["items"]] == ["nairobi"]  # type: ignore[attr-defined]
        await stage.statuses(["up", "down", "up", "unknown"])
        await until(lambda: "poller-blind" in incidents(stage.house), "an incident about the poller", 60)
        assert not [one for one in incidents(stage.house).values() if one == "endpoint/web"]
        sealed = (stage.poller.folder / "state" / "plan.sealed").read_bytes()
        assert b"open sesame" not in sealed


def incidents(house: House) -> dict[str, str]:
    """Return open incidents: of which rule about what."""
    items = house.ask("/incidents?state=unresolved")["items"]
    assert isinstance(items, list)
    return {one["rule"]: one["entity"] for one in items}


def series(measurement: str, field: str) -> str:
    now_ms = to_ms(SystemClock().now())
    since, until_ms = (format_time(at_ms).replace("+", "%2B") for at_ms in (now_ms - 3_600_000, now_ms + 1_000))
    return f"/series?device=endpoint/web&measurement={measurement}&field={field}&from={since}&to={until_ms}"


@pytest.mark.slow
async def test_a_reload_moves_it_between_centre_and_poller_without_a_gap_or_a_double(tmp_path: Path) -> None:
    interval_s = 3.0
    async with staged(tmp_path, "3s", HERE) as stage:
        await asyncio.to_thread(stage.house.start)
        stage.poller.start()
        await stage.asked(2)
        for more, pollers in (("", {"nbo-1"}), (HERE, {"test-poller"}), ("", {"nbo-1"})):
            stage.place(more)
            await stage.reload()
            await stage.asked(3)
            await until(lambda wanted=pollers: asked_by(stage.house) == wanted, f"questions of {pollers}")
        apart = [after - before for before, after in pairwise(stage.server.asked)]
        assert min(apart) > 0.5 * interval_s, apart
        assert max(apart) < 1.5 * interval_s, apart
        assert [one.status for one in await stage.changes()] == ["up"]
        assert len(stage.server.asked) >= 10


def asked_by(house: House) -> set[str]:
    """Return who asked in the last results that the centre has."""
    found = house.ask(series("noc_liveness", "ok"))["items"]
    assert isinstance(found, list)
    newest = max((one["times_ms"][-1] for one in found), default=None)
    return {one["tags"]["poller"] for one in found if one["times_ms"][-1] == newest}
