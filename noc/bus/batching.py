"""Batching: readings and events become frames, and frames go to the spool.

Two lanes: what fails, what comes back, and events, and the rest; what differs from bases goes together. What changes
something waits a moment for others like it; what says the same as before waits some seconds, of its rhythm a sixth at
most: a message costs 256 octets of the line whatever is in it, and an acknowledgement too, and larger frames compress
better. A new base goes as what moved since the one before: both are on the shelf, and the centre asks for what it
lacks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from noc import crashpoints
from noc.bus.bases import Told, Writing
from noc.bus.briefs import BriefText
from noc.bus.frames import Body, framed, new_bases
from noc.bus.readings import ReadingText, written
from noc.bus.shelf import Shelf
from noc.bus.topics import Word
from noc.clock import Clock, Timer
from noc.model.check import Check
from noc.model.event import Event
from noc.model.reading import Reading
from noc.spool.payload import Payload
from noc.spool.spool import Spool

Form = Literal["frame-o", "frame-s"]

WORDS: Final[dict[str, Word]] = {"frame-o": "observations", "frame-s": "samples"}
URGENT_S: Final = 0.5
ROUTINE_S: Final = 10.0
RHYTHM_SHARE: Final = 6

ENTRIES_AT_MOST: Final = 1_000
OCTETS_AT_MOST: Final = 128 * 1024
"""Of a frame before it is compressed, about; one reading may be more by itself."""

EVENTS_WAITING_AT_MOST: Final = 10_000

BASE_IDLE_S: Final = 3_600.0
"""After so long without an answer of a check its base is let go: the next answer is sent whole."""

_A_CELL: Final = 8
_A_READING: Final = 64


@dataclass(slots=True)
class _Lane:
    """What waits for one frame. told: bases, with their checks. octets: about what it takes."""

    form: Form
    readings: list[ReadingText | BriefText] = field(default_factory=list)
    told: list[tuple[str, Told]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    kept: list[Callable[[], None]] = field(default_factory=list)
    octets: int = 0
    due_s: float = float("inf")
    timer: Timer | None = None


class Batching:
    """A service. boot: at random at each start. put: is called when a frame goes to the spool.

    number: of the last frame; others may number frames too, by `next`. seq: of the last frame in the spool.
    """

    def __init__(
        self, boot: bytes, clock: Clock, spool: Spool, shelf: Shelf, put: Callable[[], None] = lambda: None
    ) -> None:
        self.boot = boot
        self.number = 0
        self.seq = 0
        self._put = put
        self.readings = 0
        self.events = 0
        self._clock = clock
        self._spool = spool
        self._shelf = shelf
        self._bases = Writing()
        self._lanes: dict[Form, _Lane] = {"frame-o": _Lane("frame-o"), "frame-s": _Lane("frame-s")}
        self._failing: set[str] = set()
        self._waiting_for_disk: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Nothing is to be done."""

    async def stop(self) -> None:
        """Give what waits to the spool."""
        self._flush_all()
        await asyncio.gather(*self._waiting_for_disk)

    @property
    def has_room(self) -> bool:
        """Return whether an event would be taken."""
        return len(self._lanes["frame-o"].events) + len(self._waiting_for_disk) < EVENTS_WAITING_AT_MOST

    def next(self) -> int:
        """Return the number of the next frame of this boot."""
        self.number += 1
        return self.number

    def take(self, check: Check, reading: Reading) -> None:
        """Take a reading."""
        urgent = self._is_urgent(check, reading)
        lane = self._lanes["frame-o" if urgent and reading.snmp is None else "frame-s"]
        text, told = written(check.key, reading, self._bases)
        self.readings += 1
        lane.readings.append(text)
        lane.octets += _A_READING + _octets(reading)
        if told is not None:
            lane.told.append((check.key, told))
            lane.octets += _told_octets(told)
        self._soon(lane, URGENT_S if urgent else _patience_s(check))

    def hear(self, event: Event, kept: Callable[[], None] | None = None) -> bool:
        """Take an event. kept: is called when it is on disk. False: there is no room."""
        if not self.has_room:
            return False
        lane = self._lanes["frame-o"]
        self.events += 1
        lane.events.append(event)
        lane.octets += 2 * len(event.text) + _A_READING
        if kept is not None:
            lane.kept.append(kept)
        self._soon(lane, URGENT_S)
        return True

    def forget(self, check: str) -> None:
        """Drop the base of a check that is no longer made here."""
        self._failing.discard(check)
        self._bases.forget(check)
        self._shelf.forget(check)

    def _is_urgent(self, check: Check, reading: Reading) -> bool:
        """Return whether a reading says something else than the one before, or may confirm that a device is down."""
        fails, failed = reading.failure is not None, check.key in self._failing
        if fails:
            self._failing.add(check.key)
        else:
            self._failing.discard(check.key)
        return fails != failed or (fails and check.liveness)

    def _soon(self, lane: _Lane, wait_s: float) -> None:
        if lane.octets >= OCTETS_AT_MOST or len(lane.readings) + len(lane.events) >= ENTRIES_AT_MOST:
            self._flush(lane)
            return
        due_s = self._clock.monotonic() + wait_s
        if due_s >= lane.due_s:
            return
        if lane.timer is not None:
            lane.timer.cancel()
        lane.due_s = due_s
        lane.timer = self._clock.call_later(wait_s, lambda: self._flush(lane))

    def _flush_all(self) -> None:
        for lane in self._lanes.values():
            self._flush(lane)

    def _flush(self, lane: _Lane) -> None:
        if lane.timer is not None:
            lane.timer.cancel()
        full = replace(lane)
        lane.readings, lane.told, lane.events, lane.kept = [], [], [], []
        lane.octets, lane.due_s, lane.timer = 0, float("inf"), None
        entries = len(full.readings) + len(full.events)
        if not entries:
            return
        fresh = [(check, told.base) for check, told in full.told if told.fresh]
        if fresh:
            self._shelf.put(fresh)
            crashpoints.reached("frame.bases-put")
        self._shelf.used(check for check, _ in full.told)
        body = Body(new_bases(told for _, told in full.told), tuple(full.readings), tuple(full.events))
        self.seq = self._spool.put(Payload(full.form, entries, framed(self.boot, self.next(), body)).pack())
        crashpoints.reached("frame.put")
        self._put()
        if full.kept:
            task = asyncio.create_task(self._tell_kept(self.seq, full.kept), name="events on disk")
            self._waiting_for_disk.add(task)
            task.add_done_callback(self._waiting_for_disk.discard)

    async def _tell_kept(self, seq: int, kept: list[Callable[[], None]]) -> None:
        await self._spool.durable(seq)
        for tell in kept:
            tell()


def _patience_s(check: Check) -> float:
    return min(ROUTINE_S, max(URGENT_S, check.interval_s / RHYTHM_SHARE))


def _told_octets(told: Told) -> int:
    if told.fresh and told.before is None:
        return sum(_A_CELL + 2 * len(column) for column in told.base.cells) + _A_CELL * len(told.base.shape.columns)
    return told.moves.octets


def _octets(reading: Reading) -> int:
    """Return about how much text a reading has."""
    return sum(len(one.text) for one in reading.ssh or ()) + sum(len(one.reason) for one in reading.parts)
