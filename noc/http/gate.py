"""The gate: who is logged in, log-in by one-use token, log-out.

Pages send who isn't logged in to /login; the API answers 401. Open to all is what takes no right (noc/http/rights.py):
`/login`, `/assets/`, `/healthz`, `/readyz`, `/api/v1/openapi.json`, which tell nothing about the network; `/metrics`,
which decides for itself (health.py); and below `/a/` what signed links lead to: who has one may acknowledge its
incident (alerts/acklinks.py).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.typedefs import Handler

from noc.clock import Clock
from noc.http.login import LONGEST_NAME, Failures, Sessions, Tokens
from noc.http.pages import ASSETS, Pages, is_page
from noc.http.problems import ProblemError
from noc.http.rights import RightsTable, Route
from noc.http.scope import NOTHING, Caller, caller_or_none, remember
from noc.http.settings import HttpSettings

log = logging.getLogger(__name__)

COOKIE: Final = "noc_session"
SECURE_COOKIE: Final = "__Host-noc_session"
BEARER: Final = "api"
"""The name that stands in timelines for what a script does."""

ICON: Final = "/favicon.ico"
"""Browsers ask for it by themselves; there is none."""

HOME: Final = "/"
FOR_SOURCES: Final = ("/api/v1/alerts", "/api/v1/heartbeats/")
"""What other systems may use with their tokens."""

_LOCAL = re.compile(r"/(?![/\\])[^\s\\\x00-\x1f\x7f]*\Z")


class Gate:
    """Knows tokens, sessions and failures. spent: is called when a token was used up, so that a new one can be told.

    source_of: tells which other system a token is of, if any.
    """

    def __init__(
        self,
        settings: HttpSettings,
        clock: Clock,
        pages: Pages,
        spent: Callable[[], None],
        source_of: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._source_of = source_of
        self._pages = pages
        self._spent = spent
        self.tokens = Tokens(clock)
        self.sessions = Sessions(clock, settings.session, settings.session_at_most)
        self.failures = Failures(clock)

    def routes(self) -> list[Route]:
        """Return the routes of logging in and out."""
        return [
            Route("GET", "/login", self._show, None),
            Route("POST", "/login", self._log_in, None),
            Route("POST", "/login/name", self._rename, None),
            Route("POST", "/logout", self._log_out, None),
        ]

    async def admit(self, request: web.Request, handler: Handler, rights: RightsTable) -> web.StreamResponse:
        """Let a request in, or send it to log in; the function of a middleware."""
        # A bearer token is meant, a cookie comes along by itself.
        who = self._of_bearer(request) or self._of_cookie(request)
        path = request.path
        if who is not None:
            remember(request, who)
            if who.way == "source" and not path.startswith(FOR_SOURCES):
                raise ProblemError(403, "this token is for POST /api/v1/alerts and /api/v1/heartbeats/NAME alone")
        is_open = rights.is_open(request) or path == ICON or path.startswith(ASSETS)
        wants_page = is_page(path) and not is_open
        if request.method == "GET" and "token" in request.query and (wants_page or path == "/login"):
            return self._open_by_url(request, who)
        if who is not None and not is_open:
            rights.check(request, who)
        if who is not None or is_open:
            return await handler(request)
        if wants_page and request.method in ("GET", "HEAD"):
            return self._to_login(request)
        raise ProblemError(
            401, "log in first: Authorization: Bearer TOKEN, or a session", headers={"WWW-Authenticate": "Bearer"}
        )

    def still(self, request: web.Request) -> bool:
        """Return whether the caller of a stream is still logged in; listening counts as using the session."""
        token = _bearer_token(request)
        return self._of_cookie(request) is not None if token is None else self.tokens.bears(token)

    def _of_cookie(self, request: web.Request) -> Caller | None:
        secret = request.cookies.get(self._cookie_name(request))
        return None if secret is None else self.sessions.find(secret)

    def _of_bearer(self, request: web.Request) -> Caller | None:
        token = _bearer_token(request)
        if token is None:
            return None
        address = request.remote or ""
        wait_s = self.failures.wait_s(address)
        if wait_s:
            raise ProblemError(429, "too many wrong tokens from this address", headers=_retry_after(wait_s))
        if self.tokens.bears(token):
            return Caller(BEARER, way="bearer", role="admin", speaks_for=True)
        source = self._source_of(token)
        if source is not None:
            return Caller(source, NOTHING, way="source", role="operator", rights=frozenset({"handle"}))
        self._fail(address)
        raise ProblemError(
            401, "this token is not known, or has expired", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}
        )

    def _open_by_url(self, request: web.Request, who: Caller | None) -> web.StreamResponse:
        """Use up the token of a URL, and go to the same URL without it."""
        goal = local(str(request.rel_url.without_query_params("token")))
        if goal == "/login":
            goal = HOME
        if who is not None:
            raise web.HTTPSeeOther(goal)
        return self._try(request, request.query["token"], request.query.get("name", ""), goal)

    def _try(self, request: web.Request, token: str, name: str, goal: str) -> web.Response:
        address = request.remote or ""
        wait_s = self.failures.wait_s(address)
        if wait_s:
            response = self._pages.login(request, "limited", goal, 429)
            response.headers.update(_retry_after(wait_s))
            return response
        redeemed = self.tokens.redeem(token.strip())
        if redeemed != "ok":
            self._fail(address)
            return self._pages.login(request, redeemed, goal, 401)
        response = web.Response(status=303, headers={"Location": goal})
        self._set_cookie(request, response, self.sessions.open(name))
        log.info("logged in from %s", address)
        self._spent()
        return response

    def _fail(self, address: str) -> None:
        log.warning("wrong token from %s", address)
        self.failures.count(address)

    def _to_login(self, request: web.Request) -> web.StreamResponse:
        goal = local(str(request.rel_url.without_query_params("token")))
        target = "/login" if goal == HOME else f"/login?{urlencode({'next': goal})}"
        if request.headers.get("HX-Request") == "true":
            # A fragment would show the log-in form inside the page; htmx goes there as a whole.
            return web.Response(status=401, headers={"HX-Redirect": "/login"})
        return web.Response(status=303, headers={"Location": target})

    async def _show(self, request: web.Request) -> web.StreamResponse:
        goal = local(request.query.get("next", HOME))
        if caller_or_none(request) is not None:
            raise web.HTTPSeeOther(goal)
        return self._pages.login(request, "none", goal, 200)

    async def _log_in(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        token, name, goal = (str(form.get(field, "")) for field in ("token", "name", "next"))
        return self._try(request, token, name, local(goal))

    async def _rename(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        secret = request.cookies.get(self._cookie_name(request))
        if secret is not None:
            self.sessions.rename(secret, str(form.get("name", ""))[: 4 * LONGEST_NAME])
        return web.Response(status=303, headers={"Location": local(str(form.get("next", "")))})

    async def _log_out(self, request: web.Request) -> web.StreamResponse:
        secret = request.cookies.get(self._cookie_name(request))
        if secret is not None:
            self.sessions.close(secret)
        response = web.Response(status=303, headers={"Location": "/login"})
        response.del_cookie(self._cookie_name(request), path="/", secure=self._is_https(request), httponly=True)
        return response

    def _is_https(self, request: web.Request) -> bool:
        return request.secure or (self._settings.base_url or "").startswith("https://")

    def _cookie_name(self, request: web.Request) -> str:
        # Browsers give cookies to all ports of a host: a demo beside the real noc must not log it out.
        return f"{SECURE_COOKIE if self._is_https(request) else COOKIE}_{request.url.port}"

    def _set_cookie(self, request: web.Request, response: web.Response, secret: str) -> None:
        response.set_cookie(
            self._cookie_name(request),
            secret,
            path="/",
            max_age=round(self._settings.session_at_most.total_seconds()),
            httponly=True,
            samesite="Lax",
            secure=self._is_https(request),
        )


def local(goal: str) -> str:
    """Return a goal of a redirect if it is a path of this server, else the first page."""
    return goal if _LOCAL.match(goal) else HOME


def _bearer_token(request: web.Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _retry_after(seconds: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, round(seconds)))}
