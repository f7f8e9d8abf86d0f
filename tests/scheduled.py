"""A scheduler in virtual time, and what it asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from noc.clock import ManualClock
from noc.model.check import Check
from noc.model.reading import Failure, Reading
from noc.scheduling.scheduler import Scheduler

START = datetime(2026, 3, 1, tzinfo=UTC)


def probe(number: int = 0, interval_s: float = 60.0, kind: str = "icmp", liveness: bool = True) -> Check:
    return Check(f"device/d{number}", kind, interval_s, min(10.0, interval_s), liveness)


class World:
    """A scheduler, what it asked, and what came back."""

    def __init__(self, max_concurrent: int = 1000) -> None:
        self.clock = ManualClock(START)
        self.asked: list[tuple[float, str]] = []
        self.came_back: list[str] = []
        self.failure: Failure | None = None
        self.answer: Callable[[Check], Awaitable[None]] | None = None
        self.may: Callable[[Check], bool] = lambda _: True
        self.scheduler = Scheduler(self.clock, self._run, self._sink, max_concurrent, self._gate)

    async def _run(self, check: Check) -> Reading:
        self.asked.append((self.clock.monotonic(), check.key))
        if self.answer is not None:
            await self.answer(check)
        return Reading(check.kind, "192.0.2.1", "test", self.clock.now(), 0.0, failure=self.failure)

    def _gate(self, check: Check) -> bool:
        return self.may(check)

    def _sink(self, check: Check, reading: Reading) -> None:
        self.came_back.append(check.key)

    def count(self) -> Counter[str]:
        return Counter(key for _, key in self.asked)
