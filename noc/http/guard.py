"""What every answer carries, which hosts are answered, and how long an answer may take."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from noc.http.pages import ASSETS
from noc.http.problems import ProblemError
from noc.http.settings import HttpSettings

STREAMS: Final = frozenset({"/live", "/api/v1/stream"})
"""What stays open for as long as somebody listens."""

POLICY: Final = "Content-Security-Policy"
OWN_POLICY: Final = web.RequestKey("own policy", str)
"""Set by a view whose answer is held to another content policy than pages are."""

_HEADERS: Final = {
    POLICY: (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with that, browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "noc",
}


async def put_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put the headers of a careful server on an answer; a signal handler of aiohttp."""
    careful(response.headers, keep=request.path.startswith(ASSETS))
    if own := request.get(OWN_POLICY):
        response.headers[POLICY] = own


def careful(headers: MutableMapping[str, str], *, keep: bool = False) -> None:
    """Put the headers of a careful server beside others. keep: browsers may keep the answer."""
    headers.update(_HEADERS)
    if not keep:
        headers.setdefault("Cache-Control", "no-store")


def is_loopback(address: str | None) -> bool:
    """Return whether an IP address is this machine talking to itself."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return parsed.is_loopback or (mapped is not None and mapped.is_loopback)


def is_private_to_machine(request: web.Request, settings: HttpSettings) -> bool:
    """Return whether only people of this machine can have sent a request: no proxy stands in between."""
    forwarded = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "Via"))
    local = is_loopback(settings.listen) and is_loopback(request.remote)
    return local and not forwarded and settings.base_url is None


def hosts(settings: HttpSettings) -> Middleware:
    """Return the middleware against DNS rebinding: on loopback, only names of this machine are answered."""
    own = urlsplit(settings.base_url).hostname if settings.base_url is not None else None

    @web.middleware
    async def check_host(request: web.Request, handler: Handler) -> web.StreamResponse:
        if is_loopback(settings.listen) and not _is_known(request.headers.get("Host", ""), own):
            raise ProblemError(
                421, "noc listens on this machine alone and doesn't know this host; set http: base_url: to the name"
            )
        return await handler(request)

    return check_host


def _is_known(header: str, own: str | None) -> bool:
    try:
        host = urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return False
    return host == own or host == "localhost" or host.endswith(".localhost") or is_loopback(host)


def deadline(timeout: timedelta) -> Middleware:
    """Return the middleware that ends what takes too long."""

    @web.middleware
    async def end_in_time(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in STREAMS:
            return await handler(request)
        return await _within(timeout.total_seconds(), lambda: handler(request))

    return end_in_time


async def _within(seconds: float, work: Callable[[], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await work()
    except TimeoutError:
        if not limit.expired():
            raise
        raise ProblemError(503, f"this took longer than {seconds:g} s and was given up") from None
