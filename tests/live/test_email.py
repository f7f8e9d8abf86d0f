"""Mail for real: aiosmtpd takes pages, goes away and comes back, refuses, asks for TLS and a password."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from alerts.composing import Telling
from alerts.dispatch import Dispatch
from alerts.notifiers import email as notifier
from alerts.notifiers._ports import Message, NotifyError
from alerts.pace import Pace
from noc.clock import SystemClock
from noc.model.incident import Incident
from tests.live.mailserver import MailServer, certificate
from tests.unit.alerts.alerting import START, START_MS, House, changed

pytestmark = pytest.mark.live

INCIDENT = Incident(7, "device/a", "device-down", "critical", "standard", START_MS, START_MS, {"status": "down"})
MESSAGE = Message("7-b", "7-a", "a@example.org", "Achieng", "critical: وصل", "text\n", "<p>html</p>", "page", INCIDENT)
QUICK = Pace(first_s=0.05, longest_s=0.2, timeout_s=5, margin_s=1)


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
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


def mailer(folder: Path, port: int, **changes: object) -> notifier.Notifier:
    written = {"host": "127.0.0.1", "port": port, "security": "none", "from": "noc@example.org", **changes}
    settings = notifier.Settings.model_validate_json(json.dumps(written))
    return notifier.build(settings, folder, SystemClock())


def dispatch(house: House, port: int) -> Dispatch:
    """Return a dispatch on the machine's clock."""
    telling = Telling(house.settings, {"email": mailer(house.path.parent, port)}, lambda: house.inventory)
    return Dispatch(house.database, SystemClock(), telling, QUICK, house.changed.append, house.engine.wake)


async def until(met: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not met():
            await asyncio.sleep(0.01)


async def test_a_page_arrives_and_its_end_stands_in_one_thread_with_it(house: House, server: MailServer) -> None:
    sender = dispatch(house, server.port)
    await sender.start()
    await house.handle(changed("down"))
    sender.wake()
    await until(lambda: len(server.mails) == 1)
    await until(lambda: sender.tally.sent == 1)
    await house.handle(changed("up"))
    sender.wake()
    await until(lambda: len(server.mails) == 2)
    await sender.stop()
    page, over = server.mails
    assert (page["From"], page["To"], page["Auto-Submitted"]) == (
        "noc@example.org",
        "achieng@example.org",
        "auto-generated",
    )
    assert page["Subject"] == "critical: a is down at Nairobi, Africa [#1]"
    assert page["In-Reply-To"] is None
    assert over["Subject"].startswith("RESOLVED: ")
    assert over["In-Reply-To"] == over["References"] == page["Message-ID"]
    assert str(page["Message-ID"]).endswith("@example.org>")
    assert abs((parsedate_to_datetime(str(page["Date"])) - SystemClock().now()).total_seconds()) < 60
    plain, html = page.get_body(("plain",)), page.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "https://noc.example.org/incidents/1" in plain.get_content()
    assert "Nairobi" in html.get_content()


async def test_a_server_that_is_away_gets_the_page_when_it_is_back_and_once(house: House, server: MailServer) -> None:
    await server.stop()
    sender = dispatch(house, server.port)
    await sender.start()
    await house.handle(changed("down"))
    sender.wake()
    await until(lambda: sender.tally.failed >= 3)
    assert "127.0.0.1" in sender.failing
    await server.start()
    await until(lambda: sender.tally.sent == 1)
    await sender.stop()
    assert server.told() == [("page", "achieng@example.org")]
    assert sender.failing == ""


async def test_a_recipient_refused_for_good_is_not_tried_again_and_the_next_step_is_called(
    house: House, server: MailServer
) -> None:
    server.refuse = lambda address: "550 no such user here" if address.startswith("achieng") else "250 OK"
    sender = dispatch(house, server.port)
    await sender.start()
    await house.handle(changed("down"))
    sender.wake()
    await until(lambda: sender.tally.dead == 1)
    entry = (await house.timeline())[-1]
    assert entry.kind == "undelivered"
    assert "550 no such user here" in str(entry.facts["error"])
    # The dispatch is on the machine's clock; the engine, which is not, follows it.
    house.clock.step((SystemClock().now() - START).total_seconds())
    await house.engine.work()
    sender.wake()
    await until(lambda: sender.tally.sent == 1)
    await sender.stop()
    assert server.told() == [("escalation", "berta@example.org")]


async def test_a_recipient_refused_for_now_is_tried_again(house: House, server: MailServer) -> None:
    left = [2]

    def refuse(_: str) -> str:
        left[0] -= 1
        return "451 greylisted, come again" if left[0] >= 0 else "250 OK"

    server.refuse = refuse
    sender = dispatch(house, server.port)
    await sender.start()
    await house.handle(changed("down"))
    sender.wake()
    await until(lambda: sender.tally.sent == 1)
    await sender.stop()
    assert (sender.tally.failed, len(server.mails)) == (2, 1)


async def test_an_answer_that_is_lost_sends_the_same_message_id_again(house: House, server: MailServer) -> None:
    """The server has the mail and dies before it says so: nobody can know, so it comes twice and shows it."""
    copies: list[EmailMessage] = []

    def hear(mail: EmailMessage) -> str:
        copies.append(mail)
        if len(copies) == 1:
            server.hang_up()
        return "250 OK"

    server.hear = hear
    sender = dispatch(house, server.port)
    await sender.start()
    await house.handle(changed("down"))
    sender.wake()
    await until(lambda: sender.tally.sent == 1)
    await sender.stop()
    first, second = copies
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.parametrize(("answer", "permanent"), [("554 spam", True), ("452 full", False)])
async def test_a_message_that_is_refused(server: MailServer, tmp_path: Path, answer: str, permanent: bool) -> None:
    server.hear = lambda _: answer
    with pytest.raises(NotifyError, match=answer) as caught:
        await mailer(tmp_path, server.port).send(MESSAGE)
    assert caught.value.permanent is permanent


async def test_starttls_and_a_password(tmp_path: Path) -> None:
    context, trusted = certificate(tmp_path)
    (tmp_path / "password").write_text("open sesame\n")
    (tmp_path / "wrong").write_text("open barley\n")
    server = MailServer(context, "open sesame")
    await server.start()
    log_in = {"host": "localhost", "security": "starttls", "user": "noc", "ca": trusted.name}
    password = {"password": {"!secret": "file:password"}}
    await mailer(tmp_path, server.port, **log_in, **password).send(MESSAGE)
    (mail,) = server.mails
    assert (mail["Subject"], mail["In-Reply-To"]) == ("critical: وصل", "<7-a@example.org>")
    with pytest.raises(NotifyError, match="535") as caught:
        await mailer(tmp_path, server.port, **log_in, password={"!secret": "file:wrong"}).send(MESSAGE)
    # Our password is wrong, not their address: it is mended, and the page still goes out.
    assert not caught.value.permanent
    assert "barley" not in str(caught.value)
    for untrusted in ({**log_in, "host": "127.0.0.1"}, {**log_in, "ca": None}):
        with pytest.raises(NotifyError, match=r"(?i)certificate"):
            await mailer(tmp_path, server.port, **untrusted, **password).send(MESSAGE)
    assert len(server.mails) == 1
    await server.stop()


async def test_a_server_without_tls_gets_neither_password_nor_mail(server: MailServer, tmp_path: Path) -> None:
    with pytest.raises(NotifyError, match=r"(?i)starttls"):
        await mailer(tmp_path, server.port, host="localhost", security="starttls").send(MESSAGE)
    assert server.mails == []


async def test_tls_from_the_first_byte(tmp_path: Path) -> None:
    context, trusted = certificate(tmp_path)
    inner = MailServer()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(inner._session, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    await mailer(tmp_path, port, host="localhost", security="tls", ca=str(trusted)).send(MESSAGE)
    assert len(inner.mails) == 1
    server.close()
    await server.wait_closed()


async def test_a_mail_that_was_cut_off_may_have_arrived_and_one_that_found_nobody_has_not(
    server: MailServer, tmp_path: Path
) -> None:
    def hang_up(_: EmailMessage) -> str:
        server.hang_up()
        return "250 OK"

    server.hear = hang_up
    with pytest.raises(NotifyError) as caught:
        await mailer(tmp_path, server.port).send(MESSAGE)
    assert caught.value.unknown
    await server.stop()
    with pytest.raises(NotifyError) as caught:
        await mailer(tmp_path, server.port).send(MESSAGE)
    assert not caught.value.unknown
