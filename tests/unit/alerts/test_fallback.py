"""Another way when one doesn't work: a breaker cuts a notifier off, and people are told by their next channel."""

from __future__ import annotations

import asyncio

from alerts.breaker import FAILURES, WELL
from alerts.notifiers._ports import Message, NotifyError
from alerts.pace import Pace
from noc.model.incident import Notice
from noc.state import outbox
from tests.unit.alerts.alerting import START_MS, House, Mailbox, changed, inventory, settings

PEOPLE = {"achieng": {"email": "a@example.org", "addresses": {"sms": "+254700000000"}}}
HOUR_MS = 3_600_000
BOTH = {"email": {}, "sms": {}}
POLICY = {"standard": {"steps": [{"notify": ["achieng"]}]}}


def away(_: Message) -> None:
    raise NotifyError("no connection")


def with_phone(house: House, mail: Mailbox) -> Mailbox:
    """Give the house's person a telephone, and return it."""
    phone = Mailbox()
    house.settings = settings(people=PEOPLE, notifiers=BOTH, policies=POLICY, default_policy="standard")
    house.notifiers = {"email": mail, "sms": phone}
    house.engine = house.new_engine()
    return phone


def test_a_breaker_opens_after_failures_in_a_row_and_lets_one_try() -> None:
    breaker = WELL
    for _ in range(FAILURES - 1):
        breaker = breaker.failed("no connection", 1_000)
        assert not breaker.is_open
    assert breaker.room(4, 0, 1_000) == 4
    breaker = breaker.failed("no connection", 1_000)
    assert (breaker.is_open, breaker.until_ms, breaker.why) == (True, 11_000, "no connection")
    assert [breaker.room(4, 0, 10_999), breaker.room(4, 0, 11_000), breaker.room(4, 1, 11_000)] == [0, 1, 0]
    waits = []
    for _ in range(5):
        breaker = breaker.failed("no connection", 0)
        waits.append(breaker.until_ms)
    assert waits == [20_000, 40_000, 60_000, 60_000, 60_000]


async def test_a_call_that_is_not_sent_in_time_goes_another_way_once(house: House) -> None:
    phone = with_phone(house, Mailbox(away))
    dispatch = house.new_dispatch()
    await house.handle(changed("down"))
    await house.send_all(dispatch)
    house.clock.stall(14)
    await house.send_all(dispatch)
    assert phone.got == []
    house.clock.stall(6)
    await house.send_all(dispatch)
    await house.send_all(dispatch)
    assert [(one.to, one.kind) for one in phone.got] == [("+254700000000", "page")]
    assert [(one.channel, one.state, one.instead_of) for one in await house.notices()] == [
        ("email", "dropped", None),
        ("sms", "sent", 1),
    ]
    said = [entry.facts for entry in await house.timeline() if entry.facts.get("why") == "fallback"]
    assert [(one["channel"], one["instead"], one["error"]) for one in said] == [("email", "sms", "no connection")]
    await house.handle(changed("up"))
    await house.send_all(dispatch)
    assert [one.kind for one in phone.got] == ["page", "resolved"]
    assert "another way failed" in phone.got[0].text


async def test_a_refusal_for_good_goes_another_way_at_once(house: House) -> None:
    def refuse(_: Message) -> None:
        raise NotifyError("no such mailbox", permanent=True)

    phone = with_phone(house, Mailbox(refuse))
    await house.handle(changed("down"))
    await house.send_all()
    assert len(phone.got) == 1
    assert [one.state for one in await house.notices()] == ["dead", "sent"]


async def test_behind_an_open_breaker_nobody_waits_and_all_go_on_when_it_works_again(house: House) -> None:
    mail = Mailbox(away)
    phone = with_phone(house, mail)
    house.inventory = inventory(*(str(number) for number in range(7)))
    dispatch = house.new_dispatch(Pace(concurrent=8))
    await house.handle(*(changed("down", entity=f"device/{number}") for number in range(5)))
    await house.send_all(dispatch)
    assert len(phone.got) == 5
    await house.handle(changed("down", entity="device/5"))
    await house.send_all(dispatch)
    assert (len(phone.got), dispatch.tally.fallbacks) == (6, 6)
    async with house.database.write() as connection:  # somebody who is not to be disturbed before the morning
        morning = Notice(0, "6-quiet", 6, 2, "achieng", "email", "escalation", START_MS, next_ms=START_MS + 8 * HOUR_MS)
        await outbox.put(connection, [morning])
    await house.send_all(dispatch)
    assert len(phone.got) == 6
    assert "no connection" in dispatch.failing
    async with house.database.read() as connection:
        assert await outbox.channels_due(connection, int(house.clock.now().timestamp() * 1000)) == []
    mail.takes = lambda _: None
    house.clock.stall(30)
    await house.handle(changed("down", entity="device/6"))
    await house.send_all(dispatch)
    assert [one.incident.entity for one in mail.got] == ["device/6"]
    assert dispatch.failing == ""


async def test_an_outcome_that_nobody_knows_is_sent_again_and_its_end_is_told(house: House) -> None:
    asked = asyncio.Event()

    async def hang(_: Message) -> None:
        asked.set()
        await asyncio.Event().wait()

    house.notifiers = {"email": Mailbox(hang)}
    dispatch = house.new_dispatch(Pace(timeout_s=10))
    await house.handle(changed("down"))
    await dispatch.work()
    await asked.wait()
    await house.clock.advance(10)
    async with asyncio.timeout(10):
        while dispatch.under_way:
            await asyncio.sleep(0.001)
    (notice,) = await house.notices()
    assert notice.state == "unknown"
    await house.engine.acknowledge(1, "berta")
    assert (await house.notices())[0].state == "dropped"
    house.notifiers = {"email": house.mailbox}
    await house.handle(changed("up"))
    await house.send_all()
    assert house.mailbox.told() == [("resolved", "achieng")]


async def test_who_was_told_another_way_is_reminded_by_that(house: House) -> None:
    phone = with_phone(house, Mailbox(away))
    policy = {"standard": {**POLICY["standard"], "reminder": "30m", "reminders": 2}}
    house.settings = settings(people=PEOPLE, notifiers=BOTH, policies=policy, default_policy="standard")
    house.engine = house.new_engine()
    dispatch = house.new_dispatch()
    await house.handle(changed("down"))
    for _ in range(4):
        await house.send_all(dispatch)
        house.clock.stall(10)
    assert [one.kind for one in phone.got] == ["page"]
    await house.later(30)
    await house.send_all(dispatch)
    assert [one.kind for one in phone.got] == ["page", "reminder"]
    await house.later(30)
    await house.send_all(dispatch)
    assert [one.kind for one in phone.got] == ["page", "reminder", "reminder"]


async def test_whose_own_way_works_again_is_reminded_by_that_alone(house: House) -> None:
    broken = [True]

    def answer(message: Message) -> None:
        if broken[0]:
            away(message)

    mail = Mailbox(answer)
    phone = with_phone(house, mail)
    steps = [{"notify": ["achieng"]}, {"after": "10m", "notify": ["achieng"]}]
    policy = {"standard": {"steps": steps, "reminder": "30m", "reminders": 1}}
    house.settings = settings(people=PEOPLE, notifiers=BOTH, policies=policy, default_policy="standard")
    house.engine = house.new_engine()
    dispatch = house.new_dispatch()
    await house.handle(changed("down"))
    for _ in range(4):
        await house.send_all(dispatch)
        house.clock.stall(10)
    broken[0] = False
    for _ in range(3):
        await house.later(10)
        await house.send_all(dispatch)
    assert [one.kind for one in phone.got] == ["page"]
    assert [one.kind for one in mail.got] == ["escalation", "reminder"]


async def test_another_way_that_may_have_told_goes_by_no_way_of_before(house: House) -> None:
    phone = with_phone(house, Mailbox(away))
    take, unanswered = phone.send, [1, 2, 3]

    async def taken_and_not_answered(message: Message) -> None:
        await take(message)
        if unanswered:
            unanswered.pop()
            raise NotifyError("no answer", unknown=True)

    phone.send = taken_and_not_answered  # type: ignore[method-assign]
    dispatch = house.new_dispatch()
    await house.handle(changed("down"))
    for _ in range(12):
        await house.send_all(dispatch)
        house.clock.stall(19)
        await house.engine.work()
    assert [one.channel for one in await house.notices()] == ["email", "sms"]
    assert [one.kind for one in phone.got] == ["page"] * 4
    assert len({one.key for one in phone.got}) == 1, "again under the key of the first"
