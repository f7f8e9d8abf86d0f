"""How fast messages go out, how often they are tried, and what is counted of that."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Pace:
    """Bounds. concurrent: messages under way at once, for each notifier. timeout_s: for handing one over.

    first_s, longest_s: the wait after the first failure, doubled each time up to the longest. attempts: after so many
    a message is given up: with the defaults after a day and a half.
    """

    concurrent: int = 4
    timeout_s: float = 30.0
    margin_s: float = 10.0
    first_s: float = 2.0
    longest_s: float = 60.0
    attempts: int = 2_000

    def wait_s(self, attempts: int) -> float:
        """Return how long to wait after so many attempts that failed."""
        return min(self.first_s * 2.0 ** min(attempts - 1, 30), self.longest_s)


@dataclass(slots=True)
class DispatchTally:
    """Attempts and what became of them. claimed = sent + failed + dead + dropped, apart from what is under way.

    unknown: claims whose outcome nobody wrote down; fallbacks: notices that go another way. returned: messages
    that were sent and came back.
    """

    claimed: int = 0
    sent: int = 0
    failed: int = 0
    dead: int = 0
    dropped: int = 0
    faults: int = 0
    unknown: int = 0
    fallbacks: int = 0
    returned: int = 0
    rounds: int = 0
    by_channel: Counter[str] = field(default_factory=Counter)
