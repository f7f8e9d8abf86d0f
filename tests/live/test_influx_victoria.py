"""The path of InfluxDB 2 for writing, against another real server that takes it: Debian's VictoriaMetrics."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from noc.clock import SystemClock
from noc.model.errors import StoreError
from noc.service import running as started
from noc.settings.secrets import SecretRef
from noc.store._ports import Surroundings
from noc.store.influx import Settings, build
from tests.live.conftest import find_program, running, wait_for
from tests.live.influx_server import Influxd
from tests.live.ssh_server import free_tcp_port
from tests.live.test_influx import ask, fresh, table
from tests.stores import put

pytestmark = pytest.mark.live


@pytest.fixture
def victoria(tmp_path: Path) -> Iterator[Influxd]:
    program = find_program("victoria-metrics", "victoria-metrics")
    server, log = Influxd(free_tcp_port()), tmp_path / "log"
    command = [program, f"-httpListenAddr=127.0.0.1:{server.port}", f"-storageDataPath={tmp_path / 'data'}"]
    with running([*command, "-retentionPeriod=1y"], log) as process:
        wait_for(server.is_there, process, "victoria-metrics", log)
        yield server


async def test_what_is_written_as_to_influxdb_2_arrives(victoria: Influxd, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("any")
    settings = Settings(url=victoria.url, dialect="v2", org="o", bucket="b", token=SecretRef("file", "token"))
    store = build(settings, Surroundings(tmp_path, tmp_path, SystemClock()))
    name, tag = fresh(), "a b,c=d'\"日"
    async with started([store]):
        assert await put(store, [table(name, [(tag, 1.25), ("other", 2.0)])]) == ()
        # It has no InfluxQL, and answers every query alike: with the databases.
        with pytest.raises(StoreError, match="answers something else than was asked"):
            await store.read(ask(name))
    assert victoria.ask("GET", "/internal/force_flush")[0] == 200
    match = urllib.parse.quote(f'{{__name__="{name}_value"}}')
    status, body = victoria.ask("GET", f"/api/v1/export?match[]={match}")
    assert status == 200
    found = [json.loads(line) for line in body.splitlines()]
    assert sorted((line["metric"]["n"], line["values"]) for line in found) == [(tag, [1.25]), ("other", [2.0])]
