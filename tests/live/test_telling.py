"""Telling, for real: `noc run`, an agent that dies, an SMTP server, a browser's and a mail program's answers."""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
import re
import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest

from tests.live.house import House
from tests.live.mailserver import MailServer

pytestmark = pytest.mark.live

TOKEN = "prometheus-0123456789"
SETTINGS = """
receivers: {{mail: {{listen: ["127.0.0.1:{answers}"]}}}}
alerts:
  people:
    achieng: {{name: Achieng Odhiambo, email: achieng@example.org, language: fr}}
    berta: {{email: berta@example.org}}
  notifiers:
    email: {{host: 127.0.0.1, port: {port}, security: none, from: noc@example.org, reply_to: answers@example.org}}
  policies: {{standard: {{steps: [{{notify: [achieng]}}]}}}}
  base_url: https://noc.example.org
  sources: {{prometheus: {{token: !secret file:token}}}}
  heartbeat: {{every: 1s, file: beat.json}}
  expect_heartbeats: {{backup: {{every: 20s}}}}
"""


class Mail(NamedTuple):
    """The mail server of the house, in a thread with a loop of its own, and the port for answers."""

    server: MailServer
    answers: int


class Answer(NamedTuple):
    status: int
    text: str


@pytest.fixture
def mail() -> Iterator[Mail]:
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    loop, server = asyncio.new_event_loop(), MailServer()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    yield Mail(server, port)
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


def asked(house: House, method: str, path: str, body: object = None, token: str | None = None) -> Answer:
    """Ask the daemon, without logging in."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    text = None
    if isinstance(body, dict) and "csrf" in body:
        text, headers["Content-Type"] = urlencode(body), "application/x-www-form-urlencoded"
    elif body is not None:
        text, headers["Content-Type"] = json.dumps(body), "application/json"
    with closing(http.client.HTTPConnection(urlsplit(house.login()[0]).netloc, timeout=20)) as connection:
        connection.request(method, path, text, headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.read().decode())


def incident(house: House, rule: str) -> dict[str, object] | None:
    items = house.ask("/incidents")["items"]
    assert isinstance(items, list)
    return next((house.ask(f"/incidents/{one['id']}") for one in items if one["rule"] == rule), None)


def state(house: House, rule: str) -> object:
    found = incident(house, rule)
    return None if found is None else found["state"]


def paged(house: House, mail: Mail) -> EmailMessage:
    """Let the agent die, and return the page."""
    house.agent_on()
    house.start()
    house.until(lambda: house.statuses()[-1:] == ["up"], "the device to be up")
    house.agent_off()
    house.until(lambda: len(mail.server.mails) == 1, "the page")
    return mail.server.mails[0]


def said(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def reply(to: EmailMessage, text: str, port: int, sender: str = "achieng@example.org") -> int:
    """Send an answer as a mail server does, and return the code that it got."""
    answer = EmailMessage()
    answer["From"], answer["To"] = sender, str(to["Reply-To"])
    answer["In-Reply-To"] = answer["References"] = str(to["Message-ID"])
    answer.set_content(text)
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        try:
            client.send_message(answer)
        except smtplib.SMTPDataError as error:
            return error.smtp_code
    return 250


def test_a_link_in_a_page_acknowledges_when_its_button_is_pressed_and_not_before(house: House, mail: Mail) -> None:
    page = paged(house, mail)
    assert str(page["Subject"]).startswith("majeur : agent est en panne")
    assert page["Content-Language"] == "fr"
    found = re.search(r"https://noc\.example\.org(/a/\S+)", said(page))
    assert found is not None
    link = found[1]
    for method in ("GET", "HEAD", "GET"):  # what programs do that look at links
        assert asked(house, method, link).status == 200
    assert state(house, "device-down") == "new"
    shown = asked(house, "GET", link).text
    assert '<html lang="fr" dir="ltr">' in shown
    assert "Je m’en charge" in shown
    assert "Agent" not in asked(house, "GET", f"{link[:-1]}_").text
    pressed = asked(house, "POST", link, {"csrf": ""})
    assert (pressed.status, "Il est à vous" in pressed.text) == (200, True)
    owned = incident(house, "device-down")
    assert owned is not None
    assert (owned["state"], owned["acknowledged_by"]) == ("acknowledged", "Achieng Odhiambo")
    again = asked(house, "POST", link, {"csrf": ""})
    assert "Je m’en charge" not in again.text
    assert asked(house, "GET", "/problems").status == 303
    wrong = [asked(house, "GET", f"/a/1.ffffffff.{'A' * 22}").status for _ in range(11)]
    assert wrong[:8] == [404] * 8
    assert wrong[-1] == 429


def test_a_reply_acknowledges_and_resolves_when_it_comes_from_the_person(house: House, mail: Mail) -> None:
    page = paged(house, mail)
    assert page["Reply-To"] == "answers@example.org"
    assert "ack, resolve" in said(page)
    assert reply(page, "ack", mail.answers, sender="berta@example.org") == 550
    assert state(house, "device-down") == "new"
    assert reply(page, "ack, j'arrive\n\n> agent est en panne", mail.answers) == 250
    assert state(house, "device-down") == "acknowledged"
    assert reply(page, "Le fusible a sauté", mail.answers) == 250
    assert reply(page, "resolve", mail.answers) == 250
    found = incident(house, "device-down")
    assert found is not None
    assert (found["state"], found["resolved_by"]) == ("resolved", "Achieng Odhiambo")
    timeline = found["timeline"]
    assert isinstance(timeline, list)
    notes = [
        line["facts"]["text"] for line in timeline if line["who"] == "Achieng Odhiambo" and "text" in line["facts"]
    ]
    assert notes == ["j'arrive", "Le fusible a sauté"]
    stranger = EmailMessage()
    stranger["Message-ID"], stranger["Reply-To"] = "<1-" + "0" * 32 + "@example.org>", "answers@example.org"
    assert reply(stranger, "ack", mail.answers) == 550


def test_alerts_of_another_system_become_incidents_and_its_token_opens_nothing_else(house: House, mail: Mail) -> None:
    house.agent_on()
    house.start()
    alert = {"labels": {"alertname": "DiskFull", "severity": "critical", "instance": "127.0.0.1:9100"}}
    assert asked(house, "POST", "/api/v1/alerts", [alert]).status == 401
    assert asked(house, "POST", "/api/v1/alerts", [alert], "wrong").status == 401
    taken = asked(house, "POST", "/api/v1/alerts", [alert], TOKEN)
    assert (taken.status, json.loads(taken.text)["taken"][0]["entity"]) == (200, "device/agent")
    for path in ("/api/v1/devices", "/api/v1/incidents", "/problems"):
        assert asked(house, "GET", path, token=TOKEN).status == 403
    assert asked(house, "POST", "/api/v1/alerts", [{"labels": {}}], TOKEN).status == 400
    house.until(lambda: state(house, "prometheus/DiskFull") == "new", "the incident")
    house.until(lambda: len(mail.server.mails) == 1, "its page")
    over = {**alert, "endsAt": "2026-01-01T00:00:00Z"}
    assert asked(house, "POST", "/api/v1/alerts", {"version": "4", "alerts": [over]}, TOKEN).status == 200
    house.until(lambda: state(house, "prometheus/DiskFull") == "resolved", "its end")
    assert asked(house, "POST", "/api/v1/heartbeats/other", {}, TOKEN).status == 404
    assert asked(house, "POST", "/api/v1/heartbeats/backup", {}, TOKEN).status == 200


@pytest.mark.slow
def test_signs_of_life_go_out_and_missing_ones_are_told(house: House, mail: Mail) -> None:
    house.agent_on()
    house.start()
    beat = house.folder / "beat.json"
    house.until(beat.exists, "a sign of life")
    first = json.loads(beat.read_text())
    house.until(lambda: json.loads(beat.read_text())["beat"] > first["beat"], "another")
    assert first["poller"] == "test-poller"
    house.until(lambda: state(house, "heartbeat-absent") == "new", "the incident of the backup's silence")
    assert asked(house, "POST", "/api/v1/heartbeats/backup", {}, TOKEN).status == 200
    house.until(lambda: state(house, "heartbeat-absent") == "resolved", "its end")
