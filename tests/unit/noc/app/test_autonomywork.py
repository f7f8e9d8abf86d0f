"""What a poller that is cut off does with what its centre told: nobody is called twice, nobody is forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from msgspec import structs

from alerts import desk
from alerts.dispatch import Dispatch
from noc.app.autonomyadopt import Centres
from noc.app.autonomygate import Gate
from noc.app.autonomyline import Line
from noc.app.autonomyrooms import Rooms
from noc.app.autonomywork import AutonomyWork
from noc.bus import tales
from noc.bus.tales import DecisionThere, NoticeTold, OpenIncidents, OpenThere, Tale, WindowThere
from noc.model.incident import key_of
from noc.model.instants import to_ms
from tests.unit.alerts.alerting import MINUTE, START_MS, House, changed


@dataclass
class Poller:
    """A house of alerting behind a gate; the centre answers when a test has it answer."""

    house: House
    sent: list[Tale] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    whole: bool = False

    def __post_init__(self) -> None:
        self.gate = Gate(180.0, self.house.clock.monotonic())
        self._make()

    def _make(self) -> None:
        house = self.house
        self.dispatch: Dispatch = house.new_dispatch()
        self.dispatch.hold(True)
        nothing = lambda: None  # noqa: E731
        orders = SimpleNamespace(settings=house.settings)
        alerting = SimpleNamespace(dispatch=self.dispatch, orders=orders, wake_all=nothing, wake=nothing)
        rooms = cast("Rooms", SimpleNamespace(database=house.database, alerting=alerting))
        line = Line(
            publish=self._publish,
            hold_frames=self._hold,
            go_on=lambda: self.log.append("go on"),
            speak=nothing,
            may_call=lambda: True,
            take_all=lambda wanted: setattr(self, "whole", wanted),
            ahead_ms=lambda: 0,
            look=lambda _: False,
        )
        self.work = AutonomyWork(lambda: rooms, self.gate, line, house.clock, "nbo-1", house.path.parent)
        house.engine.call_through(self.work.calls)
        house.engine.go_by(lambda: None if self.work.centres is None else self.work.centres.changes)

    async def _publish(self, octets: bytes) -> None:
        self.sent.append(tales.read_tale(octets))

    async def _hold(self) -> None:
        self.log.append("hold")

    async def restart(self) -> None:
        """Begin anew on the same file, as after a kill."""
        await self.house.restart()
        self.gate = Gate(180.0, self.house.clock.monotonic())
        centres = self.work.centres
        self._make()
        if centres is not None:
            self.work.listed(centres, is_new=False)
        await self.work.load()

    async def do(self) -> None:
        """Let all do what is due now."""
        await self.work.work()
        await self.house.engine.work()
        await self.house.send_all(self.dispatch)

    async def later(self, minutes: float) -> None:
        self.house.clock.stall(minutes * 60)
        await self.do()

    async def answer(self, *, takes: bool = True) -> None:
        """Have the centre answer, and take what it is told."""
        self.work.answered(0)
        for _ in range(20):
            known = len(self.sent)
            await self.do()
            if takes and self.sent:
                self.work.answered(self.sent[-1].number)
            if len(self.sent) == known and self.gate.state == "closed":
                return

    @property
    def now_ms(self) -> int:
        return to_ms(self.house.clock.now())

    def told(self) -> list[tuple[str, str]]:
        return self.house.mailbox.told()


@pytest.fixture
async def poller(tmp_path: Path) -> AsyncIterator[Poller]:
    house = House(tmp_path)
    await house.database.start()
    made = Poller(house)
    await made.work.load()
    yield made
    await house.database.stop()


def notice(step: int, person: str, at_ms: int, state: str = "sent", kind: str = "") -> NoticeTold:
    word = kind or ("page" if step == 1 else "escalation")
    return NoticeTold(  # type: ignore[arg-type]
        step=step, number=step, person=person, channel="email", kind=word, created_ms=at_ms, state=state, sent_ms=at_ms
    )


def there(*told: NoticeTold, since_ms: int = START_MS, owner: str | None = None, entity: str = "device/a") -> OpenThere:
    return OpenThere(
        key=key_of("device-down", entity, since_ms),
        number=7,
        entity=entity,
        rule="device-down",
        origin="status",
        severity="critical",
        policy="standard",
        since_ms=since_ms,
        opened_ms=since_ms,
        acknowledged_ms=None if owner is None else since_ms + 1,
        acknowledged_by=owner,
        told=told,
    )


def listed(poller: Poller, *known: OpenThere, is_new: bool = False) -> None:
    poller.work.listed(Centres(OpenIncidents(at_ms=poller.now_ms, incidents=known)), is_new=is_new)


async def test_while_the_centre_answers_nobody_is_told_and_nothing_piles_up(poller: Poller) -> None:
    for _ in range(20):
        poller.work.answered(0)
        await poller.do()
        if not await poller.house.incidents():
            await poller.house.handle(changed("down"))
        await poller.later(2)
    assert [one.state for one in await poller.house.incidents()] == ["new"]
    assert await poller.house.notices() == []
    assert [kind for kind, _ in await poller.house.lines() if kind != "overdue"] == ["opened"]
    assert poller.told() == []
    assert poller.sent == []


async def test_what_the_centre_does_not_know_is_called_when_it_is_silent(poller: Poller) -> None:
    poller.work.answered(0)
    await poller.do()
    await poller.later(1)
    await poller.house.handle(changed("down", poller.now_ms))
    await poller.later(1.9)
    assert poller.told() == []
    await poller.later(0.1)
    assert poller.told() == [("page", "achieng")]
    assert (poller.whole, poller.log) == (True, ["hold"])
    await poller.later(14)
    assert poller.told() == [("page", "achieng")]  # the next step counts from the opening of the gate
    await poller.later(1)
    assert poller.told() == [("page", "achieng"), ("escalation", "berta")]


async def test_who_was_told_by_the_centre_is_told_of_the_next_step_and_of_the_end_alone(poller: Poller) -> None:
    await poller.house.handle(changed("down"))
    listed(poller, there(notice(1, "achieng", START_MS)))
    await poller.later(3)
    assert poller.gate.state == "open"
    assert poller.told() == []
    await poller.later(11.9)
    assert poller.told() == []
    await poller.later(0.1)
    assert poller.told() == [("escalation", "berta")]  # fifteen minutes after the centre opened it
    await poller.house.handle(changed("up", poller.now_ms, before="down"))
    await poller.do()
    assert sorted(poller.told()[1:]) == [("resolved", "achieng"), ("resolved", "berta")]


async def test_a_call_that_came_to_nothing_there_goes_on_here(poller: Poller) -> None:
    await poller.house.handle(changed("down"))
    listed(poller, there(notice(1, "achieng", START_MS, state="dead")))
    await poller.later(3)
    assert poller.told() == [("escalation", "berta")]  # nobody listens: the next step isn't waited for


async def test_an_owner_stays_the_owner(poller: Poller) -> None:
    await poller.house.handle(changed("down"))
    listed(poller, there(notice(1, "achieng", START_MS), owner="chen"))
    await poller.later(3)
    await poller.later(60)
    assert poller.told() == []
    assert [one.acknowledged_by for one in await poller.house.incidents()] == ["chen"]


async def test_what_the_centre_explains_by_something_else_is_not_called(poller: Poller) -> None:
    await poller.house.handle(changed("down"))
    root = there(notice(1, "achieng", START_MS), entity="site/s")
    known = {name: getattr(root, name) for name in OpenThere.__struct_fields__}
    listed(poller, OpenThere(**{**known, "symptoms": ("device/a",)}))
    await poller.later(3)
    assert poller.told() == []


async def test_what_begins_during_the_cut_and_is_known_there_is_not_called_either(poller: Poller) -> None:
    listed(poller, there(notice(1, "achieng", START_MS), since_ms=START_MS))
    await poller.later(3)
    # A device of another poller's share: here it is seen for the first time, and down.
    await poller.house.handle(changed("down", poller.now_ms))
    await poller.do()
    assert poller.told() == []
    [one] = await poller.house.incidents()
    assert one.opened_ms == START_MS


async def test_a_kill_in_the_midst_calls_nobody_twice(poller: Poller) -> None:
    await poller.house.handle(changed("down"))
    await poller.house.handle(changed("down", entity="device/b"))
    listed(poller, there(notice(1, "achieng", START_MS)))
    await poller.later(3)
    assert poller.told() == [("page", "achieng")]  # of device/b
    await poller.restart()
    assert (poller.gate.state, poller.whole) == ("open", True)
    for _ in range(5):
        await poller.later(1)
    assert poller.told() == [("page", "achieng")]
    await poller.later(10)
    assert poller.told().count(("escalation", "berta")) == 2


async def test_the_centre_is_told_before_frames_and_calls_from_then_on(poller: Poller) -> None:
    await poller.house.handle(changed("down"))
    await poller.later(3)
    assert poller.told() == [("page", "achieng")]
    await poller.answer(takes=False)
    assert poller.log == ["hold"]
    [tale] = poller.sent
    [one] = tale.incidents
    assert (tale.poller, tale.more, tale.alone_ms) == ("nbo-1", False, START_MS + 3 * MINUTE)
    assert (one.key, one.entity, one.origin) == (key_of("device-down", "device/a", START_MS), "device/a", "status")
    assert [(n.kind, n.number, n.person, n.state) for n in one.notices] == [("page", 1, "achieng", "sent")]
    await poller.later(0.1)
    assert [again.number for again in poller.sent] == [tale.number, tale.number]  # not acknowledged: once more
    poller.work.answered(tale.number)
    await poller.do()
    assert (poller.gate.state, poller.log, poller.whole) == ("closed", ["hold", "go on"], False)
    for _ in range(20):
        poller.work.answered(tale.number)
        await poller.later(2)
    assert poller.told() == [("page", "achieng")]
    assert len(poller.sent) == 2


async def test_more_than_a_tale_holds_is_told_in_several(poller: Poller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("noc.app.autonomytale.INCIDENTS_AT_MOST", 1)
    await poller.house.handle(changed("down"), changed("down", entity="device/b"))
    await poller.later(3)
    await poller.answer()
    assert [(len(one.incidents), one.more) for one in poller.sent] == [(1, True), (1, False)]
    assert poller.sent[0].number < poller.sent[1].number
    assert poller.gate.state == "closed"


async def test_the_next_tale_tells_what_is_new(poller: Poller) -> None:
    await poller.house.handle(changed("down"))
    await poller.later(3)
    await poller.answer()
    told = len(poller.sent)
    await poller.later(3)  # silent again; of device/a nothing is new but that the list doesn't have it
    await poller.house.handle(changed("down", poller.now_ms, entity="device/b"))
    await poller.do()
    assert poller.told() == [("page", "achieng"), ("page", "achieng")]
    await poller.answer()
    assert [one.entity for tale in poller.sent[told:] for one in tale.incidents] == ["device/b"]


async def test_what_people_do_here_is_told_while_the_centre_answers_too(poller: Poller) -> None:
    poller.work.answered(0)
    await poller.house.handle(changed("down"))
    await poller.do()
    async with poller.house.database.write() as connection:
        await desk.acknowledge(connection, 1, poller.now_ms, "achieng")
    await poller.answer()
    [tale] = poller.sent
    assert (tale.alone_ms, tale.incidents[0].acknowledged_by) == (None, "achieng")
    assert poller.log == []  # no frame waited for it
    await poller.answer()
    assert len(poller.sent) == 1


async def test_an_older_centre_holds_nothing_up(poller: Poller) -> None:
    await poller.house.handle(changed("down"))
    await poller.later(3)
    poller.work.answered(0)
    for _ in range(20):
        poller.work.answered(0)
        poller.house.clock.stall(4)
        await poller.work._round()
    assert (poller.gate.state, poller.log[-1]) == ("closed", "go on")


async def test_what_is_over_there_is_over_here_and_nobody_hears_of_it(poller: Poller) -> None:
    poller.work.answered(0)
    await poller.house.handle(changed("down"), changed("down", entity="device/b"))
    listed(poller, there(notice(1, "achieng", START_MS)), is_new=True)
    await poller.do()
    listed(poller, is_new=True)
    await poller.do()
    first, second = await poller.house.incidents()
    assert (first.state, second.state) == ("resolved", "new")  # of the second the centre may not know yet
    assert (await poller.house.lines())[-1] == ("resolved", "centre")
    assert poller.told() == []


async def test_a_tale_that_the_centre_cannot_read_is_put_aside_and_keeps_nothing_back(poller: Poller) -> None:
    await poller.later(4)
    await poller.house.handle(changed("down", poller.now_ms))
    await poller.do()
    poller.work.answered(0)
    await poller.do()
    [sent] = poller.sent
    poller.work.answered(0, "of another tale")
    await poller.do()
    assert poller.gate.state == "telling"
    octets = tales.written(sent)
    poller.work.answered(0, tales.digest(octets))
    await poller.do()
    assert (poller.gate.state, poller.log[-1]) == ("closed", "go on")
    assert (poller.house.path.parent / "unread" / f"{sent.number}.tale").read_bytes() == octets
    await poller.later(30)
    assert len(poller.sent) == 1


async def test_a_window_that_the_centre_told_of_holds_calls_back_until_it_is_over(poller: Poller) -> None:
    start_ms, end_ms = poller.now_ms, poller.now_ms + 60 * MINUTE
    asked = DecisionThere(since_ms=start_ms - 2, step="requested", start_ms=start_ms, end_ms=end_ms)
    approved = structs.replace(asked, since_ms=start_ms - 1, step="approved")
    window = WindowThere(number=5, entity="site/s", decisions=(asked, approved))
    poller.work.listed(Centres(OpenIncidents(at_ms=start_ms, windows=(window,))), is_new=False)
    await poller.later(4)
    await poller.house.handle(changed("down", poller.now_ms))
    await poller.later(30)
    assert (poller.gate.state, poller.told()) == ("open", [])
    await poller.later(40)
    assert poller.told() == [("page", "achieng")]
