"""Sessions: who is logged in, by the digest of what their browser holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.state.accounttables import session


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is logged in. Times: milliseconds of the Unix epoch.

    account: None for who came by the token that noc announces. who: their name in timelines. strong: more than a
    password was asked. agent: what their browser says that it is.
    """

    digest: bytes
    account: int | None
    who: str
    csrf: str
    begun_ms: int
    seen_ms: int
    address: str = ""
    agent: str = ""
    strong: bool = False

    def __repr__(self) -> str:
        return f"Session({self.who}, account {self.account})"


async def put(connection: AsyncConnection, one: Session, at_most: int) -> None:
    """Write a session; of too many the longest unused ends."""
    await connection.execute(insert(session).values(asdict(one)))
    count = int((await connection.execute(select(func.count()).select_from(session))).scalar_one())
    if count > at_most:
        oldest = select(session.c.digest).order_by(session.c.seen_ms).limit(count - at_most)
        await connection.execute(delete(session).where(session.c.digest.in_(oldest)))


async def get(connection: AsyncConnection, digest: bytes) -> Session | None:
    """Return a session, also one whose time is over."""
    row = (await connection.execute(_ALL.where(session.c.digest == digest))).first()
    return None if row is None else _session(row)


async def of_account(connection: AsyncConnection, number: int) -> list[Session]:
    """Return the sessions of an account, the last used first."""
    wanted = _ALL.where(session.c.account == number).order_by(session.c.seen_ms.desc())
    return [_session(row) for row in await connection.execute(wanted)]


async def all_of(connection: AsyncConnection, limit: int) -> list[Session]:
    """Return sessions of everybody, the last used first."""
    return [_session(row) for row in await connection.execute(_ALL.order_by(session.c.seen_ms.desc()).limit(limit))]


async def touch(connection: AsyncConnection, seen: Mapping[bytes, int]) -> None:
    """Write when sessions were last used, milliseconds of the Unix epoch."""
    for digest, seen_ms in seen.items():
        await connection.execute(update(session).where(session.c.digest == digest).values(seen_ms=seen_ms))


async def rename(connection: AsyncConnection, digest: bytes, who: str) -> None:
    """Write another name of the person of a session."""
    await connection.execute(update(session).where(session.c.digest == digest).values(who=who))


async def strengthen(connection: AsyncConnection, digest: bytes) -> None:
    """Write that more than a password was asked."""
    await connection.execute(update(session).where(session.c.digest == digest).values(strong=True))


async def end(connection: AsyncConnection, digest: bytes) -> bool:
    """End a session; False: there was none."""
    return (await connection.execute(delete(session).where(session.c.digest == digest))).rowcount > 0


async def end_all(connection: AsyncConnection, number: int, but: bytes = b"") -> int:
    """End all sessions of an account, but for one; return how many."""
    gone = delete(session).where(session.c.account == number, session.c.digest != but)
    return (await connection.execute(gone)).rowcount


async def sweep(connection: AsyncConnection, idle_before_ms: int, begun_before_ms: int) -> int:
    """End those that were last used, or began, too long ago; return how many."""
    over = (session.c.seen_ms <= idle_before_ms) | (session.c.begun_ms <= begun_before_ms)
    return (await connection.execute(delete(session).where(over))).rowcount


def _session(row: Row[tuple[object, ...]]) -> Session:
    return Session(**{name: getattr(row, name) for name in Session.__dataclass_fields__})


_ALL = select(session)
