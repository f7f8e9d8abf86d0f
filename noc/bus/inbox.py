"""What the centre makes of a poller's frames: which it has already, which lack a base, and what is in the rest. Pure.

Nothing that comes over the broker raises anything here: what is broken is said, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from noc.bus.bases import Keeping
from noc.bus.briefs import UnknownBaseError
from noc.bus.frames import Body, Head, body_of, head_of, keep_bases
from noc.bus.packing import PackingError
from noc.bus.readings import key_of, read
from noc.model.event import Event
from noc.model.reading import Reading
from noc.spool.ranges import Ranges

BOOTS_AT_MOST: Final = 64
"""Boots of one poller whose numbers are remembered; the oldest is forgotten first."""


_NO_READING: Final = (ValueError, LookupError, OverflowError)
"""What a message raises that has the right types and makes no sense: a PackingError, a CellsError, rows that aren't."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A frame that is new. readings: each with the key of its check. wrong: why entries of it can't be read."""

    boot: str
    number: int
    readings: tuple[tuple[str, Reading], ...]
    events: tuple[Event, ...]
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Again:
    """A frame that the centre has, or is taking."""

    boot: str
    number: int


@dataclass(frozen=True, slots=True)
class Lacking:
    """A frame that needs bases that aren't here. missing: their digests in hexadecimal."""

    boot: str
    number: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """What is no frame. number: None where not even that can be read."""

    boot: str
    number: int | None
    why: str


Came = Opened | Again | Lacking | Broken


class Inbox:
    """Frames of one poller. bases_at_most: so many bases of it are kept. stored: numbers that the centre has, by boot.

    What was opened is under way until `stored` or `drop` says what became of it.
    """

    def __init__(self, poller: str, bases_at_most: int, stored: Mapping[str, Iterable[tuple[int, int]]]) -> None:
        self._poller = poller
        self._bases = Keeping(bases_at_most)
        self._stored = {boot: Ranges(pairs) for boot, pairs in stored.items()}
        self._under_way: set[tuple[str, int]] = set()

    def take(self, octets: bytes) -> Came:
        """Return what a frame is."""
        try:
            head = head_of(octets)
        except PackingError as error:
            return Broken("", None, str(error))
        boot, number = head.boot.hex(), head.number
        if (boot, number) in self._under_way or number in self._stored.get(boot, ()):
            return Again(boot, number)
        try:
            return self._opened(head, body_of(octets))
        except _NO_READING as error:
            return Broken(boot, number, str(error))

    def stored(self, boot: str, number: int) -> None:
        """Say that a frame is where it survives."""
        self._under_way.discard((boot, number))
        known = self._stored.pop(boot, None) or Ranges()
        known.add(number, number)
        self._stored[boot] = known
        while len(self._stored) > BOOTS_AT_MOST:
            del self._stored[next(iter(self._stored))]

    def drop(self, boot: str, number: int) -> None:
        """Say that a frame was not taken: it is new when it comes again."""
        self._under_way.discard((boot, number))

    def ranges(self, boot: str) -> tuple[tuple[int, int], ...]:
        """Return which numbers of a boot are stored, both ends included."""
        known = self._stored.get(boot)
        return () if known is None else tuple(known.pairs())

    def _opened(self, head: Head, body: Body) -> Opened | Lacking:
        boot, number = head.boot.hex(), head.number
        before = keep_bases(body, self._bases)
        found, missing, wrong = [], [], []
        for text in body.readings:
            try:
                found.append(read(text, self._poller, self._bases))
            except UnknownBaseError as error:
                missing.append(error.digest)
            except _NO_READING as error:
                wrong.append(f"{key_of(text, self._bases)[:120]}: {error}")
        if missing:
            return Lacking(boot, number, tuple(dict.fromkeys(digest.hex() for digest in (*missing, *before))))
        self._under_way.add((boot, number))
        return Opened(boot, number, tuple(found), body.events, tuple(wrong))
