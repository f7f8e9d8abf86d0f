"""In which language somebody reads the pages: their account keeps what they choose, and a cookie of their browser."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from noc.http.entry import local
from noc.http.problems import bad_request
from noc.http.scope import caller_or_none
from noc.i18n.language import LOCALES
from noc.web.pages import WebPages
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
    answer.set_cookie(COOKIE, tag, max_age=YEAR_S, httponly=True, samesite="Lax", secure=request.secure)
    raise answer
