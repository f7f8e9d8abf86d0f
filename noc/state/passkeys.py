"""Passkeys of people: public keys, and how often each said that it was used."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.errors import ConflictError
from noc.state.accounttables import passkey


@dataclass(frozen=True, slots=True)
class Passkey:
    """One passkey. credential: by which it names itself. uses: its counter; many tell 0 for ever.

    Times: milliseconds of the Unix epoch.
    """

    id: int
    account: int
    credential: bytes
    public_key: bytes
    uses: int
    name: str
    created_ms: int
    used_ms: int | None = None


async def add(
    connection: AsyncConnection, account: int, credential: bytes, public_key: bytes, uses: int, name: str, now_ms: int
) -> Passkey:
    """Write a passkey. Raises ConflictError where it is somebody's already."""
    if await by_credential(connection, credential) is not None:
        raise ConflictError("this passkey is set up already")
    values = {
        "account": account,
        "credential": credential,
        "public_key": public_key,
        "uses": uses,
        "name": name,
        "created_ms": now_ms,
    }
    done = await connection.execute(insert(passkey).values(values))
    number = int(done.inserted_primary_key[0])  # type: ignore[index]
    return Passkey(number, account, credential, public_key, uses, name, now_ms)


async def of_account(connection: AsyncConnection, account: int) -> list[Passkey]:
    """Return the passkeys of an account, the oldest first."""
    found = await connection.execute(_ALL.where(passkey.c.account == account).order_by(passkey.c.id))
    return [_passkey(row) for row in found]


async def by_credential(connection: AsyncConnection, credential: bytes) -> Passkey | None:
    """Return the passkey of a name that it gives itself; None: there is none."""
    row = (await connection.execute(_ALL.where(passkey.c.credential == credential))).first()
    return None if row is None else _passkey(row)


async def rename(connection: AsyncConnection, account: int, number: int, name: str) -> bool:
    """Write what its person calls a passkey; False: the account has none of that number."""
    mine = (passkey.c.account == account) & (passkey.c.id == number)
    return (await connection.execute(update(passkey).where(mine).values(name=name))).rowcount > 0


async def drop(connection: AsyncConnection, account: int, number: int) -> bool:
    """Forget a passkey; False: the account has none of that number."""
    mine = (passkey.c.account == account) & (passkey.c.id == number)
    return (await connection.execute(delete(passkey).where(mine))).rowcount > 0


async def use(connection: AsyncConnection, number: int, before: int, uses: int, now_ms: int) -> bool:
    """Write that a passkey was used. before: its counter until now; False: it was used in between, or is gone."""
    same = (passkey.c.id == number) & (passkey.c.uses == before)
    done = await connection.execute(update(passkey).where(same).values(uses=uses, used_ms=now_ms))
    return done.rowcount > 0


def _passkey(row: Row[tuple[object, ...]]) -> Passkey:
    return Passkey(**{name: getattr(row, name) for name in Passkey.__dataclass_fields__})


_ALL = select(passkey)
