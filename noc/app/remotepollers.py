"""Remote pollers as the centre hears them: who is there, how far each clock is off, who is whose clone. Pure.

Only what came over the broker is believed, and of that only a poller's own words of itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from noc.bus.identity import Enrolled
from noc.bus.messages import Presence
from noc.bus.shares import Member, owner
from noc.model.poller import RemotePoller

BOOTS_KEPT: Final = 8
AHEAD_KEPT: Final = 16
CLONE: Final = (
    "two processes speak as this poller: {boots}; stop one, or enrol it anew, then `noc pollers release {name}`"
)

Word = Literal["ok", "gone", "clone"]
"""What a presence says of a poller: that it is there, that it is not, that there are two of it."""


@dataclass(slots=True)
class Heard:
    """One poller. boots: those that it said it is, the last one last. ahead_us: by how much each presence seemed ahead,
    its way included. devices, endpoints: how many it polls, as it says. live_ms: when it last spoke itself: what a
    broker kept of old is no word of now.
    """

    enrolled: Enrolled
    row: RemotePoller
    boots: deque[str] = field(default_factory=lambda: deque(maxlen=BOOTS_KEPT))
    ahead_us: deque[int] = field(default_factory=lambda: deque(maxlen=AHEAD_KEPT))
    from_ms: int | None = None
    until_ms: int | None = None
    devices: int = 0
    endpoints: int = 0
    live_ms: int | None = None

    @property
    def is_there(self) -> bool:
        """Return whether it says that it is."""
        return self.row.state in ("here", "draining")

    @property
    def serves(self) -> bool:
        """Return whether it polls its share."""
        return self.row.state == "here" and not self.row.quarantine

    @property
    def member(self) -> Member | None:
        """Return the share that it takes; None: it takes none."""
        if not self.is_there or self.row.quarantine or self.from_ms is None:
            return None
        if self.row.state == "draining" and self.until_ms is None:
            return None
        return Member(self.row.name, self.from_ms, self.until_ms if self.row.state == "draining" else None)


class Registry:
    """All pollers that are enrolled. lost_after_ms: who says nothing for so long is gone."""

    def __init__(self, lost_after_ms: int) -> None:
        self._lost_after_ms = lost_after_ms
        self._known: dict[str, Heard] = {}
        self._kept: dict[str, RemotePoller] = {}
        self._written: dict[str, RemotePoller] = {}
        self.unknown = 0
        """Messages of those that aren't enrolled."""

    def take_up(self, rows: Iterable[RemotePoller]) -> None:
        """Go on from what was known before a restart; counts begin anew."""
        self._kept = {row.name: replace(row, readings=0, events=0, refused=0) for row in rows}

    def enrol(self, enrolled: Mapping[str, Enrolled]) -> tuple[list[str], list[str]]:
        """Take who is enrolled now; return the names of those that are new, or have a new key, and of who left."""
        gone = [name for name in self._known if name not in enrolled]
        fresh = [name for name, one in enrolled.items() if name not in self._known or self._known[name].enrolled != one]
        for name in gone:
            del self._known[name]
            self._kept.pop(name, None)
            self._written.pop(name, None)
        for name in fresh:
            one, known = enrolled[name], self._known.get(name)
            row = known.row if known is not None else self._kept.get(name) or RemotePoller(name, one.group)
            if known is None and row.state in ("here", "draining"):
                row = replace(row, state="gone", since_ms=row.seen_ms or row.since_ms)  # until it is heard
            self._known[name] = Heard(one, replace(row, group=one.group))
        return fresh, gone

    def __iter__(self) -> Iterator[Heard]:
        """Iterate over all, by name."""
        return iter([self._known[name] for name in sorted(self._known)])

    def of(self, name: str) -> Heard | None:
        """Return a poller; None where none of that name is enrolled."""
        return self._known.get(name)

    def of_group(self, group: str) -> list[Heard]:
        """Return the pollers of a group, by name."""
        return [one for one in self if one.row.group == group]

    def owner(self, group: str, device: str, now_ms: int) -> str | None:
        """Return who of a group asks a device now; None where nobody does."""
        members = [member for one in self.of_group(group) if (member := one.member) is not None]
        return owner(device, members, now_ms)

    def presence(self, name: str, said: Presence, taken_us: int, *, retained: bool) -> Word | None:
        """Take what a poller says of itself; None: nobody of that name is enrolled, or its process ended before."""
        known, now_ms = self._known.get(name), taken_us // 1000
        if known is None or said.poller != name:
            self.unknown += 1
            return None
        if said.state == "gone":
            if known.row.boot and said.boot not in ("", known.row.boot):
                return None
            self._is(known, "gone", now_ms)
            return "gone"
        if said.boot != known.row.boot or not known.boots:
            is_clone = said.boot in known.boots and said.boot != known.boots[-1]
            if is_clone and retained:
                return None  # a broker that was killed kept what was said long ago
            known.boots.append(said.boot)
            known.ahead_us.clear()
            if is_clone:
                return "clone"
        if not retained:
            known.live_ms = now_ms
        if not retained and said.sent_us:
            known.ahead_us.append(said.sent_us - taken_us)
        known.from_ms, known.until_ms = said.from_ms, said.until_ms
        known.devices, known.endpoints = max(said.devices, 0), max(said.endpoints, 0)
        self._is(known, said.state, now_ms)
        offset_us, error_us = _offset(known, said)
        known.row = replace(
            known.row,
            boot=said.boot[:32],
            version=said.version[:50],
            seen_ms=now_ms,
            waiting=max(said.waiting, 0),
            oldest_ms=said.oldest_ms,
            offset_us=offset_us,
            error_us=error_us,
            plan=said.plan[:64],
            alone_ms=said.alone_ms,
        )
        return "ok"

    def heard(self, name: str, now_ms: int) -> None:
        """Say that something of a poller came."""
        known = self._known.get(name)
        if known is not None:
            known.row, known.live_ms = replace(known.row, seen_ms=now_ms), now_ms

    def silent(self, now_ms: int, since_ms: int) -> list[str]:
        """Let those be gone that say nothing; return their names. since_ms: the centre hears since then."""
        found = []
        for known in self._known.values():
            last_ms = max(known.row.seen_ms or 0, since_ms)
            if known.is_there and now_ms - last_ms > self._lost_after_ms:
                self._is(known, "gone", now_ms)
                found.append(known.row.name)
        return found

    def count(self, name: str, *, readings: int = 0, events: int = 0, refused: int = 0) -> None:
        """Count what was taken of a poller, and what it may not speak of."""
        known = self._known.get(name)
        if known is not None:
            row = known.row
            known.row = replace(
                row, readings=row.readings + readings, events=row.events + events, refused=row.refused + refused
            )

    def ordered(self, rows: Iterable[RemotePoller]) -> list[str]:
        """Take what people ordered, as it is written; return the names of those for whom it is another order now."""
        found = []
        for row in rows:
            known = self._known.get(row.name)
            if known is not None and (known.row.drain, known.row.quarantine) != (row.drain, row.quarantine):
                if known.row.quarantine and not row.quarantine:
                    known.boots.clear()
                known.row = replace(known.row, drain=row.drain, quarantine=row.quarantine)
                found.append(row.name)
        return found

    def unwritten(self) -> list[RemotePoller]:
        """Return what has changed since it was last asked for."""
        rows = [known.row for known in self if self._written.get(known.row.name) != known.row]
        self._written |= {row.name: row for row in rows}
        return rows

    def forget_written(self) -> None:
        """Say that it could not be written."""
        self._written.clear()

    def _is(self, known: Heard, state: Literal["here", "draining", "gone"], now_ms: int) -> None:
        if known.row.state != state:
            known.row = replace(known.row, state=state, since_ms=now_ms)


def clone(heard: Heard) -> str:
    """Return why a poller of which there are two is put into quarantine."""
    return CLONE.format(boots=", ".join(dict.fromkeys(heard.boots)), name=heard.row.name)


def _offset(known: Heard, said: Presence) -> tuple[int | None, int | None]:
    """Return how far a poller's clock is ahead, and by how much that may be wrong.

    As it reckons by our answers; before it has one, by the quickest of its presences, whose way isn't known.
    """
    if said.offset_us is not None:
        return said.offset_us, said.error_us
    return max(known.ahead_us, default=None), None
