"""Tickets for real: a Table API over HTTP, and mail over SMTP; how they stand there comes back."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.composing import Telling
from alerts.dispatch import Dispatch
from alerts.notifiers import rest, ticketmail
from alerts.notifiers._ports import Message, Notifier, NotifyError
from alerts.ticketwatch import TicketWatch
from noc.clock import ManualClock
from noc.model.incident import Incident
from noc.state import outbox, tickets
from tests.live.mailserver import MailServer
from tests.live.table_api import PATH, TableApi
from tests.live.webserver import WebServer
from tests.unit.alerts.alerting import START, START_MS, House, changed, settings

pytestmark = pytest.mark.live

INCIDENT = Incident(
    7, "device/a", "device-down", "major", "standard", START_MS, START_MS, {"status": "down"}, key="ab" * 8
)
MESSAGE = Message("7-a", "7-a", "Network", "Desk", "a is down", "text\n", "<p>html</p>", "page", INCIDENT, "a is down")
OVER = replace(MESSAGE, key="7-z", kind="resolved", incident=replace(INCIDENT, resolved_ms=START_MS + 60_000))


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    server = WebServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    server = MailServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    await house.database.start()
    yield house
    await house.database.stop()


def desk(folder: Path, server: WebServer, **written: object) -> rest.Rest:
    (folder / "token").write_text("s3cret token/+\n")
    base = {"url": server.url, "token": {"!secret": "file:token"}, "allow_networks": ["127.0.0.1"]}
    made = rest.build(rest.Settings.model_validate_json(json.dumps({**base, **written})), folder, ManualClock(START))
    assert isinstance(made, rest.Rest)
    return made


def mailer(folder: Path, server: MailServer) -> ticketmail.TicketMail:
    written = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "from": "noc@example.org",
        "reply_to": "noc-tickets@example.org",
        "answers_from": ["ineed@example.org"],
        "fields": {"Category": "Network {{ incident.severity }}"},
    }
    made = ticketmail.build(ticketmail.Settings.model_validate_json(json.dumps(written)), folder, ManualClock(START))
    assert isinstance(made, ticketmail.TicketMail)
    return made


async def test_an_incident_is_one_ticket_from_the_page_to_the_end(web: WebServer, tmp_path: Path) -> None:
    api = TableApi()
    web.answer = api.answer
    notifier = desk(tmp_path, web, fields={"assignment_group": "{{ to }}"})
    other = replace(MESSAGE, key="7-b", to="Radio")
    await asyncio.gather(notifier.send(MESSAGE), notifier.send(other))  # two readers at once
    (row,) = api.rows.values()
    assert (row["correlation_id"], row["short_description"], row["state"]) == ("ab" * 8, "a is down", "1")
    assert row["assignment_group"] in {"Network", "Radio"}
    assert "work_notes" in row
    row["state"] = "2"
    found = await notifier.tickets([INCIDENT])
    assert found[7].reference == "INC0000001"
    assert (found[7].state, found[7].url) == ("in progress", f"{web.url}/incident.do?sys_id=id1")
    await notifier.send(OVER)
    assert (row["state"], row["close_notes"]) == ("6", "a is down")
    await notifier.send(replace(MESSAGE, key="7-again"))  # reopened here, so there as well
    assert row["state"] == "2"
    row["state"] = "7"
    await notifier.send(replace(MESSAGE, key="7-later"))  # closed for good: a new one
    assert [one["number"] for one in api.rows.values()] == ["INC0000001", "INC0000002"]
    assert (await notifier.tickets([INCIDENT]))[7].reference == "INC0000002"
    assert {heard.path for heard in web.heard} <= {PATH, f"{PATH}/id1"}


async def test_a_lost_answer_makes_no_second_ticket(web: WebServer, tmp_path: Path) -> None:
    api = TableApi()
    api.lose = 1
    web.answer = api.answer
    notifier = desk(tmp_path, web)
    with pytest.raises(NotifyError, match="status 502"):
        await notifier.send(MESSAGE)
    before = len(web.heard)
    await notifier.send(MESSAGE)
    assert len(api.rows) == 1
    assert [heard.method for heard in web.heard[before:]] == ["GET"]


async def test_the_end_of_what_has_no_ticket_makes_none(web: WebServer, tmp_path: Path) -> None:
    api = TableApi()
    web.answer = api.answer
    await desk(tmp_path, web).send(OVER)
    assert api.rows == {}


async def test_a_wrong_token_is_told_and_not_shown(web: WebServer, tmp_path: Path) -> None:
    web.answer = TableApi().answer
    notifier = desk(tmp_path, web)
    (tmp_path / "token").write_text("other")
    wrong = rest.build(notifier._settings, tmp_path, ManualClock(START))
    with pytest.raises(NotifyError, match="status 401") as caught:
        await wrong.send(MESSAGE)
    assert not caught.value.permanent
    assert "other" not in str(caught.value)


async def test_how_a_ticket_stands_comes_into_the_timeline(house: House, web: WebServer, tmp_path: Path) -> None:
    api = TableApi()
    web.answer = api.answer
    people = {"desk": {"addresses": {"rest": "Network"}}}
    steps = {"standard": {"steps": [{"notify": ["desk"], "by": ["rest"]}]}}
    told = settings(people=people, notifiers={"rest": {}}, policies=steps, default_policy="standard")
    house.engine.replace(house.rules, told)
    notifiers: dict[str, Notifier] = {"rest": desk(tmp_path, web)}
    dispatch = Dispatch(house.database, house.clock, Telling(told, notifiers, lambda: house.inventory))
    watch = TicketWatch(house.database, house.clock, notifiers, house.changed.append)
    await house.handle(changed("down"))
    await dispatch.work()
    async with asyncio.timeout(10):
        while not dispatch.tally.sent:
            await asyncio.sleep(0.01)
    for state in ("1", "1", "2"):
        api.rows["id1"]["state"] = state
        await watch.work()
    said = [entry.facts for entry in await house.timeline() if entry.kind == "ticket"]
    assert [(one["reference"], one["state"], one.get("before")) for one in said] == [
        ("INC0000001", "new", None),
        ("INC0000001", "in progress", "new"),
    ]
    async with house.database.read() as connection:
        (kept,) = await tickets.of_incident(connection, 1)
    assert (kept.channel, kept.state) == ("rest", "in progress")
    assert watch.reached == {"rest": True}
    await web.stop()
    await watch.work()
    assert "rest: http://127.0.0.1" in watch.failing
    assert watch.reached == {"rest": False}


async def test_a_system_that_hangs_does_not_hold_up_the_end(house: House, web: WebServer, tmp_path: Path) -> None:
    await house.handle(changed("down"))
    async with house.database.write() as connection:
        (notice,) = await outbox.of_incident(connection, 1)
        await outbox.mark_sent(connection, notice.id, START_MS)
    web.hangs = True
    watch = TicketWatch(house.database, house.clock, {"email": desk(tmp_path, web, timeout="60s")})
    await watch.start()
    async with asyncio.timeout(10):
        while not web.heard:
            await asyncio.sleep(0.01)
    async with asyncio.timeout(2):
        await watch.stop()


async def test_a_ticket_by_mail_keeps_its_key_and_its_answer_is_read(
    house: House, mail: MailServer, tmp_path: Path
) -> None:
    await house.handle(changed("down"))
    (incident,) = await house.incidents()
    notifier = mailer(tmp_path, mail)
    page = replace(MESSAGE, to="ineed@example.org", incident=incident)
    ended = replace(incident, resolved_ms=START_MS + 1)
    over = replace(page, key="7-z", kind="resolved", subject="RESOLVED: a is down", incident=ended)
    await notifier.send(page)
    await notifier.send(over)
    first, last = mail.mails
    key = f"[NOC-{incident.key}]"
    assert (first["Subject"], last["Subject"]) == (f"{key} a is down", f"{key} RESOLVED: a is down")
    assert (first["In-Reply-To"], last["In-Reply-To"]) == (None, first["Message-ID"])
    assert first["Reply-To"] == "noc-tickets@example.org"
    body = first.get_content().replace("\r\n", "\n")
    assert "Action: open\n" in body
    assert "Category: Network critical\n" in body
    assert "Action: resolve" in last.get_content()
    watch = TicketWatch(house.database, house.clock, {"ineed": notifier}, house.changed.append)
    subject = f"RE: [NOC-{incident.key}] a is down"
    text = "Your request INC0012345 was changed.\n  Status: In Progress \nThank you\n"
    assert not await watch.answered("somebody@example.org", subject, text)
    assert not await watch.answered("ineed@example.org", "Out of office", text)
    assert await watch.answered("iNeed@example.org", subject, text)
    assert await watch.answered("ineed@example.org", subject, text)
    said = [entry.facts for entry in await house.timeline() if entry.kind == "ticket"]
    assert [(one["channel"], one["reference"], one["state"]) for one in said] == [
        ("ineed", "INC0012345", "in progress")
    ]


async def test_an_answer_of_the_system_is_taken_though_a_program_wrote_it(
    house: House, mail: MailServer, tmp_path: Path
) -> None:
    await house.handle(changed("down"))
    (incident,) = await house.incidents()
    watch = TicketWatch(house.database, house.clock, {"ineed": mailer(tmp_path, mail)})
    raw = (
        "From: iNeed <INEED@example.org>\r\nAuto-Submitted: auto-replied\r\n"
        f"Subject: Re: [NOC-{incident.key}] a is down - INC0099\r\n\r\nStatus: Resolved\r\n"
    )
    assert await watch.mailed(raw.encode())
    assert not await watch.mailed(raw.replace("INEED@", "mallory@").encode())
    async with house.database.read() as connection:
        (kept,) = await tickets.of_incident(connection, 1)
    assert (kept.channel, kept.reference, kept.state) == ("ineed", "INC0099", "resolved")
