"""The gate: who calls, what they may, and what of it is written down.

Pages send who isn't logged in to /login; the API answers 401. Open to all is what takes no right (noc/http/rights.py):
`/login`, `/static/`, `/healthz`, `/readyz`, `/api/v1/openapi.json`, which tell nothing about the network; `/metrics`,
which decides for itself (health.py); and below `/a/` what signed links lead to: who has one may acknowledge its
incident (alerts/acklinks.py).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.typedefs import Handler

from noc.access.access import Access
from noc.access.callers import LoggedIn
from noc.access.people import LACKING, Acting, rights_of
from noc.clock import Clock
from noc.http.entry import Entry, local
from noc.http.login import Failures, Tokens, clean_name
from noc.http.pace import Pace
from noc.http.pages import ASSETS, Pages, is_page
from noc.http.problems import ProblemError
from noc.http.rights import SAFE, RightsTable, Route
from noc.http.scope import NOTHING, Caller, Scope, remember
from noc.http.settings import HttpSettings
from noc.http.wallkeys import WALL, WallKeys
from noc.model.account import ApiToken
from noc.model.errors import ConflictError, StoreError
from noc.state.database import StateError

log = logging.getLogger(__name__)

BEARER: Final = "api"
"""The name that stands in timelines for what is done with the token that noc announced."""

ICON: Final = "/favicon.ico"
"""Browsers ask for it by themselves; there is none."""

HOME: Final = "/"
LOOK_EVERY_S: Final = 5.0

FOR_SOURCES: Final = ("/api/v1/alerts", "/api/v1/heartbeats/")
"""What other systems may use with their tokens."""


class Gate:
    """Knows who calls. spent: is called when a token was used up, so that a new one can be told.

    source_of: tells which other system a token is of, if any. failing: why the audit can't be written; empty: it can.
    announces: whether tokens that noc announces open it: always in a simulation, else until there is an admin.
    """

    def __init__(
        self,
        settings: HttpSettings,
        access: Access,
        clock: Clock,
        pages: Pages,
        spent: Callable[[], None],
        source_of: Callable[[str], str | None] = lambda _: None,
        *,
        simulated: bool = False,
    ) -> None:
        self._settings = settings
        self.access = access
        self._source_of = source_of
        self._clock = clock
        self._simulated = simulated
        self._looked_s = -LOOK_EVERY_S
        self.tokens = Tokens(clock)
        self.failures = Failures(clock)
        self.entry = Entry(settings, access, pages, self.tokens, self.failures, self.tokens_hold, spent)
        self.walls = WallKeys(settings, access, self.failures)
        self.failing = ""
        self.announces = True
        self._pace = Pace(clock, settings.requests_per_minute)

    def routes(self) -> list[Route]:
        """Return the routes of logging in and out."""
        return self.entry.routes()

    async def tokens_hold(self) -> bool:
        """Return whether tokens that noc announces open it. Raises StateError."""
        now_s = self._clock.monotonic()
        if not self._simulated and now_s - self._looked_s >= LOOK_EVERY_S:
            self._looked_s, self.announces = now_s, not await self.access.people.any_admin()
        return self.announces

    async def admit(self, request: web.Request, handler: Handler, rights: RightsTable) -> web.StreamResponse:
        """Let a request in, or send it to log in; the function of a middleware."""
        path = request.path
        if path == WALL and request.method == "GET" and "key" in request.query:
            return await self.walls.exchange(request)
        # A bearer token is meant, a cookie comes along by itself.
        who = await self._of_bearer(request) or await self._of_cookie(request)
        if who is not None:
            remember(request, who)
            if who.way == "source" and not path.startswith(FOR_SOURCES):
                raise ProblemError(403, "this token is for POST /api/v1/alerts and /api/v1/heartbeats/NAME alone")
        is_open = rights.is_open(request) or path == ICON or path.startswith(ASSETS)
        wants_page = is_page(path) and not is_open
        if request.method == "GET" and "token" in request.query and (wants_page or path == "/login"):
            return await self.entry.open_by_url(request, who)
        if is_open:
            return await handler(request)
        if who is not None:
            return await self._let_in(request, handler, rights, who)
        if wants_page and request.method in ("GET", "HEAD"):
            return _to_login(request)
        raise ProblemError(
            401, "log in first: Authorization: Bearer TOKEN, or a session", headers={"WWW-Authenticate": "Bearer"}
        )

    async def still(self, request: web.Request) -> bool:
        """Return whether the caller of a stream is still logged in; listening counts as using the session."""
        token = _bearer_token(request)
        if token is None:
            return await self._of_cookie(request) is not None
        if self.tokens.bears(token) and await self.tokens_hold():
            return True
        return await self.access.callers.of_token(token) is not None

    async def _let_in(
        self, request: web.Request, handler: Handler, rights: RightsTable, who: Caller
    ) -> web.StreamResponse:
        """Do what somebody asks for, and write down what changes something, also where it was refused."""
        if request.method in SAFE:
            rights.check(request, who)
            response = await handler(request)
            if who.way == "wall":
                self.walls.renew(request, response)
            return response
        came = 500
        try:
            rights.check(request, who)
            response = await handler(request)
            came = response.status
        except (ProblemError, web.HTTPException) as error:
            came = error.status
            raise
        except ConflictError:
            came = 409  # as problems.py answers
            raise
        except (StateError, StoreError):
            came = 503
            raise
        finally:
            await self._write_down(request, who, came)
        return response

    async def _write_down(self, request: web.Request, who: Caller, came: int) -> None:
        by = Acting(who.who, who.role, who.way, request.remote or "")
        try:
            await self.access.people.record(by, f"{request.method} {request.path[:300]}", came)
        except StateError as error:
            log.error("the audit can't be written: %s", error)
            self.failing = f"the audit can't be written: {error}"
        else:
            self.failing = ""

    async def _of_cookie(self, request: web.Request) -> Caller | None:
        secret = request.cookies.get(self.entry.cookie_name(request))
        found = None if secret is None else await self.access.callers.of_session(secret)
        return await self.walls.caller(request) if found is None else caller_of(found, self.access)

    async def _of_bearer(self, request: web.Request) -> Caller | None:
        token = _bearer_token(request)
        if token is None:
            return None
        address = request.remote or ""
        wait_s = self.failures.wait_s(address)
        if wait_s:
            raise ProblemError(429, "too many wrong tokens from this address", headers=retry_after(wait_s))
        if self.tokens.bears(token) and await self.tokens_hold():
            return Caller(BEARER, way="bearer", role="admin", speaks_for=True)
        source = self._source_of(token)
        if source is not None:
            self._hold_to_pace(source)
            return Caller(source, NOTHING, way="source", role="operator", rights=frozenset({"handle"}))
        known = await self.access.callers.of_token(token)
        if known is not None:
            self._hold_to_pace(known.name)
            return caller_of_token(known)
        log.warning("wrong token from %s", address)
        self.failures.count(address)
        raise ProblemError(
            401, "this token is not known, or has expired", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}
        )

    def _hold_to_pace(self, name: str) -> None:
        wait_s = self._pace.take(name)
        if wait_s:
            most = self._settings.requests_per_minute
            said = f"more than {most} requests a minute with the token '{name}'; http: requests_per_minute: says so"
            raise ProblemError(429, said, headers=retry_after(wait_s))


def caller_of(found: LoggedIn, access: Access) -> Caller:
    """Return who is logged in, with what is left of their rights without a second factor."""
    session, account = found.session, found.account
    if account is None:
        return Caller(clean_name(session.who), csrf=session.csrf, role="admin")
    rights = rights_of(account, access.settings.second_factor)
    return Caller(
        account.person,
        Scope(account.regions),
        csrf=session.csrf,
        role=account.role,
        rights=rights,
        lacking="" if rights is None else LACKING,
        account=account,
        session=session.digest,
    )


def caller_of_token(token: ApiToken) -> Caller:
    """Return whose a token is."""
    lacking = "" if token.rights is None else f"the token '{token.name}' was given less than that"
    return Caller(
        token.name,
        Scope(token.regions),
        way="bearer",
        role=token.role,
        rights=token.rights,
        lacking=lacking,
        speaks_for=token.speaks_for,
    )


def retry_after(seconds: float) -> dict[str, str]:
    """Return the header that says when to come again."""
    return {"Retry-After": str(max(1, round(seconds)))}


def _to_login(request: web.Request) -> web.StreamResponse:
    goal = local(str(request.rel_url.without_query_params("token")))
    target = "/login" if goal == HOME else f"/login?{urlencode({'next': goal})}"
    if request.headers.get("HX-Request") == "true":
        # A fragment would show the log-in form inside the page; htmx goes there as a whole.
        return web.Response(status=401, headers={"HX-Redirect": "/login"})
    return web.Response(status=303, headers={"Location": target})


def _bearer_token(request: web.Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
