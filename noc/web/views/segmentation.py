"""Segmentation: what must not reach what, whether it holds, and by which proofs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from noc.http.problems import not_found
from noc.http.scope import scope
from noc.i18n.marking import say
from noc.model.instants import to_ms
from noc.pipeline.segmentationdocument import segmentation_document
from noc.state import proofs
from noc.web.pages import WebPages

VERDICTS: Final = ("broken", "unproven", "held")
"""The gravest first."""

ANSWERS_SAID: Final[Mapping[str, str]] = {
    "open": say("it connected"),
    "reset": say("reset"),
    "refused": say("refused"),
    "echo": say("echo reply"),
    "prohibited": say("prohibited"),
    "denied": say("denied by the firewall"),
    "dropped": say("dropped"),
    "silent": say("silence"),
    "unreachable": say("no way there"),
}
"""What came of a knock; `none` came of none."""

VERDICTS_SAID: Final[Mapping[str, str]] = {"broken": say("broken"), "unproven": say("unproven"), "held": say("held")}


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with all statements that the caller may see."""
    found = await _documents(pages, request)
    found.sort(key=lambda one: (VERDICTS.index(str(one["verdict"])), str(one["statement"])))
    counts = Counter(str(one["verdict"]) for one in found)
    topics = ("incidents",)
    return pages.show(
        request,
        "segmentation.html",
        topics=topics,
        walls=found,
        verdicts=VERDICTS,
        verdicts_said=VERDICTS_SAID,
        answers_said=ANSWERS_SAID,
        counts=counts,
        name_of=await pages.called(),
    )


async def one(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with a statement and its newest proofs."""
    name = request.match_info["name"]
    found = next((one for one in await _documents(pages, request) if one["statement"] == name), None)
    if found is None:
        raise not_found(f"statement {name[:60]}")
    return pages.show(
        request,
        "wall.html",
        topics=("incidents",),
        wall=found,
        verdicts_said=VERDICTS_SAID,
        answers_said=ANSWERS_SAID,
        name_of=await pages.called(),
    )


async def _documents(pages: WebPages, request: web.Request) -> list[dict[str, object]]:
    sources = pages.sources
    inventory, seen = sources.inventory(), scope(request)
    visible = [one for one in sources.segmentation() if seen.sees(inventory, one.entity)]
    async with sources.database.read() as connection:
        kept = await proofs.all_kept(connection)
    return segmentation_document(visible, kept, to_ms(sources.clock.now()), int)
