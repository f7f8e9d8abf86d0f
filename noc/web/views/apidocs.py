"""The API as people read it: its addresses by nouns, and what only asks can be tried."""

from __future__ import annotations

from aiohttp import web

from noc.http.problems import bad_request, not_found
from noc.web.apidocument import Noun, address, nouns
from noc.web.pages import WebPages


async def contents(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with all addresses."""
    return pages.show(request, "apidocs.html", nouns=_nouns(pages))


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the addresses of a noun, with what they take and give."""
    return pages.show(request, "apinoun.html", noun=_noun(pages, request))


async def attempt(pages: WebPages, request: web.Request) -> web.Response:
    """Lead to an address with what was filled in; `of` says which."""
    key = request.query.get("of", "")
    for one in _noun(pages, request).operations:
        if one.key == key and one.may_be_tried:
            found = address(one, {name: request.query.getall(name) for name in request.query})
            if found is None:
                raise bad_request("/query", "write what stands in the address, such as id")
            raise web.HTTPSeeOther(found)
    raise not_found("address of the API of that name that only asks")


def _nouns(pages: WebPages) -> tuple[Noun, ...]:
    document = pages.sources.described.document()
    if document is None:
        raise not_found("API here")
    return nouns(document)


def _noun(pages: WebPages, request: web.Request) -> Noun:
    name = request.match_info["noun"]
    for one in _nouns(pages):
        if one.name == name:
            return one
    raise not_found(f"noun '{name[:100]}' of the API")
