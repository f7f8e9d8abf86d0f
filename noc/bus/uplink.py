"""The poller's end of the broker: stays connected, says that it is there, hears what the centre says.

Frames go while there is a link and the centre answers: the broker alone would only throw them away. A poller that is in
quarantine says that it is there, and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from noc.bus import messages, topics
from noc.bus.messages import Acknowledged, Order, Presence
from noc.bus.offsets import Exchange, Offset, Offsets
from noc.bus.pacing import Pace
from noc.bus.packing import PackingError
from noc.bus.rhythm import Rhythm
from noc.bus.sending import Sending
from noc.bus.topics import Word
from noc.clock import Clock
from noc.model.errors import NocError
from noc.model.instants import to_us
from noc.model.reading import FailureKind
from noc.wire.errors import WireError
from noc.wire.mqtt import Broker, Heard, Link, Publication, linked

log = logging.getLogger(__name__)

BACKLOG_FRAMES: Final = 64
"""While so many wait on disk, it is said often how many they are."""

STEP_US: Final = 500_000
"""By so much wall time moves where a clock is set, and not by a clock that runs badly."""

FIRST_PAUSE_S: Final = 0.5
PAUSE_AT_MOST_S: Final = 6.0
"""Half as long or half as long again, by chance. A try in vain sends four SYN in eight seconds (noc.wire.mqtt), and ten
seconds go by at most until the next: a line that is back is in use within half a minute, handshakes over 64 kbit/s and
600 ms included. Tries in vain take some 20 octets a second."""

STEADY_AFTER_S: Final = 60.0
"""A link that held for so long was a good one: the next pause is short again. Two processes with one identity throw
each other out after moments."""

PUBLISH_TIMEOUT_S: Final = 60.0
KEEPALIVE_S: Final = 60
"""The broker takes a poller for gone after one and a half times as long without a word."""

GOODBYE_TIMEOUT_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the uplink asks and tells. presence: what is to be said now, without times of the link.

    heard: is told of presences, plan: given a sealed plan, order: an order; linked: whether there is a link. incidents:
    given the centre's open incidents. answered: is told of each acknowledgement. ready: whether frames may go, once the
    centre answers.
    """

    presence: Callable[[], Presence]
    heard: Callable[[Presence, bool], None]
    plan: Callable[[bytes], None]
    order: Callable[[Order], None]
    linked: Callable[[bool], None]
    incidents: Callable[[bytes], None] = lambda _: None
    answered: Callable[[Acknowledged], None] = lambda _: None
    ready: Callable[[], bool] = lambda: True


class Uplink:
    """A service. broker: as it is reached. boot: of this start, in hexadecimal. quarantine: why nothing may be sent.

    failing: why there is no link, one sentence; None while there is one.
    """

    def __init__(
        self, broker: Broker, poller: str, boot: str, sending: Sending, pace: Pace, clock: Clock, hooks: Hooks
    ) -> None:
        self.failing: str | None = "it is not connected yet"
        self.links = 0
        self.octets_in = 0
        self.octets_out = 0
        self.offset: Offset | None = None
        self.quarantine = ""
        self.answered_s: float | None = None
        self._broker = broker
        self._poller = poller
        self._boot = boot
        self._sending = sending
        self._pace = pace
        self._clock = clock
        self._hooks = hooks
        self._link: Link | None = None
        self._leaves = False
        self._offsets = Offsets()
        self._asked: deque[int] = deque(maxlen=16)
        self._apart_us = 0
        self._rhythm = Rhythm()
        self._speak = asyncio.Event()
        self._speaks = False
        self._weighed = 0
        self._members: frozenset[str] | None = None
        self._anew: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_up(self) -> bool:
        """Return whether there is a link."""
        return self._link is not None

    async def start(self) -> None:
        """Begin to connect; a broker that is away keeps nobody from starting."""
        self._task = asyncio.create_task(self._run(), name="uplink")

    async def stop(self) -> None:
        """Say goodbye, and hang up."""
        self._leaves = True
        if self._link is not None:
            try:
                await self._link.publish(self._gone(), GOODBYE_TIMEOUT_S)
            except WireError as error:
                log.debug("nobody was told of the end: %s", error)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def speak(self) -> None:
        """Say now what has changed, before it is time."""
        self._speaks = True
        self._speak.set()

    def live_by(self, lost_after_s: float, *, frames_count: bool) -> None:
        """Go by another plan. frames_count: the centre takes frames for signs of life."""
        self._rhythm.lost_after_s = lost_after_s
        self._rhythm.is_alone = frames_count and self._members == frozenset({self._poller})
        self._speak.set()

    def hear_of(self, members: frozenset[str] | None) -> None:
        """Hear the presences of these pollers alone; None: of all. Another set of them needs another link."""
        if members == self._members:
            return
        self._members = members
        if self._anew is not None and not self._anew.done():
            self._anew.set_result(None)

    def _filters(self) -> list[str]:
        ours = [topics.of_poller(self._poller, word) for word in topics.OF_CENTRE]
        if self._members is None:
            return [*ours, topics.of_all("presence")]
        return ours + [topics.of_poller(name, "presence") for name in sorted(self._members | {self._poller})]

    async def publish(self, word: Word, octets: bytes) -> None:
        """Publish on a topic of this poller. Raises WireError."""
        link = self._link
        if link is None:
            raise WireError(FailureKind.REFUSED, "there is no link to the broker")
        self.octets_out += len(octets)
        await link.publish(Publication(topics.of_poller(self._poller, word), octets), PUBLISH_TIMEOUT_S)

    def go_on(self) -> None:
        """Let frames go, where the centre answers: what kept them is over."""
        is_silent = self.answered_s is None or self._rhythm.is_silent(self._clock.monotonic())
        if self._link is not None and not is_silent and not self.quarantine:
            self._sending.allow()

    def hold(self, why: str) -> None:
        """Go into quarantine, or out of it where there is no reason."""
        if why and not self.quarantine:
            log.error("in quarantine, nothing is sent: %s; `noc pollers release %s` lets it go", why, self._poller)
        elif self.quarantine and not why:
            log.warning("out of quarantine")
        self.quarantine = why
        self.speak()

    # --- the link ---------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            begun_s = self._clock.monotonic()
            try:
                self._pace.connect(begun_s)
                where = (self._broker, self._filters(), self._gone())
                async with linked(*where, keepalive_s=KEEPALIVE_S, hears_itself=False) as link:
                    await self._stay(link)
            except WireError as error:
                self._lost(str(error))
            except Exception:  # the guard: a fault must not end the way of all frames
                log.exception("the uplink met a fault in noc, and connects again")
                self._lost("the uplink met a fault in noc, see the log")
            if self._clock.monotonic() - begun_s >= STEADY_AFTER_S:
                pause_s = FIRST_PAUSE_S
            await self._clock.sleep(pause_s * (0.5 + random.random()))  # noqa: S311 no secret: pollers spread out
            pause_s = min(2 * pause_s, PAUSE_AT_MOST_S)

    async def _stay(self, link: Link) -> None:
        log.info("connected to %s:%d", self._broker.host, self._broker.port)
        self.failing, self._link = None, link
        self.links += 1
        self._weighed = 0
        self.answered_s = None
        self._rhythm.linked()
        self._hooks.linked(True)
        presence = asyncio.create_task(self._say_for_ever(link), name="presence")
        self._anew = asyncio.get_running_loop().create_future()
        reading = asyncio.create_task(self._hear_for_ever(link), name="uplink hears")
        try:
            await asyncio.wait((reading, self._anew), return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                await reading
        finally:
            self._weigh(link)
            self._pace.cut()
            self._link = None
            presence.cancel()
            reading.cancel()
            await asyncio.gather(presence, reading, return_exceptions=True)
            self._hooks.linked(False)
            await self._sending.forbid()

    async def _hear_for_ever(self, link: Link) -> None:
        async for message in link.heard():
            await self._hear(message)

    def _lost(self, why: str) -> None:
        if self.failing is None or self.failing != why:
            log.warning("no link to the centre, frames wait on disk: %s", why)
        self.failing = why

    async def _say_for_ever(self, link: Link) -> None:
        while True:
            self._speaks = False
            await self._say(link)
            if self._rhythm.is_silent(self._clock.monotonic()):
                await self._sending.forbid()
            while (wait_s := self._until_presence_s()) > 0:
                self._speak.clear()
                timer = self._clock.call_later(wait_s, self._speak.set)
                await self._speak.wait()
                timer.cancel()

    def _until_presence_s(self) -> float:
        if self._speaks:
            return 0.0
        has_news = self._hooks.presence().waiting >= BACKLOG_FRAMES
        return self._rhythm.wait_s(self._clock.monotonic(), has_news=has_news)

    async def _say(self, link: Link) -> None:
        self._rhythm.said(self._clock.monotonic())
        if self._leaves:
            return
        sent_us, known = to_us(self._clock.now()), self.offset
        self._apart_us = self._apart(sent_us)
        self._weigh(link)
        self._asked.append(sent_us)
        offset = (None, None) if known is None else (known.ahead_us, known.error_us)
        body = messages.written(messages.with_link(self._hooks.presence(), sent_us, *offset))
        self._pace.spend(len(body), self._clock.monotonic())
        self.octets_out += len(body)
        try:
            await link.publish(Publication(topics.of_poller(self._poller, "presence"), body, retain=True))
        except WireError as error:
            log.debug("presence was not taken: %s", error)  # the reader hears it where the link is lost

    def _gone(self) -> Publication:
        said = Presence(poller=self._poller, state="gone", boot=self._boot, group=self._hooks.presence().group)
        return Publication(topics.of_poller(self._poller, "presence"), messages.written(said), retain=True)

    # --- what comes -------------------------------------------------------------------------------------------------

    async def _hear(self, message: Heard) -> None:
        back_us = to_us(self._clock.now())
        self.octets_in += len(message.body)
        self._pace.spend(len(message.body), self._clock.monotonic())
        known = topics.read(message.topic)
        if known is None:
            return
        try:
            await self._take(known[1], message, back_us)
        except (PackingError, NocError) as error:
            log.warning("%s: a message is left aside: %s", message.topic, error)
        except OSError as error:
            log.error("the spool can't be read: %s", error.strerror or error)

    async def _take(self, word: Word, message: Heard, back_us: int) -> None:
        if word == "presence":
            self._take_presence(messages.read(message.body, Presence), message.retained)
        elif word == "acks":
            await self._take_acknowledged(messages.read(message.body, Acknowledged), back_us)
        elif word == "plan":
            self._hooks.plan(message.body)
        elif word == "incidents":
            self._hooks.incidents(message.body)
        elif word == "orders":
            order = messages.read(message.body, Order)
            if order.quarantine is not None:
                self.hold(order.quarantine)
                await self._allow()
            self._hooks.order(order)

    def _take_presence(self, said: Presence, retained: bool) -> None:
        if said.poller == self._poller and said.boot == self._boot and said.state == "gone" and not self._leaves:
            self.speak()  # the will of a link before this one
        self._hooks.heard(said, retained)

    async def _take_acknowledged(self, said: Acknowledged, back_us: int) -> None:
        self.answered_s = self._clock.monotonic()
        self._rhythm.answered(self.answered_s)
        if abs(self._apart(back_us) - self._apart_us) > STEP_US:
            self.speak()  # the clock was set: the centre is to know by how much before more is dated by it
        if said.taken_us and said.sent_us in self._asked:
            self._asked.remove(said.sent_us)
            self.offset = self._offsets.take(Exchange(said.sent_us, said.taken_us, said.answered_us, back_us))
        self._hooks.answered(said)
        await self._sending.acknowledged(said)
        if self._link is not None and not len(self._sending.flight):
            self._weigh(self._link)
        await self._allow()

    def _weigh(self, link: Link) -> None:
        """Have the kernel's count of the link, where there is one, stand for what was reckoned."""
        crossed = link.crossed
        if crossed is not None:
            self._pace.weigh(crossed - self._weighed, self._clock.monotonic())
            self._weighed = crossed

    def _apart(self, now_us: int) -> int:
        """Return how far wall time is from monotonic time, microseconds: it moves where a clock is set."""
        return now_us - round(self._clock.monotonic() * 1_000_000)

    async def _allow(self) -> None:
        if self.quarantine:
            await self._sending.forbid()
        elif self.answered_s is not None and self._hooks.ready():
            self._sending.allow()
