"""One request to a web server, measured: first byte, whole answer, certificate. Redirects are followed by hand.

Everything is bounded: time, number of redirects, size of headers and body. What a header holds that is secret goes to
the server that was written, and to no other that it redirects to.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import urljoin, urlsplit

import aiohttp

from noc.clock import Clock
from noc.model.reading import FailureKind
from noc.model.replies import TEXT_CHARACTERS, Certificate, HttpReply
from noc.wire.errors import WireError
from noc.wire.http import failure, origin
from noc.wire.patterns import found
from noc.wire.tls import certificate_of

MAX_BODY_BYTES: Final = 1024 * 1024
"""Of an answer, decompressed; a longer one is a failure."""

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_CHUNK_BYTES: Final = 64 * 1024
_HEADER_CHARACTERS: Final = 500


@dataclass(frozen=True, slots=True)
class Page:
    """What is asked for. follow: redirects at most. headers: in clear, for the server of `url` alone."""

    url: str
    method: Literal["GET", "HEAD"]
    tls: ssl.SSLContext
    follow: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    regex: str | None = None


class _Response(aiohttp.ClientResponse):
    """Remembers the certificate: the connection may be given back before anybody could ask for it."""

    der: bytes | None = None

    async def start(self, connection: aiohttp.connector.Connection) -> aiohttp.ClientResponse:
        if connection.transport is not None:
            session: ssl.SSLObject | None = connection.transport.get_extra_info("ssl_object")
            self.der = None if session is None else session.getpeercert(binary_form=True)
        return await super().start(connection)


async def fetch(page: Page, clock: Clock, timeout_s: float) -> HttpReply:
    """Return the answer, whatever its status. timeout_s: for all, redirects included.

    Raises WireError: TIMEOUT, REFUSED (no connection, or it broke), PROTOCOL (TLS, no HTTP, too long, redirects
    without end). The reason names servers, never paths or headers.
    """
    begun = clock.monotonic()
    connector = aiohttp.TCPConnector(ssl=page.tls, force_close=True, use_dns_cache=False)
    try:
        async with (
            asyncio.timeout(timeout_s),
            aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "noc", "Accept": "*/*"},
                response_class=_Response,
                timeout=aiohttp.ClientTimeout(total=None),
                trust_env=False,
            ) as session,
        ):
            return await _follow(session, page, clock, begun)
    except TimeoutError:
        raise WireError(FailureKind.TIMEOUT, f"{origin(page.url)}: no whole answer within {timeout_s:g} s") from None


async def _follow(session: aiohttp.ClientSession, page: Page, clock: Clock, begun: float) -> HttpReply:
    url, first = page.url, origin(page.url)
    for redirects in range(page.follow + 1):
        server = origin(url)
        headers = page.headers if server == first else {}
        try:
            async with session.request(page.method, url, headers=headers, allow_redirects=False) as response:
                first_byte_s = clock.monotonic() - begun
                goal = response.headers.get("Location") if response.status in _REDIRECTS else None
                if goal is None or not page.follow:
                    return await _read(response, page, clock, (begun, first_byte_s, redirects))
                url = _goal(url, goal, server)
        # `from None`: what aiohttp raises may carry the request, and with it a header that is secret.
        except TimeoutError:
            raise
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise failure(server, error) from None
    raise WireError(FailureKind.PROTOCOL, f"{first}: redirects more than {page.follow} times")


def _goal(url: str, goal: str, server: str) -> str:
    there = urljoin(url, goal[:2_000])
    if urlsplit(there).scheme not in ("http", "https"):
        raise WireError(FailureKind.PROTOCOL, f"{server}: redirects to what is no web address")
    if urlsplit(url).scheme == "https" and urlsplit(there).scheme == "http":
        raise WireError(FailureKind.PROTOCOL, f"{server}: redirects from https to http")
    return there


async def _read(
    response: aiohttp.ClientResponse, page: Page, clock: Clock, before: tuple[float, float, int]
) -> HttpReply:
    begun, first_byte_s, redirects = before
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            message = f"{origin(page.url)}: the answer is longer than {MAX_BODY_BYTES} bytes"
            raise WireError(FailureKind.PROTOCOL, message)
    text = bytes(body[:TEXT_CHARACTERS]).decode("utf-8", "replace")
    return HttpReply(
        url=str(response.url.with_query(None).with_fragment(None)),
        status=response.status,
        headers={name.lower(): value[:_HEADER_CHARACTERS] for name, value in response.headers.items()},
        text=text,
        length=len(body),
        first_byte_s=first_byte_s,
        total_s=clock.monotonic() - begun,
        redirects=redirects,
        text_found=None if page.text is None else page.text in text,
        regex_found=None if page.regex is None else found(page.regex, text),
        certificate=_certificate(response),
    )


def _certificate(response: aiohttp.ClientResponse) -> Certificate | None:
    der = response.der if isinstance(response, _Response) else None
    try:
        return None if der is None else certificate_of(der)
    except ValueError:  # it was good enough for TLS without verification; of its dates nothing is known
        return None
