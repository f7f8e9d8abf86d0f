"""The mailbox of the demo: what noc has sent by mail and by HTTP, as those who got it would read it.

A mail is shown as text on the page, and on its own as a mail program shows it: without scripts, and nothing is loaded.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from aiohttp import web

from noc.http.guard import OWN_POLICY
from noc.http.mailbox import Mail, named, newest, one
from noc.http.problems import not_found
from noc.web.pages import WebPages
from noc.web.paging import Page, page_of

MESSAGES_A_PAGE: Final = 50
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing runs and nothing is loaded; its links work, with the reader's session."""


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
    mail = None if folder is None else await asyncio.to_thread(named, folder, name)
    if mail is None or not mail.html:
        raise not_found(f"message {name[:100]} with HTML")
    request[OWN_POLICY] = _POLICY
    return web.Response(text=mail.html, content_type="text/html")


def _read(folder: Path, name: str | None, request: web.Request) -> tuple[Page[Mail], Mail | None]:
    files = newest(folder)
    page = page_of(files, request, MESSAGES_A_PAGE)
    shown = page.with_items([mail for mail in map(one, page.items) if mail is not None])
    return shown, None if name is None else named(folder, name)
