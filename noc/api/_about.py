"""What windows, corrections, incidents and notes have in common: each is about an entity, has a number, and people
speak of it.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Annotated, Final, Protocol, TypeVar

from aiohttp import web
from pydantic import AfterValidator, Field

from noc.api import _named as named
from noc.api import _places as places
from noc.api._filters import Filters, Value
from noc.api._pages import numbered_page
from noc.api._shapes import Shape
from noc.http.problems import not_found
from noc.http.scope import caller, scope
from noc.http.sources import Sources
from noc.maintenance.draft import NAME_AT_MOST, TEXT_AT_MOST

_NUMBER: Final = re.compile(r"[0-9]{1,15}")
_SHOWN_AT_MOST: Final = 100


class About(Protocol):
    """Something about an entity."""

    @property
    def entity(self) -> str:
        """Return the entity."""
        ...


Row = TypeVar("Row", bound=About)


def clean(text: str) -> str:
    """Return a text that somebody wrote without what can't be printed, but with its lines."""
    return "".join(character if character.isprintable() or character == "\n" else " " for character in text).strip()


Reason = Annotated[str, Field(max_length=TEXT_AT_MOST), AfterValidator(clean)]


class Speaking(Shape):
    """Something that a person says."""

    by: Annotated[str, Field(max_length=NAME_AT_MOST), AfterValidator(clean)] = ""
    """Who says so, where a script with a bearer token speaks for a person; else it is the caller."""


class Said(Speaking):
    """A reason, for the ledger."""

    why: Reason = ""


def speaker(request: web.Request, said: Speaking) -> str:
    """Return who says something: the caller, or whom a script speaks for."""
    found = caller(request)
    return said.by if said.by and found.speaks_for else found.who


def number_in_path(request: web.Request, what: str) -> int:
    """Return the number in a path. what: whose, `window`. Raises ProblemError (404) where it is none."""
    text = request.match_info["id"]
    if not _NUMBER.fullmatch(text):
        raise not_found(f"{what} '{text[:_SHOWN_AT_MOST]}'")
    return int(text)


async def about_entities(
    request: web.Request,
    sources: Sources,
    filters: Filters,
    values: Mapping[str, Callable[[Row], Value]],
    read: Callable[[str | None, int | None, int], Awaitable[Sequence[Row]]],
    history: Callable[[str], Awaitable[Sequence[Row]]],
    number: str,
    also: Callable[[Row], bool] = lambda _: True,
) -> tuple[list[Row], str | None]:
    """Return a page of what is about entities, the newest first, as a caller may see it; and the cursor of the next.

    read: gives so many of one entity, or of all, in front of a number. history: gives the beginning of what there is of
    an entity. number: the attribute of a row that has it. also: what else a request asks for. Raises ProblemError.
    """
    inventory, seen = sources.inventory(), scope(request)
    entities = await named.entities(request, inventory, seen, history)
    fits = filters.asked(
        request,
        sources.clock,
        {**places.values(inventory, attrgetter("entity")), **values},
        places.known(inventory, seen),
    )
    return await numbered_page(
        request,
        partial(read, entities[0] if len(entities) == 1 else None),
        attrgetter(number),
        lambda row: seen.sees(inventory, row.entity) and fits(row) and also(row),
    )
