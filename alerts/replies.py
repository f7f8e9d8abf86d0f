"""Answers by mail: which message is meant, who says so, and what they want. Pure.

A reply names the message that it answers in In-Reply-To and References (RFC 5322, 3.6.4), and a report of delivery
brings that message's own Message-ID along (RFC 3464); the keys of notices stand in both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import getaddresses
from html import unescape
from typing import Final, Literal

TEXT_AT_MOST: Final = 4_000
KEYS_AT_MOST: Final = 20

Verb = Literal["acknowledge", "resolve", "note"]

ACKNOWLEDGE: Final = frozenset(
    {
        *("ack", "acknowledge", "acknowledged", "ok", "mine", "+1"),
        *("pris", "compris", "accusé", "acepto", "aceptado", "recibido"),
        *("принято", "принял", "приняла", "беру", "确认", "收到", "接手", "تم", "استلمت", "أتولاه"),
    }
)
RESOLVE: Final = frozenset(
    {
        *("resolve", "resolved", "fixed", "close"),
        *("résolu", "resuelto", "решено", "устранено", "已解决", "解决", "حل", "محلول"),
    }
)
"""Words that begin an answer, small letters; anything else is a note."""

_KEY: Final = re.compile(r"<([0-9]{1,15}-[0-9a-f]{32})@[^<>\s]{1,255}>")
_QUOTED: Final = re.compile(
    r"^\s*(>|-{2,} ?(Original|Forwarded|Message)|_{5,}|On .{5,200}wrote:|Le .{5,200}écrit ?:|El .{5,200}escribió:"
    r"|From: |De ?: |От: |发件人[:：]|من:|.{5,200}пишет:|-- $)",
    re.IGNORECASE,
)
_AUTOMATIC: Final = frozenset({"bulk", "junk", "list", "auto_reply"})
_FIRST: Final = re.compile(r"[^\s.,;:!?。，、！]+")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of a person. keys: of the messages that may be meant, the likeliest first. sender: small letters."""

    keys: tuple[str, ...]
    sender: str
    verb: Verb
    text: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A report of what became of a message. delivered: it reached the mailbox; else it never will."""

    keys: tuple[str, ...]
    delivered: bool
    said: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """A mail that wants nothing. why: for the log."""

    why: str


def read_mail(raw: bytes) -> Reply | Delivery | Nothing:
    """Return what a mail wants."""
    mail = message_from_bytes(raw, policy=default)
    if mail.get_content_type() == "multipart/report":
        return _delivery(mail)
    if _is_automatic(mail):
        return Nothing("it was sent by a program")
    senders = [address.casefold() for _, address in getaddresses(mail.get_all("From", [])) if address]
    if len(senders) != 1:
        return Nothing(f"it has {len(senders)} senders")
    keys = _keys(str(mail.get("In-Reply-To", "")), str(mail.get("References", "")))
    if not keys:
        return Nothing("it answers no message of noc")
    verb, text = _wanted(_said(mail))
    return Reply(keys, senders[0], verb, text) if verb != "note" or text else Nothing("it says nothing")


def plainly(raw: bytes) -> tuple[str, str, str] | None:
    """Return who wrote a mail (small letters), its subject and what it says; None where it has no single sender."""
    mail = message_from_bytes(raw, policy=default)
    senders = [address.casefold() for _, address in getaddresses(mail.get_all("From", [])) if address]
    return (senders[0], str(mail.get("Subject", "")), _said(mail)) if len(senders) == 1 else None


def _keys(*headers: str) -> tuple[str, ...]:
    """Return the keys of notices in headers: what is answered, then the thread, the newest first."""
    found = [key for header in headers for key in reversed(_KEY.findall(header))]
    return tuple(dict.fromkeys(found))[:KEYS_AT_MOST]


def _is_automatic(mail: EmailMessage | Message) -> bool:
    return (
        str(mail.get("Auto-Submitted", "no")).strip().lower() != "no"
        or str(mail.get("Precedence", "")).strip().lower() in _AUTOMATIC
        or mail.get("X-Autoreply") is not None
        or mail.get("List-Id") is not None
    )


def _delivery(mail: EmailMessage | Message) -> Delivery | Nothing:
    actions, keys = list[str](), list[str]()
    said = ""
    for part in mail.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            for block in part.get_payload():
                if isinstance(block, Message) and block.get("Action"):
                    actions.append(str(block["Action"]).strip().lower())
                    said = str(block.get("Diagnostic-Code") or block.get("Status") or "")
        elif kind in ("message/rfc822", "text/rfc822-headers"):
            keys += _keys(_original_id(part))
    if not keys or not actions:
        return Nothing("it reports of no message of noc")
    if actions[-1] not in ("failed", "delivered"):
        return Nothing(f"it reports that a message is {actions[-1][:20]}")
    return Delivery(tuple(keys), actions[-1] == "delivered", " ".join(said.split())[:300])


def _original_id(part: Message) -> str:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        return str(inner[0].get("Message-ID", "")) if isinstance(inner, list) and isinstance(inner[0], Message) else ""
    text = part.get_payload(decode=True)
    return str(message_from_bytes(text).get("Message-ID", "")) if isinstance(text, bytes) else ""


def _said(mail: EmailMessage | Message) -> str:
    """Return what the person wrote, without what they quote."""
    body = mail.get_body(("plain", "html")) if isinstance(mail, EmailMessage) else None
    if body is None:
        return ""
    try:
        text = str(body.get_content())
    except (LookupError, UnicodeError, ValueError):
        return ""
    if body.get_content_type() == "text/html":
        text = re.sub(r"<[^<>]{0,1000}>", " ", re.sub(r"(?i)<br[^<>]{0,50}>|</p>|</div>", "\n", text))
        text = unescape(text)
    return "\n".join(_own(text.splitlines()))


def _own(lines: list[str]) -> Iterator[str]:
    for line in lines[:200]:
        if _QUOTED.match(line[:400]):
            return
        yield line


def _wanted(text: str) -> tuple[Verb, str]:
    text = text.strip()
    first = _FIRST.match(text)
    word = "" if first is None else first[0].casefold()
    verb: Verb = "acknowledge" if word in ACKNOWLEDGE else "resolve" if word in RESOLVE else "note"
    rest = text if verb == "note" or first is None else text[first.end() :].lstrip(" .,;:!-\n\t。，")
    shown = "".join(char if char.isprintable() or char == "\n" else " " for char in rest)
    return verb, shown.strip()[:TEXT_AT_MOST]
