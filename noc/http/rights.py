"""Which right each address takes. What is in no table is answered to nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from noc.http.problems import ProblemError
from noc.http.scope import Caller
from noc.model.account import RIGHTS, ROLES, Right

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one address. right: what whoever calls it has to have; None: it is open, also without a log-in."""

    method: str
    path: str
    handler: Handler
    right: Right | None
    allow_head: bool = True

    def __post_init__(self) -> None:
        """Refuse what would let everybody change something."""
        if self.right == "see" and self.method not in SAFE:
            raise ValueError(f"{self.method} {self.path}: to see is no right to change")

    @property
    def defined(self) -> web.RouteDef:
        """Return the route for aiohttp."""
        if self.method == "GET":
            return web.get(self.path, self.handler, allow_head=self.allow_head)
        return web.route(self.method, self.path, self.handler)


class RightsTable:
    """The rights that all routes of a server take."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = tuple(routes)
        self._by_handler: dict[object, Right | None] = {}
        for route in self._routes:
            if self._by_handler.setdefault(route.handler, route.right) != route.right:
                raise ValueError(f"{route.method} {route.path}: its handler takes another right at another address")

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes)

    def is_open(self, request: web.Request) -> bool:
        """Return whether a request needs no log-in."""
        return self._by_handler.get(request.match_info.handler, "see") is None

    def check(self, request: web.Request, who: Caller) -> None:
        """Let a caller through, or raise ProblemError (403). What leads nowhere is left to be answered so."""
        if request.match_info.http_exception is not None:
            return
        handler = request.match_info.handler
        if handler not in self._by_handler:
            raise ProblemError(403, "this address is in no table of rights; that is a fault in noc")
        right = self._by_handler[handler]
        if right is not None and not who.may(right):
            raise ProblemError(403, refusal(who, right))


def need(who: Caller, right: Right) -> None:
    """Let a caller through, or raise ProblemError (403): for what the address alone doesn't tell."""
    if not who.may(right):
        raise ProblemError(403, refusal(who, right))


def refusal(who: Caller, right: Right) -> str:
    """Return what is said to somebody who lacks a right."""
    roles = " or ".join(role for role in ROLES if right in RIGHTS[role])
    lacking = f"; {who.lacking}" if who.lacking and right in RIGHTS[who.role] else ""
    return f"this takes the right to {right}, which the roles {roles} have; you are {who.role}{lacking}"
