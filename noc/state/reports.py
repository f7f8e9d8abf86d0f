"""Reports that were issued: kept as their answers, with a digest; the files are made anew from these."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.state.rawrows import in_parts
from noc.state.records import TRANSITION, Recorded, recorded_of
from noc.state.tables import ledger, report

_AT_ONCE: Final = 10_000
_COLUMNS: Final = [column for column in report.c if column is not report.c.body]


@dataclass(frozen=True, slots=True)
class Issued:
    """A report that was issued. subject: period, rows and of whom. number: of the issues of this subject, from 1.

    issued_ms: when. seq, hash: of the last record of the ledger that was known. digest: SHA-256, hexadecimal, of the
    answer. asked: JSON.
    """

    id: int
    name: str
    subject: str
    number: int
    issued_ms: int
    seq: int
    hash: bytes
    digest: str
    asked: str


async def keep(
    connection: AsyncConnection,
    *,
    name: str,
    subject: str,
    issued_ms: int,
    known: tuple[int, bytes],
    asked: str,
    answer: str,
) -> Issued:
    """Keep an answer as the next issue of its subject, in the caller's transaction, and return it.

    known: number and hash of the last record. asked, answer: canonical JSON. Where it is the same answer as the last
    issue's, that one is returned, and nothing written.
    """
    digest = hashlib.sha256(answer.encode()).hexdigest()
    last = await _last(connection, name, subject)
    if last is not None and last.digest == digest:
        return last
    values = {
        "name": name,
        "subject": subject,
        "number": 1 if last is None else last.number + 1,
        "issued_ms": issued_ms,
        "seq": known[0],
        "hash": known[1],
        "digest": digest,
        "asked": asked,
    }
    done = await connection.execute(report.insert().values(**values, body=zlib.compress(answer.encode())))
    number = int(done.inserted_primary_key[0]) if done.inserted_primary_key else 0
    found = await get(connection, number)
    if found is None:
        raise LookupError(f"report {number} was not kept")
    return found


async def get(connection: AsyncConnection, number: int) -> Issued | None:
    """Return a report by its id; None where there is none."""
    row = (await connection.execute(select(*_COLUMNS).where(report.c.id == number))).first()
    return None if row is None else _issued(row)


async def answer_of(connection: AsyncConnection, number: int) -> str | None:
    """Return the answer of a report, canonical JSON; None where there is none.

    Raises ValueError where it isn't what was issued any more.
    """
    wanted = select(report.c.body, report.c.digest).where(report.c.id == number)
    row = (await connection.execute(wanted)).first()
    if row is None:
        return None
    try:
        answer = zlib.decompress(row.body)
    except zlib.error as error:
        raise ValueError(f"report {number} is damaged") from error
    if hashlib.sha256(answer).hexdigest() != row.digest:
        raise ValueError(f"report {number} was changed after it was issued")
    return answer.decode()


async def page(
    connection: AsyncConnection, *, name: str | None = None, before: int | None = None, limit: int = 100
) -> Sequence[Issued]:
    """Return issues, the newest first, those in front of id `before`."""
    wanted = select(*_COLUMNS).order_by(report.c.id.desc()).limit(limit)
    if name is not None:
        wanted = wanted.where(report.c.name == name)
    if before is not None:
        wanted = wanted.where(report.c.id < before)
    return [_issued(row) for row in await connection.execute(wanted)]


async def slice_of(connection: AsyncConnection, start_ms: int, end_ms: int, known: int) -> tuple[str, int, int, int]:
    """Return the checksum of the records that begin in `[start_ms, end_ms)`, up to number `known`.

    SHA-256, hexadecimal, over their hashes in the order of the chain; how many; the first and the last number, 0 where
    there is none.
    """
    columns = select(ledger.c.seq, ledger.c.hash).order_by(ledger.c.seq)
    inside = (ledger.c.since_ms >= start_ms, ledger.c.since_ms < end_ms, ledger.c.seq <= known)
    wanted: Select[tuple[int, bytes]] = columns.where(*inside)
    digest, records, first, last = hashlib.sha256(), 0, 0, 0
    async for part in in_parts(connection, wanted, _AT_ONCE):
        digest.update(b"".join(chained for _, chained in part))
        first, last = first or part[0][0], part[-1][0]
        records += len(part)
    return digest.hexdigest(), records, first, last


async def first_ms(connection: AsyncConnection, known: int) -> int | None:
    """Return when the first change of status is, in milliseconds, of records up to `known`; None where none is."""
    # In the order of the index by time the first row tells: a minimum would look at all.
    wanted = select(ledger.c.since_ms).where(ledger.c.kind == TRANSITION, ledger.c.seq <= known)
    found: int | None = (await connection.execute(wanted.order_by(ledger.c.since_ms).limit(1))).scalar_one_or_none()
    return found


async def recorded_between(
    connection: AsyncConnection, after: int, up_to: int, kinds: Sequence[str]
) -> list[tuple[int, str, Recorded]]:
    """Return the records of these kinds behind number `after`, up to `up_to`: number, kind, what was recorded."""
    wanted = select(ledger.c.seq, ledger.c.kind, ledger.c.body).where(ledger.c.kind.in_(kinds))
    wanted = wanted.where(ledger.c.seq > after, ledger.c.seq <= up_to).order_by(ledger.c.seq)
    return [(row.seq, row.kind, recorded_of(row.kind, row.body)) for row in await connection.execute(wanted)]


async def transitions_between(connection: AsyncConnection, after: int, up_to: int, start_ms: int, end_ms: int) -> int:
    """Return how many changes of status in `[start_ms, end_ms)` have a number behind `after`, up to `up_to`."""
    wanted = select(func.count()).select_from(ledger).where(ledger.c.kind == TRANSITION)
    wanted = wanted.where(ledger.c.seq > after, ledger.c.seq <= up_to)
    wanted = wanted.where(ledger.c.since_ms >= start_ms, ledger.c.since_ms < end_ms)
    return int((await connection.execute(wanted)).scalar_one())


async def _last(connection: AsyncConnection, name: str, subject: str) -> Issued | None:
    wanted = select(*_COLUMNS).where(report.c.name == name, report.c.subject == subject)
    row = (await connection.execute(wanted.order_by(report.c.number.desc()).limit(1))).first()
    return None if row is None else _issued(row)


def _issued(row: Row[tuple[object, ...]]) -> Issued:
    return Issued(
        id=row.id,
        name=row.name,
        subject=row.subject,
        number=row.number,
        issued_ms=row.issued_ms,
        seq=row.seq,
        hash=row.hash,
        digest=row.digest,
        asked=row.asked,
    )
