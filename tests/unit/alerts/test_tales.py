"""What a poller told while it was cut off, and what becomes of it at the centre."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from alerts import desk
from noc.model.incident import Entry, RuleTransition, Symptom
from noc.state import incidents, outbox, symptoms
from noc.state.incidents import get
from tests.unit.alerts.alerting import MINUTE, START_MS, House, changed, ruled
from tests.unit.alerts.cutoff import all_of, take, tale_of


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[House]:
    (tmp_path / "there").mkdir()
    house = House(tmp_path / "there")
    await house.database.start()
    yield house
    await house.database.stop()


async def acknowledge(house: House, who: str = "achieng", number: int = 1) -> None:
    async with house.database.write() as connection:
        await desk.acknowledge(connection, number, now_of(house), who)
    await house.engine.work()


def now_of(house: House) -> int:
    return START_MS + int(house.clock.monotonic() * 1000)


async def called_there(there: House) -> None:
    """Have a device fail at the poller, which calls somebody."""
    await there.handle(changed("down"))
    await there.send_all()
    assert there.mailbox.told() == [("page", "achieng")]


async def test_who_was_called_there_is_not_called_here_and_hears_of_the_end(house: House, there: House) -> None:
    await called_there(there)
    house.clock.stall(60)
    (joined,) = await take(house, await tale_of(there))
    assert (joined.opened, joined.merged) == (1, 0)
    await house.handle(changed("down"))
    await house.send_all()
    assert house.mailbox.told() == []
    assert len(await house.incidents()) == 1
    await house.handle(changed("up", START_MS + 5 * MINUTE))
    await house.send_all()
    assert house.mailbox.told() == [("resolved", "achieng")]


async def test_escalation_goes_on_where_it_was_there(house: House, there: House) -> None:
    await called_there(there)
    await there.later(16)
    await there.send_all()
    house.clock.stall(17 * 60)
    await take(house, await tale_of(there))
    await house.send_all()
    assert house.mailbox.told() == []
    await house.later(14)
    await house.send_all()
    assert sorted(house.mailbox.told()) == [("reminder", "achieng"), ("reminder", "berta")]  # due at one moment


async def test_what_both_opened_is_one_and_the_line_says_who_told(house: House, there: House) -> None:
    await called_there(there)
    await house.handle(changed("down"))
    (joined,) = await take(house, await tale_of(there))
    assert (joined.opened, joined.merged) == (0, 1)
    assert len(await house.incidents()) == 1
    lines = await house.lines()
    assert lines.count(("opened", "down")) == 1
    assert ("note", "cut_off") in lines
    (note,) = [one for one in await house.timeline() if one.kind == "note"]
    assert (note.facts["from"], note.facts["there"]) == ("nbo-1", 1)
    await house.send_all()
    assert house.mailbox.told() == []  # it was queued here: what the poller sent is the same call


async def test_a_tale_that_comes_again_changes_nothing(house: House, there: House) -> None:
    await called_there(there)
    await acknowledge(there)
    tale = await tale_of(there)
    await take(house, tale)
    before = await all_of(house)
    await take(house, tale)
    assert await all_of(house) == before


async def test_an_end_there_holds_and_is_told_once(house: House, there: House) -> None:
    await called_there(there)
    early = await tale_of(there)
    await take(house, early)
    there.clock.stall(300)
    await there.handle(changed("up", START_MS + 5 * MINUTE))
    await there.send_all()
    house.clock.stall(600)
    await take(house, await tale_of(there))
    await take(house, early)
    await house.send_all()
    assert house.mailbox.told() == []
    assert there.mailbox.told() == [("page", "achieng"), ("resolved", "achieng")]
    (one,) = await house.incidents()
    assert one.resolved_ms == START_MS + 5 * MINUTE


async def test_an_end_there_that_nobody_was_told_of_is_told_here(house: House, there: House) -> None:
    await called_there(there)
    there.clock.stall(300)
    await there.handle(changed("up", START_MS + 5 * MINUTE))  # it is held: the notice waits there for ever
    house.clock.stall(600)
    await take(house, await tale_of(there))
    await house.send_all()
    assert house.mailbox.told() == [("resolved", "achieng")]


async def test_what_is_known_here_later_than_the_end_there_stays_open(house: House, there: House) -> None:
    await called_there(there)
    there.clock.stall(60)
    await there.handle(changed("up", START_MS + MINUTE))
    house.clock.stall(300)
    await house.handle(changed("down", START_MS + 30_000))
    await take(house, await tale_of(there))
    (one,) = await house.incidents()
    assert one.resolved_ms is None


async def test_an_acknowledgement_of_either_side_holds(house: House, there: House) -> None:
    await called_there(there)
    await acknowledge(there, "berta")
    await take(house, await tale_of(there))
    (one,) = await house.incidents()
    assert (one.state, one.acknowledged_by) == ("acknowledged", "berta")
    await house.later(20)
    await house.send_all()
    assert house.mailbox.told() == []


async def test_an_acknowledgement_there_stops_the_calls_of_what_is_known_here(house: House, there: House) -> None:
    await house.handle(changed("down"))
    await called_there(there)
    await acknowledge(there, "berta")
    await take(house, await tale_of(there))
    (one,) = await house.incidents()
    assert (one.state, one.acknowledged_by) == ("acknowledged", "berta")
    await house.later(20)
    await house.send_all()
    assert house.mailbox.told() == []


async def test_what_comes_again_with_other_times_is_known_by_its_mark(house: House, there: House) -> None:
    await called_there(there)
    (told,) = await tale_of(there)
    await take(house, [told])
    before = await house.timeline()
    lines = {mark: replace(line, at_ms=line.at_ms - 5 * MINUTE) for mark, line in told.lines.items()}
    await take(house, [replace(told, lines=lines)])
    assert await house.timeline() == before


async def test_who_acknowledged_here_stays_the_owner(house: House, there: House) -> None:
    await house.handle(changed("down"))
    await acknowledge(house, "achieng")
    await called_there(there)
    await acknowledge(there, "berta")
    await take(house, await tale_of(there))
    (one,) = await house.incidents()
    assert one.acknowledged_by == "achieng"
    assert {entry.who for entry in await house.timeline() if entry.kind == "acknowledged"} == {"achieng", "berta"}


async def test_what_waited_there_is_called_here(house: House, there: House) -> None:
    await there.handle(changed("down"))
    await take(house, await tale_of(there))
    await house.send_all()
    assert house.mailbox.told() == [("page", "achieng")]


async def test_what_could_not_be_told_there_is_tried_here(house: House, there: House) -> None:
    await there.handle(changed("down"))
    async with there.database.write() as connection:
        await outbox.mark_dead(connection, 1, "no such number")
    await take(house, await tale_of(there))
    await house.send_all()
    assert house.mailbox.told() == [("page", "achieng")]


async def test_a_failure_that_came_and_went_there_is_one_incident_that_is_over(house: House, there: House) -> None:
    await called_there(there)
    there.clock.stall(120)
    await there.handle(changed("up", START_MS + 2 * MINUTE))
    await there.send_all()
    house.clock.stall(600)
    await house.handle(changed("down", START_MS + 9 * MINUTE))
    await take(house, await tale_of(there))
    first, second = await house.incidents()
    assert (first.resolved_ms, second.resolved_ms) == (None, START_MS + 2 * MINUTE)
    assert first.since_ms == START_MS + 9 * MINUTE


async def test_what_was_reopened_there_is_reopened_here(house: House, there: House) -> None:
    for both in (house, there):
        await both.handle(changed("down"))
        both.clock.stall(60)
        await both.handle(changed("up", START_MS + MINUTE))
    await house.send_all()
    there.clock.stall(60)
    await there.handle(changed("down", START_MS + 2 * MINUTE))
    await there.send_all()
    house.clock.stall(120)
    await take(house, await tale_of(there))
    (one,) = await house.incidents()
    assert (one.state, one.reopened) == ("new", 1)
    house.mailbox.got.clear()
    await house.send_all()
    assert house.mailbox.told() == []  # the poller called for it
    before = await all_of(house)
    await take(house, await tale_of(there))
    assert await all_of(house) == before


async def test_an_own_incident_there_that_is_a_symptom_here_is_of_the_earlier_root(house: House, there: House) -> None:
    await house.handle(changed("down", entity="device/b"))
    await house.send_all()
    async with house.database.write() as connection:
        held = replace(await symptom(house), entity="device/a", since_ms=START_MS + 1)
        await symptoms.put(connection, [held])
    there.clock.stall(60)
    await there.handle(changed("down", START_MS + MINUTE))
    await there.send_all()
    house.clock.stall(120)
    await take(house, await tale_of(there))
    root, child = (await house.incidents())[:2]
    assert (root.entity, child.entity, child.parent) == ("device/b", "device/a", root.id)
    await house.handle(
        changed("up", START_MS + 5 * MINUTE, "device/a"), changed("up", START_MS + 5 * MINUTE, "device/b")
    )
    await house.send_all()
    told = [(one.kind, one.to.partition("@")[0]) for one in house.mailbox.got]
    assert told.count(("resolved", "achieng")) == 1


async def symptom(house: House) -> Symptom:
    (one,) = await house.incidents()
    return Symptom(0, one.id, "device/a", "device-down", "status", "critical", "standard", START_MS, START_MS, {})


async def test_an_own_incident_there_that_began_first_is_a_symptom_here_no_more(house: House, there: House) -> None:
    await house.handle(changed("down", START_MS, entity="device/b"))
    async with house.database.write() as connection:
        await symptoms.put(connection, [replace(await symptom(house), entity="device/a")])
    there.clock.stall(1)
    await there.handle(changed("down", START_MS - MINUTE))
    await take(house, await tale_of(there))
    _, own = (await house.incidents())[:2]
    assert (own.entity, own.parent, own.state) == ("device/a", None, "new")
    async with house.database.read() as connection:
        assert await symptoms.open_among(connection, ["device/a"]) == []


async def test_an_own_incident_here_that_is_a_symptom_there_is_taken_over_by_the_earlier_root(
    house: House, there: House
) -> None:
    await there.handle(changed("down", entity="device/b"))
    async with there.database.write() as connection:
        await symptoms.put(connection, [replace(await symptom(there), joined_ms=START_MS + MINUTE)])
    await there.send_all()
    house.clock.stall(120)
    await house.handle(changed("down", START_MS + MINUTE))
    await house.send_all()
    tale = await tale_of(there)
    await take(house, tale)
    child, root = await house.incidents()
    assert (child.entity, child.parent, root.entity) == ("device/a", root.id, "device/b")
    async with house.database.read() as connection:
        (held,) = await symptoms.open_among(connection, ["device/a"])
    assert held.incident == root.id
    before = await all_of(house)
    await take(house, tale)
    assert await all_of(house) == before


async def test_what_nobody_sees_counts_for_the_priority(house: House) -> None:
    house.engine.know_behind(lambda rule, entity: ["device/a", "site/s"] if rule == "poller-blind" else [])
    blind = RuleTransition("poller-blind", "poller/nbo-1", "raised", "critical", START_MS, START_MS, "hq", {})
    await house.handle(blind, replace(blind, rule="poller-cut-off"))
    first, second = await house.incidents()
    assert (first.impact, second.impact) == (2, 3)
    (line,) = [one for one in await house.timeline(first.id) if one.kind == "priority"]
    assert line.facts["sites"] == 1


async def test_lines_of_merged_incidents_name_the_numbers_of_here(house: House, there: House) -> None:
    await house.handle(ruled("raised", "device/b"))  # numbers differ
    await there.handle(changed("down"), changed("down", entity="device/b"))
    async with there.database.write() as connection:
        await symptoms.merge(connection, 2, 1, START_MS + 1)
        await incidents.record(connection, [Entry(2, START_MS + 1, "merged", None, {"into": 1})])
    (joined,) = await take(house, await tale_of(there))
    root, child = list(joined.numbers)
    async with house.database.read() as connection:
        known = await get(connection, child)
    assert known is not None
    assert (known.parent, known.state) == (root, "resolved")
    (line,) = [one for one in await house.timeline(child) if one.kind == "merged"]
    assert line.facts["into"] == root
    await house.send_all()
    assert ("resolved", "achieng") not in house.mailbox.told()
