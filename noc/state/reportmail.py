"""Reports that go to people: written when a report is issued, tried until they are sent or given up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.state.tables import report_mail

MailState = Literal["queued", "sent", "dead"]

ERROR_AT_MOST = 1_000


@dataclass(frozen=True, slots=True)
class ReportMail:
    """A report for one person. report: its id. period: of which time. Times in milliseconds of the Unix epoch.

    next_ms: when it is tried next; None: it was sent, or given up. error: what was wrong with the last try.
    """

    id: int
    report: int
    schedule: str
    period: str
    person: str
    state: MailState
    attempts: int
    created_ms: int
    next_ms: int | None
    sent_ms: int | None
    error: str | None


async def put(
    connection: AsyncConnection, report: int, schedule: str, period: str, people: Iterable[str], now_ms: int
) -> None:
    """Write who is to get a report; who has been sent that schedule's report of this period gets no second one."""
    known = select(report_mail.c.person).where(report_mail.c.schedule == schedule, report_mail.c.period == period)
    told = set((await connection.execute(known)).scalars())
    rows = [
        {
            "report": report,
            "schedule": schedule,
            "period": period,
            "person": person,
            "state": "queued",
            "attempts": 0,
            "created_ms": now_ms,
            "next_ms": now_ms,
        }
        for person in dict.fromkeys(people)
        if person not in told
    ]
    if rows:
        await connection.execute(report_mail.insert(), rows)


async def due(connection: AsyncConnection, now_ms: int, limit: int) -> list[ReportMail]:
    """Return what is to be tried by now, the longest due first."""
    wanted = select(report_mail).where(report_mail.c.next_ms <= now_ms)
    rows = await connection.execute(wanted.order_by(report_mail.c.next_ms, report_mail.c.id).limit(limit))
    return [_mail(row) for row in rows]


async def next_ms(connection: AsyncConnection) -> int | None:
    """Return when the next one is to be tried; None: nothing is to come."""
    found: int | None = (await connection.execute(select(func.min(report_mail.c.next_ms)))).scalar_one()
    return found


async def sent(connection: AsyncConnection, number: int, now_ms: int) -> None:
    """Write down that it was handed over."""
    values = {"state": "sent", "sent_ms": now_ms, "next_ms": None, "error": None}
    await _set(connection, number, values)


async def failed(connection: AsyncConnection, number: int, error: str, again_ms: int | None) -> None:
    """Write down that a try failed. again_ms: when it is tried again; None: it is given up."""
    values = {"state": "dead" if again_ms is None else "queued", "next_ms": again_ms, "error": error[:ERROR_AT_MOST]}
    await _set(connection, number, values)


async def of_report(connection: AsyncConnection, report: int) -> list[ReportMail]:
    """Return who was to get a report, and what became of it."""
    wanted = select(report_mail).where(report_mail.c.report == report).order_by(report_mail.c.id)
    return [_mail(row) for row in await connection.execute(wanted)]


async def _set(connection: AsyncConnection, number: int, values: Mapping[str, object]) -> None:
    change = update(report_mail).where(report_mail.c.id == number)
    await connection.execute(change.values(attempts=report_mail.c.attempts + 1, **values))


def _mail(row: Row[tuple[object, ...]]) -> ReportMail:
    return ReportMail(**{name: getattr(row, name) for name in ReportMail.__dataclass_fields__})
