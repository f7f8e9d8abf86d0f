"""Passkeys of one's own: set up by the page's script, which is answered with JSON; renamed, taken away."""

from __future__ import annotations

import json
from typing import Final

from aiohttp import web

from noc.http.acting import acting, own_account
from noc.http.keyed import NOWHERE, place_at, read_json, wrong
from noc.http.login import Failures
from noc.http.problems import ProblemError, not_found
from noc.http.rights import Route
from noc.http.scope import caller
from noc.model.errors import UsageError
from noc.model.instants import to_ms
from noc.web.pages import WebPages

FRESH_MS: Final = 600_000
READ_AT_MOST: Final = 1_000
DIGITS: Final = 18


class PasskeyPages:
    """The handlers. What adds or takes away a passkey takes the password, or, without one, a log-in of just now."""

    def __init__(self, pages: WebPages) -> None:
        self._pages = pages
        self._access = pages.sources.access
        self._failures = Failures(pages.sources.clock)

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("POST", "/me/passkeys/begin", self.begin, "own"),
            Route("POST", "/me/passkeys", self.add, "own"),
            Route("POST", "/me/passkeys/{number}/rename", self.rename, "own"),
            Route("POST", "/me/passkeys/{number}/remove", self.remove, "own"),
        ]

    async def begin(self, request: web.Request) -> web.StreamResponse:
        """Answer with what a browser makes a passkey with."""
        place, account = place_at(request, self._access), own_account(request)
        if place is None:
            return wrong(NOWHERE)
        if account.subject:
            return wrong("you log in by the identity provider; set up a passkey there", 403)
        password = (await read_json(request)).get("password")
        if not await self._is_sure(request, password if isinstance(password, str) else ""):
            return wrong("the password is another, or this log-in is older than ten minutes", 403)
        session, address = caller(request).session, request.remote or ""
        try:
            options = await self._access.passkeys.begin(account, session, place, address)
        except UsageError as error:
            return wrong(str(error))
        return web.Response(text=options, content_type="application/json")

    async def add(self, request: web.Request) -> web.StreamResponse:
        """Take the passkey that a browser made."""
        place, account, said = place_at(request, self._access), own_account(request), await read_json(request)
        if place is None:
            return wrong(NOWHERE)
        credential, name = json.dumps(said.get("credential")), str(said.get("name", ""))
        try:
            await self._access.passkeys.add(account, caller(request).session, place, credential, name, acting(request))
        except UsageError as error:
            return wrong(str(error))
        return web.json_response({}, status=201)

    async def rename(self, request: web.Request) -> web.StreamResponse:
        """Keep what somebody calls a passkey."""
        form, account = await request.post(), own_account(request)
        if not await self._access.passkeys.rename(account, _number(request), str(form.get("name", ""))):
            raise not_found("passkey of yours with this number")
        raise web.HTTPSeeOther("/me?done=reading#passkeys")

    async def remove(self, request: web.Request) -> web.StreamResponse:
        """Take a passkey away."""
        form, account = await request.post(), own_account(request)
        if not await self._is_sure(request, str(form.get("remove_password", ""))):
            raise ProblemError(403, "the password is another, or this log-in is older than ten minutes")
        if not await self._access.passkeys.drop(account, _number(request), caller(request).session, acting(request)):
            raise not_found("passkey of yours with this number")
        raise web.HTTPSeeOther("/me?done=no-passkey#passkeys")

    async def _is_sure(self, request: web.Request, password: str) -> bool:
        account, whom = own_account(request), f"account {own_account(request).id}"
        if self._failures.wait_s(whom):
            return False
        if not account.has_password:
            seats = await self._access.own.seats(account, caller(request).session)
            now_ms = to_ms(self._pages.sources.clock.now())
            return any(seat.is_this and now_ms - seat.session.begun_ms < FRESH_MS for seat in seats)
        right = await self._access.people.is_password(account, password[:READ_AT_MOST])
        if not right:
            self._failures.count(whom)
        return right


def _number(request: web.Request) -> int:
    number = request.match_info["number"]
    return int(number) if number.isascii() and number.isdigit() and len(number) < DIGITS else 0
