"""In which language somebody reads the pages, in which zone their times are, and whether they come as text alone.

Their account keeps the language, and a cookie of their browser all three: a zone chosen here is for looking, that of
the account is theirs, in mails too.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from aiohttp import web

from noc.http.entry import local
from noc.http.problems import bad_request
from noc.http.scope import caller_or_none
from noc.i18n.language import LOCALES
from noc.web import zones
from noc.web.pages import WebPages
from noc.web.reader import LITE, LITE_COOKIE
from noc.web.tongue import COOKIE

YEAR_S: Final = 365 * 86_400


async def choose(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Keep a language, and go back to where somebody was. Raises ProblemError (400) for one that there is not."""
    form = await request.post()
    tag = str(form.get("language", ""))
    if tag not in LOCALES:
        raise bad_request("/body/language", f"must be one of {', '.join(LOCALES)}")
    who = caller_or_none(request)
    if who is not None and who.account is not None:
        await pages.sources.access.own.prefer(who.account, language=tag)
    answer = web.HTTPSeeOther(local(str(form.get("next", "/"))))
    _keep(request, answer, COOKIE, tag)
    raise answer


async def choose_zone(_: WebPages, request: web.Request) -> web.StreamResponse:
    """Keep a zone for times, and go back to the same page in it. Raises ProblemError (400) for one that there is not.

    That of the site is for this page, and is not kept; that of the account is what holds without a choice.
    """
    form, who = await request.post(), caller_or_none(request)
    name = str(form.get("zone", "")).strip()
    if name != zones.SITE and not zones.is_zone(name):
        raise bad_request("/body/zone", f"'{name[:60]}' is no time zone; write one such as Africa/Nairobi")
    answer = web.HTTPSeeOther(_with(str(form.get("next", "/")), zones.ADDRESS, name))
    if who is not None and who.account is not None and who.account.zone == name:
        answer.del_cookie(zones.COOKIE)
    elif name != zones.SITE:
        _keep(request, answer, zones.COOKIE, name)
    raise answer


async def choose_lite(_: WebPages, request: web.Request) -> web.StreamResponse:
    """Have pages as text alone from now on, or no longer: field `lite`, 1 or 0; and go back to the same page."""
    form = await request.post()
    is_on = str(form.get("lite", "")) == "1"
    answer = web.HTTPSeeOther(_with(str(form.get("next", "/")), LITE, None))
    if is_on:
        _keep(request, answer, LITE_COOKIE, LITE)
    else:
        answer.del_cookie(LITE_COOKIE)
    raise answer


def _with(goal: str, name: str, value: str | None) -> str:
    """Return an address of ours with a name in its query, or, without a value, without it."""
    parts = urlsplit(local(goal))
    query = [(key, said) for key, said in parse_qsl(parts.query, keep_blank_values=True) if key != name]
    query += [] if value is None else [(name, value)]
    return urlunsplit(parts._replace(query=urlencode(query, safe="/")))


def _keep(request: web.Request, answer: web.StreamResponse, name: str, value: str) -> None:
    # A path, too: what is chosen on one page holds for all.
    answer.set_cookie(name, value, max_age=YEAR_S, path="/", httponly=True, samesite="Lax", secure=request.secure)
