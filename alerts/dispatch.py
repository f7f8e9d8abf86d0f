"""Dispatch: claims rows of the outbox, hands them to notifiers, writes down what became of them.

A claim is on disk before anything is sent, and has a time limit. When noc dies between sending and writing that down,
the outcome is unknown: the row is claimed again after its limit and sent again under the same key.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from alerts.escalation import may_have_told
from alerts.messages import Reader, words
from alerts.notifiers._ports import Message, Notifier, NotifyError
from alerts.policies import AlertSettings
from alerts.scene import scene_of
from noc.clock import Clock, Timer
from noc.inventory.inventory import Inventory
from noc.model.incident import Entry, EntryKind, Facts, Incident, Notice
from noc.model.instants import to_ms
from noc.service import Rounds
from noc.state import incidents, outbox
from noc.state.database import Database, StateError

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
RETRY_AFTER_S = 5.0
STOP_PATIENCE_S = 3.0


@dataclass(frozen=True, slots=True)
class Telling:
    """Whom and how to tell. notifiers: by the name that policies use. inventory: as of the last good reload.

    simulated: nothing is real, and every message says so.
    """

    settings: AlertSettings
    notifiers: Mapping[str, Notifier]
    inventory: Callable[[], Inventory]
    simulated: bool = False


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
    """Attempts and what became of them. claimed = sent + failed + dead + dropped, apart from what is under way."""

    claimed: int = 0
    sent: int = 0
    failed: int = 0
    dead: int = 0
    dropped: int = 0
    faults: int = 0
    by_channel: Counter[str] = field(default_factory=Counter)


class Dispatch:
    """A service: empties the outbox.

    changed: is given the number of an incident whose notices changed. undelivered: is called when somebody could not
    be told, so that escalation need not wait. failing: one sentence for an operator; empty while all is well.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        telling: Telling,
        pace: Pace = Pace(),
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
        self._running: dict[int, asyncio.Task[None]] = {}
        self._channels: Counter[str] = Counter()
        self._away: dict[str, str] = {}
        self._stuck = ""
        self.tally = DispatchTally()

    @property
    def failing(self) -> str:
        """Return what keeps messages from going out; empty where nothing does."""
        return self._stuck or "; ".join(f"{channel}: {error}" for channel, error in sorted(self._away.items()))

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
        self._away.clear()
        self._rounds.wake()

    def wake(self) -> None:
        """Say that there may be something to send; returns at once."""
        self._rounds.wake()

    async def work(self) -> None:
        """Begin to send everything that is due, as far as bounds allow. Raises StateError."""
        now_ms = self._now_ms()
        async with self._database.read() as connection:
            channels = await outbox.channels_due(connection, now_ms)
        free = {channel: self._pace.concurrent - self._channels[channel] for channel in channels}
        if not any(number > 0 for number in free.values()):
            return
        until_ms = now_ms + int((self._pace.timeout_s + self._pace.margin_s) * 1000)
        claimed: list[Notice] = []
        async with self._database.write() as connection:
            dropped = await outbox.drop_calls(connection, now_ms)
            for channel, number in free.items():
                if number > 0:
                    busy = tuple(self._running)
                    claimed += await outbox.claim(connection, channel, now_ms, until_ms, number, busy)
        self.tally.claimed += len(claimed)
        for notice in claimed:
            self._channels[notice.channel] += 1
            task = asyncio.create_task(self._guarded(notice), name=f"notice {notice.key}")
            self._running[notice.id] = task
        for number in {notice.incident for notice in dropped}:
            self._changed(number)

    async def _round(self) -> float:
        now_ms = self._now_ms()
        try:
            await self.work()
            wait_s = await self._pause_s(now_ms)
        except StateError as error:
            if not self._stuck:
                log.error("nobody can be told, the outbox can't be read or written: %s", error)
            self._stuck = str(error)
            return RETRY_AFTER_S
        except Exception:  # the guard: a fault must not end telling
            self.tally.faults += 1
            self._stuck = "dispatch met a fault in noc, see the log"
            log.exception("dispatch met a fault in noc, and goes on")
            return RETRY_AFTER_S
        self._stuck = ""
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
            log.exception("notice %s by %s: a fault in noc or its notifier", notice.key, notice.channel)
        finally:
            del self._running[notice.id]
            self._channels[notice.channel] -= 1
            self._rounds.wake()

    async def _deliver(self, notice: Notice) -> None:
        """Send one notice and write down what became of it."""
        async with self._database.read() as connection:
            incident = await incidents.get(connection, notice.incident)
            others = await outbox.of_incident(connection, notice.incident)
        lane = [other for other in others if (other.person, other.channel) == (notice.person, notice.channel)]
        if notice.kind == "resolved" and not any(may_have_told(other) for other in lane):
            # Whoever never heard of the beginning (it was refused, or dropped) is not told of the end.
            await self._drop(notice)
            return
        if notice.attempts > self._pace.attempts:
            await self._dead(notice, f"given up after {self._pace.attempts} attempts: {notice.error or 'no outcome'}")
            return
        try:
            await self._send(notice, incident, lane)
        except NotifyError as error:
            if error.permanent or notice.attempts >= self._pace.attempts:
                await self._dead(notice, str(error))
            else:
                await self._failed(notice, str(error))
        else:
            await self._sent(notice)

    async def _send(self, notice: Notice, incident: Incident | None, lane: list[Notice]) -> None:
        """Hand a notice to its notifier, within the time limit. Raises NotifyError."""
        settings = self._telling.settings
        notifier, person = self._telling.notifiers.get(notice.channel), settings.people.get(notice.person)
        if incident is None or notifier is None:
            raise NotifyError(f"there is no notifier '{notice.channel}' any more", permanent=True)
        address = None if person is None else person.address(settings.kind_of(notice.channel))
        if person is None or address is None:
            raise NotifyError(f"person '{notice.person}' is gone, or has no address any more", permanent=True)
        scene = scene_of(incident.entity, self._telling.inventory())
        simulated = self._telling.simulated
        reader = Reader(person.language, person.time_zone)
        said = words(incident, notice, scene, self._now_ms(), settings.base_url, reader=reader, simulated=simulated)
        first = min(lane, key=lambda other: other.id, default=notice)
        name = person.name or notice.person
        url = None if settings.base_url is None else f"{settings.base_url}/incidents/{incident.id}"
        message = Message(
            notice.key,
            first.key,
            address,
            name,
            said.subject,
            said.text,
            said.html,
            notice.kind,
            incident,
            said.short,
            person.language,
            url,
        )
        await self._within_limit(notifier, message)

    async def _within_limit(self, notifier: Notifier, message: Message) -> None:
        sending = asyncio.create_task(notifier.send(message))
        timer = self._clock.call_later(self._pace.timeout_s, lambda: _cancel([sending]))
        try:
            await asyncio.wait([sending])
        finally:
            timer.cancel()
            sending.cancel()
        if sending.cancelled():
            raise NotifyError(f"took longer than {self._pace.timeout_s:g} s and was cut off")
        sending.result()

    async def _sent(self, notice: Notice) -> None:
        facts: Facts = {**_facts(notice), "attempts": notice.attempts}
        await self._write(notice, "sent", None, ("notified", facts))
        self.tally.sent += 1
        self.tally.by_channel[notice.channel] += 1
        if self._away.pop(notice.channel, None) is not None:
            log.warning("notifier %s works again", notice.channel)

    async def _failed(self, notice: Notice, error: str) -> None:
        if notice.channel not in self._away:
            log.error("notifier %s: %s; messages wait and are tried again", notice.channel, error)
        self._away[notice.channel] = error
        await self._write(notice, "queued", error, None)
        self.tally.failed += 1

    async def _dead(self, notice: Notice, error: str) -> None:
        log.error("incident %d: %s could not be told by %s: %s", notice.incident, notice.person, notice.channel, error)
        await self._write(notice, "dead", error, ("undelivered", {**_facts(notice), "error": error}))
        self.tally.dead += 1
        self._undelivered()

    async def _drop(self, notice: Notice) -> None:
        await self._write(notice, "dropped", None, None)
        self.tally.dropped += 1

    async def _write(self, notice: Notice, state: str, error: str | None, line: tuple[EntryKind, Facts] | None) -> None:
        """Write down an outcome. While the database can't, this waits: what was sent must not be forgotten."""
        while True:
            now_ms = self._now_ms()
            try:
                async with self._database.write() as connection:
                    if state == "sent":
                        await outbox.mark_sent(connection, notice.id, now_ms)
                    elif state == "dead":
                        await outbox.mark_dead(connection, notice.id, error or "")
                        await incidents.look_if_open(connection, notice.incident, now_ms)
                    elif state == "dropped":
                        await outbox.drop(connection, notice.id)
                    else:
                        wait_ms = int(self._pace.wait_s(notice.attempts) * 1000)
                        await outbox.mark_failed(connection, notice.id, error or "", now_ms + wait_ms)
                    if line is not None:
                        await incidents.record(connection, [Entry(notice.incident, now_ms, line[0], None, line[1])])
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
