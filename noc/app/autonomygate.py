"""The gate: whether a poller calls people by itself, or its centre does (docs/adr/0026). Pure, given the time.

It opens when the centre was silent for long enough, and closes when the centre has taken the tale of what was done
meanwhile; while that is told, nobody is called.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

State = Literal["closed", "open", "telling"]

GIVEN_UP_AFTER_S: Final = 60.0
"""A centre that answers and takes no tale is of an older noc, or has a fault: frames go on, and it calls."""


@dataclass(slots=True)
class Gate:
    """Of one start of a poller. after_s: how long the centre is silent before it opens. started_s: monotonic.

    alone_ms: since when people are called from here and the centre has not been told of it; None: they aren't.
    linked: whether there is a link now.
    """

    after_s: float
    started_s: float
    state: State = "closed"
    alone_ms: int | None = None
    answered_s: float | None = None
    telling_s: float | None = None

    def resume(self, alone_ms: int | None) -> None:
        """Go on where a start before this one was: what the centre was not told it doesn't know."""
        if alone_ms is not None:
            self.state, self.alone_ms = "open", alone_ms

    def answered(self, now_s: float) -> bool:
        """Take that the centre answered; return whether it is to be told now."""
        self.answered_s = now_s
        if self.state != "open":
            return False
        self.state, self.telling_s = "telling", now_s
        return True

    def unlinked(self) -> bool:
        """Take that the link is gone; return whether people are called again, as the centre wasn't told."""
        if self.state != "telling":
            return False
        self.state, self.telling_s = "open", None
        return True

    def silent_s(self, now_s: float) -> float:
        """Return how long the centre is silent."""
        return now_s - (self.started_s if self.answered_s is None else self.answered_s)

    def look(self, now_s: float, now_ms: int, *, may_call: bool) -> bool:
        """Look whether it opens; return whether it did. may_call: whether this poller holds its group."""
        if self.silent_s(now_s) < self.after_s:
            return False
        if self.state == "telling":
            return self.unlinked()
        if self.state == "open" or not may_call:
            return False
        self.state, self.alone_ms = "open", now_ms
        return True

    def took(self) -> None:
        """Take that the centre has all that was told."""
        self.state, self.alone_ms, self.telling_s = "closed", None, None

    def is_refused(self, now_s: float) -> bool:
        """Return whether a centre that answers hasn't taken anything for too long."""
        return self.telling_s is not None and now_s - self.telling_s >= GIVEN_UP_AFTER_S

    def progressed(self, now_s: float) -> None:
        """Take that the centre took one of several tales."""
        if self.telling_s is not None:
            self.telling_s = now_s
