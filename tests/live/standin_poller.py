"""A poller made of noc.bus alone, for tests of the centre: says what a test has it say, and remembers what it hears."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from noc.bus import identity, topics
from noc.bus.bases import Writing
from noc.bus.frames import Body, framed, new_bases
from noc.bus.identity import Enrolled
from noc.bus.messages import Acknowledged, Order, Presence, read, written
from noc.bus.plans import PlanText
from noc.bus.plans import read as plan_in
from noc.bus.readings import written as text_of
from noc.clock import SystemClock
from noc.model.event import Event
from noc.model.instants import to_ms, to_us
from noc.model.reading import Failure, FailureKind, PingAnswer, Reading
from noc.wire.mqtt import Broker, Link, Publication, linked

KEY = bytes(range(32))
BOOT = b"\x01\x02\x03\x04\x05\x06\x07\x08"
CLOCK = SystemClock()


def enrol(state_dir: Path, name: str, group: str) -> None:
    """Write the centre's file of a poller."""
    known = Enrolled(poller=name, group=group, user=name, key=base64.b64encode(KEY).decode(), at_ms=0, by="test")
    folder = state_dir / "pollers"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.touch(0o600)
    path.write_bytes(identity.written(known))


def ping(device: str, address: str, at_ms: int, *, ok: bool = True) -> tuple[str, Reading]:
    """Return a reading of liveness, and its check."""
    from_now = timedelta(milliseconds=at_ms - to_ms(CLOCK.now()))
    answer = PingAnswer((0.01,)) if ok else PingAnswer((None,))
    failure = None if ok else Failure(FailureKind.TIMEOUT, "no reply")
    reading = Reading("icmp", address, "", CLOCK.now() + from_now, 0.01, failure, ping=answer)
    return f"device/{device}:icmp", reading


@dataclass(slots=True)
class StandIn:
    """One connection. acks, orders, plans: what came."""

    name: str
    group: str
    link: Link
    boot: bytes = BOOT
    acks: list[Acknowledged] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    plans: list[PlanText] = field(default_factory=list)
    plan: str = ""
    ahead_us: int = 0
    _bases: Writing = field(default_factory=Writing)

    async def here(self, **more: object) -> None:
        """Say that it is there."""
        known: dict[str, object] = {"state": "here", "boot": self.boot.hex(), "group": self.group, "from_ms": 0}
        known |= {"sent_us": to_us(CLOCK.now()) + self.ahead_us, "plan": self.plan, "version": "test", **more}
        presence = Presence(poller=self.name, **known)  # type: ignore[arg-type]
        topic = topics.of_poller(self.name, "presence")
        await self.link.publish(Publication(topic, written(presence), retain=True))

    async def send(self, number: int, readings: Sequence[tuple[str, Reading]], events: Sequence[Event] = ()) -> None:
        """Send a frame."""
        told = [text_of(key, reading, self._bases) for key, reading in readings]
        body = Body(
            new_bases([one for _, one in told if one is not None]), tuple(text for text, _ in told), tuple(events)
        )
        await self.raw(framed(self.boot, number, body))

    async def raw(self, octets: bytes) -> None:
        """Send octets as a frame."""
        await self.link.publish(Publication(topics.of_poller(self.name, "observations"), octets))

    def stored(self) -> set[int]:
        """Return the numbers of this boot that were acknowledged."""
        ranges = [one.stored for one in self.acks if one.boot == self.boot.hex()]
        return {number for some in ranges for first, last in some for number in range(first, last + 1)}

    async def hear(self) -> None:
        """Keep what comes."""
        async for message in self.link.heard():
            word = (topics.read(message.topic) or ("", ""))[1]
            if word == "acks":
                self.acks.append(read(message.body, Acknowledged))
            elif word == "orders":
                self.orders.append(read(message.body, Order))
            elif word == "plan":
                self.plans.append(plan_in(message.body, KEY, self.name))


@asynccontextmanager
async def standing_in(port: int, name: str, group: str, boot: bytes = BOOT) -> AsyncIterator[StandIn]:
    """Connect, with a last will, and say that it is there."""
    gone = Presence(poller=name, state="gone", boot=boot.hex(), group=group)
    will = Publication(topics.of_poller(name, "presence"), written(gone), retain=True)
    filters = [topics.of_poller(name, word) for word in topics.OF_CENTRE]
    client = f"noc-poller-{name}-{boot.hex()}"  # so that two of one name are not thrown out by the broker
    async with linked(Broker("127.0.0.1", port, client), filters, will) as link:
        poller = StandIn(name, group, link, boot)
        hearing = asyncio.create_task(poller.hear())
        try:
            await poller.here()
            yield poller
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)


async def until(met: object, what: str, patience_s: float = 30.0) -> None:
    """Wait until a callable returns something true."""
    assert callable(met)
    try:
        async with asyncio.timeout(patience_s):
            while not await asyncio.to_thread(met):
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"waited {patience_s:.0f} s in vain for {what}") from None
