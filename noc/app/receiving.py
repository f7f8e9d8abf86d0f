"""Receiving: traps and syslog as the daemon takes them, from the sockets to the event log, the checks and the pages."""

from __future__ import annotations

import logging
import secrets
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from collectors.receivers._intake import Doors, Intake, Rate, Senders
from collectors.receivers._settings import ReceiverSettings
from collectors.receivers._sockets import ListenError
from collectors.receivers.syslog import Listening, SyslogReceiver, tls_context
from collectors.receivers.trap import Accepts, TrapReceiver
from noc.app.gathering import Plan
from noc.app.hearing import accepted_of, names_of, senders_of
from noc.app.looks import Looks
from noc.clock import Clock
from noc.http.live import Hub, is_topic
from noc.http.scope import region_of
from noc.inventory.events.compiled import EventBook
from noc.inventory.inventory import Inventory
from noc.inventory.profiles.compiled import Profile
from noc.model.event import Event
from noc.model.instants import to_ms
from noc.model.present import Present
from noc.state import checkpoint
from noc.state.database import Database
from noc.state.eventlog import Bounds, EventLog
from noc.wire.usmengine import MAX_BOOTS, Engine

log = logging.getLogger(__name__)

ENGINE: Final = "snmp-engine"
"""The checkpoint that holds our engine id and how often it was started."""

_MADE_UP: Final = bytes.fromhex("8000000005")
"""An engine id of no vendor, whose rest is made up (RFC 3411, SnmpEngineID, format 5)."""

HANDED: Final = ("trap", "syslog", "syslog-tls")
"""Names of the sockets of systemd's (FileDescriptorName=)."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What receiving stands on. heard: is given events that are on disk."""

    database: Database
    clock: Clock
    hub: Hub
    inventory: Callable[[], Inventory]
    present: Present
    expedite: Callable[[str], bool]
    heard: Callable[[Sequence[Event]], None] = lambda _: None


@dataclass(slots=True)
class _InUse:
    senders: Senders
    book: EventBook


@dataclass(slots=True)
class Receiving:
    """A service: the event log, and the receivers that fill it. traps, syslog: their intakes, with their tallies."""

    ground: Ground
    settings: ReceiverSettings
    folder: Path
    events: EventLog
    looks: Looks
    traps: Intake
    syslog: Intake
    accepted: Accepts
    handed: Mapping[str, Sequence[socket.socket]]
    in_use: _InUse
    trap_receiver: TrapReceiver | None = None
    syslog_receiver: SyslogReceiver | None = None
    _started: list[TrapReceiver | SyslogReceiver] = field(default_factory=list)

    async def start(self) -> None:
        """Begin to keep events, then to listen. Raises ListenError, StateError."""
        await self.events.start()
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self.stop)
            engine = await self._engine()
            self.trap_receiver = TrapReceiver(
                self.traps, engine, self.accepted, self.settings.trap.listen, self.handed.get("trap", ())
            )
            self.syslog_receiver = SyslogReceiver(self.syslog, self._listening(), self._context())
            for receiver in (self.trap_receiver, self.syslog_receiver):
                self._started.append(receiver)
                await receiver.start()
            undo.pop_all()

    async def stop(self) -> None:
        """Listen no more, then write what was taken."""
        for receiver in self._started:
            await receiver.stop()
        self._started.clear()
        await self.events.stop()

    def replace(self, plan: Plan, book: EventBook, profiles: Mapping[str, Profile]) -> None:
        """Go on with other devices, credentials and rules. Sockets and bounds stay as they are until a restart."""
        self.in_use.senders = senders_of(plan.inventory, self.settings)
        self.in_use.book = book.with_names(names_of(profiles))
        for intake in (self.traps, self.syslog):
            intake.forget()
        self.accepted = accepted_of(plan, self.settings)
        if self.trap_receiver is not None:
            self.trap_receiver.use(self.accepted)

    def told(self, group: Sequence[Event]) -> None:
        """Tell of events that are on disk: the rules of all, open pages of each device once, with its newest."""
        self.ground.heard(group)
        newest = {event.device: event for event in group if event.device is not None}
        for device, event in newest.items():
            if is_topic(device):
                said = {"entity": device, "event": event.name, "class": event.event_class, "severity": event.severity}
                self.ground.hub.publish(device, said, key="event", region=region_of(self.ground.inventory(), device))

    def _listening(self) -> Listening:
        wanted = self.settings.syslog
        handed = self.handed.get("syslog", ())
        tls = self.handed.get("syslog-tls", ())
        if tls and wanted.tls is None:
            raise ListenError("systemd hands over noc-syslog-tls.socket, and receivers.syslog.tls names no certificate")
        return Listening(
            udp=wanted.udp,
            tcp=wanted.tcp,
            tls=() if wanted.tls is None else wanted.tls.listen,
            handed_udp=[one for one in handed if one.type == socket.SOCK_DGRAM],
            handed_tcp=[one for one in handed if one.type == socket.SOCK_STREAM],
            handed_tls=tls,
        )

    def _context(self) -> ssl.SSLContext | None:
        tls = self.settings.syslog.tls
        return None if tls is None else tls_context(tls, self.folder)

    async def _engine(self) -> Engine:
        """Return our SNMP engine, started once more than last time: senders tell old messages from new by that."""
        async with self.ground.database.read() as connection:
            saved = await checkpoint.load(connection, ENGINE)
        row = saved[1][0] if saved is not None and saved[1] else None
        known = row if row is not None and isinstance(row[0], str) and isinstance(row[1], int) else None
        wanted = self.settings.trap.engine_id
        engine_id = wanted or (bytes.fromhex(str(known[0])) if known else _MADE_UP + secrets.token_bytes(12))
        boots = int(known[1] or 0) + 1 if known and known[0] == engine_id.hex() else 1
        async with self.ground.database.write() as connection:
            at_ms = to_ms(self.ground.clock.now())
            await checkpoint.save(connection, ENGINE, at_ms, [(engine_id.hex(), boots)])
        started_s = self.ground.clock.monotonic()
        return Engine(engine_id, min(boots, MAX_BOOTS - 1), started_s, self.accepted.users)


def receiving_of(
    settings: ReceiverSettings,
    folder: Path,
    plan: Plan,
    book: EventBook,
    profiles: Mapping[str, Profile],
    ground: Ground,
    handed: Mapping[str, Sequence[socket.socket]],
) -> Receiving:
    """Return the receivers that the settings describe; nothing is started. handed: sockets of systemd's, by name."""
    for name in handed.keys() - set(HANDED):
        log.warning("systemd hands over a socket '%s' that noc doesn't know; it takes %s", name, ", ".join(HANDED))
    in_use = _InUse(senders_of(plan.inventory, settings), book.with_names(names_of(profiles)))
    bounds = Bounds(settings.keep, settings.keep_at_most, settings.repeat_window)

    def told(group: Sequence[Event]) -> None:
        receiving.told(group)

    events = EventLog(ground.database, ground.clock, bounds, told)
    looks = Looks(ground.expedite, ground.inventory, ground.clock)
    doors = Doors(
        clock=ground.clock,
        sink=events,
        senders=lambda: in_use.senders,
        book=lambda: in_use.book,
        told=looks.take,
        interface=lambda device, if_index: _interface(ground.present, device, if_index),
        rate=Rate(settings.storm.rate, settings.storm.burst),
    )
    receiving = Receiving(
        ground=ground,
        settings=settings,
        folder=folder,
        events=events,
        looks=looks,
        traps=Intake("trap", doors),
        syslog=Intake("syslog", doors),
        accepted=accepted_of(plan, settings),
        handed=handed,
        in_use=in_use,
    )
    return receiving


def _interface(present: Present, device: str, if_index: int) -> str | None:
    snapshot = present.snapshot(device)
    if snapshot is None:
        return None
    return next((one.name or one.descr for one in snapshot.interfaces if one.if_index == if_index), None)
