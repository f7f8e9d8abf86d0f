"""The outbox: what is to be told, to whom, on which channel. Written in the transaction that decided it.

A row is claimed for a limited time, sent, and marked. When nobody marked it in time, its outcome is unknown, and it is
sent again under the same key: a receiver can tell the repetition, and nobody is forgotten.

Statements that every message needs stand made at the end: making one takes SQLAlchemy longer than running it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Row,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.clock import NO_STEPS, Steps
from noc.model.incident import Notice, NoticeKind, NoticeState
from noc.state.alerttables import incident, outbox

PENDING: tuple[NoticeState, ...] = ("queued", "claimed", "unknown")
CALLS: tuple[NoticeKind, ...] = ("page", "reminder", "escalation")
"""What calls somebody to an incident that nobody owns; the rest says that it grew, or is over."""

ERROR_AT_MOST = 1_000
AT_ONCE = 500
"""Numbers in one IN (…)."""


async def put(connection: AsyncConnection, notices: Sequence[Notice]) -> None:
    """Write new notices; the database numbers them. Raises sqlalchemy's IntegrityError where a key is there already."""
    fields = [name for name in Notice.__dataclass_fields__ if name != "id"]
    rows = [{name: getattr(notice, name) for name in fields} for notice in notices]
    if rows:
        await connection.execute(outbox.insert(), rows)


async def of_incident(connection: AsyncConnection, number: int) -> list[Notice]:
    """Return the notices of an incident, the oldest first."""
    return [_notice(row) for row in await connection.execute(_OF_INCIDENT, {"number": number})]


async def of_incidents(connection: AsyncConnection, numbers: Sequence[int]) -> dict[int, list[Notice]]:
    """Return the notices of some incidents by their numbers, the oldest first; those without any are left out."""
    found: dict[int, list[Notice]] = {}
    for start in range(0, len(numbers), AT_ONCE):
        wanted = select(outbox).where(outbox.c.incident.in_(numbers[start : start + AT_ONCE])).order_by(outbox.c.id)
        for row in await connection.execute(wanted):
            found.setdefault(row.incident, []).append(_notice(row))
    return found


async def get(connection: AsyncConnection, number: int) -> Notice | None:
    """Return a notice; None where there is none of that number."""
    row = (await connection.execute(select(outbox).where(outbox.c.id == number))).first()
    return None if row is None else _notice(row)


async def counts(connection: AsyncConnection) -> dict[NoticeState, int]:
    """Return how many notices are in each state; states without any are left out."""
    wanted = select(outbox.c.state, func.count().label("number")).group_by(outbox.c.state)
    return {row.state: row.number for row in await connection.execute(wanted)}


async def waiting(connection: AsyncConnection) -> tuple[int, int | None]:
    """Return how many notices are not sent, and when the first of them is, or was, due; None: there is none."""
    wanted = select(func.count().label("number"), func.min(outbox.c.next_ms).label("due_ms"))
    row = (await connection.execute(wanted.where(outbox.c.state.in_(PENDING)))).one()
    return row.number, row.due_ms


async def channels_due(connection: AsyncConnection, now_ms: int) -> list[str]:
    """Return the channels that have something to send by now, sorted."""
    return list((await connection.execute(_CHANNELS_DUE, {"now_ms": now_ms})).scalars())


async def next_due_ms(connection: AsyncConnection, after_ms: int) -> int | None:
    """Return when, after a moment, the next notice falls due or the next claim ends; None: nothing is to come."""
    next_ms: int | None = (await connection.execute(_NEXT_DUE, {"after_ms": after_ms})).scalar_one()
    return next_ms


async def claim(
    connection: AsyncConnection,
    channel: str,
    now_ms: int,
    until_ms: int,
    limit: int,
    but: Collection[int] = (),
) -> list[Notice]:
    """Claim the oldest notices of a channel that are due, until a time, and return them with this attempt counted.

    Of one incident, a person's notices go out one after the other. A claim that has run out is due again. but: numbers
    that the caller has under way itself. The error of the attempt before is cleared: a claimed notice has none.
    """
    wanted = {"channel": channel, "now_ms": now_ms, "but": sorted(but), "at_most": limit}
    numbers = list((await connection.execute(_TO_CLAIM, wanted)).scalars())
    if not numbers:
        return []
    await connection.execute(_CLAIM, {"numbers": numbers, "until_ms": until_ms})
    return [_notice(row) for row in await connection.execute(_NUMBERED, {"numbers": numbers})]


async def mark_sent(connection: AsyncConnection, number: int, now_ms: int) -> None:
    """Say that a notice has been handed over."""
    await _mark(connection, number, state="sent", sent_ms=now_ms, error=None)


async def mark_failed(
    connection: AsyncConnection, number: int, error: str, next_ms: int, *, unknown: bool = False
) -> None:
    """Say that an attempt failed, and when the next one is due. unknown: nobody knows whether it failed."""
    state = "unknown" if unknown else "queued"
    await _mark(connection, number, state=state, next_ms=next_ms, error=error[:ERROR_AT_MOST])


async def mark_unknown(connection: AsyncConnection, now_ms: int, but: Collection[int] = ()) -> list[Notice]:
    """Say that nobody knows what became of claims that have run out; they are due again. Return them.

    but: numbers that the caller has under way itself.
    """
    rows = (await connection.execute(_LOST, {"now_ms": now_ms, "but": sorted(but)})).all()
    if rows:
        numbers = [row.id for row in rows]
        change = update(outbox).where(outbox.c.id.in_(numbers)).values(state="unknown", claimed_until=None)
        await connection.execute(change)
    return [_notice(row) for row in rows]


async def mark_dead(connection: AsyncConnection, number: int, error: str) -> None:
    """Say that a notice will not be tried again."""
    await _mark(connection, number, state="dead", error=error[:ERROR_AT_MOST])


async def drop_calls(connection: AsyncConnection, now_ms: int, number: int | None = None) -> list[Notice]:
    """Drop calls that nobody needs any more, and return them: those of acknowledged incidents, and reminders,
    escalations and further news of resolved ones. number: of this incident alone.

    The first page of an incident is dropped only when somebody owns it: else its end would be told to people, or to
    nobody, who never heard of it. What is claimed is left alone while its claim lasts: it is on its way.
    """
    wanted = _UNNEEDED if number is None else _UNNEEDED.where(outbox.c.incident == number)
    rows = (await connection.execute(wanted, {"now_ms": now_ms})).all()
    if rows:
        await connection.execute(
            update(outbox)
            .where(outbox.c.id.in_([row.id for row in rows]))
            .values(state="dropped", error=case((outbox.c.state == "queued", outbox.c.error), else_=None))
        )  # an outcome that nobody knows stays one: who may have heard of the beginning is told of the end
    return [_notice(row) for row in rows]


async def stalled(
    connection: AsyncConnection, before_ms: int, soon_ms: int, channels: Collection[str], limit: int
) -> list[Notice]:
    """Return calls that have no other way yet, though theirs seems not to work; the oldest first.

    That is: tried without success and made before a moment, or due soon by one of these channels, which are cut off.
    """
    wanted = {"before_ms": before_ms, "soon_ms": soon_ms, "channels": sorted(channels), "at_most": limit}
    return [_notice(row) for row in await connection.execute(_STALLED, wanted)]


async def untold_since(
    connection: AsyncConnection, now_ms: int, steps: Steps = NO_STEPS, but: Collection[str] = ()
) -> int | None:
    """Return since when somebody is to be called and could not be told yet; None where nobody waits.

    steps: of the clock; the times of what was not tried have been moved with it. but: channels that call nobody.
    """
    waits = (outbox.c.state.in_(PENDING), outbox.c.kind.in_(CALLS), outbox.c.channel.not_in(sorted(but)))
    tried = select(func.min(outbox.c.created_ms)).where(*waits, outbox.c.attempts > 0)
    due = select(func.min(outbox.c.next_ms)).where(*waits, outbox.c.attempts == 0, outbox.c.next_ms <= now_ms)
    tried_ms: int | None = (await connection.execute(tried)).scalar_one()
    due_ms: int | None = (await connection.execute(due)).scalar_one()
    since = (None if tried_ms is None else steps.here(tried_ms), due_ms)
    return min((at_ms for at_ms in since if at_ms is not None), default=None)


async def put_new(connection: AsyncConnection, notices: Sequence[Notice]) -> list[Notice]:
    """Write those of the notices whose keys are not there yet, and return them."""
    keys = [notice.key for notice in notices]
    known = set((await connection.execute(select(outbox.c.key).where(outbox.c.key.in_(keys)))).scalars())
    fresh = [notice for notice in notices if notice.key not in known]
    await put(connection, fresh)
    return fresh


async def instead_of(connection: AsyncConnection, number: int) -> Notice | None:
    """Return the notice that goes another way instead of this one."""
    row = (await connection.execute(select(outbox).where(outbox.c.instead_of == number))).first()
    return None if row is None else _notice(row)


async def wait_until(connection: AsyncConnection, channel: str, now_ms: int, until_ms: int) -> None:
    """Let everything that is due by a channel now wait, because the channel is cut off."""
    due = and_(outbox.c.channel == channel, outbox.c.state.in_(("queued", "unknown")), outbox.c.next_ms <= now_ms)
    await connection.execute(update(outbox).where(due).values(next_ms=until_ms))


async def hasten(connection: AsyncConnection, channel: str, now_ms: int, until_ms: int) -> None:
    """Let what waits for a channel be due now, because it works again: all that is due before a moment.

    What is due later waits for something else, such as the end of somebody's quiet hours.
    """
    soon = and_(outbox.c.next_ms > now_ms, outbox.c.next_ms <= until_ms)
    waiting = and_(outbox.c.channel == channel, outbox.c.state.in_(("queued", "unknown")), soon)
    await connection.execute(update(outbox).where(waiting).values(next_ms=now_ms))


async def by_key(connection: AsyncConnection, key: str) -> Notice | None:
    """Return the notice of a key; None where there is none."""
    row = (await connection.execute(select(outbox).where(outbox.c.key == key))).first()
    return None if row is None else _notice(row)


async def mark_delivered(connection: AsyncConnection, number: int, now_ms: int) -> bool:
    """Say that it has reached the person's device. False: it was known, or was never sent."""
    return await _first(connection, number, outbox.c.delivered_ms, delivered_ms=now_ms)


async def mark_read(connection: AsyncConnection, number: int, now_ms: int) -> bool:
    """Say that the person has read it. False: it was known, or was never sent."""
    return await _first(connection, number, outbox.c.read_ms, read_ms=now_ms)


async def mark_acted(connection: AsyncConnection, number: int, now_ms: int) -> bool:
    """Say that the person did something by it. False: they did before. It may come from a repetition that is queued."""
    change = update(outbox).where(outbox.c.id == number, outbox.c.acted_ms.is_(None)).values(acted_ms=now_ms)
    return (await connection.execute(change)).rowcount == 1


async def learn(connection: AsyncConnection, number: int, values: Mapping[str, int | str | None]) -> None:
    """Write what another noc knows of a notice: that it was sent, or read."""
    await connection.execute(update(outbox).where(outbox.c.id == number).values(dict(values)))


async def drop(connection: AsyncConnection, number: int) -> None:
    """Drop one notice that has not been sent."""
    await connection.execute(
        update(outbox).where(outbox.c.id == number, outbox.c.state.in_(PENDING)).values(state="dropped")
    )


async def drop_queued(connection: AsyncConnection, number: int) -> None:
    """Drop a notice that surely told nobody yet: the same was told another way."""
    await connection.execute(
        update(outbox).where(outbox.c.id == number, outbox.c.state == "queued").values(state="dropped")
    )


async def _first(connection: AsyncConnection, number: int, column: Column[int], **values: int) -> bool:
    change = update(outbox).where(outbox.c.id == number, outbox.c.sent_ms.is_not(None), column.is_(None))
    return (await connection.execute(change.values(**values))).rowcount == 1


async def _mark(connection: AsyncConnection, number: int, **values: str | int | None) -> None:
    change = update(outbox).where(outbox.c.id == number).values(claimed_until=None, **values)
    await connection.execute(change)


def _notice(row: Row[tuple[object, ...]]) -> Notice:
    return Notice(**{name: getattr(row, name) for name in Notice.__dataclass_fields__})


_earlier, _other = outbox.alias("earlier"), outbox.alias("other")
_now_ms: ColumnElement[int] = bindparam("now_ms")
_but: BindParameter[int] = bindparam("but", expanding=True)
_numbers: BindParameter[int] = bindparam("numbers", expanding=True)
_claimable = and_(outbox.c.state.in_(PENDING), outbox.c.next_ms <= _now_ms)
_has_run_out = and_(outbox.c.state == "claimed", outbox.c.claimed_until <= _now_ms)
_OF_INCIDENT = select(outbox).where(outbox.c.incident == bindparam("number")).order_by(outbox.c.id)
_CHANNELS_DUE = select(outbox.c.channel).where(_claimable).distinct().order_by(outbox.c.channel)
_NEXT_DUE = select(func.min(outbox.c.next_ms)).where(
    outbox.c.state.in_(PENDING), outbox.c.next_ms > bindparam("after_ms")
)
_overtaking = exists().where(
    _earlier.c.incident == outbox.c.incident,
    _earlier.c.person == outbox.c.person,
    _earlier.c.channel == outbox.c.channel,
    _earlier.c.state.in_(PENDING),
    _earlier.c.id < outbox.c.id,
)
_TO_CLAIM = (
    select(outbox.c.id)
    .where(outbox.c.channel == bindparam("channel"), _claimable, ~_overtaking, outbox.c.id.not_in(_but))
    .order_by(case((outbox.c.kind == "resolved", 1), else_=0), outbox.c.id)  # who can still do something comes first
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True)  # as in handling.due
)
_CLAIM = (
    update(outbox)
    .where(outbox.c.id.in_(_numbers))
    .values(
        state="claimed",
        claimed_until=bindparam("until_ms"),
        next_ms=bindparam("until_ms"),
        attempts=outbox.c.attempts + 1,
        error=None,
    )
)
_NUMBERED = select(outbox).where(outbox.c.id.in_(_numbers)).order_by(outbox.c.id)
_LOST = select(outbox).where(_has_run_out, outbox.c.id.not_in(_but))
_UNNEEDED = (
    select(outbox)
    .select_from(outbox.join(incident, incident.c.id == outbox.c.incident))
    .where(
        or_(outbox.c.state.in_(("queued", "unknown")), _has_run_out),
        or_(
            and_(outbox.c.kind.in_(CALLS), incident.c.acknowledged_ms.is_not(None)),
            and_(outbox.c.kind.in_(("reminder", "escalation", "further")), incident.c.resolved_ms.is_not(None)),
        ),
    )
)
_STALLED = (
    select(outbox)
    .where(
        outbox.c.state.in_(PENDING),
        outbox.c.kind.in_(CALLS),
        or_(
            and_(outbox.c.attempts > 0, outbox.c.created_ms <= bindparam("before_ms")),
            and_(outbox.c.channel.in_(bindparam("channels", expanding=True)), outbox.c.next_ms <= bindparam("soon_ms")),
        ),
        ~exists().where(_other.c.instead_of == outbox.c.id),
    )
    .order_by(outbox.c.id)
    .limit(bindparam("at_most"))
)
