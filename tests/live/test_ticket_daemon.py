"""Tickets in `noc run`: an alert is mailed to a ticket system, which answers by mail as a program does."""

from __future__ import annotations

import asyncio
import logging
import smtplib
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.live.house import House
from tests.live.mailserver import MailServer
from tests.live.ssh_server import free_tcp_port
from tests.live.test_telling import TOKEN, Mail, asked

pytestmark = pytest.mark.live

SETTINGS = """
receivers: {{mail: {{listen: ["127.0.0.1:{answers}"]}}}}
alerts:
  people:
    ineed: {{addresses: {{ticketmail: ineed@example.org}}, channels: [ticketmail]}}
  notifiers:
    ticketmail:
      host: 127.0.0.1
      port: {port}
      security: none
      from: noc@example.org
      reply_to: answers@example.org
      answers_from: [ineed@example.org]
  policies: {{standard: {{steps: [{{notify: [ineed]}}]}}}}
  sources: {{prometheus: {{token: !secret file:token}}}}
"""


@pytest.fixture
def mail() -> Iterator[Mail]:
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    loop, server = asyncio.new_event_loop(), MailServer()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    yield Mail(server, free_tcp_port())
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture
def house(tmp_path: Path, mail: Mail) -> Iterator[House]:
    made = House(tmp_path, SETTINGS.format(port=mail.server.port, answers=mail.answers))
    (tmp_path / "token").write_text(TOKEN)
    yield made
    made.close()


def answer(to: EmailMessage, state: str, port: int, sender: str) -> int:
    """Send what the ticket system sends, and return the code that it got."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Auto-Submitted"] = sender, str(to["Reply-To"]), "auto-generated"
    mail["Subject"] = f"INC0004711 was updated: {to['Subject']}"
    mail.set_content(f"Dear colleague,\nStatus: {state}\n")
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        try:
            client.send_message(mail)
        except smtplib.SMTPDataError as error:
            return error.smtp_code
    return 250


def tickets(house: House) -> list[tuple[object, object, object]]:
    found = house.ask("/incidents/1")["tickets"]
    assert isinstance(found, list)
    return [(one["channel"], one["reference"], one["state"]) for one in found]


def test_a_ticket_is_mailed_and_how_it_stands_comes_back(house: House, mail: Mail) -> None:
    house.start()
    alert = {"labels": {"alertname": "DiskFull", "severity": "critical", "instance": "srv1"}}
    assert asked(house, "POST", "/api/v1/alerts", [alert], TOKEN).status == 200
    house.until(lambda: len(mail.server.mails) == 1, "the ticket")
    page = mail.server.mails[0]
    key = house.ask("/incidents/1")["key"]
    assert str(page["Subject"]).startswith(f"[NOC-{key}] ")
    answer(page, "Resolved", mail.answers, "mallory@example.org")
    assert tickets(house) == []
    for state in ("New", "In Progress"):
        assert answer(page, state, mail.answers, "ineed@example.org") == 250
    assert tickets(house) == [("ticketmail", "INC0004711", "in progress")]
    timeline = house.ask("/incidents/1")["timeline"]
    assert isinstance(timeline, list)
    assert [one["facts"]["state"] for one in timeline if one["kind"] == "ticket"] == ["new", "in progress"]
