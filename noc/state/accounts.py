"""Accounts of people, and the links that invite them. Secrets stand here as digests, hashes, or sealed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Row, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.account import Account, Role
from noc.model.errors import ConflictError
from noc.state.accounttables import account, login_link, passkey

ADMINS_AT_LEAST = 1


@dataclass(frozen=True, slots=True)
class Secrets:
    """With what somebody logs in. password: as argon2 writes it. totp: sealed. totp_step: the last that was used."""

    password: str | None
    totp: bytes | None
    totp_step: int

    def __repr__(self) -> str:
        return "Secrets(…)"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that works once. Times: milliseconds of the Unix epoch."""

    account: int
    made_ms: int
    made_by: str
    until_ms: int
    used_ms: int | None


async def add(
    connection: AsyncConnection,
    name: str,
    person: str,
    role: Role,
    regions: frozenset[str] | None,
    *,
    email: str = "",
    subject: str = "",
    by: str,
    now_ms: int,
) -> Account:
    """Make an account. Raises ConflictError where the name, or the subject, is another's."""
    if await by_name(connection, name) is not None:
        raise ConflictError(f"there is an account '{name}' already")
    if subject and await by_subject(connection, subject) is not None:
        raise ConflictError("another account belongs to this person of the identity provider")
    values = {
        "name": name,
        "person": person,
        "role": role,
        "regions": _listed(regions),
        "email": email,
        "language": "",
        "zone": "",
        "totp_step": 0,
        "subject": subject or None,
        "created_ms": now_ms,
        "created_by": by,
    }
    done = await connection.execute(insert(account).values(values))
    made = await get(connection, int(done.inserted_primary_key[0]))  # type: ignore[index]
    if made is None:
        raise LookupError(f"there is no account '{name}'")
    return made


async def everyone(connection: AsyncConnection) -> tuple[Account, ...]:
    """Return all accounts, by name."""
    return tuple([_account(row) for row in await connection.execute(_ALL.order_by(account.c.name))])


async def get(connection: AsyncConnection, number: int) -> Account | None:
    """Return an account by its number; None where there is none."""
    return _one((await connection.execute(_ALL.where(account.c.id == number))).first())


async def by_name(connection: AsyncConnection, name: str) -> Account | None:
    """Return an account by the name with which its person logs in."""
    return _one((await connection.execute(_ALL.where(account.c.name == name))).first())


async def by_subject(connection: AsyncConnection, subject: str) -> Account | None:
    """Return the account of a person of an identity provider."""
    return _one((await connection.execute(_ALL.where(account.c.subject == subject))).first())


async def by_email(connection: AsyncConnection, email: str) -> Account | None:
    """Return the only account in use with an address of mail, capital letters or not; None where there are more."""
    wanted = _ALL.where(func.lower(account.c.email) == email.lower(), account.c.disabled_ms.is_(None)).limit(2)
    found = (await connection.execute(wanted)).all()
    return _account(found[0]) if len(found) == 1 else None


async def secrets_of(connection: AsyncConnection, number: int) -> Secrets | None:
    """Return with what somebody logs in; None where there is no such account."""
    wanted = select(account.c.password, account.c.totp, account.c.totp_step).where(account.c.id == number)
    row = (await connection.execute(wanted)).first()
    return None if row is None else Secrets(row.password, row.totp, row.totp_step)


async def change(connection: AsyncConnection, number: int, **values: str | int | bytes | None) -> None:
    """Write columns of an account, also of what it logs in with.

    Raises LookupError where there is none, ConflictError where it is the last admin who may log in.
    """
    before = await get(connection, number)
    if before is None:
        raise LookupError(f"there is no account {number}")
    loses = values.get("role", "admin") != "admin" or values.get("disabled_ms") is not None
    able = before.has_password or before.subject or before.passkeys
    if loses and _rules(before) and able and await admins(connection) <= ADMINS_AT_LEAST:
        raise ConflictError(f"'{before.name}' is the last admin who may log in; make another one first")
    await connection.execute(update(account).where(account.c.id == number).values(values))


async def limit(connection: AsyncConnection, number: int, regions: frozenset[str] | None) -> None:
    """Write which regions somebody may see; None: all. Raises LookupError."""
    await change(connection, number, regions=_listed(regions))


async def admins(connection: AsyncConnection) -> int:
    """Return how many admins can log in: they may, and have something to do so with."""
    able = or_(account.c.password.is_not(None), account.c.subject.is_not(None), _PASSKEYS_OF > 0)
    wanted = select(func.count()).where(account.c.role == "admin", account.c.disabled_ms.is_(None), able)
    return int((await connection.execute(wanted)).scalar_one())


async def use_step(connection: AsyncConnection, number: int, step: int) -> bool:
    """Use up a step of one-time codes; False: it, or a later one, was used already (RFC 6238, section 5.2)."""
    done = await connection.execute(
        update(account).where(account.c.id == number, account.c.totp_step < step).values(totp_step=step)
    )
    return done.rowcount == 1


async def drop_passkeys(connection: AsyncConnection, number: int) -> int:
    """Forget the passkeys of an account; return how many there were."""
    return (await connection.execute(delete(passkey).where(passkey.c.account == number))).rowcount


async def invite(connection: AsyncConnection, number: int, digest: bytes, by: str, now_ms: int, until_ms: int) -> None:
    """Write a link; those before it, and those that are over, end."""
    await connection.execute(
        delete(login_link).where((login_link.c.account == number) | (login_link.c.until_ms <= now_ms))
    )
    values = {"digest": digest, "account": number, "made_ms": now_ms, "made_by": by, "until_ms": until_ms}
    await connection.execute(insert(login_link).values(values))


async def invitation(connection: AsyncConnection, digest: bytes) -> Invitation | None:
    """Return a link, used or not."""
    row = (await connection.execute(select(login_link).where(login_link.c.digest == digest))).first()
    return None if row is None else Invitation(row.account, row.made_ms, row.made_by, row.until_ms, row.used_ms)


async def use_invitation(connection: AsyncConnection, digest: bytes, now_ms: int) -> bool:
    """Use a link up; False: it was used, is over, or there is none."""
    done = await connection.execute(
        update(login_link)
        .where(login_link.c.digest == digest, login_link.c.used_ms.is_(None), login_link.c.until_ms > now_ms)
        .values(used_ms=now_ms)
    )
    return done.rowcount == 1


def _rules(one: Account) -> bool:
    return one.role == "admin" and one.disabled_ms is None


def _listed(regions: frozenset[str] | None) -> str | None:
    return None if regions is None else json.dumps(sorted(regions))


def _one(row: Row[tuple[object, ...]] | None) -> Account | None:
    return None if row is None else _account(row)


def _account(row: Row[tuple[object, ...]]) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        person=row.person,
        role=cast("Role", row.role),
        regions=None if row.regions is None else frozenset(json.loads(row.regions)),
        created_ms=row.created_ms,
        created_by=row.created_by,
        email=row.email,
        language=row.language,
        zone=row.zone,
        has_password=row.password is not None,
        has_totp=row.totp is not None,
        passkeys=row.passkeys,
        subject=row.subject or "",
        seen_ms=row.seen_ms,
        disabled_ms=row.disabled_ms,
    )


_PASSKEYS_OF = select(func.count()).where(passkey.c.account == account.c.id).correlate(account).scalar_subquery()
_ALL = select(account, _PASSKEYS_OF.label("passkeys"))
