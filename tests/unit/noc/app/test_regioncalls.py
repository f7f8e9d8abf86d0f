"""What the centre leaves to a region that calls people by itself."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from noc.app.alerting import Orders
from noc.app.pollersettings import PollerGroup, PollersSettings, Reach
from noc.app.regioncalls import Around, RegionCalls, can_call, is_below, left_of
from noc.app.remotepollers import Heard, Registry
from noc.bus.identity import Enrolled
from noc.bus.messages import Presence
from noc.model.incident import Incident, RuleTransition
from noc.model.instants import to_ms
from tests.unit.alerts.alerting import MINUTE, START_MS, House, changed, inventory, settings

KEY = base64.b64encode(bytes(32)).decode()
EAST = PollerGroup(scope=("region/africa",), autonomy=True)


@dataclass
class Region:
    """A centre's alerting whose devices a poller of an autonomous group asks. linked_ms: as of the broker."""

    house: House
    group: PollerGroup = EAST
    reach: Reach = field(default_factory=lambda: Reach({"east": frozenset({"a", "b"})}))
    linked_ms: int | None = START_MS - MINUTE
    registry: Registry = field(default_factory=lambda: Registry(60_000))

    def __post_init__(self) -> None:
        self.registry.enrol({"p": Enrolled(poller="p", group="east", user="p", key=KEY, at_ms=0, by="x")})
        self.wakes = 0
        around = Around(
            clock=self.house.clock,
            database=self.house.database,
            settings=lambda: PollersSettings(groups={"east": self.group}),
            reach=lambda: self.reach,
            inventory=lambda: self.house.inventory,
            pollers=lambda: self.registry,
            linked_ms=lambda: self.linked_ms,
            orders=lambda: Orders(self.house.rules, self.house.settings, {}),
            wake=self.woken,
        )
        self.calls = RegionCalls(around)
        self.house.engine.call_through(self.calls.calls)

    def woken(self) -> None:
        self.wakes += 1

    def says(self, state: str = "here", alone_ms: int | None = None, *, retained: bool = False) -> None:
        said = Presence(poller="p", state=state, boot="b", group="east", from_ms=0, alone_ms=alone_ms)  # type: ignore[arg-type]
        self.registry.presence("p", said, to_ms(self.house.clock.now()) * 1_000, retained=retained)

    def pollers(self) -> list[Heard]:
        return list(self.registry)

    def left(self) -> list[str]:
        return [one.group for one in self.calls.left()]


@pytest.fixture
async def region(tmp_path: Path) -> AsyncIterator[Region]:
    house = House(tmp_path)
    await house.database.start()
    yield Region(house)
    await house.database.stop()


async def test_steps_of_what_was_open_are_left_to_the_region_until_it_is_heard(region: Region) -> None:
    house = region.house
    region.says()
    await house.handle(changed("down"))
    assert [one[1] for one in await house.calls()] == ["achieng"]
    region.says("gone")
    await house.later(16)
    await house.later(6)
    assert [one[1] for one in await house.calls()] == ["achieng"]
    assert [line for line in await house.lines() if line[0] == "held"] == [("held", "region")]
    await region.calls._round()
    region.says(alone_ms=START_MS)  # it is there, and has yet to tell
    await region.calls._round()
    assert (region.left(), region.wakes) == (["east"], 0)
    region.says()
    await region.calls._round()
    assert (region.left(), region.wakes) == ([], 1)
    await house.later(0)
    assert [one[1] for one in await house.calls()] == ["achieng", "berta"]


async def test_after_half_an_hour_of_silence_the_centre_calls_as_the_poller_may_be_dead(region: Region) -> None:
    house = region.house
    region.says()
    await house.handle(changed("down"))
    region.says("gone")
    for minutes in (16, 10, 4):
        await house.later(minutes)
        await region.calls._round()
    assert [one[1] for one in await house.calls()] == ["achieng"]
    assert region.wakes == 0
    await house.later(1)
    await region.calls._round()
    await house.later(0)
    assert region.wakes == 1
    assert [one[1] for one in await house.calls()] == ["achieng", "berta"]


async def test_what_opens_while_a_region_is_cut_off_is_called_here(region: Region) -> None:
    region.says()
    region.says("gone")
    region.house.clock.stall(60)
    await region.house.handle(changed("down", START_MS + MINUTE))
    assert [one[1] for one in await region.house.calls()] == ["achieng"]


async def test_an_end_is_told_here_also_while_the_region_calls(region: Region) -> None:
    region.says()
    await region.house.handle(changed("down"))
    await region.house.send_all()
    region.says("gone")
    await region.house.handle(changed("up", START_MS + MINUTE, before="down"))
    assert [one[0] for one in await region.house.calls()] == ["page", "resolved"]


async def test_a_rule_that_the_region_cannot_judge_is_called_here(region: Region) -> None:
    house = region.house
    region.says()
    facts: dict[str, str | int | float | None] = {"summary": "x"}
    strange = RuleTransition("strange", "device/a", "raised", "major", START_MS, START_MS, "test", facts)
    await house.handle(strange)
    assert await house.calls()
    region.says("gone")
    await house.later(16)
    assert {one[1] for one in await house.calls()} == {"achieng", "berta"}


def test_a_group_is_left_to_its_region_where_it_is_not_heard(tmp_path: Path) -> None:
    region = Region(House(tmp_path))
    assert region.left() == []  # nobody was ever there
    region.says()
    assert region.left() == []
    region.linked_ms = None
    assert region.left() == ["east"]
    region.house.clock.stall(5)
    region.linked_ms = to_ms(region.house.clock.now())
    region.says(retained=True)
    assert region.left() == ["east"]  # a broker keeps what was said long ago
    region.registry.heard("p", to_ms(region.house.clock.now()))
    assert region.left() == []
    region.says(alone_ms=START_MS)
    assert region.left() == ["east"]
    known = region.registry.of("p")
    assert known is not None
    known.row = replace(known.row, quarantine="two of it")  # it calls nobody while it is answered
    assert region.left() == []
    region.group = EAST.model_copy(update={"autonomy": False})
    region.says("gone")
    assert region.left() == []


def test_what_others_see_too_is_not_left(tmp_path: Path) -> None:
    region = Region(House(tmp_path))
    region.says()
    region.says("gone")
    reach = Reach({"east": frozenset({"a", "b"})}, frozenset({"b"}))
    [left] = left_of({"east": EAST}, region.pollers(), reach, START_MS, START_MS)
    assert left.scope == {"a"}


@pytest.mark.parametrize(
    ("entity", "opened_ms", "expected"),
    [
        ("device/a", START_MS, True),
        ("device/a", START_MS + 1, False),
        ("interface/a/eth0", START_MS, True),
        ("site/s", START_MS, True),
        ("device/c", START_MS, False),
        ("endpoint/a", START_MS, False),
        ("shared/power/1", START_MS, False),
        ("poller/p", START_MS, False),
        ("service/mail", START_MS, False),
    ],
)
def test_what_is_below_a_region(tmp_path: Path, entity: str, opened_ms: int, *, expected: bool) -> None:
    region = Region(House(tmp_path))
    region.says()
    region.says("gone")
    [left] = left_of({"east": EAST}, region.pollers(), region.reach, START_MS, START_MS)
    one = Incident(1, entity, "device-down", "critical", "standard", opened_ms, opened_ms, {})
    assert is_below(one, left, inventory("a", "b")) is expected


@pytest.mark.parametrize(
    ("notifiers", "expected"),
    [(None, True), (("email",), True), (("sms",), False), ((), False)],
)
def test_a_region_calls_where_it_reaches_all_whom_a_policy_calls(
    notifiers: tuple[str, ...] | None, *, expected: bool
) -> None:
    group = EAST.model_copy(update={"autonomy_notifiers": notifiers})
    known = settings(notifiers={"email": {}, "sms": {}})
    assert can_call(known, group, "standard") is expected


def test_a_catch_all_that_a_region_does_not_reach_keeps_the_centre_calling() -> None:
    people = {
        "achieng": {"email": "achieng@example.org"},
        "berta": {"email": "berta@example.org"},
        "boss": {"phone": "+254700000000", "channels": ["sms"]},
    }
    known = settings(notifiers={"email": {}, "sms": {}}, people=people, catch_all={"notify": ["boss"]})
    only_mail = EAST.model_copy(update={"autonomy_notifiers": ("email",)})
    assert (can_call(known, only_mail, "standard"), can_call(known, EAST, "standard")) == (False, True)
