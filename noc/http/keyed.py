"""Logging in by a passkey: instead of a password, or after one. For the script of the page; answers are JSON."""

from __future__ import annotations

import json
import logging
import secrets
from typing import Final, Protocol

from aiohttp import web

from noc.access.access import Access
from noc.access.callers import digest_of
from noc.access.passkeys import Place
from noc.access.people import Acting
from noc.http.login import Failures, clean_name
from noc.http.rights import Route
from noc.model.account import Account
from noc.model.errors import UsageError
from noc.model.instants import to_s

log = logging.getLogger(__name__)

COOKIE: Final = "noc_attempt"
LIVES_S: Final = 300
WAIT: Final = "Too many tries from this address, or for this name. Wait a minute."
NOWHERE: Final = "passkeys work where noc is reached by https and a name, and on this machine as localhost"


class Door(Protocol):
    """What the log-in itself does."""

    async def admitted(
        self, request: web.Request, account: Account, goal: str, *, strong: bool, how: str = "password"
    ) -> web.Response:
        """Begin a session, and go on."""
        ...

    def may_enter(self, account: Account) -> bool:
        """Return whether somebody may log in by what noc itself knows of them."""
        ...

    def local(self, goal: str) -> str:
        """Return a goal if it is a path of this server, else the first page."""
        ...

    def secure(self, request: web.Request) -> bool:
        """Return whether a browser reaches this server by TLS."""
        ...


class Keyed:
    """The handlers. failures: of addresses."""

    def __init__(self, access: Access, failures: Failures, door: Door) -> None:
        self._access = access
        self._failures = failures
        self._door = door

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("POST", "/login/passkey/begin", self._begin, None),
            Route("POST", "/login/passkey", self._finish, None),
        ]

    def after_password(self, request: web.Request, response: web.StreamResponse, account: Account) -> None:
        """Have a browser go on with a passkey of somebody who has shown a password."""
        sealed = self._access.vault.sealed(json.dumps([account.id, self._now_s() + LIVES_S])).decode()
        self._keep(request, response, f"{secrets.token_urlsafe(24)}.{sealed}")

    async def _begin(self, request: web.Request) -> web.StreamResponse:
        place, kept = place_at(request, self._access), request.cookies.get(self._cookie(request), "")
        if place is None:
            return wrong(NOWHERE)
        if self._failures.wait_s(request.remote or ""):
            return wrong(WAIT, 429)
        account = self._half(kept) if (await read_json(request)).get("after") == "password" else None
        if account is None:
            kept = secrets.token_urlsafe(24)
        options = await self._access.passkeys.ask(digest_of(kept[:32]), place, request.remote or "", account)
        response = web.Response(text=options, content_type="application/json")
        self._keep(request, response, kept)
        return response

    async def _finish(self, request: web.Request) -> web.StreamResponse:
        place, said, address = place_at(request, self._access), await read_json(request), request.remote or ""
        if place is None:
            return wrong(NOWHERE)
        if self._failures.wait_s(address):
            return wrong(WAIT, 429)
        attempt = digest_of(request.cookies.get(self._cookie(request), "")[:32])
        credential = json.dumps(said.get("credential"))
        try:
            account = await self._access.passkeys.by_passkey(attempt, place, credential, address)
            if not self._door.may_enter(account):
                return wrong("this account logs in by the identity provider", 403)
        except UsageError as error:
            log.warning("wrong log-in by passkey from %s: %s", address, error)
            self._failures.count(address)
            await self._access.people.record(
                Acting(clean_name(""), address=address, way="session"), "log-in", 401, how="passkey", why=str(error)
            )
            return wrong(str(error), 401)
        goal = self._door.local(str(said.get("next", "/")))
        begun = await self._door.admitted(request, account, goal, strong=True, how="passkey")
        response = web.json_response({"goal": begun.headers["Location"]})
        response.cookies.update(begun.cookies)
        response.del_cookie(self._cookie(request), path="/", secure=self._door.secure(request), httponly=True)
        return response

    def _half(self, kept: str) -> int | None:
        """Return the account of who has shown a password a moment ago."""
        try:
            number, until_s = json.loads(self._access.vault.opened(kept.partition(".")[2]))
        except (UsageError, ValueError):
            return None
        return int(number) if self._now_s() < until_s else None

    def _keep(self, request: web.Request, response: web.StreamResponse, text: str) -> None:
        response.set_cookie(
            self._cookie(request),
            text,
            path="/",
            max_age=LIVES_S,
            httponly=True,
            samesite="Strict",
            secure=self._door.secure(request),
        )

    def _cookie(self, request: web.Request) -> str:
        return f"{'__Host-' if self._door.secure(request) else ''}{COOKIE}_{request.url.port}"

    def _now_s(self) -> float:
        return to_s(self._access.clock.now())


def place_at(request: web.Request, access: Access) -> Place | None:
    """Return for where passkeys of this request are; None: browsers allow none there."""
    return access.passkeys.place(f"{request.scheme}://{request.host}")


async def read_json(request: web.Request) -> dict[str, object]:
    """Return the object that a script sent; an empty one where it is none."""
    try:
        said = json.loads(await request.text())
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def wrong(detail: str, status: int = 400) -> web.Response:
    """Return an answer that says what is wrong."""
    return web.json_response({"wrong": detail}, status=status)
