"""Answers by mail: which message is meant, by whom, and what they want; and what programs send by themselves."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.replies import Delivery, Nothing, Reply, read_mail

KEY = f"7-{'ab' * 16}"
OTHER = f"7-{'cd' * 16}"


def reply(text: str, html: str | None = None, **headers: str) -> bytes:
    """Return a reply as mail programs write it."""
    mail = EmailMessage()
    mail["From"] = headers.pop("sender", "Achieng Odhiambo <Achieng@Example.org>")
    mail["In-Reply-To"] = f"<{KEY}@noc.example.org>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    if html is None:
        mail.set_content(text)
    else:
        mail.set_content(html, subtype="html")
    return bytes(mail)


@pytest.mark.parametrize(
    ("text", "verb", "said"),
    [
        ("ack", "acknowledge", ""),
        ("\n  ACK, on my way\n\nOn Sun, 1 Mar 2026 at 03:00, noc wrote:\n> a is down", "acknowledge", "on my way"),
        ("Resolve: fuse replaced", "resolve", "fuse replaced"),
        ("принято, еду", "acknowledge", "еду"),
        ("已解决", "resolve", ""),
        ("تم", "acknowledge", ""),
        ("Ticket 4711 with the carrier\n-- \nAchieng", "note", "Ticket 4711 with the carrier"),
        ("acknowledgements are for people", "note", "acknowledgements are for people"),
    ],
)
def test_the_first_word_says_what_is_wanted(text: str, verb: str, said: str) -> None:
    assert read_mail(reply(text)) == Reply((KEY,), "achieng@example.org", verb, said)  # type: ignore[arg-type]


def test_a_reply_in_html_alone_is_read_too() -> None:
    found = read_mail(reply("", "<html><p>ack<br>coming</p><div>&gt; quoted</div></html>"))
    assert isinstance(found, Reply)
    assert (found.verb, found.text) == ("acknowledge", "coming")


def test_of_a_thread_the_message_that_is_answered_comes_first() -> None:
    found = read_mail(reply("ack", References=f"<{OTHER}@noc.example.org> <x@y>"))
    assert isinstance(found, Reply)
    assert found.keys == (KEY, OTHER)


@pytest.mark.parametrize(
    "raw",
    [
        reply("I am away", Auto_Submitted="auto-replied"),
        reply("I am away", Precedence="bulk"),
        reply("ack", sender="a@example.org, b@example.org"),
        reply(""),
        b"From: a@example.org\r\n\r\nack",
        b"",
        b"\xff\x00" * 50,
    ],
)
def test_what_no_person_answered_wants_nothing(raw: bytes) -> None:
    assert isinstance(read_mail(raw), Nothing)


@pytest.mark.parametrize(("action", "delivered"), [("failed", False), ("delivered", True)])
def test_a_report_of_delivery_names_its_message(action: str, delivered: bool) -> None:
    raw = (
        "From: MAILER-DAEMON@example.org\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; achieng@example.org\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such\r\n user\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{KEY}@noc.example.org>\r\n\r\n--b--\r\n"
    )
    assert read_mail(raw.encode()) == Delivery((KEY,), delivered, "smtp; 550 5.1.1 no such user")


@given(st.binary(max_size=400) | st.text(max_size=400).map(reply))
def test_whatever_comes_is_read_or_left_aside(raw: bytes) -> None:
    found = read_mail(raw)
    if isinstance(found, Reply):
        assert all(char.isprintable() or char == "\n" for char in found.text)
