"""Why something is red: of a device, a part of one, or a circuit; what was asked, what came, by which rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from aiohttp import web

from alerts.rulestried import shown
from noc.http.problems import not_found
from noc.http.rawvalues import filtered, raw_text, raw_type
from noc.http.reasons import Hang, sentence
from noc.http.scope import scope
from noc.http.why import Why, live_of, why_of
from noc.i18n.language import language
from noc.i18n.marking import say
from noc.inventory.entities import Circuit, Device
from noc.inventory.inventory import Inventory
from noc.model.incident import Incident
from noc.model.instants import to_ms
from noc.model.part import owner_of
from noc.state import incidents
from noc.web.pages import WebPages, spoken_of
from noc.web.paging import page_of
from noc.web.places import Place, place_of
from noc.web.whyurl import why_url

RAW_A_PAGE: Final = 50
TOUCHED_AT_MOST: Final = 20
_NUMBER_AT_MOST: Final = 15


@dataclass(frozen=True, slots=True)
class Hung:
    """What it hangs on, for people."""

    hang: Hang
    place: Place


@dataclass(frozen=True, slots=True)
class Ruled:
    """An incident, and what its rule looks for; empty where the caller may not see rules."""

    incident: Incident
    place: Place
    looks_for: str
    hold_s: float


async def of_device(pages: WebPages, request: web.Request) -> web.Response:
    """Answer for a device, or for a part of it: `?of=peer/…`."""
    inventory, key = pages.sources.inventory(), request.match_info["device"]
    device = inventory.devices.get(key)
    if device is None or not scope(request).sees(inventory, device.entity):
        raise not_found(f"device {key[:100]}")
    entity = request.query.get("of") or device.entity
    if entity != device.entity and owner_of(entity) != device.entity:
        raise not_found(f"part {entity[:100]} of {device.id}")
    return await _show(pages, request, entity, device)


async def of_circuit(pages: WebPages, request: web.Request) -> web.Response:
    """Answer for a circuit."""
    inventory, key = pages.sources.inventory(), request.match_info["circuit"]
    circuit = inventory.circuits.get(key)
    if circuit is None or not scope(request).sees(inventory, circuit.entity):
        raise not_found(f"circuit {key[:100]}")
    return await _show(pages, request, circuit.entity, circuit)


async def of_incident(pages: WebPages, request: web.Request) -> web.Response:
    """Send on to the entity of an incident."""
    inventory, text = pages.sources.inventory(), request.match_info["number"]
    found = None
    if text.isascii() and text.isdigit() and len(text) <= _NUMBER_AT_MOST:
        async with pages.sources.database.read() as connection:
            found = await incidents.get(connection, int(text))
    if found is None or not scope(request).sees(inventory, found.entity):
        raise not_found(f"incident {text[:100]}")
    address = why_url(found.entity)
    if address is None or inventory.entity(owner_of(found.entity) or found.entity) is None:
        raise web.HTTPSeeOther(f"/incidents/{found.id}")
    raise web.HTTPSeeOther(address)


async def _show(pages: WebPages, request: web.Request, entity: str, thing: Device | Circuit) -> web.Response:
    sources, inventory, seen = pages.sources, pages.sources.inventory(), scope(request)
    why = await why_of(sources, seen, entity)
    words = request.query.get("q", "")[:100]
    spoken = language(spoken_of(request))
    site = inventory.sites[thing.site]
    return pages.show(
        request,
        "why.html",
        topics=live_of(why),
        why=why,
        place=place_of(inventory, entity),
        thing=thing,
        thing_url=f"/{'devices' if isinstance(thing, Device) else 'circuits'}/{quote(thing.id, safe='')}",
        site=site,
        region=inventory.regions[site.region],
        said=sentence(why.reason, spoken, pages.times(request).written_ms),
        hangs=[Hung(one, place_of(inventory, one.entity)) for one in why.hangs],
        ruled=await _ruled(pages, request, why.incidents),
        touched=_touched(why, inventory),
        values=page_of(filtered(why.values, words), request, RAW_A_PAGE),
        words=words,
        raw_text=raw_text,
        raw_type=raw_type,
        now_ms=to_ms(sources.clock.now()),
    )


def _touched(why: Why, inventory: Inventory) -> list[tuple[str, list[Place], int]]:
    """Return what stops, or is weaker, with an entity: a word, the first of them, and how many more there are."""
    touches = why.touches
    if touches is None:
        return []
    groups = (
        (say("Cut off with it"), touches.cut),
        (say("Weaker without it"), touches.weaker),
        (say("Circuits that stop with it"), touches.circuits),
        (say("Services that stop with it"), touches.services),
    )
    return [
        (word, [place_of(inventory, one) for one in names[:TOUCHED_AT_MOST]], max(0, len(names) - TOUCHED_AT_MOST))
        for word, names in groups
        if names
    ]


async def _ruled(pages: WebPages, request: web.Request, found: Sequence[Incident]) -> list[Ruled]:
    """Return incidents with what their rules look for, as far as the caller may see rules."""
    inventory, room = pages.sources.inventory(), pages.sources.rules
    known: dict[str, tuple[str, float]] = {}
    if room is not None and found and scope(request).everything:
        known = {one.rule.name: (shown(one.rule), one.rule.hold_ms / 1000) for one in await room.all()}
    return [Ruled(one, place_of(inventory, one.entity), *known.get(one.rule, ("", 0.0))) for one in found]
