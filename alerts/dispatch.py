"""Dispatch: claims rows of the outbox, hands them to notifiers, writes down what became of them.

A claim is on disk before anything is sent, and has a time limit. When noc dies between sending and writing that down,
the outcome is unknown: the row is claimed again after its limit and sent again under the same key.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping

from alerts.breaker import LONGEST_MS, WELL, Breaker
from alerts.composing import Telling, compose
from alerts.escalation import may_have_told
from alerts.fallback import because, other_way
from alerts.notifiers._ports import Message, Notifier, NotifyError
from alerts.pace import DispatchTally, Pace
from noc.clock import Clock, Timer
from noc.model.incident import Entry, EntryKind, Facts, Notice
from noc.model.instants import to_ms
from noc.service import Rounds
from noc.state import incidents, outbox
from noc.state.beside import Beside, beside
from noc.state.database import Database, StateError, Transaction

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
RETRY_AFTER_S = 5.0
STOP_PATIENCE_S = 3.0

FALLBACK_AFTER_MS = 20_000
"""A call that was tried and isn't sent after this time goes another way too."""

FALLBACKS_AT_ONCE = 200
NOBODY = Beside(0, (), ())


class Dispatch:
    """A service: empties the outbox.

    changed: is given the number of an incident whose notices changed. undelivered: is called when somebody could not
    be told, so that escalation need not wait. stuck: what keeps all messages from going out; empty while nothing does.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        telling: Telling,
        pace: Pace = Pace(),  # noqa: B008 frozen
        changed: Callable[[int], None] = lambda _: None,
        undelivered: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._telling = telling
        self._pace = pace
        self._changed = changed
        self._undelivered = undelivered
        self._rounds = Rounds(clock, "dispatch", self._round)
        self._patience: Timer | None = None
        self._out_of_patience = False
        self._held = False
        self._running: dict[int, asyncio.Task[None]] = {}
        self._channels: Counter[str] = Counter()
        self._breakers: dict[str, Breaker] = {}
        self.stuck = ""
        self.tally = DispatchTally()

    @property
    def away(self) -> Mapping[str, str]:
        """Return the notifiers that don't work now, by name, and why."""
        return {channel: one.why for channel, one in sorted(self._breakers.items()) if one.failures}

    @property
    def failing(self) -> str:
        """Return what keeps messages from going out; empty where nothing does."""
        return self.stuck or "; ".join(f"{channel}: {why}" for channel, why in self.away.items())

    @property
    def under_way(self) -> int:
        """Return how many messages are being handed over."""
        return len(self._running)

    async def start(self) -> None:
        """Begin to send; what was left from before a restart goes first."""
        self._out_of_patience = False
        self._rounds.start()

    def wind_down(self) -> None:
        """Begin nothing new; from now on what is under way has a few seconds."""
        self._rounds.end()
        if self._patience is None:
            self._patience = self._clock.call_later(STOP_PATIENCE_S, self._cut_off)

    async def stop(self) -> None:
        """Begin nothing new; give what is under way a few seconds. What is cut off is sent again after a restart."""
        self.wind_down()
        await self._rounds.stop()
        if self._out_of_patience:  # the last round may have begun something after that
            self._cut_off()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _cut_off(self) -> None:
        self._out_of_patience = True
        _cancel(self._running.values())

    def replace(self, telling: Telling) -> None:
        """Go on with other people, notifiers and words; what is under way ends as it began."""
        self._telling = telling
        self._breakers.clear()
        self._rounds.wake()

    def hold(self, held: bool) -> None:
        """Begin nothing new while another noc tells people; what is under way ends."""
        self._held = held
        self._rounds.wake()

    def wake(self) -> None:
        """Say that there may be something to send; returns at once."""
        self._rounds.wake()

    async def work(self) -> None:
        """Begin to send everything that is due, as far as bounds allow. Raises StateError."""
        if self._held:
            return
        now_ms = self._now_ms()
        async with self._database.read() as connection:
            channels = await outbox.channels_due(connection, now_ms)
            before_ms = self._clock.steps.there(now_ms - FALLBACK_AFTER_MS)
            times, cut_off = (before_ms, now_ms + LONGEST_MS), self._cut_off_now
            stalled = await outbox.stalled(connection, *times, cut_off, FALLBACKS_AT_ONCE)
        if stalled:
            channels += await self._go_other_ways(stalled, now_ms)
        room = {channel: self._room(channel, now_ms) for channel in channels}
        waiting = [channel for channel in channels if self._until_ms(channel) > now_ms]
        if not waiting and not any(number > 0 for number in room.values()):
            return
        until_ms = now_ms + int((self._pace.timeout_s + self._pace.margin_s) * 1000)
        claimed: list[Notice] = []
        busy = tuple(self._running)
        async with self._database.write() as connection:
            changed = await outbox.drop_calls(connection, now_ms)
            changed += await self._mark_lost(connection, now_ms, busy)
            for channel in waiting:
                await outbox.wait_until(connection, channel, now_ms, self._until_ms(channel))
            for channel, number in room.items():
                if number > 0:
                    claimed += await outbox.claim(connection, channel, now_ms, until_ms, number, busy)
        self.tally.claimed += len(claimed)
        for notice in claimed:
            self._channels[notice.channel] += 1
            task = asyncio.create_task(self._guarded(notice), name=f"notice {notice.key}")
            self._running[notice.id] = task
        for number in {notice.incident for notice in changed}:
            self._changed(number)

    @property
    def _cut_off_now(self) -> frozenset[str]:
        return frozenset(channel for channel, one in self._breakers.items() if one.is_open)

    def _until_ms(self, channel: str) -> int:
        return self._breakers.get(channel, WELL).until_ms or 0

    def _room(self, channel: str, now_ms: int) -> int:
        under_way = self._channels[channel]
        return self._breakers.get(channel, WELL).room(self._pace.concurrent - under_way, under_way, now_ms)

    async def _mark_lost(self, connection: Transaction, now_ms: int, busy: tuple[int, ...]) -> list[Notice]:
        """Say of claims that ran out that nobody knows what became of them."""
        lost = await outbox.mark_unknown(connection, now_ms, busy)
        said = [Entry(one.incident, now_ms, "note", None, {"why": "unknown", **_facts(one)}) for one in lost]
        await incidents.record(connection, said)
        self.tally.unknown += len(lost)
        return lost

    async def _go_other_ways(self, stalled: list[Notice], now_ms: int) -> list[str]:
        """Tell people by their next way where the first doesn't work. Return the channels that have more to send."""
        made: list[Notice] = []
        async with self._database.write() as connection:
            for notice in stalled:
                why = self._breakers.get(notice.channel, WELL).why or notice.error or "no answer"
                made += await self._go_another_way(connection, notice, why, now_ms)
        for number in {notice.incident for notice in made}:
            self._changed(number)
        return sorted({notice.channel for notice in made})

    async def _go_another_way(self, connection: Transaction, notice: Notice, why: str, now_ms: int) -> list[Notice]:
        told = await outbox.of_incident(connection, notice.incident)
        other = other_way(self._telling.settings, notice, told, self._cut_off_now, now_ms)
        made = [] if other is None else await outbox.put_new(connection, [other])
        lines = [Entry(notice.incident, now_ms, "note", None, because(notice, one, why)) for one in made]
        await incidents.record(connection, lines)
        self.tally.fallbacks += len(made)
        return made

    async def reported(self, notice: Notice, said: str, *, delivered: bool) -> None:
        """Take what somebody on the way reports of a message: that it arrived, or never will. Raises StateError."""
        if not delivered:
            if notice.state != "dead":
                await self._dead(notice, f"it came back: {said}")
                self.tally.dead -= 1
                self.tally.returned += 1
            return
        now_ms = self._now_ms()
        async with self._database.write() as connection:
            if await outbox.mark_delivered(connection, notice.id, now_ms):
                await _record(connection, notice, now_ms, "delivered", _facts(notice))
        self._changed(notice.incident)

    async def _round(self) -> float:
        now_ms = self._now_ms()
        try:
            await self.work()
            wait_s = await self._pause_s(now_ms)
        except StateError as error:
            if not self.stuck:
                log.error("nobody can be told, the outbox can't be read or written: %s", error)
            self.stuck = str(error)
            return RETRY_AFTER_S
        except Exception:  # the guard: a fault must not end telling
            self.tally.faults += 1
            self.stuck = "dispatch met a fault in noc, see the log"
            log.exception("dispatch met a fault in noc, and goes on")
            return RETRY_AFTER_S
        self.stuck = ""
        self.tally.rounds += 1
        return wait_s

    async def _pause_s(self, now_ms: int) -> float:
        """Return how long nothing more falls due; what another process queues is seen after LOOK_EVERY_S."""
        # What was due at now_ms and not claimed waits for something under way, and the end of that wakes us.
        async with self._database.read() as connection:
            next_ms = await outbox.next_due_ms(connection, now_ms)
        return LOOK_EVERY_S if next_ms is None else min((next_ms - now_ms) / 1000, LOOK_EVERY_S)

    async def _guarded(self, notice: Notice) -> None:
        try:
            await self._deliver(notice)
        except Exception:  # the guard: a fault in one notifier must not stop the others; the claim runs out by itself
            self.tally.faults += 1
            self._fails(notice.channel, "a fault in noc or its notifier, see the log")
            log.exception("notice %s by %s: a fault in noc or its notifier", notice.key, notice.channel)
        finally:
            del self._running[notice.id]
            self._channels[notice.channel] -= 1
            self._rounds.wake()

    async def _deliver(self, notice: Notice) -> None:
        """Send one notice and write down what became of it."""
        now_ms = self._now_ms()
        async with self._database.read() as connection:
            incident = await incidents.get(connection, notice.incident)
            others = await outbox.of_incident(connection, notice.incident)
            known = NOBODY if incident is None else await beside(connection, incident, now_ms, notice.kind)
        lane = [other for other in others if (other.person, other.channel) == (notice.person, notice.channel)]
        if notice.kind == "resolved" and not any(may_have_told(other) for other in lane):
            # Whoever never heard of the beginning (it was refused, or dropped) is not told of the end.
            await self._drop(notice)
            return
        if notice.attempts > self._pace.attempts:
            await self._dead(notice, f"given up after {self._pace.attempts} attempts: {notice.error or 'no outcome'}")
            return
        try:
            await self._within_limit(*compose(self._telling, notice, incident, lane, known, now_ms))
        except NotifyError as error:
            if error.permanent or notice.attempts >= self._pace.attempts:
                await self._dead(notice, str(error))
            else:
                await self._failed(notice, error)
        else:
            await self._sent(notice)

    async def _within_limit(self, notifier: Notifier, message: Message) -> None:
        sending = asyncio.create_task(notifier.send(message))
        timer = self._clock.call_later(self._pace.timeout_s, lambda: _cancel([sending]))
        try:
            await asyncio.wait([sending])
        finally:
            timer.cancel()
            sending.cancel()
        if sending.cancelled():
            raise NotifyError(f"took longer than {self._pace.timeout_s:g} s and was cut off", unknown=True)
        sending.result()

    async def _sent(self, notice: Notice) -> None:
        was_open = self._breakers.pop(notice.channel, WELL)

        async def write(connection: Transaction, now_ms: int) -> None:
            await outbox.mark_sent(connection, notice.id, now_ms)
            await _record(connection, notice, now_ms, "notified", {**_facts(notice), "attempts": notice.attempts})
            if notice.instead_of is not None:
                await outbox.drop_queued(connection, notice.instead_of)
            if was_open.is_open:
                await outbox.hasten(connection, notice.channel, now_ms, now_ms + LONGEST_MS)

        await self._write(notice, "sent", write)
        self.tally.sent += 1
        self.tally.by_channel[notice.channel] += 1
        if was_open.failures:
            log.warning("notifier %s works again", notice.channel)

    async def _failed(self, notice: Notice, error: NotifyError) -> None:
        self._fails(notice.channel, str(error))

        async def write(connection: Transaction, now_ms: int) -> None:
            next_ms = now_ms + int(self._pace.wait_s(notice.attempts) * 1000)
            await outbox.mark_failed(connection, notice.id, str(error), next_ms, unknown=error.unknown)

        await self._write(notice, "queued", write)
        self.tally.failed += 1

    def _fails(self, channel: str, why: str) -> None:
        known = self._breakers.get(channel, WELL)
        if not known.failures:
            log.error("notifier %s: %s; messages wait and are tried again", channel, why)
        self._breakers[channel] = known.failed(why, self._now_ms())

    async def _dead(self, notice: Notice, error: str) -> None:
        log.error("incident %d: %s could not be told by %s: %s", notice.incident, notice.person, notice.channel, error)

        async def write(connection: Transaction, now_ms: int) -> None:
            await outbox.mark_dead(connection, notice.id, error)
            await _record(connection, notice, now_ms, "undelivered", {**_facts(notice), "error": error})
            if notice.kind in outbox.CALLS:
                await self._go_another_way(connection, notice, error, now_ms)
            await incidents.look_if_open(connection, notice.incident, now_ms)

        await self._write(notice, "dead", write)
        self.tally.dead += 1
        self._undelivered()

    async def _drop(self, notice: Notice) -> None:
        await self._write(notice, "dropped", lambda connection, _: outbox.drop(connection, notice.id))
        self.tally.dropped += 1

    async def _write(self, notice: Notice, state: str, write: Callable[[Transaction, int], Awaitable[None]]) -> None:
        """Write down an outcome. While the database can't, this waits: what was sent must not be forgotten."""
        while True:
            try:
                async with self._database.write() as connection:
                    await write(connection, self._now_ms())
                break
            except StateError as failure:
                log.error("notice %s is %s, which can't be written down yet: %s", notice.key, state, failure)
                await self._clock.sleep(RETRY_AFTER_S)
        self._changed(notice.incident)

    def _now_ms(self) -> int:
        return to_ms(self._clock.now())


def _cancel(tasks: Iterable[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()


def _facts(notice: Notice) -> dict[str, str | int]:
    return {"person": notice.person, "channel": notice.channel, "kind": notice.kind, "step": notice.step}


async def _record(connection: Transaction, notice: Notice, now_ms: int, kind: EntryKind, facts: Facts) -> None:
    await incidents.record(connection, [Entry(notice.incident, now_ms, kind, None, facts)])
