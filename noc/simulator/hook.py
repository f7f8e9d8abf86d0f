"""A receiver of webhooks for the demo's mailbox: an HTTP server on loopback that keeps what it gets as .json files."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Final

from noc.clock import Clock
from noc.model.errors import ReachError
from noc.model.instants import to_ms
from noc.simulator.appservers import MAX_HEAD_BYTES, bounded
from noc.simulator.mailbox import HOST, KEPT, MAX_MESSAGE_BYTES

CONNECTIONS_AT_MOST: Final = 20
_SEEN: Final = ("content-type", "user-agent", "idempotency-key", "webhook-id")
"""Headers that are kept."""


class Hook:
    """A service. folder: where requests go, `<milliseconds>-<number>.json`, so that names sort by time, beside mails.

    Each holds method, path, some headers, and the body: as JSON, else as text.
    """

    def __init__(self, folder: Path, clock: Clock, *, kept: int = KEPT) -> None:
        self._folder = folder
        self._clock = clock
        self._kept = kept
        self._server: asyncio.Server | None = None
        self._number = 0
        self._connected = 0

    @property
    def port(self) -> int:
        """Return the TCP port; 0 before the start."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server is not None else 0

    async def start(self) -> None:
        """Listen. Raises ReachError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._server = await asyncio.start_server(bounded(self._talk), HOST, 0, limit=MAX_HEAD_BYTES)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ReachError(f"the mailbox can't listen for webhooks on {HOST}: {reason}") from error

    async def stop(self) -> None:
        """Listen no more; what came stays."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            await server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._connected >= CONNECTIONS_AT_MOST:
            return
        self._connected += 1
        try:
            writer.write(_answer(await self._take(reader)))
        finally:
            self._connected -= 1

    async def _take(self, reader: asyncio.StreamReader) -> int:
        """Keep one request, and return the status that answers it."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        method, _, rest = first.partition(" ")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = headers.get("content-length", "")
        if method != "POST":
            return 405
        if not length.isdigit() or int(length) > MAX_MESSAGE_BYTES:
            return 413
        body = await reader.readexactly(int(length))
        held = {name: headers[name] for name in _SEEN if name in headers}
        self._keep({"method": method, "path": rest.partition(" ")[0], "headers": held, "body": _read(body)})
        return 200

    def _keep(self, request: dict[str, object]) -> None:
        self._number += 1
        path = self._folder / f"{to_ms(self._clock.now()):013d}-h{self._number:06d}.json"
        part = path.with_suffix(".part")  # a reader sees whole requests only
        part.write_text(json.dumps(request, indent=1, ensure_ascii=False))
        part.replace(path)
        for old in sorted(self._folder.glob("*.json"), reverse=True)[self._kept :]:
            with contextlib.suppress(FileNotFoundError):
                old.unlink()


def _read(body: bytes) -> object:
    try:
        found: object = json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
    return found


def _answer(status: int) -> bytes:
    words = {200: "OK", 405: "Method Not Allowed", 413: "Content Too Large"}[status]
    return f"HTTP/1.1 {status} {words}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
