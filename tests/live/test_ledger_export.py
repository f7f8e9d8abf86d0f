"""An auditor's way: evidence out of the time series, through a replay, gives the figures that the daemon shows."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from noc.clock import SystemClock
from tests.live.forked import finished
from tests.live.house import House, noc
from tests.live.influx_server import Influxd, influxd  # noqa: F401 a fixture

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]

FIGURES = (
    *("availability_pct", "floor_pct", "ceiling_pct", "coverage_pct"),
    *("up_s", "down_s", "unreachable_s", "unknown_s", "planned_s"),
)
OUTAGES = ("outages", "longest_outage_s", "mttr_s", "mtbf_s")
MORE = """\
  door: {{site: loopback, address: 127.0.0.1, class: server, liveness: "tcp:{port}", upstream: [agent]}}
circuits:
  line: {{site: loopback, kind: mpls, a: {{device: agent, interface: lo}}}}
endpoints:
  web: {{site: loopback, tcp: {{host: 127.0.0.1, port: {port}}}, interval: 1s, timeout: 200ms, retries: 0}}
"""


class Door:
    """A port that can be open or closed."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.port = 0
        self.open()

    def open(self) -> None:
        server = self._stack.enter_context(socket.socket())
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", self.port))
        server.listen(64)
        self.port = server.getsockname()[1]

    def close(self) -> None:
        self._stack.close()


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    yield made
    made.close()


@pytest.fixture(params=["embedded", pytest.param("influx", marks=pytest.mark.slow)])
def house(tmp_path: Path, door: Door, request: pytest.FixtureRequest) -> Iterator[House]:
    store = ""
    if request.param == "influx":
        server: Influxd = request.getfixturevalue("influxd")
        store = f"store: {{kind: influx, dialect: v1, url: {server.url}, database: noc}}"
    house = House(tmp_path, store)
    house.inventory(MORE.format(port=door.port))
    yield house
    house.close()


def now() -> datetime:
    return SystemClock().now().astimezone(UTC).replace(microsecond=0)


def text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def shown(house: House, path: str, start: datetime, end: datetime) -> dict[str, object]:
    """Return figures as the API shows them."""
    return house.ask(f"/availability{path}?from={quote(text(start))}&to={quote(text(end))}")


def last_result(house: House) -> datetime:
    """Return the time of the agent's newest result that can be read from the store."""
    found = house.ask("/series?device=agent&measurement=noc_liveness&field=ok")["items"]
    assert isinstance(found, list)
    times = [time for series in found for time in series["times_ms"]]
    return datetime.fromtimestamp(max(times, default=0) / 1000, UTC)


@pytest.mark.slow
def test_evidence_and_a_replay_give_the_figures_of_the_ledger(house: House, door: Door, tmp_path: Path) -> None:
    house.agent_on()
    house.start()
    known = ("device/agent", "device/door", "endpoint/web", "circuit/line")
    house.until(lambda: all(house.statuses(one)[-1:] == ["up"] for one in known), "all to be up")
    door.close()
    house.until(lambda: house.statuses("device/door")[-1] == "down", "the door to be closed")
    start = now()
    house.agent_off()
    house.until(lambda: house.statuses()[-1] == "down", "the device to be down")
    house.agent_on()
    door.open()
    house.until(lambda: house.statuses("device/door")[-1] == house.statuses()[-1] == "up", "all to be up again")
    end = now()
    house.until(lambda: last_result(house) > end + timedelta(seconds=4), "results behind the period to be stored")
    api = {
        "device/agent": shown(house, "/devices/agent", start, end),
        "device/door": shown(house, "/devices/door", start, end),
        "site/loopback": shown(house, "/sites/loopback", start, end),
        "endpoint/web": shown(house, "/endpoints/web", start, end),
        "region/here": shown(house, "/regions/here", start, end),
    }
    network = shown(house, "", start, end)
    assert house.stop(signal.SIGTERM) == 0

    events, policy = tmp_path / "events.jsonl", tmp_path / "policy.yaml"
    period = ("--from", text(start), "--to", text(end))
    files = ("--output", str(events), "--policy", str(policy))
    exported = noc(house, "ledger", "export", "--events", *period, *files)
    # It began to look a moment ago: evidence of the day before the period is short, and of the period whole.
    assert exported.returncode == 0, exported.stderr
    replayed = _replay(*period, "--events", str(events), "--policy", str(policy), "--json")
    answer = json.loads(replayed)
    for entity, figures in api.items():
        mine, outages = answer["entities"][entity], figures["outages"]
        assert {name: mine[name] for name in FIGURES} == {name: figures[name] for name in FIGURES}, entity
        assert outages == (None if entity.startswith("region") else {name: mine[name] for name in OUTAGES}), entity
    assert {name: answer["network"][name] for name in FIGURES} == {name: network[name] for name in FIGURES}
    assert answer["entities"]["device/agent"]["down_s"] > 0
    assert answer["entities"]["device/door"]["unreachable_s"] > 0
    assert answer["entities"]["circuit/line"]["up_s"] > 0

    whole = noc(house, "ledger", "verify", "--json")
    assert whole.returncode == 0, whole.stderr
    document = json.loads(whole.stdout)
    assert document["compared"]["policies"] == 1
    hashed = f"{document['records']}:{document['last_hash']}"
    assert noc(house, "ledger", "verify", "--seal", hashed).returncode == 0
    wrong = noc(house, "ledger", "verify", "--seal", f"2026-03-01:1:{document['last_hash']}")
    assert wrong.returncode == 1
    assert "the past up to it was written anew" in wrong.stderr


def _replay(*arguments: str) -> str:
    done = finished(("availability", "replay", *arguments))
    assert done.returncode == 0, done.stderr
    return done.stdout
