"""A report by mail, for real: made by schedule from a ledger, a PDF and a workbook attached, taken by aiosmtpd."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerts.notifiers import email as notifier
from alerts.policies import AlertSettings
from noc.app.reportdesk import ReportDesk
from noc.app.reporting import Reporting, ReportOrders
from noc.app.reportsettings import ReportSettings, ScheduleSettings
from noc.availability.objectives import Targets
from noc.clock import ManualClock
from noc.state import reportmail
from tests.live.mailserver import MailServer
from tests.reported import INVENTORY, month

pytestmark = pytest.mark.live

WRITTEN = {"report": "lifecycle", "at": "0 6 1 * *", "formats": ["pdf", "xlsx"], "to": ["ann"], "language": "ar"}
PEOPLE = {"people": {"ann": {"email": "ann@example.org"}}, "notifiers": {"email": {}}}


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    server = MailServer()
    await server.start()
    yield server
    await server.stop()


async def test_a_report_arrives_with_its_files_and_once(tmp_path: Path, server: MailServer) -> None:
    clock = ManualClock(datetime(2026, 10, 31, tzinfo=UTC))
    written = {"host": "127.0.0.1", "port": server.port, "security": "none", "from": "noc@example.org"}
    mailer = notifier.build(notifier.Settings.model_validate_json(json.dumps(written)), tmp_path, clock)
    orders = ReportOrders(
        ReportSettings(schedules={"old": ScheduleSettings.model_validate_json(json.dumps(WRITTEN))}),
        AlertSettings.model_validate_json(json.dumps(PEOPLE)),
        {"email": mailer},
    )
    async with month(tmp_path) as database:
        desk = ReportDesk(database, lambda: INVENTORY, Targets, clock)
        reporting = Reporting(database, desk, clock, lambda: orders)
        await reporting.round()
        await clock.advance(2 * 86_400)
        server.refuse = lambda _: "451 later, please"
        await reporting.round()
        assert server.mails == []
        server.refuse = lambda _: "250 OK"
        await clock.advance(60)
        await reporting.round()
        await clock.advance(86_400)
        await reporting.round()
        async with database.read() as connection:
            (mail,) = await reportmail.of_report(connection, 1)
    (arrived,) = server.mails
    assert (mail.state, mail.attempts) == ("sent", 2)
    assert arrived["Message-ID"] == f"<report-1-{mail.id}@example.org>"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert "عمرها النافع" in str(arrived["Subject"])
    pdf, workbook = arrived.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content_type()) == ("lifecycle-2026-10-issue-1-ar.pdf", "application/pdf")
    assert pdf.get_content().startswith(b"%PDF-")
    assert workbook.get_content().startswith(b"PK")
