"""What people know of entities, "this modem sags in rain": shown with each incident of theirs."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from alerts.documents import note_document
from noc.api import _places as places
from noc.api._about import about_entities, number_in_path
from noc.api._body import body
from noc.api._endpoint import PAGING, Endpoint, Parameter
from noc.api._filters import Field as By
from noc.api._filters import Filters
from noc.api._incidentshapes import EntityNoteItem, NewEntityNote
from noc.api._once import HEADERS, once
from noc.api._shapes import Listing, Shape
from noc.http.problems import bad_request, not_found
from noc.http.scope import caller, scope
from noc.http.sources import Sources
from noc.model.instants import to_ms
from noc.model.part import owner_of
from noc.state import notes
from noc.state.database import Transaction
from noc.state.notes import EntityNote


class Nothing(Shape):
    """Nothing is to be said."""


ID: Final = Parameter("id", "Number of the note.", {"type": "integer", "minimum": 1}, place="path", required=True)
FILTERS: Final = Filters(
    (
        places.ENTITY,
        *places.PLACES,
        By("text", "the text", "text"),
        By("who", "the one who wrote it", "text"),
        By("at", "the time when it was written", "time", of="at_ms"),
    )
)
LISTED: Final = "What is known of entities now, the newest first."


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of entities' notes."""

    async def write(request: web.Request) -> EntityNoteItem:
        said, asked, who = await body(request, NewEntityNote), await once(request), caller(request).who
        inventory, seen = sources.inventory(), scope(request)
        if inventory.entity(owner_of(said.entity) or said.entity) is None or not seen.sees(inventory, said.entity):
            raise bad_request("/body/entity", f"there is no '{said.entity[:100]}'; write device/nbo-rtr-1")

        async def within(connection: Transaction, now_ms: int) -> EntityNoteItem:
            before = await asked.before(connection, now_ms)
            if before is not None:
                return EntityNoteItem.model_validate_json(before)
            made = _item(await notes.put(connection, said.entity, now_ms, who, said.text, said.until))
            await asked.keep(connection, now_ms, made)
            return made

        return await sources.desk.do(None, within)

    async def remove(request: web.Request) -> EntityNoteItem:
        await body(request, Nothing)
        number, who, seen = number_in_path(request, "note"), caller(request).who, scope(request)

        async def within(connection: Transaction, now_ms: int) -> EntityNoteItem:
            found = await notes.get(connection, number)
            if found is None or not seen.sees(sources.inventory(), found.entity):
                raise not_found(f"note {number}")
            await notes.remove(connection, number, now_ms, who)
            return _item(found)

        return await sources.desk.do(None, within)

    item = EntityNoteItem
    return [
        _listing(sources),
        Endpoint(
            "POST", "/entity-notes", "Write one.", write, item, HEADERS, NewEntityNote, guarded=True, right="handle"
        ),
        Endpoint(
            "POST", "/entity-notes/{id}/remove", "Show one no more.", remove, item, (ID,), Nothing, right="handle"
        ),
    ]


def _listing(sources: Sources) -> Endpoint:
    async def listed(request: web.Request) -> Listing[EntityNoteItem]:
        now_ms = to_ms(sources.clock.now())
        async with sources.database.read() as connection:
            shown, more = await about_entities(
                *(request, sources, FILTERS, {}),
                lambda one, place, limit: notes.standing(connection, now_ms, limit, before=place, entity=one),
                lambda entity: notes.standing(connection, now_ms, 1, entity=entity),
                "id",
            )
        return Listing[EntityNoteItem](items=[_item(note) for note in shown], next=more)

    filters = (*FILTERS.parameters, *PAGING)
    return Endpoint("GET", "/entity-notes", LISTED, listed, Listing[EntityNoteItem], filters)


def _item(note: EntityNote) -> EntityNoteItem:
    return EntityNoteItem.model_validate(note_document(note, int))
