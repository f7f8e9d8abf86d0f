"""The demo's mailbox, as a mail server that real senders talk to."""

from __future__ import annotations

import asyncio
import smtplib
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from noc.clock import SystemClock
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
