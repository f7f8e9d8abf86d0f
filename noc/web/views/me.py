"""One's own account: password, codes of a phone, language, and where one is logged in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiohttp import web

from noc.access.codes import address_of
from noc.access.own import zones
from noc.access.passwords import LEAST
from noc.http.acting import acting, own_account
from noc.http.keyed import place_at
from noc.http.login import Failures
from noc.http.problems import not_found
from noc.http.scope import caller
from noc.i18n.language import LOCALES
from noc.i18n.marking import say
from noc.model.errors import UsageError
from noc.web.pages import WebPages
from noc.web.qr import svg
from noc.web.zones import COOKIE

HOUSE: Final = "noc"
READ_AT_MOST: Final = 1_000
TRIES: Final = say("too many wrong tries; wait a minute")
DONE: Final[Mapping[str, str]] = {
    "password": say("The password is changed."),
    "codes": say("From now on a code of your phone is asked for at each log-in."),
    "no-codes": say("Codes are asked for no more."),
    "reading": say("Kept."),
    "ended": say("Ended."),
    "passkey": say("The passkey is set up."),
    "no-passkey": say("The passkey is taken away."),
}
"""What was done, by what stands in the address then."""


class OwnPages:
    """The handlers. Whoever tries passwords or codes of somebody waits after ten wrong ones, as at the log-in."""

    def __init__(self, pages: WebPages) -> None:
        self._pages = pages
        self._own = pages.sources.access.own
        self._failures = Failures(pages.sources.clock)

    async def show(self, request: web.Request) -> web.Response:
        """Answer with the page."""
        return await self._page(request)

    async def read(self, request: web.Request) -> web.StreamResponse:
        """Keep language and time zone."""
        form, account = await request.post(), own_account(request)
        tag, zone = str(form.get("language", "")), str(form.get("zone", "")).strip()
        try:
            await self._own.prefer(account, language=tag if tag in LOCALES else "", zone=zone)
        except UsageError as error:
            return await self._page(request, {"zone": str(error)}, zone=zone)
        answer = _went_well("reading")
        answer.del_cookie(COOKIE)  # what was chosen for looking counts before the account's
        raise answer

    async def change_password(self, request: web.Request) -> web.StreamResponse:
        """Change the password."""
        form, account, who = await request.post(), own_account(request), caller(request)
        before, fresh, again = (str(form.get(name, ""))[:READ_AT_MOST] for name in ("before", "fresh", "again"))
        if fresh != again:
            return await self._page(request, {"again": "the two are not the same"})

        async def change() -> None:
            await self._own.choose(account, before, fresh, who.session, acting(request))

        wrong = await self._tried(request, change)
        if wrong:
            # Which of the two it is about shows in what is said.
            return await self._page(request, {"before" if wrong.startswith(("the ", "too ")) else "fresh": wrong})
        raise _went_well("password")

    async def begin_codes(self, request: web.Request) -> web.Response:
        """Show a secret for one-time codes, which counts for nothing yet."""
        own_account(request)
        return await self._page(request, secret=self._own.new_code())

    async def take_codes(self, request: web.Request) -> web.StreamResponse:
        """Begin to ask for codes, when one is right."""
        form, account, who = await request.post(), own_account(request), caller(request)
        secret, code, password = (str(form.get(name, ""))[:READ_AT_MOST] for name in ("secret", "code", "password"))
        if account.has_totp:
            return await self._page(request, {"end_code": "there are codes already; take them away first"})

        async def take() -> None:
            known = self._pages.sources.access.people
            if account.has_password and await known.by_password(account.name, password, "") is None:
                raise UsageError("the password is another")
            await self._own.take_code(account, secret, code, who.session, acting(request))

        wrong = await self._tried(request, take)
        if wrong:
            field = "password" if wrong.startswith("the password") else "code"
            return await self._page(request, {field: wrong}, secret=secret[:64])
        raise _went_well("codes")

    async def end_codes(self, request: web.Request) -> web.StreamResponse:
        """Ask for codes no more."""
        form, account, who = await request.post(), own_account(request), caller(request)
        password, code = (str(form.get(name, ""))[:READ_AT_MOST] for name in ("end_password", "end_code"))

        async def end() -> None:
            await self._own.drop_code(account, password, code, who.session, acting(request))

        wrong = await self._tried(request, end)
        if wrong:
            return await self._page(request, {"end_code": wrong})
        raise _went_well("no-codes")

    async def end_session(self, request: web.Request) -> web.StreamResponse:
        """End a session of one's own."""
        key = request.match_info["key"]
        if not await self._own.end(own_account(request), key, acting(request)):
            raise not_found(f"session {key[:20]} of yours")
        raise _went_well("ended")

    async def end_others(self, request: web.Request) -> web.StreamResponse:
        """End all sessions of one's own but this."""
        await self._own.end_others(own_account(request), caller(request).session, acting(request))
        raise _went_well("ended")

    async def _tried(self, request: web.Request, act: Callable[[], Awaitable[None]]) -> str:
        """Do what takes a password or a code; return what is wrong, or nothing."""
        whom = f"account {own_account(request).id}"
        if self._failures.wait_s(whom):
            return TRIES
        try:
            await act()
        except UsageError as error:
            self._failures.count(whom)
            return str(error)
        return ""

    async def _page(
        self, request: web.Request, wrong: Mapping[str, str] | None = None, *, secret: str = "", zone: str | None = None
    ) -> web.Response:
        who = caller(request)
        account = who.account
        keys = [] if account is None else await self._pages.sources.access.passkeys.of(account)
        seats = [] if account is None else await self._own.seats(account, who.session)
        uri = address_of(secret, account.name, HOUSE) if secret and account is not None else ""
        return self._pages.show(
            request,
            "me.html",
            http_status=400 if wrong else 200,
            account=account,
            amiss=wrong or {},
            done=DONE.get(request.query.get("done", ""), ""),
            seats=seats,
            passkeys=keys,
            passkey_place=place_at(request, self._pages.sources.access) is not None,
            secret=secret,
            code_svg=svg(uri, secret) if uri else "",
            least=LEAST,
            zone=(account.zone if account is not None else "") if zone is None else zone,
            zones=sorted(zones()),
        )


def _went_well(what: str) -> web.HTTPSeeOther:
    return web.HTTPSeeOther(f"/me?done={what}")
