"""Whether the ledger's coverage supports its changes: who is called known in an hour was really seen in it.

For each hour that is written: an entity that was up or down all through it had results in it, no further apart than
such a result speaks (`stale_after`), and one that became up or down in it had a result. Hours after the last one that
is written, and before the first, are left out. Over years there are hundreds of millions of rows: they are compared as
whole columns, byte by byte, and only what is suspicious is looked at.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Final

from noc.model.coverage import HOUR_MS
from noc.model.instants import from_ms
from noc.state.chain import ENTITY_BITS, Changes
from noc.state.hours import Packed

TELL_EVERY: Final = 100

_ANY: Final = re.compile(rb"[^\x00]")
_SEEN: Final = bytes([0, *[1] * 255])
_PLACE: Final = (1 << ENTITY_BITS) - 1
Planes = tuple[bytes, ...]


def unsupported(
    connection: sqlite3.Connection, changes: Changes, tell: Callable[[int, int], None] = lambda _, __: None
) -> Iterator[str]:
    """Yield a sentence for whatever is damaged or disagrees, hour by hour.

    tell: is given how many hours are done, and of how many, now and then. Raises sqlite3.Error.
    """
    (total,) = connection.execute("SELECT count(*) FROM coverage").fetchone()
    rows = connection.execute("SELECT hour_ms, poller, digest, body FROM coverage ORDER BY hour_ms, poller")
    sweep, done = _Sweep(changes), 0
    for hour_ms, group in groupby(rows, key=itemgetter(0)):
        held: dict[str, bytes] = {}
        for _, poller, digest, body in group:
            done += 1
            held[poller] = body
            if sha256(body).hexdigest() != digest:
                yield f"the coverage of {_words(hour_ms)} by {poller} was changed"
        yield from sweep.hour(hour_ms, held)
        if done % TELL_EVERY == 0 or done == total:
            tell(done, total)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Who had results in an hour: a byte for each name, 1 or 0. gap, stale_after: of one poller's hour."""

    names: tuple[str, ...]
    seen: bytes
    gap: Planes = ()
    stale_after: Planes = ()

    def suspicious(self) -> Iterator[int]:
        """Yield the places whose gap may be longer than a result speaks: all that are, and few others."""
        if not self.gap:
            return
        shortest = _shortest(self.stale_after)
        top = max((place for place in range(4) if shortest >> 8 * place), default=0)
        lowest = re.escape(bytes([shortest >> 8 * top & 0xFF]))
        wanted = re.compile(b"[" + lowest + rb"-\xff]", re.DOTALL)
        for plane, pattern in ((self.gap[top], wanted), *((plane, _ANY) for plane in self.gap[top + 1 :])):
            for found in pattern.finditer(plane):
                yield found.start()


class _Sweep:
    """Goes through all hours in order, and knows at each who is known."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._moments = sorted(changes.moments)
        self._next = 0
        self._known = bytearray(len(changes.names))
        self._names: tuple[str, ...] = ()
        self._places: list[int | None] = [None] * len(changes.names)
        self._here = bytearray()
        self._elsewhere: set[int] = set()
        self._named: dict[tuple[str, int], tuple[str, ...]] = {}
        self._before: _Seen | None = None
        self._speaks_ms: dict[int, int] = {}
        self._doubtful: set[int] = set()
        self._reached_ms: int | None = None

    def hour(self, hour_ms: int, held: Mapping[str, bytes]) -> Iterator[str]:
        """Yield what is wrong with one hour. held: its coverage by poller."""
        if self._reached_ms is None:
            self._pass_to(hour_ms)
        while self._reached_ms is not None and self._reached_ms < hour_ms:
            missing_ms = self._reached_ms
            yield from self._compared(missing_ms, _Seen((), b""))
        try:
            seen = self._merged(hour_ms, held)
        except ValueError as error:
            yield f"the coverage of {_words(hour_ms)} can't be read: {error}"
            self._pass_to(hour_ms + HOUR_MS)
            self._reached_ms = hour_ms + HOUR_MS
            return
        yield from self._compared(hour_ms, seen)
        self._before = seen

    def _merged(self, hour_ms: int, held: Mapping[str, bytes]) -> _Seen:
        """Return who was seen by any poller. Raises ValueError."""
        hours = []
        for poller, body in held.items():
            packed = Packed(body)
            names = self._named.get((poller, packed.names_of_ms or hour_ms))
            if packed.names_of_ms is None:
                names = packed.names()
                names = self._names if names == self._names else names  # the same tuple as yesterday: nothing to do
                self._named = {key: value for key, value in self._named.items() if key[0] != poller}
                self._named[poller, hour_ms] = names
            if names is None:
                raise ValueError("the hour that has its names is not the last one that has any")
            count = packed.planes("count")
            is_small = all(plane.count(0) == len(plane) for plane in count[1:])
            seen = count[0] if is_small else bytes(map(max, *count))
            hours.append(_Seen(names, seen.translate(_SEEN), packed.planes("gap"), packed.planes("stale_after")))
        if len(hours) == 1:
            return hours[0]
        union: dict[str, int] = {}
        for one in hours:  # of several pollers, one may have seen what another didn't: their gaps say nothing
            for name, was_seen in zip(one.names, one.seen, strict=True):
                union[name] = was_seen | union.get(name, 0)
        return _Seen(tuple(union), bytes(union.values()))

    def _compared(self, hour_ms: int, seen: _Seen) -> Iterator[str]:
        """Yield who is called known and wasn't seen, and whose results were too far apart; pass to the hour's end."""
        self._use(seen.names)
        started = bytes(self._here)
        strangers = set(self._elsewhere)
        became, left = self._pass_to(hour_ms + HOUR_MS)
        self._reached_ms = hour_ms + HOUR_MS
        unseen = strangers | {self._changes.index[seen.names[place]] for place in _only(started, seen.seen)}
        for one in sorted(unseen - left):
            if not self._speaks_long(one):
                name = self._changes.names[one]
                yield f"{_words(hour_ms)}: the ledger calls {name} known, and nothing was seen of it"
        # What was counted just before a crash may be lost. Then the entity is unknown soon; else it was made up.
        for one in sorted(self._doubtful - left):
            yield f"{_words(hour_ms - HOUR_MS)}: {self._changes.names[one]} changed, and nothing was seen of it"
        changed = ((one, self._places[one]) for one in became - unseen - left)
        self._doubtful = {one for one, place in changed if place is None or not seen.seen[place]}
        for place in sorted(set(seen.suspicious())):
            gap_ms, speaks_ms = _number(seen.gap, place), _number(seen.stale_after, place)
            name = seen.names[place]
            if gap_ms > speaks_ms and started[place] and self._changes.index[name] not in left:
                yield (
                    f"{_words(hour_ms)}: the ledger calls {name} known all the time, and its results were "
                    f"{gap_ms / 1000:g} s apart, where one speaks for {speaks_ms / 1000:g} s"
                )

    def _use(self, names: tuple[str, ...]) -> None:
        """Take who is known now in the order of these names."""
        if names is self._names:
            return
        self._names, index = names, self._changes.index
        self._places = [None] * len(self._changes.names)
        self._here = bytearray(len(names))
        for place, name in enumerate(names):
            one = index.get(name)
            if one is not None:
                self._places[one] = place
                self._here[place] = self._known[one]
        self._elsewhere = {one for one, is_known in enumerate(self._known) if is_known and self._places[one] is None}

    def _pass_to(self, moment_ms: int) -> tuple[set[int], set[int]]:
        """Take all changes before a moment; return who became up or down, and who became unknown, in that time."""
        became: set[int] = set()
        left: set[int] = set()
        end = moment_ms << (ENTITY_BITS + 1)
        while self._next < len(self._moments) and self._moments[self._next] < end:
            moment = self._moments[self._next]
            self._next += 1
            one, is_known = moment >> 1 & _PLACE, moment & 1
            self._known[one] = is_known
            place = self._places[one]
            if place is not None:
                self._here[place] = is_known
            elif is_known:
                self._elsewhere.add(one)
            else:
                self._elsewhere.discard(one)
            (became if is_known else left).add(one)
        return became, left

    def _speaks_long(self, one: int) -> bool:
        """Return whether a result of an entity speaks for an hour or more, by the last hour that had one."""
        before, place = self._before, self._places[one]
        if before is not None and place is not None and before.names is self._names and before.seen[place]:
            self._speaks_ms[one] = _number(before.stale_after, place) if before.stale_after else HOUR_MS
        return self._speaks_ms.get(one, 0) >= HOUR_MS


@lru_cache(maxsize=4)
def _shortest(stale_after: Planes) -> int:
    """Return the shortest time for which a result speaks; an hour differs from the one before it but seldom."""
    return min((found for place in range(len(stale_after[0])) if (found := _number(stale_after, place))), default=0)


def _only(left: bytes, right: bytes) -> Iterator[int]:
    """Yield the places where `left` is 1 and `right` is not."""
    only = int.from_bytes(left, "little") & ~int.from_bytes(right, "little")
    if only:
        for found in _ANY.finditer(only.to_bytes(len(left), "little")):
            yield found.start()


def _number(planes: Planes, place: int) -> int:
    return sum(plane[place] << 8 * shift for shift, plane in enumerate(planes))


def _words(hour_ms: int) -> str:
    return f"the hour {from_ms(hour_ms).strftime('%Y-%m-%dT%H')} UTC"
