"""Proposals of discovery, and the sweeps that they come from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.discovery import Found, Neighbour, Proposal, ProposalState, SweepRecord
from noc.state.tables import proposal, sweep

PROPOSALS_AT_MOST: Final = 50_000
"""Proposals that nobody has decided about; of more the oldest go."""

SWEEPS_AT_MOST: Final = 100

_LISTS: Final = ("addresses", "ways", "own", "networks")


async def everything(connection: AsyncConnection) -> list[Proposal]:
    """Return all proposals, by their number."""
    rows = await connection.execute(select(proposal).order_by(proposal.c.id))
    return [_proposal(row) for row in rows]


async def page(
    connection: AsyncConnection, *, states: Sequence[ProposalState], after: int = 0, limit: int = 100
) -> list[Proposal]:
    """Return proposals of these states behind a number."""
    wanted = select(proposal).where(proposal.c.state.in_(states), proposal.c.id > after)
    rows = await connection.execute(wanted.order_by(proposal.c.id).limit(limit))
    return [_proposal(row) for row in rows]


async def get(connection: AsyncConnection, numbers: Sequence[int]) -> dict[int, Proposal]:
    """Return those of these numbers that there are."""
    rows = await connection.execute(select(proposal).where(proposal.c.id.in_(numbers)))
    return {row.id: _proposal(row) for row in rows}


async def add(connection: AsyncConnection, fresh: Sequence[Found], now_ms: int) -> None:
    """Write new proposals; beyond what is kept, the oldest that nobody has decided about go."""
    if not fresh:
        return
    rows = [
        {"state": "new", "address": one.address, "first_ms": now_ms, "last_ms": now_ms, "found": found_text(one)}
        for one in fresh
    ]
    await connection.execute(insert(proposal), rows)
    new = proposal.c.state == "new"
    count = (await connection.execute(select(func.count()).select_from(proposal).where(new))).scalar_one()
    if count > PROPOSALS_AT_MOST:
        oldest = select(proposal.c.id).where(new).order_by(proposal.c.last_ms, proposal.c.id)
        gone = oldest.limit(count - PROPOSALS_AT_MOST)
        await connection.execute(delete(proposal).where(proposal.c.id.in_(gone.scalar_subquery())))


async def seen_again(connection: AsyncConnection, changed: Sequence[Proposal], now_ms: int) -> None:
    """Write what is known of proposals now; what was decided stays."""
    for one in changed:
        values = {"address": one.found.address, "last_ms": now_ms, "found": found_text(one.found)}
        await connection.execute(update(proposal).where(proposal.c.id == one.id).values(**values))


async def decide(
    connection: AsyncConnection, number: int, state: ProposalState, who: str, now_ms: int, device: str | None = None
) -> None:
    """Write what somebody decided. new: that nobody has, any more."""
    by, at_ms = (None, None) if state == "new" else (who, now_ms)
    values = {"state": state, "who": by, "decided_ms": at_ms, "device": device}
    await connection.execute(update(proposal).where(proposal.c.id == number).values(**values))


async def begin_sweep(connection: AsyncConnection, record: SweepRecord) -> int:
    """Write down that a sweep begins, and return its number. One that was not finished can't be gone on with then."""
    await connection.execute(update(sweep).where(sweep.c.ended_ms.is_(None)).values(ended_ms=record.started_ms))
    asked = json.dumps({"targets": record.targets, "excluded": record.excluded})
    values = {"started_ms": record.started_ms, "position": record.position, "total": record.total, "asked": asked}
    done = await connection.execute(insert(sweep).values(**values))
    number = int(done.inserted_primary_key[0]) if done.inserted_primary_key else 0
    await connection.execute(delete(sweep).where(sweep.c.id <= number - SWEEPS_AT_MOST))
    return number


async def go_on(connection: AsyncConnection, number: int, position: int, ended_ms: int | None = None) -> None:
    """Write how far a sweep is."""
    await connection.execute(update(sweep).where(sweep.c.id == number).values(position=position, ended_ms=ended_ms))


async def unfinished(connection: AsyncConnection) -> SweepRecord | None:
    """Return the sweep that can be gone on with."""
    wanted = select(sweep).where(sweep.c.ended_ms.is_(None)).order_by(sweep.c.id.desc()).limit(1)
    row = (await connection.execute(wanted)).first()
    return None if row is None else _sweep(row)


async def last_sweep(connection: AsyncConnection) -> SweepRecord | None:
    """Return the newest sweep."""
    row = (await connection.execute(select(sweep).order_by(sweep.c.id.desc()).limit(1))).first()
    return None if row is None else _sweep(row)


def found_text(found: Found) -> str:
    """Return a finding as JSON."""
    return json.dumps(asdict(found), ensure_ascii=True)


def found_of(document: Mapping[str, Any]) -> Found:
    """Return the finding of a JSON document; what a later noc has added is left out."""
    known = {key: value for key, value in document.items() if key in Found.__dataclass_fields__}
    neighbours = tuple(
        Neighbour(**{key: value for key, value in one.items() if key in Neighbour.__dataclass_fields__})
        for one in known.get("neighbours", ())
    )
    lists = {key: tuple(known.get(key, ())) for key in _LISTS}
    return Found(**{**known, **lists, "neighbours": neighbours})


def _proposal(row: Row[Any]) -> Proposal:
    return Proposal(
        id=row.id,
        state=row.state,
        found=found_of(json.loads(row.found)),
        first_ms=row.first_ms,
        last_ms=row.last_ms,
        device=row.device,
        who=row.who,
        decided_ms=row.decided_ms,
    )


def _sweep(row: Row[Any]) -> SweepRecord:
    asked = json.loads(row.asked)
    return SweepRecord(
        id=row.id,
        targets=tuple(asked["targets"]),
        excluded=tuple(asked["excluded"]),
        total=row.total,
        position=row.position,
        started_ms=row.started_ms,
        ended_ms=row.ended_ms,
    )
