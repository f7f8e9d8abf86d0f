"""Tales of pollers at the centre: who may tell of what, when it was, and what becomes of it (docs/adr/0026).

A tale goes before any frame of its poller, so one that can never be taken is acknowledged too, with why in the log: it
must not keep back all that the poller saw.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from alerts.joining import Told, groups
from alerts.tales import Joined
from noc.app.pollersettings import PollersSettings, calls_alone
from noc.app.remotepollers import Heard
from noc.bus.packing import PackingError
from noc.bus.tales import (
    INCIDENTS_AT_MOST,
    LINES_AT_MOST,
    IncidentTold,
    Line,
    NoticeTold,
    SymptomTold,
    Tale,
    digest,
    opened,
)
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.model.incident import Entry, Fact, Incident, Notice, Symptom
from noc.model.instants import length_ms, to_ms
from noc.model.part import owner_of
from noc.state.database import StateError

log = logging.getLogger(__name__)

TOLD_AT_MOST: Final = 50
"""Refusals that the log tells one by one."""

WORD_AT_MOST: Final = 200
FACTS_AT_MOST: Final = 32 * 1024
"""Characters of the facts of one line, as JSON."""

AT_ONCE: Final = 20
"""Groups of incidents in one transaction: what is new may explain others, and looking for that takes its time."""

ERROR_AT_MOST: Final = 1_000
NUMBER_AT_MOST: Final = 2**53

Join = Callable[[Sequence[Told]], Awaitable[Joined]]


class RefusedError(ValueError):
    """What is told is not taken. It says why."""


@dataclass(slots=True)
class Tally:
    """What was taken. opened: incidents that were new here; merged: that were known. refused: that may not be told, or
    can't be read.
    """

    tales: int = 0
    opened: int = 0
    merged: int = 0
    refused: int = 0


class Tales:
    """Takes tales. scopes: ids of the devices of each group. join: lets what belongs together become one with what is
    known here; raises StateError.
    """

    def __init__(
        self,
        clock: Clock,
        settings: Callable[[], PollersSettings],
        scopes: Callable[[], Mapping[str, frozenset[str]]],
        inventory: Callable[[], Inventory],
        join: Join,
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._scopes = scopes
        self._inventory = inventory
        self._join = join
        self._told = 0
        self.tally = Tally()

    async def take(self, known: Heard, octets: bytes) -> int | str | None:
        """Take a tale; return the number to acknowledge, or the digest of one that can't be read. None: it has to come
        again.
        """
        name = known.row.name
        try:
            tale, wrong = opened(octets)
        except PackingError as error:
            self._refuse(name, f"a tale: {error}; it keeps it on its disk")
            return digest(octets)
        for why in wrong:
            self._refuse(name, f"an incident of tale {tale.number}: {why}")
        if tale.poller != name or not calls_alone(self._settings(), known.row.group):
            why = f"it is of {tale.poller[:WORD_AT_MOST]}" if tale.poller != name else "its group has no `autonomy`"
            self._refuse(name, f"tale {tale.number}: {why}", len(tale.incidents))
            return tale.number
        try:
            await self._all(known, tale)
        except StateError as error:
            log.error("poller/%s: its tale can't be written, and is to come again: %s", name, error)
            return None
        self.tally.tales += 1
        return tale.number

    async def _all(self, known: Heard, tale: Tale) -> None:
        told = []
        for one in tale.incidents[:INCIDENTS_AT_MOST]:
            try:
                told.append(self._read(known, tale, one))
            except RefusedError as error:
                self._refuse(known.row.name, f"incident {one.there} of it: {error}")
        if len(tale.incidents) > INCIDENTS_AT_MOST:
            more = len(tale.incidents) - INCIDENTS_AT_MOST
            self._refuse(known.row.name, f"tale {tale.number} has {more} incidents too many", more)
        before = self.tally.opened, self.tally.merged
        belonging = groups(told)
        for start in range(0, len(belonging), AT_ONCE):
            some = belonging[start : start + AT_ONCE]
            if await self._joined([one for group in some for one in group]):
                continue
            for group in some:  # one that can't be joined must not keep the others
                if not await self._joined(group):
                    self.tally.refused += len(group)
        if told:
            message = "poller/%s: told of %d incidents; %d are new here, %d were known"
            sums = self.tally.opened - before[0], self.tally.merged - before[1]
            log.info(message, tale.poller, len(told), *sums)

    async def _joined(self, told: Sequence[Told]) -> bool:
        """Join incidents in one transaction. False: a fault in noc; it would come again, and keep back the poller."""
        try:
            joined = await self._join(told)
        except StateError:
            raise
        except Exception:  # the guard
            log.exception("poller/%s: what it told of %s met a fault in noc", told[0].poller, told[0].incident.entity)
            return False
        self.tally.opened += joined.opened
        self.tally.merged += joined.merged
        return True

    def _read(self, known: Heard, tale: Tale, one: IncidentTold) -> Told:
        """Return what is told of one incident, in the centre's time. Raises RefusedError."""
        name, scope, inventory = known.row.name, self._scopes().get(known.row.group, frozenset()), self._inventory()
        if not speaks_of(one.entity, name, scope, inventory):
            raise RefusedError(f"{one.entity[:WORD_AT_MOST]} is not in the scope of its group")
        ahead_ms = self._ahead_ms(known)
        latest_ms = to_ms(self._clock.now()) + length_ms(self._settings().clock_bound)
        told = _Reading(name, one, ahead_ms, latest_ms)
        return Told(
            name,
            told.incident(),
            "rule" if one.origin == "rule" else "status",
            None if tale.alone_ms is None else tale.alone_ms - ahead_ms,
            dict(told.line(line) for line in one.lines[-LINES_AT_MOST:]),
            dict(
                told.symptom(held)
                for held in one.symptoms[-LINES_AT_MOST:]
                if speaks_of(held.entity, name, scope, inventory)
            ),
            dict(told.notice(notice) for notice in one.notices[-LINES_AT_MOST:]),
        )

    def _ahead_ms(self, known: Heard) -> int:
        """Return by how much times of a poller are set back: not at all within the bound, as with readings."""
        ahead_ms = (known.row.offset_us or 0) // 1_000
        return ahead_ms if abs(ahead_ms) > length_ms(self._settings().clock_bound) else 0

    def _refuse(self, name: str, why: str, count: int = 1) -> None:
        self.tally.refused += count
        self._told += 1
        if self._told <= TOLD_AT_MOST:
            log.warning("poller/%s: not taken: %s", name, why)


class _Reading:
    """Reads what belongs to one incident. ahead_ms: by how much the poller's times are set back."""

    def __init__(self, poller: str, told: IncidentTold, ahead_ms: int, latest_ms: int) -> None:
        self._told = told
        self._ahead_ms = ahead_ms
        self._latest_ms = latest_ms
        self._who = (poller, told.there, told.key)

    def incident(self) -> Incident:
        """Return the incident itself. Raises RefusedError."""
        told = self._told
        if not 0 < told.there < NUMBER_AT_MOST:
            raise RefusedError(f"{told.there} is no number of an incident")
        return Incident(
            id=told.there,
            entity=_word(told.entity),
            rule=_word(told.rule),
            severity=told.severity,
            policy=_word(told.policy),
            since_ms=self._time(told.since_ms),
            opened_ms=self._time(told.opened_ms),
            facts=_facts(told.facts),
            acknowledged_ms=self._maybe(told.acknowledged_ms),
            acknowledged_by=None if told.acknowledged_by is None else _word(told.acknowledged_by),
            acknowledged_until_ms=self._later(told.acknowledged_until_ms),
            resolved_ms=self._maybe(told.resolved_ms),
            resolved_by=None if told.resolved_by is None else _word(told.resolved_by),
            key=_word(told.key)[:64],
            cause=_word(told.cause)[:40],
        )

    def line(self, one: Line) -> tuple[str, Entry]:
        """Return a line of the timeline, and its mark. Raises RefusedError."""
        who = None if one.who is None else _word(one.who)
        entry = Entry(self._told.there, self._time(one.at_ms), one.kind, who, _facts(one.facts))
        return self._mark("line", one.at_ms, one.kind, one.who, one.facts), entry

    def symptom(self, one: SymptomTold) -> tuple[str, Symptom]:
        """Return a symptom, and its mark. Raises RefusedError."""
        found = Symptom(
            id=0,
            incident=self._told.there,
            entity=_word(one.entity),
            rule=_word(one.rule),
            origin="rule" if one.origin == "rule" else "status",
            severity=one.severity,
            policy=_word(one.policy),
            since_ms=self._time(one.since_ms),
            joined_ms=self._time(one.joined_ms),
            facts=_facts(one.facts),
            left_ms=self._maybe(one.left_ms),
        )
        return self._mark("symptom", one.entity, one.rule, one.joined_ms), found

    def notice(self, one: NoticeTold) -> tuple[str, tuple[Notice, int]]:
        """Return a notice with what made its key, and its mark. Raises RefusedError."""
        if not (0 <= one.step < WORD_AT_MOST and 0 <= one.number < NUMBER_AT_MOST and 0 <= one.attempts < 2**31):
            raise RefusedError("the numbers of a notice can't be")
        found = Notice(
            id=0,
            key="",
            incident=self._told.there,
            step=one.step,
            person=_word(one.person),
            channel=_word(one.channel),
            kind=one.kind,
            created_ms=self._time(one.created_ms),
            state=one.state,
            attempts=one.attempts,
            sent_ms=self._maybe(one.sent_ms),
            error=None if one.error is None else one.error[:ERROR_AT_MOST],
            delivered_ms=self._maybe(one.delivered_ms),
            read_ms=self._maybe(one.read_ms),
            acted_ms=self._maybe(one.acted_ms),
        )
        return self._mark("notice", one.kind, one.step, one.person, one.channel, one.created_ms), (found, one.number)

    def _mark(self, *said: object) -> str:
        """Return what is the same each time that the same is told, wherever the poller's clock stands then."""
        text = json.dumps([*self._who, *said], sort_keys=True, ensure_ascii=False)
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def _maybe(self, time_ms: int | None) -> int | None:
        return None if time_ms is None else self._time(time_ms)

    def _later(self, time_ms: int | None) -> int | None:
        """Return a time that may be to come."""
        if time_ms is not None and not 0 <= time_ms < NUMBER_AT_MOST:
            raise RefusedError(f"{time_ms} is no time")
        return None if time_ms is None else time_ms - self._ahead_ms

    def _time(self, time_ms: int) -> int:
        found = self._later(time_ms)
        if found is None or found > self._latest_ms:
            raise RefusedError(f"a time of it is {((found or 0) - self._latest_ms) / 1000:.1f} s from now")
        return found


def speaks_of(entity: str, poller: str, scope: frozenset[str], inventory: Inventory) -> bool:
    """Tell whether a poller may speak of an entity: a device of its group's scope, a part of one, what is made of them.

    Of a site where it has one of its devices, of a region where it has all of them; of what several share always, as
    that is no entity of anybody's, and of itself.
    """
    kind, _, name = entity.partition("/")
    owner = owner_of(entity)
    if owner is not None or kind == "device":
        return (owner or entity).removeprefix("device/") in scope
    if kind == "endpoint":
        return entity in scope
    if kind == "site":
        return any(device.id in scope for device in inventory.devices_of(name))
    if kind == "region":
        devices = {device.id for site in inventory.sites_of(name) for device in inventory.devices_of(site.id)}
        return bool(devices) and devices <= scope
    if kind == "circuit":
        circuit = inventory.circuits.get(name)
        return circuit is not None and any(device.id in scope for device in inventory.devices_of(circuit.site))
    return bool(name) and (kind == "shared" or entity == f"poller/{poller}")


def _word(text: str) -> str:
    if len(text) > WORD_AT_MOST:
        raise RefusedError(f"a word of it has {len(text)} characters, {WORD_AT_MOST} at most are taken")
    return text


def _facts(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    size = len(json.dumps(dict(facts), ensure_ascii=False))
    if size > FACTS_AT_MOST:
        raise RefusedError(f"facts of it have {size} characters, {FACTS_AT_MOST} at most are taken")
    return dict(facts)
