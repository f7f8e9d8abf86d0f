"""How long an agent takes to answer, and how long it is therefore waited for (RFC 6298, section 2). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SLOWER_AT_MOST: Final = 4.0
"""Times the configured timeout that an answer is waited for, however slow the agent was before."""

SOONEST_S: Final = 0.5
"""No agent is asked again sooner, however quick it is: a table that it looks up takes longer than a number."""

PEAK_FADES: Final = 32
"""Answers after which a slow one is forgotten by two thirds."""


@dataclass(slots=True)
class RoundTrip:
    """The round trip to an agent and how much it varies, in seconds; peak_s: of the slowest answers of late.

    expected_s: when an answer is overdue. doubted: its last question had no answer: the line, or the agent, may be
    another by now.
    """

    mean_s: float = 0.0
    deviation_s: float = 0.0
    peak_s: float = 0.0
    expected_s: float = 0.0
    doubted: bool = False

    def take(self, seconds: float) -> None:
        """Take the time between one request and its own answer."""
        self.doubted = False
        mean_s, deviation_s = self.mean_s, self.deviation_s
        if mean_s:
            deviation_s += (abs(mean_s - seconds) - deviation_s) / 4
            mean_s += (seconds - mean_s) / 8
        else:
            mean_s, deviation_s = seconds, seconds / 2
        self.mean_s, self.deviation_s = mean_s, deviation_s
        self.peak_s = max(seconds, self.peak_s + (seconds - self.peak_s) / PEAK_FADES)
        # Half of the mean at least, as steady agents have next to no deviation.
        self.expected_s = mean_s + max(4 * deviation_s, mean_s / 2)

    def silent(self) -> None:
        """Note that an agent answers nothing: it is waited for as one that nobody knows, until it answers."""
        self.doubted = True

    def wait_s(self, timeout_s: float, tried: int = 0, *, last: bool = True) -> float:
        """Return how long to wait before the next try, or, behind the last one, before giving up.

        The longest wait is what is configured, more where the agent is known to be slower. tried: how many tries there
        were before this one. Each waits twice as long as the one before (RFC 6298, 5.5),
        and the last one as long as any: no answer that comes within the timeout of it is missed for haste.
        """
        expected_s = self.expected_s
        longest_s = min(max(timeout_s, expected_s), timeout_s * SLOWER_AT_MOST)
        if last or self.doubted or not expected_s:
            return longest_s
        soonest_s = max(expected_s, min(max(SOONEST_S, self.peak_s), timeout_s))
        return min(soonest_s * (1 << tried), longest_s)
