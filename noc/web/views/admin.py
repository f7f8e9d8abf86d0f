"""People who may log in: added, changed, shut out, invited; and what roles may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final, Protocol

from aiohttp import web

from noc.access.people import Acting
from noc.http.acting import acting, for_all_regions
from noc.http.entry import welcome_path
from noc.http.problems import not_found
from noc.http.scope import caller
from noc.i18n.marking import say
from noc.inventory.inventory import Inventory
from noc.model.account import RIGHTS, ROLES, Account, Role
from noc.model.errors import ConflictError, UsageError
from noc.state import accounts
from noc.web.pages import WebPages
from noc.web.paging import page_of
from noc.web.qr import svg
from noc.web.rolewords import RIGHT_WORDS

TEXT: Final = {"name": 100, "person": 100, "email": 300}
DONE: Final[Mapping[str, str]] = {
    "changed": say("Changed. It holds within seconds, for who is logged in too."),
    "disabled": say("Shut out: all sessions of this account end within seconds."),
    "enabled": say("This account may log in again."),
}


class Form(Protocol):
    """What was sent, as aiohttp reads it."""

    def get(self, key: str, /) -> object:
        """Return the first value of a field; None where there is none."""
        ...

    def getall(self, key: str, default: tuple[()], /) -> Iterable[object]:
        """Return all values of a field."""
        ...


async def listed(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the list of people, and the form for another one."""
    for_all_regions(request)
    return await _list(pages, request)


async def add(pages: WebPages, request: web.Request) -> web.Response:
    """Make an account, and show its invitation, once."""
    for_all_regions(request)
    form, by, people = await request.post(), acting(request), pages.sources.access.people
    said = {name: str(form.get(name, "")).strip()[:at_most] for name, at_most in TEXT.items()}
    try:
        role, regions = role_from(form), regions_from(form, pages.sources.inventory())
        made = await people.add(said["name"], said["person"] or said["name"], role, regions, said["email"], by)
    except UsageError as error:
        field = "regions" if "region" in str(error) else "name"
        return await _list(pages, request, {field: str(error)}, {**said, **_picked(form)})
    return await _invited(pages, request, made, by)


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the page of somebody."""
    for_all_regions(request)
    return await _one(pages, request, await _account(pages, request))


async def change(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Change what somebody is, and which regions they may see."""
    for_all_regions(request)
    form, by, people = await request.post(), acting(request), pages.sources.access.people
    account = await _account(pages, request)
    said = {name: str(form.get(name, "")).strip()[: TEXT[name]] for name in ("person", "email")}
    try:
        role, regions = role_from(form), regions_from(form, pages.sources.inventory())
        _refuse_own_role(request, account, role)
        await people.change(account.id, by, role=role, person=said["person"] or account.person, email=said["email"])
        if regions != account.regions:
            await people.limit(account.id, regions, by)
    except UsageError as error:
        field = "regions" if "region" in str(error) else "role"
        return await _one(pages, request, account, {field: str(error)}, {**said, **_picked(form)})
    pages.sources.access.callers.forget()
    raise web.HTTPSeeOther(f"/admin/people/{account.id}?done=changed")


async def invite(pages: WebPages, request: web.Request) -> web.Response:
    """Make another invitation, and show it, once; those before it end."""
    for_all_regions(request)
    return await _invited(pages, request, await _account(pages, request), acting(request))


async def reset(pages: WebPages, request: web.Request) -> web.Response:
    """Take password, codes and passkeys away from who lost a phone, and show an invitation, once."""
    for_all_regions(request)
    account, by = await _account(pages, request), acting(request)
    await pages.sources.access.people.reset(account.id, by)
    pages.sources.access.callers.forget()
    return await _invited(pages, request, account, by)


async def disable(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Shut somebody out."""
    return await _let(pages, request, disabled=True)


async def enable(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Let somebody in again."""
    return await _let(pages, request, disabled=False)


async def roles(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with what roles may."""
    return pages.show(request, "roles.html", roles=ROLES, rights=RIGHTS, right_words=RIGHT_WORDS)


def role_from(form: Form) -> Role:
    """Return the role of a form. Raises UsageError."""
    said = form.get("role")
    for role in ROLES:
        if role == said:
            return role
    raise UsageError(f"the role must be one of {', '.join(ROLES)}")


def regions_from(form: Form, inventory: Inventory) -> frozenset[str] | None:
    """Return which regions a form names; None: all. Raises UsageError where it names none, or one that is not there."""
    if form.get("reach") == "all":
        return None
    picked = frozenset(str(one) for one in form.getall("region", ()))
    if not picked or not picked <= inventory.regions.keys():
        raise UsageError("pick a region, or all of them")
    return picked


def reached_at(pages: WebPages, request: web.Request) -> str:
    """Return how browsers reach noc: as the settings say, or else as this request came."""
    return pages.sources.people().base_url or str(request.url.origin())


def _picked(form: Form) -> dict[str, object]:
    return {
        "role": str(form.get("role") or ""),
        "reach": str(form.get("reach") or ""),
        "picked": {str(one) for one in form.getall("region", ())},
    }


def _own_id(request: web.Request) -> int | None:
    account = caller(request).account
    return None if account is None else account.id


def _refuse_own_role(request: web.Request, account: Account, role: Role) -> None:
    if role != account.role and account.id == _own_id(request):
        raise UsageError("nobody changes their own role")


async def _let(pages: WebPages, request: web.Request, *, disabled: bool) -> web.StreamResponse:
    for_all_regions(request)
    account = await _account(pages, request)
    if disabled and account.id == _own_id(request):
        return await _one(pages, request, account, {"disable": "nobody shuts themselves out"})
    try:
        await pages.sources.access.people.disable(account.id, acting(request), disabled=disabled)
    except ConflictError as error:
        return await _one(pages, request, account, {"disable": str(error)})
    pages.sources.access.callers.forget()
    raise web.HTTPSeeOther(f"/admin/people/{account.id}?done={'disabled' if disabled else 'enabled'}")


async def _invited(pages: WebPages, request: web.Request, account: Account, by: Acting) -> web.Response:
    secret = await pages.sources.access.people.invite(account.id, by)
    link = reached_at(pages, request) + welcome_path(secret)
    hours = round(pages.sources.access.settings.invitation.total_seconds() / 3600)
    return pages.show(request, "invited.html", account=account, link=link, code=svg(link, account.name), hours=hours)


async def _account(pages: WebPages, request: web.Request) -> Account:
    number = request.match_info["number"]
    if number.isascii() and number.isdigit() and len(number) <= 15:
        async with pages.sources.database.read() as connection:
            found = await accounts.get(connection, int(number))
        if found is not None:
            return found
    raise not_found(f"account {number[:20]}")


async def _list(
    pages: WebPages,
    request: web.Request,
    wrong: Mapping[str, str] | None = None,
    said: Mapping[str, object] | None = None,
) -> web.Response:
    async with pages.sources.database.read() as connection:
        found = await accounts.everyone(connection)
    wanted = request.query.get("q", "").strip()[:100].casefold()
    fitting = [one for one in found if wanted in f"{one.name} {one.person} {one.email} {one.role}".casefold()]
    return pages.show(
        request,
        "admin.html",
        http_status=400 if wrong else 200,
        page=page_of(fitting, request),
        wanted=wanted,
        total=len(found),
        amiss=wrong or {},
        said={"name": "", "person": "", "email": "", "role": "viewer", "reach": "", "picked": (), **(said or {})},
        roles=ROLES,
        regions=sorted(pages.sources.inventory().regions.values(), key=lambda region: region.name),
    )


async def _one(
    pages: WebPages,
    request: web.Request,
    account: Account,
    wrong: Mapping[str, str] | None = None,
    said: Mapping[str, object] | None = None,
) -> web.Response:
    as_is = {
        "person": account.person,
        "email": account.email,
        "role": account.role,
        "reach": "all" if account.regions is None else "some",
        "picked": account.regions or (),
    }
    return pages.show(
        request,
        "account.html",
        name_of=await pages.called(),
        http_status=400 if wrong else 200,
        account=account,
        is_own=account.id == _own_id(request),
        amiss=wrong or {},
        said={**as_is, **(said or {})},
        done=DONE.get(request.query.get("done", ""), ""),
        roles=ROLES,
        regions=sorted(pages.sources.inventory().regions.values(), key=lambda region: region.name),
    )


Deed = Callable[[WebPages, web.Request], Awaitable[web.StreamResponse]]
DEEDS: Final[Mapping[str, Deed]] = {
    "change": change,
    "invite": invite,
    "reset": reset,
    "disable": disable,
    "enable": enable,
}
"""What is done with an account, by the last word of its address."""
