"""Every page that there is, once: what is asked of all of them, and photographed of all of them, goes by this list.

Names in braces are those of a world: the first site, a device, an incident. tests/unit/noc/web/test_views.py fails when
a page has a route and does not stand here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

VIEWS: Final[Mapping[str, str]] = {
    "problems": "/problems",
    "incident": "/incidents/{incident}",
    "incident-why": "/incidents/{incident}/why",
    "problem-records": "/problem-records",
    "problem-record": "/problem-records/{record}",
    "map": "/map",
    "sites": "/sites",
    "site": "/sites/{site}",
    "device": "/devices/{device}",
    "device-why": "/devices/{device}/why",
    "configuration": "/devices/{device}/configuration",
    "circuits": "/circuits",
    "circuit": "/circuits/{circuit}",
    "circuit-why": "/circuits/{circuit}/why",
    "services": "/services",
    "top": "/top",
    "topology": "/topology",
    "wall": "/wall",
    "availability": "/availability",
    "objectives": "/objectives",
    "corrections": "/corrections",
    "correction": "/corrections/{correction}",
    "maintenance": "/maintenance",
    "window": "/maintenance/{window}",
    "assets": "/assets",
    "oncall": "/oncall",
    "rehearsal": "/rehearsal",
    "rehearsal-played": "/rehearsal/{rehearsed}",
    "reports": "/reports",
    "report": "/reports/{report}",
    "rules": "/rules",
    "rule": "/rules/{rule}",
    "rule-made": "/rules/{made}",
    "what-if": "/what-ifs/new",
    "what-if-played": "/what-ifs/{played}",
    "segmentation": "/segmentation",
    "statement": "/segmentation/{statement}",
    "discovery": "/discovery",
    "drift": "/discovery/drift",
    "system": "/system",
    "audit": "/audit",
    "people": "/admin",
    "person": "/admin/people/{person}",
    "roles": "/admin/roles",
    "tokens": "/admin/tokens",
    "account": "/me",
    "search": "/search",
    "help": "/help",
    "help-page": "/help/{page}",
    "help-chapter": "/help/{shelf}/{chapter}",
    "api": "/api/docs",
    "api-noun": "/api/docs/{noun}",
    "mailbox": "/mailbox",
    "mail": "/mailbox/{mail}",
    "mail-landed": "/mailbox/{mail}/html",
    "login": "/login",
    "welcome": "/welcome/{invitation}",
    "acknowledge": "/a/{link}",
}
"""Addresses by the name of their pictures."""

EVERYWHERE: Final = {
    "page": "incidents",
    "shelf": "reference",
    "chapter": "poll",
    "noun": "devices",
    "made": "store-away",
}
"""Names that every world has."""

LOADED_LATER: Final = (
    "/problems/words",
    "/sites/{site}/figures",
    "/sites/{site}/numbers",
    "/sites/{site}/paths",
    "/devices/{device}/interfaces",
    "/devices/{device}/more",
    "/circuits/{circuit}/figures",
    "/map/sites/{site}",
    "/objectives/now",
    "/system/settings",
    "/maintenance/impact",
    "/tour/card",
)
"""Parts of pages, which these load when they stand."""

NO_PAGES: Final = (
    "/",
    "/api/docs/{noun}/try",
    "/windows",
    "/windows/{number}",
    "/login/provider",
    "/login/provider/back",
    "/login/provider/out",
    "/audit/file",
    "/report-runs/{number}",
    "/calendars/{whose}/{name}/{mark}.ics",
    "/reports/{number}/file",
    "/static/{name}",
    "/assets/file",
    "/live",
    "/healthz",
    "/readyz",
    "/metrics",
)
"""What leads elsewhere, files, and what programs ask."""

BUDGET: Final = 150_000
"""Bytes that a page and all that it loads have on the line, where they are compressed if that makes them smaller."""

BUDGETS: Final[Mapping[str, int]] = {"wall": 250_000, "map": 250_000}
"""Of pages that have a map."""


def addresses(names: Mapping[str, object]) -> dict[str, str]:
    """Return the addresses in a world, by view; those whose names it lacks are left out."""
    known = {**EVERYWHERE, **names}
    return {view: form.format_map(known) for view, form in VIEWS.items() if lacking(form, known) == set()}


def lacking(form: str, names: Mapping[str, object]) -> set[str]:
    """Return the names in braces that a world lacks."""
    return {part.partition("}")[0] for part in form.split("{")[1:]} - names.keys()
