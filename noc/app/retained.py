"""Retained messages on a broker, kept as they should be: what is published follows what is so.

At each connection all that the broker kept is looked at first: what is no longer true is replaced, what is no more is
cleared. So it is right after a time without noc, or with another broker, too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from noc.bus.topics import ROOT
from noc.clock import Clock
from noc.model.errors import UsageError
from noc.state.database import StateError
from noc.wire.errors import WireError
from noc.wire.mqtt import Broker, Link, Publication, linked, publish_all

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 5.0
A_SECOND: Final = 200
"""Publications, so that a start doesn't fill a thin line."""

_AT_ONCE: Final = 50
_KEPT_WITHIN_S: Final = 60.0
_LAST_WORD_S: Final = 2.0
_FIRST_PAUSE_S: Final = 1.0
_PAUSE_AT_MOST_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Shown:
    """What is published. what: in a word, for the log. marker: a topic of its own, by which it knows that it has read
    all that is kept. filters: of what is kept.
    """

    what: str
    marker: str
    filters: Sequence[str]


class Retained:
    """A service. round: is called every few seconds while there is a connection, and sends what there is to be.

    own: makes what is said at each connection; will: what the broker says when it is lost, and when noc ends.
    published: how many messages so far. failing: why there is no connection, one sentence.
    """

    def __init__(
        self,
        broker: Broker,
        clock: Clock,
        shown: Shown,
        round_: Callable[[Retained], Awaitable[None]],
        own: Callable[[], Publication] | None = None,
        will: Publication | None = None,
    ) -> None:
        self._broker = broker
        self._clock = clock
        self._shown = shown
        self._round = round_
        self._own = own
        self._will = will
        self._task: asyncio.Task[None] | None = None
        self._link: Link | None = None
        self._kept: dict[str, bytes] = {}
        self.published = 0
        self.failing: str | None = None

    async def start(self) -> None:
        """Begin; a broker that is away keeps nobody from starting."""
        self._task = asyncio.create_task(self._run(), name=f"{self._shown.what}-out")

    async def stop(self) -> None:
        """Say that it is kept up to date no longer, and hang up."""
        if self._task is None:
            return
        was_up = self._link is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        if was_up and self._will is not None:  # who leaves orderly has no last will
            with suppress(WireError, TimeoutError):
                async with asyncio.timeout(_LAST_WORD_S):
                    await publish_all(self._broker, [self._will], _LAST_WORD_S)

    @property
    def kept(self) -> Collection[str]:
        """Return the topics of which the broker keeps something."""
        return self._kept.keys()

    async def send(self, bodies: Mapping[str, bytes], says: Mapping[str, bytes] | None = None) -> None:
        """Publish what the broker doesn't keep already; an empty body clears. Raises WireError.

        says: what makes a body another one, where that is less than all of it.
        """
        if self._link is None:
            return
        marks = {topic: digest(body) for topic, body in (bodies if says is None else says).items()}
        fresh = [(topic, body) for topic, body in bodies.items() if self._kept.get(topic) != marks[topic]]
        for start in range(0, len(fresh), _AT_ONCE):
            some = fresh[start : start + _AT_ONCE]
            link = self._link
            await asyncio.gather(*(link.publish(Publication(topic, body, retain=True)) for topic, body in some))
            for topic, body in some:
                if body:
                    self._kept[topic] = marks[topic]
                else:
                    self._kept.pop(topic, None)
            self.published += len(some)
            if len(some) == _AT_ONCE:
                await self._clock.sleep(_AT_ONCE / A_SECOND)

    async def clear(self, topics: Collection[str]) -> None:
        """Clear what the broker keeps beside these topics. Raises WireError."""
        await self.send(dict.fromkeys(self._kept.keys() - set(topics), b""))

    async def _run(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while True:
            before = self.published
            try:
                self._kept = await self._read_kept()
                await self._stay()
            except* (WireError, UsageError, TimeoutError) as errors:
                self._lost(_first(errors))
            finally:
                self._link = None
            pause_s = _FIRST_PAUSE_S if self.published > before else min(2 * pause_s, _PAUSE_AT_MOST_S)
            await self._clock.sleep(pause_s)

    async def _read_kept(self) -> dict[str, bytes]:
        """Return digests of what the broker keeps, by topic. Raises WireError, TimeoutError."""
        found: dict[str, bytes] = {}
        marker = f"{ROOT}/{self._shown.marker}"
        for one in self._shown.filters:
            # Of one filter after the other: a broker queues so many messages for one who reads, and no more.
            async with asyncio.timeout(_KEPT_WITHIN_S), linked(self._broker, [one, marker]) as link:
                await link.publish(Publication(marker, b""))  # comes after all that is kept
                async for heard in link.heard():
                    if heard.topic == marker:
                        break
                    found[heard.topic] = digest(heard.body)
        return found

    async def _stay(self) -> None:
        """Publish until the connection is lost. Raises groups of WireError."""
        async with linked(self._broker, (), self._will) as link:
            if self.failing is not None:
                log.info("%s are published again", self._shown.what)
            self.failing, self._link = None, link
            if self._own is not None:
                own = self._own()
                await link.publish(own)
                self._kept[own.topic] = digest(own.body)
                self.published += 1
            async with asyncio.TaskGroup() as both:
                both.create_task(_listen(link), name=f"{self._shown.what}-link")
                both.create_task(self._publish(), name=f"{self._shown.what}-changes")

    async def _publish(self) -> None:
        while True:
            try:
                await self._round(self)
            except StateError as error:
                log.warning("%s are not published for now: %s", self._shown.what, error)
            await self._clock.sleep(LOOK_EVERY_S)

    def _lost(self, why: str) -> None:
        if self.failing is None:
            log.warning("%s are not published: %s", self._shown.what, why)
        self.failing = why


async def _listen(link: Link) -> None:
    """Wait until the connection is lost. Raises WireError."""
    async for _ in link.heard():
        pass


def digest(body: bytes) -> bytes:
    """Return what tells one body from another."""
    return blake2b(body, digest_size=8).digest()


def _first(errors: BaseExceptionGroup[Exception]) -> str:
    one: BaseException = errors
    while isinstance(one, BaseExceptionGroup):
        one = one.exceptions[0]
    return str(one) or "the broker doesn't answer in time"
