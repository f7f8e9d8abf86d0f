"""A real web server (aiohttp) on a free loopback port that hears notifiers; it answers what a test wants."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Heard:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 what it is, the test says
        return json.loads(self.body)


@dataclass
class WebServer:
    """Hears requests. answer: gives the answer to one; hangs: until it is set, nothing is answered."""

    answer: Callable[[Heard], web.Response] = lambda _: web.Response(status=202)
    heard: list[Heard] = field(default_factory=list)
    hangs: bool = False
    port: int = 0
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._hear)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _hear(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.read()
        heard = Heard(request.method, request.path, dict(request.query), headers, body)
        self.heard.append(heard)
        if self.hangs:
            await asyncio.Event().wait()
        return self.answer(heard)
