"""Receiving: traps and syslog as the daemon takes them, from the sockets to the event log, the checks and the pages."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from collectors.receivers._intake import Intake
from collectors.receivers._settings import ReceiverSettings
from noc.app.ears import Ears, EngineKnown, engine_after
from noc.app.gathering import Plan
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

log = logging.getLogger(__name__)

ENGINE: Final = "snmp-engine"
"""The checkpoint that holds our engine id and how often it was started."""

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
class Receiving:
    """A service: the event log, and the receivers that fill it. wanted: the engine id that the settings name."""

    ground: Ground
    wanted: bytes | None
    events: EventLog
    looks: Looks
    ears: Ears

    async def start(self) -> None:
        """Begin to keep events, then to listen. Raises ListenError, StateError."""
        await self.events.start()
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self.events.stop)
            await self.ears.start(await self._engine())
            undo.pop_all()

    async def stop(self) -> None:
        """Listen no more, then write what was taken."""
        await self.ears.stop()
        await self.events.stop()

    @property
    def traps(self) -> Intake:
        """Return the way of traps."""
        return self.ears.traps

    @property
    def syslog(self) -> Intake:
        """Return the way of syslog."""
        return self.ears.syslog

    def replace(self, plan: Plan, book: EventBook, profiles: Mapping[str, Profile]) -> None:
        """Go on with other devices, credentials and rules. Sockets and bounds stay as they are until a restart."""
        self.ears.use(plan, book, profiles)

    def told(self, group: Sequence[Event]) -> None:
        """Tell of events that are on disk: the rules of all, open pages of each device once, with its newest."""
        self.ground.heard(group)
        newest = {event.device: event for event in group if event.device is not None}
        for device, event in newest.items():
            if is_topic(device):
                said = {"entity": device, "event": event.name, "class": event.event_class, "severity": event.severity}
                self.ground.hub.publish(device, said, key="event", region=region_of(self.ground.inventory(), device))

    async def _engine(self) -> EngineKnown:
        """Return our SNMP engine, started once more than last time."""
        async with self.ground.database.read() as connection:
            saved = await checkpoint.load(connection, ENGINE)
        row = saved[1][0] if saved is not None and saved[1] else None
        is_known = row is not None and isinstance(row[0], str) and isinstance(row[1], int)
        before = EngineKnown(bytes.fromhex(str(row[0])), int(row[1] or 0)) if row is not None and is_known else None
        engine = engine_after(before, self.wanted)
        async with self.ground.database.write() as connection:
            at_ms = to_ms(self.ground.clock.now())
            await checkpoint.save(connection, ENGINE, at_ms, [(engine.engine_id.hex(), engine.boots)])
        return engine


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
    bounds = Bounds(settings.keep, settings.keep_at_most, settings.repeat_window)

    def told(group: Sequence[Event]) -> None:
        receiving.told(group)

    events = EventLog(ground.database, ground.clock, bounds, told)
    looks = Looks(ground.expedite, ground.inventory, ground.clock)
    names = partial(_interface, ground.present)
    ears = Ears(settings, folder, ground.clock, events, looks, names, handed)
    ears.use(plan, book, profiles)
    receiving = Receiving(ground, settings.trap.engine_id, events, looks, ears)
    return receiving


def _interface(present: Present, device: str, if_index: int) -> str | None:
    snapshot = present.snapshot(device)
    if snapshot is None:
        return None
    return next((one.name or one.descr for one in snapshot.interfaces if one.if_index == if_index), None)
