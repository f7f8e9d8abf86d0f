"""Live: what changes is published here, and goes to pages by WebSocket and to scripts by server-sent events.

The hub keeps the newest events in a ring; each listener has a place in it and no queue of its own. Who falls behind the
end of the ring is told `resync`: load anew what you show.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Final

from noc.availability.times import format_time
from noc.clock import Clock
from noc.http.beat import Beat
from noc.http.scope import Scope
from noc.model.instants import to_ms

EVENTS_AT_MOST: Final = 10_000
BYTES_AT_MOST: Final = 16_000_000
LISTENERS_AT_MOST: Final = 1_000
TOPICS_AT_MOST: Final = 50

TOPICS: Final = ("incidents", "statuses")
"""Topics that tell of everything of a kind; beside them each device has its own."""

_TOPIC = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,199}\Z")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that changed. number: counts up from 1. at: text in UTC. data: JSON text.

    key: a later event of the same topic and key makes this one superfluous; empty: it stands for itself.
    region: whose callers may see it; None: only those who see everything.
    """

    number: int
    topic: str
    at: str
    data: str
    key: str
    region: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """What is new for a listener. lost: events were dropped before it could see them. last: its place from here on."""

    events: Sequence[Event]
    last: int
    lost: bool = False


class Hub:
    """Takes events from anywhere in the loop; `publish` never waits.

    Topics in use: those of TOPICS, and a device's name, `device/nbo-rtr-1`. incidents_wait: is called when there are
    `waiting_incidents`.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ring: deque[Event] = deque()
        self._bytes = 0
        self._last = 0
        self._changed: asyncio.Event = asyncio.Event()
        self._run = f"{_ms(clock):x}"
        self.closing = False
        self._incidents: dict[int, None] = {}
        self.incidents_wait: Callable[[], None] = lambda: None
        self.listeners = 0
        self.beat = Beat(clock, lambda: self._last)
        self.dropped = 0

    @property
    def last(self) -> int:
        """Return the number of the newest event; 0 before the first."""
        return self._last

    def now(self) -> str:
        """Return the time, as all messages tell it."""
        return format_time(_ms(self._clock))

    def publish(self, topic: str, payload: Mapping[str, object], *, key: str = "", region: str | None = None) -> None:
        """Tell all who listen to a topic. payload: plain data for JSON. key, region: see Event. Raises ValueError."""
        if not is_topic(topic):
            raise ValueError(f"'{topic[:60]}' is no topic")
        data = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        self._last += 1
        self._ring.append(Event(self._last, topic, self.now(), data, key, region))
        self._bytes += len(data)
        while len(self._ring) > EVENTS_AT_MOST or self._bytes > BYTES_AT_MOST:
            self._bytes -= len(self._ring.popleft().data)
            self.dropped += 1
        self._wake()

    def incident(self, number: int) -> None:
        """Say that something about an incident changed; noc.http.incidentnews publishes it, to those it concerns."""
        self._incidents[number] = None
        self.incidents_wait()

    def waiting_incidents(self, at_most: int) -> list[int]:
        """Return the numbers of incidents that changed, each once, the oldest change first."""
        return list(islice(self._incidents, at_most))

    def tell_incident(self, number: int, region: str | None) -> None:
        """Publish that an incident changed; it waits no longer."""
        self._incidents.pop(number, None)
        self.publish("incidents", {"incident": number}, key=str(number), region=region)

    def after(self, last: int, topics: frozenset[str], scope: Scope, until: int | None = None) -> Batch:
        """Return what was published behind number `last`, up to number `until`; None: up to now."""
        until = self._last if until is None else until
        oldest = self._ring[0].number if self._ring else self._last + 1
        new = takewhile(lambda event: event.number > last, reversed(self._ring))
        found = [
            event
            for event in new
            if event.topic in topics
            and event.number <= until
            and (scope.everything or (event.region is not None and scope.sees_region(event.region)))
        ]
        return Batch(found[::-1], until, lost=last + 1 < oldest)

    async def wait(self, last: int, seconds: float) -> None:
        """Wait until there is something behind `last`, the hub closes, or so many seconds have passed."""
        if self._last > last or self.closing:
            return
        changed = self._changed
        timer = self._clock.call_later(seconds, self._wake)
        try:
            await changed.wait()
        finally:
            timer.cancel()

    def identifier(self, number: int) -> str:
        """Return an event's id for Last-Event-ID; no other run of noc gives the same."""
        return f"{self._run}-{number}"

    def number_of(self, identifier: str) -> int | None:
        """Return the number that an id of this run stands for; None where it is of another, or none at all."""
        run, _, number = identifier.partition("-")
        if run != self._run or not re.fullmatch(r"[0-9]{1,15}", number) or int(number) > self._last:
            return None
        return int(number)

    def open(self) -> None:
        """Let people listen, again after a `close`."""
        self.closing = False

    def close(self) -> None:
        """Tell all who listen to go, and let nobody in."""
        self.closing = True
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def coalesced(events: Sequence[Event]) -> list[Event]:
    """Return events without those that a later one of the same topic and key makes superfluous."""
    newest: dict[tuple[str, str], Event] = {}
    for event in events:
        place = (event.topic, event.key or f"#{event.number}")
        newest.pop(place, None)
        newest[place] = event
    return list(newest.values())


def is_topic(text: str) -> bool:
    """Return whether a text may name a topic."""
    return _TOPIC.match(text) is not None


def _ms(clock: Clock) -> int:
    return to_ms(clock.now())
