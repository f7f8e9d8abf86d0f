"""The pinger: a process that does nothing but send ICMP echo requests (`python -m noc.wire.pinger`).

Standard input: a line `[number, address, count, gap_s, timeout_s]` for each burst. Standard output: a line
`[number, [round-trip seconds or null, …], null]`, or `[number, null, reason]`. It ends when its input ends.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import signal
import sys

from gufo.ping import Ping
from gufo.ping.socket import SelectionPolicy

RECEIVE_BUFFER_BYTES = 32 * 1024 * 1024
"""With the system's default buffer, answers of a burst to many devices get lost and look like lost packets."""

TIMEOUTS_AT_MOST = 32
"""Sockets: gufo-ping has one timeout a socket."""

NOT_ALLOWED = (
    "sending ICMP is not allowed: give noc CAP_NET_RAW (the systemd unit does), or let net.ipv4.ping_group_range "
    "include its group"
)


class Pings:
    """One socket for each timeout in use."""

    def __init__(self) -> None:
        self._pings: dict[float, Ping] = {}

    def of(self, timeout_s: float) -> Ping:
        """Return the pinger with this timeout, in tenths of a second."""
        rounded = max(round(timeout_s, 1), 0.1)
        if rounded not in self._pings:
            if len(self._pings) >= TIMEOUTS_AT_MOST:
                return min(self._pings.items(), key=lambda item: abs(item[0] - rounded))[1]
            self._pings[rounded] = Ping(
                policy=SelectionPolicy.RAW_DGRAM, timeout=rounded, recv_buffer_size=RECEIVE_BUFFER_BYTES
            )
        return self._pings[rounded]


async def answer(line: bytes, pings: Pings) -> bytes:
    """Send one burst and return the line that answers it."""
    number, address, count, gap_s, timeout_s = json.loads(line)
    try:
        target = str(ipaddress.ip_address(address))
        ping = pings.of(timeout_s)
        sent = [asyncio.create_task(_after(index * gap_s, ping, target)) for index in range(count)]
        rtts: list[float | None] = list(await asyncio.gather(*sent))
    except PermissionError:
        return _line(number, None, NOT_ALLOWED)
    except (OSError, ValueError) as error:
        return _line(number, None, f"{address}: {error}")
    return _line(number, rtts, None)


async def _after(wait_s: float, ping: Ping, address: str) -> float | None:
    if wait_s:
        await asyncio.sleep(wait_s)
    return await ping.ping(address)


def _line(number: int, rtts: list[float | None] | None, reason: str | None) -> bytes:
    return json.dumps([number, rtts, reason]).encode() + b"\n"


async def serve() -> None:
    """Answer bursts until standard input ends."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1024 * 1024)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    pings, running = Pings(), set[asyncio.Task[None]]()

    async def handle(line: bytes) -> None:
        sys.stdout.buffer.write(await answer(line, pings))
        sys.stdout.buffer.flush()

    async for line in reader:
        task = asyncio.create_task(handle(line))
        running.add(task)
        task.add_done_callback(running.discard)
    for task in running:
        task.cancel()


if __name__ == "__main__":
    # Ctrl-C goes to all processes of a terminal; this one ends when its parent closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(serve())
