"""Tokens of scripts, by their digests."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import cast

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.account import ApiToken, Right, Role
from noc.model.errors import ConflictError
from noc.state.accounttables import api_token


async def add(
    connection: AsyncConnection,
    name: str,
    digest: bytes,
    role: Role,
    regions: frozenset[str] | None,
    *,
    rights: frozenset[Right] | None = None,
    speaks_for: bool = False,
    expires_ms: int | None = None,
    by: str,
    now_ms: int,
) -> ApiToken:
    """Write a token. Raises ConflictError where the name is another's."""
    if (await connection.execute(_ALL.where(api_token.c.name == name))).first() is not None:
        raise ConflictError(f"there is a token '{name}' already, or was: the audit tells by names, so take another")
    values = {
        "name": name,
        "digest": digest,
        "role": role,
        "regions": _listed(regions),
        "rights": _listed(rights),
        "speaks_for": speaks_for,
        "created_ms": now_ms,
        "created_by": by,
        "expires_ms": expires_ms,
    }
    await connection.execute(insert(api_token).values(values))
    found = await by_digest(connection, digest)
    if found is None:
        raise LookupError(f"there is no token '{name}'")
    return found


async def everyone(connection: AsyncConnection) -> tuple[ApiToken, ...]:
    """Return all tokens, by name, also those that are revoked."""
    return tuple([_token(row) for row in await connection.execute(_ALL.order_by(api_token.c.name))])


async def by_digest(connection: AsyncConnection, digest: bytes) -> ApiToken | None:
    """Return a token, also one that is over."""
    row = (await connection.execute(_ALL.where(api_token.c.digest == digest))).first()
    return None if row is None else _token(row)


async def revoke(connection: AsyncConnection, name: str, now_ms: int) -> bool:
    """End a token; False: there is none of that name that isn't."""
    done = await connection.execute(
        update(api_token).where(api_token.c.name == name, api_token.c.revoked_ms.is_(None)).values(revoked_ms=now_ms)
    )
    return done.rowcount == 1


async def touch(connection: AsyncConnection, number: int, seen_ms: int) -> None:
    """Write when a token was last used."""
    await connection.execute(update(api_token).where(api_token.c.id == number).values(seen_ms=seen_ms))


def _listed(words: Iterable[str] | None) -> str | None:
    return None if words is None else json.dumps(sorted(words))


def _token(row: Row[tuple[object, ...]]) -> ApiToken:
    return ApiToken(
        id=row.id,
        name=row.name,
        role=cast("Role", row.role),
        regions=None if row.regions is None else frozenset(json.loads(row.regions)),
        created_ms=row.created_ms,
        created_by=row.created_by,
        rights=None if row.rights is None else frozenset(json.loads(row.rights)),
        speaks_for=row.speaks_for,
        expires_ms=row.expires_ms,
        seen_ms=row.seen_ms,
        revoked_ms=row.revoked_ms,
    )


_ALL = select(api_token)
