"""The ledger: an append-only chain of records (docs/availability.md, section "The ledger").

A record's body is canonical JSON: keys sorted, no blanks, no fractions. Its hash is SHA-256 over the hash of
the record before it and the body, so a change of the past breaks every hash behind it.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, fields

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.transition import Status, Transition
from noc.state.records import KINDS, TRANSITION, Recorded, body_of, recorded_of
from noc.state.tables import ledger

log = logging.getLogger(__name__)

FIRST_HASH = bytes(32)
"""What stands before the first record."""

ROWS_AT_ONCE = 500
"""So many are put into objects, and judged, without a turn for others in between: some milliseconds."""


@dataclass(frozen=True, slots=True)
class Record:
    """A row of the ledger. body: canonical JSON."""

    seq: int
    entity: str
    kind: str
    since_ms: int
    body: str
    hash: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """The first record that doesn't fit, and why."""

    seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found: how many records fit, the hash of the last of them, and the first that doesn't."""

    records: int
    last_hash: bytes
    broken: Broken | None = None


def chained(before: bytes, body: str) -> bytes:
    """Return the hash of a record."""
    return hashlib.sha256(before + body.encode()).digest()


async def append(connection: AsyncConnection, changes: Sequence[Recorded]) -> list[Record]:
    """Write changes at the end of the chain, in the caller's transaction, and return their records."""
    seq, last_hash = await _end(connection)
    records = []
    for change in changes:
        seq += 1
        body = body_of(change, seq)
        last_hash = chained(last_hash, body)
        records.append(Record(seq, change.entity, KINDS[type(change)], change.since_ms, body, last_hash))
    if records:
        await connection.execute(ledger.insert(), [_row(record) for record in records])
    return records


async def _end(connection: AsyncConnection) -> tuple[int, bytes]:
    row = (await connection.execute(_END)).first()
    return (row.seq, row.hash) if row is not None else (0, FIRST_HASH)


async def read(connection: AsyncConnection, after: int = 0, entity: str | None = None) -> AsyncIterator[Record]:
    """Yield records in the order of the chain, those behind number `after`, of one entity or of all."""
    wanted = select(ledger).order_by(ledger.c.seq).limit(ROWS_AT_ONCE)
    if entity is not None:
        wanted = wanted.where(ledger.c.entity == entity)
    while True:
        rows = (await connection.execute(wanted.where(ledger.c.seq > after))).all()
        for row in rows:
            yield Record(row.seq, row.entity, row.kind, row.since_ms, row.body, row.hash)
        if len(rows) < ROWS_AT_ONCE:
            return
        after = rows[-1].seq


async def record_of(connection: AsyncConnection, seq: int) -> Record | None:
    """Return the record of a number; None where there is none."""
    row = (await connection.execute(select(ledger).where(ledger.c.seq == seq))).first()
    return None if row is None else Record(row.seq, row.entity, row.kind, row.since_ms, row.body, row.hash)


async def following(connection: AsyncConnection, entity: str, after: int) -> Transition | None:
    """Return the first transition of an entity behind record number `after`; None where there is none yet."""
    row = (await connection.execute(_FOLLOWING, {"of": entity, "after": after})).first()
    if row is None:
        return None
    return transition_of(Record(row.seq, row.entity, row.kind, row.since_ms, row.body, row.hash))


async def ever(connection: AsyncConnection, entity: str, status: Status) -> bool:
    """Return whether an entity ever had a status. Its newest records are looked at first: mostly one of them tells."""
    wanted = select(ledger.c.body).where(ledger.c.entity == entity, ledger.c.kind == TRANSITION)
    found = await connection.stream(wanted.order_by(ledger.c.seq.desc()))
    said = f'"status":"{status}"'
    async for row in found:
        if said in row.body:
            return True
    return False


async def newest(connection: AsyncConnection, count: int, entity: str | None = None) -> list[Record]:
    """Return the newest records, of one entity or of all, the oldest of them first."""
    wanted = select(ledger).order_by(ledger.c.seq.desc()).limit(count)
    if entity is not None:
        wanted = wanted.where(ledger.c.entity == entity)
    rows = (await connection.execute(wanted)).all()
    return [Record(row.seq, row.entity, row.kind, row.since_ms, row.body, row.hash) for row in reversed(rows)]


async def verify(connection: AsyncConnection) -> Verdict:
    """Recompute the chain from its beginning."""
    count, last_hash = 0, FIRST_HASH
    async for record in read(connection):
        reason = _fault(record, count + 1, last_hash)
        if reason is not None:
            return Verdict(count, last_hash, Broken(record.seq, reason))
        count, last_hash = count + 1, record.hash
    return Verdict(count, last_hash)


def _fault(record: Record, expected: int, before: bytes) -> str | None:
    if record.seq != expected:
        return f"record {expected} is missing"
    if chained(before, record.body) != record.hash:
        return "the body or the hash was changed, or a record before it"
    try:
        body = json.loads(record.body)
    except ValueError:
        return "the body is no JSON"
    columns = {"seq": record.seq, "entity": record.entity, "kind": record.kind, "since_ms": record.since_ms}
    wrong = [name for name, value in columns.items() if body.get(name) != value]
    return f"column {wrong[0]} disagrees with the body" if wrong else None


def transition_of(record: Record) -> Transition:
    """Return the transition that a record holds. Raises ValueError, TypeError, KeyError where it is damaged."""
    found = recorded_of(record.kind, record.body)
    if not isinstance(found, Transition):
        raise TypeError(f"record {record.seq} is a {record.kind}, and no transition")
    return found


def _row(record: Record) -> dict[str, object]:
    return {field.name: getattr(record, field.name) for field in fields(Record)}


async def latest(connection: AsyncConnection, entities: Iterable[str] | None = None) -> dict[str, Transition]:
    """Return the last transition of each entity. A damaged record is told and left out."""
    # Of all kinds: with the kind in the statement the index would no longer do, and all bodies would be read.
    newest = select(ledger.c.entity, func.max(ledger.c.seq).label("seq")).group_by(ledger.c.entity)
    last: dict[str, int] = {}
    async for part in (await connection.stream(newest)).partitions(ROWS_AT_ONCE):
        last.update((row.entity, row.seq) for row in part)
    wanted = set(last) if entities is None else set(entities) & set(last)
    numbers = sorted(last[entity] for entity in wanted)
    found: dict[str, Transition] = {}
    for start in range(0, len(numbers), ROWS_AT_ONCE):
        some = select(ledger).where(ledger.c.seq.in_(numbers[start : start + ROWS_AT_ONCE]))
        for row in await connection.execute(some):
            change = await _before_other_kinds(connection, row)
            if change is not None:
                found[row.entity] = change
    return found


async def _before_other_kinds(connection: AsyncConnection, row: Row[tuple[object, ...]]) -> Transition | None:
    """Return the transition of a row, or the entity's last one before it; None where there is none that can be read."""
    if row.kind != TRANSITION:
        before = select(ledger).where(
            ledger.c.entity == row.entity, ledger.c.kind == TRANSITION, ledger.c.seq < row.seq
        )
        earlier = (await connection.execute(before.order_by(ledger.c.seq.desc()).limit(1))).first()
        if earlier is None:
            return None
        row = earlier
    try:
        return transition_of(Record(row.seq, row.entity, row.kind, row.since_ms, row.body, row.hash))
    except (ValueError, TypeError, KeyError):
        log.error("record %d of the ledger is damaged, and left out; run `noc ledger verify`", row.seq)
        return None


async def latest_ms(connection: AsyncConnection) -> int | None:
    """Return the latest time that the ledger knows of; None where it is empty."""
    since_ms: int | None = (await connection.execute(select(func.max(ledger.c.since_ms)))).scalar_one()
    last = await newest(connection, 1)
    if since_ms is None or not last or last[0].kind != TRANSITION:
        return since_ms
    try:
        return max(since_ms, transition_of(last[0]).decided_ms)
    except (ValueError, TypeError, KeyError):
        return since_ms  # `latest` tells of it


# Made once: making a statement takes SQLAlchemy longer than running it.
_END = select(ledger.c.seq, ledger.c.hash).order_by(ledger.c.seq.desc()).limit(1)
_FOLLOWING = (
    select(ledger)
    .where(ledger.c.entity == bindparam("of"), ledger.c.seq > bindparam("after"), ledger.c.kind == TRANSITION)
    .order_by(ledger.c.seq)
    .limit(1)
)
