"""Sessions and tokens: from what a browser or a script holds to whose it is.

What was looked up is remembered for some seconds, so that a page with twenty requests asks the database once, and who
is shut out in another process is out in as many seconds. When a session was used is written down once a minute.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import Final, Generic, TypeVar

from noc.clock import Clock
from noc.model.account import Account, ApiToken
from noc.model.instants import length_ms, to_ms
from noc.state import accounts, apitokens, sessions
from noc.state.database import Database
from noc.state.sessions import Session

REMEMBERED_S: Final = 5.0
REMEMBERED_AT_MOST: Final = 2_000
WRITTEN_EVERY_MS: Final = 60_000
SESSIONS_AT_MOST: Final = 5_000
LONGEST_SECRET: Final = 200
AGENT_AT_MOST: Final = 300

_Known = TypeVar("_Known")


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Whose session it is. account: None for who came by the token that noc announces."""

    session: Session
    account: Account | None


@dataclass(slots=True)
class _Kept(Generic[_Known]):
    known: _Known
    until_s: float


class _Remembered(Generic[_Known]):
    """The newest of what was looked up, for some seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[bytes, _Kept[_Known]] = OrderedDict()

    def get(self, digest: bytes) -> _Known | None:
        kept = self._kept.get(digest)
        return None if kept is None or kept.until_s <= self._clock.monotonic() else kept.known

    def put(self, digest: bytes, known: _Known) -> None:
        self._kept[digest] = _Kept(known, self._clock.monotonic() + REMEMBERED_S)
        self._kept.move_to_end(digest)
        if len(self._kept) > REMEMBERED_AT_MOST:
            self._kept.popitem(last=False)

    def forget(self, digest: bytes) -> None:
        self._kept.pop(digest, None)

    def clear(self) -> None:
        self._kept.clear()


class Callers:
    """Finds whose secrets are. idle: a session ends when it wasn't used for so long; at_most: in any case."""

    def __init__(self, database: Database, clock: Clock, idle: timedelta, at_most: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._idle_ms = length_ms(idle)
        self._at_most_ms = length_ms(at_most)
        self._sessions: _Remembered[LoggedIn] = _Remembered(clock)
        self._tokens: _Remembered[ApiToken] = _Remembered(clock)

    async def open(
        self, account: Account | None, who: str, *, address: str = "", agent: str = "", strong: bool = False
    ) -> str:
        """Begin a session and return the secret for its cookie. Raises StateError."""
        secret, now_ms = secrets.token_urlsafe(32), self._now_ms()
        number, csrf = None if account is None else account.id, secrets.token_urlsafe(32)
        seen = Session(digest_of(secret), number, who, csrf, now_ms, now_ms, address, agent[:AGENT_AT_MOST], strong)
        async with self._database.write() as connection:
            await sessions.sweep(connection, now_ms - self._idle_ms, now_ms - self._at_most_ms)
            await sessions.put(connection, seen, SESSIONS_AT_MOST)
            if account is not None:
                await accounts.change(connection, account.id, seen_ms=now_ms)
        return secret

    async def of_session(self, secret: str) -> LoggedIn | None:
        """Return whose session this is, and count it as used; None: it is over, or there is none. Raises StateError."""
        digest, now_ms = digest_of(secret), self._now_ms()
        found = self._sessions.get(digest) or await self._looked_up(digest)
        if found is None:
            return None
        session = found.session
        if now_ms - session.seen_ms >= self._idle_ms or now_ms - session.begun_ms >= self._at_most_ms:
            await self.close(secret)
            return None
        if now_ms - session.seen_ms >= min(WRITTEN_EVERY_MS, self._idle_ms // 4):
            found = replace(found, session=replace(session, seen_ms=now_ms))
            async with self._database.write() as connection:
                await sessions.touch(connection, {digest: now_ms})
            self._sessions.put(digest, found)
        return found

    async def of_token(self, secret: str) -> ApiToken | None:
        """Return whose token this is; None: it is over, or there is none. Raises StateError."""
        digest, now_ms = digest_of(secret), self._now_ms()
        found = self._tokens.get(digest)
        if found is None:
            async with self._database.read() as connection:
                found = await apitokens.by_digest(connection, digest)
            if found is None:
                return None
            self._tokens.put(digest, found)
        if found.revoked_ms is not None or (found.expires_ms is not None and found.expires_ms <= now_ms):
            return None
        if found.seen_ms is None or now_ms - found.seen_ms >= WRITTEN_EVERY_MS:
            async with self._database.write() as connection:
                await apitokens.touch(connection, found.id, now_ms)
            found = replace(found, seen_ms=now_ms)
            self._tokens.put(digest, found)
        return found

    async def rename(self, secret: str, who: str) -> None:
        """Give the person of a session without an account another name. Raises StateError."""
        digest = digest_of(secret)
        async with self._database.write() as connection:
            await sessions.rename(connection, digest, who)
        self._sessions.forget(digest)

    async def close(self, secret: str) -> None:
        """End a session. Raises StateError."""
        digest = digest_of(secret)
        async with self._database.write() as connection:
            await sessions.end(connection, digest)
        self._sessions.forget(digest)

    def forget(self) -> None:
        """Look everybody up anew: an account or a token was changed here."""
        self._sessions.clear()
        self._tokens.clear()

    async def _looked_up(self, digest: bytes) -> LoggedIn | None:
        async with self._database.read() as connection:
            session = await sessions.get(connection, digest)
            if session is None:
                return None
            account = None if session.account is None else await accounts.get(connection, session.account)
        if session.account is not None and (account is None or account.disabled_ms is not None):
            return None
        found = LoggedIn(session, account)
        self._sessions.put(digest, found)
        return found

    def _now_ms(self) -> int:
        return to_ms(self._clock.now())


def digest_of(secret: str) -> bytes:
    """Return what is kept of a secret: it is random, so that a plain hash is enough."""
    # A text that is longer than any secret is wrong in any case, and not worth hashing.
    return sha256(secret[:LONGEST_SECRET].encode("utf-8", "surrogateescape")).digest()
