"""Rules in the daemon: what a restart knows, windows, and noc's own numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.rules.compiled import Rules
from alerts.rules.load import load_rules
from noc.app.ruletables import table_of
from noc.app.ruling import CHECKPOINT, RuleGround, Ruling
from noc.clock import ManualClock, SteadyClock, Steps
from noc.inventory.entities import Region
from noc.inventory.inventory import Inventory
from noc.model.event import Event
from noc.model.incident import RuleTransition
from noc.model.instants import to_ms
from noc.model.samples import Samples
from noc.model.window import WindowDecision
from noc.pipeline.refusals import Refusals
from noc.state import checkpoint, events, windows
from tests.database import empty_database
from tests.things import device
from tests.unit.alerts.rules.things import SITE

BEGIN = datetime(2026, 3, 2, 12, tzinfo=UTC)
BEGIN_MS = to_ms(BEGIN)
MINUTE = 60_000
FAILED = """kind: event
summary: x
severity: minor
match: {classes: [authentication]}
count: 3
within: 10m
clear_after: 20m
"""
LATE = """kind: threshold
summary: x
severity: critical
for: 1m
measurement: noc_self
field: overdue_s
above: {raise: 30, clear: 5}
"""
INVENTORY = Inventory({"africa": Region(id="africa", name="Africa")}, {"s": SITE}, {"d": device("d")})


def event(minute: float) -> Event:
    at_ms = BEGIN_MS + int(minute * MINUTE)
    return Event("192.0.2.1", "device/d", "syslog", f"n{minute}", "authentication", "warning", at_ms, at_ms)


def rules_of(folder: Path, text: str) -> Rules:
    (folder / "x.yaml").write_text(text)
    rules, findings = load_rules([folder])
    assert [str(one) for one in findings] == []
    return Rules(rules.values())


@pytest.mark.parametrize(
    ("judged_minute", "wanted"),
    [(3, []), (1.5, [("x", "raised")])],
    ids=["all were judged before", "the last was written and not judged"],
)
async def test_events_of_before_a_restart_still_count(
    tmp_path: Path, judged_minute: float, wanted: list[tuple[str, str]]
) -> None:
    database = empty_database(tmp_path / "state.sqlite3")
    await database.start()
    async with database.write() as connection:
        await events.insert(connection, [events.Kept(n + 1, event(n)) for n in range(3)])
        await checkpoint.save(connection, CHECKPOINT, BEGIN_MS + int(judged_minute * MINUTE), [])
    clock, put = ManualClock(BEGIN + timedelta(minutes=5)), list[RuleTransition]()
    ruling = Ruling(database, clock, rules_of(tmp_path, FAILED), lambda: INVENTORY, "here", put.extend, RuleGround())
    await ruling.start()
    assert [(one.rule, one.status) for one in put] == wanted
    ruling.heard([event(6)])
    assert [(one.rule, one.status) for one in put] == wanted  # it was raised already
    await ruling.stop()
    await database.stop()


async def test_what_came_before_a_leap_of_the_clock_still_counts(tmp_path: Path) -> None:
    database = empty_database(tmp_path / "state.sqlite3")
    await database.start()
    async with database.write() as connection:
        await events.insert(connection, [events.Kept(n + 1, event(n)) for n in range(2)])
        await checkpoint.save(connection, CHECKPOINT, BEGIN_MS + 2 * MINUTE, [])
    machine, put = ManualClock(BEGIN + timedelta(minutes=64)), list[RuleTransition]()
    clock = SteadyClock(machine)
    clock.steps = Steps(((BEGIN_MS + 62 * MINUTE, 60 * MINUTE),))
    ruling = Ruling(database, clock, rules_of(tmp_path, FAILED), lambda: INVENTORY, "here", put.extend, RuleGround())
    await ruling.start()
    ruling.heard([event(64)])
    assert [(one.rule, one.status, one.since_ms) for one in put] == [("x", "raised", BEGIN_MS)]
    machine.step(3_600)
    clock.steps = Steps((*clock.steps.known, (BEGIN_MS + 124 * MINUTE, 60 * MINUTE)))
    ruling.tick()
    assert len(put) == 1
    machine.stall(20 * 60)
    ruling.tick()
    assert [one.status for one in put] == ["raised", "cleared"]
    await ruling.stop()
    await database.stop()


async def test_noc_watches_itself(tmp_path: Path) -> None:
    database = empty_database(tmp_path / "state.sqlite3")
    await database.start()
    clock, put, late_s = ManualClock(BEGIN), list[RuleTransition](), [40.0]
    ground = RuleGround(own=lambda at: table_of("noc_self", at, [{"overdue_s": late_s[0]}]))
    ruling = Ruling(database, clock, rules_of(tmp_path, LATE), lambda: INVENTORY, "here", put.extend, ground)
    for _ in range(7):
        ruling.tick()
        await clock.advance(10)
    assert [(one.entity, one.status) for one in put] == [("poller/here", "raised")]
    assert ruling.knows("x")
    late_s[0] = 0.0
    ruling.tick()
    assert [one.status for one in put] == ["raised", "cleared"]
    await database.stop()


REFUSING = """kind: threshold
summary: x
severity: minor
for: 0s
measurement: noc_refusal
field: refused_per_minute
above: {raise: 60, clear: 5}
"""


async def test_refusals_of_a_firewall_are_judged_and_stored(tmp_path: Path) -> None:
    database = empty_database(tmp_path / "state.sqlite3")
    await database.start()
    clock, put, stored = ManualClock(BEGIN), list[RuleTransition](), list[Samples]()
    world = replace(INVENTORY, devices={"d": replace(device("d"), device_class="firewall")})
    ground = RuleGround(refusals=Refusals(lambda: world), tell=stored.extend)
    ruling = Ruling(database, clock, rules_of(tmp_path, REFUSING), lambda: world, "here", put.extend, ground)
    ruling.tick()
    ruling.heard([replace(event(1), text="Deny tcp src outside", count=300)])
    await clock.advance(300)
    ruling.tick()
    assert [(one.rule, one.entity, one.status) for one in put] == [("x", "device/d", "raised")]
    assert [(one.measurement, one.values) for one in stored] == [("noc_refusal", ((60.0,),))]
    await database.stop()


@pytest.mark.parametrize(("approved", "wanted"), [(True, []), (False, [("device/d", "raised")])])
async def test_what_comes_in_an_approved_window_counts_not(
    tmp_path: Path, approved: bool, wanted: list[tuple[str, str]]
) -> None:
    database = empty_database(tmp_path / "state.sqlite3")
    await database.start()
    text = FAILED.replace("count: 3", "count: 1\noutside_windows: true")
    clock, put = ManualClock(BEGIN), list[RuleTransition]()
    ruling = Ruling(database, clock, rules_of(tmp_path, text), lambda: INVENTORY, "here", put.extend, RuleGround())
    async with database.write() as connection:
        before_ms, after_ms = BEGIN_MS - MINUTE, BEGIN_MS + MINUTE
        asked = WindowDecision("site/s", before_ms, 0, "requested", before_ms, after_ms, "", "UTC", (), "ann", "x")
        number = (await windows.request(connection, asked)).number
        if approved:
            await windows.approve(connection, number, who="bob", now_ms=before_ms)
    await ruling.start()
    ruling.heard([event(0.5)])
    await ruling.stop()
    assert [(one.entity, one.status) for one in put] == wanted
    await database.stop()
