"""The beat at which pages are told of changes: the same moments for all, so that what many look at is made once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from noc.clock import Clock

EVERY_S: Final = 1.0
LONGEST_S: Final = 30.0
SHARE: Final = 0.25
"""Making pages takes no more of the time than this; where it would, beats are further apart."""


class Beat:
    """Beats once a second while somebody waits for it or asks, less often where making what is shown takes long.

    last: gives the number of the newest event. number: counts beats. until: the newest event that this beat tells of;
    whoever makes something after the beat makes it with all of these in it.
    """

    def __init__(self, clock: Clock, last: Callable[[], int]) -> None:
        self._clock = clock
        self._last = last
        self.number = 0
        self.until = 0
        self._due = clock.monotonic()
        self._making = 0
        self._since = 0.0
        self._busy_s = 0.0

    def now(self) -> int:
        """Return the number of the beat that holds now."""
        at = self._clock.monotonic()
        if at >= self._due:
            self._note(at)
            self._due = at + min(LONGEST_S, max(EVERY_S, self._busy_s / SHARE))
            self._busy_s = 0.0
            self.number += 1
            self.until = self._last()
        return self.number

    async def after(self, seen: int) -> int:
        """Wait for a beat after one that was seen; return its number."""
        while (number := self.now()) <= seen:
            await self._clock.sleep(max(0.0, self._due - self._clock.monotonic()))
        return number

    @contextmanager
    def making(self) -> Iterator[None]:
        """Count the time within as spent on making what is shown; times that overlap count once."""
        self._note(self._clock.monotonic())
        self._making += 1
        try:
            yield
        finally:
            self._note(self._clock.monotonic())
            self._making -= 1

    def _note(self, at: float) -> None:
        if self._making:
            self._busy_s += at - self._since
        self._since = at
