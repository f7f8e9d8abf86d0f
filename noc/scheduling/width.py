"""How many checks may be under way at once: fewer while the event loop has too much in hand. Pure.

Each check that is under way has something to do in a turn of the event loop, so a turn takes longer the more there are,
and whatever else has to wait for its turns takes longer with it: pages, the committer, other checks, whose time runs
out. Where the processor is what there is too little of, fewer at once bring home as many readings, and turns are short.
How late the loop is woken says nothing of that: on a busy machine it may be late with nothing to do.

A check of liveness has nothing to do while it waits, and turns may be long by what a lost region brings, of which
thousands are waited for. For want of places they would be unknown that are down, and those that are up with them: so
checks of liveness always have the places that they need (`needed`), whatever is allowed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from noc.model.check import Check

LONG_S: Final = 0.1
"""A turn of the event loop that takes so long, because of all that there is to do in it, is too long."""

SHORT_S: Final = 0.05
LEAST: Final = 32
"""Never fewer, where the settings allow as many: a few that wait for silent devices must not keep others from it."""


@dataclass(frozen=True, slots=True)
class Width:
    """at_most: what the settings allow. now: what may be under way at present."""

    at_most: int
    now: int

    @classmethod
    def of(cls, at_most: int) -> Width:
        """Return all that the settings allow."""
        return cls(at_most, at_most)

    def after(self, turn_s: float) -> Width:
        """Return the width after a turn of the loop that took so long: an eighth less, or one more."""
        if turn_s > LONG_S:
            return Width(self.at_most, max(min(LEAST, self.at_most), self.now * 7 // 8))
        if turn_s < SHORT_S and self.now < self.at_most:
            return Width(self.at_most, self.now + 1)
        return self


def needed(checks: Iterable[Check]) -> int:
    """Return how many places checks of liveness need for each to run in its interval, were nothing to answer.

    They are due at moments that are spread by chance: three standard deviations more than wait on average.
    """
    shares = [check.deadline_s / check.interval_s for check in checks if check.liveness]
    waiting = sum(shares)
    return min(len(shares), math.ceil(waiting + 3 * math.sqrt(waiting)))
