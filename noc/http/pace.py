"""How many requests a token may make: as many at once as in a minute, then one each so often (GCRA, ITU-T I.371)."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from noc.clock import Clock

MINUTE_S: Final = 60.0
KNOWN_AT_MOST: Final = 10_000


class Pace:
    """Counts requests by who makes them. a_minute: how many each may make; None: as many as they like."""

    def __init__(self, clock: Clock, a_minute: int | None) -> None:
        self._clock = clock
        self._a_minute = a_minute
        self._due_s: OrderedDict[str, float] = OrderedDict()

    def take(self, who: str) -> float:
        """Take a request; return 0, or how many seconds it is too early, and then it wasn't taken."""
        if self._a_minute is None:
            return 0.0
        now_s, apart_s = self._clock.monotonic(), MINUTE_S / self._a_minute
        due_s = max(now_s, self._due_s.get(who, now_s)) + apart_s
        if due_s - now_s > MINUTE_S + apart_s / 2:
            return due_s - now_s - MINUTE_S
        self._due_s[who] = due_s
        self._due_s.move_to_end(who)
        if len(self._due_s) > KNOWN_AT_MOST:
            self._due_s.popitem(last=False)
        return 0.0
