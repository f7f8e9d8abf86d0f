"""The outbox: claimed for a time, one after the other, under one key; what nobody needs any more is dropped."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.exc import IntegrityError

from noc.model.incident import Notice, NoticeKind
from noc.state import incidents, outbox
from noc.state.database import Database, Transaction
from noc.state.incidents import Opening


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[Transaction]:
    """A transaction of a database with two incidents."""
    async with database.write() as connection:
        for entity in ("device/a", "device/b"):
            opening = Opening(entity, "device-down", "status", "critical", "standard", 1, 2, {})
            await incidents.insert(connection, opening)
        yield connection


def draft(
    key: str, incident: int = 1, person: str = "achieng", kind: NoticeKind = "page", channel: str = "email"
) -> Notice:
    return Notice(0, key, incident, 1, person, channel, kind, 10, next_ms=10)


async def claimed(connection: Transaction, now_ms: int, limit: int = 10, but: tuple[int, ...] = ()) -> list[str]:
    return [notice.key for notice in await outbox.claim(connection, "email", now_ms, now_ms + 100, limit, but)]


async def states(connection: Transaction, incident: int = 1) -> dict[str, str]:
    return {notice.key: notice.state for notice in await outbox.of_incident(connection, incident)}


async def test_a_key_is_written_once(connection: Transaction) -> None:
    await outbox.put(connection, [draft("k")])
    with pytest.raises(IntegrityError):
        await outbox.put(connection, [draft("k", person="berta")])


async def test_a_notice_is_claimed_once_until_its_time_has_passed(connection: Transaction) -> None:
    await outbox.put(connection, [draft("k")])
    assert await claimed(connection, 9) == []
    (notice,) = await outbox.claim(connection, "email", 10, 110, 10)
    assert (notice.key, notice.state, notice.attempts) == ("k", "claimed", 1)
    assert await outbox.next_due_ms(connection, 10) == 110
    assert await outbox.next_due_ms(connection, 110) is None
    assert await claimed(connection, 109) == []
    assert await claimed(connection, 110, but=(notice.id,)) == []
    assert await claimed(connection, 110) == ["k"]
    again = await outbox.get(connection, notice.id)
    assert again is not None
    assert (again.attempts, again.key) == (2, "k")


async def test_channels_and_limits_are_kept_apart(connection: Transaction) -> None:
    await outbox.put(connection, [draft("a"), draft("b", person="berta"), draft("c", channel="sms")])
    assert await outbox.channels_due(connection, 9) == []
    assert await outbox.channels_due(connection, 10) == ["email", "sms"]
    assert await claimed(connection, 10, limit=1) == ["a"]
    assert await claimed(connection, 10) == ["b"]
    assert await outbox.channels_due(connection, 10) == ["sms"]


async def test_a_persons_notices_of_one_incident_go_one_after_the_other(connection: Transaction) -> None:
    drafts = [draft("page"), draft("other", incident=2), draft("over", kind="resolved"), draft("b", person="berta")]
    await outbox.put(connection, drafts)
    page, other, berta = await outbox.claim(connection, "email", 10, 110, 10)
    assert [page.key, other.key, berta.key] == ["page", "other", "b"]
    assert await claimed(connection, 20) == []
    await outbox.mark_failed(connection, page.id, "no connection", 60)
    assert await claimed(connection, 59) == []
    assert await claimed(connection, 60) == ["page"]
    await outbox.mark_sent(connection, page.id, 61)
    assert await claimed(connection, 61) == ["over"]


async def test_who_can_still_do_something_is_told_first(connection: Transaction) -> None:
    await outbox.put(connection, [draft("over", kind="resolved"), draft("page", incident=2)])
    assert await claimed(connection, 10, limit=1) == ["page"]
    assert await claimed(connection, 10) == ["over"]


async def test_outcomes_are_kept(connection: Transaction) -> None:
    await outbox.put(connection, [draft("a"), draft("b", person="berta"), draft("c", person="chen")])
    one, two, three = await outbox.claim(connection, "email", 10, 110, 10)
    await outbox.mark_sent(connection, one.id, 11)
    await outbox.mark_failed(connection, two.id, "x" * 5000, 50)
    await outbox.mark_dead(connection, three.id, "no such mailbox")
    found = {notice.key: notice for notice in await outbox.of_incident(connection, 1)}
    assert (found["a"].state, found["a"].sent_ms, found["a"].error) == ("sent", 11, None)
    assert (found["b"].state, found["b"].next_ms, len(found["b"].error or "")) == ("queued", 50, 1000)
    assert (found["c"].state, found["c"].error) == ("dead", "no such mailbox")
    assert await outbox.counts(connection) == {"sent": 1, "queued": 1, "dead": 1}
    assert await claimed(connection, 10_000) == ["b"]


async def test_calls_of_an_acknowledged_incident_are_dropped(connection: Transaction) -> None:
    kinds: tuple[NoticeKind, ...] = ("page", "reminder", "escalation", "resolved")
    await outbox.put(connection, [draft(kind, person=kind, kind=kind) for kind in kinds])
    await outbox.put(connection, [draft("other", incident=2)])
    assert await outbox.drop_calls(connection, 10) == []
    await incidents.acknowledge(connection, 1, 10, "achieng")
    assert [notice.key for notice in await outbox.drop_calls(connection, 10)] == ["page", "reminder", "escalation"]
    assert await claimed(connection, 10) == ["resolved", "other"]


async def test_the_first_page_of_a_resolved_incident_still_goes_out(connection: Transaction) -> None:
    kinds: tuple[NoticeKind, ...] = ("page", "reminder", "escalation", "resolved")
    await outbox.put(connection, [draft(kind, person=kind, kind=kind) for kind in kinds])
    await incidents.resolve(connection, 1, 10, None)
    assert [notice.key for notice in await outbox.drop_calls(connection, 10)] == ["reminder", "escalation"]
    assert await claimed(connection, 10) == ["page", "resolved"]


async def test_what_is_on_its_way_is_not_dropped_but_an_old_claim_is(connection: Transaction) -> None:
    await outbox.put(connection, [draft("k")])
    assert await claimed(connection, 10) == ["k"]
    await incidents.acknowledge(connection, 1, 20, "achieng")
    assert await outbox.drop_calls(connection, 109) == []
    assert [notice.key for notice in await outbox.drop_calls(connection, 110)] == ["k"]
    assert await claimed(connection, 1_000) == []


async def test_one_that_was_sent_is_not_dropped(connection: Transaction) -> None:
    await outbox.put(connection, [draft("a"), draft("b", person="berta")])
    first, second = await outbox.claim(connection, "email", 10, 110, 10)
    await outbox.mark_sent(connection, first.id, 11)
    for notice in (first, second):
        await outbox.drop(connection, notice.id)
    assert await states(connection) == {"a": "sent", "b": "dropped"}
