"""A change of rules on a past that a real InfluxDB keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.clock import SystemClock
from noc.rehearsal.newrules import new_rules
from noc.rehearsal.whatif import what_if
from noc.service import running
from noc.store._ports import Surroundings
from noc.store.influx import Settings, build
from tests.flows.test_whatif import BUSY, ENVIRONMENT, PERIOD, Past, at, numbers
from tests.flows.test_whatif import past as past  # noqa: PLC0414 a fixture
from tests.live.influx_server import DATABASE, Influxd
from tests.live.influx_server import influxd as influxd  # noqa: PLC0414 a fixture

pytestmark = pytest.mark.live


async def test_influxdb_tells_the_same_as_the_embedded_store(influxd: Influxd, past: Past, tmp_path: Path) -> None:
    lower = BUSY.replace("raise: 90, clear: 80", "raise: 80, clear: 75")
    embedded = await past.ask(lower)
    rules, _ = new_rules(past.checked, past.folder / "noc.yaml", past.folder / "processor-high.yaml", ENVIRONMENT)
    settings = Settings(url=influxd.url, dialect="v1", database=DATABASE)
    store = build(settings, Surroundings(tmp_path, tmp_path, SystemClock(), serves=False))
    async with running([store]):
        for batch in numbers():
            assert await store.write(store.encode(batch)) == ()
        found = await what_if(past.checked, rules, past.state, store, PERIOD)
    assert found.found == embedded.found
    assert found.found.appear[0].from_ms == at(12, 15)
