"""The life of an incident: what expires, is overdue, is closed or comes back; and what people do with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import pytest

from alerts import desk, life
from alerts.due import overdue
from alerts.lifesettings import LifeSettings
from noc.model.errors import ConflictError, UsageError
from noc.model.incident import Incident
from noc.model.instants import to_ms
from noc.state import incidents, symptoms
from noc.state.database import Transaction
from tests.unit.alerts.alerting import MINUTE, START_MS, House, changed, ruled

Result = TypeVar("Result")
HOUR = 60 * MINUTE
DAY = 24 * HOUR


async def do(house: House, act: Callable[[Transaction, int], Awaitable[Result]]) -> Result:
    """Do something as people do, and let the engine see it."""
    async with house.database.write() as connection:
        result = await act(connection, to_ms(house.clock.now()))
    await house.engine.work()
    return result


async def ranked(house: House, *affected: str) -> Incident:
    """Open an incident of device/a, with a priority."""
    await house.handle(changed("down"))
    return await do(house, lambda connection, now_ms: rank(connection, house, affected, now_ms))


async def rank(connection: Transaction, house: House, affected: tuple[str, ...], now_ms: int) -> Incident:
    found = await incidents.get(connection, 1)
    assert found is not None
    return await life.opened(connection, found, affected, house.inventory, now_ms)


async def first(house: House) -> Incident:
    return (await house.incidents())[0]


async def kinds(house: House) -> list[str]:
    return [entry.kind for entry in await house.timeline() if entry.kind not in ("notified", "escalated", "reminded")]


async def test_an_incident_gets_its_priority_and_targets_once(house: House) -> None:
    one = await ranked(house)
    assert (one.impact, one.urgency, one.priority) == (3, 1, 2)
    assert (one.respond_by_ms, one.restore_by_ms) == (START_MS + 30 * MINUTE, START_MS + 8 * HOUR)
    assert one.life_ms == START_MS + 30 * MINUTE
    again = await ranked(house)
    assert again == one
    assert (await kinds(house)).count("priority") == 1


async def test_more_that_is_affected_raises_the_priority_and_less_leaves_it(house: House) -> None:
    one = await ranked(house)
    many = [f"site/{name}" for name in house.inventory.sites]
    async with house.database.write() as connection:
        grown = await life.grew(connection, one, many, house.inventory, START_MS + MINUTE)
        fewer = await life.grew(connection, grown, (), house.inventory, START_MS + MINUTE)
    assert (grown.impact, grown.priority) == (2, 1)
    assert grown.respond_by_ms == START_MS + 15 * MINUTE
    assert fewer == grown
    said = [entry.facts for entry in await house.timeline() if entry.kind == "priority"]
    assert [(one["priority"], one.get("was")) for one in said] == [(2, None), (1, 2)]


async def test_targets_that_pass_are_marked_once(house: House) -> None:
    await ranked(house)
    await house.later(29)
    assert "overdue" not in await kinds(house)
    await house.later(2)
    await house.later(30)
    marked = [entry.facts["target"] for entry in await house.timeline() if entry.kind == "overdue"]
    assert marked == ["respond"]
    await do(house, lambda connection, now_ms: desk.acknowledge(connection, 1, now_ms, "ann"))
    await house.later(8 * 60)
    marked = [entry.facts["target"] for entry in await house.timeline() if entry.kind == "overdue"]
    assert marked == ["respond", "restore"]
    assert overdue(await first(house), START_MS + DAY) == ("respond", "restore")


async def test_what_is_answered_in_time_is_never_overdue(house: House) -> None:
    await ranked(house)
    await do(house, lambda connection, now_ms: desk.acknowledge(connection, 1, now_ms, "ann"))
    await house.later(60)
    await house.handle(changed("up", START_MS + HOUR, before="down"))
    await house.later(10 * 60)
    assert "overdue" not in await kinds(house)
    assert overdue(await first(house), START_MS + DAY) == ()


async def test_an_acknowledgement_for_a_time_expires_and_people_are_called_anew(house: House) -> None:
    await ranked(house)
    await house.send_all()
    until_ms = START_MS + HOUR
    await do(house, lambda connection, now_ms: desk.acknowledge(connection, 1, now_ms, "ann", "", until_ms))
    await house.later(59)
    assert (await first(house)).state == "acknowledged"
    assert await house.calls() == [("page", "achieng", "sent")]
    await house.later(1)
    one = await first(house)
    assert (one.state, one.acknowledged_by, one.acknowledged_until_ms) == ("new", None, None)
    assert one.respond_by_ms == START_MS + HOUR + 30 * MINUTE  # as long as before, from now on
    assert one.restore_by_ms == START_MS + 8 * HOUR
    assert [call[:2] for call in await house.calls()] == [("page", "achieng"), ("page", "achieng")]
    await house.later(15)
    assert [call[:2] for call in await house.calls()][-1] == ("escalation", "berta")


async def test_who_owns_it_may_say_for_how_long_anew_and_nobody_else(house: House) -> None:
    await ranked(house)
    soon, later = START_MS + HOUR, START_MS + 2 * HOUR
    assert await do(house, lambda connection, now_ms: desk.acknowledge(connection, 1, now_ms, "ann", "", soon))
    assert not await do(house, lambda connection, now_ms: desk.acknowledge(connection, 1, now_ms, "bob", "", later))
    assert await do(house, lambda connection, now_ms: desk.acknowledge(connection, 1, now_ms, "ann", "", later))
    await house.later(90)
    assert (await first(house)).state == "acknowledged"
    with pytest.raises(UsageError, match="has passed"):
        await do(house, lambda connection, now_ms: desk.acknowledge(connection, 1, now_ms, "ann", "", soon))


async def test_somebody_takes_it_over_and_works_on_it(house: House) -> None:
    await ranked(house)
    await do(house, lambda connection, now_ms: desk.acknowledge(connection, 1, now_ms, "ann"))
    with pytest.raises(ConflictError, match="ann's"):
        await do(house, lambda connection, now_ms: desk.start(connection, 1, now_ms, "bob"))
    await do(house, lambda connection, now_ms: desk.own(connection, 1, now_ms, "bob"))
    assert await do(house, lambda connection, now_ms: desk.start(connection, 1, now_ms, "bob"))
    assert not await do(house, lambda connection, now_ms: desk.start(connection, 1, now_ms, "bob"))
    one = await first(house)
    assert (one.state, one.acknowledged_by) == ("in_progress", "bob")
    assert (await kinds(house))[-3:] == ["acknowledged", "handed_over", "in_progress"]


async def test_what_is_over_is_closed_after_a_week_and_stays_so(house: House) -> None:
    await ranked(house)
    await house.send_all()
    with pytest.raises(ConflictError, match="not resolved"):
        await do(house, lambda connection, now_ms: desk.close(connection, 1, now_ms, "ann"))
    await house.handle(changed("up", START_MS, before="down"))
    await house.later(7 * 24 * 60 - 1)
    assert (await first(house)).state == "resolved"
    calls = await house.calls()
    await house.later(1)
    assert (await first(house)).state == "closed"
    assert await house.calls() == calls
    assert (await first(house)).life_ms is None
    with pytest.raises(ConflictError, match="is closed"):
        await do(house, lambda connection, now_ms: desk.reopen(connection, 1, now_ms, "ann"))


async def test_what_is_reopened_calls_people_anew_and_tells_its_second_end(house: House) -> None:
    await ranked(house)
    await house.send_all()
    await house.handle(changed("up", START_MS, before="down"))
    await house.send_all()
    await house.later(5)
    await do(house, lambda connection, now_ms: desk.reopen(connection, 1, now_ms, "ann", "it lags"))
    one = await first(house)
    assert (one.state, one.reopened, one.resolved_ms) == ("new", 1, None)
    assert one.restore_by_ms == START_MS + 5 * MINUTE + 8 * HOUR
    await house.send_all()
    await do(house, lambda connection, now_ms: desk.resolve(connection, 1, now_ms, "ann"))
    await house.send_all()
    told = [call[:2] for call in await house.calls()]
    assert told == [("page", "achieng"), ("resolved", "achieng")] * 2


@pytest.mark.parametrize(("minutes", "by_hand", "wanted"), [(14, False, True), (16, False, False), (1, True, False)])
async def test_what_ended_by_itself_a_moment_ago_can_be_reopened(
    house: House, minutes: int, by_hand: bool, wanted: bool
) -> None:
    await house.handle(ruled("raised"))
    if by_hand:
        await do(house, lambda connection, now_ms: desk.resolve(connection, 1, now_ms, "ann"))
    else:
        await house.handle(ruled("cleared"))
    await house.later(minutes)
    async with house.database.write() as connection:
        found = await life.reopenable(connection, "cpu-high", "device/a", START_MS + minutes * MINUTE)
        assert (found is not None) == wanted
        assert await life.reopenable(connection, "cpu-high", "device/b", START_MS) is None
        if found is not None:
            again = await life.reopen(connection, found, START_MS + minutes * MINUTE)
            assert (again.state, again.id) == ("new", 1)


async def test_a_major_incident_is_declared_with_updates_and_taken_back(house: House) -> None:
    await ranked(house)
    assert await do(house, lambda connection, now_ms: desk.major(connection, 1, now_ms, "ann", "all of Africa"))
    assert not await do(house, lambda connection, now_ms: desk.major(connection, 1, now_ms, "ann"))
    await do(house, lambda connection, now_ms: desk.status_update(connection, 1, now_ms, "ann", "the carrier is at it"))
    assert (await first(house)).major_ms == START_MS
    assert await do(house, lambda connection, now_ms: desk.major(connection, 1, now_ms, "ann", is_major=False))
    assert (await first(house)).major_ms is None
    assert (await kinds(house))[-3:] == ["major", "update", "major"]


def test_a_restore_target_before_the_answer_is_refused() -> None:
    with pytest.raises(ValueError, match="restore comes before respond"):
        LifeSettings.model_validate_json('{"targets": {"p1": {"respond": "2h", "restore": "1h"}}}')
    assert LifeSettings().close_after == timedelta(days=7)


async def test_who_owned_what_became_a_symptom_owns_it_again_when_it_is_none_any_more(house: House) -> None:
    await house.handle(ruled("raised"))
    await do(house, lambda connection, now_ms: desk.acknowledge(connection, 1, now_ms, "berta"))
    await house.handle(changed("down"))
    async with house.database.read() as connection:
        (symptom,) = await symptoms.of_incident(connection, 2)
    assert symptom.facts["owned_by"] == "berta"
    (merged,) = [entry for entry in await house.timeline(2) if entry.kind == "merged"]
    assert merged.facts["owner"] == "berta"
    await house.handle(changed("up", START_MS + 1, before="down"))
    await house.later(10)
    *_, again = await house.incidents()
    assert (again.id, again.rule, again.state, again.acknowledged_by) == (3, "cpu-high", "acknowledged", "berta")
    assert await house.notices(3) == []
    assert "owned_by" not in again.facts


async def test_who_owned_what_became_a_symptom_for_a_time_that_is_over_owns_nothing_and_is_called(
    house: House,
) -> None:
    await house.handle(ruled("raised"))
    until_ms = START_MS + 5 * MINUTE
    await do(house, lambda connection, now_ms: desk.acknowledge(connection, 1, now_ms, "berta", until_ms=until_ms))
    await house.handle(changed("down"))
    await house.handle(changed("up", START_MS + 1, before="down"))
    await house.later(10)
    *_, again = await house.incidents()
    assert (again.id, again.state) == (3, "new")
    assert [notice.person for notice in await house.notices(3)] == ["berta"]
