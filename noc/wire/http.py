"""HTTP as a client: the one door of aiohttp outwards.

Every request has a deadline, every answer a size bound. No redirect is followed, no proxy of the environment is used
and no cookie is kept: what is asked is what was written in the settings.
"""

from __future__ import annotations

import io
import os
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from noc.model.errors import UsageError
from noc.model.reading import FailureKind
from noc.wire.errors import WireError, is_ours
from noc.wire.outward import ForbiddenAddressError, Outward

MAX_BODY_BYTES: Final = 16 * 1024 * 1024
"""Of an answer, decompressed, unless the caller says otherwise."""

MAX_RETRY_AFTER_S: Final = 3600.0
"""A server that asks for more is asked again after this."""

_CHUNK_BYTES: Final = 64 * 1024


class BodyTooLargeError(WireError):
    """The answer is longer than its bound; nothing of it is kept."""


class LostAnswerError(WireError):
    """The connection ended before the answer was complete: the server may have done what it was asked for."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Whom to trust. ca_file: certificates in PEM that are trusted instead of the system's; verify: whether they are
    looked at; names: whether they have to name the server, too.
    """

    ca_file: Path | None = None
    verify: bool = True
    names: bool = True

    def context(self) -> ssl.SSLContext:
        """Return the TLS settings: the same, not to be changed, while the certificates are. To read those of a system
        takes 20 ms, in which nothing else happens.

        Raises UsageError, which names the file, when it can't be read.
        """
        return _context(self, _stamps(self.ca_file))


@lru_cache(maxsize=64)
def _context(tls: Tls, _stamps: tuple[tuple[int, int, int], ...]) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=None if tls.ca_file is None else str(tls.ca_file))
    except OSError as error:  # ssl.SSLError is one: no certificate is in the file
        reason = "holds no certificate in PEM" if isinstance(error, ssl.SSLError) else (error.strerror or "").lower()
        raise UsageError(f"{tls.ca_file}: {reason}; name the file of the CA that signed the server's") from error
    context.check_hostname = tls.verify and tls.names
    if not tls.verify:
        context.verify_mode = ssl.CERT_NONE
    return context


def _stamps(ca_file: Path | None) -> tuple[tuple[int, int, int], ...]:
    """Return what is another when certificates were replaced: those of a file, or else of the system."""
    usual = ssl.get_default_verify_paths()
    paths = [ca_file] if ca_file is not None else list(filter(None, (usual.cafile, usual.capath)))
    found = []
    for path in paths:
        with suppress(OSError):  # who reads it will tell
            about = Path(path).stat()
            found.append((about.st_ino, about.st_size, about.st_mtime_ns))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What is asked. url: without its query, which is `params`; body: sent as it is."""

    method: str
    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What was answered. headers: by their names in lower case, the last of those that repeat; body: decompressed."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def text(self) -> str:
        """Return the body as text; what is no UTF-8 is replaced."""
        return self.body.decode("utf-8", "replace")


class HttpClient:
    """A service: a pool of connections. timeout_s: of a whole request, from connecting to the last byte of the body.

    outward: which addresses may be connected to; None: all.
    """

    def __init__(
        self, tls: ssl.SSLContext, timeout_s: float, max_connections: int = 4, outward: Outward | None = None
    ) -> None:
        self._outward = outward
        self._tls = tls
        self._timeout_s = timeout_s
        self._max_connections = max_connections
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Make the pool; nothing is connected yet."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._max_connections, ssl=self._tls, socket_factory=self._socket),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "noc"},
            trust_env=False,
        )

    def _socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        """Make a socket for one address, which is what the name means now."""
        if self._outward is not None:
            self._outward.check(str(info[4][0]))
        return socket.socket(family=info[0], type=info[1], proto=info[2])

    async def stop(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(
        self, request: HttpRequest, max_bytes: int = MAX_BODY_BYTES, timeout_s: float | None = None
    ) -> HttpAnswer:
        """Send a request and return the answer, whatever its status; a redirect is an answer too.

        Raises WireError: TIMEOUT, REFUSED (no connection, or it broke) or PROTOCOL (TLS, no HTTP, a BodyTooLargeError).
        The reason names the server, never the path, the parameters or the headers.
        """
        if self._session is None:
            raise RuntimeError("HttpClient.ask before start")
        limit_s = self._timeout_s if timeout_s is None else timeout_s
        server = origin(request.url)
        try:
            async with self._session.request(
                request.method,
                request.url,
                params=request.params,
                headers=request.headers,
                # As a file, a large body is sent in pieces and doesn't hold up the event loop.
                data=None if request.body is None else io.BytesIO(request.body),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=limit_s),
            ) as response:
                body = await _bounded(response, max_bytes, server)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return HttpAnswer(response.status, headers, body)
        # `from None`: what aiohttp raises may carry the request, and with it the log-in.
        except TimeoutError:
            raise WireError(FailureKind.TIMEOUT, f"{server}: no answer within {limit_s:g} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise failure(server, error) from None


async def _bounded(response: aiohttp.ClientResponse, max_bytes: int, server: str) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        body += chunk
        if len(body) > max_bytes:
            raise BodyTooLargeError(FailureKind.PROTOCOL, f"{server}: the answer is longer than {max_bytes} bytes")
    return bytes(body)


def failure(server: str, error: aiohttp.ClientError | OSError | ValueError) -> WireError:
    """Return what aiohttp raised as a failure. server: as `origin` tells it."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            certificate = error.certificate_error
            why = getattr(certificate, "verify_message", "") or str(certificate)
            return WireError(FailureKind.PROTOCOL, f"{server}: its certificate is not trusted: {why}")
        case aiohttp.ClientSSLError():
            return WireError(FailureKind.PROTOCOL, f"{server}: no TLS: {error.strerror or error.os_error}")
        case aiohttp.ClientConnectorDNSError():
            return WireError(FailureKind.REFUSED, f"{server}: the name can't be resolved")
        case aiohttp.ClientConnectorError():
            number = error.os_error.errno
            if isinstance(error.os_error, ForbiddenAddressError):
                return WireError(FailureKind.REFUSED, f"{server}: not connected: {error.os_error.strerror}")
            why = os.strerror(number).lower() if number else str(error.os_error)
            return WireError(FailureKind.REFUSED, f"{server}: no connection: {why}", ours=is_ours(error.os_error))
        case aiohttp.ClientConnectionError() | OSError():
            return LostAnswerError(
                FailureKind.REFUSED, f"{server}: the connection broke before the answer was complete"
            )
        case aiohttp.InvalidURL():
            return WireError(FailureKind.PROTOCOL, f"{server}: the URL is not one")
        case aiohttp.ClientResponseError():
            return WireError(FailureKind.PROTOCOL, f"{server}: what it answers is no HTTP")
        case aiohttp.ClientPayloadError():
            return LostAnswerError(FailureKind.REFUSED, f"{server}: the answer ended before it was complete")
    return WireError(FailureKind.PROTOCOL, f"{server}: the request can't be sent: {type(error).__name__}")


def origin(url: str) -> str:
    """Return scheme, host and port of a URL: what may be shown of it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:
        return "the server"
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}" if host else "the server"


def retry_after_s(answer: HttpAnswer, now: datetime) -> float | None:
    """Return the seconds that `Retry-After` asks for (RFC 9110, section 10.2.3), 0 to 3600; None without it."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), MAX_RETRY_AFTER_S)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    until = until.replace(tzinfo=UTC) if until.tzinfo is None else until
    return min(max((until - now) / timedelta(seconds=1), 0.0), MAX_RETRY_AFTER_S)
