"""The audit: who did what, append-only, chained as the ledger is: each hash covers its body and the hash before it.

What is older than people want to keep is taken out at the beginning; a record of the chain says up to which number, and
the hash of the last one that went: what is left hangs on it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from sqlalchemy import Row, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.state.accounttables import audit

FIRST_HASH = bytes(32)
ROWS_AT_ONCE = 5_000
PRUNED_AT_ONCE = 20_000
PRUNED = "audit pruned"

Detail = Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True)
class Done:
    """Something that somebody did. at_ms: milliseconds of the Unix epoch. way: session, bearer, source; command: on the
    machine; link, mail: an answer to a message.

    what: `POST /incidents/7/acknowledge`, `log-in`, `noc account add`. came: an HTTP status, or 0. detail: more.
    """

    at_ms: int
    who: str
    role: str
    way: str
    what: str
    came: int = 0
    address: str = ""
    detail: Detail = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """One of the audit, with its number."""

    seq: int
    done: Done
    hash: bytes


@dataclass(frozen=True, slots=True)
class Verified:
    """What a walk over the audit found. records: that hold; pruned: that were taken out before them, as the chain says.

    broken: number of the first record that doesn't fit, and why.
    """

    records: int
    last_hash: bytes
    broken: tuple[int, str] | None = None
    pruned: int = 0


async def append(connection: AsyncConnection, done: Done) -> int:
    """Write a record and return its number; the caller's transaction holds the lock for writing."""
    last = (await connection.execute(select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1))).first()
    seq, before = (1, FIRST_HASH) if last is None else (int(last.seq) + 1, bytes(last.hash))
    body = _body(seq, done)
    hashed = sha256(before + body.encode()).digest()
    values = {"seq": seq, "at_ms": done.at_ms, "who": done.who, "body": body, "hash": hashed}
    await connection.execute(insert(audit).values(values))
    return seq


async def page(
    connection: AsyncConnection,
    *,
    who: str | None = None,
    text: str = "",
    like: Sequence[str] = (),
    from_ms: int | None = None,
    to_ms: int | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Record]:
    """Return records, the newest first. text: in what was done. like: patterns; a record that
    one of them fits is meant, too. before: only those with a smaller number.
    """
    wanted = select(audit).order_by(audit.c.seq.desc()).limit(limit)
    if who is not None:
        wanted = wanted.where(audit.c.who == who)
    if text:
        fits = [audit.c.body.contains(text, autoescape=True), *(audit.c.body.like(one) for one in like)]
        wanted = wanted.where(or_(*fits))
    if from_ms is not None:
        wanted = wanted.where(audit.c.at_ms >= from_ms)
    if to_ms is not None:
        wanted = wanted.where(audit.c.at_ms < to_ms)
    if before is not None:
        wanted = wanted.where(audit.c.seq < before)
    return [_record(row) for row in await connection.execute(wanted)]


async def everything(connection: AsyncConnection) -> AsyncIterator[Record]:
    """Yield all records in order, some thousands at once."""
    found = await connection.stream(select(audit).order_by(audit.c.seq))
    async for rows in found.partitions(ROWS_AT_ONCE):
        for row in rows:
            yield _record(row)


async def verify(connection: AsyncConnection) -> Verified:
    """Recompute the chain, from its beginning or from where it was pruned."""
    pruned, before = await _beginning(connection)
    number, first = pruned, pruned + 1
    found = await connection.stream(select(audit).order_by(audit.c.seq))
    async for rows in found.partitions(ROWS_AT_ONCE):
        for row in rows:
            wrong = _wrong(row, number + 1, before)
            if wrong:
                return Verified(number + 1 - first, before, (row.seq, wrong), pruned)
            number, before = row.seq, row.hash
    return Verified(number + 1 - first, before, None, pruned)


async def prune(connection: AsyncConnection, before_ms: int, now_ms: int) -> int:
    """Take out what is older, from the beginning on, and write down that it was; return how many. Some thousands at
    once. The newest record stays; the caller's transaction holds the lock for writing.
    """
    young = select(func.min(audit.c.seq)).where(audit.c.at_ms >= before_ms)
    kept = (await connection.execute(young)).scalar_one()
    first, last = (await connection.execute(select(func.min(audit.c.seq), func.max(audit.c.seq)))).one()
    if first is None:
        return 0
    first = int(first)
    up_to = min(int(last if kept is None else kept) - 1, first + PRUNED_AT_ONCE - 1)
    if up_to < first:
        return 0
    ended = (await connection.execute(select(audit.c.hash).where(audit.c.seq == up_to))).scalar_one()
    detail: Detail = {"up_to": up_to, "hash": bytes(ended).hex(), "records": up_to - first + 1}
    await append(connection, Done(now_ms, "noc", "", "noc", PRUNED, detail=detail))
    await connection.execute(delete(audit).where(audit.c.seq <= up_to))
    return up_to - first + 1


async def _beginning(connection: AsyncConnection) -> tuple[int, bytes]:
    """Return the number and the hash of the record before the first, as the chain's newest word on that says."""
    said = select(audit.c.body).where(audit.c.who == "noc", audit.c.body.contains(f'"what":"{PRUNED}"'))
    body = (await connection.execute(said.order_by(audit.c.seq.desc()).limit(1))).scalar_one_or_none()
    if body is None:
        return 0, FIRST_HASH
    try:
        detail = json.loads(body)["detail"]
        return int(detail["up_to"]), bytes.fromhex(detail["hash"])
    except (KeyError, TypeError, ValueError):  # somebody wrote into it: the walk tells where
        return 0, FIRST_HASH


def _wrong(row: Row[tuple[object, ...]], expected: int, before: bytes) -> str:
    if row.seq != expected:
        return f"record {expected} is missing"
    if sha256(before + row.body.encode()).digest() != row.hash:
        return "the body or the hash was changed, or a record before it"
    body = json.loads(row.body)
    return "" if (body["seq"], body["at_ms"], body["who"]) == (row.seq, row.at_ms, row.who) else "a column was changed"


def _body(seq: int, done: Done) -> str:
    said = {
        "seq": seq,
        "at_ms": done.at_ms,
        "who": done.who,
        "role": done.role,
        "way": done.way,
        "what": done.what,
        "came": done.came,
        "address": done.address,
        "detail": dict(done.detail),
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _record(row: Row[tuple[object, ...]]) -> Record:
    body = json.loads(row.body)
    names = [name for name in Done.__dataclass_fields__ if name in body]
    return Record(row.seq, Done(**{name: body[name] for name in names}), row.hash)
