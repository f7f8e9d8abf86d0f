"""Logging in and out by an identity provider: the two visits of a browser here, and what it keeps between them.

What a log-in was begun with stays with the browser that began it, sealed, for ten minutes: nobody can fill a table of
ours, and nobody can finish a log-in that another browser began.
"""

from __future__ import annotations

import hmac
import json
import logging
import secrets
from dataclasses import asdict, dataclass
from typing import Final, Protocol

from aiohttp import web

from noc.access.access import Access, Federation
from noc.access.groups import NoPlaceError
from noc.access.idtokens import TokenRefusedError
from noc.access.oidc import Attempt, ProviderAwayError
from noc.access.people import Acting
from noc.http.login import Failures, clean_name
from noc.http.pages import PROVIDER, LoginProblem
from noc.http.problems import not_found
from noc.http.rights import Route
from noc.http.settings import HttpSettings
from noc.model.account import Account
from noc.model.errors import UsageError
from noc.model.instants import to_ms

log = logging.getLogger(__name__)

BACK: Final = f"{PROVIDER}/back"
OUT: Final = f"{PROVIDER}/out"
LIVES_S: Final = 600
COOKIE: Final = "noc_provider"
GOAL_AT_MOST: Final = 1_000
AWAY: Final = 503


class Door(Protocol):
    """What the log-in itself does."""

    async def admitted(
        self, request: web.Request, account: Account, goal: str, *, strong: bool, how: str = "password"
    ) -> web.Response:
        """Begin a session, and go on."""
        ...

    async def page(
        self, request: web.Request, problem: LoginProblem, goal: str, status: int, *, why: str = "", onward: str = ""
    ) -> web.Response:
        """Return the page to log in on."""
        ...

    async def wait(self, request: web.Request, goal: str, wait_s: float) -> web.Response:
        """Return that page for who has to wait."""
        ...

    def local(self, goal: str) -> str:
        """Return a goal if it is a path of this server, else the first page."""
        ...

    def secure(self, request: web.Request) -> bool:
        """Return whether a browser reaches this server by TLS."""
        ...


@dataclass(frozen=True, slots=True)
class Begun:
    """What a browser keeps of a log-in that it began. until_ms: milliseconds of the Unix epoch."""

    state: str
    nonce: str
    verifier: str
    back: str
    goal: str
    until_ms: int


class Provided:
    """The handlers. failures: of addresses."""

    def __init__(self, settings: HttpSettings, access: Access, failures: Failures, door: Door) -> None:
        self._settings = settings
        self._access = access
        self._failures = failures
        self._door = door

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("GET", PROVIDER, self._begin, None),
            Route("GET", BACK, self._back, None),
            Route("GET", OUT, self._out, None),
        ]

    async def _begin(self, request: web.Request) -> web.StreamResponse:
        provider, goal = self._federation().provider, self._door.local(request.query.get("next", "/")[:GOAL_AT_MOST])
        address = request.remote or ""
        if self._failures.wait_s(address):
            return await self._door.wait(request, goal, self._failures.wait_s(address))
        made = (secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
        begun = Begun(*made, f"{self._base(request)}{BACK}", goal, self._now_ms() + LIVES_S * 1000)
        try:
            target = await provider.address(_attempt(begun))
        except ProviderAwayError as error:
            return await self._away(request, goal, error)
        response = web.Response(status=303, headers={"Location": target})
        response.set_cookie(
            self._cookie(request),
            self._access.vault.sealed(json.dumps(asdict(begun))).decode(),
            path="/",
            max_age=LIVES_S,
            httponly=True,
            # Not Strict: the provider sends the browser back.
            samesite="Lax",
            secure=self._door.secure(request),
        )
        return response

    async def _back(self, request: web.Request) -> web.StreamResponse:
        federation, address = self._federation(), request.remote or ""
        if self._failures.wait_s(address):
            return await self._door.wait(request, "/", self._failures.wait_s(address))
        begun = self._begun(request)
        if begun is None:
            return await self._door.page(request, "stale", "/", 400)
        response = await self._finish(request, federation, begun, address)
        response.del_cookie(self._cookie(request), path="/", secure=self._door.secure(request), httponly=True)
        return response

    async def _finish(self, request: web.Request, federation: Federation, begun: Begun, address: str) -> web.Response:
        said, code = clean_name(request.query.get("error", "")), request.query.get("code", "")
        try:
            if "error" in request.query:
                log.warning("the identity provider logs nobody in from %s: %s", address, said)
                return await self._door.page(request, "denied", begun.goal, 401)
            claims = await federation.provider.proven(_attempt(begun), code, request.query.get("iss"))
            account = await federation.members.account_of(claims, address)
        except ProviderAwayError as error:
            return await self._away(request, begun.goal, error)
        except TokenRefusedError as error:
            await self._refused(address, str(error))
            return await self._door.page(request, "unproven", begun.goal, 401)
        except NoPlaceError as error:
            await self._refused(address, str(error), clean_name(str(claims["sub"])))
            return await self._door.page(request, "none", begun.goal, 403, why=str(error))
        return await self._door.admitted(request, account, begun.goal, strong=True, how="identity provider")

    async def _out(self, request: web.Request) -> web.StreamResponse:
        """Send somebody on to where they log out of the provider; by a page, for forms may not lead to other sites."""
        provider = self._federation().provider
        try:
            onward = await provider.ends_at(f"{self._base(request)}/login")
        except ProviderAwayError as error:
            log.warning("nobody can be logged out of the identity provider: %s", error)
            onward = ""
        response = await self._door.page(request, "out", "/", 200, onward=onward)
        if onward:
            response.headers["Refresh"] = f"0; url={onward}"
        return response

    def knows(self, account: Account | None) -> bool:
        """Return whether an account is of the provider."""
        federation = self._access.federation
        if federation is None or account is None:
            return False
        return account.subject.startswith(f"{federation.provider.settings.issuer}|")

    def _begun(self, request: web.Request) -> Begun | None:
        """Return what this browser began, if that is what it comes back with, and in time."""
        try:
            kept = self._access.vault.opened(request.cookies.get(self._cookie(request), ""))
        except UsageError:
            return None
        said = json.loads(kept)
        if not isinstance(said, dict):
            return None
        begun = Begun(**said)
        state = request.query.get("state", "")
        right = hmac.compare_digest(begun.state.encode(), state.encode("utf-8", "surrogateescape"))
        return begun if right and self._now_ms() < begun.until_ms else None

    async def _away(self, request: web.Request, goal: str, error: ProviderAwayError) -> web.Response:
        log.warning("the identity provider: %s", error)
        return await self._door.page(request, "away", goal, AWAY)

    async def _refused(self, address: str, why: str, who: str = "somebody") -> None:
        log.warning("wrong log-in by the identity provider from %s: %s", address, why)
        self._failures.count(address)
        by = Acting(who, address=address, way="session")
        await self._access.people.record(by, "log-in", 401, how="identity provider", why=why[:300])

    def _federation(self) -> Federation:
        if self._access.federation is None:
            raise not_found("identity provider here; log in by name and password")
        return self._access.federation

    def _base(self, request: web.Request) -> str:
        return self._settings.base_url or f"{request.scheme}://{request.host}"

    def _cookie(self, request: web.Request) -> str:
        return f"{'__Host-' if self._door.secure(request) else ''}{COOKIE}_{request.url.port}"

    def _now_ms(self) -> int:
        return to_ms(self._access.clock.now())


def _attempt(begun: Begun) -> Attempt:
    return Attempt(begun.state, begun.nonce, begun.verifier, begun.back)
