"""The breaker: a device that doesn't answer is asked the expensive questions less often. Pure.

Liveness checks never pass through it: they are the evidence, and a missing result is unknown time.
"""

from __future__ import annotations

from dataclasses import dataclass

OPENS_AFTER = 3
"""Failures in a row that open it."""

ASKS_EVERY = 5
"""While it is open, one run in so many is let through to see."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """How often a check failed in a row, and how often it was held back since."""

    failures: int = 0
    held: int = 0

    @property
    def is_open(self) -> bool:
        """Return whether runs are held back."""
        return self.failures >= OPENS_AFTER

    def ask(self) -> tuple[bool, Breaker]:
        """Return whether a run may go now, and the breaker after that."""
        if not self.is_open:
            return True, self
        if self.held + 1 >= ASKS_EVERY:
            return True, Breaker(self.failures, 0)
        return False, Breaker(self.failures, self.held + 1)

    def after(self, failed: bool) -> Breaker:
        """Return the breaker after a run."""
        return Breaker(self.failures + 1, self.held) if failed else Breaker()
