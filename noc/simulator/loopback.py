"""One UDP socket for all devices: what is asked of 127.x.y.z is answered from there. Needs no root; Linux.

A socket for each of 20,303 addresses would need as many file descriptors. This one is bound to all addresses with
IP_PKTINFO, which tells the address that a datagram came to and sets the one that the answer leaves from. It is bound
to the device `lo` (SO_BINDTODEVICE, which since Linux 5.7 anybody may), so that nothing from outside reaches it; on
older kernels, and beside that, what wasn't sent to 127.0.0.0/8 from 127.0.0.0/8 is dropped unread.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from noc.clock import Clock
from noc.model.errors import ReachError
from noc.model.instants import to_ms
from noc.simulator.agent import Agent
from noc.simulator.scene import Scene

SATELLITE_DELAY_S: Final = (0.55, 0.65)
"""To a satellite and back takes light half a second; the terminals take the rest."""

SATELLITE_LOSS: Final = 0.01
"""Of the requests over satellite, so many get lost."""

RECEIVE_BUFFER_BYTES: Final = 32 * 1024 * 1024
WAITING_AT_MOST: Final = 20_000
"""Answers that are on their way down from the satellite; more get lost."""

_AT_ONCE: Final = 64
_LARGEST: Final = 65_535
_IP_PKTINFO: Final = 8  # linux/in.h; Python's socket module names it only from 3.14 on
_PKTINFO: Final = struct.Struct("=I4s4s")
_ANCILLARY: Final = socket.CMSG_SPACE(_PKTINFO.size)
_LOOPBACK: Final = 127

Source = tuple[str, int]


@dataclass(slots=True)
class WireTally:
    """Datagrams: received = foreign + unknown + silent + lost + refused + answered + waiting ones that were shed."""

    received: int = 0
    foreign: int = 0
    unknown: int = 0
    silent: int = 0
    lost: int = 0
    refused: int = 0
    answered: int = 0
    shed: int = 0


class Wire:
    """Listens for all devices of a scene. delay_s, loss: of the way over satellite."""

    def __init__(
        self,
        scene: Scene,
        agent: Agent,
        clock: Clock,
        rng: random.Random,
        delay_s: tuple[float, float] = SATELLITE_DELAY_S,
        loss: float = SATELLITE_LOSS,
    ) -> None:
        self._delay_s = delay_s
        self._loss = loss
        self._scene = scene
        self._agent = agent
        self._clock = clock
        self._rng = rng
        self._numbers = {device.address.packed: device.number for device in scene.world.devices}
        self._far = scene.world.over_satellite
        self._socket: socket.socket | None = None
        self._waiting = 0
        self.tally = WireTally()

    def open(self, port: int = 0) -> int:
        """Listen, and return the port; 0 takes a free one. Raises ReachError when the port is taken."""
        listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        try:
            listening.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            with suppress(PermissionError):
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
            listening.bind(("", port))
        except OSError as error:
            listening.close()
            reason = (error.strerror or str(error)).lower()
            raise ReachError(f"the simulator can't listen on UDP port {port}: {reason}; name another port") from error
        self._socket = listening
        asyncio.get_running_loop().add_reader(listening.fileno(), self._read)
        return int(listening.getsockname()[1])

    def close(self) -> None:
        """Listen no more; answers under way are not sent."""
        listening, self._socket = self._socket, None
        if listening is not None:
            asyncio.get_running_loop().remove_reader(listening.fileno())
            listening.close()

    def _read(self) -> None:
        now_ms = to_ms(self._clock.now())
        for _ in range(_AT_ONCE):
            if self._socket is None:
                return
            try:
                data, ancillary, _, source = self._socket.recvmsg(_LARGEST, _ANCILLARY)
            except BlockingIOError:
                return
            except OSError:
                continue  # an ICMP error for an answer that nobody waited for
            self.tally.received += 1
            asked = next((value for level, kind, value in ancillary if (level, kind) == (0, _IP_PKTINFO)), b"")
            if len(asked) == _PKTINFO.size:
                self._take(data, _PKTINFO.unpack(asked)[2], source, now_ms)
            else:
                self.tally.foreign += 1

    def _take(self, data: bytes, asked: bytes, source: Source, now_ms: int) -> None:
        if asked[0] != _LOOPBACK or not source[0].startswith("127."):
            self.tally.foreign += 1
            return
        number = self._numbers.get(asked)
        if number is None:
            self.tally.unknown += 1
            return
        if self._scene.silent[number]:
            self.tally.silent += 1
            return
        if number in self._far and self._rng.random() < self._loss:
            self.tally.lost += 1
            return
        answer = self._agent.respond(data, number, now_ms)
        if answer is None:
            self.tally.refused += 1
        elif number not in self._far:
            self._send(answer, asked, source)
        elif self._waiting >= WAITING_AT_MOST:
            self.tally.shed += 1
        else:
            self._waiting += 1
            self._later(lambda: self._send(answer, asked, source))

    def _later(self, call: Callable[[], None]) -> None:
        def arrive() -> None:
            self._waiting -= 1
            call()

        self._clock.call_later(self._rng.uniform(*self._delay_s), arrive)

    def _send(self, answer: bytes, asked: bytes, source: Source) -> None:
        if self._socket is None:
            self.tally.shed += 1
            return
        info = _PKTINFO.pack(0, asked, asked)
        try:
            self._socket.sendmsg([answer], [(socket.IPPROTO_IP, _IP_PKTINFO, info)], 0, source)
            self.tally.answered += 1
        except OSError:
            self.tally.shed += 1  # the buffer is full, or nobody waits there any more
