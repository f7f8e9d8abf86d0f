"""What figures are made by is kept when it changes, and only then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from noc.app.figures import Figures, part_from, statement_from
from noc.app.policykept import PolicyKept
from noc.availability.policy import Period
from noc.availability.policyfile import parse_policy
from noc.availability.policytext import policy_text
from noc.clock import ManualClock
from noc.inventory.endpoints import Endpoint, TcpProbe
from noc.inventory.entities import Region, Site
from noc.inventory.inventory import Inventory
from noc.inventory.values import Period as InService
from noc.model.instants import to_ms
from noc.model.seal import PolicyChange
from noc.model.transition import Transition
from noc.model.window import WindowDecision
from noc.pipeline.policy import availability_policy
from noc.state import checkpoint, ledger, policies, windows
from noc.state.committer import CHECKPOINT, Committer
from noc.state.database import Database
from noc.state.records import recorded_of
from tests.database import empty_database
from tests.things import WATCH, device

EMPTY = Inventory()
KNOWN = Inventory(devices={"d": device("d")})
START_MS = to_ms(datetime(2026, 3, 1, tzinfo=UTC))
DAY_MS = 86_400_000
SINCE = InService.model_validate({"from": datetime(2026, 2, 1, tzinfo=UTC)})
SITE = {"name": "S", "region": "r", "class": "hub"}
INVENTORY = Inventory(
    regions={"r": Region(id="r", name="R")},
    sites={
        "hub": Site.model_validate({"id": "hub", "edge_devices": ("a",), **SITE}),
        "far": Site.model_validate({"id": "far", "weight": 2.5, "edge_devices": ("b",), **SITE}),
    },
    devices={
        "a": replace(device("a"), site="far", in_service=(SINCE,)),
        "b": replace(device("b"), site="far", upstream=("site/hub",)),
        "c": replace(device("c"), site="far", upstream=("device/a", "device/b")),
    },
    endpoints={"e": Endpoint("e", "E", "far", None, "tcp", TcpProbe(host="192.0.2.9", port=25), WATCH, (), ())},
)
PROBED = ["device/a", "device/b", "device/c", "endpoint/e"]
OTHER = Inventory(
    regions=INVENTORY.regions,
    sites={"hub": INVENTORY.sites["hub"]},
    devices={"a": replace(INVENTORY.devices["a"], site="hub")},
)
"""Later: a site with all that stood there is gone, and a device stands elsewhere."""


async def run(database: Database, *inventories: Inventory) -> None:
    clock, now = ManualClock(datetime(2026, 3, 1, tzinfo=UTC)), list(inventories)
    committer = Committer(database, clock, list)
    service = PolicyKept(database, clock, lambda: now[0], lambda: committer, "hq")
    await service.start()
    await clock.advance(0)
    while len(now) > 1:
        now.pop(0)
        service.replace()
        await clock.advance(0)
    await service.stop()
    await committer.start()
    await committer.stop()


async def test_a_policy_is_written_when_it_changes(tmp_path: Path) -> None:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    await run(database, KNOWN)
    await run(database, KNOWN, KNOWN)
    await run(database, EMPTY)
    await run(database, KNOWN)
    async with database.read() as connection:
        records = [recorded_of(one.kind, one.body) async for one in ledger.read(connection)]
        digests = [one.digest for one in records if isinstance(one, PolicyChange)]
        text = await policies.text_of(connection, digests[0])
        assert await policies.text_of(connection, "0" * 64) is None
    assert digests == [digests[0], digests[1], digests[0]]
    assert len(set(digests)) == 2
    assert text is not None
    kept = parse_policy(text, "p.yaml").policy
    assert kept.probe_of("device/d") == availability_policy(KNOWN).probe_of("device/d")
    await database.stop()


async def test_a_policy_that_was_changed_is_told(tmp_path: Path) -> None:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    await run(database, KNOWN)
    async with database.write() as connection:
        digest = await policies.last_digest(connection, "poller/hq")
        assert digest is not None
        await connection.exec_driver_sql("UPDATE policy SET body = zeroblob(9)")
    async with database.read() as connection:
        with pytest.raises(ValueError, match="damaged"):
            await policies.text_of(connection, digest)
    await database.stop()


def listed(groups: Mapping[str, object]) -> dict[str, object]:
    return {name: list(told) if isinstance(told, tuple) else told for name, told in groups.items()}


def test_what_is_kept_says_all_that_figures_are_made_by() -> None:
    policy = availability_policy(INVENTORY)
    kept = parse_policy(policy_text(policy, whole=True), "p.yaml").policy
    for said in ("upstream", "sites", "regions", "in_service", "weights", "paths"):
        assert listed(getattr(kept, said)) == listed(getattr(policy, said)), said
    assert kept.below == {"site/far": ["device/a", "device/c", "endpoint/e"]}
    assert listed(policy.below) == {"site/hub": [], **kept.below}
    assert {name: kept.probe_of(name) for name in policy.probes} == policy.probes
    assert kept.entities() == policy.entities()


async def test_figures_as_known_at_a_record_go_by_the_inventory_of_then(tmp_path: Path) -> None:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    await run(database, INVENTORY)
    moment, hour_ms = START_MS + DAY_MS, 3_600_000
    names = [*PROBED, "interface/a/eth0"]
    told = [Transition(name, "up", "unknown", START_MS, START_MS, "icmp", "hq", "confirmed", ()) for name in names]
    down = [replace(one, status="down", before="up", since_ms=moment, decided_ms=moment) for one in told]
    async with database.write() as connection:
        await ledger.append(connection, told)
        asked = WindowDecision(
            "site/far", START_MS, 0, "requested", moment, moment + hour_ms, "", "UTC", (), "ann", "UPS"
        )
        requested = await windows.request(connection, asked)
        await windows.approve(connection, requested.number, who="bob", now_ms=START_MS)
        await ledger.append(connection, down)
        (last,) = await ledger.newest(connection, 1)
        await checkpoint.save(connection, CHECKPOINT, moment + 2 * hour_ms, [])  # noc looked all the time
    period, end_ms = Period(START_MS, moment + 4 * hour_ms), moment + 2 * hour_ms
    clock = ManualClock(datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=26))
    figures = Figures(database, lambda: OTHER, clock)
    today, before = Figures(database, lambda: INVENTORY, clock), await figures.statement(period, last.seq)
    assert before == await today.statement(period, last.seq)
    assert before.measured.entities["endpoint/e"].figures.durations.planned == hour_ms  # by what stood below the site
    assert before.measured.network != (await figures.of(period)).network
    async with database.read() as connection:
        assert await statement_from(connection, OTHER, period, moment, last.seq) == before
        part = await part_from(connection, OTHER, "interface/a/eth0", period, end_ms, last.seq)
        assert part == await part_from(connection, INVENTORY, "interface/a/eth0", period, end_ms, last.seq)
        assert part != await part_from(connection, OTHER, "interface/a/eth0", period, end_ms)
        none_yet = await statement_from(connection, OTHER, period, end_ms, 0)
        assert none_yet.measured.entities.keys() == {"device/a", "site/hub"}  # none was kept then: that of now
    await run(database, OTHER)
    async with database.write() as connection:
        await checkpoint.save(connection, CHECKPOINT, moment + 2 * hour_ms, [])
    assert await figures.statement(period, last.seq) == before
    await database.stop()
