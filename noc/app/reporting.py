"""Reports that are made by themselves: issued when their time has come, kept, and sent to people as files.

That a report is to be sent, to whom, and that its time is over are written in one transaction. So a crash at any line
loses no report; a letter whose outcome nobody wrote down is sent again under the same Message-ID.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from alerts.notifiers._ports import Attachment, Letter, Notifier, NotifyError, Postman
from alerts.policies import AlertSettings
from noc.app.cron import Cron
from noc.app.reportsettings import ReportFormat, ReportSettings, ScheduleSettings
from noc.availability.periods import Unit, before, holding, named
from noc.availability.times import format_time
from noc.clock import Clock
from noc.i18n.language import language
from noc.model.errors import NocError, StoreError, UsageError
from noc.model.instants import from_ms, length_ms, to_ms
from noc.reports.frame.asked import Answer, Asked, Issue
from noc.reports.frame.registry import report
from noc.reports.render.cells import shown
from noc.reports.render.files import TYPES
from noc.service import Rounds
from noc.state import checkpoint, reportmail
from noc.state.database import Database, StateError
from noc.state.reportmail import ReportMail

log = logging.getLogger(__name__)

CHECKPOINT: Final = "report schedules"
LOOK_EVERY_S: Final = 60.0
"""A reload may have brought another schedule."""

AFTER_FAULT_S: Final = 3_600.0
AGAIN_S: Final = 300.0
"""After a store or a database could not be asked."""

MISSED_AT_MOST: Final = 1_000
"""So many times are looked through for the last one that was missed."""

AT_ONCE: Final = 20
"""Letters in one round."""
HANDING_OVER_S: Final = 120.0
FIRST_RETRY_S: Final = 60.0
LONGEST_RETRY_S: Final = 3_600.0
GIVEN_UP_AFTER: Final = timedelta(days=7)

_UNITS: Final[Mapping[str, Unit]] = {one: one for one in ("month", "quarter", "year", "biennium")}


class Desk(Protocol):
    """Issues reports and makes their files."""

    async def issue(self, asked: Asked) -> Issue:
        """Make a report and keep it. Raises UsageError, StoreError, StateError."""
        ...

    async def get(self, number: int) -> tuple[Issue, Answer]:
        """Return an issue. Raises LookupError, UsageError, StateError."""
        ...

    async def file(self, number: int, form: ReportFormat, tag: str) -> tuple[str, bytes]:
        """Return name and content of a file of an issue. Raises NocError, LookupError."""
        ...


@dataclass(frozen=True, slots=True)
class ReportOrders:
    """What is to be made, and who gets it."""

    settings: ReportSettings
    alerts: AlertSettings
    notifiers: Mapping[str, Notifier] = field(default_factory=dict)


class Reporting:
    """A service. orders: as of the last good reload."""

    def __init__(self, database: Database, desk: Desk, clock: Clock, orders: Callable[[], ReportOrders]) -> None:
        self._database = database
        self._desk = desk
        self._clock = clock
        self._orders = orders
        self._rounds = Rounds(clock, "reports", self.round)
        self._done_ms: dict[str, int] = {}

    async def start(self) -> None:
        """Go on where it was: of the times that were missed, the last one of each schedule is made up for."""
        await self.resume()
        self._rounds.start()

    async def resume(self) -> None:
        """Read which times are over. Raises StateError."""
        async with self._database.read() as connection:
            saved = await checkpoint.load(connection, CHECKPOINT)
        for name, done_ms, *_ in saved[1] if saved else ():
            if isinstance(name, str) and isinstance(done_ms, int):
                self._done_ms[name] = done_ms

    async def stop(self) -> None:
        """End, after what is under way."""
        await self._rounds.stop()

    async def round(self) -> float:
        """Make and send what is due; return in how many seconds to look again."""
        try:
            wait_s = await self._make()
            return min(wait_s, await self._send())
        except StateError as error:
            log.error("reports wait: %s", error)
            return AGAIN_S
        except Exception:  # the guard: a fault in one report must not end all that come after it
            log.exception("a report met a fault in noc; it is tried again in an hour")
            return AFTER_FAULT_S

    async def _make(self) -> float:
        """Make what is due; return in how many seconds the next is."""
        now, wait_s = self._clock.now(), LOOK_EVERY_S
        for name, schedule in self._orders().settings.schedules.items():
            cron = Cron(schedule.at, schedule.time_zone)
            if name not in self._done_ms:
                await self._write(name, to_ms(now))  # a new one begins now: what was before it, nobody asked for
            due, following = _due(cron, from_ms(self._done_ms[name]), now)
            if due is not None and not await self._made(name, schedule, due):
                wait_s = min(wait_s, AGAIN_S)
            if following is not None:
                wait_s = min(wait_s, (following - now).total_seconds())
        return wait_s

    async def _made(self, name: str, schedule: ScheduleSettings, due: datetime) -> bool:
        """Make a report; False: it has to be tried again."""
        asked = asked_of(schedule, due)
        try:
            issue = await self._desk.issue(asked)
        except StoreError as error:
            log.error("the report '%s' waits: %s", name, error)
            return False
        except UsageError as error:
            log.error("the report '%s' of %s can't be made: %s", name, asked.period, error)
            await self._write(name, to_ms(due))
            return True
        log.info("report %d (%s of %s) is issued, by schedule '%s'", issue.id, asked.report, asked.period, name)
        await self._write(name, to_ms(due), (issue, asked.period, schedule.to))
        return True

    async def _write(self, name: str, done_ms: int, mail: tuple[Issue, str, tuple[str, ...]] | None = None) -> None:
        now_ms = to_ms(self._clock.now())
        done = {**self._done_ms, name: done_ms}
        rows = [(key, value) for key, value in done.items() if key in self._orders().settings.schedules]
        async with self._database.write() as connection:
            if mail is not None:
                issue, period, people = mail
                await reportmail.put(connection, issue.id, name, period, people, now_ms)
            await checkpoint.save(connection, CHECKPOINT, now_ms, rows)
        self._done_ms = dict(rows)

    async def _send(self) -> float:
        """Send what is due; return in how many seconds the next is."""
        now_ms = to_ms(self._clock.now())
        async with self._database.read() as connection:
            waiting = await reportmail.due(connection, now_ms, AT_ONCE)
        for mail in waiting:
            if self._rounds.ending:
                break
            await self._handed_over(mail)
        async with self._database.read() as connection:
            next_ms = await reportmail.next_ms(connection)
        if next_ms is None:
            return LOOK_EVERY_S
        return max(0.0, (next_ms - to_ms(self._clock.now())) / 1000)

    async def _handed_over(self, mail: ReportMail) -> None:
        try:
            postman, letter = await self._letter(mail)
            await asyncio.wait_for(postman.post(letter), HANDING_OVER_S)
        except (NocError, LookupError, TimeoutError) as error:
            reason = "it was not handed over in time" if isinstance(error, TimeoutError) else str(error)
            is_final = (isinstance(error, NotifyError) and error.permanent) or isinstance(error, LookupError)
            await self._failed(mail, reason, is_final=is_final)
            return
        log.info("report %d was sent to %s", mail.report, mail.person)
        async with self._database.write() as connection:
            await reportmail.sent(connection, mail.id, to_ms(self._clock.now()))

    async def _failed(self, mail: ReportMail, reason: str, *, is_final: bool) -> None:
        now_ms = to_ms(self._clock.now())
        wait_s = min(FIRST_RETRY_S * 2.0 ** min(mail.attempts, 30), LONGEST_RETRY_S)
        gives_up = is_final or now_ms - mail.created_ms > length_ms(GIVEN_UP_AFTER)
        if gives_up:
            log.error("report %d is not sent to %s: %s", mail.report, mail.person, reason)
        elif mail.attempts == 0:
            log.error("report %d was not sent to %s, it is tried again: %s", mail.report, mail.person, reason)
        again_ms = None if gives_up else now_ms + round(wait_s * 1000)
        async with self._database.write() as connection:
            await reportmail.failed(connection, mail.id, reason, again_ms)

    async def _letter(self, mail: ReportMail) -> tuple[Postman, Letter]:
        """Return who carries it, and what. Raises LookupError where the settings no longer say so."""
        orders = self._orders()
        schedule = orders.settings.schedules.get(mail.schedule)
        person = orders.alerts.people.get(mail.person)
        if schedule is None or person is None or person.email is None:
            raise LookupError(f"the settings have no schedule '{mail.schedule}', or no address of '{mail.person}'")
        postman: object = orders.notifiers.get(schedule.notifier)
        if not isinstance(postman, Postman):
            raise LookupError(f"the notifier '{schedule.notifier}' is not there, or can't carry files")  # noqa: TRY004
        tag = schedule.language or person.language
        issue, answer = await self._desk.get(mail.report)
        files = []
        for form in schedule.formats:
            name, body = await self._desk.file(mail.report, form, tag)
            files.append(Attachment(name, TYPES[form], body))
        key = f"report-{mail.report}-{mail.id}"
        return postman, letter_of(key, person.email, answer, issue, tag, orders.alerts.base_url, tuple(files))


def asked_of(schedule: ScheduleSettings, due: datetime) -> Asked:
    """Return what a schedule asks for at its time. Pure."""
    zone = str(schedule.time_zone)
    unit = _UNITS.get(schedule.period)
    if unit is not None:
        period = before(holding(unit, due, zone)).text
    else:
        days = named(schedule.period, zone, due).period
        period = f"{format_time(days.start)}/{format_time(days.end)}"
    rows = report(schedule.report).BY
    by = schedule.by or (rows[0] if rows else "network")
    return Asked(report=schedule.report, period=period, zone=zone, by=by, of=schedule.of)


def letter_of(
    key: str, to: str, answer: Answer, issue: Issue, tag: str, base_url: str | None, files: tuple[Attachment, ...]
) -> Letter:
    """Return the letter that a report goes with: its title, and what stands beside it on page one. Pure."""
    words = language(tag)
    document = report(answer.head.asked.report).document(answer, issue, words)
    lines = [document.title, document.subtitle, ""]
    for fact in document.heading:
        value = shown(fact.value, fact.kind, words, document.zone)
        lines.append(f"{fact.title}: {value}{f' ({fact.beside})' if fact.beside else ''}")
    if base_url is not None:
        lines += ["", f"{base_url}/reports/{issue.id}"]
    subject = f"{document.title} · {document.subtitle}"
    return Letter(key, to, subject, "\n".join(lines) + "\n", tag, files)


def _due(cron: Cron, done: datetime, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Return the last time after `done` that has come, and the next that has not."""
    due, following = None, cron.after(done)
    for _ in range(MISSED_AT_MOST):
        if following is None or following > now:
            return due, following
        due, following = following, cron.after(following)
    return due, cron.after(now)
