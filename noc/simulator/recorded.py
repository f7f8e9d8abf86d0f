"""Serves a recording as an SNMP agent on a free port of loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, cast

from noc.simulator.agent import Agent
from noc.simulator.objects import View
from noc.simulator.recording import Recording

COMMUNITY: Final = "recorded"


@dataclass(frozen=True, slots=True)
class _One:
    """A scene of one device whose values stand still."""

    views: tuple[View, ...]

    def moment(self, number: int, now_ms: int) -> None:
        """Return nothing: what was recorded does not change."""


class _Endpoint(asyncio.DatagramProtocol):
    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._agent.respond(data, 0, 0)
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)


@asynccontextmanager
async def serving(recording: Recording) -> AsyncIterator[int]:
    """Serve a recording by SNMP v1 and v2c with the community COMMUNITY; give the port."""
    agent = Agent(_One((View(recording.objects),)), COMMUNITY.encode())
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Endpoint(agent), local_addr=("127.0.0.1", 0))
    try:
        yield int(transport.get_extra_info("sockname")[1])
    finally:
        transport.close()
