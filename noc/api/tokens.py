"""Tokens of scripts: listed, added, revoked. For those who administer and may see all regions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

from aiohttp import web
from pydantic import Field

from noc.access.scripts import Wanted
from noc.api import _query as query
from noc.api._body import body
from noc.api._endpoint import PAGING, Endpoint, Parameter
from noc.api._filters import Field as By
from noc.api._filters import Filters
from noc.api._pages import page
from noc.api._shapes import Listing, Moment, Shape
from noc.api.accounts import Nothing, Regions, check_regions
from noc.http.acting import acting, for_all_regions
from noc.http.problems import bad_request, not_found
from noc.http.sources import Sources
from noc.model.account import ROLES, ApiToken, Right, Role
from noc.model.errors import ConflictError, UsageError

DAY_MS: Final = 86_400_000
TAKEN: Final = "There is, or was, another token of this name."
NAME: Final = Parameter("name", "Of the token.", place="path", required=True)


FILTERS: Final = Filters(
    (
        By("name", "the name", "text"),
        By("role", "the role", "word", ROLES),
        By("created_by", "the one who made it", "text"),
        By("expires", "the end", "time"),
        By("last_used", "the last use", "time"),
    )
)


class TokenItem(Shape):
    """A token; its secret is nowhere."""

    name: str
    role: Role
    regions: list[str] | None
    """Which it may see; null: all."""
    rights: list[Right] | None
    """Of those of its role; null: all of them."""
    speaks_for: bool
    """Requests with it may say who did something."""
    created: Moment
    created_by: str
    expires: Moment | None
    last_used: Moment | None
    revoked: Moment | None


class MadeToken(TokenItem):
    """A token with its secret."""

    secret: str
    """Told once."""


class NewToken(Shape):
    """A token for a script."""

    name: Annotated[str, Field(max_length=100)]
    """What uses it: small letters, digits, . _ @ + -."""
    role: Role
    regions: Regions | None = None
    """Ids; null or left out: all."""
    rights: frozenset[Right] | None = None
    """Fewer than the role has; null or left out: all of them."""
    speaks_for: bool = False
    lives_days: Annotated[int, Field(ge=1, le=3_650)] | None = 90
    """null: it doesn't end."""


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of tokens."""
    scripts = sources.access.scripts

    async def listed(request: web.Request) -> Listing[TokenItem]:
        for_all_regions(request)
        fits: Callable[[TokenItem], bool] = FILTERS.asked(request, sources.clock, {}, {})
        known = {one.name: one for one in map(_item, await scripts.everyone()) if fits(one)}
        shown, more = page(sorted(known), query.cursor(request), query.limit(request))
        return Listing[TokenItem](items=[known[name] for name in shown], next=more)

    async def add(request: web.Request) -> MadeToken:
        for_all_regions(request)
        said = await body(request, NewToken)
        check_regions(sources, said.regions)
        lives_ms = None if said.lives_days is None else said.lives_days * DAY_MS
        wanted = Wanted(said.name, said.role, said.regions, said.rights or None, said.speaks_for, lives_ms)
        try:
            made, secret = await scripts.add(wanted, acting(request))
        except ConflictError:
            raise
        except UsageError as error:
            raise bad_request("/body/rights" if "right to" in str(error) else "/body/name", str(error)) from error
        return MadeToken(**_item(made).model_dump(), secret=secret)

    async def revoke(request: web.Request) -> TokenItem:
        for_all_regions(request)
        await body(request, Nothing)
        name = request.match_info["name"]
        try:
            await scripts.revoke(name, acting(request))
        except LookupError as error:
            raise not_found(f"token '{name[:100]}' that isn't revoked") from error
        sources.access.callers.forget()
        return next(_item(one) for one in await scripts.everyone() if one.name == name)

    way, filters = "/tokens/{name}/revoke", (*FILTERS.parameters, *PAGING)
    return [
        Endpoint("GET", "/tokens", "Tokens, by name.", listed, Listing[TokenItem], filters, right="administer"),
        Endpoint("POST", "/tokens", "Add one.", add, MadeToken, (), NewToken, TAKEN, right="administer"),
        Endpoint("POST", way, "End one.", revoke, TokenItem, (NAME,), Nothing, right="administer"),
    ]


def _item(one: ApiToken) -> TokenItem:
    return TokenItem(
        name=one.name,
        role=one.role,
        regions=None if one.regions is None else sorted(one.regions),
        rights=None if one.rights is None else sorted(one.rights),
        speaks_for=one.speaks_for,
        created=one.created_ms,
        created_by=one.created_by,
        expires=one.expires_ms,
        last_used=one.seen_ms,
        revoked=one.revoked_ms,
    )
