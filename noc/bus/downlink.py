"""The centre's end of the broker: stays connected, hears all pollers, says what is to be said to each.

It reads on only when what it read was taken: whoever is slow behind it holds up the link, the broker, and at last the
pollers, which keep what they have on disk.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from noc.bus import topics
from noc.bus.topics import OF_POLLERS, Word
from noc.clock import Clock
from noc.wire.errors import WireError
from noc.wire.mqtt import Broker, Heard, Link, Publication, linked

log = logging.getLogger(__name__)

FIRST_PAUSE_S: Final = 0.5
PAUSE_AT_MOST_S: Final = 15.0
SAID_AT_MOST: Final = 4_096
"""Messages that wait for the link; the oldest are dropped: all of them are said again when nobody answers them."""

AT_ONCE: Final = 64
"""Messages that are under way to the broker at once."""

Take = Callable[[str, Word, Heard], Awaitable[None]]
"""Is given a poller, which of its topics, and the message. Raises nothing."""


class Downlink:
    """A service. take: is given each message of pollers, one after the other. linked: is told that the link is there.

    failing: why there is no link, one sentence; None while there is one, and before the first try.
    """

    def __init__(self, broker: Broker, clock: Clock, take: Take, linked: Callable[[], None]) -> None:
        self._broker = broker
        self._clock = clock
        self._take = take
        self._linked = linked
        self._waiting: deque[Publication] = deque(maxlen=SAID_AT_MOST)
        self._said = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.failing: str | None = None
        self.is_up = False
        self.links = 0
        self.messages = 0
        self.octets_in = 0
        self.octets_out = 0

    async def start(self) -> None:
        """Begin to connect; a broker that is away keeps nobody from starting."""
        self._task = asyncio.create_task(self._run(), name="downlink")

    async def stop(self) -> None:
        """Hang up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self.is_up = False

    def say(self, poller: str, word: Word, body: bytes) -> None:
        """Say something to a poller, as soon as there is a link; returns at once.

        Whoever misses an acknowledgement sends again what it is of: none of them costs an answer of its own.
        """
        self._waiting.append(Publication(topics.of_poller(poller, word), body, assured=word != "acks"))
        self._said.set()

    async def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                async with linked(self._broker, [topics.of_all(word) for word in OF_POLLERS]) as link:
                    pause_s = FIRST_PAUSE_S
                    await self._stay(link)
            except WireError as error:
                self._lost(str(error))
            await self._clock.sleep(pause_s)
            pause_s = min(2 * pause_s, PAUSE_AT_MOST_S)

    async def _stay(self, link: Link) -> None:
        if self.failing is not None or not self.links:
            log.info("connected to the pollers' broker, %s:%d", self._broker.host, self._broker.port)
        self.failing, self.is_up = None, True
        self.links += 1
        self._linked()
        writing = asyncio.create_task(self._write(link), name="downlink-out")
        try:
            await self._read(link.heard())
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)

    async def _read(self, heard: AsyncIterator[Heard]) -> None:
        async for message in heard:
            self.messages += 1
            self.octets_in += len(message.body) + len(message.topic)
            known = topics.read(message.topic)
            if known is not None:
                await self._take(*known, message)
                await asyncio.sleep(0)  # messages may be there for a long time, and others want their turn

    async def _write(self, link: Link) -> None:
        while True:
            await self._said.wait()
            some = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
            if not some:
                self._said.clear()
                continue
            done = await asyncio.gather(*(link.publish(one) for one in some), return_exceptions=True)
            self.octets_out += sum(len(one.body) + len(one.topic) for one in some)
            if any(isinstance(one, WireError) for one in done):
                return  # the reader hears that the link is lost; what was said is said again

    def _lost(self, why: str) -> None:
        self.is_up = False
        if self.failing is None:
            log.warning("pollers can't be heard: %s", why)
        self.failing = why
