"""Major incidents: who hears how they stand, once of each update; when the next one is due. Priorities set by hand."""

from __future__ import annotations

import pytest

from alerts import desk
from alerts.due import overdue
from alerts.majorincidents import news
from noc.model.errors import UsageError
from noc.model.incident import Entry, Incident
from noc.state import incidents
from tests.unit.alerts.alerting import MINUTE, START_MS, House, changed, settings
from tests.unit.alerts.test_life import do

HOUR = 60 * MINUTE
SUBSCRIBED = {"notify": ["boss"], "update_every": "1h"}
PEOPLE = {
    "achieng": {"email": "achieng@example.org", "language": "fr"},
    "berta": {"email": "berta@example.org"},
    "boss": {"email": "boss@example.org", "language": "ar"},
}


@pytest.fixture
def subscribed(house: House) -> House:
    house.settings = settings(major_incidents=SUBSCRIBED, people=PEOPLE)
    house.engine = house.new_engine()
    return house


async def first(house: House) -> Incident:
    return (await house.incidents())[0]


async def say(house: House, text: str) -> None:
    await do(house, lambda connection, now_ms: desk.status_update(connection, 1, now_ms, "carla", text))


async def declare(house: House, *, is_major: bool = True) -> None:
    await do(house, lambda connection, now_ms: desk.major(connection, 1, now_ms, "carla", "", is_major=is_major))


async def told(house: House) -> list[tuple[str, str]]:
    """Return who is told of updates, by the outbox, in its order."""
    return [(one.kind, one.person) for one in await house.notices() if one.kind in ("update", "resolved")]


async def test_updates_reach_those_who_were_called_and_who_subscribed_once(subscribed: House) -> None:
    house = subscribed
    await house.handle(changed("down"))
    await say(house, "before it is a major incident, nobody else hears of it")
    assert await told(house) == []
    await declare(house)
    await say(house, "the carrier digs\nuntil noon")
    expected = [("update", "achieng"), ("update", "boss")] * 2
    assert await told(house) == expected
    await house.later(1)
    await house.restart()
    await house.engine.work()
    await house.send_all()
    assert await told(house) == expected
    sent = [one for one in house.mailbox.got if one.kind == "update"]
    assert len(sent) == len({one.key for one in sent}) == 4
    declared, second = [one for one in sent if one.to.startswith("achieng")]
    _, arabic = [one for one in sent if one.to.startswith("boss")]
    assert declared.text.startswith("carla")
    assert "the carrier digs until noon" in second.text.splitlines()[0]
    assert "the carrier digs" in second.short
    assert "#1" in second.short
    assert 'dir="rtl"' in arabic.html
    assert "carla" in arabic.text.splitlines()[0]


async def test_who_is_called_later_reads_the_newest_update(subscribed: House) -> None:
    await subscribed.handle(changed("down"))
    await declare(subscribed)
    await say(subscribed, "first word")
    await say(subscribed, "second word")
    await subscribed.later(15)
    await subscribed.send_all()
    (page,) = [one for one in subscribed.mailbox.got if one.kind == "escalation"]
    assert "second word" in page.text
    assert "first word" not in page.text
    await say(subscribed, "third word")
    assert (await told(subscribed))[-3:] == [("update", "achieng"), ("update", "berta"), ("update", "boss")]


async def test_a_subscriber_is_not_called_and_hears_of_the_end(subscribed: House) -> None:
    house = subscribed
    late = {"standard": {"steps": [{"after": "10m", "notify": ["berta"]}]}}
    house.settings = settings(major_incidents=SUBSCRIBED, people=PEOPLE, policies=late)
    house.engine = house.new_engine()
    await house.handle(changed("down"))
    await declare(house)
    await house.send_all()
    assert house.mailbox.told() == [("update", "boss")]
    await do(house, lambda connection, now_ms: desk.resolve(connection, 1, now_ms, "carla"))
    await house.send_all()
    assert house.mailbox.told() == [("update", "boss"), ("resolved", "boss")]


async def test_that_it_is_none_any_more_is_told_and_nothing_after(subscribed: House) -> None:
    subscribed.settings = settings(
        major_incidents=SUBSCRIBED, people={**PEOPLE, "boss": {"email": "boss@example.org", "language": "en"}}
    )
    subscribed.engine = subscribed.new_engine()
    await subscribed.handle(changed("down"))
    await declare(subscribed)
    await declare(subscribed, is_major=False)
    await say(subscribed, "for the timeline")
    await subscribed.send_all()
    assert await told(subscribed) == [("update", "achieng"), ("update", "boss")] * 2
    english = [one.text for one in subscribed.mailbox.got if one.to.startswith("boss")]
    assert "carla says that this is no major incident any more." in english[1]
    assert (await first(subscribed)).update_by_ms is None


async def test_what_was_said_yesterday_is_not_told_to_who_subscribes_today(house: House) -> None:
    house.settings = settings(
        policies={"none": {"steps": [{"after": "7d", "notify": ["berta"]}]}}, default_policy="none"
    )
    house.engine = house.new_engine()
    await house.handle(changed("down"))
    await declare(house)
    await house.later(25 * 60)
    house.settings = settings(major_incidents={"notify": ["achieng"]})
    house.engine = house.new_engine()
    await house.engine.work()
    assert await told(house) == []


async def test_an_update_that_is_late_is_marked_once(subscribed: House) -> None:
    house = subscribed
    await house.handle(changed("down"))
    await declare(house)
    assert (await first(house)).update_by_ms == START_MS + HOUR
    await house.later(59)
    assert "update" not in overdue(await first(house), START_MS + 59 * MINUTE)
    await house.later(1)
    await house.later(5)
    assert "update" in overdue(await first(house), START_MS + 65 * MINUTE)
    late = [entry.facts for entry in await house.timeline() if entry.facts.get("target") == "update"]
    assert [one["by_ms"] for one in late] == [START_MS + HOUR]
    await say(house, "still down")
    one = await first(house)
    assert (one.update_by_ms, overdue(one, START_MS + 65 * MINUTE)) == (START_MS + 125 * MINUTE, ("respond",))


async def test_a_priority_set_by_hand_stays_until_it_is_released(house: House) -> None:
    await house.handle(changed("down"))
    before = await first(house)
    assert before.priority == 2
    await do(house, lambda connection, now_ms: desk.prioritise(connection, 1, now_ms, "carla", 4, "a spare one"))
    one = await first(house)
    assert (one.priority, one.priority_by) == (4, "carla")
    assert (one.respond_by_ms, one.restore_by_ms) == (START_MS + 8 * HOUR, START_MS + 120 * HOUR)
    await house.handle(changed("down", entity="site/s", before="up"))
    assert (await first(house)).priority == 4
    await do(house, lambda connection, now_ms: desk.release_priority(connection, 1, now_ms, "berta"))
    released = await first(house)
    assert released.priority_by is None
    assert released.priority == house.settings.matrix.priority("critical", released.impact)
    assert released.respond_by_ms is not None
    assert released.respond_by_ms < one.respond_by_ms
    said = [(entry.who, entry.facts.get("why")) for entry in await house.timeline() if entry.kind == "priority"]
    assert said[1:3] == [("carla", "by_hand"), ("berta", "released")]


async def test_a_priority_needs_a_reason_and_is_one_of_five(house: House) -> None:
    await house.handle(changed("down"))
    for number, note in ((0, "why"), (6, "why"), (1, " ")):
        with pytest.raises(UsageError):
            await do(
                house, lambda connection, now_ms, n=number, t=note: desk.prioritise(connection, 1, now_ms, "x", n, t)
            )
    assert not await do(house, lambda connection, now_ms: desk.release_priority(connection, 1, now_ms, "x"))
    assert (await first(house)).priority_by is None


def test_news_are_what_was_said_while_it_was_a_major_incident() -> None:
    def line(kind: str, word: str) -> Entry:
        return Entry(1, 0, kind, "carla", {"is": word, "text": word})  # type: ignore[arg-type]

    lines = [line("update", "a"), line("major", "major"), line("update", "b"), line("note", "c")]
    lines += [line("major", "not major"), line("update", "d"), line("major", "major")]
    assert [(n, entry.facts["text"]) for n, entry in news(lines)] == [
        (1, "major"),
        (2, "b"),
        (3, "not major"),
        (4, "major"),
    ]


async def test_an_update_of_one_that_is_over_is_told_too(subscribed: House) -> None:
    await subscribed.handle(changed("down"))
    await declare(subscribed)
    await subscribed.send_all()
    await do(subscribed, lambda connection, now_ms: desk.resolve(connection, 1, now_ms, "carla"))
    await subscribed.send_all()
    await say(subscribed, "it was a fibre")
    async with subscribed.database.read() as connection:
        one = await incidents.get(connection, 1)
    assert one is not None
    assert one.update_by_ms is None
    assert [kind for kind, _ in await told(subscribed)] == ["update"] * 2 + ["resolved"] * 2 + ["update"] * 2
