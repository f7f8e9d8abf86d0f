"""The engine: one transaction a change; whatever happens in between, nothing is told twice and nothing is forgotten."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace

import pytest

from alerts.casework import Casework
from alerts.engine import LOOK_EVERY_S, PUT_BACK_MS, RETRY_AFTER_S
from alerts.rules.compiled import Rules
from alerts.sight import Blind
from noc.clock import settle
from noc.model.errors import ConflictError
from noc.state import incidents
from noc.topology import Topology
from tests.unit.alerts.alerting import CPU, DOWN, MINUTE, START_MS, House, changed, held, inventory, ruled, settings


async def test_a_device_that_goes_down_opens_an_incident_and_calls_the_first_step(house: House) -> None:
    await house.handle(changed("down"))
    (one,) = await house.incidents()
    assert (one.entity, one.rule, one.severity, one.policy, one.state) == (
        "device/a",
        "device-down",
        "critical",
        "standard",
        "new",
    )
    assert (one.since_ms, one.opened_ms) == (START_MS, START_MS)
    assert one.facts == {
        "status": "down",
        "check": "icmp",
        "poller": "test",
        "failures": 1,
        "summary": "A device is down",
    }
    assert await house.calls() == [("page", "achieng", "queued")]
    assert await house.lines() == [("opened", "down")]
    assert house.changed == [1]
    assert await house.waiting() == 0


async def test_up_again_resolves_it_and_tells_those_who_were_told(house: House) -> None:
    await house.handle(changed("down"))
    await house.send_all()
    await house.handle(changed("up", START_MS + MINUTE, before="down"))
    (one,) = await house.incidents()
    assert (one.state, one.resolved_by) == ("resolved", None)
    assert await house.calls() == [("page", "achieng", "sent"), ("resolved", "achieng", "queued")]
    assert await house.lines() == [("opened", "down"), ("notified", None), ("resolved", "up")]


async def test_what_nobody_sees_neither_opens_nor_resolves_but_is_noted(house: House) -> None:
    await house.handle(changed("unknown", entity="device/b"))
    assert await house.incidents() == []
    await house.handle(changed("down"), changed("unknown", before="down"), changed("down", before="unknown"))
    (one,) = await house.incidents()
    assert one.state == "new"
    assert await house.lines() == [("opened", "down"), ("note", "stale"), ("note", "down")]
    assert len(await house.notices()) == 1


async def test_a_group_is_handled_in_its_order(house: House) -> None:
    await house.handle(*(changed(status) for status in ("down", "up", "down", "up", "down")))  # type: ignore[arg-type]
    (one,) = await house.incidents()
    assert (one.state, one.reopened) == ("new", 2)


async def test_devices_without_a_rule_or_an_inventory_open_nothing(house: House) -> None:
    await house.handle(changed("down", entity="device/stranger"), changed("down", entity="poller/x"))
    house.engine.replace(Rules([CPU]), house.settings)
    await house.handle(changed("down"))
    assert await house.incidents() == []
    assert await house.waiting() == 0


async def test_a_rule_that_waits_opens_only_what_lasts(house: House) -> None:
    house.engine.replace(Rules([held(DOWN, 5)]), house.settings)
    await house.handle(changed("down"), changed("down", entity="device/b"))
    assert (await house.incidents(), await house.waiting()) == ([], 2)
    await house.later(4)
    await house.handle(changed("up", START_MS + 4 * MINUTE, "device/b", "down"))
    await house.restart()
    house.engine.replace(Rules([held(DOWN, 5)]), house.settings)
    await house.later(0.99)
    assert (await house.incidents(), await house.waiting()) == ([], 2)
    await house.later(0.01)
    (one,) = await house.incidents()
    assert (one.entity, one.since_ms, one.opened_ms) == ("device/a", START_MS, START_MS + 5 * MINUTE)
    assert await house.waiting() == 0


async def test_whether_an_outage_lasted_does_not_depend_on_when_the_engine_looks(house: House) -> None:
    """An engine that was away for hours opens what a punctual one would have opened, and nothing else."""
    house.engine.replace(Rules([held(DOWN, 5)]), house.settings)
    await house.put(changed("down"), changed("up", START_MS + 6 * MINUTE, before="down"))
    await house.put(
        changed("down", entity="device/b"),
        changed("up", START_MS + 4 * MINUTE, "device/b", "down"),
        changed("down", START_MS + 4 * MINUTE + 1, "device/b"),
        changed("unknown", START_MS + 6 * MINUTE, "device/b", "down"),
    )
    await house.later(300)
    assert [(one.entity, one.state) for one in await house.incidents()] == [("device/a", "resolved")]


async def test_a_rule_that_is_raised_and_cleared(house: House) -> None:
    await house.handle(ruled("raised"), ruled("raised"))
    (one,) = await house.incidents()
    assert (one.rule, one.policy, one.severity, one.facts["value"]) == ("cpu-high", "quiet", "minor", 97.5)
    assert await house.calls() == [("page", "berta", "queued")]
    await house.handle(changed("up"))  # a device that answers is no evidence against its load
    assert (await house.incidents())[0].state == "new"
    await house.handle(ruled("cleared"), ruled("cleared"))
    (one,) = await house.incidents()
    assert one.state == "resolved"
    assert await house.lines() == [("opened", "raised"), ("resolved", "cleared")]
    assert len(await house.notices()) == 1  # the policy says that nobody hears of the end


async def test_escalation_and_reminders_come_at_their_times_and_stop_when_somebody_owns_it(house: House) -> None:
    await house.handle(changed("down"))
    await house.send_all()
    await house.later(15)
    await house.send_all()
    await house.later(15)
    await house.send_all()
    assert await house.calls() == [
        ("page", "achieng", "sent"),
        ("escalation", "berta", "sent"),
        ("reminder", "achieng", "sent"),
        ("reminder", "berta", "sent"),
    ]
    await house.engine.acknowledge(1, "berta", "on my way")
    await house.later(600)
    assert len(await house.notices()) == 4
    (one,) = await house.incidents()
    assert (one.state, one.acknowledged_by) == ("acknowledged", "berta")
    (said,) = [entry for entry in await house.timeline() if entry.kind == "acknowledged"]
    assert (said.who, said.facts) == ("berta", {"text": "on my way"})


async def test_what_is_queued_is_dropped_when_somebody_acknowledges(house: House) -> None:
    await house.handle(changed("down"))
    await house.engine.acknowledge(1, "chen")
    await house.engine.acknowledge(1, "achieng")  # again: changes nothing
    await house.send_all()
    assert (await house.calls(), house.mailbox.got) == ([("page", "achieng", "dropped")], [])
    (one,) = await house.incidents()
    assert one.acknowledged_by == "chen"
    await house.handle(changed("up"))
    assert await house.calls() == [("page", "achieng", "dropped")]  # who heard nothing hears no end


async def test_somebody_resolves_it_by_hand_and_the_device_comes_back_later(house: House) -> None:
    await house.handle(changed("down"))
    await house.send_all()
    await house.engine.resolve(1, "berta", "a false alarm")
    for late in (house.engine.resolve, house.engine.acknowledge):
        with pytest.raises(ConflictError, match=r"incident 1 is resolved, since .*, by berta; nothing was changed"):
            await late(1, "achieng")
    await house.handle(changed("up"))
    (one,) = await house.incidents()
    assert (one.state, one.resolved_by) == ("resolved", "berta")
    assert await house.calls() == [("page", "achieng", "sent"), ("resolved", "achieng", "queued")]
    assert (await house.timeline())[-1].facts == {"why": "by_hand", "text": "a false alarm"}


async def test_a_resolve_that_another_process_wrote_is_told_by_the_engine(house: House) -> None:
    await house.handle(changed("down"))
    await house.send_all()
    async with house.database.write() as connection:
        await incidents.resolve(connection, 1, START_MS, "berta")
    await house.engine.work()
    assert (await house.calls())[-1] == ("resolved", "achieng", "queued")


async def test_a_note_is_kept_as_it_was_said_up_to_a_bound(house: House) -> None:
    await house.handle(changed("down"))
    await house.engine.note(1, "achieng", "called the carrier\nticket 7")
    await house.engine.note(1, "x" * 500, "y" * 10_000)
    first, second = [entry for entry in await house.timeline() if entry.kind == "note"]
    assert (first.kind, first.who, first.facts) == ("note", "achieng", {"text": "called the carrier\nticket 7"})
    assert (len(second.who or ""), len(str(second.facts["text"]))) == (200, 4_000)


async def test_an_incident_that_is_not_there_is_a_lookup_error(house: House) -> None:
    with pytest.raises(LookupError, match="there is no incident 7"):
        await house.engine.acknowledge(7, "a")
    with pytest.raises(LookupError):
        await house.engine.note(7, "a", "b")
    with pytest.raises(LookupError):
        await house.engine.resolve(7, "a")


async def test_without_a_policy_incidents_are_opened_and_it_is_said_once(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.engine.replace(house.rules, settings(policies={}, default_policy=None))
    await house.handle(changed("down"), changed("down", entity="device/b"))
    assert [one.policy for one in await house.incidents()] == ["", ""]
    assert await house.notices() == []
    assert caplog.text.count("there is no policy") == 1
    # A policy that comes later finds them.
    house.engine.replace(house.rules, house.settings)
    await house.engine.work()
    assert await house.calls() == [("page", "achieng", "queued")]
    assert await house.calls(2) == [("page", "achieng", "queued")]


async def test_a_device_that_leaves_the_inventory_does_not_stay_down_for_ever(house: House) -> None:
    await house.handle(changed("down"), changed("down", entity="device/b"), ruled("raised"))
    house.inventory = inventory("b")
    house.engine.replace(house.rules, house.settings)
    await house.engine.work()
    assert [(one.entity, one.state) for one in await house.incidents()] == [
        ("device/a", "resolved"),
        ("device/b", "new"),
        ("device/a", "resolved"),
    ]
    assert (await house.lines())[-1] == ("resolved", "not_watched")


async def test_a_restart_goes_on_with_escalation_where_it_was(house: House) -> None:
    await house.handle(changed("down"))
    await house.send_all()
    await house.restart()
    await house.engine.work()
    assert await house.calls() == [("page", "achieng", "sent")]
    house.clock.stall(16 * 60)
    await house.restart()
    await house.engine.work()
    assert await house.calls() == [("page", "achieng", "sent"), ("escalation", "berta", "queued")]


@pytest.mark.parametrize("table", ["incident", "timeline", "outbox", "handling"])
async def test_a_transaction_that_is_cut_off_anywhere_leaves_nothing_and_is_done_again(
    house: House, table: str
) -> None:
    """The database refuses one statement of the transaction, at each table in turn: as a crash, seen from outside."""
    verb = "DELETE" if table == "handling" else "INSERT"
    tamper(house, f"CREATE TRIGGER cut BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'cut off'); END")
    await house.handle(changed("down"))
    assert await house.incidents() == []
    assert await house.notices() == []
    assert await house.waiting() == 1
    tamper(house, "DROP TRIGGER cut")
    await house.later(PUT_BACK_MS / MINUTE)
    assert len(await house.incidents()) == 1
    assert await house.calls() == [("page", "achieng", "queued")]
    assert (house.engine.faults, await house.waiting()) == (1, 0)


def tamper(house: House, statement: str) -> None:
    with sqlite3.connect(house.path) as connection:
        connection.execute(statement)
    connection.close()


async def test_one_that_can_not_be_handled_does_not_stop_the_others(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    tamper(
        house,
        "CREATE TRIGGER cut BEFORE INSERT ON incident WHEN new.entity = 'device/a' "
        "BEGIN SELECT RAISE(ABORT, 'cut off'); END",
    )
    await house.handle(changed("down"), changed("down", entity="device/b"))
    assert [one.entity for one in await house.incidents()] == ["device/b"]
    assert "device/a: a fault in noc" in caplog.text
    assert await house.waiting() == 1


async def until(met: object) -> None:
    async with asyncio.timeout(10):
        while not met():  # type: ignore[operator]
            await asyncio.sleep(0.001)


async def test_the_service_works_when_it_is_woken_and_by_itself_after_a_while(house: House) -> None:
    await house.engine.start()
    await until(lambda: not house.engine._fresh)
    await house.put(changed("down"))
    house.engine.wake()
    await until(lambda: house.changed == [1])
    await house.put(changed("down", entity="device/b"))
    async with asyncio.timeout(10):
        while house.changed != [1, 2]:
            await house.clock.advance(LOOK_EVERY_S)
            await asyncio.sleep(0.001)
    await house.engine.stop()
    assert house.engine.failing == ""


async def test_while_the_database_is_away_transitions_wait(house: House, caplog: pytest.LogCaptureFixture) -> None:
    await house.put(changed("down"))
    await house.database.stop()
    await house.engine.start()
    await settle()
    assert "not open" in house.engine.failing
    await house.database.start()
    async with asyncio.timeout(10):
        while house.changed != [1]:
            await house.clock.advance(RETRY_AFTER_S)
            await asyncio.sleep(0.001)
    await house.engine.stop()
    assert caplog.text.count("transitions stay in the queue") == 1
    assert "nothing was lost" in caplog.text


async def test_a_storm_of_changes_that_mean_nothing_costs_few_transactions(house: House) -> None:
    await house.handle(*(changed("up", entity=f"device/{number}", before="unknown") for number in range(1_000)))
    assert (house.engine.handled, await house.waiting(), await house.incidents()) == (1_000, 0, [])


def test_rules_and_policies_are_replaced_together(house: House) -> None:
    cases = Casework(house.rules, house.settings, lambda: house.inventory, Blind(), lambda: Topology(house.inventory))
    other = replace(DOWN, name="other", policy="quiet")
    cases.replace(Rules([other]), house.settings)
    assert cases._down_rules.of("device/a") == other
