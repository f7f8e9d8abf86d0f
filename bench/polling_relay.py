"""Counts what goes over the wire between one that asks and one agent, whoever it is that asks.

The line may be a bad one: a round trip that takes its time, datagrams that get lost on either way, and no room for more
than some bits a second; several agents may be behind the same one.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

from noc.wire.ber import BerError, Pdu, Tag, decode

_NOTHING = {Tag.NULL, Tag.NO_SUCH_OBJECT, Tag.NO_SUCH_INSTANCE, Tag.END_OF_MIB_VIEW}


@dataclass
class Count:
    """Requests, values in answers, and octets both ways with the headers of UDP and IP, lost ones too. repeated:
    requests for what the one before asked, which had no answer in time.
    """

    requests: int = 0
    varbinds: int = 0
    octets: int = 0
    lost: int = 0
    repeated: int = 0


@dataclass(frozen=True)
class Line:
    """What a line does to datagrams.

    round_trip_s: half of it each way. loss: share of packets that is lost, on each way; a datagram of several fragments
    is lost with any of them. bits_s: what each way carries in a second, 0 without bound; queue_s: what doesn't fit into
    so many seconds of that is lost.
    """

    round_trip_s: float = 0.0
    loss: float = 0.0
    seed: int = 1
    bits_s: int = 0
    queue_s: float = 2.0


class Wire:
    """A line with what is on it; may be shared by what stands for several agents."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._chance = random.Random(line.seed)  # noqa: S311 - the same losses each time
        self._free_s = {False: 0.0, True: 0.0}  # when each way has carried all that was given to it
        self.carried = 0

    def later(self, size: int, *, back: bool, count: Count, do: Callable[[], None]) -> None:
        """Do something when a datagram of so many octets has come through, unless it is lost on its way."""
        line, loop = self._line, asyncio.get_running_loop()
        packets = -(-(size - IP_OCTETS) // (MTU_OCTETS - IP_OCTETS))
        octets = size + IP_OCTETS * (packets - 1)
        now_s = loop.time()
        begins_s = max(now_s, self._free_s[back])
        if line.bits_s and begins_s - now_s > line.queue_s:
            count.lost += 1
            return
        self.carried += octets
        self._free_s[back] = begins_s + (octets * 8 / line.bits_s if line.bits_s else 0.0)
        if self._chance.random() > (1 - line.loss) ** packets:
            count.lost += 1
            return
        wait_s = self._free_s[back] - now_s + line.round_trip_s / 2
        if wait_s > 0:
            loop.call_later(wait_s, do)
        else:
            do()


IP_OCTETS = 20
MTU_OCTETS = 1_500
HEADERS = 28
GOOD = Line()
SATELLITE = Line(0.6, 0.05)


class _Back(asyncio.DatagramProtocol):
    def __init__(self, front: _Front, asker: tuple[str, int], count: Count) -> None:
        self._front, self._asker, self._count = front, asker, count

    def datagram_received(self, data: bytes, _: tuple[str, int]) -> None:
        self._count.octets += len(data) + HEADERS
        self._count.varbinds += _values(data)
        answer = self._front.answer
        self._front.later(len(data), lambda: answer(data, self._asker), back=True)


def _values(data: bytes) -> int:
    """Return how many values an answer has; none that can be seen where it is one of SNMPv3."""
    try:
        pdu = decode(data).pdu
    except BerError:
        return 0
    return sum(varbind.tag not in _NOTHING for varbind in pdu.varbinds) if isinstance(pdu, Pdu) else 0


def _names(data: bytes) -> tuple[object, ...]:
    """Return what a request asks for; its octets where it is one of SNMPv3."""
    try:
        pdu = decode(data).pdu
    except BerError:
        return (data,)
    return tuple(varbind.oid for varbind in pdu.varbinds)


class _Front(asyncio.DatagramProtocol):
    def __init__(self, agent: tuple[str, int], count: Count, wire: Wire) -> None:
        self._agent, self._count, self._wire = agent, count, wire
        self._closed = False
        self._last: tuple[object, ...] = ()
        self._backs: dict[tuple[str, int], asyncio.Task[asyncio.DatagramTransport]] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, asker: tuple[str, int]) -> None:
        self._count.requests += 1
        asked = (asker, _names(data))
        self._count.repeated += asked == self._last
        self._last = asked
        self._count.octets += len(data) + HEADERS
        self.later(len(data), lambda: self._pass_on(data, asker), back=False)

    def later(self, size: int, do: Callable[[], None], *, back: bool) -> None:
        """Do something when a datagram has come through the line, unless it is lost on its way."""
        self._wire.later(size + HEADERS, back=back, count=self._count, do=do)

    def answer(self, data: bytes, asker: tuple[str, int]) -> None:
        """Send an answer to the one who asked."""
        if self._transport is not None and not self._closed:
            self._transport.sendto(data, asker)

    def _pass_on(self, data: bytes, asker: tuple[str, int]) -> None:
        if self._closed:
            return
        if asker not in self._backs:
            self._backs[asker] = asyncio.create_task(self._back(asker))
        task = asyncio.create_task(self._forward(asker, data))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _back(self, asker: tuple[str, int]) -> asyncio.DatagramTransport:
        back, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Back(self, asker, self._count), remote_addr=self._agent
        )
        return back

    async def _forward(self, asker: tuple[str, int], data: bytes) -> None:
        (await self._backs[asker]).sendto(data)

    def close(self) -> None:
        self._closed = True
        for task in self._backs.values():
            if task.done():
                task.result().close()


@asynccontextmanager
async def relayed(address: str, port: int, line: Line | Wire = GOOD) -> AsyncIterator[tuple[int, Count]]:
    """Yield a port of 127.0.0.1 that stands for an agent, and what is counted there."""
    count = Count()
    front = _Front((address, port), count, line if isinstance(line, Wire) else Wire(line))
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: front, local_addr=("127.0.0.1", 0))
    try:
        yield int(transport.get_extra_info("sockname")[1]), count
    finally:
        front.close()
        transport.close()
