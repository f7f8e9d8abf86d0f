"""Reports that are made by themselves: when, of what time, to whom, and over a restart."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.notifiers._ports import Letter, Message, NotifyError
from alerts.policies import AlertSettings
from noc.app.reportdesk import ReportDesk
from noc.app.reporting import Reporting, ReportOrders, asked_of
from noc.app.reportsettings import ReportSettings, ScheduleSettings
from noc.availability.objectives import Targets
from noc.clock import ManualClock
from noc.state import reportmail, reports
from noc.state.database import Database
from tests.reported import INVENTORY, month

PEOPLE = {"ann": {"email": "ann@example.org"}, "bob": {"email": "bob@example.org", "language": "fr"}}
OCTOBER = datetime(2026, 10, 31, 12, tzinfo=UTC)


@dataclass
class PostBox:
    """A notifier that keeps what it gets. wrong: what it says instead of taking a letter."""

    letters: list[Letter] = field(default_factory=list)
    wrong: NotifyError | None = None

    async def send(self, message: Message) -> None:
        raise NotifyError(f"{message.key}: no letters of incidents here", permanent=True)

    async def post(self, letter: Letter) -> None:
        if self.wrong is not None:
            raise self.wrong
        self.letters.append(letter)


def schedule(**more: object) -> ScheduleSettings:
    written = {"report": "incidents", "at": "0 6 1 * *", "formats": ["html", "csv"], "to": ["ann", "bob"], **more}
    return ScheduleSettings.model_validate(written, strict=False)


class House:
    """The daemon's part that makes reports, over the month of tests.reported."""

    def __init__(self, database: Database, schedules: dict[str, ScheduleSettings]) -> None:
        self.database = database
        self.clock = ManualClock(OCTOBER)
        self.box = PostBox()
        self.schedules = schedules
        self.alerts = AlertSettings.model_validate(
            {"people": PEOPLE, "notifiers": {"email": {}}, "base_url": "https://noc.example.org"}, strict=False
        )
        self.desk = ReportDesk(database, lambda: INVENTORY, Targets, self.clock)
        self.reporting = Reporting(database, self.desk, self.clock, self.orders)

    def orders(self) -> ReportOrders:
        return ReportOrders(ReportSettings(schedules=self.schedules), self.alerts, {"email": self.box})

    async def restart(self) -> None:
        """Run what has to be done by now, as after a start."""
        self.reporting = Reporting(self.database, self.desk, self.clock, self.orders)
        await self.reporting.resume()
        await self.reporting.round()

    async def at(self, moment: datetime) -> None:
        await self.clock.advance((moment - self.clock.now()).total_seconds())
        await self.restart()


async def test_a_report_is_issued_kept_and_sent_when_its_time_has_come(tmp_path: Path) -> None:
    async with month(tmp_path) as database:
        house = House(database, {"monthly": schedule()})
        await house.restart()
        await house.at(datetime(2026, 11, 1, 5, 59, tzinfo=UTC))
        assert house.box.letters == []
        await house.at(datetime(2026, 11, 1, 6, 0, tzinfo=UTC))
        async with database.read() as connection:
            (kept,) = await reports.page(connection, name="incidents", limit=10)
            mails = await reportmail.of_report(connection, kept.id)
    assert [(mail.person, mail.state, mail.period, mail.attempts) for mail in mails] == [
        ("ann", "sent", "2026-10", 1),
        ("bob", "sent", "2026-10", 1),
    ]
    english, french = house.box.letters
    assert (english.to, english.subject) == ("ann@example.org", "Incidents · October 2026")
    assert french.subject == "Incidents · octobre 2026"
    assert [file.name for file in english.attachments] == [
        "incidents-2026-10-issue-1-en.html",
        "incidents-2026-10-issue-1.csv",
    ]
    assert kept.digest in english.text
    assert f"https://noc.example.org/reports/{kept.id}" in english.text
    assert b"Temps moyen" in french.attachments[0].body


async def test_what_was_sent_is_not_sent_again_after_a_restart(tmp_path: Path) -> None:
    async with month(tmp_path) as database:
        house = House(database, {"monthly": schedule()})
        await house.restart()
        await house.at(datetime(2026, 11, 1, 6, 0, tzinfo=UTC))
        await house.at(datetime(2026, 11, 2, tzinfo=UTC))
    assert len(house.box.letters) == 2


async def test_of_what_was_missed_the_last_is_made_up_for(tmp_path: Path) -> None:
    async with month(tmp_path) as database:
        house = House(database, {"daily": schedule(at="0 6 * * *", period="30d", to=["ann"])})
        await house.restart()
        await house.at(datetime(2026, 11, 4, 12, tzinfo=UTC))
        async with database.read() as connection:
            (kept,) = await reports.page(connection, name="incidents", limit=10)
    assert len(house.box.letters) == 1
    assert kept.subject.startswith("2026-10-05T06:00:00Z/2026-11-04T06:00:00Z")


async def test_a_new_schedule_begins_now(tmp_path: Path) -> None:
    async with month(tmp_path) as database:
        house = House(database, {})
        await house.restart()
        house.schedules = {"monthly": schedule()}
        await house.at(datetime(2026, 11, 1, 6, 30, tzinfo=UTC))
        assert house.box.letters == []
        await house.at(datetime(2026, 12, 1, 6, 30, tzinfo=UTC))
    assert len(house.box.letters) == 2


async def test_a_letter_that_is_not_taken_is_tried_again_under_the_same_key(tmp_path: Path) -> None:
    async with month(tmp_path) as database:
        house = House(database, {"monthly": schedule(to=["ann"])})
        await house.restart()
        house.box.wrong = NotifyError("mail server mail.example.org: connection refused")
        await house.at(datetime(2026, 11, 1, 6, 0, tzinfo=UTC))
        async with database.read() as connection:
            (first,) = await reportmail.of_report(connection, 1)
        house.box.wrong = None
        await house.at(house.clock.now() + timedelta(seconds=59))
        assert house.box.letters == []
        await house.at(house.clock.now() + timedelta(seconds=1))
        async with database.read() as connection:
            (then,) = await reportmail.of_report(connection, 1)
    assert (first.state, first.attempts, first.error) == (
        "queued",
        1,
        "mail server mail.example.org: connection refused",
    )
    assert (then.state, then.attempts, then.error) == ("sent", 2, None)
    assert [letter.key for letter in house.box.letters] == [f"report-1-{first.id}"]


async def test_a_letter_that_is_refused_for_good_is_given_up_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with month(tmp_path) as database:
        house = House(database, {"monthly": schedule(to=["ann"])})
        await house.restart()
        house.box.wrong = NotifyError("mailbox unknown", permanent=True)
        with caplog.at_level(logging.ERROR):
            await house.at(datetime(2026, 11, 1, 6, 0, tzinfo=UTC))
        async with database.read() as connection:
            (mail,) = await reportmail.of_report(connection, 1)
    assert (mail.state, mail.next_ms) == ("dead", None)
    assert "report 1 is not sent to ann: mailbox unknown" in caplog.text


async def test_a_report_that_cannot_be_made_is_told_once_and_left(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with month(tmp_path) as database:
        house = House(database, {"monthly": schedule(of="site/nowhere")})
        await house.restart()
        with caplog.at_level(logging.ERROR):
            await house.at(datetime(2026, 11, 1, 6, 0, tzinfo=UTC))
            await house.at(datetime(2026, 11, 1, 7, 0, tzinfo=UTC))
    assert (
        caplog.text.count("the report 'monthly' of 2026-10 can't be made: 'site/nowhere' is not in the inventory") == 1
    )
    assert house.box.letters == []


@pytest.mark.parametrize(
    ("period", "zone", "due", "asked"),
    [
        ("month", "UTC", datetime(2026, 11, 1, 6, tzinfo=UTC), "2026-10"),
        ("month", "Africa/Nairobi", datetime(2026, 10, 31, 22, tzinfo=UTC), "2026-10"),
        ("month", "America/New_York", datetime(2026, 11, 1, 3, tzinfo=UTC), "2026-09"),
        ("quarter", "UTC", datetime(2026, 11, 1, 6, tzinfo=UTC), "2026-Q3"),
        ("year", "UTC", datetime(2027, 1, 1, 6, tzinfo=UTC), "2026"),
        ("biennium", "UTC", datetime(2026, 1, 1, 6, tzinfo=UTC), "2024-2025"),
        ("7d", "UTC", datetime(2026, 11, 1, 6, tzinfo=UTC), "2026-10-25T06:00:00Z/2026-11-01T06:00:00Z"),
    ],
)
def test_of_what_time_a_schedule_asks(period: str, zone: str, due: datetime, asked: str) -> None:
    found = asked_of(schedule(period=period, time_zone=zone, report="availability"), due)
    assert (found.period, found.zone, found.by) == (asked, zone, "site")
