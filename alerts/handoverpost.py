"""Tells the incoming that a hand-over waits for them: a letter, which informs and calls nobody.

What was sent is kept in the state database. A letter that noc died with on its way goes again under the same key.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from alerts.fallback import ways
from alerts.messages import clean, moment
from alerts.notifiers._ports import Announcer, Letter, Notifier, NotifyError, Postman
from alerts.oncalltargets import Directory
from alerts.policies import AlertSettings
from alerts.shorttext import fitted
from noc.clock import Clock
from noc.i18n.language import language
from noc.model.instants import to_ms
from noc.model.oncall import Handover
from noc.service import Rounds
from noc.state import checkpoint, handovers
from noc.state.database import Database, StateError

log = logging.getLogger(__name__)

CHECKPOINT: Final = "hand-overs told"
LOOK_EVERY_S: Final = 15.0
OLD_MS: Final = 86_400_000
"""Of a hand-off that is longer ago nobody is told any more."""

FIRST_RETRY_MS: Final = 30_000
LONGEST_RETRY_MS: Final = 900_000
HANDING_OVER_S: Final = 30.0
TEXT_AT_MOST: Final = 8_000
NAMED_AT_MOST: Final = 50


Way = Callable[[Letter], Awaitable[None]]
"""Hands a letter over, whole or in short."""


@dataclass(frozen=True, slots=True)
class _Told:
    """How it stands with one hand-over. next_ms: when it is tried again; None: it is told, or can't be."""

    attempts: int = 0
    next_ms: int | None = 0


class HandoverPost:
    """A service. settings, notifiers: as of the last good reload."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: Callable[[], AlertSettings],
        notifiers: Callable[[], Mapping[str, Notifier]],
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._notifiers = notifiers
        self._rounds = Rounds(clock, "hand-overs", self._round)

    async def start(self) -> None:
        """Begin to look for hand-overs that wait."""
        self._rounds.start()

    async def stop(self) -> None:
        """End after the letter that is on its way."""
        await self._rounds.stop()

    async def work(self) -> None:
        """Tell of each hand-over that waits and was not told. Raises StateError."""
        now_ms = to_ms(self._clock.now())
        async with self._database.read() as connection:
            waiting = [one for one in await handovers.near(connection, now_ms - OLD_MS) if one.accepted_ms is None]
            saved = await checkpoint.load(connection, CHECKPOINT) if waiting else None
        known = {row[0]: _told(row) for row in ([] if saved is None else saved[1]) if len(row) == len(_COLUMNS)}
        told = {one.id: known.get(one.id, _Told()) for one in waiting}
        for one in waiting:
            before = told[one.id]
            if before.next_ms is not None and before.next_ms <= now_ms:
                told[one.id] = await self._tell(one, before, now_ms)
                async with self._database.write() as connection:
                    rows = [(number, found.attempts, found.next_ms) for number, found in told.items()]
                    await checkpoint.save(connection, CHECKPOINT, now_ms, rows)

    async def _tell(self, one: Handover, before: _Told, now_ms: int) -> _Told:
        settings = self._settings()
        quiet_ms = Directory.of(settings).quiet_until(one.incoming, "warning", now_ms)
        if quiet_ms is not None and now_ms < one.at_ms:
            return _Told(before.attempts, min(quiet_ms, one.at_ms))
        found = self._ways(settings, one.incoming)
        if not found:
            log.warning("hand-over %d: %s has no notifier that could tell of it, and isn't told", one.id, one.incoming)
        for hand_over, address in found:
            try:
                await asyncio.wait_for(hand_over(letter_of(settings, one, address)), HANDING_OVER_S)
            except (NotifyError, TimeoutError) as error:
                said = "it was not handed over in time" if isinstance(error, TimeoutError) else str(error)
                log.error("hand-over %d: %s can't be told: %s", one.id, one.incoming, said)
                if not (isinstance(error, NotifyError) and error.permanent):
                    wait_ms = min(FIRST_RETRY_MS * 2 ** min(before.attempts, 10), LONGEST_RETRY_MS)
                    return _Told(before.attempts + 1, now_ms + wait_ms)
            else:
                log.info("hand-over %d: %s was told", one.id, one.incoming)
                break
        return _Told(before.attempts + 1, None)

    def _ways(self, settings: AlertSettings, person: str) -> list[tuple[Way, str]]:
        """Return somebody's notifiers that carry letters, then those that tell in short; each with their address."""
        found, whole, in_short = settings.people.get(person), list[tuple[Way, str]](), list[tuple[Way, str]]()
        for channel in () if found is None else ways(settings, person):
            notifier: object = self._notifiers().get(channel)
            address = None if found is None else found.address(channel, settings.kind_of(channel))
            if address is not None and isinstance(notifier, Postman):
                whole.append((notifier.post, address))
            elif address is not None and isinstance(notifier, Announcer):
                in_short.append((notifier.announce, address))
        return whole + in_short

    async def _round(self) -> float:
        try:
            await self.work()
        except StateError as error:
            log.error("hand-overs can't be looked at: %s", error)
        except Exception:  # the guard: a fault in one notifier must not end this for all
            log.exception("telling of hand-overs met a fault in noc, and goes on")
        return LOOK_EVERY_S


_COLUMNS: Final = ("id", "attempts", "next_ms")


def _told(row: checkpoint.Row) -> _Told:
    _, attempts, next_ms = row
    return _Told(attempts if isinstance(attempts, int) else 0, next_ms if isinstance(next_ms, int) else None)


def letter_of(settings: AlertSettings, one: Handover, address: str) -> Letter:
    """Return the letter that tells of a hand-over, in the language of the incoming. Pure."""
    person = settings.people[one.incoming]
    say, schedule = language(person.language), settings.schedules.get(one.schedule)
    zone = person.time_zone or (None if schedule is None else schedule.time_zone)
    at = moment(one.at_ms, None, say, None if str(zone) == "UTC" else zone, planned=True)
    outgoing, incoming = _name(settings, one.outgoing), _name(settings, one.incoming)
    subject = say.say(
        "{outgoing} hands {schedule} over to {incoming} at {time}.",
        outgoing=outgoing,
        schedule=clean(one.schedule),
        incoming=incoming,
        time=at,
    )
    lines = [subject, "", *(clean(line, TEXT_AT_MOST) for line in one.text.split("\n")), ""]
    if one.incidents:
        lines.append(say.count("{n} open incident:", "{n} open incidents:", len(one.incidents)))
        named = sorted(one.incidents.items())[:NAMED_AT_MOST]
        lines += [f"#{number}  {_name(settings, owner) if owner else '–'}" for number, owner in named]
        lines += ["…"] if len(one.incidents) > NAMED_AT_MOST else []
        lines.append("")
    where = f"noc handover accept {one.id} --by {one.incoming}"
    lines.append(f"{say.say('Accept number {n}', n=one.id)}: {where}")
    url = None if settings.base_url is None else f"{settings.base_url}/oncall"
    lines += [] if url is None else [url]
    short = f"{say.say('Accept number {n}', n=one.id)}: {url or where}"
    return Letter(
        f"handover-{one.id}",
        address,
        subject,
        "\n".join(lines) + "\n",
        person.language,
        short=fitted((f"{subject} {short}", short)),
        url=url,
        name=incoming,
    )


def _name(settings: AlertSettings, key: str) -> str:
    found = settings.people.get(key)
    return clean((found.name if found is not None else None) or key)
