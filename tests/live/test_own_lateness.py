"""A busy event loop is no evidence: what answers at once isn't down because noc comes late to hear it."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta

import pytest

from noc.inventory.endpoints import HttpProbe, Probe, SmtpProbe, TcpProbe
from noc.model.errors import NoEvidenceError
from noc.model.reading import FailureKind
from tests.live.endpoint_servers import ask

pytestmark = pytest.mark.live

TURN_S = 0.25
TIMEOUT_S = 0.5
PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK"


class Prompt:
    """A server in a thread of its own, which answers at once, or never."""

    def __init__(self, first: bytes, then: bytes | None) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._first, self._then = first, then
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                one, _ = self._socket.accept()
            except OSError:
                return
            with one, suppress(OSError):
                one.sendall(self._first)
                while one.recv(4096) and self._then is None:
                    pass
                one.sendall(self._then or b"")

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@pytest.fixture
async def busy() -> AsyncIterator[asyncio.Task[None]]:
    """Keep the loop busy: each of its turns takes a quarter of a second."""

    async def work() -> None:
        while True:
            time.sleep(TURN_S)  # noqa: ASYNC251 what this is about
            await asyncio.sleep(0)

    task = asyncio.create_task(work())
    yield task
    task.cancel()


def http(port: int) -> Probe:
    return HttpProbe(url=f"http://127.0.0.1:{port}/")


async def test_a_busy_loop_says_nothing_of_a_web_server(busy: asyncio.Task[None]) -> None:
    server = Prompt(b"", PAGE)
    with pytest.raises(NoEvidenceError, match="noc itself was too busy"):
        await ask(http(server.port), timeout_s=TIMEOUT_S)
    await asyncio.to_thread(server.close)


async def test_a_busy_loop_says_nothing_of_a_mail_server(busy: asyncio.Task[None]) -> None:
    server = Prompt(b"220 mail ESMTP\r\n", b"250 mail\r\n")
    with pytest.raises(NoEvidenceError):
        await ask(SmtpProbe(host="127.0.0.1", port=server.port), timeout_s=TIMEOUT_S)
    await asyncio.to_thread(server.close)


async def test_an_answer_that_a_busy_loop_found_slow_says_nothing(busy: asyncio.Task[None]) -> None:
    server = Prompt(b"", PAGE)
    probe = HttpProbe(url=f"http://127.0.0.1:{server.port}/", within=timedelta(seconds=TURN_S))
    with pytest.raises(NoEvidenceError):
        await ask(probe, timeout_s=10.0)
    reading, wrong = await ask(http(server.port), timeout_s=10.0)
    assert (reading.failure, wrong) == (None, ())
    await asyncio.to_thread(server.close)


async def test_a_refusal_is_evidence_however_busy_the_loop_is(busy: asyncio.Task[None]) -> None:
    server = Prompt(b"", None)
    await asyncio.to_thread(server.close)
    reading, wrong = await ask(TcpProbe(host="127.0.0.1", port=server.port), timeout_s=2.0)
    assert reading.failure is not None
    assert reading.failure.kind is FailureKind.REFUSED
    assert wrong


async def test_silence_is_evidence_where_the_loop_was_in_time() -> None:
    server = Prompt(b"", None)
    reading, _ = await ask(http(server.port), timeout_s=TIMEOUT_S)
    assert reading.failure is not None
    assert reading.failure.kind is FailureKind.TIMEOUT
    await asyncio.to_thread(server.close)
