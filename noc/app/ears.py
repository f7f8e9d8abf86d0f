"""The receivers of traps and syslog, and what they go by now: the same at the centre and at a poller."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collectors.receivers._intake import Doors, Intake, Rate, Senders, Sink
from collectors.receivers._settings import ReceiverSettings
from collectors.receivers._sockets import ListenError
from collectors.receivers.syslog import Listening, SyslogReceiver, tls_context
from collectors.receivers.trap import Accepts, TrapReceiver
from noc.app.gathering import Plan
from noc.app.hearing import accepted_of, names_of, senders_of
from noc.app.looks import Looks
from noc.clock import Clock
from noc.inventory.events.compiled import NOTHING, EventBook
from noc.inventory.inventory import Inventory
from noc.inventory.profiles.compiled import Profile
from noc.wire.usmengine import MAX_BOOTS, Engine

_MADE_UP: Final = bytes.fromhex("8000000005")
"""An engine id of no vendor, whose rest is made up (RFC 3411, SnmpEngineID, format 5)."""

Interface = Callable[[str, int], str | None]
"""What an interface of a device is called, by its number: traps tell that alone."""


@dataclass(frozen=True, slots=True)
class EngineKnown:
    """Our SNMP engine: its id, and how often it was started."""

    engine_id: bytes
    boots: int


def engine_after(before: EngineKnown | None, wanted: bytes | None) -> EngineKnown:
    """Return our engine, started once more than last time: senders tell old messages from new by that.

    before: as it was last time; None: never. wanted: the id that the settings name.
    """
    engine_id = wanted or (before.engine_id if before is not None else _MADE_UP + secrets.token_bytes(12))
    again = before is not None and before.engine_id == engine_id
    boots = before.boots + 1 if again and before is not None else 1
    return EngineKnown(engine_id, min(boots, MAX_BOOTS - 1))


class Ears:
    """Where what devices send by themselves comes in. traps, syslog: their intakes, with their tallies.

    folder: from which paths in the settings start. sink: takes events. handed: sockets of systemd's, by name.
    """

    def __init__(
        self,
        settings: ReceiverSettings,
        folder: Path,
        clock: Clock,
        sink: Sink,
        looks: Looks,
        interface: Interface,
        handed: Mapping[str, Sequence[socket.socket]],
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._clock = clock
        self._handed = handed
        self._senders = Senders(Inventory(), {}, frozenset())
        self._book = NOTHING
        self._accepted = Accepts()
        self._trap_receiver: TrapReceiver | None = None
        self._started: list[TrapReceiver | SyslogReceiver] = []
        doors = Doors(
            clock=clock,
            sink=sink,
            senders=lambda: self._senders,
            book=lambda: self._book,
            told=looks.take,
            interface=interface,
            rate=Rate(settings.storm.rate, settings.storm.burst),
        )
        self.traps, self.syslog = Intake("trap", doors), Intake("syslog", doors)

    @property
    def listens(self) -> bool:
        """Return whether anything can be heard."""
        trap, syslog = self._settings.trap, self._settings.syslog
        return bool(trap.listen or syslog.udp or syslog.tcp or syslog.tls or self._handed)

    async def start(self, engine: EngineKnown) -> None:
        """Begin to listen. Raises ListenError."""
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self.stop)
            ours = Engine(engine.engine_id, engine.boots, self._clock.monotonic(), self._accepted.users)
            listen, handed = self._settings.trap.listen, self._handed.get("trap", ())
            self._trap_receiver = TrapReceiver(self.traps, ours, self._accepted, listen, handed)
            tls = self._settings.syslog.tls
            context = None if tls is None else tls_context(tls, self._folder)
            for receiver in (self._trap_receiver, SyslogReceiver(self.syslog, self._listening(), context)):
                self._started.append(receiver)
                await receiver.start()
            undo.pop_all()

    async def stop(self) -> None:
        """Listen no more."""
        for receiver in self._started:
            await receiver.stop()
        self._started.clear()

    def use(self, plan: Plan, book: EventBook, profiles: Mapping[str, Profile]) -> None:
        """Go by other devices, credentials and rules. Sockets and bounds stay as they are until a restart."""
        self._senders = senders_of(plan.inventory, self._settings)
        self._book = book.with_names(names_of(profiles)) if self.listens else NOTHING
        self._accepted = accepted_of(plan, self._settings)
        for intake in (self.traps, self.syslog):
            intake.forget()
        if self._trap_receiver is not None:
            self._trap_receiver.use(self._accepted)

    def _listening(self) -> Listening:
        wanted = self._settings.syslog
        handed, tls = self._handed.get("syslog", ()), self._handed.get("syslog-tls", ())
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
