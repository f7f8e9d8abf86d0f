"""A breaker for each notifier: one that fails again and again is asked seldom, until it works. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FAILURES: Final = 5
"""So many failures in a row cut a notifier off."""

FIRST_MS: Final = 10_000
LONGEST_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Breaker:
    """How a notifier stands. failures: in a row. until_ms: cut off until then; then one message tries it.

    why: what the last failure said.
    """

    failures: int = 0
    until_ms: int | None = None
    why: str = ""

    @property
    def is_open(self) -> bool:
        """Tell whether it is cut off, or being tried."""
        return self.until_ms is not None

    def room(self, free: int, under_way: int, now_ms: int) -> int:
        """Return how many messages it may be given now. free: as far as other bounds go; under_way: it has already."""
        if self.until_ms is None:
            return free
        return min(free, 1) if now_ms >= self.until_ms and not under_way else 0

    def failed(self, why: str, now_ms: int) -> Breaker:
        """Return it after a failure that is not about the person."""
        failures = self.failures + 1
        if failures < FAILURES:
            return Breaker(failures, self.until_ms, why)
        wait_ms = min(FIRST_MS * 2 ** min(failures - FAILURES, 10), LONGEST_MS)
        return Breaker(failures, now_ms + wait_ms, why)


WELL: Final = Breaker()
"""As it is at the beginning, and after every success."""
