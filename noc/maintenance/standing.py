"""How a window stands for people: asked for, to come, under way, overrun, over. Pure.

A window is overrun when its time is over and what it was for still doesn't work: something that went down in that time
has been down ever since. That is an outage, and people are called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from noc.availability.policy import Window
from noc.inventory.inventory import Inventory
from noc.maintenance.below import below
from noc.maintenance.occurrences import foreseen, occurrences, running
from noc.model.present import StatusNow
from noc.model.window import PlannedWindow

DAY_MS: Final = 86_400_000
LOOKED_BACK_MS: Final = 7 * DAY_MS
"""A window that ended longer ago is over, whatever is down there: nobody works there any more."""

AHEAD_MS: Final = (35 * DAY_MS, 400 * DAY_MS)
"""So far ahead the next time of a window that comes again is looked for: most come again soon."""

Standing = Literal["requested", "approved", "running", "overrun", "ended", "lapsed", "rejected", "cancelled"]
"""approved: it is to come. lapsed: its time went by, and nobody had decided."""

STANDINGS: Final[tuple[Standing, ...]] = get_args(Standing)

StatusOf = Callable[[str], StatusNow]


@dataclass(frozen=True, slots=True)
class PlannedTime:
    """One time of a window, `[start_ms, end_ms)`, and how it stands. down: what went down in it and still is."""

    window: PlannedWindow
    start_ms: int
    end_ms: int
    standing: Standing
    down: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standings:
    """Says how windows stand at a moment. status: of an entity now."""

    inventory: Inventory
    status: StatusOf
    now_ms: int

    def times(self, windows: Iterable[PlannedWindow], start_ms: int, end_ms: int) -> Iterator[PlannedTime]:
        """Yield the times that overlap `[start_ms, end_ms)`, those of one window in order; of rejected ones none."""
        for window in windows:
            for span in foreseen(window, start_ms, end_ms):
                yield self._time(window, span)

    def of(self, window: PlannedWindow) -> tuple[Standing, tuple[str, ...]]:
        """Return how a window stands as a whole, and what is still down after its last time."""
        if window.state in ("rejected", "cancelled"):
            return "cancelled" if window.state == "cancelled" else "rejected", ()
        if window.state == "requested":
            return "requested" if self._is_ahead(window) else "lapsed", ()
        if running(window, self.now_ms) is not None:
            return "running", ()
        down = self._down_since_last(window)
        if down:
            return "overrun", down
        return "approved" if self._is_ahead(window) else "ended", ()

    def _is_ahead(self, window: PlannedWindow) -> bool:
        """Return whether a time of a window is under way or to come."""
        if window.now.end_ms > self.now_ms:
            return True
        return bool(window.now.rrule) and any(foreseen(window, self.now_ms, self.now_ms + far) for far in AHEAD_MS)

    def _time(self, window: PlannedWindow, span: Window) -> PlannedTime:
        standing: Standing = "ended"
        down: tuple[str, ...] = ()
        if window.state == "requested":
            standing = "lapsed" if span.end <= self.now_ms else "requested"
        elif span.start > self.now_ms:
            standing = "approved"
        elif span.end > self.now_ms:
            standing = "running"
        else:
            down = self._down_since(span)
            standing = "overrun" if down else "ended"
        return PlannedTime(window, span.start, span.end, standing, down)

    def _down_since_last(self, window: PlannedWindow) -> tuple[str, ...]:
        past: Sequence[Window] = occurrences(window, self.now_ms - LOOKED_BACK_MS, self.now_ms)
        return self._down_since(past[-1]) if past else ()

    def _down_since(self, span: Window) -> tuple[str, ...]:
        if span.end <= self.now_ms - LOOKED_BACK_MS:
            return ()
        found = ((name, self.status(name)) for name in (span.entity, *below(self.inventory, span.entity)))
        return tuple(
            name
            for name, now in found
            if now.status == "down" and now.since_ms is not None and span.start <= now.since_ms < span.end
        )
