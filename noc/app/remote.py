"""Remote pollers at the centre: from the broker to the door of readings, and back. Start reading here.

`Downlink` hears, `Inbox` opens frames, `Taking` says who may speak of what, `Settling` acknowledges, `Plans` says what
is to be polled, `Keeping` what is written down and what people hear. Nothing that a poller sends ends any of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from noc.app.check import CheckResult
from noc.app.gathering import Plan
from noc.app.openout import Around, OpenOut
from noc.app.pollersettings import PollersSettings, Reach, calls_alone
from noc.app.remotekeeping import Ground as KeepingGround
from noc.app.remotekeeping import Keeping
from noc.app.remotelate import Late
from noc.app.remoteplans import Plans
from noc.app.remotepollers import Heard, Registry
from noc.app.remotesettling import Disks, Settling, Taken
from noc.app.remotestatus import BlindGroup, Standing
from noc.app.remotetaking import Doors, Taking
from noc.app.remotetales import Join, Tales
from noc.app.remoteway import WaysOut
from noc.app.remotewhere import Where
from noc.bus.downlink import Downlink
from noc.bus.inbox import Again, Broken, Inbox, Lacking, Opened
from noc.bus.messages import Acknowledged, Presence, read
from noc.bus.messages import written as said
from noc.bus.packing import PackingError
from noc.bus.topics import Word
from noc.model.event import Event
from noc.model.instants import length_ms, to_ms, to_us
from noc.model.poller import PollerNow, RemotePoller
from noc.model.present import StatusNow
from noc.service import Service
from noc.state import pollers
from noc.state.eventlog import EventLog
from noc.state.pollers import Stored
from noc.wire.mqtt import Broker
from noc.wire.mqtt import Heard as Message

log = logging.getLogger(__name__)

BASES_OF_A_DEVICE: Final = 3  # of its polls, of liveness by SNMP, and one that goes
BASES_AT_LEAST: Final = 64
AT_ONCE: Final = 20
"""Readings that are taken before others have their turn."""

RANGES_AT_MOST: Final = 500
"""Of numbers in one acknowledgement; the newest are said."""

NO_ROOM_S: Final = 0.2
TOLD_AT_MOST: Final = 20


Reached = Callable[[], Reach]


@dataclass(frozen=True, slots=True)
class Ground:
    """What remote pollers stand on. survive: each is awaited until what was handed on is on disk. events: their log.

    join: lets what one told while it was cut off become one with what is known.
    """

    centre: str
    broker: Broker
    keeping: Callable[[Reached, Callable[[], int | None], Callable[[], str | None]], KeepingGround]
    doors: Doors
    events: EventLog
    late: Late
    survive: Sequence[Callable[[], Awaitable[None]]]
    join: Join


class Remote:
    """A service: all that the centre does with its pollers. spoke: is called when one has said how it stands."""

    def __init__(self, checked: CheckResult, plan: Plan, settings: PollersSettings, ground: Ground) -> None:
        self._ground = ground
        lost_after_ms = length_ms(settings.lost_after)
        around = ground.keeping(lambda: self.taking.reach, self._hears, lambda: self.failing)
        self._clock, self._database = around.clock, around.database
        self.registry = Registry(lost_after_ms)
        self.ways = WaysOut(_uplinks(settings))
        self.taking = Taking(plan, settings, self._clock, ground.doors, self.ways.withholds)
        self.late = ground.late
        self.downlink = Downlink(ground.broker, self._clock, self._take, self._linked)
        self.plans = Plans(checked, self.registry, self._clock, self.downlink.say)
        self.where = Where(self.registry, self.plans, self.taking, self._clock, settings)
        alone = (lambda group: calls_alone(self._settings, group),)
        standing = Standing(self.registry, self.ways, ground.centre, lost_after_ms, *alone)
        self.statuses = standing.statuses
        self.keeping = Keeping(around, self.registry, standing, self.plans, self._enrolled)
        disks = Disks(self._database, ground.survive, self._stored, self._ranges, self._acknowledge)
        self.settling = Settling(self._clock, disks)
        self._settings: PollersSettings = settings
        allowed = (lambda: self._settings, lambda: self.taking.scopes)
        self.tales = Tales(self._clock, *allowed, around.inventory, ground.join)
        told_of = Around(*allowed, around.inventory, self.rows)
        self.open_out = OpenOut(ground.broker, self._clock, self._database, ground.centre, told_of)
        self._inboxes: dict[str, Inbox] = {}
        self._known: Stored = {}
        self._dirty: dict[tuple[str, str], None] = {}
        self._missing: dict[tuple[str, str], dict[str, None]] = {}
        self._refused: dict[tuple[str, str], dict[int, str]] = {}
        self._hears_ms: int | None = None
        self._linked_ms: int | None = None
        self._making: asyncio.Task[None] | None = None
        self.spoke: Callable[[], None] = lambda: None
        self.beside: tuple[Service, ...] = ()
        """Started when pollers are heard, stopped before."""
        self.broken = 0
        self.quarantined = 0
        self.lacking = 0

    async def start(self) -> None:
        """Take up what was known before a restart, then hear. Raises StateError, StoreError."""
        async with self._database.read() as connection:
            self._known = await pollers.stored(connection)
        await self.late.start()
        await self.keeping.start()
        await self.settling.start()
        self._making = asyncio.create_task(self.plans.make(), name="plans")  # hundreds take seconds
        await self.downlink.start()
        await self.open_out.start()
        for service in self.beside:
            await service.start()

    async def stop(self) -> None:
        """Hear nothing more; what isn't acknowledged comes again."""
        for service in self.beside:
            await service.stop()
        await self.open_out.stop()
        await self.downlink.stop()
        if self._making is not None:
            await asyncio.gather(self._making, return_exceptions=True)
        await self.settling.stop()
        await self.keeping.stop()
        await self.late.stop()

    def replace(self, checked: CheckResult, plan: Plan, settings: PollersSettings) -> None:
        """Go on with other devices and groups; pollers are told what they poll now."""
        self._settings = self.where.settings = settings
        self.plans.outdated()
        self.taking.replace(plan, settings)
        self.ways.replace(_uplinks(settings))
        self.late.replace()
        self.keeping.wake()
        self._making = asyncio.create_task(self.plans.make(checked), name="plans")

    def status(self, entity: str) -> StatusNow:
        """Return whether a poller is there."""
        statuses = self.statuses
        return StatusNow(statuses.status_of(entity), statuses.since_ms(entity), statuses.seen_ms(entity))

    def rows(self) -> tuple[RemotePoller, ...]:
        """Return what is known of all pollers now, by name."""
        return tuple(known.row for known in self.registry)

    def now(self) -> tuple[PollerNow, ...]:
        """Return how each poller stands, by name."""
        blind = {one.group: one.since_ms for one in self.blind()}
        return tuple(
            PollerNow(known.row, known.devices, blind.get(known.row.group), known.endpoints) for known in self.registry
        )

    def blind(self) -> list[BlindGroup]:
        """Return the groups that nobody polls."""
        return self.keeping.blind()

    @property
    def failing(self) -> str | None:
        """Return why nobody is heard; None while pollers are."""
        return self.downlink.failing

    @property
    def linked_ms(self) -> int | None:
        """Return since when the broker is heard without a break; None while it isn't."""
        return self._linked_ms if self.downlink.is_up else None

    async def _take(self, name: str, word: Word, message: Message) -> None:
        known = self.registry.of(name)
        try:
            if word == "presence":
                await self._presence(name, known, message)
            elif known is None:
                self.registry.unknown += 1
            elif known.row.quarantine:
                self.quarantined += 1
            elif word == "tales":
                await self._tale(known, message.body)
            else:
                await self._frame(known, message.body)
        except Exception:  # the guard: whatever a poller sends, the others are heard on
            log.exception("poller/%s: a message of it met a fault in noc", name)

    async def _presence(self, name: str, known: Heard | None, message: Message) -> None:
        if not message.body:  # somebody made the broker forget it
            return
        try:
            presence = read(message.body, Presence)
        except PackingError as error:
            self._tell_broken(name, f"what it says of itself: {error}")
            return
        boot, taken_us = "" if known is None else known.row.boot, to_us(self._clock.now())
        word = self.registry.presence(name, presence, taken_us, retained=message.retained)
        if word is None or known is None:
            return
        if presence.boot != boot:
            self.plans.anew(name)
            if known.row.drain or known.row.quarantine:
                self.plans.order(known)
        if word == "clone" and not known.row.quarantine:
            await self.keeping.quarantine(known)
        if word == "gone" or not message.retained:
            self.keeping.hear(known)
        if word == "ok":
            self._answer(name, presence, taken_us)
            self.plans.check(known)
            self.spoke()

    def _answer(self, name: str, presence: Presence, taken_us: int) -> None:
        answer = Acknowledged(
            centre=self._ground.centre,
            boot=presence.boot,
            stored=self._ranges(name, presence.boot)[-RANGES_AT_MOST:],
            sent_us=presence.sent_us,
            taken_us=taken_us,
            answered_us=to_us(self._clock.now()),
        )
        self.downlink.say(name, "acks", said(answer))

    async def _tale(self, known: Heard, body: bytes) -> None:
        """Take what a poller tells of incidents; once that is on disk it may send what it saw."""
        name = known.row.name
        self.registry.heard(name, to_ms(self._clock.now()))
        taken = await self.tales.take(known, body)
        if taken is not None:
            which = {"unread": taken} if isinstance(taken, str) else {"tale": taken}
            answer = Acknowledged(centre=self._ground.centre, boot=known.row.boot, **which)
            self.downlink.say(name, "acks", said(answer))

    async def _frame(self, known: Heard, body: bytes) -> None:
        await self._room()
        name = known.row.name
        self.registry.heard(name, to_ms(self._clock.now()))
        self.keeping.sign(known)
        inbox = self._inbox(known)
        came = inbox.take(body)
        if isinstance(came, Opened):
            await self._opened(known, came, len(body))
            return
        if isinstance(came, Again):
            self._dirty[name, came.boot] = None
        elif isinstance(came, Lacking):
            self.lacking += 1
            self._missing.setdefault((name, came.boot), {}).update(dict.fromkeys(came.missing))
        elif isinstance(came, Broken):
            self._tell_broken(name, f"a frame: {came.why}")
            if came.number is not None:
                self._refused.setdefault((name, came.boot), {})[came.number] = came.why

    async def _opened(self, known: Heard, frame: Opened, octets: int) -> None:
        name, readings, events = known.row.name, 0, 0
        taken = Taken(name, frame.boot, frame.number, octets)
        for why in frame.wrong:
            self.taking.wrong(known, why)
        for index, (key, reading) in enumerate(frame.readings, 1):
            try:
                readings += self.taking.reading(known, key, reading)
            except Exception:  # the guard: one reading must not keep the others of its frame
                log.exception("%s of poller/%s met a fault in noc, and is left out", key[:120], name)
            if index % AT_ONCE == 0:
                await asyncio.sleep(0)
        for event in frame.events:
            events += await self._event(known, event, taken)
        entries = len(frame.wrong) + len(frame.readings) + len(frame.events)
        self.registry.count(name, readings=readings, events=events, refused=entries - readings - events)
        self.settling.put(taken)

    async def _event(self, known: Heard, event: Event, taken: Taken) -> bool:
        """Take an event, when there is room for it; return whether the poller may speak of this."""
        taken.events += 1
        while (done := self.taking.event(known, event, lambda: self.settling.kept(taken))) is None:
            await self._clock.sleep(NO_ROOM_S)
        if not done:
            taken.events -= 1
        return done

    async def _room(self) -> None:
        """Wait until what was taken before is on its way to the disk; nobody is silent meanwhile."""
        if self.settling.has_room:
            return
        hears_ms, self._hears_ms = self._hears_ms, None
        try:
            await self.settling.room()
        finally:
            self._hears_ms = hears_ms and to_ms(self._clock.now())

    def _acknowledge(self) -> None:
        boots = {**self._dirty, **dict.fromkeys(self._missing), **dict.fromkeys(self._refused)}
        missing, refused = self._missing, self._refused
        self._dirty, self._missing, self._refused = {}, {}, {}
        for name, boot in boots:
            answer = Acknowledged(
                centre=self._ground.centre,
                boot=boot,
                stored=self._ranges(name, boot)[-RANGES_AT_MOST:],
                missing=tuple(missing.get((name, boot), ())),
                refused=tuple(refused.get((name, boot), {}).items()),
            )
            self.downlink.say(name, "acks", said(answer))

    def _stored(self, frame: Taken) -> None:
        inbox = self._inboxes.get(frame.poller)
        if inbox is not None:
            inbox.stored(frame.boot, frame.number)
            self._dirty[frame.poller, frame.boot] = None

    def _ranges(self, name: str, boot: str) -> tuple[tuple[int, int], ...]:
        inbox = self._inboxes.get(name)
        return () if inbox is None else inbox.ranges(boot)

    def _inbox(self, known: Heard) -> Inbox:
        name = known.row.name
        inbox = self._inboxes.get(name)
        if inbox is None:
            devices = len(self.taking.scopes.get(known.row.group, ()))
            stored = {boot: ranges for (poller, boot), ranges in self._known.items() if poller == name}
            inbox = Inbox(name, max(BASES_AT_LEAST, BASES_OF_A_DEVICE * devices), stored)
            self._inboxes[name] = inbox
        return inbox

    def _enrolled(self, fresh: Sequence[str], gone: Sequence[str]) -> None:
        for name in gone:
            self._inboxes.pop(name, None)
        for name in fresh:
            known = self.registry.of(name)
            if known is not None:
                self._inbox(known)

    def _linked(self) -> None:
        self._hears_ms = self._linked_ms = to_ms(self._clock.now())

    def _hears(self) -> int | None:
        return self._hears_ms if self.downlink.is_up else None

    def _tell_broken(self, name: str, why: str) -> None:
        self.broken += 1
        if self.broken <= TOLD_AT_MOST:
            log.warning("poller/%s: not taken: %s", name, why)


def _uplinks(settings: PollersSettings) -> Mapping[str, frozenset[str]]:
    """Return the devices over which each group reaches everything; other entities tell nothing of one reading."""
    return {
        name: frozenset(entity for entity in group.uplink if entity.startswith("device/"))
        for name, group in settings.groups.items()
    }


def concerns(remote: Remote | None) -> tuple[str, ...]:
    """Return what of remote pollers whoever looks at noc is to know, a sentence each."""
    if remote is None:
        return ()
    settling = remote.settling.failing
    unacknowledged = [] if settling is None else [f"what pollers send can't be acknowledged: {settling}"]
    return (*remote.keeping.unseen(), *unacknowledged)
