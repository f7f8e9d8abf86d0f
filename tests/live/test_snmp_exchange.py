"""One question and its answer on a real socket: whoever waits is woken by what came, and by nothing else."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from noc.wire.errors import WireError
from noc.wire.snmp import Agent, Community
from noc.wire.snmp.exchange import Exchange
from noc.wire.snmp.memory import AgentMemory

pytestmark = pytest.mark.live

QUESTION = b"question"
HEADERS = 28


@asynccontextmanager
async def talk(times: int) -> AsyncIterator[Exchange]:
    """Have an exchange with an agent that answers each datagram with itself, so many times."""
    loop = asyncio.get_running_loop()
    with udp() as there, udp() as mine:
        there.bind(("127.0.0.1", 0))
        mine.connect(there.getsockname())

        def answer() -> None:
            data, asker = there.recvfrom(1_000)
            for _ in range(times):
                there.sendto(data, asker)

        loop.add_reader(there, answer)
        agent = Agent("127.0.0.1", Community("public"), there.getsockname()[1], timeout_s=0.3, retries=0)
        exchange = Exchange(agent, AgentMemory())
        exchange.attach(mine.fileno())
        try:
            yield exchange
        finally:
            exchange.detach()
            loop.remove_reader(there)


def udp() -> socket.socket:
    """Return a socket that doesn't block."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    return made


async def test_each_answer_is_received_once_and_nobody_is_woken_for_nothing() -> None:
    received = 0
    async with talk(times=1) as exchange:

        def receive() -> bytes:
            nonlocal received
            received += 1
            return exchange.receive()

        for number in range(50):
            question = QUESTION + b"%d" % number
            answer = await exchange.ask(partial(exchange.send, question), receive, "question", len(question))
            assert answer == question
    assert received == 50


async def test_an_answer_that_nobody_takes_is_counted_once() -> None:
    async with talk(times=1) as exchange:
        asking = asyncio.create_task(
            exchange.ask(lambda: exchange.send(QUESTION), exchange.receive, "question", len(QUESTION))
        )
        waiting = exchange._readable

        def cancelled_as_it_comes() -> None:
            waiting()
            asking.cancel()

        exchange._readable = cancelled_as_it_comes  # type: ignore[method-assign]
        with pytest.raises(asyncio.CancelledError):
            await asking
    assert exchange.octets == 2 * (len(QUESTION) + HEADERS)


async def test_a_second_answer_wakes_nobody_and_is_counted() -> None:
    async with talk(times=2) as exchange:
        await exchange.ask(lambda: exchange.send(QUESTION), exchange.receive, "question", len(QUESTION))
        await asyncio.sleep(0.01)
        assert exchange._loop is None  # it lies in the socket until the next question
        other = QUESTION + b"s"
        with pytest.raises(WireError, match="no answer"):
            await exchange.ask(lambda: None, lambda: _only(exchange, other), "question", len(other))
    assert exchange.octets == 3 * (len(QUESTION) + HEADERS) + len(other) + HEADERS


def _only(exchange: Exchange, wanted: bytes) -> bytes:
    if (data := exchange.receive()) != wanted:
        raise BlockingIOError
    return data
