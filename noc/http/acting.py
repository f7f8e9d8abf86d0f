"""On whose word a request does something, for the audit."""

from __future__ import annotations

from aiohttp import web

from noc.access.people import Acting
from noc.http.problems import ProblemError
from noc.http.scope import Caller, caller
from noc.model.account import Account


def acting(request: web.Request, who: Caller | None = None) -> Acting:
    """Return who does it. who: where that is known already. Raises HTTPUnauthorized where nobody is logged in."""
    found = caller(request) if who is None else who
    return Acting(found.who, found.role, found.way, request.remote or "")


def own_account(request: web.Request) -> Account:
    """Return the account of the caller. Raises ProblemError (403) for who has none: a token, and who came by a link."""
    found = caller(request).account
    if found is None:
        raise ProblemError(403, "this takes an account of your own; you came without one")
    return found


def for_all_regions(request: web.Request) -> None:
    """Refuse who may not see all regions, with ProblemError (403): accounts, tokens and the audit stand in none."""
    if not caller(request).scope.everything:
        raise ProblemError(403, "this is for those who may see all regions")
