"""A small centre for a poller under test: sends it a plan, opens its frames, acknowledges what it is told to.

It stands on noc.bus alone, so that what a poller sends is looked at as it crosses the line.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from noc.bus import messages, plans, topics
from noc.bus.bases import Keeping
from noc.bus.briefs import UnknownBaseError
from noc.bus.frames import Head, body_of, head_of, keep_bases
from noc.bus.identity import Identity
from noc.bus.messages import Acknowledged, Order, Presence
from noc.bus.plans import PlanText
from noc.bus.readings import read
from noc.bus.tales import OpenIncidents, Tale, read_tale, written
from noc.model.event import Event
from noc.model.instants import to_us
from noc.model.reading import Reading
from noc.wire.errors import WireError
from noc.wire.mqtt import Broker, Heard, Link, Publication, linked

BASES = 10_000


@dataclass
class StandIn:
    """What came of one poller. acknowledges: whether it says what it has.

    numbers: of frames that were taken, by boot. readings: key of the check, and the reading, in the order of taking.
    came: frames and tales, also those that came again. answers: whether it answers presences. takes_tales: whether it
    acknowledges tales, as a noc that knows of them. tales: as they came.
    """

    identity: Identity
    files: dict[str, bytes]
    acknowledges: bool = True
    answers: bool = True
    takes_tales: bool = True
    tales: list[Tale] = field(default_factory=list)
    refuse: Callable[[Head], str] = lambda _: ""
    bases: Keeping = field(default_factory=lambda: Keeping(BASES))
    numbers: dict[str, set[int]] = field(default_factory=dict)
    readings: list[tuple[str, Reading]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    presences: list[Presence] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    came: list[Heard] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    link: Link | None = None

    @property
    def broker(self) -> Broker:
        """Return the broker as this centre reaches it."""
        return Broker(self.identity.host, self.identity.port, "noc-centre-standin")

    @asynccontextmanager
    async def there(self) -> AsyncIterator[None]:
        """Be connected, again and again where the broker goes away."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def until(self, condition: Callable[[], bool], what: str, timeout_s: float = 30.0) -> None:
        """Wait until something has come."""
        try:
            async with asyncio.timeout(timeout_s):
                while not condition():
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            said = self.presences[-1] if self.presences else None
            raise AssertionError(f"{what} did not come in {timeout_s:g} s: {said}, {self.numbers}") from None

    async def order(self, order: Order) -> None:
        """Ask the poller for something."""
        await self._say("orders", messages.written(order))

    async def plan(self, files: dict[str, bytes]) -> None:
        """Send another plan."""
        self.files = files
        text = PlanText(self.identity.poller, 1, "test", files)
        await self._say("plan", plans.written(text, self.identity.sealing_key))

    async def _run(self) -> None:
        while True:
            with suppress(WireError):
                async with linked(self.broker, [topics.of_all(word) for word in topics.OF_POLLERS]) as link:
                    self.link = link
                    async for heard in link.heard():
                        await self._take(heard)
            self.link = None
            await asyncio.sleep(0.1)  # the broker is away; a real one knows no other way to be asked again

    async def _take(self, heard: Heard) -> None:
        known = topics.read(heard.topic)
        assert known is not None
        poller, word = known
        if word == "presence":
            await self._present(messages.read(heard.body, Presence))
        elif word == "tales":
            self.came.append(heard)
            await self._told(read_tale(heard.body))
        elif poller == self.identity.poller:
            self.came.append(heard)
            await self._frame(heard.body)
        self.changed.set()

    async def _present(self, said: Presence) -> None:
        self.presences.append(said)
        if said.poller != self.identity.poller or said.state == "gone" or not self.answers:
            return
        now_us = to_us(datetime.now(UTC))
        await self._acknowledge(
            Acknowledged(centre="standin", boot=said.boot, sent_us=said.sent_us, taken_us=now_us, answered_us=now_us)
        )
        if said.plan != plans.digest(self.files):
            await self.plan(self.files)

    async def _told(self, tale: Tale) -> None:
        self.tales.append(tale)
        if self.takes_tales and self.answers:
            await self._acknowledge(Acknowledged(centre="standin", boot=self._boot, tale=tale.number))

    @property
    def _boot(self) -> str:
        return next(one.boot for one in reversed(self.presences) if one.state != "gone")

    async def list(self, open_there: OpenIncidents) -> None:
        """Say which incidents are open."""
        await self._say("incidents", written(open_there), retain=True)

    async def _frame(self, octets: bytes) -> None:
        head = head_of(octets)
        boot, why = head.boot.hex(), self.refuse(head)
        taken = self.numbers.setdefault(boot, set())
        if why:
            await self._acknowledge(Acknowledged(centre="standin", boot=boot, refused=((head.number, why),)))
            return
        if head.number not in taken:
            missing = self._open(octets)
            self.asked |= missing
            if missing:
                await self._acknowledge(Acknowledged(centre="standin", boot=boot, missing=tuple(missing)))
                return
            taken.add(head.number)
        if self.acknowledges and self.answers:
            stored = tuple((number, number) for number in sorted(taken))
            await self._acknowledge(Acknowledged(centre="standin", boot=boot, stored=stored))

    def _open(self, octets: bytes) -> set[str]:
        """Take what is in a frame; return which bases it lacks: then nothing of it is taken."""
        body, missing, found = body_of(octets), set[str](), list[tuple[str, Reading]]()
        keep_bases(body, self.bases)
        for text in body.readings:
            try:
                found.append(read(text, self.identity.poller, self.bases))
            except UnknownBaseError as error:
                missing.add(error.digest.hex())
        if not missing:
            self.readings += found
            self.events += body.events
        return missing

    async def _acknowledge(self, said: Acknowledged) -> None:
        if self.acknowledges:
            await self._say("acks", messages.written(said))

    async def _say(self, word: topics.Word, body: bytes, *, retain: bool = False) -> None:
        if self.link is not None:
            with suppress(WireError):
                await self.link.publish(Publication(topics.of_poller(self.identity.poller, word), body, retain=retain))
