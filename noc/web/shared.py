"""Views that many watch at the same time: one of them has it made, and all get it.

Only what a page fetches anew by itself is shared, never what somebody opens or has just done something to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from noc.http.beat import Beat
from noc.http.inserted import Inserted
from noc.http.scope import Caller, caller

FOR_ALL: Final = web.RequestKey("for all", bool)
"""Is set on a request whose answer others get too: nothing in it may be of the one who asks."""

CSRF_PLACE: Final = "the-csrf-token-of-whoever-reads-this"
"""Stands in what is shared where each reader's own token goes."""

KEPT_AT_MOST: Final = 200
TIMEOUT_S: Final = 30.0

OWN_COOKIES: Final = ("noc_session", "noc_wall", "noc_provider", "noc_attempt")
"""How the names of cookies begin of which each reader has one of their own; our others say how they like to read."""

Key = tuple[object, ...]


@dataclass(slots=True)
class _Making:
    """A view that is being made, or was. beat: when it was begun."""

    beat: int
    task: asyncio.Task[Inserted | web.StreamResponse]


@dataclass
class SharedViews:
    """What was made since the last beat. made, given: how many views were made, and how many answers they became."""

    beat: Beat
    made: int = 0
    given: int = 0
    _kept: dict[Key, _Making] = field(default_factory=dict)

    async def answer(
        self, view: Callable[[web.Request], Awaitable[web.StreamResponse]], request: web.Request
    ) -> web.StreamResponse:
        """Return a view as it was made since the last beat, or have it made. What the view raises is raised."""
        if not is_refresh(request):
            return await view(request)
        beat, key = self.beat.now(), _key(request)
        found = self._kept.get(key)
        if found is None or found.beat != beat or _failed(found.task):
            self._forget(beat)
            if len(self._kept) >= KEPT_AT_MOST:
                return await view(request)
            task = asyncio.create_task(self._make(request, view), name=f"shared {request.path}")
            found = self._kept[key] = _Making(beat, task)
        made = await asyncio.shield(found.task)
        if not isinstance(made, Inserted):
            return await view(request)  # no page: somebody's own answer
        self.given += 1
        return _given(request, made)

    def changing(
        self, view: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Return a view after which nothing that was made before is given: who changed something sees it at once."""

        async def change(request: web.Request) -> web.StreamResponse:
            try:
                return await view(request)
            finally:
                self._kept.clear()

        return change

    async def _make(
        self, request: web.Request, view: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> Inserted | web.StreamResponse:
        request[FOR_ALL] = True
        try:
            with self.beat.making():
                async with asyncio.timeout(TIMEOUT_S):
                    response = await view(request)
        finally:
            request[FOR_ALL] = False
        self.made += 1
        if isinstance(response, web.Response) and response.status == 200 and response.content_type == "text/html":
            return Inserted.of(response.text or "", CSRF_PLACE)
        return response

    def _forget(self, beat: int) -> None:
        """Keep only what belongs to this beat, and what is still waited for."""
        self._kept = {key: one for key, one in self._kept.items() if one.beat == beat or not one.task.done()}


def is_refresh(request: web.Request) -> bool:
    """Return whether a page that is open fetches a part of itself anew, and asks for nothing of its own (X-Noc-…)."""
    own = any(name.lower().startswith("x-noc-") for name in request.headers)
    return request.method == "GET" and request.headers.get("HX-Request") == "true" and not own


def _failed(task: asyncio.Task[Inserted | web.StreamResponse]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


def _key(request: web.Request) -> Key:
    """Return what an answer hangs on: the address, what the reader may see and do, and how they like to read.

    The name of who reads belongs to it where something is asked for: `owner=me` is somebody else for each.
    """
    who = caller(request)
    own = (who.who, who.session) if request.query_string else ()
    return (str(request.rel_url), own, *_rights(who), *_likings(request))


def _rights(who: Caller) -> Key:
    return who.scope.regions, who.way, who.role, who.rights, who.lacking


def _likings(request: web.Request) -> Key:
    account = caller(request).account
    own = () if account is None else (account.language, account.zone)
    ours = (pair for pair in request.cookies.items() if pair[0].startswith("noc_"))
    kept = sorted(pair for pair in ours if not pair[0].startswith(OWN_COOKIES))
    return (request.headers.get("Accept-Language"), *own, *kept)


def _given(request: web.Request, made: Inserted) -> web.Response:
    own = caller(request).csrf
    response = web.Response(content_type="text/html", charset="utf-8")
    response.headers["Vary"] = "Cookie, Accept-Language"
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.headers["Content-Encoding"] = "gzip"
        response.body = made.gzipped(own)
    else:
        response.body = made.plain(own)
    return response
