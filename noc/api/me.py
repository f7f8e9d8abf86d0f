"""Who calls: what they are, and may do."""

from __future__ import annotations

from typing import Literal

from aiohttp import web

from noc.api._endpoint import Endpoint
from noc.api._shapes import Moment, Shape
from noc.http.scope import caller
from noc.http.sources import Sources
from noc.model.account import RIGHTS_OF_NOC, Right, Role


class SessionItem(Shape):
    """Where somebody is logged in."""

    begun: Moment
    last_used: Moment
    address: str
    browser: str
    """As it says itself."""
    is_this: bool


class MeItem(Shape):
    """Who calls."""

    who: str
    """The name in timelines."""
    way: Literal["session", "bearer", "source", "wall"]
    role: Role
    rights: list[Right]
    """What they may do now."""
    lacking: str | None
    """Why these are fewer than the role's, one clause; null: they are not."""
    regions: list[str] | None
    """Which they may see; null: all."""
    account: str | None
    """The name with which they log in; null: a token, or who came by the address that noc printed."""
    language: str | None
    zone: str | None
    has_second_factor: bool
    sessions: list[SessionItem]
    """Of the account, the last used first."""


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoint."""

    async def me(request: web.Request) -> MeItem:
        who = caller(request)
        account, limits = who.account, who.scope.regions
        seats = [] if account is None else await sources.access.own.seats(account, who.session)
        return MeItem(
            who=who.who,
            way=who.way,
            role=who.role,
            rights=[right for right in RIGHTS_OF_NOC if who.may(right)],
            lacking=who.lacking or None,
            regions=None if limits is None else sorted(limits),
            account=None if account is None else account.name,
            language=account.language or None if account is not None else None,
            zone=account.zone or None if account is not None else None,
            has_second_factor=account is not None and account.has_second_factor,
            sessions=[
                SessionItem(
                    begun=one.session.begun_ms,
                    last_used=one.session.seen_ms,
                    address=one.session.address,
                    browser=one.session.agent,
                    is_this=one.is_this,
                )
                for one in seats
            ],
        )

    return [Endpoint("GET", "/me", "Who calls, and what they may do.", me, MeItem)]
