"""The addresses of the pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

from aiohttp import web

from alerts.acklinks import PREFIX as LINKS
from noc.http.pages import ASSETS
from noc.http.rights import Route
from noc.http.sources import Sources
from noc.model.account import Right
from noc.web.pages import WebPages
from noc.web.reader import keeping
from noc.web.views import (
    admin,
    admintokens,
    apidocs,
    assets,
    audit,
    availability,
    circuit,
    circuitfigures,
    circuits,
    configuration,
    corrections,
    device,
    devicemore,
    deviceports,
    discovery,
    handbook,
    incident,
    mailbox,
    maintenance,
    me,
    objectives,
    oncall,
    problemrecords,
    problems,
    reading,
    rehearsal,
    reports,
    rules,
    search,
    segmentation,
    services,
    site,
    sitenumbers,
    sitepaths,
    sites,
    system,
    top,
    topology,
    tour,
    wallboard,
    why,
    window,
)
from noc.web.views import map as world_map
from noc.web.views.acklink import AckLinkPages
from noc.web.views.oncallcalendar import CalendarPages
from noc.web.views.passkeys import PasskeyPages

FIRST_PAGE = "/problems"
FIRST_OF_DEMO = "/wall"
"""Who has never seen noc sees the whole network first, and goes on from there."""

View = Callable[[WebPages, web.Request], Awaitable[web.StreamResponse]]


def routes(sources: Sources, pages: WebPages | None = None) -> list[Route]:
    """Return the routes of all pages, and of the files that these are made with."""
    made = pages or WebPages(sources)
    return [
        *(replace(one, handler=keeping(one.handler)) for one in _of_all(made)),
        Route("POST", "/zone", partial(reading.choose_zone, made), None),
        Route("POST", "/lite", partial(reading.choose_lite, made), None),
        Route("GET", ASSETS + "{name}", made.manifest.serve, None),
    ]


def _of_all(made: WebPages) -> list[Route]:
    get, post, watched = _Routes(made).get, _Routes(made).post, _Routes(made).watched
    return [
        get("/", _first),
        *_of_incidents(made),
        get("/search", search.show),
        *_of_help(made),
        *_of_people(made),
        post("/language", reading.choose, None),
        watched("/sites", sites.show),
        watched("/sites/{site}", site.show),
        watched("/sites/{site}/figures", site.figures),
        watched("/sites/{site}/numbers", sitenumbers.show),
        watched("/services", services.show),
        *_of_devices(made),
        watched("/top", top.show),
        watched("/wall", wallboard.show),
        *_of_topology(made),
        watched("/availability", availability.show),
        get("/objectives", objectives.show),
        watched("/objectives/now", objectives.now),
        get("/corrections", corrections.show),
        post("/corrections", corrections.propose, "propose"),
        get("/corrections/{number}", corrections.one),
        post("/corrections/{number}/{step:withdraw}", corrections.decide, "propose"),
        post("/corrections/{number}/{step:approve|reject}", corrections.decide, "correct"),
        *_of_maintenance(made),
        get("/assets", assets.show),
        get("/assets/file", assets.file),
        get("/reports", reports.show),
        post("/reports", reports.issue, "ask"),
        get("/report-runs/{number}", reports.run),
        get("/reports/{number}", reports.one),
        get("/reports/{number}/file", reports.file),
        get("/rules", rules.listed),
        get("/rules/{name}", rules.show),
        get("/what-ifs/new", rules.write),
        post("/what-ifs", rules.play, "ask"),
        get("/what-ifs/{number}", rules.played),
        get("/segmentation", segmentation.show),
        get("/segmentation/{name}", segmentation.one),
        *_of_discovery(made),
        get("/mailbox", mailbox.show),
        get("/mailbox/{name}", mailbox.show),
        get("/mailbox/{name}/html", mailbox.as_sent),
        get("/tour/card", tour.show),
        post("/tour/card", tour.put_away, None),
        post("/tour/break", tour.break_it, "administer"),
    ]


def _of_discovery(made: WebPages) -> list[Route]:
    get, post = _Routes(made).get, _Routes(made).post
    return [
        get("/discovery", discovery.show),
        get("/discovery/drift", discovery.drift),
        post("/discovery/{number}/ignore", discovery.ignore, "approve"),
        post("/discovery/{number}/propose", discovery.propose_again, "approve"),
    ]


@dataclass(frozen=True, slots=True)
class _Routes:
    """Makes routes of views."""

    pages: WebPages

    def get(self, path: str, view: View, right: Right = "see") -> Route:
        return Route("GET", path, partial(view, self.pages), right)

    def watched(self, path: str, view: View) -> Route:
        """Return the route of a view that many watch; it says nothing of who looks at it but by forms' tokens."""
        return Route("GET", path, partial(self.pages.shared.answer, partial(view, self.pages)), "see")

    def post(self, path: str, view: View, right: Right | None) -> Route:
        return Route("POST", path, self.pages.shared.changing(partial(view, self.pages)), right)


def _of_topology(pages: WebPages) -> list[Route]:
    """Return the routes of what hangs on what."""
    watched, post = _Routes(pages).watched, _Routes(pages).post
    return [
        watched("/map", world_map.show),
        watched("/map/sites/{site}", world_map.card),
        watched("/topology", topology.show),
        post("/topology/pins", topology.put, "handle"),
        post("/topology/release", topology.let_go, "handle"),
        watched("/sites/{site}/paths", sitepaths.show),
    ]


def _of_maintenance(pages: WebPages) -> list[Route]:
    """Return the routes of planned work; it stood at /windows once."""
    get, post = _Routes(pages).get, _Routes(pages).post
    return [
        get("/maintenance", maintenance.show),
        post("/maintenance", maintenance.ask, "propose"),
        get("/maintenance/impact", maintenance.impact, "propose"),
        post("/maintenance/notices", maintenance.take_notices, "propose"),
        get("/maintenance/{number}", window.one),
        post("/maintenance/{number}/{step:approve|reject}", window.decide, "approve"),
        post("/maintenance/{number}/{step:cancel|shorten|leave-out}", window.decide, "propose"),
        get("/windows", window.moved),
        get("/windows/{number}", window.moved),
    ]


def _of_help(pages: WebPages) -> list[Route]:
    """Return the routes of what tells how noc is used, by people and by scripts."""
    get = _Routes(pages).get
    return [
        get("/api/docs", apidocs.contents),
        get("/api/docs/{noun}", apidocs.show),
        get("/api/docs/{noun}/try", apidocs.attempt),
        get("/help", handbook.contents),
        get("/help/{name}", handbook.show),
        get("/help/{shelf}/{name}", handbook.show),
    ]


def _of_devices(pages: WebPages) -> list[Route]:
    """Return the routes of devices, and of the circuits between them."""
    get, watched = _Routes(pages).get, _Routes(pages).watched
    return [
        watched("/devices/{device}", device.show),
        get("/devices/{device}/configuration", configuration.show),
        watched("/devices/{device}/interfaces", deviceports.show),
        watched("/devices/{device}/more", devicemore.show),
        watched("/devices/{device}/why", why.of_device),
        watched("/circuits", circuits.show),
        watched("/circuits/{circuit}", circuit.show),
        watched("/circuits/{circuit}/figures", circuitfigures.show),
        watched("/circuits/{circuit}/why", why.of_circuit),
    ]


def _of_incidents(pages: WebPages) -> list[Route]:
    """Return the routes of what is wrong, and of who is called."""
    links, get, post = AckLinkPages(pages), _Routes(pages).get, _Routes(pages).post
    watched = _Routes(pages).watched
    return [
        Route("GET", f"{LINKS}{{token}}", links.show, None),
        Route("POST", f"{LINKS}{{token}}", links.own, None),
        *CalendarPages(pages).routes(),
        watched("/problems", problems.show),
        get("/problems/words", problems.words),
        post("/problems/acknowledge", problems.acknowledge, "handle"),
        watched("/incidents/{number}", incident.show),
        watched("/incidents/{number}/why", why.of_incident),
        post("/incidents/{number}/know", incident.know, "handle"),
        get("/problem-records", problemrecords.listed),
        post("/problem-records", problemrecords.begin, "handle"),
        get("/problem-records/{number}", problemrecords.show),
        post("/problem-records/{number}", problemrecords.change, "handle"),
        post(f"/incidents/{{number}}/{{word:{incident.WORDS}}}", incident.act, "handle"),
        get("/oncall", oncall.show),
        get("/rehearsal", rehearsal.show),
        post("/rehearsal", rehearsal.play, "ask"),
        get("/rehearsal/{number}", rehearsal.played),
        post("/rehearsal/{number}/cancel", rehearsal.cancel, "ask"),
        post("/oncall/overrides", oncall.stand_in, "handle"),
        post("/oncall/overrides/{number}/cancel", oncall.cancel, "handle"),
        post("/oncall/handovers", oncall.hand_over, "handle"),
        post("/oncall/handovers/{number}/accept", oncall.accept, "handle"),
    ]


def _of_people(pages: WebPages) -> list[Route]:
    """Return the routes of one's own account, of others', and of what they did."""
    own, get, post = me.OwnPages(pages), _Routes(pages).get, _Routes(pages).post
    return [
        get("/admin", admin.listed, "administer"),
        post("/admin/people", admin.add, "administer"),
        get("/admin/people/{number}", admin.show, "administer"),
        *(post(f"/admin/people/{{number}}/{word}", deed, "administer") for word, deed in admin.DEEDS.items()),
        get("/admin/roles", admin.roles),
        get("/admin/tokens", admintokens.listed, "administer"),
        post("/admin/tokens", admintokens.add, "administer"),
        post("/admin/tokens/revoke", admintokens.revoke, "administer"),
        get("/system", system.show),
        get("/system/settings", system.settings, "administer"),
        get("/audit", audit.show, "administer"),
        get("/audit/file", audit.file, "administer"),
        post("/audit/verify", audit.verify, "administer"),
        Route("GET", "/me", own.show, "see"),
        Route("POST", "/me/reading", own.read, "own"),
        Route("POST", "/me/password", own.change_password, "own"),
        Route("POST", "/me/codes/begin", own.begin_codes, "own"),
        Route("POST", "/me/codes", own.take_codes, "own"),
        Route("POST", "/me/codes/end", own.end_codes, "own"),
        *PasskeyPages(pages).routes(),
        Route("POST", "/me/sessions/end-others", own.end_others, "own"),
        Route("POST", "/me/sessions/{key}/end", own.end_session, "own"),
    ]


async def _first(pages: WebPages, _: web.Request) -> web.StreamResponse:
    raise web.HTTPSeeOther(FIRST_PAGE if pages.sources.tour is None else FIRST_OF_DEMO)
