"""How late the event loop was while something was waited for: time that nobody else is to blame for.

A check that goes over several turns of the loop runs out of time where turns are long, whatever it asks answers at
once; and where the loop was away, an answer that lies there and the time that is up are found in the same turn.
"""

from __future__ import annotations

from types import TracebackType
from typing import Final, Self

from noc.clock import Clock, Timer
from noc.model.errors import NoEvidenceError

TICK_S: Final = 0.1
SHARE: Final = 1 / 3
"""Of a wait: where the loop was late for so much of it, that it was in vain is no evidence. A turn takes 0.15 s then,
and a request over HTTPS takes more than ten."""


class Lateness:
    """A context: within it a timer tells how late it is called, again and again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began_s = self._due_s = 0.0
        self._late_s = 0.0
        self._timer: Timer | None = None

    def __enter__(self) -> Self:
        self._began_s = self._clock.monotonic()
        self._arm()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._timer is not None:
            self._timer.cancel()

    @property
    def is_to_blame(self) -> bool:
        """Return whether the loop was late for so much of the time so far that what ran out in it proves nothing."""
        now_s = self._clock.monotonic()
        late_s = self._late_s + max(0.0, now_s - self._due_s)
        return late_s > 0 and late_s >= SHARE * (now_s - self._began_s)

    def own_up(self, what: str) -> None:
        """Raise NoEvidenceError where the loop is to blame. what: that got no answer, for people."""
        if self.is_to_blame:
            raise NoEvidenceError(f"{what}: noc itself was too busy to hear an answer in time")

    def _arm(self) -> None:
        self._due_s = self._clock.monotonic() + TICK_S
        self._timer = self._clock.call_later(TICK_S, self._tick)

    def _tick(self) -> None:
        self._late_s += max(0.0, self._clock.monotonic() - self._due_s)
        self._arm()
