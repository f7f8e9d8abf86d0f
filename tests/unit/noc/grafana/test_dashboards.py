"""Dashboards: names that are documented, JSON that Grafana takes, files without secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from noc.grafana.dashboards import ALL
from noc.grafana.panels import WIDTH, Dashboard
from noc.grafana.provisioning import dashboards, files
from noc.grafana.queries import Query
from noc.settings.secrets import SecretRef
from noc.store._rollup import KEPT
from noc.store.influx import Settings

SERIES = Path(__file__).parents[4] / "docs/reference/series.md"
SECRET = SecretRef("env", "X")
V1 = Settings(url="http://db:8086", dialect="v1", database="noc", user="noc", password=SECRET)
SERVERS = {
    "v1": V1,
    "v2": Settings(url="http://db:8086", dialect="v2", org="un", bucket="noc/month", token=SECRET),
    "v3": Settings(url="http://db:8181", dialect="v3", database="noc", token=SECRET),
    "victoria": Settings(url="http://db:8428", dialect="victoria"),
}
COMMON = {"device", "site", "region", "device_class"}


def written() -> dict[str, dict[str, str]]:
    """Return what the reference says: measurement to names and their sort."""
    found: dict[str, dict[str, str]] = {}
    for part in re.split(r"^### ", SERIES.read_text(), flags=re.MULTILINE)[1:]:
        rows = re.findall(r"^\| `(\w+)`(?:, `(\w+)`)* \| (tag|field) \|", part, re.MULTILINE)
        found[part.split()[0]] = {name: sort for name, _, sort in rows}
    return found


def queries() -> Iterator[Query]:
    for dashboard in dashboards(V1):
        for panel in dashboard.panels:
            yield from panel.queries


def test_every_name_is_in_the_reference() -> None:
    known = written()
    for query in queries():
        field = query.field.removesuffix(f"_{query.function}") if query.policy else query.field
        assert known[query.measurement].get(field) == "field", query
        for tag in {*query.by, *query.where, *query.only} - COMMON:
            assert known[query.measurement].get(tag) == "tag", query
        assert not query.policy or query.function in KEPT
    for dashboard in ALL:
        for one in dashboard.variables:
            assert known[one.measurement][one.field] == "field"


@pytest.mark.parametrize("server", SERVERS)
def test_the_files_are_what_grafana_reads(server: str) -> None:
    found = files(SERVERS[server], PurePosixPath("/var/lib/grafana/dashboards"))
    pages = {name: json.loads(text) for name, text in found.items() if name.endswith(".json")}
    assert set(pages) == {
        f"dashboards/noc-{name}.json" for name in ("wan", "site", "device", "satellite", "availability")
    }
    assert len({page["uid"] for page in pages.values()}) == len(pages)
    source = yaml.safe_load(found["provisioning/datasources/noc.yaml"])["datasources"][0]
    for page in pages.values():
        assert (page["schemaVersion"], page["timezone"], page["version"]) == (39, "utc", 1)
        assert {one["name"] for one in page["templating"]["list"]} >= variables_of(page)
        for panel in page["panels"]:
            for target in panel.get("targets", []):
                assert target["datasource"] == {"type": source["type"], "uid": source["uid"]}
                assert target["query" if source["type"] == "influxdb" else "expr"]
            assert len({target["refId"] for target in panel.get("targets", [])}) == len(panel.get("targets", []))
            assert panel["type"] == "text" or panel["fieldConfig"]["defaults"]["unit"]
    provider = yaml.safe_load(found["provisioning/dashboards/noc.yaml"])["providers"][0]
    assert provider["options"] == {"path": "/var/lib/grafana/dashboards"}


def variables_of(page: Mapping[str, Any]) -> set[str]:
    texts = json.dumps([panel.get("targets") for panel in page["panels"]])
    return set(re.findall(r"\$(\w+)", texts)) & {"site", "region", "device"}


@pytest.mark.parametrize("dashboard", ALL, ids=lambda one: one.id)
def test_panels_do_not_overlap(dashboard: Dashboard) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(json.dumps(dashboard.document("influxql")))["panels"]:
        x, y, width, height = (panel["gridPos"][key] for key in "xywh")
        assert x + width <= WIDTH
        cells = {(column, row) for column in range(x, x + width) for row in range(y, y + height)}
        assert not cells & taken
        taken |= cells


def test_the_data_source_is_that_of_the_settings_and_holds_no_secret() -> None:
    def source(server: str) -> dict[str, Any]:
        text = files(SERVERS[server], PurePosixPath("/d"))["provisioning/datasources/noc.yaml"]
        found: dict[str, Any] = yaml.safe_load(text)["datasources"][0]
        return found

    v1 = source("v1")
    assert (v1["url"], v1["type"], v1["jsonData"]["dbName"]) == ("http://db:8086", "influxdb", "noc")
    assert (v1["basicAuthUser"], v1["secureJsonData"]) == ("noc", {"basicAuthPassword": "$NOC_STORE_PASSWORD"})
    v2 = source("v2")
    assert v2["jsonData"] == {"dbName": "noc", "httpMode": "GET", "httpHeaderName1": "Authorization"}
    assert v2["secureJsonData"] == {"httpHeaderValue1": "Token $NOC_STORE_TOKEN"}
    assert source("v3")["secureJsonData"] == {"httpHeaderValue1": "Bearer $NOC_STORE_TOKEN"}
    assert source("victoria")["type"] == "prometheus"
    assert "jsonData" not in source("victoria")


def test_a_query_in_both_languages() -> None:
    query = Query("ping", "percent_packet_loss", ("site",), where={"region": "region"}, only={"url": "x"}, minus=100)
    assert query.text("influxql") == (
        'SELECT 100 - mean("percent_packet_loss") FROM "ping" WHERE "region" =~ /^$region$/ AND "url" = \'x\' AND '
        '$timeFilter GROUP BY time($__interval), "site" fill(null)'
    )
    assert query.text("promql") == (
        '100 - avg(avg_over_time(ping_percent_packet_loss{region=~"$region",url="x"}[$__interval])) by (site)'
    )
