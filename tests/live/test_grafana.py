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


# Queries of dashboards that people have published for what Telegraf writes, with Grafana's variables filled in; the
# number is that of the stored copy of a public repository's file in which they were read. In those of interfaces the
# table and the tag of the device have Telegraf's usual names in place of their authors' own.
PUBLIC = {
    # 8258906410: recorded at a Grafana's door to its data source: traffic of a device's interfaces
    "traffic": 'SELECT non_negative_derivative(mean("ifHCInOctets"),1s) * 8 as InOctets, '
    'non_negative_derivative(mean("ifHCOutOctets"),1s) * 8 as OutOctets FROM "interface" WHERE time >= now() - 192h '
    'and time <= now() - 0h and "ifAlias" =~ /.*/ AND "hostname" =~ /^NBO.*$/ '
    'GROUP BY time(2m), "hostname", "ifAlias", "ifName"',
    # 57490851564: the page of an operator; traffic of one interface
    "one interface": 'SELECT non_negative_derivative(mean("ifHCInOctets"),1s)*8 AS in_bps, '
    'non_negative_derivative(mean("ifHCOutOctets"),1s)*8 AS out_bps FROM "interface" '
    'WHERE "hostname" =~ /NBO-RTR-1/ AND "ifName" = \'Gi0/1\' AND time > now()-1h '
    'GROUP BY time(100s),"hostname","ifName" fill(null)',
    # 67553312939: dashboard of a firewall with Telegraf's ping
    "ping": 'SELECT mean("average_response_ms") FROM "ping" WHERE time > now() - 1h '
    'GROUP BY time(1m), "url" fill(null)',
    # 5711442697: dashboard with a share of packets that came back
    "reached": 'SELECT 100 - mean("percent_packet_loss") FROM "ping" WHERE "url" =~ /^192.0.2.1$/ '
    "AND time > now() - 1h GROUP BY time(1m) fill(null)",
    # 53526632503: dashboard of many addresses; how many there are
    "how many": 'SELECT count("last") FROM (SELECT last("percent_packet_loss") FROM "ping" '
    'WHERE time > now() - 1h GROUP BY "url")',
    # 13863734-d579-4834-9ac1-b01c10398970: InfluxData's own dashboard for the plug-in `ping`
    "InfluxData's": 'SELECT max("percent_packet_loss") AS "packet_loss" FROM "ping" WHERE time > now() - 1h '
    'GROUP BY time(1m), "url"',
}


@pytest.mark.parametrize("name", PUBLIC)
async def test_public_dashboards_for_telegraf_show_what_noc_wrote(
    influxd: Influxd, influx: Settings, name: str
) -> None:
    rows = influxd.tell(PUBLIC[name], influx.database or "")
    numbers = [[value for value in row["values"] if value[1] is not None] for row in rows]  # type: ignore[attr-defined]
    assert numbers
    assert all(numbers), rows
    first = numbers[0][-1]
    match name:
        case "traffic":  # 75 MB a minute for each of two things: 20 Mbit/s, less where two minutes end in their middle
            assert first[1:] == [pytest.approx(20_000_000, rel=0.5), pytest.approx(10_000_000, rel=0.5)]
        case "one interface":
            assert first[1] == pytest.approx(30_000_000, rel=0.5)
        case "how many":
            assert first[1] == len(DEVICES)
        case "reached":
            assert first[1] == pytest.approx(66.666, abs=0.01)
        case "InfluxData's":
            assert first[1] == pytest.approx(33.333, abs=0.01)
        case _:
            assert 180 <= first[1] <= 184
