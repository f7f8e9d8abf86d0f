"""How incidents stand in other systems: asked for again and again, or told by mail; what changed is in the timeline."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from alerts.notifiers._ports import AnswersByMail, Notifier, NotifyError, TicketNow, TicketSystem
from alerts.replies import plainly
from noc.clock import Clock
from noc.model.incident import Entry, Fact, Incident
from noc.model.instants import to_ms
from noc.service import Rounds
from noc.state import incidents, ticketed, tickets
from noc.state.database import Database, StateError, Transaction

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 60.0
ASKED_AT_MOST: Final = 500
"""Incidents of one notifier in a round; the newest count."""

AT_ONCE: Final = 50
PATIENCE_S: Final = 30.0


class TicketWatch:
    """A service. notifiers: by name. changed: is given the number of an incident whose tickets changed.

    failing: one sentence for an operator; empty while all is well.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        notifiers: Mapping[str, Notifier],
        changed: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._notifiers = notifiers
        self._changed = changed
        self._rounds = Rounds(clock, "tickets", self._round)
        self._away: dict[str, str] = {}
        self._asking: asyncio.Task[Mapping[int, TicketNow]] | None = None
        self._stopped = False

    @property
    def failing(self) -> str:
        """Return which systems can't be asked, and why."""
        return "; ".join(f"{channel}: {why}" for channel, why in sorted(self._away.items()))

    @property
    def reached(self) -> Mapping[str, bool]:
        """Return of each system that can be asked whether the last time it answered."""
        systems = [channel for channel, one in self._notifiers.items() if isinstance(one, TicketSystem)]
        return {channel: channel not in self._away for channel in systems}

    async def start(self) -> None:
        """Begin to ask."""
        self._stopped = False
        self._rounds.start()

    async def stop(self) -> None:
        """End; what is being asked is left unanswered, and asked again after a restart."""
        self._stopped = True
        self._rounds.end()
        if self._asking is not None:
            self._asking.cancel()
        await self._rounds.stop()

    def replace(self, notifiers: Mapping[str, Notifier]) -> None:
        """Go on with other notifiers."""
        self._notifiers = notifiers
        self._away.clear()
        self._rounds.wake()

    async def work(self) -> None:
        """Ask every system once. Raises StateError."""
        for channel, notifier in list(self._notifiers.items()):
            if isinstance(notifier, TicketSystem):
                async with self._database.read() as connection:
                    known = await ticketed.told_by(connection, channel, ASKED_AT_MOST)
                await self._ask(channel, notifier, known)

    async def mailed(self, raw: bytes) -> bool:
        """Take a mail, as `answered`. Raises StateError."""
        mail = plainly(raw)
        return mail is not None and await self.answered(*mail)

    async def answered(self, sender: str, subject: str, text: str) -> bool:
        """Take a mail; False where it is no answer of a system that noc mails tickets to. Raises StateError.

        sender: its address, of which somebody else made sure.
        """
        for channel, notifier in list(self._notifiers.items()):
            found = notifier.answer(sender, subject, text) if isinstance(notifier, AnswersByMail) else None
            if found is not None:
                key, ticket = found
                async with self._database.read() as connection:
                    incident = await ticketed.by_key(connection, key)
                if incident is None:
                    return False
                await self._write(channel, [(incident, ticket)])
                return True
        return False

    async def _ask(self, channel: str, system: TicketSystem, known: Sequence[Incident]) -> None:
        for first in range(0, len(known), AT_ONCE):
            some = known[first : first + AT_ONCE]
            try:
                found = await self._patiently(system, some)
            except (NotifyError, TimeoutError) as error:
                why = str(error) or f"no answer within {PATIENCE_S:g} s"
                if channel not in self._away:
                    log.warning("notifier %s: how tickets stand can't be asked: %s", channel, why)
                self._away[channel] = why
                return
            await self._write(channel, [(one, found[one.id]) for one in some if one.id in found])
        if self._away.pop(channel, None) is not None:
            log.warning("notifier %s: how tickets stand can be asked again", channel)

    async def _patiently(self, system: TicketSystem, some: Sequence[Incident]) -> Mapping[int, TicketNow]:
        if self._stopped:
            return {}
        self._asking = asyncio.ensure_future(system.tickets(some))
        await asyncio.wait([self._asking], timeout=PATIENCE_S)
        asked, self._asking = self._asking, None
        if not asked.done():
            asked.cancel()
            raise TimeoutError
        return {} if asked.cancelled() else asked.result()

    async def _write(self, channel: str, found: Iterable[tuple[Incident, TicketNow]]) -> None:
        now_ms, changed = to_ms(self._clock.now()), []
        async with self._database.write() as connection:
            for incident, ticket in found:
                if await _put(connection, incident, channel, ticket, now_ms):
                    changed.append(incident.id)
        for number in changed:
            self._changed(number)

    async def _round(self) -> float:
        try:
            await self.work()
        except StateError as error:
            log.error("how tickets stand can't be written down: %s", error)
        except Exception:  # the guard: a fault in one notifier must not end this for all
            log.exception("a fault in noc or a notifier while tickets were asked for; it goes on")
        return LOOK_EVERY_S


async def _put(connection: Transaction, incident: Incident, channel: str, now: TicketNow, now_ms: int) -> bool:
    """Write down how a ticket stands; False where that is known."""
    known = {(one.channel, one.reference): one for one in await tickets.of_incident(connection, incident.id)}
    before = known.get((channel, now.reference))
    if before is not None and before.state == now.state and (now.url is None or before.url == now.url):
        return False
    await tickets.put(connection, incident.id, channel, now.reference, now.state, now_ms, now.url)
    facts: dict[str, Fact] = {"channel": channel, "reference": now.reference, "state": now.state, "url": now.url}
    if before is not None:
        facts["before"] = before.state
    await incidents.record(connection, [Entry(incident.id, now_ms, "ticket", None, facts)])
    return True
