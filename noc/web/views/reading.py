"""In which language somebody reads the pages: their choice is kept in a cookie of their browser."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from noc.http.entry import local
from noc.http.problems import bad_request
from noc.i18n.language import LOCALES
from noc.web.pages import WebPages
from noc.web.tongue import COOKIE

YEAR_S: Final = 365 * 86_400


async def choose(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Keep a language, and go back to where somebody was. Raises ProblemError (400) for one that there is not."""
    del pages
    form = await request.post()
    tag = str(form.get("language", ""))
    if tag not in LOCALES:
        raise bad_request("/body/language", f"must be one of {', '.join(LOCALES)}")
    answer = web.HTTPSeeOther(local(str(form.get("next", "/"))))
    answer.set_cookie(COOKIE, tag, max_age=YEAR_S, httponly=True, samesite="Lax", secure=request.secure)
    raise answer
