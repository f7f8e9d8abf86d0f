"""The clock of the machine leaps forward, and what waits has to wait no shorter for that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from alerts import desk
from alerts.auditor import Auditor
from alerts.due import TargetWord, target_ms
from alerts.notifiers._ports import Message, NotifyError
from noc.app.clockwatch import ClockWatch
from noc.clock import SteadyClock, Steps
from noc.model.instants import to_ms
from noc.state.committer import Committer
from tests.unit.alerts.alerting import DOWN, MINUTE, START_MS, House, Rules, changed, held, ruled
from tests.unit.alerts.test_expressions import rows, rule_of, watch_of
from tests.unit.alerts.watching import BEGIN_MS

HOUR_S = 3_600


class Leaping:
    """A house that goes by a clock of noc, and the watch over it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.clock = SteadyClock(house.clock)
        self.watch = ClockWatch(self.clock, house.database, Committer(house.database, self.clock, list), "test")
        self.clock.hold_leaps()
        house.time = self.clock
        house.engine = house.new_engine()

    async def leaps(self, seconds: int) -> None:
        """Set the clock, and see it."""
        self.house.clock.step(seconds)
        await self.watch.follow()


async def test_what_waits_moves_with_the_clock_and_the_timeline_says_why(house: House) -> None:
    world = Leaping(house)
    await house.handle(changed("down"))
    number = (await house.incidents())[0].id
    async with house.database.write() as connection:
        await desk.acknowledge(connection, number, to_ms(world.clock.now()), "achieng", until_ms=START_MS + 10 * MINUTE)
    before = (await house.incidents())[0]
    await world.leaps(HOUR_S)
    await house.later(5)
    (found,) = await house.incidents()
    assert (found.state, found.acknowledged_until_ms) == ("acknowledged", START_MS + 10 * MINUTE + HOUR_S * 1000)
    targets: tuple[TargetWord, ...] = ("respond", "restore")
    for target in targets:
        by_ms = target_ms(before, target)
        assert by_ms is not None
        assert target_ms(found, target) == by_ms + HOUR_S * 1000
    said = [entry for entry in await house.timeline() if entry.facts.get("why") == "clock"]
    assert [(one.at_ms, one.facts["by_s"]) for one in said] == [(START_MS + HOUR_S * 1000, HOUR_S)]
    await house.later(5)
    assert [kind for kind, _ in await house.lines()][-1] == "expired"


async def test_a_rules_own_time_does_not_pass_in_a_leap(house: House) -> None:
    house.rules = Rules([held(DOWN, 5)])
    world = Leaping(house)
    await house.handle(changed("down"))
    await world.leaps(HOUR_S)
    await house.later(4)
    assert await house.incidents() == []
    await house.later(1)
    assert [one.state for one in await house.incidents()] == ["new"]


async def test_what_comes_back_after_a_leap_is_the_same_incident(house: House) -> None:
    world = Leaping(house)
    await house.handle(changed("down"))
    await house.handle(changed("up", START_MS + 1, before="down"))
    await world.leaps(HOUR_S)
    await house.handle(changed("down", START_MS + HOUR_S * 1000))
    assert [(one.state, one.reopened) for one in await house.incidents()] == [("new", 1)]


async def test_a_cause_on_the_other_side_of_a_leap_is_the_cause(house: House) -> None:
    world, leap_ms = Leaping(house), HOUR_S * 1000
    await house.handle(ruled("raised"))
    await house.later(1)
    await world.leaps(HOUR_S)
    await house.handle(changed("down", START_MS + MINUTE + leap_ms))
    await world.leaps(HOUR_S)
    await house.handle(replace(ruled("raised", "device/b"), since_ms=START_MS + MINUTE + 2 * leap_ms))
    await house.later(4)
    await house.handle(changed("down", START_MS + 5 * MINUTE + 2 * leap_ms, "device/b"))
    found = await house.incidents()
    assert [(one.rule, one.entity, one.parent, one.state) for one in found] == [
        ("cpu-high", "device/a", 2, "resolved"),
        ("device-down", "device/a", None, "new"),
        ("cpu-high", "device/b", 4, "resolved"),
        ("device-down", "device/b", None, "new"),
    ]
    (merged,) = [one for one in await house.timeline(1) if one.kind == "merged"]
    assert merged.facts["root_since_ms"] == START_MS + MINUTE + leap_ms, "a moment is told as the clock said then"


async def test_what_failed_long_before_is_no_cause_beside_a_leap(house: House) -> None:
    world = Leaping(house)
    await house.handle(ruled("raised"))
    await house.later(6)
    await world.leaps(HOUR_S)
    await house.handle(changed("down", START_MS + 6 * MINUTE + HOUR_S * 1000))
    assert [one.parent for one in await house.incidents()] == [None, None]


async def test_what_is_tried_again_is_tried_when_its_wait_has_passed(house: House) -> None:
    def away(_: Message) -> None:
        raise NotifyError("no connection")

    world, senders = Leaping(house), house.new_dispatch()
    house.mailbox.takes = away
    await house.handle(changed("down"))
    await house.send_all(senders)
    await world.leaps(HOUR_S)
    house.clock.stall(1)
    await house.send_all(senders)
    assert (await house.notices())[0].attempts == 1
    house.clock.stall(1)
    await house.send_all(senders)
    assert (await house.notices())[0].attempts == 2


async def test_a_leap_is_followed_when_it_can_be_written_and_kept_over_a_restart(house: House) -> None:
    world = Leaping(house)
    await house.handle(changed("down"))
    await house.database.stop()
    house.clock.step(HOUR_S)
    await world.watch.follow()
    assert world.watch.failing is not None
    assert "leapt 3600 s forward" in world.watch.failing
    assert to_ms(world.clock.now()) == START_MS
    await house.database.start()
    await world.watch.follow()
    assert world.watch.failing is None
    assert to_ms(world.clock.now()) == START_MS + HOUR_S * 1000
    again = SteadyClock(house.clock)
    watch = ClockWatch(again, house.database, Committer(house.database, again, list), "test")
    await watch.start()
    await watch.stop()
    assert again.steps == world.clock.steps
    assert again.steps.here(START_MS) == START_MS + HOUR_S * 1000


async def test_an_auditor_finds_nothing_late_after_a_leap(house: House) -> None:
    world = Leaping(house)
    await house.handle(changed("down"))
    auditor = Auditor(
        house.database, world.clock, "test", lambda: house.settings, lambda: 0, lambda: None, lambda _: None
    )
    await auditor.work()
    house.clock.step(HOUR_S)
    assert (await auditor.work()).wrong == {}
    await world.watch.follow()
    assert (await auditor.work()).wrong == {}


def test_nothing_is_absent_because_of_a_leap_and_what_was_before_is_as_long_ago(tmp_path: Path) -> None:
    absent = rule_of(tmp_path, "kind: expression\nfor: 0s\nwhen: absent(noc_processor.usage_pct, 15 min)\n", "absent")
    grows = rule_of(
        tmp_path, "kind: expression\nfor: 0s\nwhen: change(noc_processor.usage_pct, 30 min) > 40 %\n", "grows"
    )
    watch = watch_of(absent, grows)
    for minute in range(31):
        assert watch.take("device/d", [rows(minute, "noc_processor", {"name": "0", "usage_pct": 10.0})], "p") == ()
    leapt_ms = BEGIN_MS + 90 * MINUTE + 30_000
    watch.follow(Steps(((leapt_ms, HOUR_S * 1000),)))
    assert watch.tick(leapt_ms + 10_000) == ()
    late = rows(30.5, "noc_processor", {"name": "0", "usage_pct": 10.0})  # asked before the leap
    assert watch.take("device/d", [late], "p") == ()
    assert watch.tick(leapt_ms + 14 * MINUTE) == ()
    found = watch.take("device/d", [rows(105, "noc_processor", {"name": "0", "usage_pct": 60.0})], "p")
    assert [(one.rule, one.status) for one in found] == [("grows", "raised")]
    absent_now = watch.tick(BEGIN_MS + 120 * MINUTE)
    assert [(one.rule, one.status) for one in absent_now] == [("absent", "raised")]
