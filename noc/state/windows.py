"""Windows: asked for by one person, decided about by another; each step is a record of the ledger (docs/adr/0020)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import ColumnElement, false, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.maintenance.occurrences import foreseen
from noc.maintenance.series import MARK
from noc.model.errors import ConflictError
from noc.model.window import PlannedWindow, WindowDecision, WindowState, WindowStep
from noc.state import ledger
from noc.state.records import WINDOW, recorded_of
from noc.state.tables import ledger as ledger_table
from noc.state.tables import window

WAITING_AT_MOST: Final = 10_000
"""Requests that nobody has decided about."""

AT_ONCE: Final = 500
"""Names in one statement."""


class WindowError(ConflictError):
    """A step that can't be taken, with a sentence for a person."""


async def request(connection: AsyncConnection, asked: WindowDecision) -> PlannedWindow:
    """Write a request, in the caller's transaction. asked: what is asked for; its number is given here.

    Whether it makes sense, noc.maintenance.draft says before. Raises WindowError.
    """
    if not asked.who.strip() or not asked.why.strip():
        raise WindowError("a window needs somebody who asks for it, and what is to be done")
    waiting = select(func.count()).select_from(window).where(window.c.state == "requested")
    if (await connection.execute(waiting)).scalar_one() >= WAITING_AT_MOST:
        raise WindowError(f"{WAITING_AT_MOST:,} requests wait for somebody to decide; decide about some first")
    values = {
        "entity": asked.entity,
        "state": "requested",
        **_when(asked),
        "source": asked.source,
        "who": asked.who.strip(),
        "why": asked.why.strip(),
        "requested_ms": asked.since_ms,
        "seq": 0,
    }
    done = await connection.execute(insert(window).values(**values))
    number = int(done.inserted_primary_key[0]) if done.inserted_primary_key else 0
    said = replace(asked, window=number, step="requested", who=asked.who.strip(), why=asked.why.strip())
    await _record(connection, said)
    return PlannedWindow((said,))


async def approve(connection: AsyncConnection, number: int, *, who: str, why: str = "", now_ms: int) -> PlannedWindow:
    """Approve a request of somebody else; it is planned time from now on. Raises WindowError, LookupError."""
    found = await _waiting(connection, number, who)
    if _is_over(found, now_ms):
        raise WindowError(f"window {number} is over; an approval counts from now on, so that nothing is left of it")
    return await _decide(connection, found, "approved", who, why, now_ms)


async def reject(connection: AsyncConnection, number: int, *, who: str, why: str = "", now_ms: int) -> PlannedWindow:
    """Reject a request of somebody else. Raises WindowError, LookupError."""
    return await _decide(connection, await _waiting(connection, number, who), "rejected", who, why, now_ms)


async def cancel(
    connection: AsyncConnection,
    number: int,
    *,
    who: str,
    why: str = "",
    now_ms: int,
) -> PlannedWindow:
    """End a window now, or take a request back; what was planned time stays so. Raises WindowError, LookupError."""
    found = await _alive(connection, number)
    if _is_over(found, now_ms):
        raise WindowError(f"window {number} is over, and the past can't be changed; propose a correction")
    return await _decide(connection, found, "cancelled", who, why, now_ms)


async def shorten(
    connection: AsyncConnection, number: int, end_ms: int, *, who: str, why: str = "", now_ms: int
) -> PlannedWindow:
    """Have a window that is once end sooner. Raises WindowError, LookupError."""
    found = await _alive(connection, number, "approved")
    now = found.now
    if now.rrule:
        raise WindowError(f"window {number} comes again; leave one time of it out, or cancel it and ask for another")
    if not max(now.start_ms, now_ms - 1) < end_ms < now.end_ms:
        raise WindowError(f"window {number} can end between now, or its beginning, and its end; not before, nor later")
    return await _decide(connection, found, "shortened", who, why, now_ms, replace(now, end_ms=end_ms))


async def leave_out(
    connection: AsyncConnection, number: int, start_ms: int, *, who: str, why: str = "", now_ms: int
) -> PlannedWindow:
    """Leave out the time of a window that begins at a moment; one that is under way ends now.

    Raises WindowError, LookupError.
    """
    found = await _alive(connection, number, "approved")
    now = found.now
    if not any(one.start == start_ms for one in foreseen(found, start_ms, start_ms + 1)):
        raise WindowError(f"window {number} doesn't begin then; `noc window show {number}` tells when it does")
    if start_ms + now.end_ms - now.start_ms <= now_ms:
        raise WindowError(f"that time of window {number} is over, and the past can't be changed; propose a correction")
    without = tuple(sorted({*now.without, start_ms}))
    return await _decide(connection, found, "shortened", who, why, now_ms, replace(now, without=without))


async def get(connection: AsyncConnection, number: int) -> PlannedWindow | None:
    """Return a window; None where there is none of this number."""
    found = await page(connection, number=number, limit=1)
    return found[0] if found else None


async def page(
    connection: AsyncConnection,
    *,
    states: Sequence[WindowState] = (),
    entity: str | None = None,
    sources: Sequence[str] | None = None,
    number: int | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[PlannedWindow]:
    """Return windows, the newest first, those in front of number `before`.

    sources: UIDs of carriers' notices; those of single times of a series are among them.
    """
    wanted = select(window.c.number, window.c.entity).order_by(window.c.number.desc()).limit(limit)
    if states:
        wanted = wanted.where(window.c.state.in_(states))
    if entity is not None:
        wanted = wanted.where(window.c.entity == entity)
    if sources is not None:
        wanted = wanted.where(or_(*(_is_of(one) for one in sources), false()))
    if number is not None:
        wanted = wanted.where(window.c.number == number)
    if before is not None:
        wanted = wanted.where(window.c.number < before)
    rows = (await connection.execute(wanted)).all()
    found = await _read(connection, {row.entity for row in rows})
    return [found[row.number] for row in rows if row.number in found]


def _is_of(source: str) -> ColumnElement[bool]:
    return or_(window.c.source == source, window.c.source.startswith(f"{source}{MARK}", autoescape=True))


async def approved(connection: AsyncConnection, known: int | None = None) -> list[PlannedWindow]:
    """Return all windows that were ever approved, by number; known: as told by records up to this number."""
    names = (await connection.execute(select(window.c.entity).distinct())).scalars()
    found = await _read(connection, names, known)
    return [one for _, one in sorted(found.items()) if one.approval is not None]


async def overlapping(
    connection: AsyncConnection, start_ms: int, end_ms: int, states: Sequence[WindowState] = ("approved",)
) -> list[PlannedWindow]:
    """Return the windows in some states that are somewhere in `[start_ms, end_ms)`: planned time, or asked for."""
    is_near = or_(window.c.rrule != "", window.c.end_ms > start_ms)
    wanted = select(window.c.number, window.c.entity).where(
        window.c.state.in_(states), window.c.start_ms < end_ms, is_near
    )
    rows = (await connection.execute(wanted.order_by(window.c.number))).all()
    found = await _read(connection, {row.entity for row in rows})
    held = [found[row.number] for row in rows if row.number in found]
    return [one for one in held if foreseen(one, start_ms, end_ms)]


async def near(connection: AsyncConnection, at_ms: int) -> list[PlannedWindow]:
    """Return the windows that may be under way at a moment: approved, begun, and not over for sure."""
    is_near = or_(window.c.rrule != "", window.c.end_ms > at_ms)
    wanted = select(window.c.number, window.c.entity).where(
        window.c.state == "approved", window.c.start_ms <= at_ms, is_near
    )
    rows = (await connection.execute(wanted.order_by(window.c.number))).all()
    found = await _read(connection, {row.entity for row in rows})
    return [found[row.number] for row in rows if row.number in found]


async def coming(connection: AsyncConnection, at_ms: int) -> list[PlannedWindow]:
    """Return the approved windows that are not over for sure at a moment, by number."""
    is_coming = or_(window.c.rrule != "", window.c.end_ms > at_ms)
    wanted = select(window.c.number, window.c.entity).where(window.c.state == "approved", is_coming)
    rows = (await connection.execute(wanted.order_by(window.c.number))).all()
    found = await _read(connection, {row.entity for row in rows})
    return [found[row.number] for row in rows if row.number in found]


async def newest(connection: AsyncConnection) -> int:
    """Return the number of the last record that says something of a window; 0 where there is none."""
    found: int | None = (await connection.execute(select(func.max(window.c.seq)))).scalar_one()
    return found or 0


async def _read(
    connection: AsyncConnection, entities: Iterable[str], known: int | None = None
) -> dict[int, PlannedWindow]:
    """Return all windows of entities, as the ledger tells of them, by number."""
    names = sorted(set(entities))
    told: dict[int, list[WindowDecision]] = {}
    for start in range(0, len(names), AT_ONCE):
        some = ledger_table.c.entity.in_(names[start : start + AT_ONCE])
        wanted = select(ledger_table.c.kind, ledger_table.c.body).where(some, ledger_table.c.kind == WINDOW)
        if known is not None:
            wanted = wanted.where(ledger_table.c.seq <= known)
        for row in await connection.execute(wanted.order_by(ledger_table.c.seq)):
            decision = recorded_of(row.kind, row.body)
            if isinstance(decision, WindowDecision):
                told.setdefault(decision.window, []).append(decision)
    return {number: PlannedWindow(tuple(decisions)) for number, decisions in told.items()}


async def _alive(connection: AsyncConnection, number: int, *states: WindowState) -> PlannedWindow:
    found = await _known(connection, number)
    if found.state not in (states or ("requested", "approved")):
        raise WindowError(f"window {number} is {found.state}, by {found.now.who}; cancel it, or ask for another one")
    return found


async def _waiting(connection: AsyncConnection, number: int, who: str) -> PlannedWindow:
    found = await _known(connection, number)
    if found.state != "requested":
        raise WindowError(f"window {number} is {found.state} already, by {found.now.who}")
    if who.strip().casefold() == found.request.who.casefold():
        raise WindowError(f"{who.strip()} asked for window {number}; somebody else must decide about it")
    return found


async def _known(connection: AsyncConnection, number: int) -> PlannedWindow:
    found = await get(connection, number)
    if found is None:
        raise LookupError(f"there is no window {number}; `noc window list` shows those there are")
    return found


def _is_over(found: PlannedWindow, now_ms: int) -> bool:
    return not found.now.rrule and found.now.end_ms <= now_ms


async def _decide(
    connection: AsyncConnection,
    found: PlannedWindow,
    step: WindowStep,
    who: str,
    why: str,
    now_ms: int,
    now: WindowDecision | None = None,
) -> PlannedWindow:
    """Write a step. now: when the window is, where the step changes that."""
    if not who.strip():
        raise WindowError("somebody must decide: give a name")
    said = replace(now or found.now, step=step, since_ms=now_ms, who=who.strip(), why=why.strip())
    changed = PlannedWindow((*found.decisions, said))
    decided = {"decided_by": said.who, "decided_ms": now_ms, "decided_why": said.why}
    values = {"state": changed.state, **_when(said), **decided}
    await connection.execute(update(window).where(window.c.number == found.number).values(**values))
    await _record(connection, said)
    return changed


async def _record(connection: AsyncConnection, said: WindowDecision) -> None:
    (record,) = await ledger.append(connection, [said])
    await connection.execute(update(window).where(window.c.number == said.window).values(seq=record.seq))


def _when(said: WindowDecision) -> dict[str, object]:
    return {
        "start_ms": said.start_ms,
        "end_ms": said.end_ms,
        "rrule": said.rrule,
        "zone": said.zone,
        "without": json.dumps(said.without),
    }
