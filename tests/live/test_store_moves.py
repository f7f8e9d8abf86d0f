"""`noc store copy embedded influx` and `export`, as people run them: on Debian's influxd, broken off, and counted."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from noc.clock import ManualClock, SystemClock
from noc.model.samples import Samples
from noc.model.series import SeriesQuery
from noc.service import running
from noc.store import embedded
from noc.store._ports import Surroundings
from noc.store.influx import Settings, build
from tests.live.influx_server import Influxd
from tests.live.influx_server import influxd as influxd  # noqa: PLC0414 a fixture
from tests.live.influx_server import influxds as influxds  # noqa: PLC0414 a fixture
from tests.live.test_influx import fresh
from tests.stores import put

pytestmark = pytest.mark.live

BEGIN = SystemClock().now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=3)
DEVICES = 120
POLLS = 48
STEP = timedelta(minutes=30)
NUMBERS = (1.5, -0.0, 2.0**53, 1 / 3, 5e-324)
PORTS = ("Gi0/1, the 'first'", 'a"= b', "Gi0/2")


def poll(number: int, device: int) -> Samples:
    tags = tuple((f"d{device}", f"s{device % 7}", port) for port in PORTS)
    values = tuple((NUMBERS[(number + device) % 5], None if port == "Gi0/2" else float(number)) for port in PORTS)
    return Samples("interface", BEGIN + number * STEP, ("device", "site", "ifName"), ("a", "b"), tags, values)


ALL = DEVICES * POLLS * 5


class House:
    """A folder with settings, numbers in its embedded store, and the command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "noc.yaml"
        self.config.write_text("state_dir: state\n")

    async def fill(self) -> None:
        clock = ManualClock(BEGIN)
        store = embedded.build(embedded.Settings(), Surroundings(self.folder, self.folder / "state", clock))
        async with running([store]):
            for number in range(POLLS):
                await put(store, [poll(number, device) for device in range(DEVICES)])
                await clock.advance(STEP.total_seconds())

    def start(self, *words: str) -> subprocess.Popen[str]:
        command = [str(Path(sys.executable).with_name("noc")), "store", *words, "-c", str(self.config)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def noc(self, *words: str) -> tuple[int, str]:
        process = self.start(*words)
        said = process.communicate(timeout=240)[1]
        return process.returncode, said


@pytest.fixture
async def house(tmp_path: Path) -> House:
    made = House(tmp_path)
    await made.fill()
    return made


def killed_half_way(house: House) -> int:
    """Copy until something is noted as done, and kill it; return how many numbers that were."""
    kept = house.folder / "state" / "copy-embedded-influx.json"
    process = house.start("copy", "embedded", "influx")
    deadline = time.monotonic() + 120
    while not kept.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    process.kill()
    process.communicate()
    return int(json.loads(kept.read_text())["values"])


@pytest.mark.slow
async def test_a_copy_that_was_killed_goes_on_and_all_is_there(influxd: Influxd, house: House) -> None:
    database = fresh("db")
    text = "state_dir: state\nstore: {{kind: influx, dialect: v1, database: {}, url: '{}'}}\n"
    house.config.write_text(text.format(database, influxd.url))
    assert house.noc("init")[0] == 0
    before = killed_half_way(house)
    assert 0 < before < ALL
    code, said = house.noc("copy", "embedded", "influx")
    assert (code, f"{ALL:,} numbers copied, 0 refused, counted there" in said) == (0, True), said
    assert not (house.folder / "state" / "copy-embedded-influx.json").exists()
    store = build(
        Settings(url=influxd.url, dialect="v1", database=database),
        Surroundings(house.folder, house.folder / "state", SystemClock()),
    )
    async with running([store]):
        for device in (0, 17, DEVICES - 1):
            query = SeriesQuery("interface", ("a", "b"), {"device": f"d{device}"}, BEGIN, BEGIN + POLLS * STEP)
            found = {(one.tags["ifName"], one.field): one.values for one in (await store.read(query)).series}
            for port in PORTS:
                assert found[port, "a"] == tuple(NUMBERS[(number + device) % 5] for number in range(POLLS))
            assert found[PORTS[0], "b"] == tuple(map(float, range(POLLS)))
            assert (PORTS[2], "b") not in found
    # Once more from the beginning: the same numbers over themselves.
    assert house.noc("copy", "embedded", "influx", "--restart")[0] == 0
    (counted,) = influxd.tell("SELECT count(a), count(b) FROM interface", database)
    assert counted["values"] == [[0, DEVICES * POLLS * 3, DEVICES * POLLS * 2]]


async def test_a_server_that_is_away_is_told_and_nothing_is_noted(house: House) -> None:
    house.config.write_text(
        "state_dir: state\nstore: {kind: influx, dialect: v1, database: x, url: 'http://127.0.0.1:1'}\n"
    )
    code, said = house.noc("copy", "embedded", "influx")
    assert (code, "it goes on where it was" in said) == (3, True), said
    assert not (house.folder / "state" / "copy-embedded-influx.json").exists()
