"""The topology: the network, a site, a device, a path, an incident as a drawing; and where people put things in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from noc.http.problems import bad_request, not_found
from noc.http.scope import Scope, scope
from noc.http.sketches import View, drawn, pin, release
from noc.inventory.inventory import Inventory
from noc.state.pins import NODE_AT_MOST, Pin
from noc.web.pages import WebPages, who_of
from noc.web.places import Place, place_of
from noc.web.sketches import Drawing, address, drawing_of

FOUND_AT_MOST: Final = 12
"""So many things are offered where a name fits several."""

FARTHEST_PX: Final = 20_000
_NUMBER: Final = re.compile(r"[0-9]{1,15}\Z")
_PIXELS: Final = re.compile(r"[0-9]{1,5}\Z")
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that a name may have meant. url: of its drawing."""

    place: Place
    url: str


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the drawing that the address asks for; of a name with a choice, where several things have it."""
    inventory, seen = pages.sources.inventory(), scope(request)
    names = [request.query.get(name, "").strip()[:_LONGEST] for name in ("q", "to")]
    asked_by_name = "q" in request.query
    offers: list[list[Offer]] = []
    if asked_by_name:
        offers = [_offers(inventory, seen, names[0], "q", names[1]), _offers(inventory, seen, names[1], "to", names[0])]
        _go_on(names, offers)
    view = View() if asked_by_name else asked(request)
    return pages.show(
        request,
        "topology.html",
        topics=("statuses",),
        drawing=await drawing_for(pages, request, view),
        view=view,
        ends=[place_of(inventory, end) for end in view.ends],
        names=names,
        offers=offers,
        asked_by_name=asked_by_name,
    )


async def drawing_for(pages: WebPages, request: web.Request, view: View, *, with_numbers: bool = True) -> Drawing:
    """Return what templates draw of a view. Raises ProblemError (404) where the reader may see nothing of it."""
    inventory, seen = pages.sources.inventory(), scope(request)
    sketch = await drawn(pages.sources, seen, view, with_numbers=with_numbers)

    def is_new(entity: str) -> bool:
        now = pages.sources.present.status(entity)
        return now.status == "unknown" and now.since_ms is None

    return drawing_of(sketch, inventory, lambda entity: seen.sees(inventory, entity), is_new)


async def put(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Keep where somebody put a thing."""
    form = await request.post()
    view = await _shown(pages, request)
    node = str(form.get("node", ""))
    if not 0 < len(node) <= NODE_AT_MOST:
        raise bad_request("/node", f"must have 1 to {NODE_AT_MOST} characters")
    x, y = (_pixels(str(form.get(name, "")), name) for name in ("x", "y"))
    await pin(pages.sources, view, Pin(node, x, y, who_of(request)))
    raise web.HTTPSeeOther(address(view.query))


async def let_go(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Let what people put somewhere go where the layout has it: one thing, or all of a view."""
    form = await request.post()
    view = await _shown(pages, request)
    await release(pages.sources, view, str(form.get("node", "")) or None)
    raise web.HTTPSeeOther(address(view.query))


def asked(request: web.Request) -> View:
    """Return the view that an address asks for. Raises ProblemError (400, 404)."""
    return _view({name: request.query[name] for name in _NAMES if request.query.get(name)})


_NAMES: Final = ("site", "device", "incident", "from", "to")


def _view(given: dict[str, str]) -> View:
    if "incident" in given:
        if _NUMBER.match(given["incident"]) is None:
            raise not_found(f"incident {given['incident'][:20]}")
        return View("incident", number=int(given["incident"]))
    if "from" in given and "to" in given:
        ends = given["from"], given["to"]
        for end in ends:
            if not end.startswith(("site/", "device/")):
                raise not_found(end[:100])
        return View("path", ends)
    if "site" in given:
        return View("site", (f"site/{given['site']}",))
    return View("device", (f"device/{given['device']}",)) if "device" in given else View()


async def _shown(pages: WebPages, request: web.Request) -> View:
    """Return the view of a form, if its sender may see it. Raises ProblemError (404)."""
    post = await request.post()
    view = _view({name: str(post[name])[:_LONGEST] for name in _NAMES if post.get(name)})
    await drawn(pages.sources, scope(request), view, with_numbers=False)
    return view


def _pixels(text: str, name: str) -> int:
    if _PIXELS.match(text) is None or int(text) > FARTHEST_PX:
        raise bad_request(f"/{name}", f"must be a number from 0 to {FARTHEST_PX}")
    return int(text)


def _offers(inventory: Inventory, seen: Scope, name: str, field: str, other: str) -> list[Offer]:
    """Return what a name may mean: the one thing of that id or name, else those in whose name it stands.

    field: of the form, `q` or `to`; other: what was written in the other one.
    """
    if not name:
        return []
    wanted = name.casefold()
    exact = [one for one in (name, f"site/{name}", f"device/{name}") if inventory.entity(one) is not None]
    things = [one for group in (inventory.sites, inventory.devices) for one in group.values()]
    alike = exact or [one.entity for one in things if one.name.casefold() == wanted]
    alike = alike or [one.entity for one in things if wanted in one.name.casefold() or wanted in one.id]
    found = [one for one in alike if one.startswith(("site/", "device/")) and seen.sees(inventory, one)]
    return [Offer(place_of(inventory, one), _meant(one, field, other)) for one in found[:FOUND_AT_MOST]]


def _meant(entity: str, field: str, other: str) -> str:
    """Return the address where one of several things that were offered is meant."""
    if not other:
        kind, _, key = entity.partition("/")
        return address({kind: key})
    return address({"q": entity, "to": other} if field == "q" else {"q": other, "to": entity})


def _go_on(names: list[str], offers: list[list[Offer]]) -> None:
    """Send the reader to the drawing, where each name means one thing."""
    one, other = offers
    if not any(names):
        raise web.HTTPSeeOther("/topology")
    if len(one) == 1 and not names[1]:
        raise web.HTTPSeeOther(one[0].url)
    if len(one) == len(other) == 1:
        raise web.HTTPSeeOther(address({"from": one[0].place.entity, "to": other[0].place.entity}))
