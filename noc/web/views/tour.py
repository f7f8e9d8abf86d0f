"""The card of the demo: what there is to try now. A part of every page, which follows the story."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from noc.http.entry import local
from noc.http.problems import bad_request, not_found
from noc.http.scope import scope
from noc.http.tour import BREAKS, STEPS, TourNow
from noc.inventory.inventory import Inventory
from noc.web.pages import WebPages
from noc.web.places import Place, place_of
from noc.web.tourwords import AWAY, TOUR_COOKIE, WHERE, card_of


@dataclass(frozen=True, slots=True)
class Card:
    """place: what it is about, None where it may not be seen. url: where that shows. number: of the step."""

    now: TourNow
    place: Place | None
    url: str
    number: int
    of: int


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the card, as a part of a page; empty where it was put away."""
    tour = pages.sources.tour
    now = None if tour is None or request.cookies.get(TOUR_COOKIE) == AWAY else tour.now()
    beside = local(request.query.get("beside", "/"))
    card = None if now is None else _card(pages.sources.inventory(), request, now)
    return pages.show(request, "tourcard.html", card=card, said=None if now is None else card_of(now), beside=beside)


async def put_away(_: WebPages, request: web.Request) -> web.StreamResponse:
    """Put the card away, or bring it back: field `away`, 1 or 0; and go back to the same page."""
    form = await request.post()
    answer = web.HTTPSeeOther(local(str(form.get("next", "/"))))
    if form.get("away") == "1":
        answer.set_cookie(TOUR_COOKIE, AWAY, path="/", httponly=True, samesite="Lax", secure=request.secure)
    else:
        answer.del_cookie(TOUR_COOKIE, path="/")
    raise answer


async def break_it(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Break a part of noc, or mend it: field `what`, one of them, or nothing. Raises ProblemError, ConflictError."""
    form, tour = await request.post(), pages.sources.tour
    if tour is None:
        raise not_found("tour; only the demo has one")
    word = str(form.get("what", ""))
    what = next((one for one in BREAKS if one == word), None)
    if what is None and word:
        raise bad_request("/body/what", f"must be one of {', '.join(BREAKS)}, or nothing")
    if what is None:
        await tour.mend()
    else:
        await tour.break_it(what)
    raise web.HTTPSeeOther(local(str(form.get("next", "/"))))


def _card(inventory: Inventory, request: web.Request, now: TourNow) -> Card:
    place = place_of(inventory, now.entity) if now.entity and scope(request).sees(inventory, now.entity) else None
    steps = [step for _, step in STEPS]
    url = WHERE[now.step]
    if now.step == "push" and place is not None and place.url is not None:
        url = f"{place.url}/configuration"
    return Card(now, place, url, steps.index(now.step) + 1, len(steps))
