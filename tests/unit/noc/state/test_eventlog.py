"""The event log: groups, repetitions, bounds, what a restart finds, a database that can't be written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from noc.clock import ManualClock
from noc.model.event import Event
from noc.model.instants import to_ms
from noc.state import eventlog, events, senders
from noc.state.database import Database
from noc.state.eventlog import Bounds, EventLog
from noc.state.events import Kept, Place

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW_MS = to_ms(NOW)
BOUNDS = Bounds(timedelta(days=30), 1_000_000, timedelta(minutes=5))


def event(name: str = "IF-MIB::linkDown", minutes: float = 0.0, **more: object) -> Event:
    at_ms = NOW_MS + round(minutes * 60_000)
    facts = {"interface": "Gi1", "state": "down"}
    made = Event("192.0.2.1", "device/d", "trap", name, "link", "major", at_ms, at_ms, facts, "text")
    return replace(made, **more)  # type: ignore[arg-type]


@asynccontextmanager
async def running(
    database: Database,
    bounds: Bounds = BOUNDS,
    told: Callable[[Sequence[Event]], None] = lambda _: None,
    clock: ManualClock | None = None,
) -> AsyncIterator[EventLog]:
    log = EventLog(database, clock or ManualClock(NOW), bounds, told)
    await log.start()
    try:
        yield log
    finally:
        await log.stop()


async def settled(log: EventLog) -> None:
    while log.waiting or log.unknown.changed:
        await asyncio.sleep(0)


async def rows(database: Database, **wanted: object) -> list[Kept]:
    async with database.read() as connection:
        return await events.page(connection, **wanted)  # type: ignore[arg-type]


async def test_an_event_is_on_disk_when_its_taker_is_told(database: Database) -> None:
    kept: list[str] = []
    groups: list[Sequence[Event]] = []
    async with running(database, told=groups.append) as log:
        assert log.put(event(), lambda: kept.append("a"))
        assert kept == []
        await settled(log)
        assert kept == ["a"]
        (row,) = await rows(database)
    assert row == Kept(1, event())
    assert [len(group) for group in groups] == [1]


async def test_repetitions_within_the_window_are_a_count(database: Database) -> None:
    async with running(database) as log:
        for minutes in (0, 1, 5.5):
            log.put(event(minutes=minutes))
        log.put(event(minutes=5.6, facts={"interface": "Gi2", "state": "down"}))
        log.put(event(minutes=10.6, text="once more"))
        await settled(log)
        found = await rows(database)
        assert log.tally == eventlog.Tally(taken=5, written=3, repeated=2)
    texts = [(row.event.count, row.event.first_ms - NOW_MS, row.event.last_ms - NOW_MS) for row in found]
    assert sorted(texts) == [(1, 336_000, 336_000), (1, 636_000, 636_000), (3, 0, 330_000)]


async def test_repetitions_in_one_group_and_in_the_next_are_one_row(database: Database) -> None:
    async with running(database) as log:
        for _ in range(10):
            log.put(event())
        await settled(log)
        log.put(event(minutes=1, severity="info", text="newest"))
        await settled(log)
        (row,) = await rows(database)
    assert (row.event.count, row.event.severity, row.event.text) == (11, "info", "newest")


async def test_a_restart_goes_on_counting_and_gives_new_numbers(database: Database) -> None:
    async with running(database) as log:
        log.put(event())
        await settled(log)
    async with running(database, clock=ManualClock(NOW + timedelta(minutes=2))) as log:
        log.put(event(minutes=2))
        log.put(event("other", minutes=2))
        await settled(log)
    assert sorted((row.id, row.event.count) for row in await rows(database)) == [(1, 2), (2, 1)]


async def test_what_is_old_or_too_much_is_removed(database: Database) -> None:
    clock = ManualClock(NOW)
    async with running(database, Bounds(timedelta(hours=1), 1_000, timedelta(minutes=5)), clock=clock) as log:
        log.put(event("old", minutes=-90))
        for number in range(1_200):
            log.put(event(f"n{number}", minutes=number / 1_200))
        await settled(log)
        await clock.advance(eventlog.PRUNE_EVERY_S)
        while log.tally.pruned < 201:
            await asyncio.sleep(0)
        found = await rows(database, limit=2_000)
        names = {row.event.name for row in found}
        assert len(found) == 1_000
        assert "old" not in names
        assert {"n200", "n1199"} <= names
        assert "n199" not in names
        # what was removed is not counted onto
        log.put(event("n199", minutes=1))
        await settled(log)
        assert (await rows(database))[0].event.name == "n199"


async def test_a_full_log_sheds_and_counts(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eventlog, "WAITING_AT_MOST", 3)
    log = EventLog(database, ManualClock(NOW), BOUNDS, lambda _: None)
    assert [log.put(event(f"n{number}")) for number in range(5)] == [True, True, True, False, False]
    assert (log.tally.taken, log.tally.shed, log.waiting, log.has_room) == (3, 2, 3, False)
    await log.start()
    await settled(log)
    await log.stop()
    assert log.tally.written == 3


async def test_events_wait_while_the_database_can_not_be_written(database: Database) -> None:
    clock, kept = ManualClock(NOW), list[int]()
    log = EventLog(database, clock, BOUNDS, lambda _: None)
    await log.start()
    while not log._prune_due_s:  # the first round is done
        await asyncio.sleep(0)
    await database.stop()
    log.put(event(), lambda: kept.append(1))
    while log.failing is None:
        await asyncio.sleep(0)
    assert "not open" in log.failing
    assert (kept, log.waiting) == ([], 1)
    await database.start()
    await clock.advance(eventlog.RETRY_AFTER_S)
    await settled(log)
    assert (kept, log.failing) == ([1], None)
    await log.stop()


async def test_pages_go_backwards_and_filters_fit(database: Database) -> None:
    async with running(database) as log:
        for number in range(7):
            log.put(event(f"n{number}", minutes=number // 2, device=f"device/{number % 2}"))
        log.put(event("p", minutes=9, event_class="power", kind="syslog", severity="critical"))
        await settled(log)
    everything = await rows(database)
    assert [row.event.name for row in everything] == ["p", "n6", "n5", "n4", "n3", "n2", "n1", "n0"]
    paged: list[Kept] = []
    while True:
        last = Place(paged[-1].event.last_ms, paged[-1].id) if paged else None
        more = await rows(database, before=last, limit=3)
        if not more:
            break
        paged += more
    assert paged == everything
    assert {row.event.device for row in await rows(database, device="device/1")} == {"device/1"}
    assert await rows(database, devices=[]) == []
    for wanted in ({"classes": ["power"]}, {"kinds": ["syslog"]}, {"severities": ["critical"]}):
        assert [row.event.name for row in await rows(database, **wanted)] == ["p"]
    between = await rows(database, since_ms=NOW_MS + 60_000, until_ms=NOW_MS + 120_000)
    assert [row.event.name for row in between] == ["n3", "n2"]


# --- unknown senders --------------------------------------------------------------------------------------------------


async def listed(database: Database) -> list[senders.Sender]:
    async with database.read() as connection:
        return await senders.page(connection)


async def test_unknown_senders_are_listed_with_a_count_also_over_a_restart(database: Database) -> None:
    for round_ in range(2):
        async with running(database) as log:
            for second in range(3):
                at_ms = NOW_MS + round_ * 10_000 + second * 1_000
                assert log.unknown_sender("192.0.2.66", "trap", "x\x1b[2J" * 100, at_ms) is (round_ == second == 0)
            log.unknown_sender("192.0.2.66", "syslog", "y", NOW_MS)
    trap = next(one for one in await listed(database) if one.kind == "trap")
    assert (trap.count, trap.first_ms, trap.last_ms) == (6, NOW_MS, NOW_MS + 12_000)
    assert trap.sample.isprintable()
    assert len(trap.sample) <= senders.SAMPLE_AT_MOST
    assert [one.kind for one in await listed(database)] == ["syslog", "trap"]


async def test_the_list_of_unknown_senders_is_bounded(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(senders, "SENDERS_AT_MOST", 5)
    async with running(database) as log:
        for number in range(12):
            log.unknown_sender(f"192.0.2.{number}", "trap", "", NOW_MS + number)
            if number == 6:
                await asyncio.sleep(0)
        assert log.unknown.counted == 12
    assert {one.address for one in await listed(database)} == {f"192.0.2.{number}" for number in range(7, 12)}
