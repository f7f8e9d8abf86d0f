"""What devices send by themselves, at a poller: traps and syslog become events, which go into frames.

An inform is answered when its event is on this poller's disk. A device that told of something is looked at at once,
from here; whether it is believed, the centre says.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from collectors.receivers._settings import ReceiverSettings
from noc.app.ears import Ears, EngineKnown, engine_after
from noc.app.looks import Looks
from noc.app.pollerplan import PollerPlan
from noc.bus.batching import Batching
from noc.bus.remembered import Remembered
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.model.check import Check
from noc.model.event import Event, EventKind
from noc.model.reading import Reading

UNKNOWN_AT_MOST: Final = 1_000
"""Senders that are no device and are counted by their address; of the others only their number is known."""


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
        self._inventory = Inventory()
        self._interfaces: dict[str, dict[int, str]] = {}
        before = None if known.engine is None else EngineKnown(bytes.fromhex(known.engine[0]), known.engine[1])
        self._engine = engine_after(before, settings.trap.engine_id)
        self.sink = _Sink(batching)
        looks = Looks(expedite, lambda: self._inventory, clock)
        self._ears = Ears(settings, folder, clock, self.sink, looks, self._interface, handed)

    async def start(self) -> None:
        """Begin to listen. Raises ListenError."""
        await self._ears.start(self._engine)

    async def stop(self) -> None:
        """Listen no more."""
        await self._ears.stop()

    @property
    def engine(self) -> tuple[str, int]:
        """Return our SNMP engine as it is remembered: its id in hexadecimal, and how often it was started."""
        return self._engine.engine_id.hex(), self._engine.boots

    def use(self, plan: PollerPlan) -> None:
        """Go by another plan."""
        self._inventory = plan.inventory
        there = {device.entity for device in plan.inventory.devices.values()}
        self._interfaces = {entity: names for entity, names in self._interfaces.items() if entity in there}
        self._ears.use(plan.plan, plan.events, plan.profiles)

    def see(self, check: Check, reading: Reading) -> None:
        """Learn what interfaces are called: traps tell their numbers alone."""
        if reading.snmp is None or not self._ears.listens:
            return
        names = self._interfaces.setdefault(check.entity, {})
        for rows in reading.snmp.tables.values():
            for index, row in rows.items():
                name = row.get("ifName") or row.get("ifDescr")
                if len(index) == 1 and isinstance(name, bytes | str):
                    text = name.decode("utf-8", "replace") if isinstance(name, bytes) else name
                    if "ifName" in row or index[0] not in names:
                        names[index[0]] = text

    def _interface(self, device: str, if_index: int) -> str | None:
        return self._interfaces.get(device, {}).get(if_index)
