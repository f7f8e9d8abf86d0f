"""When a poller says that it is there. Pure, given the time.

Whoever says nothing for `lost_after` is gone. The centre takes each frame for a sign of life, and its acknowledgements
are one to the poller: while frames are acknowledged a presence tells it little new, and is said seldom. Other pollers
of the group hear presences alone; for them, and while the centre says nothing, one is said often enough for two to be
lost.
"""

from __future__ import annotations

from typing import Final

LOST_AFTER_S: Final = 60.0
"""What counts before there is a plan."""

OF_LOST_AFTER: Final = 3
"""Presences in that time: two may be lost on the way."""

SELDOM_S: Final = 300.0
"""Between two presences while frames are acknowledged: clocks are compared by them, and pages tell what waits."""

SECOND_AFTER_S: Final = 5.0
"""After the first of a link: a broker may say the last will of the link before this one late."""


class Rhythm:
    """Of one poller. lost_after_s: as the plan has it. is_alone: nobody else of its group hears it."""

    def __init__(self) -> None:
        self.lost_after_s = LOST_AFTER_S
        self.is_alone = False
        self._said_s: float | None = None
        self._answered_s: float | None = None
        self._is_second = False

    @property
    def often_s(self) -> float:
        """Return the time between two presences where they alone tell that it is there."""
        return self.lost_after_s / OF_LOST_AFTER

    def linked(self) -> None:
        """Say that there is a new link: nobody has heard of it, and nobody has answered."""
        self._said_s = self._answered_s = None
        self._is_second = True

    def said(self, now_s: float) -> None:
        """Say that a presence goes."""
        self._is_second = self._said_s is None
        self._said_s = now_s

    def answered(self, now_s: float) -> None:
        """Say that the centre acknowledged something."""
        self._answered_s = now_s

    def wait_s(self, now_s: float, *, has_news: bool) -> float:
        """Return in how many seconds the next one is due. has_news: what it says changes a lot, such as a backlog."""
        if self._said_s is None:
            return 0.0
        due_s = self._said_s + self.often_s
        if self._is_second:
            due_s = self._said_s + min(SECOND_AFTER_S, self.often_s)
        elif self.is_alone and not has_news and self._answered_s is not None:
            seldom_s = self._said_s + max(SELDOM_S, self.often_s)
            due_s = min(seldom_s, max(self._said_s, self._answered_s) + self.often_s)
        return max(0.0, due_s - now_s)

    def is_silent(self, now_s: float) -> bool:
        """Return whether the centre answered, and for too long doesn't any more."""
        return self._answered_s is not None and now_s - self._answered_s > self.lost_after_s
