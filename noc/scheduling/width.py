"""How many checks may be under way at once: fewer while the event loop is behind. Pure.

Each check that is under way has something to do in a turn of the event loop, so a turn takes longer the more there are,
and whatever else has to wait for its turns takes longer with it: pages, the committer, other checks, whose time runs
out. Where the processor is what there is too little of, fewer at once bring home as many readings, and turns are short.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BEHIND_S: Final = 0.1
"""A loop that comes so late to what is due is behind."""

IN_TIME_S: Final = 0.05
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

    def after(self, lateness_s: float) -> Width:
        """Return the width after the loop came so late to what was due: an eighth less, or one more."""
        if lateness_s > BEHIND_S:
            return Width(self.at_most, max(min(LEAST, self.at_most), self.now * 7 // 8))
        if lateness_s < IN_TIME_S and self.now < self.at_most:
            return Width(self.at_most, self.now + 1)
        return self
