"""Corrections: proposed by one person, decided by another; each step is a record of the ledger (docs/adr/0020)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.availability.corrections import Correction
from noc.model.correction import Cause, CorrectionDecision, CorrectionState, CorrectionStep, Proposed
from noc.model.errors import ConflictError
from noc.state import ledger
from noc.state.records import CORRECTION, recorded_of
from noc.state.tables import correction
from noc.state.tables import ledger as ledger_table

WAITING_AT_MOST: Final = 10_000
"""Proposals that nobody has decided about."""


class CorrectionError(ConflictError):
    """A step that can't be taken, with a sentence for a person."""


async def propose(
    connection: AsyncConnection,
    entity: str,
    start_ms: int,
    end_ms: int,
    cause: Cause,
    *,
    who: str,
    why: str,
    evidence: Sequence[str] = (),
    now_ms: int,
) -> Proposed:
    """Write a proposal, in the caller's transaction. Raises CorrectionError."""
    if start_ms >= end_ms:
        raise CorrectionError("a correction must end after it begins")
    if end_ms > now_ms:
        raise CorrectionError("a correction is of time that is over; for work that is to come ask for a window")
    if not who.strip() or not why.strip():
        raise CorrectionError("a correction needs somebody who proposes it, and the reason")
    waiting = select(func.count()).select_from(correction).where(correction.c.state == "proposed")
    if (await connection.execute(waiting)).scalar_one() >= WAITING_AT_MOST:
        raise CorrectionError(f"{WAITING_AT_MOST:,} proposals wait for somebody to decide; decide about some first")
    said = tuple(one.strip() for one in evidence if one.strip())
    values = {
        "entity": entity,
        "state": "proposed",
        "start_ms": start_ms,
        "end_ms": end_ms,
        "cause": cause,
        "proposed_by": who.strip(),
        "proposed_ms": now_ms,
        "why": why.strip(),
        "evidence": json.dumps(said, ensure_ascii=False),
        "seq": 0,
    }
    done = await connection.execute(insert(correction).values(**values))
    number = int(done.inserted_primary_key[0]) if done.inserted_primary_key else 0
    await _record(connection, await _found(connection, number), "proposed", who.strip(), why.strip(), now_ms)
    return await _found(connection, number)


async def decide(
    connection: AsyncConnection, number: int, step: CorrectionStep, *, who: str, why: str, now_ms: int
) -> Proposed:
    """Approve, reject or withdraw a proposal, in the caller's transaction. Raises CorrectionError.

    Who proposed it can withdraw it, and can't approve it; an approved one is put right by another correction.
    """
    found, name = await get(connection, number), who.strip()
    if found is None:
        raise CorrectionError(f"there is no correction {number}")
    if found.state != "proposed":
        raise CorrectionError(
            f"correction {number} is {found.state} already, by {found.decided_by}; propose another one to put it right"
        )
    if not name:
        raise CorrectionError("somebody must decide: give a name")
    is_own = name.casefold() == found.proposed_by.casefold()
    if is_own and step != "withdrawn":
        raise CorrectionError(f"{name} proposed correction {number}; somebody else must decide about it")
    if not is_own and step == "withdrawn":
        raise CorrectionError(f"only {found.proposed_by} can withdraw correction {number}; reject it instead")
    values = {"state": step, "decided_by": name, "decided_ms": now_ms, "decided_why": why.strip()}
    await connection.execute(update(correction).where(correction.c.number == number).values(**values))
    await _record(connection, found, step, name, why.strip(), now_ms)
    return await _found(connection, number)


async def get(connection: AsyncConnection, number: int) -> Proposed | None:
    """Return a correction; None where there is none of this number."""
    row = (await connection.execute(select(correction).where(correction.c.number == number))).first()
    return None if row is None else _proposed(row)


async def page(
    connection: AsyncConnection,
    *,
    states: Sequence[CorrectionState] = (),
    entity: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Proposed]:
    """Return corrections, the newest first, those in front of number `before`."""
    wanted = select(correction).order_by(correction.c.number.desc()).limit(limit)
    if states:
        wanted = wanted.where(correction.c.state.in_(states))
    if entity is not None:
        wanted = wanted.where(correction.c.entity == entity)
    if before is not None:
        wanted = wanted.where(correction.c.number < before)
    return [_proposed(row) for row in await connection.execute(wanted)]


async def approved(connection: AsyncConnection, known: int | None = None) -> list[Correction]:
    """Return the approved corrections, in the order of their approval; known: of records up to this number."""
    wanted = select(correction).where(correction.c.state == "approved").order_by(correction.c.seq)
    if known is not None:
        wanted = wanted.where(correction.c.seq <= known)
    rows = await connection.execute(wanted)
    return [Correction(row.entity, row.start_ms, row.end_ms, row.cause, row.seq) for row in rows]


async def steps(connection: AsyncConnection, number: int) -> list[tuple[int, CorrectionDecision]]:
    """Return what was decided about a correction, step by step, with the numbers of the records."""
    found = await get(connection, number)
    if found is None:
        return []
    wanted = select(ledger_table).where(ledger_table.c.entity == found.entity, ledger_table.c.kind == CORRECTION)
    rows = await connection.execute(wanted.order_by(ledger_table.c.seq))
    held = ((row.seq, recorded_of(row.kind, row.body)) for row in rows)
    return [(seq, one) for seq, one in held if isinstance(one, CorrectionDecision) and one.correction == number]


async def _record(
    connection: AsyncConnection, found: Proposed, step: CorrectionStep, who: str, why: str, now_ms: int
) -> None:
    decision = CorrectionDecision(
        entity=found.entity,
        since_ms=now_ms,
        correction=found.number,
        step=step,
        start_ms=found.start_ms,
        end_ms=found.end_ms,
        cause=found.cause,
        who=who,
        why=why,
        evidence=found.evidence,
    )
    (record,) = await ledger.append(connection, [decision])
    await connection.execute(update(correction).where(correction.c.number == found.number).values(seq=record.seq))


async def _found(connection: AsyncConnection, number: int) -> Proposed:
    found = await get(connection, number)
    if found is None:
        raise CorrectionError(f"there is no correction {number}")
    return found


def _proposed(row: Row[tuple[object, ...]]) -> Proposed:
    return Proposed(
        number=row.number,
        entity=row.entity,
        state=row.state,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        cause=row.cause,
        proposed_by=row.proposed_by,
        proposed_ms=row.proposed_ms,
        why=row.why,
        evidence=tuple(json.loads(row.evidence)),
        decided_by=row.decided_by,
        decided_ms=row.decided_ms,
        decided_why=row.decided_why,
        seq=row.seq,
    )
