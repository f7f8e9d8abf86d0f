"""A centre and a poller, each a daemon, over Mosquitto as `noc broker config` sets it up, and InfluxDB behind a door.

The devices are addresses of loopback, which the kernel answers for: each reading is one result of liveness, and one
point in InfluxDB, so that all can be counted from one end to the other.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from noc.app.brokeraccounts import CENTRE
from noc.app.brokerfiles import AUTHORITY
from noc.bus import identity
from tests.live.house import House, noc
from tests.live.influx_facade import VERSION
from tests.live.influx_server import Influxd
from tests.live.mosquitto import OwnBroker, own_broker
from tests.live.standin_poller import until
from tests.live.test_poller import Process

DEVICES: Final = 20
LOOKS: Final = 20
"""So often the same count is seen until it counts as the last."""

POLLER: Final = "nbo-1"
SETTINGS: Final = """\
state_dir: state
defaults: {{interval: 500ms, timeout: 400ms, retries: 0}}
polling: {{poller: hq}}
http: {{port: 0}}
store: {{kind: influx, dialect: v1, url: '{store}', database: noc}}
pollers:
  broker: {{host: 127.0.0.1, port: {port}, tls: true, ca_file: {broker}/{authority}, username: {centre},
    password: !secret "file:{broker}/{centre}.password"}}
  broker_files: {broker}
  groups: {{east: {{scope: [region/east], vantage: nairobi}}}}
  state_out: true
"""


class Door:
    """Stands before InfluxDB. While it is shut no write comes through, and none is answered; questions are."""

    def __init__(self, behind: str) -> None:
        self._behind = behind
        self._open = asyncio.Event()
        self._open.set()
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self.url = ""
        self.held = 0

    async def start(self) -> None:
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._session = aiohttp.ClientSession()
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        self._open.set()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    def shut(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        if request.path == "/write" and not self._open.is_set():
            self.held += 1
            await self._open.wait()
        assert self._session is not None
        url = f"{self._behind}{request.path_qs}"
        async with self._session.request(request.method, url, data=body) as answer:
            headers = {name: answer.headers[name] for name in ("Content-Type", VERSION) if name in answer.headers}
            return web.Response(status=answer.status, body=await answer.read(), headers=headers)


@dataclass(frozen=True)
class Counts:
    """Of readings: as the poller counts them, as they came to the centre, and as points in InfluxDB.

    left: found at the poller's start, shed, dead, queued, in frames that nobody acknowledged.
    """

    read: float
    given: float
    stored: float
    left: float
    came: float
    refused: float
    points: int

    @property
    def agree(self) -> bool:
        """Return whether each was given, stored and written once, and nothing is anywhere else."""
        return {self.read} == {self.given, self.stored, self.came, self.points} and not self.left + self.refused


class Pair:
    """The centre is `house`, the poller `poller`."""

    def __init__(self, folder: Path, broker: OwnBroker, store: str) -> None:
        self.broker = broker
        self.house = House(folder)
        text = SETTINGS.format(store=store, port=broker.port, broker=broker.folder, authority=AUTHORITY, centre=CENTRE)
        (folder / "noc.yaml").write_text(text)
        self.inventory(DEVICES)
        self._poller_folder = folder / "poller"
        self.poller: Process | None = None

    def inventory(self, devices: int) -> None:
        """Write it, with so many devices that answer."""
        rows = [f"  far-{n}: {{address: 127.0.1.{n}, {WATCHED}}}\n" for n in range(1, devices + 1)]
        text = "regions: {east: {name: East}}\nsites: {nairobi: {region: east, class: field, edge_devices: [far-1]}}\n"
        (self.house.folder / "inventory" / "all.yaml").write_text(text + "devices:\n" + "".join(rows))

    def start(self) -> None:
        """Enrol the poller, and start both."""
        said = self._poller_folder.with_suffix(".json")
        done = noc(self.house, "poller", "enrol", POLLER, "--group", "east", "--out", str(said))
        assert done.returncode == 0, done.stderr
        self.broker.give()
        self.broker.reread()
        self.house.start()
        self.poller = Process(self._poller_folder, identity.read(said.read_bytes(), identity.Identity))
        self.poller.start()

    def close(self) -> None:
        if self.poller is not None:
            self.poller.close()
        self.house.close()

    def centre(self) -> dict[str, float]:
        """Return the centre's figures."""
        return _figures(self.house.metrics())

    def far(self) -> dict[str, float]:
        """Return the poller's figures."""
        assert self.poller is not None
        url = re.findall(r"listening on (http://\S+)", self.poller.log)[-1]
        with urllib.request.urlopen(f"{url}/metrics", timeout=20) as answer:  # noqa: S310 our own, on loopback
            return _figures(answer.read().decode())

    @property
    def stored(self) -> float:
        """Return how many readings the centre has acknowledged, as the poller counts."""
        return _entries(self.far())["stored"]

    def wrong(self) -> dict[str, str]:
        """Return the parts of the centre that aren't well, and why."""
        url, _ = self.house.login()
        with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)) as connection:
            connection.request("GET", "/readyz")  # 503 where it isn't ready
            told = json.loads(connection.getresponse().read())
        return {part["part"]: part["said"] for part in told["parts"] if not part["ok"]}

    def octets(self) -> int:
        """Return what the centre takes of memory."""
        assert self.house.daemon is not None
        status = Path(f"/proc/{self.house.daemon.pid}/status").read_text()
        (found,) = re.findall(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
        return int(found) * 1024

    async def runs(self) -> None:
        """Wait until what the poller reads is stored."""
        await until(self._is_running, "frames that are stored")

    def _is_running(self) -> bool:
        assert self.poller is not None
        log = self._poller_folder / "poller.log"
        if not log.exists() or "listening on" not in log.read_text():
            return False
        return self.far()['noc_poller_spool_entries{what="stored"}'] > 2 * DEVICES

    async def ends(self, influxd: Influxd) -> None:
        """Have the poller ask nobody any more, and count what it read: at the poller, the centre and in InfluxDB."""
        done = await asyncio.to_thread(noc, self.house, "pollers", "drain", POLLER)
        assert done.returncode == 0, done.stderr
        await until(lambda: self.far()["noc_poller_devices"] == 0, "the end of its share")
        # What was asked when its share ended is answered after that, and counts as all does; what came late is restated
        # first, and then in InfluxDB. So the count is the one that stays.
        looks: list[Counts] = []

        def stays() -> bool:
            looks.append(self._counts(influxd))
            return len(looks) >= LOOKS and len(set(looks[-LOOKS:])) == 1 and looks[-1].agree

        try:
            await until(stays, "one count at the poller, at the centre and in InfluxDB", 200)
        except AssertionError as error:
            raise AssertionError(f"{error}: {looks[-1]}") from None
        await until(self._is_even, "as much in the store as in the spool")

    def _counts(self, influxd: Influxd) -> Counts:
        far, centre = self.far(), self.centre()
        entries = _entries(far)
        return Counts(
            read=far["noc_poller_readings_total"],
            given=entries.pop("given"),
            stored=entries.pop("stored"),
            left=sum(entries.values()) + far["noc_poller_spool_frames"] + centre["noc_poller_frames_waiting"],
            came=centre["noc_poller_readings_total"],
            refused=centre["noc_poller_refused_total"] + centre["noc_poller_frames_broken_total"],
            points=points(influxd),
        )

    def _is_even(self) -> bool:
        now = self.centre()
        given = now["noc_spool_found_values"] + now["noc_spool_values_total"]
        shed = sum(value for name, value in now.items() if name.startswith("noc_spool_shed_values_total"))
        left = now["noc_store_refused_values_total"] + now["noc_spool_queued_values"] + shed
        return given == now["noc_store_values_total"] and left == 0


WATCHED: Final = "site: nairobi, class: router, liveness: icmp, stale_after: 8s"
WORDS: Final = ("found", "given", "stored", "shed", "dead", "queued")


def points(influxd: Influxd) -> int:
    """Return how many results of the poller are in InfluxDB."""
    series = influxd.tell("SELECT count(ok) FROM noc_liveness WHERE poller = 'nbo-1'")
    if not series:
        return 0
    (values,) = series[0]["values"]  # type: ignore[misc]
    return int(values[1])


def _entries(far: dict[str, float]) -> dict[str, float]:
    return {what: far[f'noc_poller_spool_entries{{what="{what}"}}'] for what in WORDS}


def _figures(text: str) -> dict[str, float]:
    rows = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
    return {row[0]: float(row[2]) for row in rows}


@contextmanager
def paired(folder: Path, store: str) -> Iterator[Pair]:
    """Run broker, centre and poller."""
    with own_broker() as broker:
        pair = Pair(folder, broker, store)
        try:
            pair.start()
            yield pair
        finally:
            pair.close()
