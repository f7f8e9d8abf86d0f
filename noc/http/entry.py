"""Logging in and out: by name and password, by a token that noc announced, by an invitation."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import quote, urlsplit

from aiohttp import web

from noc.access.access import Access
from noc.access.people import Acting
from noc.http.keyed import Keyed, place_at
from noc.http.login import LONGEST_NAME, Failures, Tokens, clean_name
from noc.http.pages import LoginProblem, Pages, Ways
from noc.http.problems import ProblemError, not_found
from noc.http.provided import OUT, Provided
from noc.http.rights import Route
from noc.http.scope import Caller, caller_or_none
from noc.http.settings import HttpSettings
from noc.model.account import Account
from noc.model.errors import UsageError

log = logging.getLogger(__name__)

COOKIE: Final = "noc_session"
SECURE_COOKIE: Final = "__Host-noc_session"
HOME: Final = "/"
WELCOME: Final = "/welcome/"
"""Where invitations lead to; what follows is their secret."""

PASSWORD_READ: Final = 1_000
_LOCAL: Final = re.compile(r"/(?![/\\])[^\s\\\x00-\x1f\x7f]*\Z")


class Entry:
    """The handlers. failures: of addresses and of names. tokens_hold: whether tokens that noc announces open it; spent:
    is called when one was used up.
    """

    def __init__(
        self,
        settings: HttpSettings,
        access: Access,
        pages: Pages,
        tokens: Tokens,
        failures: Failures,
        tokens_hold: Callable[[], Awaitable[bool]],
        spent: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._access = access
        self._pages = pages
        self._tokens = tokens
        self._failures = failures
        self._tokens_hold = tokens_hold
        self._spent = spent
        self._provided = Provided(settings, access, failures, self)
        self._keyed = Keyed(access, failures, self)

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("GET", "/login", self._show, None),
            Route("POST", "/login", self._log_in, None),
            Route("POST", "/login/name", self._rename, None),
            Route("POST", "/logout", self._log_out, None),
            Route("GET", f"{WELCOME}{{secret}}", self._invited, None),
            Route("POST", f"{WELCOME}{{secret}}", self._accept, None),
            *self._provided.routes(),
            *self._keyed.routes(),
        ]

    def cookie_name(self, request: web.Request) -> str:
        """Return the name of the cookie of sessions."""
        # Browsers give cookies to all ports of a host: a demo beside the real noc must not log it out.
        return f"{SECURE_COOKIE if is_https(request, self._settings) else COOKIE}_{request.url.port}"

    async def open_by_url(self, request: web.Request, who: Caller | None) -> web.StreamResponse:
        """Use up the token of a URL, and go to the same URL without it."""
        goal = local(str(request.rel_url.without_query_params("token")))
        if goal == "/login":
            goal = HOME
        if who is not None:
            raise web.HTTPSeeOther(goal)
        return await self._by_token(request, request.query["token"], request.query.get("name", ""), goal)

    async def admitted(
        self, request: web.Request, account: Account, goal: str, *, strong: bool, how: str = "password"
    ) -> web.Response:
        """Begin a session of somebody who has shown who they are, and go on.

        strong: by more than a password. how: for the audit.
        """
        address = request.remote or ""
        agent = request.headers.get("User-Agent", "")
        secret = await self._access.callers.open(account, account.person, address=address, agent=agent, strong=strong)
        by = Acting(account.person, account.role, "session", address)
        await self._access.people.record(by, "log-in", account=account.name, how=how)
        log.info("%s logged in from %s", account.name, address)
        return self._going(request, secret, goal)

    async def _show(self, request: web.Request) -> web.StreamResponse:
        goal = local(request.query.get("next", HOME))
        if caller_or_none(request) is not None:
            raise web.HTTPSeeOther(goal)
        return await self.page(request, "none", goal, 200)

    async def _log_in(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        said = {field: str(form.get(field, "")) for field in ("token", "name", "password", "code", "next")}
        goal = local(said["next"])
        if said["password"]:
            return await self._by_password(request, said["name"], said["password"], said["code"], goal)
        return await self._by_token(request, said["token"], said["name"], goal)

    async def _by_password(
        self, request: web.Request, name: str, password: str, code: str, goal: str
    ) -> web.StreamResponse:
        address, whom = request.remote or "", f"name {name.strip().casefold()[:LONGEST_NAME]}"
        wait_s = max(self._failures.wait_s(address), self._failures.wait_s(whom))
        if wait_s:
            return await self.wait(request, goal, wait_s)
        account = await self._access.people.by_password(
            name, password[:PASSWORD_READ], code.strip(), passkey_follows=True
        )
        if account is None or not self.may_enter(account):
            self._fail(address)
            self._failures.count(whom)
            await self._access.people.record(Acting(clean_name(name), address=address, way="session"), "log-in", 401)
            return await self.page(request, "only" if self._only else "password", goal, 401)
        if account.passkeys and not (account.has_totp and code.strip()):
            response = await self.page(request, "second", goal, 200)
            self._keyed.after_password(request, response, account)
            return response
        return await self.admitted(request, account, goal, strong=account.has_totp)

    async def _by_token(self, request: web.Request, token: str, name: str, goal: str) -> web.Response:
        address = request.remote or ""
        wait_s = self._failures.wait_s(address)
        if wait_s:
            return await self.wait(request, goal, wait_s)
        redeemed = self._tokens.redeem(token.strip()) if await self._tokens_hold() else "wrong"
        if redeemed != "ok":
            self._fail(address)
            return await self.page(request, redeemed, goal, 401)
        who, agent = clean_name(name), request.headers.get("User-Agent", "")
        try:
            secret = await self._access.callers.open(None, who, address=address, agent=agent, strong=True)
            await self._access.people.record(Acting(who, "admin", "session", address), "log-in by token")
        finally:  # a log-in that took too long has used it up, too
            self._spent()
        log.info("logged in from %s", address)
        return self._going(request, secret, goal)

    async def _rename(self, request: web.Request) -> web.StreamResponse:
        form, who = await request.post(), caller_or_none(request)
        secret = request.cookies.get(self.cookie_name(request))
        if secret is not None and who is not None and who.account is None:
            name = clean_name(str(form.get("name", ""))[: 4 * LONGEST_NAME])
            await self._access.callers.rename(secret, name)
        return web.Response(status=303, headers={"Location": local(str(form.get("next", "")))})

    async def _log_out(self, request: web.Request) -> web.StreamResponse:
        secret, who = request.cookies.get(self.cookie_name(request)), caller_or_none(request)
        if secret is not None:
            await self._access.callers.close(secret)
        provided = who is not None and self._provided.knows(who.account)
        response = web.Response(status=303, headers={"Location": OUT if provided else "/login"})
        response.del_cookie(
            self.cookie_name(request), path="/", secure=is_https(request, self._settings), httponly=True
        )
        return response

    async def _invited(self, request: web.Request) -> web.StreamResponse:
        return self._pages.welcome(request, await self._whom(request), "", 200)

    async def _accept(self, request: web.Request) -> web.StreamResponse:
        account, form = await self._whom(request), await request.post()
        if not self.may_enter(account):
            raise ProblemError(403, "here people log in by the identity provider; only admins have passwords")
        password, again = str(form.get("password", "")), str(form.get("again", ""))
        if password != again:
            return self._pages.welcome(request, account, "the two are not the same", 400)
        secret = request.match_info["secret"]
        try:
            await self._access.people.accept(secret, password[:PASSWORD_READ], request.remote or "")
        except UsageError as error:
            return self._pages.welcome(request, account, str(error), 400)
        self._access.callers.forget()
        if account.has_second_factor:
            # A link is in the place of a password, and of no more.
            return web.Response(status=303, headers={"Location": "/login"})
        return await self.admitted(request, account, HOME, strong=False, how="link")

    async def _whom(self, request: web.Request) -> Account:
        address = request.remote or ""
        if not self._failures.wait_s(address):
            account = await self._access.people.invited(request.match_info["secret"])
            if account is not None:
                return account
            self._failures.count(address)
        raise not_found("this invitation: it was used, or is over. Ask for another one")

    def _going(self, request: web.Request, secret: str, goal: str) -> web.Response:
        response = web.Response(status=303, headers={"Location": goal})
        response.set_cookie(
            self.cookie_name(request),
            secret,
            path="/",
            max_age=round(self._settings.session_at_most.total_seconds()),
            httponly=True,
            samesite="Lax",
            secure=is_https(request, self._settings),
        )
        return response

    @property
    def _only(self) -> bool:
        oidc = self._access.settings.oidc
        return oidc is not None and oidc.only

    def may_enter(self, account: Account) -> bool:
        """Return whether somebody may log in by what noc itself knows of them, not by an identity provider."""
        return not self._only or account.role == "admin"

    def local(self, goal: str) -> str:
        """Return a goal of a redirect if it is a path of this server, else the first page."""
        return local(goal)

    def secure(self, request: web.Request) -> bool:
        """Return whether a browser reaches this server by TLS, here or at a proxy."""
        return is_https(request, self._settings)

    async def page(
        self, request: web.Request, problem: LoginProblem, goal: str, status: int, *, why: str = "", onward: str = ""
    ) -> web.Response:
        """Return the page to log in on. why: more about what went wrong; onward: where one logs out elsewhere, too."""
        oidc = self._access.settings.oidc
        provider = "" if oidc is None else urlsplit(oidc.issuer).netloc
        by_passkey = place_at(request, self._access) is not None
        ways = Ways(await self._tokens_hold(), not self._only, provider, why, onward, by_passkey)
        return self._pages.login(request, problem, goal, status, ways)

    async def wait(self, request: web.Request, goal: str, wait_s: float) -> web.Response:
        """Return that page for who has to wait."""
        response = await self.page(request, "limited", goal, 429)
        response.headers["Retry-After"] = str(max(1, round(wait_s)))
        return response

    def _fail(self, address: str) -> None:
        log.warning("wrong log-in from %s", address)
        self._failures.count(address)


def welcome_path(secret: str) -> str:
    """Return the path of an invitation."""
    return f"{WELCOME}{quote(secret, safe='')}"


def is_https(request: web.Request, settings: HttpSettings) -> bool:
    """Return whether a browser reaches this server by TLS, here or at a proxy."""
    return request.secure or (settings.base_url or "").startswith("https://")


def local(goal: str) -> str:
    """Return a goal of a redirect if it is a path of this server, else the first page."""
    return goal if _LOCAL.match(goal) else HOME
