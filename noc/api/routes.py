"""Joins the nouns: all routes of the API, and the document that describes them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from http import HTTPStatus

from aiohttp import web

from noc.api import (
    accounts,
    alerts,
    assets,
    audit,
    availability,
    circuits,
    configurations,
    corrections,
    devices,
    discovery,
    entitynotes,
    events,
    incidentactions,
    incidentmore,
    incidents,
    interfaces,
    latest,
    ledger,
    mailbox,
    marks,
    me,
    objectives,
    oncall,
    parts,
    pollers,
    problems,
    records,
    regions,
    rehearsals,
    reportruns,
    reports,
    roles,
    rooms,
    rules,
    search,
    segmentation,
    series,
    seriestop,
    services,
    sites,
    system,
    tokens,
    topology,
    wall,
    whatifs,
    why,
    windows,
    windowtimes,
)
from noc.api import (
    endpoints as endpoints_of_applications,
)
from noc.api import map as world_map
from noc.api._endpoint import ROOT, Endpoint, tag
from noc.api._openapi import openapi
from noc.http.rights import Route
from noc.http.sources import Sources

NOUNS = (
    me,
    accounts,
    roles,
    tokens,
    audit,
    system,
    regions,
    rehearsals,
    sites,
    wall,
    devices,
    configurations,
    interfaces,
    records,
    parts,
    circuits,
    why,
    world_map,
    endpoints_of_applications,
    services,
    topology,
    rooms,
    search,
    rules,
    whatifs,
    segmentation,
    pollers,
    series,
    seriestop,
    latest,
    marks,
    incidentmore,
    incidents,
    alerts,
    incidentactions,
    problems,
    entitynotes,
    oncall,
    events,
    ledger,
    availability,
    objectives,
    corrections,
    windowtimes,
    windows,
    assets,
    discovery,
    reportruns,
    reports,
    mailbox,
)


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return all endpoints."""
    return [endpoint for noun in NOUNS for endpoint in noun.endpoints(sources)]


def told(sources: Sources) -> dict[str, str]:
    """Return what each first word of a path is about: what the file of its name says, or else the first that has it."""
    found: dict[str, str] = {}
    for noun in NOUNS:
        said, name = (noun.__doc__ or "").partition("\n")[0], noun.__name__.rpartition(".")[2]
        for endpoint in noun.endpoints(sources):
            if endpoint.noun == name or endpoint.noun not in found:
                found[endpoint.noun] = said
    return found


def routes(sources: Sources) -> Iterable[Route]:
    """Return the routes of the API; one of the makers that noc.http.server takes."""
    listed = endpoints(sources)
    sources.described.put(lambda: openapi(listed, told(sources)))

    @cache
    def document() -> str:
        return json.dumps(sources.described.document(), separators=(",", ":"))

    async def described(request: web.Request) -> web.StreamResponse:
        response = web.Response(text=document(), content_type="application/json")
        tag(request, response)
        if response.status == HTTPStatus.OK:
            response.enable_compression()
        return response

    return [*(endpoint.route() for endpoint in listed), Route("GET", f"{ROOT}/openapi.json", described, None)]
