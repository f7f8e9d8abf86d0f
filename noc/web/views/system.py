"""noc itself: its parts, what waits in it, its pollers, its settings in use beside those in the files."""

from __future__ import annotations

from aiohttp import web

from noc.http.acting import acting, for_all_regions
from noc.http.problems import not_found
from noc.http.scope import scope
from noc.web.pages import WebPages
from noc.web.systemrows import PART_ADVICE, PARTS, POLLER_WORDS, advice_of, queues, room, work

POLLER_STATES_LOUD = ("gone", "quarantined")


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the page."""
    sources, seen = pages.sources, scope(request)
    inventory = sources.inventory()
    parts = sources.health()
    now = None if sources.itself is None else await sources.itself.now()
    return pages.show(
        request,
        "system.html",
        topics=("statuses",),
        itself=now,
        parts=parts,
        part_words=PARTS,
        advice_of=advice_of,
        settings_advice=PART_ADVICE["settings"],
        work=[] if now is None else work(now),
        queues=[] if now is None else queues(now, parts),
        room=[] if now is None else room(now),
        pollers=[one for one in sources.pollers() if seen.sees(inventory, one.known.entity)],
        loud=POLLER_STATES_LOUD,
        poller_words=POLLER_WORDS,
        findings=sources.reload(),
    )


async def settings(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with how the settings in the files differ from those in use; a part of the page, which loads later."""
    for_all_regions(request)
    if pages.sources.itself is None:
        raise not_found("settings here")
    await pages.sources.access.looks.note(acting(request), "the settings")
    return pages.show(request, "system_settings.html", found=await pages.sources.itself.settings())
