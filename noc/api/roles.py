"""Roles: what each may do."""

from __future__ import annotations

from aiohttp import web

from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint
from noc.api._pages import keyed_page
from noc.api._shapes import Listing, Shape
from noc.http.sources import Sources
from noc.model.account import RIGHTS, RIGHTS_OF_NOC, ROLES, Right, Role


class RoleItem(Shape):
    """A role. Each has what the one before has."""

    role: Role
    rights: list[Right]


def endpoints(_: Sources) -> list[Endpoint]:
    """Return the endpoint."""

    async def listed(request: web.Request) -> Listing[RoleItem]:
        known = {
            str(place): RoleItem(role=role, rights=[one for one in RIGHTS_OF_NOC if one in RIGHTS[role]])
            for place, role in enumerate(ROLES)
        }
        items, more = keyed_page(known, query.cursor(request), query.limit(request))
        return Listing[RoleItem](items=items, next=more)

    return [Endpoint("GET", "/roles", "Roles, those that may least first.", listed, Listing[RoleItem], PAGING)]
