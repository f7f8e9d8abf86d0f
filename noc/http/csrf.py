"""Requests that other sites make a browser send: refused, whatever cookie comes with them.

Browsers say where a request comes from (Sec-Fetch-Site, Origin). What says another site is refused; what says this one,
or carries the session's own CSRF token, is let through; what says nothing, and carries none, is refused.
"""

from __future__ import annotations

import hmac
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from noc.http.problems import ProblemError
from noc.http.scope import Caller, caller_or_none

HEADER: Final = "X-CSRF-Token"
FIELD: Final = "csrf"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


def is_foreign(request: web.Request, base_url: str | None) -> bool:
    """Return whether the browser says that another site made this request."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = request.headers.get("Origin")
    return origin is not None and not is_own_origin(request, origin, base_url)


def is_own_origin(request: web.Request, origin: str, base_url: str | None) -> bool:
    """Return whether an Origin is this server, as the request names it or as base_url does."""
    if base_url is not None and origin == origin_of(base_url):
        return True
    scheme, _, host = origin.partition("://")
    # The scheme may differ: a proxy speaks TLS for us. The host was checked by the host guard.
    return scheme in ("http", "https") and host == request.headers.get("Host")


def origin_of(url: str) -> str:
    """Return the Origin that browsers send from a URL: small letters, no port where it is the usual one."""
    scheme, host, *_ = urlsplit(url.lower())
    return f"{scheme}://{host.removesuffix(':443' if scheme == 'https' else ':80')}"


def csrf(base_url: str | None) -> Middleware:
    """Return the middleware that keeps what changes something safe from other sites."""

    @web.middleware
    async def refuse_foreign(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method not in SAFE:
            if is_foreign(request, base_url):
                raise ProblemError(403, "another site sent this request; nothing was done")
            who = caller_or_none(request)
            if who is not None and who.way == "session" and not await _is_own(request, who):
                raise ProblemError(
                    403,
                    f"the request has no Origin and no {HEADER}; nothing was done. Load the page anew and try again",
                )
        return await handler(request)

    return refuse_foreign


async def _is_own(request: web.Request, who: Caller) -> bool:
    if "Origin" in request.headers:
        return True  # and is ours, or it would be foreign
    given: object = request.headers.get(HEADER)
    if given is None and request.content_type in _FORMS:
        given = (await request.post()).get(FIELD)
    return isinstance(given, str) and hmac.compare_digest(given.encode(), who.csrf.encode())
