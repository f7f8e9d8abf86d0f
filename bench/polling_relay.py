"""Counts what goes over the wire between one that asks and one agent, whoever it is that asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

from noc.wire.ber import Pdu, Tag, decode

_NOTHING = {Tag.NULL, Tag.NO_SUCH_OBJECT, Tag.NO_SUCH_INSTANCE, Tag.END_OF_MIB_VIEW}


@dataclass
class Count:
    """Requests, and values in answers."""

    requests: int = 0
    varbinds: int = 0


class _Back(asyncio.DatagramProtocol):
    def __init__(self, front: asyncio.DatagramTransport, asker: tuple[str, int], count: Count) -> None:
        self._front, self._asker, self._count = front, asker, count

    def datagram_received(self, data: bytes, _: tuple[str, int]) -> None:
        pdu = decode(data).pdu
        if isinstance(pdu, Pdu):
            self._count.varbinds += sum(varbind.tag not in _NOTHING for varbind in pdu.varbinds)
        self._front.sendto(data, self._asker)


class _Front(asyncio.DatagramProtocol):
    def __init__(self, agent: tuple[str, int], count: Count) -> None:
        self._agent, self._count = agent, count
        self._backs: dict[tuple[str, int], asyncio.Task[asyncio.DatagramTransport]] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, asker: tuple[str, int]) -> None:
        self._count.requests += 1
        if asker not in self._backs:
            self._backs[asker] = asyncio.create_task(self._back(asker))
        task = asyncio.create_task(self._forward(asker, data))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _back(self, asker: tuple[str, int]) -> asyncio.DatagramTransport:
        front = cast("asyncio.DatagramTransport", self._transport)
        back, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Back(front, asker, self._count), remote_addr=self._agent
        )
        return back

    async def _forward(self, asker: tuple[str, int], data: bytes) -> None:
        (await self._backs[asker]).sendto(data)

    def close(self) -> None:
        for task in self._backs.values():
            if task.done():
                task.result().close()


@asynccontextmanager
async def relayed(address: str, port: int) -> AsyncIterator[tuple[int, Count]]:
    """Yield a port of 127.0.0.1 that stands for an agent, and what is counted there."""
    count = Count()
    front = _Front((address, port), count)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: front, local_addr=("127.0.0.1", 0))
    try:
        yield int(transport.get_extra_info("sockname")[1]), count
    finally:
        front.close()
        transport.close()
