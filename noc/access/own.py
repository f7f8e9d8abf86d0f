"""What people do with their own accounts: how they read, codes of their phones, where they are logged in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from zoneinfo import available_timezones

from noc.access.callers import Callers
from noc.access.people import Acting, People
from noc.clock import Clock
from noc.model.account import Account
from noc.model.errors import UsageError
from noc.model.instants import to_ms
from noc.state import accounts, auditlog, sessions
from noc.state.auditlog import Done
from noc.state.database import Database, Transaction
from noc.state.sessions import Session

LANGUAGE_AT_MOST: Final = 10
_SECRET: Final = re.compile(r"[A-Z2-7]{32}")
_KEY_LETTERS: Final = 16


@dataclass(frozen=True, slots=True)
class Seat:
    """A session, as its person sees it. key: names it in forms, and opens nothing. is_this: the one that looks."""

    key: str
    session: Session
    is_this: bool


class Own:
    """What somebody does with what is theirs. Who was looked up before is looked up anew after each change."""

    def __init__(self, database: Database, clock: Clock, people: People, callers: Callers) -> None:
        self._database = database
        self._clock = clock
        self._people = people
        self._callers = callers

    async def prefer(self, account: Account, *, language: str | None = None, zone: str | None = None) -> None:
        """Keep how somebody reads. language: a tag; zone: an IANA name; empty: as before they said, None: as it is.

        Raises UsageError where there is no such zone, StateError.
        """
        if zone and zone not in zones():
            raise UsageError(f"'{zone[:60]}' is no time zone; write one such as Africa/Nairobi")
        given = {"language": None if language is None else language[:LANGUAGE_AT_MOST], "zone": zone}
        values = {key: value for key, value in given.items() if value is not None}
        if not values:
            return
        async with self._database.write() as connection:
            await accounts.change(connection, account.id, **values)
        self._callers.forget()

    async def choose(self, account: Account, before: str, password: str, keep: bytes, by: Acting) -> None:
        """Change the password; other sessions end. Raises UsageError, StateError."""
        await self._people.choose(account.id, before, password, keep, by)
        self._callers.forget()

    def new_code(self) -> str:
        """Return a secret for codes of a phone, which is in use once a code of it was told."""
        return self._people.new_code()

    async def take_code(self, account: Account, secret: str, code: str, keep: bytes, by: Acting) -> None:
        """Begin to ask for codes of a phone; other sessions end. Raises UsageError, StateError."""
        if _SECRET.fullmatch(secret) is None:
            raise UsageError("this is no secret that noc made; begin anew")
        await self._people.take_code(account.id, secret, code, keep, by)
        self._callers.forget()

    async def drop_code(self, account: Account, password: str, code: str, keep: bytes, by: Acting) -> None:
        """Ask for codes no more; other sessions end. Raises UsageError where password or code is wrong, StateError."""
        if await self._people.by_password(account.name, password, code) is None:
            raise UsageError("password or code is wrong")
        async with self._database.write() as connection:
            await accounts.change(connection, account.id, totp=None)
            await sessions.end_all(connection, account.id, keep)
            await self._record(connection, by, "one-time codes taken away", account)
        self._callers.forget()

    async def seats(self, account: Account, this: bytes) -> list[Seat]:
        """Return where somebody is logged in, the last used first; those whose time is over too, until they are swept.

        Raises StateError.
        """
        async with self._database.read() as connection:
            found = await sessions.of_account(connection, account.id)
        return [Seat(key_of(one), one, one.digest == this) for one in found]

    async def end(self, account: Account, key: str, by: Acting) -> bool:
        """End a session of one's own; False: there is none. Raises StateError."""
        async with self._database.write() as connection:
            found = [one for one in await sessions.of_account(connection, account.id) if key_of(one) == key]
            for one in found:
                await sessions.end(connection, one.digest)
                await self._record(connection, by, "session ended", account, session=key)
        self._callers.forget()
        return bool(found)

    async def end_others(self, account: Account, this: bytes, by: Acting) -> int:
        """End all sessions of one's own but this one; return how many. Raises StateError."""
        async with self._database.write() as connection:
            number = await sessions.end_all(connection, account.id, this)
            await self._record(connection, by, "other sessions ended", account, sessions=number)
        self._callers.forget()
        return number

    async def _record(self, connection: Transaction, by: Acting, what: str, whose: Account, **more: str | int) -> None:
        detail: dict[str, str | int | None] = {"account": whose.name, **more}
        now_ms = to_ms(self._clock.now())
        done = Done(now_ms, by.who, by.role, by.way, what, 0, by.address, detail)
        await auditlog.append(connection, done)


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """Return the names of all time zones."""
    return frozenset(available_timezones())


def key_of(one: Session) -> str:
    """Return the name of a session in forms: some of its digest, which is no secret, and opens nothing."""
    return one.digest.hex()[:_KEY_LETTERS]
