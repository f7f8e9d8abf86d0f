"""The web server: a service that listens, and joins what this package has with the routes of api and web."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Final
from weakref import WeakSet

from aiohttp import web
from aiohttp.typedefs import Handler

from noc.clock import Timer
from noc.http.accesslog import AccessLog, protocol_log
from noc.http.connection import Connection
from noc.http.csrf import csrf
from noc.http.gate import Gate
from noc.http.guard import deadline, hosts, put_headers
from noc.http.health import HealthPages
from noc.http.incidentnews import IncidentNews
from noc.http.live import Hub
from noc.http.login import TOKEN_LIVES
from noc.http.pages import Pages, PlainPages
from noc.http.problems import problems
from noc.http.rights import RightsTable, Route
from noc.http.settings import HttpSettings
from noc.http.sources import Sources
from noc.http.streams import Streams
from noc.model.errors import UsageError
from noc.telemetry import Telemetry

log = logging.getLogger(__name__)

RouteMaker = Callable[[Sources], Iterable[Route]]
"""Gives the routes of the API, or of the pages."""

KEEPALIVE_S: Final = 75.0
"""A connection on which nothing is asked for so long is closed."""

FIRST_REQUEST_S: Final = 20.0
"""A connection on which no whole request has come for so long is closed: others may be waiting for its place."""

STOP_PATIENCE_S: Final = 1.5
"""aiohttp waits for it twice: for handlers to end, then for their connections."""

LINE_BYTES_AT_MOST: Final = 8_190
FIELD_BYTES_AT_MOST: Final = 32_768
"""Browsers send the cookies of all ports of a host, and of all programs that listen there: much, on localhost."""


class Server:
    """The web server of one noc.

    makers: routes beside our own. announce: is given the URL of each new log-in token: at start, when one was used up,
    and when one has expired. What went wrong at start is a UsageError that names the address and says what to do.
    """

    def __init__(
        self,
        settings: HttpSettings,
        sources: Sources,
        makers: Sequence[RouteMaker],
        hub: Hub,
        telemetry: Telemetry,
        announce: Callable[[str], None],
        pages: Pages | None = None,
    ) -> None:
        self._settings = settings
        self._sources = sources
        self._makers = tuple(makers)
        self._announce = announce
        self._pages = PlainPages() if pages is None else pages
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Server | None = None
        self._renewal: Timer | None = None
        self._telemetry = telemetry
        self.hub = hub
        self._news = IncidentNews(hub, sources)
        source_of = sources.inbound.source_of if sources.inbound is not None else lambda _: None
        self.gate = Gate(
            settings, sources.access, sources.clock, self._pages, self._renew, source_of, simulated=sources.simulated
        )
        self._asked: WeakSet[asyncio.Transport] = WeakSet()
        self.refused = 0
        self.rights = RightsTable(())

    @property
    def port(self) -> int:
        """Return the port that is listened on; the one of the settings while nothing is."""
        if self._listener is None or not self._listener.sockets:
            return self._settings.port
        return int(self._listener.sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        """Return where a browser finds the first page, without a slash at the end."""
        if self._settings.base_url is not None:
            return self._settings.base_url
        listen = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._settings.listen, self._settings.listen)  # noqa: S104
        return f"http://[{listen}]:{self.port}" if ":" in listen else f"http://{listen}:{self.port}"

    def login_url(self) -> str:
        """Return a URL that logs in, once, with a new token."""
        return f"{self.url}/?token={self.gate.tokens.issue()}"

    async def start(self) -> None:
        """Listen. Raises UsageError where the address can't be had."""
        runner = web.AppRunner(self._application(), shutdown_timeout=STOP_PATIENCE_S)
        await runner.setup()
        try:
            self._listener = await self._listen(runner)
        except OSError as error:
            await runner.cleanup()
            raise UsageError(self._why_not(error)) from error
        self._runner = runner
        await self.gate.tokens_hold()
        self.hub.open()
        self._news.start()
        log.info("listening on %s", self.url)
        self._renew()

    async def stop(self) -> None:
        """Take no more connections, let running requests end for a moment, close all."""
        if self._renewal is not None:
            self._renewal.cancel()
        if self._listener is not None:
            self._listener.close()
        if self._runner is not None:
            await self._news.stop()
            await self._runner.cleanup()
        self._runner = self._listener = self._renewal = None

    async def _listen(self, runner: web.AppRunner) -> asyncio.Server:
        server = runner.server
        if server is None:
            raise RuntimeError("the runner is set up and has no server")

        loop = asyncio.get_running_loop()

        def protocol() -> asyncio.Protocol:
            if len(server.connections) < self._settings.max_connections:
                handler = connection(server, loop)
                self._sources.clock.call_later(FIRST_REQUEST_S, lambda: self._end_if_silent(handler.transport))
                return handler
            self.refused += 1
            return _Refusal()

        return await loop.create_server(protocol, self._settings.listen, self._settings.port, backlog=128)

    def _end_if_silent(self, transport: asyncio.Transport | None) -> None:
        if transport is not None and transport not in self._asked:
            transport.abort()

    def _why_not(self, error: OSError) -> str:
        place = f"{self._settings.listen} port {self._settings.port}"
        if error.errno == errno.EADDRINUSE:
            return f"{place} is in use by another program: stop it, or set another http: port: (0 takes a free one)"
        if error.errno in (errno.EACCES, errno.EPERM):
            return f"{place}: noc may not listen there; ports below 1024 need CAP_NET_BIND_SERVICE, or set http: port:"
        if error.errno == errno.EADDRNOTAVAIL:
            return f"{place}: this machine doesn't have the address; set http: listen: to one that it has"
        return f"{place}: can't listen: {(error.strerror or str(error)).lower()}; set http: listen: and port:"

    def _application(self) -> web.Application:
        @web.middleware
        async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
            if isinstance(request.transport, asyncio.Transport):
                self._asked.add(request.transport)
            return await handler(request)

        base_url = self._settings.base_url
        streams = Streams(self.hub, self._sources.clock, self._sources.inventory, base_url, self.gate.still)
        health = HealthPages(self._settings, self._sources, self._telemetry)
        made = (route for maker in self._makers for route in maker(self._sources))
        self.rights = rights = RightsTable((*self.gate.routes(), *streams.routes(), *health.routes(), *made))

        @web.middleware
        async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self.gate.admit(request, handler, rights)

        application = web.Application(
            middlewares=[
                note,
                problems(self._pages),
                hosts(self._settings),
                deadline(self._settings.request_timeout),
                admit,
                csrf(base_url),
            ],
            client_max_size=self._settings.max_body,
        )
        application.on_response_prepare.append(put_headers)
        application.on_shutdown.append(self._close_streams)
        application.add_routes(route.defined for route in rights)
        return application

    async def _close_streams(self, _: web.Application) -> None:
        self.hub.close()

    def _renew(self) -> None:
        if self._renewal is not None:
            self._renewal.cancel()
        if self.gate.announces:
            self._announce(self.login_url())
        self._renewal = self._sources.clock.call_later(TOKEN_LIVES.total_seconds(), self._renew)


def connection(server: web.Server, loop: asyncio.AbstractEventLoop) -> Connection:
    """Return what serves one connection."""
    return Connection(
        server,
        loop=loop,
        logger=protocol_log(),
        access_log_class=AccessLog,
        access_log=logging.getLogger("noc.http.access"),
        keepalive_timeout=KEEPALIVE_S,
        max_line_size=LINE_BYTES_AT_MOST,
        max_field_size=FIELD_BYTES_AT_MOST,
    )


class _Refusal(asyncio.Protocol):
    """A connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            transport.write(b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        transport.close()
