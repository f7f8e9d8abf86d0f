"""What figures were made by, kept beside the ledger as policy files; their digests are in the chain."""

from __future__ import annotations

import hashlib
import zlib

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.seal import PolicyChange
from noc.state.committer import Kept
from noc.state.ledger import Record
from noc.state.records import POLICY, recorded_of
from noc.state.tables import ledger, policy


def digest_of(text: str) -> str:
    """Return the digest of a policy file: SHA-256, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def kept(text: str, since_ms: int, poller: str) -> Kept:
    """Return a policy file as what the committer writes: its record, and beside it the file. poller: its entity."""
    digest, body = digest_of(text), zlib.compress(text.encode())

    async def keep(connection: AsyncConnection, _: Record) -> None:
        known = await connection.execute(select(policy.c.digest).where(policy.c.digest == digest))
        if known.first() is None:  # one that comes again is kept once
            await connection.execute(policy.insert().values(digest=digest, first_ms=since_ms, body=body))

    return Kept(PolicyChange(poller, since_ms, digest), keep)


async def last_digest(connection: AsyncConnection, poller: str) -> str | None:
    """Return the digest that a poller last put into the chain; None where it never did, or it can't be read."""
    # Of a poller there are few records, and the index finds them.
    wanted = select(ledger.c.body).where(ledger.c.entity == poller, ledger.c.kind == POLICY)
    body = (await connection.execute(wanted.order_by(ledger.c.seq.desc()).limit(1))).scalar_one_or_none()
    try:
        change = None if body is None else recorded_of(POLICY, body)
    except ValueError:
        return None  # `noc ledger verify` names it
    return change.digest if isinstance(change, PolicyChange) else None


async def digest_at(connection: AsyncConnection, known: int) -> str | None:
    """Return the digest of the policy that held when record `known` was written; None before the first.

    Raises ValueError where its record is damaged.
    """
    # The index of entities finds what pollers say: thousands of records, of millions.
    is_of_poller = (ledger.c.entity >= "poller/", ledger.c.entity < "poller0")
    wanted = select(ledger.c.body).where(*is_of_poller, ledger.c.kind == POLICY, ledger.c.seq <= known)
    body = (await connection.execute(wanted.order_by(ledger.c.seq.desc()).limit(1))).scalar_one_or_none()
    change = None if body is None else recorded_of(POLICY, body)
    return change.digest if isinstance(change, PolicyChange) else None


async def text_of(connection: AsyncConnection, digest: str) -> str | None:
    """Return a policy file; None where there is none of this digest. Raises ValueError where it is damaged."""
    body = (await connection.execute(select(policy.c.body).where(policy.c.digest == digest))).scalar_one_or_none()
    if body is None:
        return None
    try:
        text = zlib.decompress(body).decode()
    except zlib.error as error:
        raise ValueError(f"the policy {digest} is damaged") from error
    if digest_of(text) != digest:
        raise ValueError(f"the policy {digest} was changed")
    return text
