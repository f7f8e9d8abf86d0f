"""The auditor: every open incident has a next action; what has none is found, repaired, and people hear of it."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from alerts.audit import Action, audit, next_action
from alerts.auditor import RULE, Auditor
from noc.model.incident import RuleTransition
from noc.state.alerttables import incident as table
from noc.state.audit import Waiting
from tests.unit.alerts.alerting import START_MS, House, changed, settings

NOW = 1_000_000
LOST = Waiting(1, None, None, is_owned=False, until_ms=None, notice_ms=None)


@pytest.mark.parametrize(
    ("row", "action"),
    [
        (LOST, None),
        (Waiting(1, 5, None, is_owned=False, until_ms=None, notice_ms=None), Action("look", 5)),
        (Waiting(1, 5, None, is_owned=False, until_ms=None, notice_ms=3), Action("notice", 3)),
        (Waiting(1, None, None, is_owned=True, until_ms=None, notice_ms=None), Action("owned", None)),
        (Waiting(1, 5, 9, is_owned=True, until_ms=9, notice_ms=None), Action("expiry", 9)),
    ],
)
def test_each_incident_has_one_next_action(row: Waiting, action: Action | None) -> None:
    assert next_action(row) == action


@pytest.mark.parametrize(
    ("overdue_ms", "is_moving", "wrong"),
    [(59_000, False, {}), (61_000, False, {1: "late"}), (61_000, True, {}), (301_000, True, {1: "late"})],
)
def test_what_is_overdue_is_late_sooner_where_nothing_moves(
    overdue_ms: int, is_moving: bool, wrong: dict[int, str]
) -> None:
    row = Waiting(1, NOW - overdue_ms, None, is_owned=False, until_ms=None, notice_ms=None)
    assert audit([row], {}, NOW, is_moving=is_moving).wrong == wrong


def test_what_has_no_action_is_looked_at_once_before_anybody_is_called() -> None:
    first = audit([LOST], {}, NOW, is_moving=True)
    assert (first.wrong, first.suspect) == ({}, {1: NOW})
    assert audit([LOST], first.suspect, NOW, is_moving=True).ended == (1,)
    found = Waiting(1, NOW + 1, None, is_owned=False, until_ms=None, notice_ms=None)
    assert audit([found], first.suspect, NOW, is_moving=True).wrong == {1: "lost"}


def test_what_was_not_looked_at_yet_was_not_lost() -> None:
    asked = Waiting(1, NOW, None, is_owned=False, until_ms=None, notice_ms=None)
    busy = audit([asked], {1: NOW}, NOW + 30_000, is_moving=True)
    assert (busy.wrong, busy.suspect) == ({}, {1: NOW})
    assert audit([asked], busy.suspect, NOW + 61_000, is_moving=False).wrong == {1: "late"}


class Watched:
    """A house with an auditor. put: what it told the committer."""

    def __init__(self, house: House, **changes: object) -> None:
        self.house = house
        house.settings = settings(**changes)
        house.engine = house.new_engine()
        self.put: list[RuleTransition] = []
        self.progress = 0
        self.auditor = Auditor(
            house.database,
            house.clock,
            "centre",
            lambda: house.settings,
            lambda: self.progress,
            house.engine.wake,
            self.put.extend,
        )

    async def lose(self, number: int) -> None:
        """Do to an incident what a fault might."""
        async with self.house.database.write() as connection:
            await connection.execute(update(table).where(table.c.id == number).values(next_ms=None))

    async def audit(self) -> dict[int, str]:
        """Look once, half a minute after the last time, while the engine works."""
        self.house.clock.stall(30)
        self.progress += 1
        found = dict((await self.auditor.work()).wrong)
        await self.house.engine.work()
        return found


async def test_a_lost_incident_is_repaired_and_pages_whom_the_catch_all_names_by_every_way(house: House) -> None:
    people = {
        "achieng": {"email": "achieng@example.org"},
        "chief": {"email": "chief@example.org", "addresses": {"sms": "+254700000000"}},
        "berta": {"email": "berta@example.org"},
    }
    watched = Watched(house, people=people, notifiers={"email": {}, "sms": {}}, catch_all={"notify": ["chief"]})
    await house.handle(changed("down"))
    await house.send_all()
    assert await watched.audit() == {}
    await watched.lose(1)
    assert await watched.audit() == {}
    assert await watched.audit() == {1: "lost"}
    (first, broken) = await house.incidents()
    assert (broken.entity, broken.rule, broken.severity) == ("poller/centre", RULE, "critical")
    assert "incident 1 had no next action" in str(broken.facts["said"])
    told = {(one.person, one.channel) for one in await house.notices(broken.id) if one.kind == "page"}
    assert told >= {("chief", "email"), ("chief", "sms")}
    assert ("note", "repaired") in await house.lines(first.id)
    await house.later(15)
    assert [one.person for one in await house.notices() if one.kind == "escalation"] == ["berta"]


async def test_what_a_busy_machine_does_late_is_told_once(house: House) -> None:
    watched = Watched(house)
    await house.handle(changed("down"))
    for _ in range(20):
        house.clock.stall(120)
        await watched.auditor.work()
    lines = await house.lines(1)
    assert lines.count(("note", "repaired")) == 1
    assert watched.auditor.found >= 20
    (broken,) = [one for one in await house.incidents() if one.rule == RULE]
    assert (await house.lines(broken.id)).count(("note", "further")) <= 1


async def test_the_end_of_a_policy_is_no_fault_where_the_engine_is_late(house: House) -> None:
    watched = Watched(house, policies={"standard": {"steps": [{"notify": ["achieng"]}]}}, default_policy="standard")
    await house.handle(changed("down"))
    await house.send_all()
    for _ in range(2):
        house.clock.stall(30)
        watched.progress += 1
        assert (await watched.auditor.work()).wrong == {}
    await house.engine.work()
    assert [await watched.audit() for _ in range(3)] == [{}] * 3
    assert ("note", "repaired") not in await house.lines(1)


async def test_it_is_over_when_two_audits_found_nothing(house: House) -> None:
    watched = Watched(house)
    await house.handle(changed("down"))
    await house.send_all()
    await watched.lose(1)
    for _ in range(2):
        await watched.audit()
    assert watched.put == []
    for _ in range(2):
        await house.send_all()
        await watched.audit()
    (over,) = watched.put
    assert (over.rule, over.entity, over.status) == (RULE, "poller/centre", "cleared")
    await house.handle(over)
    assert (await house.incidents())[1].resolved_ms is not None


async def test_a_policy_that_has_nothing_more_to_do_is_no_fault(house: House) -> None:
    watched = Watched(house, policies={"standard": {"steps": [{"notify": ["achieng"]}]}}, default_policy="standard")
    await house.handle(changed("down"))
    await house.send_all()
    assert [await watched.audit() for _ in range(5)] == [{}] * 5
    assert len(await house.incidents()) == 1
    async with house.database.read() as connection:
        look_ms = (await connection.execute(table.select())).one().next_ms
    assert look_ms is not None
    assert look_ms > START_MS + 3_600_000


async def test_an_owned_incident_waits_for_its_owner(house: House) -> None:
    watched = Watched(house)
    await house.handle(changed("down"))
    await house.engine.acknowledge(1, "achieng")
    assert [await watched.audit() for _ in range(3)] == [{}] * 3
