"""Sessions and tokens: how long they last, and that who is shut out is out within seconds, wherever that was done."""

from __future__ import annotations

from datetime import timedelta

from noc.access.callers import REMEMBERED_S, Callers, digest_of
from noc.clock import ManualClock
from noc.model.account import Account
from noc.state import accounts, apitokens, sessions
from noc.state.database import Database

DAY_S = 24 * 3600


async def account(database: Database, name: str = "achieng") -> Account:
    async with database.write() as connection:
        return await accounts.add(connection, name, name.title(), "operator", None, by="root", now_ms=1)


async def test_a_session_is_kept_as_a_digest(callers: Callers, database: Database) -> None:
    secret = await callers.open(await account(database), "Achieng", address="192.0.2.7", agent="x" * 1000)
    found = await callers.of_session(secret)
    assert found is not None
    assert found.account is not None
    assert (found.session.who, found.account.name, len(found.session.agent)) == ("Achieng", "achieng", 300)
    assert len(found.session.csrf) >= 43
    assert secret not in repr(found)
    async with database.read() as connection:
        kept = await sessions.all_of(connection, 10)
    assert [one.digest for one in kept] == [digest_of(secret)]
    assert await callers.of_session(secret + "x") is None


async def test_a_session_survives_a_restart(callers: Callers, database: Database, clock: ManualClock) -> None:
    secret = await callers.open(None, "operator")
    again = Callers(database, clock, timedelta(hours=12), timedelta(days=7))
    assert await again.of_session(secret) is not None


async def test_it_ends_unused_and_after_a_week_in_any_case(callers: Callers, clock: ManualClock) -> None:
    idle, used = await callers.open(None, "a"), await callers.open(None, "b")
    for _ in range(2):
        await clock.advance(6 * 3600)
        assert await callers.of_session(used) is not None
    assert await callers.of_session(idle) is None
    for _ in range(13):
        await clock.advance(11 * 3600)
        assert await callers.of_session(used) is not None
    await clock.advance(11 * 3600 + 3600)
    await clock.advance(12 * 3600)
    assert await callers.of_session(used) is None


async def test_who_is_shut_out_elsewhere_is_out_in_seconds(
    callers: Callers, database: Database, clock: ManualClock
) -> None:
    who = await account(database)
    ended, disabled = await callers.open(who, "Achieng"), await callers.open(who, "Achieng")
    assert await callers.of_session(ended) is not None
    assert await callers.of_session(disabled) is not None
    async with database.write() as connection:  # as another process would
        await sessions.end(connection, digest_of(ended))
        await accounts.change(connection, who.id, disabled_ms=1)
    await clock.advance(REMEMBERED_S)
    assert await callers.of_session(ended) is None
    assert await callers.of_session(disabled) is None


async def test_a_token_of_a_script_ends_when_it_should(
    callers: Callers, database: Database, clock: ManualClock
) -> None:
    until_ms = round((clock.now().timestamp() + DAY_S) * 1000)
    async with database.write() as connection:
        for name, expires_ms in (("short", until_ms), ("long", None)):
            digest = digest_of(f"secret of {name}")
            await apitokens.add(connection, name, digest, "viewer", None, expires_ms=expires_ms, by="root", now_ms=1)
    assert await callers.of_token("secret of short") is not None
    await clock.advance(DAY_S)
    assert await callers.of_token("secret of short") is None
    found = await callers.of_token("secret of long")
    assert found is not None
    async with database.write() as connection:
        assert await apitokens.revoke(connection, "long", 5)
    await clock.advance(REMEMBERED_S)
    assert await callers.of_token("secret of long") is None
    assert await callers.of_token("no secret") is None
