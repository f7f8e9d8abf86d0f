"""What an autonomous poller does beside polling: opens and closes the gate, takes over, tells its tale, follows.

The rooms judge all the time; the gate says whether anybody is called from here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from noc import crashpoints
from noc.app.autonomyadopt import Centres, adopted, is_adopted
from noc.app.autonomyaside import put_aside
from noc.app.autonomygate import Gate
from noc.app.autonomyline import Line
from noc.app.autonomyrooms import Rooms
from noc.app.autonomytale import tale_of
from noc.bus import tales
from noc.bus.tales import Tale
from noc.clock import Clock
from noc.model.counting import counted
from noc.model.errors import NocError
from noc.model.incident import Entry, Incident
from noc.model.instants import from_ms, to_ms
from noc.service import Rounds
from noc.state import checkpoint, cutoff, incidents, outbox
from noc.state.database import StateError, Transaction

log = logging.getLogger(__name__)

CHECKPOINT: Final = "autonomy"
THE_CENTRE_CALLS: Final = "the centre calls"
LOOK_EVERY_S: Final = 1.0
TELLING_EVERY_S: Final = 0.2
AGAIN_AFTER_S: Final = 5.0
"""A tale that isn't acknowledged is sent again."""

BESIDE_AGAIN_S: Final = 600.0
"""A tale that nobody waits for is tried again so long after it was not acknowledged."""

KEPT_MS: Final = 14 * 86_400_000
"""How long what is over is kept here."""

FORGET_EVERY_S: Final = 600.0


@dataclass(slots=True)
class _Telling:
    """A tale under way. behind: its last incident. top: the newest line when telling began. sent_s: when it went last.

    octets: as it is sent. blocks: frames wait for it.
    """

    tale: Tale
    octets: bytes
    behind: int
    top: int
    since_s: float
    blocks: bool
    sent_s: float | None = None


class AutonomyWork:
    """A service, started behind the rooms. poller: the name of this one. folder: of the rooms' state."""

    def __init__(
        self, rooms: Callable[[], Rooms], gate: Gate, line: Line, clock: Clock, poller: str, folder: Path
    ) -> None:
        self.centres: Centres | None = None
        self.tales = 0
        self.taken_over = 0
        self.failing = ""
        self._rooms = rooms
        self._gate = gate
        self._line = line
        self._clock = clock
        self._poller = poller
        self._folder = folder
        self._mark = 0
        self._number = 0
        self._acknowledged = 0
        self._unread = ""
        self._has_answered = False
        self._listed: Centres | None = None
        self._known_there: set[int] = set()
        self._told_ms = 0
        self._adopted: set[int] = set()
        self._has_begun = False
        self._untold_ms = 0
        self._telling: _Telling | None = None
        self._beside_s = float("-inf")
        self._forgotten_s = float("-inf")
        self._rounds = Rounds(clock, "autonomy", self._round)

    async def load(self) -> None:
        """Take up what was so before a restart, before anybody is called. Raises StateError."""
        async with self._rooms().database.read() as connection:
            saved = await checkpoint.load(connection, CHECKPOINT)
            newest = await cutoff.newest_line(connection)
        known = {str(row[0]): row[1] for row in ([] if saved is None else saved[1]) if len(row) == 2}
        mark, number, alone, untold = (known.get(name) for name in ("mark", "tale", "alone", "untold"))
        self._mark = mark if isinstance(mark, int) else newest
        self._number = number if isinstance(number, int) else 0
        self._untold_ms = untold if isinstance(untold, int) else 0
        if isinstance(alone, int) and alone:
            log.warning("goes on calling people: the centre was not told of what was done since %s", from_ms(alone))
            self._gate.resume(alone)
            self._has_begun = True
            self._rooms().alerting.dispatch.hold(False)
            self._line.take_all(True)

    async def start(self) -> None:
        """Begin to look."""
        self._rounds.start()

    async def stop(self) -> None:
        """End; what isn't told yet is told after the next start."""
        await self._rounds.stop()

    def answered(self, tale: int, unread: str = "") -> None:
        """Take that the centre answered, and has taken tales up to a number. unread: of one it can't read."""
        self._acknowledged, self._unread = max(self._acknowledged, tale), unread or self._unread
        self._has_answered = True
        if self._gate.answered(self._clock.monotonic()):
            log.warning("the centre answers again: it is told what was done while it was silent")
            self._rooms().alerting.dispatch.hold(True)
        self._rounds.wake()

    def unlinked(self) -> None:
        """Take that the link is gone."""
        self._telling = None
        if self._gate.unlinked():
            self._call_again()

    def listed(self, centres: Centres, *, is_new: bool) -> None:
        """Take the centre's open incidents. is_new: they came now, and not from the disk."""
        self.centres = centres
        if is_new:
            self._listed = centres
            self._rounds.wake()

    async def calls(self, connection: Transaction, incident: Incident, now_ms: int) -> Incident | None:
        """Return an incident as it is to be called for here; None: it isn't. As `alerts.calling.Gate`."""
        alone_ms = self._gate.alone_ms
        if self._gate.state != "open" or alone_ms is None:
            return None
        if incident.resolved_ms is not None and incident.resolved_ms < alone_ms:
            return None
        if incident.begun_ms is not None and incident.begun_ms >= alone_ms:
            return incident  # it was new again since
        there = None if self.centres is None else self.centres.of(incident)
        if there is not None and self.centres is not None:
            # What was taken over once goes on here; where that wasn't committed, it is taken over again.
            if incident.id in self._adopted and is_adopted(incident, there):
                return incident
            self._adopted.add(incident.id)
            at_ms = self.centres.at_ms + self._line.ahead_ms()
            found = adopted(incident, there, at_ms, self._rooms().alerting.orders.settings.policies)
            await incidents.put(connection, incident.id, found.values)
            await cutoff.take_over(connection, found.told)
            self.taken_over += 1
            return found.incident
        if incident.calls_from_ms < alone_ms and not await outbox.of_incident(connection, incident.id):
            # Nobody was told yet: its first step is called now, and the next ones count from now.
            await incidents.put(connection, incident.id, {"begun_ms": alone_ms})
            return await incidents.get(connection, incident.id)
        return incident

    async def work(self) -> None:
        """Do what is due. Raises StateError."""
        now_s, now_ms = self._clock.monotonic(), to_ms(self._clock.now())
        if self._gate.look(now_s, now_ms, may_call=self._line.may_call()) and self._has_begun:
            self._call_again()
        if self._gate.state == "open" and not self._has_begun:
            await self._begin(now_ms)
            self._has_begun = True
        if self._gate.state == "telling":
            await self._tell(now_s, now_ms, blocks=True)
        elif self._gate.state == "closed":
            if self._listed is not None:
                centres, self._listed = self._listed, None
                await self._follow(centres, now_ms)
            await self._keep_up(now_s, now_ms)
        if now_s - self._forgotten_s >= FORGET_EVERY_S:
            self._forgotten_s = now_s
            async with self._rooms().database.write() as connection:
                await cutoff.forget_before(connection, now_ms - KEPT_MS, self._mark)

    async def _round(self) -> float:
        try:
            await self.work()
            self.failing = ""
        except StateError as error:
            self._fails(str(error))
        except NocError as error:
            log.debug("a tale is sent again: %s", error)
        except Exception:  # the guard: a fault must not end calling, nor keep frames back
            if self.failing != _FAULT:
                log.exception("calling people by itself met a fault in noc")
            self.failing = _FAULT
        if self._gate.state == "telling" and self._gate.is_refused(self._clock.monotonic()):
            await self._give_up(to_ms(self._clock.now()))
        return TELLING_EVERY_S if self._gate.state == "telling" else LOOK_EVERY_S

    def _fails(self, why: str) -> None:
        if self.failing != why:
            log.error("calling people by itself: %s", why)
        self.failing = why

    # --- the gate -----------------------------------------------------------------------------------------------------

    async def _begin(self, now_ms: int) -> None:
        """Call people from now on."""
        rooms, self._telling = self._rooms(), None
        self._adopted.clear()
        silent_s = self._gate.silent_s(self._clock.monotonic())
        log.warning("the centre is silent for %.0f s: people are called from here", silent_s)
        async with rooms.database.write() as connection:
            await cutoff.drop_pending(connection, THE_CENTRE_CALLS)
            await incidents.look_at_all(connection, now_ms)
            await self._save(connection, now_ms)
        crashpoints.reached("alone.begun")
        await self._line.hold_frames()
        self._line.take_all(True)
        rooms.alerting.dispatch.hold(False)
        rooms.alerting.wake_all()
        self._line.speak()

    def _call_again(self) -> None:
        """Go on calling: the centre went before it had taken all."""
        self._telling = None
        self._rooms().alerting.dispatch.hold(False)

    async def _end(self, top: int, now_ms: int) -> None:
        """Call nobody any more: the centre has taken all."""
        async with self._rooms().database.write() as connection:
            await cutoff.drop_pending(connection, THE_CENTRE_CALLS)
            known = {one.id for one in await incidents.all_open(connection)}
            self._mark, self._untold_ms = top, 0
            crashpoints.reached("tale.before-end")
            await self._save(connection, now_ms, alone_ms=0)
        crashpoints.reached("tale.ended")
        self._known_there, self._told_ms = known, now_ms - self._line.ahead_ms()
        self._gate.took()
        log.warning("the centre has taken what was done while it was silent: it calls people again")
        self._released()

    async def _give_up(self, now_ms: int) -> None:
        log.error("the centre answers and takes no tale: its noc is older, or has a fault; frames go on, and it calls")
        self._telling, self._untold_ms = None, self._gate.alone_ms or 0
        self._gate.took()
        self._beside_s = self._clock.monotonic()
        self._released()
        try:
            async with self._rooms().database.write() as connection:
                await self._save(connection, now_ms, alone_ms=0)
        except StateError as error:
            self._fails(str(error))

    def _released(self) -> None:
        self._has_begun = False
        self._line.take_all(False)
        self._line.go_on()
        self._line.speak()

    # --- the tale -----------------------------------------------------------------------------------------------------

    async def _keep_up(self, now_s: float, now_ms: int) -> None:
        """While the centre answers: what people do here is told at once, and what the rooms do it knows by itself."""
        if not self._has_answered:
            return
        async with self._rooms().database.read() as connection:
            wanted = bool(self._untold_ms) or await cutoff.by_people_after(connection, self._mark)
            newest = await cutoff.newest_line(connection)
        if not wanted:
            self._has_answered, self._mark = False, newest
        elif self._telling is not None or now_s - self._beside_s >= BESIDE_AGAIN_S:
            await self._tell(now_s, now_ms, blocks=False)

    async def _tell(self, now_s: float, now_ms: int, *, blocks: bool) -> None:
        rooms, under_way = self._rooms(), self._telling
        if under_way is None or under_way.blocks != blocks:
            if blocks and rooms.alerting.dispatch.under_way:
                return  # what becomes of these messages belongs into it
            under_way = await self._next(None, now_s, now_ms, blocks=blocks)
        elif self._acknowledged >= under_way.tale.number or await self._is_unread(under_way):
            crashpoints.reached("tale.acknowledged")
            self.tales += 1
            self._gate.progressed(now_s)
            if not under_way.tale.more:
                self._telling = None
                await self._told(under_way.top, now_ms, blocks=blocks)
                return
            under_way = await self._next(under_way, now_s, now_ms, blocks=blocks)
        self._telling = under_way
        if under_way.sent_s is None or now_s - under_way.sent_s >= AGAIN_AFTER_S:
            first = under_way.sent_s is None
            await self._line.publish(under_way.octets)
            crashpoints.reached("tale.published")
            under_way.sent_s = self._clock.monotonic()
            if first:
                self._gate.progressed(under_way.sent_s)
                log.info("told the centre of %s", counted(len(under_way.tale.incidents), "incident"))
        elif not blocks and now_s - under_way.since_s >= BESIDE_AGAIN_S / 10:
            self._telling, self._beside_s = None, now_s

    async def _next(self, before: _Telling | None, now_s: float, now_ms: int, *, blocks: bool) -> _Telling:
        """Make the next tale. Its number is on disk before it is sent: none is of two tales."""
        async with self._rooms().database.write() as connection:
            top = await cutoff.newest_line(connection) if before is None else before.top
            behind = 0 if before is None else before.behind
            # It grows also where the disk was lost.
            self._number = max(self._number + 1, self._acknowledged + 1, now_ms)
            alone_ms = self._gate.alone_ms or self._untold_ms or None
            made = await tale_of(connection, self._poller, self._number, alone_ms, after=self._mark, behind=behind)
            await self._save(connection, now_ms)
        crashpoints.reached("tale.made")
        return _Telling(made[0], tales.written(made[0]), made[1], top, now_s, blocks)

    async def _is_unread(self, under_way: _Telling) -> bool:
        """Return whether the centre can't read a tale, and never will: it is put aside, so that frames go on."""
        if self._unread != tales.digest(under_way.octets):
            return False
        await asyncio.to_thread(put_aside, self._folder, under_way.tale.number, under_way.octets)
        return True

    async def _told(self, top: int, now_ms: int, *, blocks: bool) -> None:
        if blocks:
            await self._end(top, now_ms)
            return
        self._mark, self._untold_ms = top, 0
        async with self._rooms().database.write() as connection:
            await self._save(connection, now_ms)

    # --- the centre's list --------------------------------------------------------------------------------------------

    async def _follow(self, centres: Centres, now_ms: int) -> None:
        """End here what is over there. Of what the centre may not know yet nothing is said by its silence."""
        rooms = self._rooms()
        async with rooms.database.write() as connection:
            for incident in await incidents.all_open(connection):
                if centres.of(incident) is not None:
                    self._known_there.add(incident.id)
                elif incident.id in self._known_there and centres.at_ms > self._told_ms:
                    self._known_there.discard(incident.id)
                    await incidents.resolve(connection, incident.id, now_ms, None)
                    await outbox.drop_calls(connection, now_ms, incident.id)
                    said = {"why": "centre"}
                    await incidents.record(connection, [Entry(incident.id, now_ms, "resolved", None, said)])
        rooms.alerting.wake()

    async def _save(self, connection: Transaction, now_ms: int, *, alone_ms: int | None = None) -> None:
        alone_ms = (self._gate.alone_ms or 0) if alone_ms is None else alone_ms
        known = {"mark": self._mark, "tale": self._number, "alone": alone_ms, "untold": self._untold_ms}
        await checkpoint.save(connection, CHECKPOINT, now_ms, list(known.items()))


_FAULT: Final = "it met a fault in noc, see the log"
