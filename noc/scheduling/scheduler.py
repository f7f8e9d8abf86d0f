"""The scheduler: fires checks when they are due, and hands their Readings on.

A heap of due times and one timer: 20,000 checks a minute cost 2 % of a core (docs/performance.md). Each check runs at
most once at a time; a run that is still going when the next is due makes that one be missed, and counted. Due times
follow the monotonic clock, so a step of the wall clock moves nothing.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from noc.clock import Clock, Timer
from noc.model.check import Check
from noc.model.errors import NoEvidenceError
from noc.model.instants import to_s
from noc.model.reading import Reading
from noc.scheduling.breaker import Breaker
from noc.scheduling.plan import first_due_s
from noc.scheduling.width import Width, needed

log = logging.getLogger(__name__)

Run = Callable[[Check], Awaitable[Reading]]
Sink = Callable[[Check, Reading], None]
Gate = Callable[[Check], bool]
"""Whether a check may run now, as far as byte budgets are concerned; one that may is run for certain."""

SLOW_SHARE_PCT = 75
"""Of what may be under way at once, the share of checks that are not of liveness. A poll over satellite takes a minute:
were all places taken by such, nobody would look whether devices are up, and that time would be unknown."""

GRACE_S = 5.0
OWN_UP_EVERY_S = 60.0
"""How long after its deadline a check that should have ended itself is cancelled."""


@dataclass(slots=True)
class Tally:
    """What the scheduler did, since it was made. due = started + missed + held + left_out + waiting.

    withheld: of those that were started, runs that came to nothing by noc's own fault.
    """

    due: int = 0
    started: int = 0
    left_out: int = 0
    missed: int = 0
    held: int = 0
    overrun: int = 0
    faults: int = 0
    withheld: int = 0
    lateness_s: deque[float] = field(default_factory=lambda: deque(maxlen=10_000))


@dataclass(slots=True)
class _Entry:
    check: Check
    due_s: float = 0.0
    generation: int = 0
    task: asyncio.Task[None] | None = None
    waiting: bool = False
    again: bool = False
    breaker: Breaker = field(default_factory=Breaker)


class Scheduler:
    """Runs checks on their rhythm. `run` asks the question, `sink` takes the Reading; neither may block.

    max_concurrent: so many may be under way at once, and of liveness as many as it takes to ask each in its interval,
    were nothing to answer. Fewer, and a region that falls silent would keep all others waiting.
    """

    def __init__(self, clock: Clock, run: Run, sink: Sink, max_concurrent: int, gate: Gate = lambda _: True) -> None:
        self._clock = clock
        self._run = run
        self._sink = sink
        self._gate = gate
        self._width = Width.of(max_concurrent)
        self._needed = 0
        self._owns_up_s = 0.0
        self._entries: dict[str, _Entry] = {}
        self._heap: list[tuple[float, int, str, int]] = []
        self._order = itertools.count()
        self._waiting: deque[_Entry] = deque()
        self._waiting_slow: deque[_Entry] = deque()
        self._running = 0
        self._running_slow = 0
        self._leaving: set[asyncio.Task[None]] = set()
        self._timer: Timer | None = None
        self._timer_due_s = float("inf")
        self._started = False
        self._ending_s = 0.0
        self.tally = Tally()

    @property
    def checks(self) -> tuple[Check, ...]:
        """Return the checks that are scheduled."""
        return tuple(entry.check for entry in self._entries.values())

    @property
    def width(self) -> int:
        """Return how many checks may be under way at present: fewer than at most while turns of the loop are long.

        Those of liveness may be more, as many as they need.
        """
        return self._width.now

    @property
    def overdue_s(self) -> float:
        """Return how late the oldest check is that should have been fired by now."""
        return max(0.0, self._clock.monotonic() - self._heap[0][0]) if self._started and self._heap else 0.0

    def start(self) -> None:
        """Begin to fire. Needs a running event loop."""
        self._started = True
        self._arm()

    def wind_down(self) -> None:
        """Fire no more; the time that runs have to end begins now."""
        if self._started:
            self._ending_s = self._clock.monotonic()
        self._started = False
        self._disarm()
        self._waiting.clear()
        self._waiting_slow.clear()

    async def stop(self, patience_s: float = 0.0) -> None:
        """Fire no more; wait a while for runs to end, then cancel them."""
        self.wind_down()
        tasks = [entry.task for entry in self._entries.values() if entry.task is not None] + list(self._leaving)
        left_s = patience_s - (self._clock.monotonic() - self._ending_s)
        if tasks and left_s > 0:
            await asyncio.wait(tasks, timeout=left_s)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def replace(self, checks: Iterable[Check], *, let_end: bool = False) -> None:
        """Take a new plan by difference: what is unchanged keeps its rhythm.

        let_end: runs that are under way of checks that are gone end by themselves, and are not cut off.
        """
        wanted = {check.key: check for check in checks}
        self._needed = needed(wanted.values())
        for key in self._entries.keys() - wanted.keys():
            entry = self._entries.pop(key)
            entry.generation += 1
            if entry.task is None:
                continue
            if let_end:
                self._leaving.add(entry.task)
                entry.task.add_done_callback(self._leaving.discard)
            else:
                entry.task.cancel()
        now_s = to_s(self._clock.now())
        for key, check in wanted.items():
            known = self._entries.get(key)
            if known is not None and known.check.interval_s == check.interval_s:
                known.check = check
                continue
            entry = self._entries.setdefault(key, _Entry(check))
            entry.check = check
            self._schedule(key, entry, self._clock.monotonic() + first_due_s(check, now_s))
        self._arm()

    def expedite(self, key: str) -> bool:
        """Run a check now, beside its rhythm; right after the run that is under way. False: there is no such check."""
        entry = self._entries.get(key)
        if entry is None or not self._started:
            return False
        if entry.task is not None:
            entry.again = True
        elif not entry.waiting:
            self.tally.due += 1
            self._launch(entry)
        return True

    def _schedule(self, key: str, entry: _Entry, due_s: float) -> None:
        entry.generation += 1
        entry.due_s = due_s
        heapq.heappush(self._heap, (due_s, next(self._order), key, entry.generation))

    def _arm(self) -> None:
        if not self._started or not self._heap or self._heap[0][0] >= self._timer_due_s:
            return
        self._disarm()
        self._timer_due_s = self._heap[0][0]
        self._timer = self._clock.call_later(self._timer_due_s - self._clock.monotonic(), self._fire)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._timer_due_s = None, float("inf")

    def _fire(self) -> None:
        now = self._clock.monotonic()
        self._timer, self._timer_due_s = None, float("inf")
        while self._heap and self._heap[0][0] <= now:
            due_s, _, key, generation = heapq.heappop(self._heap)
            entry = self._entries.get(key)
            if entry is None or entry.generation != generation:
                continue
            self._next(key, entry, now)
            self._due(entry, now - due_s)
        self._arm()
        asyncio.get_running_loop().call_soon(self._turned, self._clock.monotonic())

    def _turned(self, since_s: float) -> None:
        """Take how long the loop had work in hand before it came here."""
        self._width = self._width.after(self._clock.monotonic() - since_s)

    def _next(self, key: str, entry: _Entry, now: float) -> None:
        interval = entry.check.interval_s
        skipped = int((now - entry.due_s) // interval)  # the machine slept, or stalled: no burst to catch up
        self.tally.due += skipped
        self.tally.missed += skipped
        self._schedule(key, entry, entry.due_s + (skipped + 1) * interval)

    def _due(self, entry: _Entry, lateness_s: float) -> None:
        self.tally.due += 1
        self.tally.lateness_s.append(lateness_s)
        if entry.task is not None or entry.waiting:
            self.tally.missed += 1
            return
        if not entry.check.liveness:
            may_go, entry.breaker = entry.breaker.ask()
            if not may_go:
                self.tally.held += 1
                return
        self._launch(entry)

    def _launch(self, entry: _Entry) -> None:
        if not self._has_place(entry.check.liveness):
            entry.waiting = True
            (self._waiting if entry.check.liveness else self._waiting_slow).append(entry)
            return
        if not self._gate(entry.check):
            self.tally.left_out += 1
            return
        self._running += 1
        self._running_slow += not entry.check.liveness
        self.tally.started += 1
        guarded = self._guarded(entry, entry.check)
        entry.task = asyncio.get_running_loop().create_task(guarded, name=entry.check.key)

    def _has_place(self, liveness: bool) -> bool:
        width, slow = self._width.now, self._running_slow
        if not liveness:
            return slow < max(1, width * SLOW_SHARE_PCT // 100)
        return self._running < width or self._running - slow < self._needed

    async def _guarded(self, entry: _Entry, check: Check) -> None:
        try:
            async with asyncio.timeout(check.deadline_s + GRACE_S):
                reading = await self._run(check)
            if reading.failure is not None and reading.failure.ours:
                self._own_up(reading.failure.reason)
                return
            entry.breaker = entry.breaker.after(reading.failure is not None)
            self._sink(check, reading)
        except TimeoutError:
            # A collector ends by itself at its deadline; one that doesn't has a fault. That is no evidence of a device.
            self.tally.overrun += 1
            log.error("check %s did not end at its deadline of %g s and was cut off", check.key, check.deadline_s)
        except NoEvidenceError as error:
            self.tally.withheld += 1
            log.debug("check %s is no evidence: %s", check.key, error)
        except Exception:  # the scheduler's guard: a fault in one check must not stop the others
            self.tally.faults += 1
            log.exception("check %s failed by a fault in noc", check.key)
        finally:
            self._ended(entry, check)

    def _own_up(self, reason: str) -> None:
        """Count a run for which this machine lacks something, and log it once in a while: thousands may meet it."""
        self.tally.withheld += 1
        now_s = self._clock.monotonic()
        if now_s >= self._owns_up_s:
            self._owns_up_s = now_s + OWN_UP_EVERY_S
            log.error("noc can't ask, and what it would is unknown: %s; see to LimitNOFILE and memory", reason)

    def _ended(self, entry: _Entry, check: Check) -> None:
        entry.task = None
        self._running -= 1
        self._running_slow -= not check.liveness
        if not self._started:
            return
        if entry.again and self._entries.get(entry.check.key) is entry:
            entry.again = False
            self.tally.due += 1
            self._launch(entry)
        while (queue := self._next_queue()) is not None:
            waiting = queue.popleft()
            waiting.waiting = False
            if self._entries.get(waiting.check.key) is waiting:
                self._launch(waiting)

    def _next_queue(self) -> deque[_Entry] | None:
        """Return whose turn it is; liveness first."""
        if self._waiting and self._has_place(liveness=True):
            return self._waiting
        return self._waiting_slow if self._waiting_slow and self._has_place(liveness=False) else None
