"""Tokens of scripts: added and shown once, revoked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from noc.access.scripts import Wanted
from noc.http.acting import acting, for_all_regions
from noc.http.problems import not_found
from noc.http.wallkeys import RIGHTS as WALL_RIGHTS
from noc.http.wallkeys import WALL, is_key
from noc.model.account import RIGHTS_OF_NOC, ROLES, ApiToken, Right
from noc.model.errors import UsageError
from noc.model.instants import to_ms
from noc.web.pages import WebPages
from noc.web.paging import page_of
from noc.web.rolewords import RIGHT_WORDS
from noc.web.views.admin import Form, reached_at, regions_from, role_from

DAY_MS: Final = 86_400_000
DAYS: Final = (30, 90, 365)
"""How long a token may live, beside one that doesn't end."""

FOR_TOKENS: Final[tuple[Right, ...]] = tuple(right for right in RIGHTS_OF_NOC if right != "own")
"""A token has no account of its own."""

FOR_A_WALL: Final[Mapping[str, object]] = {"name": "wall-", "rights": WALL_RIGHTS, "lives": ""}
"""What the form says where a key is wanted for a screen that nobody sits at."""


async def listed(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with all tokens, and the form for another one. `?for=wall`: for the key of a wall."""
    for_all_regions(request)
    return await _list(pages, request, said=FOR_A_WALL if request.query.get("for") == "wall" else None)


async def add(pages: WebPages, request: web.Request) -> web.Response:
    """Make a token, and show it, once."""
    for_all_regions(request)
    form = await request.post()
    try:
        made, secret = await pages.sources.access.scripts.add(_wanted(form, pages), acting(request))
    except UsageError as error:
        text = str(error)
        field = "regions" if "region" in text else "rights" if "right to" in text else "name"
        return await _list(pages, request, {field: text}, _said(form))
    opens = f"{reached_at(pages, request)}{WALL}?key={secret}" if is_key(made) else ""
    return pages.show(request, "tokenmade.html", token=made, secret=secret, opens=opens)


async def revoke(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """End a token."""
    for_all_regions(request)
    name = str((await request.post()).get("name", ""))[:100]
    try:
        await pages.sources.access.scripts.revoke(name, acting(request))
    except LookupError as error:
        raise not_found(f"token '{name}' that isn't revoked") from error
    pages.sources.access.callers.forget()
    raise web.HTTPSeeOther("/admin/tokens")


def _wanted(form: Form, pages: WebPages) -> Wanted:
    """Return what a form asks for. Raises UsageError."""
    days = str(form.get("lives") or "")
    lives_ms = int(days) * DAY_MS if days in map(str, DAYS) else None
    rights = frozenset(right for right in FOR_TOKENS if right in form.getall("right", ()))
    return Wanted(
        str(form.get("name") or "").strip()[:100],
        role_from(form),
        regions_from(form, pages.sources.inventory()),
        rights or None,
        form.get("speaks_for") is not None,
        lives_ms,
    )


def _said(form: Form) -> dict[str, object]:
    return {
        "name": str(form.get("name") or "")[:100],
        "role": str(form.get("role") or ""),
        "reach": str(form.get("reach") or ""),
        "picked": {str(one) for one in form.getall("region", ())},
        "rights": {str(one) for one in form.getall("right", ())},
        "lives": str(form.get("lives") or ""),
        "speaks_for": form.get("speaks_for") is not None,
    }


async def _list(
    pages: WebPages,
    request: web.Request,
    wrong: Mapping[str, str] | None = None,
    said: Mapping[str, object] | None = None,
) -> web.Response:
    now_ms = to_ms(pages.sources.clock.now())
    found = sorted(await pages.sources.access.scripts.everyone(), key=lambda one: (is_over(one, now_ms), one.name))
    nothing = {"name": "", "role": "viewer", "reach": "", "picked": (), "rights": (), "lives": "90"}
    return pages.show(
        request,
        "tokens.html",
        http_status=400 if wrong else 200,
        page=page_of(found, request),
        over={one.id for one in found if is_over(one, now_ms)},
        amiss=wrong or {},
        said={**nothing, "speaks_for": False, **(said or {})},
        roles=ROLES,
        days=DAYS,
        token_rights=FOR_TOKENS,
        right_words=RIGHT_WORDS,
        regions=sorted(pages.sources.inventory().regions.values(), key=lambda region: region.name),
    )


def is_over(one: ApiToken, now_ms: int) -> bool:
    """Return whether a token opens nothing any more."""
    return one.revoked_ms is not None or (one.expires_ms is not None and one.expires_ms <= now_ms)
