"""The addresses of the pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from alerts.acklinks import PREFIX as LINKS
from noc.http.pages import ASSETS
from noc.http.sources import Sources
from noc.web.pages import WebPages
from noc.web.views import (
    availability,
    configuration,
    corrections,
    device,
    discovery,
    incident,
    mailbox,
    objectives,
    oncall,
    problemrecords,
    problems,
    reading,
    rehearsal,
    reports,
    rules,
    segmentation,
    services,
    site,
    sitenumbers,
    sites,
    top,
    windows,
)
from noc.web.views.acklink import AckLinkPages

FIRST_PAGE = "/problems"

View = Callable[[WebPages, web.Request], Awaitable[web.StreamResponse]]


def routes(sources: Sources, pages: WebPages | None = None) -> list[web.RouteDef]:
    """Return the routes of all pages, and of the files that these are made with."""
    made = pages or WebPages(sources)

    get, post = _Routes(made).get, _Routes(made).post
    return [
        web.get("/", _first),
        *_of_incidents(made),
        post("/language", reading.choose),
        get("/sites", sites.show),
        get("/sites/{site}", site.show),
        get("/sites/{site}/figures", site.figures),
        get("/sites/{site}/numbers", sitenumbers.show),
        get("/services", services.show),
        get("/devices/{device}", device.show),
        get("/devices/{device}/configuration", configuration.show),
        get("/top", top.show),
        get("/availability", availability.show),
        get("/objectives", objectives.show),
        get("/objectives/now", objectives.now),
        get("/corrections", corrections.show),
        post("/corrections", corrections.propose),
        get("/corrections/{number}", corrections.one),
        post("/corrections/{number}/{step}", corrections.decide),
        get("/windows", windows.show),
        post("/windows", windows.ask),
        post("/windows/notices", windows.take_notices),
        get("/windows/{number}", windows.one),
        post("/windows/{number}/{step}", windows.decide),
        get("/reports", reports.show),
        post("/reports", reports.issue),
        get("/reports/{number}", reports.one),
        get("/reports/{number}/file", reports.file),
        get("/rules", rules.listed),
        get("/rules/{name}", rules.show),
        get("/what-ifs/new", rules.write),
        post("/what-ifs", rules.play),
        get("/what-ifs/{number}", rules.played),
        get("/segmentation", segmentation.show),
        get("/segmentation/{name}", segmentation.one),
        get("/discovery", discovery.show),
        get("/discovery/drift", discovery.drift),
        get("/mailbox", mailbox.show),
        get("/mailbox/{name}", mailbox.show),
        web.get(ASSETS + "{name}", made.manifest.serve),
    ]


@dataclass(frozen=True, slots=True)
class _Routes:
    """Makes routes of views."""

    pages: WebPages

    def get(self, path: str, view: View) -> web.RouteDef:
        return web.get(path, partial(view, self.pages))

    def post(self, path: str, view: View) -> web.RouteDef:
        return web.post(path, partial(view, self.pages))


def _of_incidents(pages: WebPages) -> list[web.RouteDef]:
    """Return the routes of what is wrong, and of who is called."""
    links, get, post = AckLinkPages(pages), _Routes(pages).get, _Routes(pages).post
    return [
        web.get(f"{LINKS}{{token}}", links.show),
        web.post(f"{LINKS}{{token}}", links.own),
        get("/problems", problems.show),
        post("/problems/acknowledge", problems.acknowledge),
        get("/incidents/{number}", incident.show),
        post("/incidents/{number}/know", incident.know),
        get("/problem-records", problemrecords.listed),
        post("/problem-records", problemrecords.begin),
        get("/problem-records/{number}", problemrecords.show),
        post("/problem-records/{number}", problemrecords.change),
        post(f"/incidents/{{number}}/{{word:{incident.WORDS}}}", incident.act),
        get("/oncall", oncall.show),
        get("/rehearsal", rehearsal.show),
        post("/rehearsal", rehearsal.play),
        post("/oncall/overrides", oncall.stand_in),
        post("/oncall/overrides/{number}/cancel", oncall.cancel),
        post("/oncall/handovers", oncall.hand_over),
        post("/oncall/handovers/{number}/accept", oncall.accept),
    ]


async def _first(_: web.Request) -> web.StreamResponse:
    raise web.HTTPSeeOther(FIRST_PAGE)
