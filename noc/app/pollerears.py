"""What devices send by themselves, at a poller: traps and syslog become events, which go into frames.

An inform is answered when its event is on this poller's disk. A device that told of something is looked at at once,
from here; whether it is believed, the centre says.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from collectors.receivers._intake import Doors, Intake, Rate, Senders
from collectors.receivers._settings import ReceiverSettings
from collectors.receivers.syslog import Listening, SyslogReceiver, tls_context
from collectors.receivers.trap import Accepts, TrapReceiver
from noc.app.hearing import accepted_of, names_of, senders_of
from noc.app.looks import Looks
from noc.app.pollerplan import PollerPlan
from noc.bus.batching import Batching
from noc.bus.remembered import Remembered
from noc.clock import Clock
from noc.inventory.events.compiled import NOTHING
from noc.inventory.inventory import Inventory
from noc.model.check import Check
from noc.model.event import Event, EventKind
from noc.model.reading import Reading
from noc.wire.usmengine import MAX_BOOTS, Engine

UNKNOWN_AT_MOST: Final = 1_000
"""Senders that are no device and are counted by their address; of the others only their number is known."""

_MADE_UP: Final = bytes.fromhex("8000000005")
"""An engine id of no vendor, whose rest is made up (RFC 3411, SnmpEngineID, format 5)."""


class _Sink:
    """Where events go: into frames. strangers: messages of senders that are no device, by address. heard: is told of
    each.
    """

    def __init__(self, batching: Batching) -> None:
        self._batching = batching
        self.strangers: dict[str, int] = {}
        self.unknown = 0
        self.heard: Callable[[Event], None] = lambda _: None

    def put(self, event: Event, kept: Callable[[], None] | None = None) -> bool:
        """Take an event."""
        self.heard(event)
        return self._batching.hear(event, kept)

    def unknown_sender(self, address: str, kind: EventKind, sample: str, at_ms: int) -> bool:
        """Count a message of an unknown sender; True: it is the first one of this address."""
        self.unknown += 1
        first = address not in self.strangers
        if first and len(self.strangers) >= UNKNOWN_AT_MOST:
            return False
        self.strangers[address] = self.strangers.get(address, 0) + 1
        return first

    @property
    def has_room(self) -> bool:
        """Return whether an event would be taken."""
        return self._batching.has_room


class PollerEars:
    """A service. folder: from which paths in the settings start. handed: sockets of systemd's, by name."""

    def __init__(
        self,
        settings: ReceiverSettings,
        folder: Path,
        clock: Clock,
        batching: Batching,
        expedite: Callable[[str], bool],
        handed: Mapping[str, Sequence[socket.socket]],
        known: Remembered,
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._clock = clock
        self._handed = handed
        self._inventory = Inventory()
        self._senders = Senders(self._inventory, {}, frozenset())
        self._book = NOTHING
        self._interfaces: dict[str, dict[int, str]] = {}
        self._accepted = Accepts()
        self._started: list[TrapReceiver | SyslogReceiver] = []
        self.engine = _engine(settings, known)
        self.sink = _Sink(batching)
        self._looks = Looks(expedite, lambda: self._inventory, clock)
        doors = Doors(
            clock=clock,
            sink=self.sink,
            senders=lambda: self._senders,
            book=lambda: self._book,
            told=self._looks.take,
            interface=lambda device, if_index: self._interfaces.get(device, {}).get(if_index),
            rate=Rate(settings.storm.rate, settings.storm.burst),
        )
        self.traps, self.syslog = Intake("trap", doors), Intake("syslog", doors)
        self.trap_receiver: TrapReceiver | None = None
        self.syslog_receiver: SyslogReceiver | None = None

    async def start(self) -> None:
        """Begin to listen. Raises ListenError."""
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self.stop)
            engine = Engine(bytes.fromhex(self.engine[0]), self.engine[1], self._clock.monotonic(), ())
            listen, handed = self._settings.trap.listen, self._handed.get("trap", ())
            self.trap_receiver = TrapReceiver(self.traps, engine, self._accepted, listen, handed)
            tls = self._settings.syslog.tls
            context = None if tls is None else tls_context(tls, self._folder)
            self.syslog_receiver = SyslogReceiver(self.syslog, self._listening(), context)
            for receiver in (self.trap_receiver, self.syslog_receiver):
                self._started.append(receiver)
                await receiver.start()
            undo.pop_all()

    async def stop(self) -> None:
        """Listen no more."""
        for receiver in self._started:
            await receiver.stop()
        self._started.clear()

    @property
    def listens(self) -> bool:
        """Return whether anything can be heard."""
        trap, syslog = self._settings.trap, self._settings.syslog
        return bool(trap.listen or syslog.udp or syslog.tcp or syslog.tls or self._handed)

    def use(self, plan: PollerPlan) -> None:
        """Go by another plan."""
        self._inventory = plan.inventory
        self._senders = senders_of(plan.inventory, self._settings)
        self._book = plan.events.with_names(names_of(plan.profiles)) if self.listens else NOTHING
        self._accepted = accepted_of(plan.plan, self._settings)
        there = {device.entity for device in plan.inventory.devices.values()}
        self._interfaces = {entity: names for entity, names in self._interfaces.items() if entity in there}
        for intake in (self.traps, self.syslog):
            intake.forget()
        if self.trap_receiver is not None:
            self.trap_receiver.use(self._accepted)

    def see(self, check: Check, reading: Reading) -> None:
        """Learn what interfaces are called: traps tell their numbers alone."""
        if reading.snmp is None or not self.listens:
            return
        names = self._interfaces.setdefault(check.entity, {})
        for rows in reading.snmp.tables.values():
            for index, row in rows.items():
                name = row.get("ifName") or row.get("ifDescr")
                if len(index) == 1 and isinstance(name, bytes | str):
                    text = name.decode("utf-8", "replace") if isinstance(name, bytes) else name
                    if "ifName" in row or index[0] not in names:
                        names[index[0]] = text

    def _listening(self) -> Listening:
        wanted, handed = self._settings.syslog, self._handed.get("syslog", ())
        return Listening(
            udp=wanted.udp,
            tcp=wanted.tcp,
            tls=() if wanted.tls is None else wanted.tls.listen,
            handed_udp=[one for one in handed if one.type == socket.SOCK_DGRAM],
            handed_tcp=[one for one in handed if one.type == socket.SOCK_STREAM],
            handed_tls=self._handed.get("syslog-tls", ()) if wanted.tls is not None else (),
        )


def _engine(settings: ReceiverSettings, known: Remembered) -> tuple[str, int]:
    """Return our SNMP engine, started once more than last time: senders tell old messages from new by that."""
    before = known.engine
    wanted = settings.trap.engine_id
    name = wanted.hex() if wanted is not None else before[0] if before else (_MADE_UP + secrets.token_bytes(12)).hex()
    boots = before[1] + 1 if before is not None and before[0] == name else 1
    return name, min(boots, MAX_BOOTS - 1)
