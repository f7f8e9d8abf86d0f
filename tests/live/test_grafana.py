"""Dashboards over what noc wrote: ours, and queries of public ones for Telegraf, on real servers."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path, PurePosixPath

import pytest

from noc.clock import SystemClock
from noc.grafana.provisioning import dashboards, files
from noc.service import running
from noc.store._ports import Surroundings
from noc.store.influx import Settings, build
from tests.live.influx_server import Influxd
from tests.live.influx_server import influxd as influxd  # noqa: PLC0414 a fixture
from tests.live.public_dashboards import PANELS, Panel
from tests.live.telegraf_samples import DEVICES, network
from tests.live.test_influx import fresh
from tests.live.victoria_server import Victoria
from tests.live.victoria_server import victoria as victoria  # noqa: PLC0414 a fixture
from tests.stores import put

pytestmark = pytest.mark.live

BEGIN = SystemClock().now().replace(second=0, microsecond=0) - timedelta(minutes=40)
MINUTES = 30
CHOSEN = {"region": "africa", "site": "nbo", "device": "nbo-rtr-1"}


async def write(settings: Settings, folder: Path) -> None:
    store = build(settings, Surroundings(folder, folder, SystemClock(), serves=False))
    async with running([store]):
        assert await put(store, list(network(BEGIN, MINUTES))) == ()


@pytest.fixture
async def influx(influxd: Influxd, tmp_path: Path) -> Settings:
    settings = Settings(url=influxd.url, dialect="v1", database=fresh("db"))
    influxd.tell(f'CREATE DATABASE "{settings.database}"')
    influxd.tell(f'CREATE RETENTION POLICY "rollup_1h" ON "{settings.database}" DURATION 104w REPLICATION 1')
    await write(settings, tmp_path)
    rolled = "nbo-rtr-1,site=nbo,region=africa,ifName=Gi0/0 in_pct_max=3,out_pct_max=2"
    at = int(BEGIN.timestamp())
    path = f"/write?db={settings.database}&rp=rollup_1h&precision=s"
    assert influxd.ask("POST", path, f"interface,device={rolled} {at}")[0] == 204
    return settings


def filled(query: str, time_filter: str) -> str:
    """Return a query as Grafana sends it: variables, interval and period filled in."""
    for name, value in {**CHOSEN, "__interval": "1m", "timeFilter": time_filter}.items():
        query = query.replace(f"${name}", value)
    assert "$" not in query.replace("$/", ""), query
    return query


def targets(settings: Settings) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the targets of all panels of all dashboards, as they are written, with the panel's name."""
    for name, text in files(settings, PurePosixPath("/d")).items():
        if name.endswith(".json"):
            document = json.loads(text)
            for panel in document["panels"]:
                for target in panel.get("targets", []):
                    yield f"{document['title']} / {panel['title']}", target


async def test_every_query_of_our_dashboards_finds_numbers(influxd: Influxd, influx: Settings) -> None:
    period = f"time >= '{BEGIN:%Y-%m-%dT%H:%M:%SZ}' AND time <= now()"
    count = 0
    for name, target in targets(influx):
        rows = influxd.tell(filled(target["query"], period), influx.database or "")
        values = [value for row in rows for value in row["values"]]  # type: ignore[attr-defined]
        assert any(value[1] is not None for value in values), (name, target["query"])
        wanted = [tag for tag in ("device", "ifName", "site", "region") if f"$tag_{tag}" in target["alias"]]
        assert all(row["tags"][tag] for row in rows for tag in wanted), name  # type: ignore[index]
        count += 1
    assert count > 50


async def test_every_variable_has_values(influxd: Influxd, influx: Settings) -> None:
    for dashboard in dashboards(influx):
        for one in dashboard.variables:
            rows = influxd.tell(filled(one.text("influxql"), ""), influx.database or "")
            found = [value[1] for row in rows for value in row["values"]]  # type: ignore[attr-defined]
            assert CHOSEN[one.name] in found, one


async def test_the_same_of_victoriametrics(victoria: Victoria, tmp_path: Path) -> None:
    settings = Settings(url=victoria.url, dialect="victoria")
    await write(settings, tmp_path)
    victoria.flush()
    for name, target in targets(settings):
        form = {
            "query": filled(target["expr"], ""),
            "start": str(BEGIN.timestamp()),
            "end": str((BEGIN + timedelta(minutes=MINUTES)).timestamp()),
            "step": "60s",
        }
        status, body = victoria.ask("GET", f"/api/v1/query_range?{urllib.parse.urlencode(form)}")
        assert status == 200, (name, body)
        assert json.loads(body)["data"]["result"], (name, target["expr"])


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: f"{panel.dashboard}, {panel.title}")
async def test_panels_of_public_dashboards_show_both_interfaces(
    influxd: Influxd, influx: Settings, panel: Panel
) -> None:
    rows = influxd.tell(panel.query("time > now() - 1h"), influx.database or "")
    assert {row["tags"]["ifName"] for row in rows} == {"Gi0/0", "Gi0/1"}  # type: ignore[index]
    for row in rows:
        for number, chain in enumerate(panel.columns, 1):
            values = [value[number] for value in row["values"] if value[number] is not None]  # type: ignore[attr-defined]
            assert bool(values) != (chain[0] in panel.unread), chain
            if chain[0] == "ifHCInOctets":  # 75 MB a minute, times the number of the interface: 20 or 30 Mbit/s
                assert values[-1] == pytest.approx(20e6 if row["tags"]["ifName"] == "Gi0/0" else 30e6, rel=0.01)  # type: ignore[index]
            elif chain[0] == "ifHighSpeed":
                assert values == [1000.0]


# Single queries that people have published, with Grafana's variables filled in; of the first and the second the
# measurement and the tag of the device have Telegraf's usual names in place of their authors' own.
PUBLIC = {
    # github.com/lvrfrc87/network-telemetry, README.md, "from octets to bits"; of 64 bits in place of 32
    "traffic": 'SELECT non_negative_derivative(mean("ifHCInOctets"), 1s)  *8 AS "TenGigE0/1/5" FROM "interface" '
    "WHERE (\"hostname\" = 'NBO-RTR-1' AND \"ifDescr\" = 'GigabitEthernet0/0') AND time > now() - 1h "
    'GROUP BY time(1m), "ifDescr" fill(null)',
    # github.com/VIDGuide/blog.misaunders, "Homelab Dashboard with Grafana, InfluxDB & Telegraf": a Cisco 2921
    "one interface": 'SELECT derivative(mean("ifHCInOctets"), 1s) *8 FROM "interface" '
    "WHERE (\"agent_host\" = '192.0.2.1' AND \"ifName\" = 'Gi0/1') AND time > now() - 1h GROUP BY time(1m) fill(null)",
    # the panel "Gateway / Internet Ping" of a firewall's dashboard
    "ping": 'SELECT mean("average_response_ms") FROM "ping" WHERE time > now() - 1h '
    'GROUP BY time(1m), "url" fill(null)',
    # a dashboard with a share of packets that came back
    "reached": 'SELECT 100 - mean("percent_packet_loss") FROM "ping" WHERE "url" =~ /^192.0.2.1$/ '
    "AND time > now() - 1h GROUP BY time(1m) fill(null)",
    # a dashboard of many addresses; how many there are
    "how many": 'SELECT count("last") FROM (SELECT last("percent_packet_loss") FROM "ping" '
    'WHERE time > now() - 1h GROUP BY "url")',
    # github.com/influxdata/chronograf, canned/ping.json
    "InfluxData's": 'SELECT max("percent_packet_loss") AS "packet_loss" FROM "ping" WHERE time > now() - 1h '
    'GROUP BY time(1m), "url"',
}


@pytest.mark.parametrize("name", PUBLIC)
async def test_published_queries_for_telegraf_find_what_noc_wrote(
    influxd: Influxd, influx: Settings, name: str
) -> None:
    rows = influxd.tell(PUBLIC[name], influx.database or "")
    numbers = [[value for value in row["values"] if value[1] is not None] for row in rows]  # type: ignore[attr-defined]
    assert numbers
    assert all(numbers), rows
    first = numbers[0][-1]
    match name:
        case "traffic":  # 75 MB a minute for each of two things
            assert first[1] == pytest.approx(20_000_000, rel=0.01)
        case "one interface":
            assert first[1] == pytest.approx(30_000_000, rel=0.01)
        case "how many":
            assert first[1] == len(DEVICES)
        case "reached":
            assert first[1] == pytest.approx(66.666, abs=0.01)
        case "InfluxData's":
            assert first[1] == pytest.approx(33.333, abs=0.01)
        case _:
            assert 180 <= first[1] <= 184
