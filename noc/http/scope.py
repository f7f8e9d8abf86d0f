"""Who calls, what the caller may see, and may do. Every read takes a Scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from aiohttp import web

from noc.inventory.endpoints import Endpoint
from noc.inventory.entities import Circuit, Device, Region, Site
from noc.inventory.inventory import Inventory
from noc.model.account import RIGHTS, Account, Right, Role
from noc.model.part import owner_of


@dataclass(frozen=True, slots=True)
class Scope:
    """Regions, by id, that a caller may see; None: everything."""

    regions: frozenset[str] | None = None

    @property
    def everything(self) -> bool:
        """Return whether nothing is hidden from the caller."""
        return self.regions is None

    def sees_region(self, region: str) -> bool:
        """Return whether the caller may see a region, by its id."""
        return self.regions is None or region in self.regions

    def sees(self, inventory: Inventory, entity: str) -> bool:
        """Return whether the caller may see an entity, `device/nbo-rtr-1`.

        What belongs to no region of this inventory (services, pollers, what is gone) is for those who see everything.
        """
        if self.regions is None:
            return True
        region = region_of(inventory, entity)
        return region is not None and region in self.regions


EVERYTHING = Scope()
NOTHING = Scope(frozenset())


def region_of(inventory: Inventory, entity: str) -> str | None:
    """Return the id of the region that an entity belongs to; None where there is none."""
    found = inventory.entity(owner_of(entity) or entity)
    if isinstance(found, Region):
        return found.id
    if isinstance(found, Site):
        return found.region
    if isinstance(found, Device | Circuit | Endpoint):
        site = inventory.sites.get(found.site)
        return None if site is None else site.region
    return None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is logged in. who: the name that stands in timelines. way: how; a source is another system, which may send
    alerts and signs of life, and nothing else; a wall is a screen that may look at one page (noc/http/wallkeys.py).

    csrf: what a page puts into its forms (field `csrf`) or sends as header X-CSRF-Token; empty for a bearer. rights:
    those that are left of the role's; None: all of them. lacking: why not all, one clause. account: of whom; None: it
    is a token's. speaks_for: it may say who did something. session: the digest of the one that it is, if any.
    """

    who: str
    scope: Scope = EVERYTHING
    way: Literal["session", "bearer", "source", "wall"] = "session"
    csrf: str = ""
    role: Role = "viewer"
    rights: frozenset[Right] | None = None
    lacking: str = ""
    account: Account | None = None
    speaks_for: bool = False
    session: bytes = b""

    def may(self, right: Right) -> bool:
        """Return whether the caller has a right."""
        return right in RIGHTS[self.role] and (self.rights is None or right in self.rights)


CALLER: Final = web.RequestKey("caller", Caller)


def remember(request: web.Request, who: Caller) -> None:
    """Attach the caller to a request; done by the gate alone."""
    request[CALLER] = who


def caller_or_none(request: web.Request) -> Caller | None:
    """Return who calls; None where nobody is logged in (`/login`, `/healthz`, …)."""
    return request.get(CALLER)


def caller(request: web.Request) -> Caller:
    """Return who calls. Behind the gate there always is somebody; else HTTPUnauthorized is raised."""
    found = caller_or_none(request)
    if found is None:
        raise web.HTTPUnauthorized
    return found


def scope(request: web.Request) -> Scope:
    """Return what the caller may see."""
    return caller(request).scope
