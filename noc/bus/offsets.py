"""How far a poller's clock is off the centre's, from messages that went there and back. Pure.

As NTP does it (RFC 5905, section 8): the poller says when it sent, the centre when it had that and when it answered.
Half of the way is taken for each direction, so the error is at most half of the time that both ways took: of the last
exchanges the quickest counts.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

KEPT: Final = 16
"""Exchanges."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Moments of one exchange, microseconds of the Unix epoch; the ends by the poller's clock, else by the centre's."""

    sent_us: int
    taken_us: int
    answered_us: int
    back_us: int

    @property
    def way_us(self) -> int:
        """Return the time both ways took."""
        return (self.back_us - self.sent_us) - (self.answered_us - self.taken_us)

    @property
    def offset_us(self) -> int:
        """Return how far the poller's clock is ahead of the centre's."""
        return ((self.sent_us - self.taken_us) + (self.back_us - self.answered_us)) // 2


@dataclass(frozen=True, slots=True)
class Offset:
    """How far a clock is ahead, and by how much that may be wrong; microseconds."""

    ahead_us: int
    error_us: int


class Offsets:
    """The last exchanges of one poller. Those of before a step of either clock are forgotten: they contradict."""

    def __init__(self) -> None:
        self._last: deque[Exchange] = deque(maxlen=KEPT)

    def take(self, exchange: Exchange) -> Offset | None:
        """Take an exchange; return what is known now. None: it ended before it began, a clock was set meanwhile."""
        if exchange.way_us < 0:
            self._last.clear()
            return None
        if any(_contradict(one, exchange) for one in self._last):
            self._last.clear()
        self._last.append(exchange)
        return self.now

    @property
    def now(self) -> Offset | None:
        """Return what is known; None before the first exchange."""
        best = min(self._last, key=lambda one: one.way_us, default=None)
        return None if best is None else Offset(best.offset_us, best.way_us // 2)


def _contradict(one: Exchange, other: Exchange) -> bool:
    """Return whether two exchanges can't both be right."""
    return abs(one.offset_us - other.offset_us) > (one.way_us + other.way_us) // 2 + 1
