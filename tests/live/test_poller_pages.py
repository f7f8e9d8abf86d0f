"""What a poller tells whoever watches it, and what it does with those who ask otherwise."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from noc.app import pollerpages
from noc.app.pollerpages import CONNECTIONS_AT_MOST, PollerPages
from noc.model.errors import UsageError
from noc.telemetry import Telemetry

pytestmark = pytest.mark.live

WRONG = {"link": ""}


@pytest.fixture
async def pages() -> AsyncIterator[PollerPages]:
    telemetry = Telemetry()
    telemetry.gauge("poller_devices", "Devices.", lambda: 3)
    pages = PollerPages("127.0.0.1", 0, telemetry, lambda: WRONG)
    await pages.start()
    yield pages
    await pages.stop()


async def asked(pages: PollerPages, said: bytes) -> tuple[bytes, bytes]:
    """Return status line and body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", pages.port)
    writer.write(said)
    try:
        answer = await reader.read()
    except ConnectionResetError:  # it closed before it had read all
        answer = b""
    writer.close()
    with suppress(ConnectionResetError):
        await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.partition(b"\r\n")[0], body


async def test_it_is_alive_and_tells_its_figures(pages: PollerPages) -> None:
    assert await asked(pages, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n") == (b"HTTP/1.1 200 OK", b'{"alive": true}\n')
    status, body = await asked(pages, b"GET /metrics HTTP/1.0\r\n\r\n")
    assert status == b"HTTP/1.1 200 OK"
    assert b"noc_poller_devices 3.0" in body


async def test_it_says_what_is_not_well(pages: PollerPages, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await asked(pages, b"GET /readyz HTTP/1.1\r\n\r\n"))[0] == b"HTTP/1.1 200 OK"
    monkeypatch.setitem(WRONG, "link", "no connection")
    status, body = await asked(pages, b"GET /readyz?x=1 HTTP/1.1\r\n\r\n")
    assert status == b"HTTP/1.1 503 Service Unavailable"
    assert json.loads(body) == {"ready": False, "parts": [{"part": "link", "ok": False, "said": "no connection"}]}


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 404 Not Found"),
        (b"POST /metrics HTTP/1.1\r\n\r\n", b"HTTP/1.1 405 Method Not Allowed"),
        (b"nonsense\r\n\r\n", b""),
        (b"GET /metrics SPDY/3\r\n\r\n", b""),
        (b"\xff\xfe \xff \xff\r\n\r\n", b""),
        (b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n", b""),
    ],
)
async def test_who_asks_otherwise_is_refused(pages: PollerPages, said: bytes, status: bytes) -> None:
    assert (await asked(pages, said))[0] == status
    assert (await asked(pages, b"GET /healthz HTTP/1.1\r\n\r\n"))[0] == b"HTTP/1.1 200 OK"


async def test_who_says_nothing_is_cut_off_and_too_many_are_sent_away(
    pages: PollerPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pollerpages, "DEADLINE_S", 0.2)
    silent = [await asyncio.open_connection("127.0.0.1", pages.port) for _ in range(CONNECTIONS_AT_MOST)]
    assert await asked(pages, b"GET /healthz HTTP/1.1\r\n\r\n") == (b"", b"")
    assert [await reader.read() for reader, _ in silent] == [b""] * CONNECTIONS_AT_MOST
    for _, writer in silent:
        writer.close()
        await writer.wait_closed()
    assert (await asked(pages, b"GET /healthz HTTP/1.1\r\n\r\n"))[0] == b"HTTP/1.1 200 OK"


async def test_a_port_that_is_taken_is_told(pages: PollerPages) -> None:
    with pytest.raises(UsageError, match=f"127.0.0.1 port {pages.port} is in use by another program: set another"):
        await PollerPages("127.0.0.1", pages.port, Telemetry(), dict).start()
