"""Dispatch: claimed, sent, marked; what fails is tried again, what is refused for good is told, nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from alerts.dispatch import STOP_PATIENCE_S, Dispatch
from alerts.notifiers._ports import Message, NotifyError
from alerts.pace import Pace
from noc.clock import settle
from noc.model.incident import Notice
from noc.state import outbox
from tests.unit.alerts.alerting import MINUTE, START_MS, House, Mailbox, changed, settings


async def until(met: Callable[[], bool]) -> None:
    """Let the database's thread work until something has happened."""
    async with asyncio.timeout(10):
        while not met():
            await asyncio.sleep(0.001)


def refusing(permanent: bool, times: int = 10**9) -> Mailbox:
    """A mailbox that refuses its first messages."""
    left = [times]

    def answer(_: Message) -> None:
        if left[0] > 0:
            left[0] -= 1
            raise NotifyError("no such mailbox" if permanent else "no connection", permanent=permanent)

    return Mailbox(answer)


async def test_a_page_reaches_its_person_with_all_that_ties_it_together(house: House) -> None:
    await house.handle(changed("down"))
    await house.send_all()
    (message,) = house.mailbox.got
    (notice,) = await house.notices()
    assert (message.key, message.thread) == (notice.key, notice.key)
    assert (message.to, message.name) == ("achieng@example.org", "Achieng Odhiambo")
    assert "a is down at Nairobi, Africa" in message.subject
    assert "https://noc.example.org/incidents/1" in message.text
    assert (notice.state, notice.attempts, notice.sent_ms) == ("sent", 1, START_MS)
    entry = (await house.timeline())[-1]
    assert (entry.kind, entry.facts["person"], entry.facts["channel"]) == ("notified", "achieng", "email")
    await house.handle(changed("up"))
    await house.send_all()
    assert house.mailbox.got[1].thread == notice.key
    assert house.mailbox.told() == [("page", "achieng"), ("resolved", "achieng")]


async def test_what_fails_for_now_is_tried_again_later_and_later_and_under_the_same_key(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.notifiers = {"email": refusing(permanent=False, times=8)}
    dispatch = house.new_dispatch()
    await house.handle(changed("down"))
    waits = []
    while (await house.calls())[0][2] == "queued":
        await house.send_all(dispatch)
        (notice,) = await house.notices()
        waits.append((notice.next_ms - now_ms(house)) // 1000)
        house.clock.stall(max(waits[-1], 0))
        if len(waits) < 9:
            assert "no connection" in dispatch.failing
    assert waits[:8] == [2, 4, 8, 16, 32, 60, 60, 60]
    assert dispatch.failing == ""
    assert caplog.text.count("no connection") == 1
    assert "works again" in caplog.text
    tally = dispatch.tally
    assert (tally.claimed, tally.sent, tally.failed) == (9, 1, 8)


def now_ms(house: House) -> int:
    return int(house.clock.now().timestamp() * 1000)


async def test_what_is_refused_for_good_is_not_tried_again_and_escalation_goes_on(house: House) -> None:
    house.notifiers = {"email": refusing(permanent=True, times=1)}
    dispatch = house.new_dispatch()
    await house.handle(changed("down"))
    await house.send_all(dispatch)
    assert await house.calls() == [("page", "achieng", "dead")]
    entry = (await house.timeline())[-1]
    assert (entry.kind, entry.facts["error"]) == ("undelivered", "no such mailbox")
    await house.engine.work()
    await house.send_all(dispatch)
    assert await house.calls() == [("page", "achieng", "dead"), ("escalation", "berta", "sent")]
    await house.handle(changed("up"))
    await house.send_all(dispatch)
    assert (await house.calls())[2:] == [("resolved", "berta", "sent")]


async def test_a_bound_of_attempts_ends_in_the_timeline(house: House) -> None:
    house.notifiers = {"email": refusing(permanent=False)}
    dispatch = house.new_dispatch(Pace(attempts=3))
    await house.handle(changed("down"))
    for _ in range(5):
        await house.send_all(dispatch)
        house.clock.stall(60)
    assert await house.calls() == [("page", "achieng", "dead")]
    assert (await house.notices())[0].attempts == 3
    assert (await house.timeline())[-1].kind == "undelivered"


async def test_a_notice_that_kills_the_sender_each_time_does_not_do_so_for_ever(house: House) -> None:
    await house.handle(changed("down"))
    for _ in range(3):
        async with house.database.write() as connection:
            await outbox.claim(connection, "email", now_ms(house), now_ms(house) + 1000, 10)
        house.clock.stall(1)
    await house.send_all(house.new_dispatch(Pace(attempts=3)))
    assert await house.calls() == [("page", "achieng", "dead")]
    assert house.mailbox.got == []


async def test_a_claim_of_a_dead_process_is_taken_over_after_its_time_with_the_same_key(house: House) -> None:
    await house.handle(changed("down"))
    pace = Pace(timeout_s=20, margin_s=10)
    stuck = Mailbox(lambda _: asyncio.Event().wait())
    house.notifiers = {"email": stuck}
    dying = house.new_dispatch(pace)
    await dying.work()
    (task,) = dying._running.values()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    house.notifiers = {"email": house.mailbox}
    await house.restart()
    house.clock.stall(29.9)
    await house.send_all(house.new_dispatch(pace))
    assert house.mailbox.got == []
    house.clock.stall(0.1)
    await house.send_all(house.new_dispatch(pace))
    assert [message.key for message in house.mailbox.got] == [(await house.notices())[0].key]


async def test_a_notifier_that_hangs_is_cut_off_and_does_not_hold_up_another(house: House) -> None:
    house.settings = settings(
        people={"achieng": {"email": "a@example.org", "addresses": {"sms": "+254700000000"}}},
        notifiers={"email": {}, "sms": {}},
        policies={"standard": {"steps": [{"notify": ["achieng"], "by": ["email", "sms"]}]}},
    )
    phone = Mailbox()
    house.notifiers = {"email": Mailbox(lambda _: asyncio.Event().wait()), "sms": phone}
    house.engine = house.new_engine()
    await house.handle(*(changed("down", entity=f"device/{name}") for name in "ab"))
    dispatch = house.new_dispatch(Pace(concurrent=1, timeout_s=10))
    await dispatch.work()
    await until(lambda: phone.got != [] and dispatch.under_way == 1)
    await dispatch.work()
    await until(lambda: len(phone.got) == 2 and dispatch.under_way == 1)
    assert [message.to for message in phone.got] == ["+254700000000"] * 2
    await house.clock.advance(10)
    await until(lambda: dispatch.under_way == 0)
    assert "took longer than 10 s" in dispatch.failing


async def test_no_more_than_so_many_at_once(house: House) -> None:
    doors = asyncio.Event()
    at_once: list[int] = []

    async def wait(_: Message) -> None:
        at_once.append(dispatch.under_way)
        await doors.wait()

    house.notifiers = {"email": Mailbox(wait)}
    dispatch = house.new_dispatch(Pace(concurrent=3))
    house.inventory = house.inventory.__class__(
        house.inventory.regions,
        house.inventory.sites,
        {str(number): house.inventory.devices["a"] for number in range(8)},
    )
    await house.handle(*(changed("down", entity=f"device/{number}") for number in range(8)))
    await dispatch.work()
    await until(lambda: len(at_once) == 3)
    await dispatch.work()
    await settle()
    assert dispatch.under_way == 3
    doors.set()
    await until(lambda: dispatch.under_way == 0)
    await house.send_all(dispatch)
    assert (max(at_once), dispatch.tally.sent) == (3, 8)


async def test_a_fault_in_a_notifier_is_logged_and_the_notice_is_tried_again(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(_: Message) -> None:
        raise ZeroDivisionError

    house.notifiers = {"email": Mailbox(break_down)}
    dispatch = house.new_dispatch(Pace(timeout_s=20, margin_s=10))
    await house.handle(changed("down"))
    await house.send_all(dispatch)
    assert dispatch.tally.faults == 1
    assert "a fault in noc or its notifier" in caplog.text
    house.notifiers = {"email": house.mailbox}
    house.clock.stall(30)
    await house.send_all()
    assert house.mailbox.told() == [("page", "achieng")]


async def test_people_and_notifiers_that_are_gone_are_told_as_such(house: House) -> None:
    await house.handle(changed("down"), changed("down", entity="device/b"))
    house.notifiers = {}
    await house.send_all()
    assert (await house.notices())[0].error == "there is no notifier 'email' any more"
    await house.later(16)
    house.notifiers = {"email": house.mailbox}
    house.settings = settings(people={})
    await house.send_all()
    assert (await house.notices())[-1].error == "person 'berta' is gone, or has no address any more"


async def test_who_was_not_told_of_the_beginning_is_not_told_of_the_end(house: House) -> None:
    await house.handle(changed("down"), changed("up"))
    assert await house.calls() == [("page", "achieng", "queued"), ("resolved", "achieng", "queued")]
    house.notifiers = {"email": refusing(permanent=True, times=1)}
    await house.send_all()
    assert await house.calls() == [("page", "achieng", "dead"), ("resolved", "achieng", "dropped")]


async def test_who_may_have_been_told_of_the_beginning_is_told_of_the_end(house: House) -> None:
    """noc dies with an escalation on its way, the device comes back: berta isn't called again, and hears of the end."""
    await house.handle(changed("down"))
    await house.send_all()
    await house.later(15)
    async with house.database.write() as connection:
        await outbox.claim(connection, "email", now_ms(house), now_ms(house) + 1000, 10)
    await house.restart()
    await house.handle(changed("up"))
    house.clock.stall(1)
    await house.send_all()
    assert await house.calls() == [
        ("page", "achieng", "sent"),
        ("escalation", "berta", "dropped"),
        ("resolved", "achieng", "sent"),
        ("resolved", "berta", "sent"),
    ]


async def test_who_was_certainly_not_told_is_not_told_of_the_end_after_an_acknowledge(house: House) -> None:
    house.notifiers = {"email": refusing(permanent=False, times=1)}
    await house.handle(changed("down"))
    await house.send_all()
    await house.engine.acknowledge(1, "berta")
    await house.handle(changed("up"))
    house.clock.stall(60)
    await house.send_all()
    assert await house.calls() == [("page", "achieng", "dropped")]


async def test_a_page_that_was_late_says_that_it_is_over_and_comes_before_the_end(house: House) -> None:
    await house.handle(changed("down"), changed("up", START_MS + MINUTE))
    await house.send_all()
    page, over = house.mailbox.got
    assert (page.kind, over.kind) == ("page", "resolved")
    assert "over already" in page.text


async def test_an_outcome_that_can_not_be_written_down_is_not_forgotten(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """The mail is out and the disk is full: noc must not send it again when there is room."""

    async def lose_the_database(_: Message) -> None:
        await house.database.stop()

    box = Mailbox(lose_the_database)
    house.notifiers = {"email": box}
    dispatch = house.new_dispatch(Pace(timeout_s=5, margin_s=1))
    await house.handle(changed("down"))
    await dispatch.work()
    await until(lambda: "can't be written down" in caplog.text)
    await house.database.start()
    await house.clock.advance(60)
    await until(lambda: dispatch.under_way == 0)
    await house.send_all(dispatch)
    assert len(box.got) == 1
    assert await house.calls() == [("page", "achieng", "sent")]


async def test_stop_lets_what_is_under_way_end_and_cuts_off_the_rest(house: House) -> None:
    doors = asyncio.Event()
    slow = Mailbox(lambda message: doors.wait() if "b is down" in message.subject else asyncio.sleep(0))
    house.notifiers = {"email": slow}
    dispatch = house.new_dispatch()
    await house.handle(changed("down"), changed("down", entity="device/b"))
    await dispatch.start()
    await until(lambda: dispatch.tally.sent == 1)
    stopping = asyncio.create_task(dispatch.stop())
    async with asyncio.timeout(10):
        while not stopping.done():
            await house.clock.advance(STOP_PATIENCE_S)
            await asyncio.sleep(0.001)  # the database's thread works in real time
    await stopping
    assert await house.calls() == [("page", "achieng", "sent")]
    assert await house.calls(2) == [("page", "achieng", "claimed")]


async def test_the_service_is_woken_by_what_is_new_and_by_what_falls_due(house: House) -> None:
    house.notifiers = {"email": refusing(permanent=False, times=2)}
    dispatch = house.new_dispatch()
    await dispatch.start()
    await house.handle(changed("down"))
    dispatch.wake()
    await until(lambda: dispatch.tally.failed == 1)
    await advance_until(house, dispatch, lambda: dispatch.tally.sent == 1)
    await dispatch.stop()
    assert now_ms(house) - START_MS <= 30_000
    assert dispatch.tally.claimed == 3


async def advance_until(house: House, dispatch: Dispatch, met: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not met():
            if not dispatch.under_way:
                await house.clock.advance(0.5)
            await asyncio.sleep(0.001)


async def test_while_the_outbox_can_not_be_read_it_says_so_and_goes_on_after(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.handle(changed("down"))
    await house.database.stop()
    dispatch = house.new_dispatch()
    await dispatch.start()
    await until(lambda: dispatch.failing != "")
    await house.database.start()
    await advance_until(house, dispatch, lambda: dispatch.tally.sent == 1)
    await until(lambda: dispatch.failing == "")
    await dispatch.stop()
    assert caplog.text.count("nobody can be told") == 1


def test_waits_grow_to_a_bound() -> None:
    pace = Pace()
    assert [pace.wait_s(number) for number in (1, 2, 6, 7, 10**6)] == [2, 4, 60, 60, 60]


async def test_reminders_do_not_pile_up_behind_a_page_that_can_not_get_out(house: House) -> None:
    house.notifiers = {"email": refusing(permanent=False)}
    dispatch = house.new_dispatch()
    await house.handle(changed("down"))
    for _ in range(5):
        await house.send_all(dispatch)
        await house.later(31)
    kinds = [(notice.kind, notice.person) for notice in await house.notices()]
    assert kinds == [("page", "achieng"), ("escalation", "berta")]
    assert all(isinstance(notice, Notice) and notice.state == "queued" for notice in await house.notices())
