"""The handbook inside noc: its contents, its pages, and what is found in them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from noc.http.problems import not_found
from noc.i18n.marking import say
from noc.web.handbook import SHELVES, Shelf
from noc.web.pages import WebPages

FOUND_AT_MOST: Final = 40
TEXT_AT_MOST: Final = 200
PART: Final = 2
"""The level of headings that the contents of a page have."""

SHELF_WORDS: Final[Mapping[Shelf, str]] = {
    "": say("Use and operate"),
    "runbooks": say("Runbooks"),
    "reference": say("Reference pages"),
    "extend": say("Extend"),
    "adr": say("Decisions"),
}


async def contents(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the table of contents, or with what is found."""
    text = request.query.get("q", "").strip()[:TEXT_AT_MOST]
    await asyncio.to_thread(pages.handbook.open)
    shelves = [(SHELF_WORDS[shelf], pages.handbook.shelf(shelf)) for shelf in SHELVES]
    found = pages.handbook.find(text, FOUND_AT_MOST)
    return pages.show(request, "help.html", text=text, found=found, shelves=shelves)


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with a page."""
    name = "/".join(request.match_info[part] for part in ("shelf", "name") if part in request.match_info)
    await asyncio.to_thread(pages.handbook.open)
    page = pages.handbook.pages.get(name)
    if page is None:
        raise not_found(f"page '{name[:100]}' of the handbook")
    body = await asyncio.to_thread(pages.handbook.html, page)
    parts = [section for section in page.sections if section.level == PART]
    return pages.show(request, "helppage.html", page=page, body=body, parts=parts, shelf=SHELF_WORDS[page.shelf])
