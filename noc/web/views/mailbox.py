"""The mailbox of the demo: what noc has sent by mail and by HTTP, as those who got it would read it.

A mail is shown as text on the page, and on its own as a mail program shows it: without scripts, and nothing is loaded.
"""

from __future__ import annotations

import asyncio
import email
import json
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Final

from aiohttp import web

from noc.http.guard import OWN_POLICY
from noc.http.problems import not_found
from noc.model.instants import from_ms
from noc.web.pages import WebPages
from noc.web.paging import Page, page_of

MESSAGES_A_PAGE: Final = 50
_BYTES_AT_MOST: Final = 1_000_000
_POLICY: Final = (
    "sandbox allow-same-origin; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""Nothing runs and nothing is loaded; its links work, with the reader's session."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A message. name: of its file, without its ending. time: as its header says it. text: as text, never as HTML.

    html: the same as a mail program shows it; empty where there is only text. is_hook: it came by HTTP.
    """

    name: str
    sender: str
    to: str
    subject: str
    time: str
    text: str
    html: str = ""
    is_hook: bool = False


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the newest messages, and one of them."""
    folder = pages.sources.mailbox
    if folder is None:
        raise not_found("mailbox; only the demo has one")
    name = request.match_info.get("name")
    page, mail = await asyncio.to_thread(_read, folder, name, request)
    if name is not None and mail is None:
        raise not_found(f"message {name[:100]}")
    return pages.show(request, "mailbox.html", topics=("incidents",), page=page, mail=mail)


async def as_sent(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with a mail as a mail program shows it."""
    folder, name = pages.sources.mailbox, request.match_info["name"]
    mail = None if folder is None else await asyncio.to_thread(_named, folder, name)
    if mail is None or not mail.html:
        raise not_found(f"message {name[:100]} with HTML")
    request[OWN_POLICY] = _POLICY
    return web.Response(text=mail.html, content_type="text/html")


def newest(folder: Path) -> list[Path]:
    """Return the files of all messages, the newest first: their names begin with the time."""
    found = (*folder.glob("*.eml"), *folder.glob("*.json"))
    return sorted(found, key=lambda path: path.name, reverse=True)


def one(path: Path) -> Mail | None:
    """Return a message; None where the mailbox has thrown it away in the meantime."""
    try:
        with path.open("rb") as file:
            content = file.read(_BYTES_AT_MOST)
    except FileNotFoundError:
        return None
    if path.suffix == ".json":
        return _hook(path, content)
    message = email.message_from_bytes(content, policy=default)
    return Mail(
        name=path.stem,
        sender=_whole(message["From"] or ""),
        to=_whole(message["To"] or ""),
        subject=_whole(message["Subject"] or "(no subject)"),
        time=_whole(message["Date"] or ""),
        text=_whole(_text(message, "plain", "html")),
        html=_whole(_text(message, "html")),
    )


def _read(folder: Path, name: str | None, request: web.Request) -> tuple[Page[Mail], Mail | None]:
    files = newest(folder)
    page = page_of(files, request, MESSAGES_A_PAGE)
    shown = page.with_items([mail for mail in map(one, page.items) if mail is not None])
    return shown, None if name is None else _named(folder, name)


def _named(folder: Path, name: str) -> Mail | None:
    """Return a message by its name. Only a name of the list is opened, whatever the address says."""
    wanted = next((path for path in newest(folder) if path.stem == name), None)
    return None if wanted is None else one(wanted)


def _hook(path: Path, content: bytes) -> Mail:
    """Return a request that came by HTTP."""
    request = json.loads(content)
    body = request["body"]
    alerts = body.get("alerts") if isinstance(body, dict) else None
    said = alerts[0].get("annotations", {}) if isinstance(alerts, list) and alerts else {}
    subject = str(said.get("summary") or said.get("description") or request["path"])
    at = from_ms(int(path.stem.partition("-")[0])).strftime("%a, %d %b %Y %H:%M:%S +0000")
    text = body if isinstance(body, str) else json.dumps(body, indent=2, ensure_ascii=False)
    sender, to = _whole(request["headers"].get("user-agent", "noc")), _whole(f"POST {request['path']}")
    return Mail(path.stem, sender, to, _whole(subject), at, _whole(text), is_hook=True)


def _whole(said: object) -> str:
    """Return a text that a page can hold: halves of characters, which JSON and headers may name, are question marks."""
    return str(said).encode("utf-8", "replace").decode()


def _text(message: EmailMessage, *kinds: str) -> str:
    body = message.get_body(preferencelist=kinds)
    if body is None:
        return ""
    try:
        return str(body.get_content()).strip()
    except LookupError:
        return "(the message is in an encoding that noc doesn't know)"
