"""A connection that stays, to a real broker: what it hears, its last will, and how it ends."""

from __future__ import annotations

import asyncio
import random
import socket
from pathlib import Path

import pytest

from noc.wire.errors import WireError
from noc.wire.mqtt import Broker, Heard, Publication, _Client, linked
from tests.live.mosquitto import broker

pytestmark = pytest.mark.live

WILL = Publication("noc/v1/poller/a/presence", b"gone", retain=True)


def at(port: int, name: str) -> Broker:
    return Broker("127.0.0.1", port, name)


async def test_it_hears_its_filters_and_what_was_kept_of_before(tmp_path: Path) -> None:
    async with broker(tmp_path) as port, asyncio.timeout(20), linked(at(port, "a"), (), WILL) as a:
        await a.publish(Publication("noc/v1/poller/a/presence", b"here", retain=True))
        async with linked(at(port, "c"), ("noc/v1/poller/+/presence", "noc/v1/poller/+/samples")) as centre:
            heard = centre.heard()
            assert await anext(heard) == Heard("noc/v1/poller/a/presence", b"here", True)
            await a.publish(Publication("noc/v1/poller/a/samples", bytes(200_000)))
            assert await anext(heard) == Heard("noc/v1/poller/a/samples", bytes(200_000), False)
            await a.publish(Publication("noc/v1/poller/a/plan", b"not for it"))
            await a.publish(Publication("noc/v1/poller/a/samples", b""))
            assert (await anext(heard)).body == b""


async def test_the_broker_says_the_last_will_of_one_that_is_cut_off_and_not_of_one_that_leaves(tmp_path: Path) -> None:
    async with broker(tmp_path) as port, asyncio.timeout(20), linked(at(port, "c"), ("noc/v1/#",)) as centre:
        heard = centre.heard()
        async with linked(at(port, "a"), (), WILL) as a:
            await a.publish(Publication("noc/v1/x", b"1"))
        async with linked(at(port, "a"), (), WILL) as a:
            await a.publish(Publication("noc/v1/x", b"2"))
            async with linked(at(port, "a"), ()):  # the same name: the broker throws the first one out
                with pytest.raises(WireError, match=f"mqtt://127.0.0.1:{port}: the connection was lost"):
                    await anext(a.heard())
                with pytest.raises(WireError, match="a message was not taken"):
                    await a.publish(Publication("noc/v1/x", b"3"))
        assert [(await anext(heard)).body for _ in range(3)] == [b"1", b"2", b"gone"]


async def test_a_broker_that_is_away_refuses_or_ends_is_told(tmp_path: Path) -> None:
    async with broker(tmp_path, locked=True) as port, asyncio.timeout(20):
        with pytest.raises(WireError, match="no connection") as caught:
            async with linked(Broker("127.0.0.1", port, "a", "noc", "hunter2"), ()):
                pass
        assert "hunter2" not in str(caught.value)
    with pytest.raises(WireError, match=f"mqtt://127.0.0.1:{port}: no connection"):
        async with linked(at(port, "a"), ()):
            pass
    async with asyncio.timeout(20), broker(tmp_path) as port:
        link = linked(at(port, "a"), ("x",))
        left = await link.__aenter__()
    with pytest.raises(WireError, match="the connection was lost"):
        await anext(left.heard())
    await link.__aexit__(None, None, None)


async def test_what_goes_wrong_inside_is_not_taken_for_the_brokers(tmp_path: Path) -> None:
    async with broker(tmp_path) as port, asyncio.timeout(20):
        with pytest.raises(ValueError, match="mine"):
            async with linked(at(port, "a"), ()):
                raise ValueError("mine")
        task = asyncio.create_task(anext_of(port))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_who_is_cancelled_leaves_at_once_and_has_no_last_will(tmp_path: Path) -> None:
    async with broker(tmp_path) as port, asyncio.timeout(20), linked(at(port, "c"), ("noc/v1/#",)) as centre:
        there = asyncio.Event()
        task = asyncio.create_task(stay(port, there))
        await there.wait()
        async with asyncio.timeout(5):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        async with linked(at(port, "a"), ()) as again:
            await again.publish(Publication("noc/v1/x", b"1"))
        assert (await anext(centre.heard())).body == b"1"


async def test_a_socket_that_was_closed_meanwhile_is_not_waited_for() -> None:
    client = _Client("127.0.0.1", 1)
    left, right = socket.socketpair()
    with right:
        client._on_socket_register_write(client._client, None, left)  # what paho does when there is more to write
        number = left.fileno()
        left.close()
        other, end = socket.socketpair()  # it gets the number
        with other, end:
            assert number in (other.fileno(), end.fileno())
            await asyncio.sleep(0)
            assert not asyncio.get_running_loop().remove_writer(number)


async def stay(port: int, there: asyncio.Event) -> None:
    async with linked(at(port, "a"), ("x",), WILL) as link:
        there.set()
        await anext(link.heard())


async def anext_of(port: int) -> None:
    async with linked(at(port, "b"), ("x",)) as link:
        await anext(link.heard())


async def test_who_is_cancelled_while_the_broker_answers_ends(tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311 the same chances each time, no secret
    async with broker(tmp_path) as port, asyncio.timeout(60), linked(at(port, "a"), ()) as link:

        async def speak() -> None:
            while True:
                await link.publish(Publication("noc/v1/x", b"x"))

        for _ in range(100):
            speaking = asyncio.create_task(speak())
            await asyncio.sleep(chance.uniform(0.0, 0.004))
            speaking.cancel()
            done, _ = await asyncio.wait([speaking], timeout=5)
            assert done, "it was cancelled, and speaks on"
