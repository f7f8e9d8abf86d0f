"""The two ways to listen to the hub: WebSocket `/live` for pages, server-sent events `/api/v1/stream` for scripts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

from aiohttp import ClientConnectionResetError, WSCloseCode, web

from noc import __version__
from noc.clock import Clock
from noc.http.csrf import is_foreign
from noc.http.live import LISTENERS_AT_MOST, TOPICS, TOPICS_AT_MOST, Event, Hub, coalesced
from noc.http.problems import ProblemError, bad_request
from noc.http.rights import Route
from noc.http.scope import scope
from noc.inventory.inventory import Inventory
from noc.model.finding import did_you_mean

FRAME_EVENTS_AT_MOST: Final = 500
"""More than these in one frame, and the page loads anew instead."""

HEARTBEAT_S: Final = 20.0
SEND_TIMEOUT_S: Final = 30.0
RETRY_MS: Final = 3_000
MESSAGE_BYTES_AT_MOST: Final = 4_096
_LISTED: Final = f"topics are {', '.join(TOPICS)}, and device/ID of each device"


class Streams:
    """The handlers of both. inventory: whose devices are topics. still: whether a caller is still logged in."""

    def __init__(
        self,
        hub: Hub,
        clock: Clock,
        inventory: Callable[[], Inventory],
        base_url: str | None,
        still: Callable[[web.Request], Awaitable[bool]],
    ) -> None:
        self._hub = hub
        self._clock = clock
        self._inventory = inventory
        self._base_url = base_url
        self._still = still

    def routes(self) -> list[Route]:
        """Return the routes of both."""
        return [
            Route("GET", "/live", self.live, "see", allow_head=False),
            Route("GET", "/api/v1/stream", self.stream, "see", allow_head=False),
        ]

    async def live(self, request: web.Request) -> web.StreamResponse:
        """Answer a WebSocket: first `hello`, then at most one frame a beat (noc/http/beat.py); what the page sends is
        ignored.

        Frames: {"type": "hello", "time", "version"}, {"type": "events", "time", "events": [{"topic", "key", "at",
        "data"}]}, {"type": "resync", "time"}.
        """
        if "Origin" not in request.headers or is_foreign(request, self._base_url):
            raise ProblemError(403, "a WebSocket is opened from a page of noc; its Origin must be this server")
        topics = _topics(request, self._inventory())
        with self._listening():
            socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=MESSAGE_BYTES_AT_MOST)
            if not socket.can_prepare(request):
                raise ProblemError(426, "this address speaks WebSocket alone", headers={"Upgrade": "websocket"})
            await socket.prepare(request)
            sending = asyncio.create_task(self._send(request, socket, topics), name="live")
            try:
                async for _ in socket:
                    pass
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
        return socket

    async def _send(self, request: web.Request, socket: web.WebSocketResponse, topics: frozenset[str]) -> None:
        last, seen = self._hub.last, self._hub.beat.number
        try:
            await socket.send_str(self._frame("hello", version=json.dumps(__version__)))
            while not self._hub.closing and await self._still(request):
                await self._hub.wait(last, HEARTBEAT_S)
                if self._hub.last > last and not self._hub.closing:
                    seen = await self._hub.beat.after(seen)
                batch = self._hub.after(last, topics, scope(request), max(last, self._hub.beat.until))
                last, events = batch.last, coalesced(batch.events)
                if batch.lost or len(events) > FRAME_EVENTS_AT_MOST:
                    await socket.send_str(self._frame("resync"))
                elif events:
                    listed = ",".join(_in_frame(event) for event in events)
                    await socket.send_str(self._frame("events", events=f"[{listed}]"))
            code = WSCloseCode.GOING_AWAY if self._hub.closing else WSCloseCode.POLICY_VIOLATION
            await socket.close(code=code, message=b"noc stops" if self._hub.closing else b"logged out")
        except ClientConnectionResetError:
            return  # a closed tab

    def _frame(self, kind: str, **parts: str) -> str:
        more = "".join(f',"{name}":{text}' for name, text in parts.items())
        return f'{{"type":"{kind}","time":"{self._hub.now()}"{more}}}'

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Answer server-sent events, every one of them, in order; goes on behind Last-Event-ID."""
        topics = _topics(request, self._inventory())
        resumed = request.headers.get("Last-Event-ID")
        known = None if resumed is None else self._hub.number_of(resumed)
        with self._listening():
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
            await response.prepare(request)
            last = self._hub.last if known is None else known
            hello = json.dumps({"time": self._hub.now(), "version": __version__})
            try:
                await _write(response, f"retry: {RETRY_MS}\n{self._told('hello', last, hello)}")
                if resumed is not None and known is None:
                    await _write(response, self._told("resync", last, "{}"))
                silent_since = self._clock.monotonic()
                while not self._hub.closing and await self._still(request):
                    await self._hub.wait(last, max(0.0, silent_since + HEARTBEAT_S - self._clock.monotonic()))
                    batch = self._hub.after(last, topics, scope(request))
                    last = batch.last
                    lines = [self._told("resync", last, "{}")] if batch.lost else []
                    lines += [self._told(event.topic, event.number, _in_stream(event)) for event in batch.events]
                    if not lines and self._clock.monotonic() >= silent_since + HEARTBEAT_S:
                        # The id lets who comes back resume from here, however much others have heard in the meantime.
                        lines = [f"id: {self._hub.identifier(last)}\n: still here\n\n"]
                    if lines:
                        await _write(response, "".join(lines))
                        silent_since = self._clock.monotonic()
            except (ClientConnectionResetError, TimeoutError):
                return response  # the listener is gone, or takes nothing
            return response

    def _told(self, kind: str, number: int, data: str) -> str:
        return f"id: {self._hub.identifier(number)}\nevent: {kind}\ndata: {data}\n\n"

    @contextmanager
    def _listening(self) -> Iterator[None]:
        if self._hub.listeners >= LISTENERS_AT_MOST or self._hub.closing:
            raise ProblemError(503, "too many listen already", headers={"Retry-After": "30"})
        self._hub.listeners += 1
        try:
            yield
        finally:
            self._hub.listeners -= 1


def _topics(request: web.Request, inventory: Inventory) -> frozenset[str]:
    topics = [topic for text in request.query.getall("topics", []) for topic in text.split(",") if topic]
    if not 1 <= len(topics) <= TOPICS_AT_MOST:
        raise bad_request("/query/topics", f"name 1 to {TOPICS_AT_MOST} topics; {_LISTED}")
    for topic in topics:
        kind, _, key = topic.partition("/")
        if kind == "device":
            if key not in inventory.devices or not scope(request).sees(inventory, topic):
                raise bad_request("/query/topics", f"there is no device '{key[:100]}'; {_LISTED}")
        elif topic not in TOPICS:
            hint = did_you_mean(topic[:100], TOPICS)
            raise bad_request("/query/topics", f"'{topic[:100]}' is no topic{hint}; {_LISTED}")
    return frozenset(topics)


def _in_frame(event: Event) -> str:
    names = f'"topic":{json.dumps(event.topic)},"key":{json.dumps(event.key)},"at":"{event.at}"'
    return f'{{{names},"data":{event.data}}}'


def _in_stream(event: Event) -> str:
    return f'{{"at":"{event.at}","key":{json.dumps(event.key)},"data":{event.data}}}'


async def _write(response: web.StreamResponse, text: str) -> None:
    async with asyncio.timeout(SEND_TIMEOUT_S):
        await response.write(text.encode())
