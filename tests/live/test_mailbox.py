"""The demo's mailbox, as a mail server that real senders talk to."""

from __future__ import annotations

import asyncio
import smtplib
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from aiohttp import ClientSession

from noc.clock import SystemClock
from noc.http.mailbox import newest, one
from noc.simulator.hook import Hook
from noc.simulator.mailbox import Mailbox

pytestmark = pytest.mark.live

CLOCK = SystemClock()


async def test_the_mailbox_keeps_the_newest_messages(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path / "mail", CLOCK, kept=3)
    await mailbox.start()
    assert mailbox.port

    def send() -> None:
        for number in range(5):
            with smtplib.SMTP("127.0.0.1", mailbox.port) as client:
                client.sendmail(
                    "noc@example.org", ["a@example.org", "b@example.org"], f"Subject: {number}\r\n\r\nä".encode()
                )

    await asyncio.to_thread(send)
    kept = [message_from_bytes(path.read_bytes(), policy=default) for path in mailbox.messages()]
    assert [message["Subject"] for message in kept] == ["4", "3", "2"]
    assert kept[0]["X-Envelope-To"] == "a@example.org, b@example.org"
    assert len(list((tmp_path / "mail").iterdir())) == 3
    await mailbox.stop()
    assert mailbox.port == 0


async def test_the_mailbox_refuses_what_is_too_large_and_hangs_up_at_the_end(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path / "mail", CLOCK)
    await mailbox.start()
    port = mailbox.port

    def send_much() -> None:
        with smtplib.SMTP("127.0.0.1", port) as client, pytest.raises(smtplib.SMTPException, match=r"too much|exceed"):
            client.sendmail("noc@example.org", ["a@example.org"], b"x" * 70 + b"\r\n" + b"y" * 2_000_000)

    await asyncio.to_thread(send_much)
    assert mailbox.messages() == []
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert (await reader.readline()).startswith(b"220 ")
    await mailbox.stop()
    assert await reader.read() == b""
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_the_mailbox_keeps_webhooks_beside_mails_and_refuses_what_it_must(tmp_path: Path) -> None:
    hook = Hook(tmp_path / "mail", CLOCK, kept=2)
    await hook.start()
    url = f"http://127.0.0.1:{hook.port}/chat"
    async with ClientSession() as http:
        for number in range(3):
            sent = {"alerts": [{"annotations": {"summary": f"SIMULATED {number} is down"}}]}
            async with http.post(url, json=sent, headers={"webhook-id": f"key-{number}"}) as answer:
                assert answer.status == 200
        async with http.post(url, data=b"no JSON: \xff <script>") as answer:
            assert answer.status == 200
        async with http.get(url) as answer:
            assert answer.status == 405
        async with http.post(url, headers={"Content-Length": "9000000"}, skip_auto_headers=["Content-Type"]) as answer:
            assert answer.status == 413
    newer, older = [one(path) for path in newest(tmp_path / "mail")]
    assert newer is not None
    assert older is not None
    assert (older.subject, older.to, older.is_hook) == ("SIMULATED 2 is down", "POST /chat", True)
    assert newer.text == "no JSON: \ufffd <script>"
    await hook.stop()
    assert hook.port == 0
