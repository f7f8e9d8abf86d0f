"""The mailbox of the demo: what noc has sent by mail and by HTTP. A real noc has none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

from aiohttp import web

from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, Parameter
from noc.api._filters import Field as By
from noc.api._filters import Filters
from noc.api._shapes import Listing, Moment, Shape
from noc.http.mailbox import Mail, named, newest, one
from noc.http.problems import not_found
from noc.http.scope import scope
from noc.http.sources import Sources

Way = Literal["mail", "webhook"]
WAYS: Final[tuple[Way, ...]] = ("mail", "webhook")


class MessageItem(Shape):
    """A message that noc has sent."""

    id: str
    way: Way
    at: Moment
    """When it came."""
    sender: str
    to: str
    """Of a webhook: where it was posted to."""
    subject: str


class MessageDetail(MessageItem):
    """It, with what it says."""

    text: str
    html: str
    """The same as a mail program shows it; empty where it is text alone."""


ID: Final = Parameter("id", "Id of the message.", place="path", required=True)
FILTERS: Final = Filters(
    (
        By("way", "the way that it came", "word", WAYS),
        By("at", "the time when it came", "time", of="at_ms"),
        By("sender", "the sender", "text"),
        By("to", "the addressee", "text"),
        By("subject", "the subject", "text"),
        By("text", "the text", "text"),
    )
)


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of the mailbox."""

    async def listed(request: web.Request) -> Listing[MessageItem]:
        folder, before, limit = _folder(sources, request), query.cursor(request), query.limit(request)
        fits: Callable[[Mail], bool] = FILTERS.asked(request, sources.clock, {"way": _way}, {})
        found = await asyncio.to_thread(_behind, folder, before, limit + 1, fits)
        more = query.next_cursor(found[limit - 1].name) if len(found) > limit else None
        return Listing[MessageItem](
            items=[MessageItem.model_validate(_fields(mail)) for mail in found[:limit]], next=more
        )

    async def message(request: web.Request) -> MessageDetail:
        folder, name = _folder(sources, request), request.match_info["id"]
        mail = await asyncio.to_thread(named, folder, name)
        if mail is None:
            raise not_found(f"message {name[:100]}")
        return MessageDetail.model_validate({**_fields(mail), "text": mail.text, "html": mail.html})

    said, listing, filters = (
        "What noc has sent in the demo, the newest first.",
        Listing[MessageItem],
        FILTERS.parameters,
    )
    return [
        Endpoint("GET", "/mailbox", said, listed, listing, (*filters, *PAGING)),
        Endpoint("GET", "/mailbox/{id}", "One, with what it says.", message, MessageDetail, (ID,)),
    ]


def _folder(sources: Sources, request: web.Request) -> Path:
    if sources.mailbox is None or not scope(request).everything:
        raise not_found("mailbox; only the demo has one, for those who may see all of it")
    return sources.mailbox


def _behind(folder: Path, before: str | None, number: int, fits: Callable[[Mail], bool]) -> list[Mail]:
    """Return so many messages that are wanted, those older than one of a name; the newest first."""
    found: list[Mail] = []
    for path in newest(folder):
        if before is not None and path.stem >= before:
            continue
        mail = one(path)
        if mail is not None and fits(mail):
            found.append(mail)
        if len(found) == number:
            break
    return found


def _way(mail: Mail) -> Way:
    return "webhook" if mail.is_hook else "mail"


def _fields(mail: Mail) -> dict[str, object]:
    return {
        "id": mail.name,
        "way": _way(mail),
        "at": mail.at_ms,
        "sender": mail.sender,
        "to": mail.to,
        "subject": mail.subject,
    }
