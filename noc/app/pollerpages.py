"""`/healthz` and `/metrics` of a poller: two answers by HTTP/1.1, without a web server's weight.

A connection is one request. Who takes too long or says too much is cut off.
"""

from __future__ import annotations

import asyncio
import errno
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Final

from noc.model.errors import UsageError
from noc.telemetry import Telemetry

log = logging.getLogger(__name__)

CONNECTIONS_AT_MOST: Final = 16
HEAD_AT_MOST: Final = 8 * 1024
DEADLINE_S: Final = 5.0

Answer = tuple[HTTPStatus, str, bytes]


class PollerPages:
    """A service. health: what isn't well, by part, in one sentence each; empty: all is."""

    def __init__(self, listen: str, port: int, telemetry: Telemetry, health: Callable[[], dict[str, str]]) -> None:
        self._listen = listen
        self._port = port
        self._telemetry = telemetry
        self._health = health
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def port(self) -> int:
        """Return the port that is listened on; the one of the settings while nothing is."""
        if self._server is None or not self._server.sockets:
            return self._port
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen. Raises UsageError where the address can't be had."""
        try:
            self._server = await asyncio.start_server(self._serve, self._listen, self._port, limit=HEAD_AT_MOST)
        except OSError as error:
            why = "is in use by another program" if error.errno == errno.EADDRINUSE else (error.strerror or "").lower()
            raise UsageError(f"{self._listen} port {self._port} {why}: set another `http: port:`") from error
        log.info("listening on http://%s:%d", self._listen, self.port)

    async def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._open):
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            if len(self._open) <= CONNECTIONS_AT_MOST:
                async with asyncio.timeout(DEADLINE_S):
                    writer.write(_written(*self._answer(await _request(reader))))
                    await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            log.debug("a request was no request, or took too long")
        finally:
            self._open.discard(writer)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def _answer(self, asked: tuple[str, str]) -> Answer:
        method, path = asked
        if path not in ("/healthz", "/readyz", "/metrics"):
            return HTTPStatus.NOT_FOUND, "text/plain", b"there are /healthz, /readyz and /metrics\n"
        if method not in ("GET", "HEAD"):
            return HTTPStatus.METHOD_NOT_ALLOWED, "text/plain", b"ask by GET\n"
        if path == "/metrics":
            text, kind = self._telemetry.exposition()
            return HTTPStatus.OK, kind, text
        if path == "/healthz":
            return HTTPStatus.OK, "application/json", _json({"alive": True})
        wrong = self._health()
        parts = [{"part": part, "ok": not said, "said": said} for part, said in wrong.items()]
        ready = not any(wrong.values())
        status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        return status, "application/json", _json({"ready": ready, "parts": parts})


async def _request(reader: asyncio.StreamReader) -> tuple[str, str]:
    """Return method and path of a request. Raises ValueError where it is none."""
    head = await reader.readuntil(b"\r\n\r\n")
    method, target, version = head.split(b"\r\n", 1)[0].decode("ascii").split(" ")
    if not version.startswith("HTTP/1."):
        raise ValueError("no HTTP/1")
    return method, target.partition("?")[0]


def _json(said: object) -> bytes:
    return json.dumps(said).encode() + b"\n"


def _written(status: HTTPStatus, kind: str, body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
