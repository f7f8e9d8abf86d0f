"""The only place that asks what time it is.

Everything else is handed a Clock, so that hours can be rehearsed in virtual time.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from noc.model.instants import MILLISECOND, to_ms


class Timer(Protocol):
    """A call that is still to come."""

    def cancel(self) -> None:
        """Forget the call; nothing happens when it was made already."""
        ...


STEPS_KEPT: Final = 32


@dataclass(frozen=True, slots=True)
class Steps:
    """Where wall time leapt forward and no time passed: the moments after the leaps, and how far each went.

    In milliseconds of the Unix epoch, the oldest first. Whoever waits counts what passed, and for them a moment before
    a leap was later.
    """

    known: tuple[tuple[int, int], ...] = ()

    def here(self, at_ms: int) -> int:
        """Return a moment of the past as it counts now: by how far wall time leapt since then, later."""
        for step_ms, by_ms in self.known:
            if at_ms < step_ms:
                at_ms += by_ms
        return at_ms

    def there(self, at_ms: int) -> int:
        """Return what wall time was at a moment that counts from now: the opposite of `here`."""
        for step_ms, by_ms in reversed(self.known):
            if at_ms < step_ms:
                at_ms -= by_ms
        return at_ms

    def and_one(self, at_ms: int, by_ms: int) -> Steps:
        """Return these and a new one, the oldest left out where there are many."""
        return Steps((*self.known, (at_ms, by_ms))[-STEPS_KEPT:])


NO_STEPS: Final = Steps()


class Clock(Protocol):
    """Wall time, monotonic time, and ways to wait."""

    @property
    def steps(self) -> Steps:
        """Return where wall time is known to have leapt forward."""
        ...

    def now(self) -> datetime:
        """Return the wall time, timezone-aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds of a clock that never goes backwards; only differences mean anything."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait so many seconds of this clock; returns at once for zero or less."""
        ...

    def call_later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Have a function called, by the event loop, after so many seconds of this clock."""
        ...


class SystemClock:
    """The machine's clock."""

    @property
    def steps(self) -> Steps:
        """Return nothing: it doesn't know."""
        return NO_STEPS

    def now(self) -> datetime:
        """Return the wall time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the seconds of the system's monotonic clock."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait in real time."""
        await asyncio.sleep(max(seconds, 0.0))

    def call_later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Have a function called after real seconds."""
        return asyncio.get_running_loop().call_later(max(seconds, 0.0), call)


SLOWER: Final = 1 / 12
"""Of what passes, the share by which SteadyClock works off its lead: chrony's bound for slewing a clock as well."""


TOLERATED: Final = timedelta(seconds=2)
"""What NTP moves bit by bit is no step."""


@dataclass(frozen=True, slots=True)
class Leap:
    """A step forward that isn't followed yet. at_ms: noc's time right after it. by_ms: how far it goes."""

    at_ms: int
    by_ms: int


class SteadyClock:
    """Another clock whose wall time never goes back (docs/adr/0010).

    While the other one is behind where it has been, this one goes on by the monotonic clock, slower by a twelfth, until
    the other one has caught up. A step forward is followed at once; after `hold_leaps`, once somebody calls `follow`.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()  # threads ask as well, and no second may be counted twice
        self._now = clock.now()
        self._read_at = clock.monotonic()
        self._holds = False
        self.steps = NO_STEPS

    @property
    def ahead(self) -> timedelta:
        """Return how far the wall time of the other clock is behind."""
        return max(self.now() - self._clock.now(), timedelta())

    def no_earlier_than(self, moment: datetime) -> None:
        """Go on from a moment, where it isn't that late yet: what was written before a restart was then."""
        with self._lock:
            self._now = max(self._now, moment)

    def hold_leaps(self, *, hold: bool = True) -> None:
        """Go on by the monotonic clock at a step forward, until `follow`: what waits is to be moved with it."""
        self._holds = hold

    @property
    def leap(self) -> Leap | None:
        """Return the step forward that is to be followed; None where there is none."""
        now = self.now()
        by = self._clock.now() - now
        return Leap(to_ms(now + by), by // MILLISECOND) if by > TOLERATED else None

    def follow(self, leap: Leap) -> None:
        """Step forward."""
        now = self.now()
        with self._lock:
            self._now = now + leap.by_ms * MILLISECOND
        self.steps = self.steps.and_one(leap.at_ms, leap.by_ms)

    def now(self) -> datetime:
        """Return the wall time in UTC, never earlier than it returned before."""
        with self._lock:
            wall, monotonic = self._clock.now(), self._clock.monotonic()
            passed, self._read_at = timedelta(seconds=monotonic - self._read_at), monotonic
            slowly = self._now + passed * (1 - SLOWER)
            if wall <= slowly:
                self._now = slowly
            elif self._holds and wall - self._now - passed > TOLERATED:
                self._now += passed
            else:
                self._now = wall
            return self._now

    def monotonic(self) -> float:
        """Return the seconds of the other clock's monotonic time."""
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait so many seconds of the monotonic clock."""
        await self._clock.sleep(seconds)

    def call_later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Have a function called after so many seconds of the monotonic clock."""
        return self._clock.call_later(seconds, call)


class ManualClock:
    """A clock that moves only when told to: for tests, the rehearsal and history made in virtual time."""

    steps = NO_STEPS

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("ManualClock needs a timezone-aware start")
        self._now = start.astimezone(UTC)
        self._monotonic = 0.0
        self._order = itertools.count()
        self._calls: list[tuple[float, int, _ManualTimer]] = []

    def now(self) -> datetime:
        """Return the virtual wall time."""
        return self._now

    def monotonic(self) -> float:
        """Return the virtual seconds since the clock was made."""
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        """Wait until `advance` has moved the clock so far."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.get_running_loop().create_future()
        timer = self.call_later(seconds, lambda: None if woken.done() else woken.set_result(None))
        try:
            await woken
        finally:
            timer.cancel()

    def call_later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Have a function called when the clock has moved so far."""
        timer = _ManualTimer(call)
        heapq.heappush(self._calls, (self._monotonic + max(seconds, 0.0), next(self._order), timer))
        return timer

    def next_call_s(self) -> float | None:
        """Return in how many seconds the next call falls due; None where there is none."""
        while self._calls and self._calls[0][2].is_over:
            heapq.heappop(self._calls)
        return max(self._calls[0][0] - self._monotonic, 0.0) if self._calls else None

    async def advance(self, seconds: float) -> None:
        """Move the clock; what falls due on the way is called in order, each at its own moment.

        After each call the tasks that it woke run until they wait again.
        """
        target = self._monotonic + seconds
        await settle()
        while self._calls and self._calls[0][0] <= target:
            due, _, timer = heapq.heappop(self._calls)
            self._move_to(max(due, self._monotonic))
            timer.fire()
            await settle()
        self._move_to(target)
        await settle()

    def stall(self, seconds: float) -> None:
        """Let time pass while nothing runs, as when the machine is suspended: what fell due is late."""
        self._move_to(self._monotonic + seconds)

    def step(self, wall_seconds: float) -> None:
        """Set the wall clock forward or back, as an administrator or NTP does: nothing else moves."""
        self._now += timedelta(seconds=wall_seconds)

    def _move_to(self, monotonic: float) -> None:
        self._now += timedelta(seconds=monotonic - self._monotonic)
        self._monotonic = monotonic


class _ManualTimer:
    def __init__(self, call: Callable[[], None]) -> None:
        self._call: Callable[[], None] | None = call

    @property
    def is_over(self) -> bool:
        """Tell whether it was called, or cancelled."""
        return self._call is None

    def cancel(self) -> None:
        self._call = None

    def fire(self) -> None:
        call, self._call = self._call, None
        if call is not None:
            call()


TURNS_TO_SETTLE = 20
"""Turns of the event loop that a chain of woken tasks may take before virtual time goes on."""


async def settle() -> None:
    """Let tasks that are ready run, for a bounded number of turns of the event loop."""
    for _ in range(TURNS_TO_SETTLE):
        await asyncio.sleep(0)
