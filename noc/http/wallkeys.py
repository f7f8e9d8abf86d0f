"""Keys of walls: a screen that nobody sits at opens `/wall?key=…`, and is let in for that page alone.

A key is a token that may see and nothing else (`noc token add NAME --wall`). It is exchanged for a cookie, which no
script of the page can read and which no night ends; it is good for the page, its data, the socket that tells of news,
and for nothing else. A revoked token shuts the wall out within seconds. Neither log nor audit holds a key.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final, TypeGuard

from aiohttp import web

from noc.access.access import Access
from noc.access.people import Acting
from noc.http.entry import is_https
from noc.http.login import Failures
from noc.http.problems import ProblemError
from noc.http.scope import Caller, Scope
from noc.http.settings import HttpSettings
from noc.model.account import ApiToken, Right

log = logging.getLogger(__name__)

WALL: Final = "/wall"
FOR_WALLS: Final = frozenset({WALL, "/api/v1/wall", "/api/v1/map", "/api/v1/map/states", "/live"})
"""What a key opens; scripts and styles are open to all."""

COOKIE: Final = "noc_wall"
SECURE_COOKIE: Final = "__Host-noc_wall"
COOKIE_LIVES: Final = timedelta(days=400)
"""As long as browsers keep one at most; it is given anew each time that the page is opened."""

RIGHTS: Final[frozenset[Right]] = frozenset({"see"})
"""What a token must have to be a key, and no more: an address with a key stands in the settings of a screen."""


class WallKeys:
    """Knows walls by their cookies. failures: of addresses, shared with other ways in."""

    def __init__(self, settings: HttpSettings, access: Access, failures: Failures) -> None:
        self._settings = settings
        self._access = access
        self._failures = failures

    async def caller(self, request: web.Request) -> Caller | None:
        """Return the wall that calls; None where it is none, or asks for what is not for walls. Raises StateError."""
        secret = request.cookies.get(self._name(request))
        if secret is None or request.path not in FOR_WALLS:
            return None
        token = await self._access.callers.of_token(secret)
        return _caller_of(token) if is_key(token) else None

    async def exchange(self, request: web.Request) -> web.Response:
        """Take the key of an address, and go to the same address without it.

        Raises ProblemError (401, 429), StateError.
        """
        address = request.remote or ""
        wait_s = self._failures.wait_s(address)
        if wait_s:
            after = {"Retry-After": str(max(1, round(wait_s)))}
            raise ProblemError(429, "too many wrong tokens from this address", headers=after)
        secret = request.query["key"].strip()
        token = await self._access.callers.of_token(secret)
        if not is_key(token):
            log.warning("wrong key of a wall from %s", address)
            self._failures.count(address)
            raise ProblemError(401, "this key of a wall is not known, or was revoked: noc token add NAME --wall")
        await self._access.people.record(Acting(token.name, token.role, "wall", address), "wall opened")
        log.info("the wall %s was opened from %s", token.name, address)
        response = web.Response(status=303, headers={"Location": str(request.rel_url.without_query_params("key"))})
        self._give(request, response, secret)
        return response

    def renew(self, request: web.Request, response: web.StreamResponse) -> None:
        """Give a wall its cookie anew, with the page."""
        secret = request.cookies.get(self._name(request))
        if secret is not None and request.path == WALL and not response.prepared:
            self._give(request, response, secret)

    def _give(self, request: web.Request, response: web.StreamResponse, secret: str) -> None:
        response.set_cookie(
            self._name(request),
            secret,
            path="/",
            max_age=round(COOKIE_LIVES.total_seconds()),
            httponly=True,
            samesite="Lax",
            secure=is_https(request, self._settings),
        )

    def _name(self, request: web.Request) -> str:
        return f"{SECURE_COOKIE if is_https(request, self._settings) else COOKIE}_{request.url.port}"


def is_key(token: ApiToken | None) -> TypeGuard[ApiToken]:
    """Return whether a token opens a wall, and nothing else."""
    return token is not None and token.rights == RIGHTS and not token.speaks_for


def _caller_of(token: ApiToken) -> Caller:
    lacking = f"the key of the wall '{token.name}' is for looking alone"
    return Caller(token.name, Scope(token.regions), way="wall", role=token.role, rights=RIGHTS, lacking=lacking)
