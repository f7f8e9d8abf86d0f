"""Accounts of people: listed, added, changed, invited, shut out. For those who administer and may see all regions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Final

from aiohttp import web
from pydantic import Field

from noc.access.people import Acting
from noc.api import _query as query
from noc.api._body import body
from noc.api._endpoint import PAGING, Endpoint, Parameter
from noc.api._filters import Field as By
from noc.api._filters import Filters
from noc.api._pages import page
from noc.api._shapes import Listing, Moment, Shape
from noc.http.acting import acting, for_all_regions
from noc.http.entry import welcome_path
from noc.http.problems import ProblemError, bad_request, not_found
from noc.http.scope import caller
from noc.http.sources import Sources
from noc.model.account import ROLES, Account, Role
from noc.model.errors import ConflictError, UsageError
from noc.state import accounts

ONE: Final = "/accounts/{id}"
ID: Final = Parameter("id", "Number of the account.", {"type": "integer", "minimum": 1}, place="path", required=True)
LAST: Final = "The name is another's, or it is the last admin who may log in."
Line = Annotated[str, Field(max_length=100)]
Regions = Annotated[frozenset[str], Field(max_length=1_000)]


FILTERS: Final = Filters(
    (
        By("name", "the name with which they log in", "text"),
        By("person", "what timelines call them", "text"),
        By("role", "the role", "word", ROLES),
        By("email", "the mail address", "text"),
        By("last_login", "the last log-in", "time"),
    )
)


class AccountItem(Shape):
    """A person who may log in."""

    id: int
    name: str
    """With which they log in."""
    person: str
    """As timelines call them."""
    role: Role
    regions: list[str] | None
    """Which they may see; null: all."""
    email: str | None
    has_password: bool
    """False: they were invited, or log in in another way."""
    has_second_factor: bool
    by_provider: bool
    """Whether an identity provider says who they are."""
    created: Moment
    created_by: str
    last_login: Moment | None
    disabled: Moment | None
    """Since when they may not log in; null: they may."""


class InvitedItem(AccountItem):
    """An account with an invitation."""

    invitation: str
    """The address, path and all, with which its person chooses a password: told once, good once."""


class NewAccount(Shape):
    """Somebody who is to log in."""

    name: Line
    """Letters, digits, . _ @ + -."""
    person: Line = ""
    """Left out: as `name`."""
    role: Role
    regions: Regions | None = None
    """Ids; null or left out: all."""
    email: Annotated[str, Field(max_length=300)] = ""


class AccountChange(Shape):
    """What is to be otherwise; what is left out stays."""

    person: Line | None = None
    role: Role | None = None
    regions: Regions | None = None
    """Ids."""
    all_regions: bool = False
    """They may see all, instead of `regions`."""
    email: Annotated[str, Field(max_length=300)] | None = None


class Nothing(Shape):
    """An empty object."""


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of accounts."""
    return [*_of_all(sources), *_of_one(sources), *_of_doors(sources)]


def _of_all(sources: Sources) -> list[Endpoint]:
    people = sources.access.people

    async def listed(request: web.Request) -> Listing[AccountItem]:
        for_all_regions(request)
        async with sources.database.read() as connection:
            items = [item(one) for one in await accounts.everyone(connection)]
        fits: Callable[[AccountItem], bool] = FILTERS.asked(request, sources.clock, {}, {})
        known = {one.name: one for one in items if fits(one)}
        shown, more = page(sorted(known), query.cursor(request), query.limit(request))
        return Listing[AccountItem](items=[known[name] for name in shown], next=more)

    async def add(request: web.Request) -> InvitedItem:
        for_all_regions(request)
        said, by = await body(request, NewAccount), acting(request)
        check_regions(sources, said.regions)
        try:
            made = await people.add(said.name, said.person or said.name, said.role, said.regions, said.email, by)
        except ConflictError:
            raise
        except UsageError as error:
            raise bad_request("/body/name", str(error)) from error
        return await _invited(sources, made, by)

    made, filters = InvitedItem, (*FILTERS.parameters, *PAGING)
    return [
        Endpoint("GET", "/accounts", "People, by name.", listed, Listing[AccountItem], filters, right="administer"),
        Endpoint("POST", "/accounts", "Add somebody.", add, made, (), NewAccount, LAST, right="administer"),
    ]


def _of_one(sources: Sources) -> list[Endpoint]:
    people = sources.access.people

    async def one(request: web.Request) -> AccountItem:
        return item(await _account(sources, request))

    async def change(request: web.Request) -> AccountItem:
        account, said, by = await _account(sources, request), await body(request, AccountChange), acting(request)
        check_regions(sources, said.regions)
        own = caller(request).account
        if said.role is not None and own is not None and own.id == account.id:
            raise ProblemError(409, "nobody changes their own role")
        if said.person is not None or said.role is not None or said.email is not None:
            await people.change(account.id, by, role=said.role, person=said.person or None, email=said.email)
        if said.all_regions or said.regions is not None:
            await people.limit(account.id, None if said.all_regions else said.regions, by)
        sources.access.callers.forget()
        return item(await _account(sources, request))

    changing = Endpoint("POST", f"{ONE}/change", "Change.", change, AccountItem, (ID,), AccountChange, LAST)
    return [
        Endpoint("GET", ONE, "One of them.", one, AccountItem, (ID,), right="administer"),
        changing.taking("administer"),
    ]


def _of_doors(sources: Sources) -> list[Endpoint]:
    async def invite(request: web.Request) -> InvitedItem:
        account = await _account(sources, request)
        await body(request, Nothing)
        return await _invited(sources, account, acting(request))

    async def reset(request: web.Request) -> InvitedItem:
        account, by = await _account(sources, request), acting(request)
        await body(request, Nothing)
        await sources.access.people.reset(account.id, by)
        sources.access.callers.forget()
        return await _invited(sources, await _account(sources, request), by)

    async def disable(request: web.Request) -> AccountItem:
        return await _let(sources, request, disabled=True)

    async def enable(request: web.Request) -> AccountItem:
        return await _let(sources, request, disabled=False)

    made, empty, anew = InvitedItem, Nothing, "Take all away with which they log in, and invite them."
    doors = (
        Endpoint("POST", f"{ONE}/invite", "Another invitation.", invite, made, (ID,), empty),
        Endpoint("POST", f"{ONE}/reset", anew, reset, made, (ID,), empty, LAST),
        Endpoint("POST", f"{ONE}/disable", "Shut out.", disable, AccountItem, (ID,), empty, LAST),
        Endpoint("POST", f"{ONE}/enable", "Let in again.", enable, AccountItem, (ID,), empty),
    )
    return [door.taking("administer") for door in doors]


def check_regions(sources: Sources, regions: frozenset[str] | None) -> None:
    """Refuse regions that are not there, and none at all, with ProblemError (400)."""
    known = sources.inventory().regions
    wrong = sorted((regions or frozenset()) - known.keys())
    if wrong:
        raise bad_request(
            "/body/regions", f"there is no region '{wrong[0][:60]}'; there are {', '.join(sorted(known))}"
        )
    if regions is not None and not regions:
        raise bad_request("/body/regions", "names none; leave it out for all")


def item(one: Account) -> AccountItem:
    """Return an account as it is told."""
    return AccountItem(
        id=one.id,
        name=one.name,
        person=one.person,
        role=one.role,
        regions=None if one.regions is None else sorted(one.regions),
        email=one.email or None,
        has_password=one.has_password,
        has_second_factor=one.has_second_factor,
        by_provider=bool(one.subject),
        created=one.created_ms,
        created_by=one.created_by,
        last_login=one.seen_ms,
        disabled=one.disabled_ms,
    )


async def _let(sources: Sources, request: web.Request, *, disabled: bool) -> AccountItem:
    account, own = await _account(sources, request), caller(request).account
    await body(request, Nothing)
    if disabled and own is not None and own.id == account.id:
        raise ProblemError(409, "nobody shuts themselves out")
    await sources.access.people.disable(account.id, acting(request), disabled=disabled)
    sources.access.callers.forget()
    return item(await _account(sources, request))


async def _invited(sources: Sources, account: Account, by: Acting) -> InvitedItem:
    secret = await sources.access.people.invite(account.id, by)
    base = (sources.people().base_url or "").rstrip("/")
    return InvitedItem(**item(account).model_dump(), invitation=base + welcome_path(secret))


async def _account(sources: Sources, request: web.Request) -> Account:
    for_all_regions(request)
    number = request.match_info["id"]
    if re.fullmatch(r"[0-9]{1,15}", number):
        async with sources.database.read() as connection:
            found = await accounts.get(connection, int(number))
        if found is not None:
            return found
    raise not_found(f"account '{number[:20]}'")
