"""What devices of the world say by themselves when something becomes otherwise: traps and lines of syslog. Pure.

A device that nothing is heard of says nothing; what it missed it doesn't tell later, but for its start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from noc.simulator.commandline import has_console, last_change
from noc.simulator.models import is_locked, port_names
from noc.simulator.models.power import input_v
from noc.simulator.models.tables import signal_db
from noc.simulator.moment import Machine, Moment
from noc.simulator.scene import Scene
from noc.simulator.walls import EVERY_MS, FIRST_AFTER_MS, refused
from noc.wire.ber import Oid, Tag, VarBind

COLD_START: Final[Oid] = (1, 3, 6, 1, 6, 3, 1, 1, 5, 1)
LINK_DOWN: Final[Oid] = (1, 3, 6, 1, 6, 3, 1, 1, 5, 3)
LINK_UP: Final[Oid] = (1, 3, 6, 1, 6, 3, 1, 1, 5, 4)
BGP_ESTABLISHED: Final[Oid] = (1, 3, 6, 1, 2, 1, 15, 0, 1)
BGP_BACKWARD: Final[Oid] = (1, 3, 6, 1, 2, 1, 15, 0, 2)
UPS_ON_BATTERY: Final[Oid] = (1, 3, 6, 1, 2, 1, 33, 2, 1)
UPS_ALARM_GONE: Final[Oid] = (1, 3, 6, 1, 2, 1, 33, 2, 4)
CONFIG_CHANGED: Final[Oid] = (1, 3, 6, 1, 4, 1, 9, 9, 43, 2, 0, 1)

_IF: Final[Oid] = (1, 3, 6, 1, 2, 1, 2, 2, 1)
_BGP_PEER: Final[Oid] = (1, 3, 6, 1, 2, 1, 15, 3, 1)
_UPS: Final[Oid] = (1, 3, 6, 1, 2, 1, 33, 1)
_UPS_ALARM_ON_BATTERY: Final[Oid] = (*_UPS, 6, 3, 2)
_CONFIG_HISTORY: Final[Oid] = (1, 3, 6, 1, 4, 1, 9, 9, 43, 1, 1, 6, 1)
_ESTABLISHED, _IDLE, _UP, _DOWN = 6, 1, 1, 2
_NOMINAL_V: Final = 230
_CISCO: Final = frozenset({"router", "switch"})
_ERROR, _WARNING, _NOTICE, _INFO = 3, 4, 5, 6


@dataclass(frozen=True, slots=True)
class Trap:
    """A notification of SNMPv2. varbinds: beside sysUpTime and snmpTrapOID, which whoever sends it puts before."""

    oid: Oid
    varbinds: tuple[VarBind, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of syslog. severity: 0 to 7 (RFC 5424); app: who wrote it, empty where the text says so itself (Cisco)."""

    severity: int
    text: str
    app: str = ""


@dataclass(frozen=True, slots=True)
class Saying:
    """What a device says at a moment."""

    now: Moment
    what: Trap | Line


@dataclass(slots=True)
class _Known:
    """What a device was like. down: ifIndex of ports. locked: None: it is no modem, or was not looked at."""

    down: frozenset[int] = frozenset()
    no_mains: bool = False
    locked: bool | None = None


@dataclass(slots=True)
class Teller:
    """Compares a scene with what it was before. The first look only learns."""

    scene: Scene
    _silent: bytes | None = None
    _refused_ms: int | None = None
    _since_ms: dict[int, int] = field(default_factory=dict)
    _known: dict[int, _Known] = field(default_factory=dict)
    _turns: dict[int, int] = field(default_factory=dict)
    _peers_of: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Turn round who has a session with whom."""
        found: dict[int, list[int]] = {}
        for number, peers in self.scene.world.peers.items():
            for peer in peers:
                found.setdefault(peer.number, []).append(number)
        self._peers_of = {number: tuple(others) for number, others in found.items()}

    def look(self, now_ms: int) -> tuple[Saying, ...]:
        """Return what devices say since the last look."""
        first, before = self._silent is None, self._silent or b""
        self._silent = bytes(self.scene.silent)
        changed = [] if first or before == self._silent else _changed(before, self._silent)
        said = [
            *self._reached(changed, now_ms),
            *self._sessions(changed, now_ms),
            *self._conditions(now_ms),
            *self._configurations(now_ms),
            *self._refused(now_ms),
        ]
        return () if first else tuple(one for one in said if not self._silent[one.now.machine.device.number])

    def _reached(self, changed: list[int], now_ms: int) -> Iterator[Saying]:
        """Yield the start of those that were off."""
        for number in changed:
            if self.scene.silent[number]:
                self._since_ms[number] = now_ms
                continue
            silent_since_ms = self._since_ms.pop(number, now_ms)
            now = self.scene.moment(number, now_ms)
            if now.boot_ms >= silent_since_ms:
                yield Saying(now, Trap(COLD_START))
                if now.machine.device.device_class in _CISCO:
                    yield Saying(now, Line(_NOTICE, "%SYS-5-RESTART: System restarted --"))

    def _sessions(self, changed: list[int], now_ms: int) -> Iterator[Saying]:
        """Yield what routers say of the far ends of their sessions."""
        for number in changed:
            peer, is_up = self.scene.world.devices[number], not self.scene.silent[number]
            for router in self._peers_of.get(number, ()):
                now = self.scene.moment(router, now_ms)
                octets = tuple(peer.address.packed)
                state = VarBind((*_BGP_PEER, 2, *octets), Tag.INTEGER, _ESTABLISHED if is_up else _IDLE)
                error = VarBind((*_BGP_PEER, 14, *octets), Tag.OCTET_STRING, b"\0\0" if is_up else b"\4\0")
                yield Saying(now, Trap(BGP_ESTABLISHED if is_up else BGP_BACKWARD, (error, state)))
                reason = "Up" if is_up else "Down BGP Notification sent"
                yield Saying(now, Line(_NOTICE, f"%BGP-5-ADJCHANGE: neighbor {peer.address} {reason}"))

    def _conditions(self, now_ms: int) -> Iterator[Saying]:
        """Yield what becomes otherwise with ports, mains and carriers."""
        troubled = self.scene.troubled()
        for number in sorted(troubled | self._known.keys()):
            now = self.scene.moment(number, now_ms)
            before, is_now = self._known.get(number, _Known()), _Known(frozenset(now.condition.down))
            yield from self._ports(now, before, is_now)
            device_class = now.machine.device.device_class
            if device_class == "ups":
                is_now.no_mains = input_v(now) < _NOMINAL_V / 2
                yield from _mains(now, before, is_now)
            is_now.locked = is_locked(now)
            yield from _carrier(now, before, is_now)
            self._known[number] = is_now
        self._known = {number: known for number, known in self._known.items() if number in troubled}

    def _ports(self, now: Moment, before: _Known, is_now: _Known) -> Iterator[Saying]:
        if before.down == is_now.down:
            return
        names = port_names(self.scene.views[now.machine.device.number])
        for index in sorted(before.down ^ is_now.down):
            is_down = index in is_now.down
            varbinds = (
                VarBind((*_IF, 1, index), Tag.INTEGER, index),
                VarBind((*_IF, 7, index), Tag.INTEGER, _UP),
                VarBind((*_IF, 8, index), Tag.INTEGER, _DOWN if is_down else _UP),
            )
            yield Saying(now, Trap(LINK_DOWN if is_down else LINK_UP, varbinds))
            if now.machine.device.device_class in _CISCO and index <= len(names):
                state = "down" if is_down else "up"
                text = f"Line protocol on Interface {names[index - 1]}, changed state to {state}"
                yield Saying(now, Line(_NOTICE, f"%LINEPROTO-5-UPDOWN: {text}"))

    def _configurations(self, now_ms: int) -> Iterator[Saying]:
        """Yield what routers say of people who changed their configuration."""
        for machine in self._with_console:
            number = machine.device.number
            now = self.scene.moment(number, now_ms)
            change = last_change(now)
            before = self._turns.get(number, change.turn)
            self._turns[number] = change.turn
            if before == change.turn:
                continue
            row = (change.turn % 10_000,)
            varbinds = tuple(
                VarBind((*_CONFIG_HISTORY, column, *row), Tag.INTEGER, value)
                for column, value in ((3, 1), (4, 2), (5, 3))
            )
            yield Saying(now, Trap(CONFIG_CHANGED, varbinds))
            text = f"Configured from console by {change.who} on vty0 (10.255.0.9)"
            yield Saying(now, Line(_NOTICE, f"%SYS-5-CONFIG_I: {text}"))

    def _refused(self, now_ms: int) -> Iterator[Saying]:
        """Yield what firewalls refused."""
        if self._refused_ms is None:
            self._refused_ms = now_ms - EVERY_MS + FIRST_AFTER_MS
        if now_ms - self._refused_ms < EVERY_MS:
            return
        self._refused_ms = now_ms
        for one in refused(self.scene.world, now_ms // EVERY_MS):
            yield Saying(self.scene.moment(one.firewall.number, now_ms), Line(_WARNING, one.text))

    @property
    def _with_console(self) -> Iterator[Machine]:
        return (machine for machine in self.scene.machines if has_console(machine))


def _changed(before: bytes, is_now: bytes) -> list[int]:
    return [number for number, (one, other) in enumerate(zip(before, is_now, strict=True)) if one != other]


def _mains(now: Moment, before: _Known, is_now: _Known) -> Iterator[Saying]:
    if is_now.no_mains and not before.no_mains:
        minutes = round(now.condition.lasting_ms / 60_000)
        varbinds = (
            VarBind((*_UPS, 2, 3, 0), Tag.INTEGER, minutes),
            VarBind((*_UPS, 2, 2, 0), Tag.INTEGER, 0),
            VarBind((*_UPS, 9, 7, 0), Tag.INTEGER, 2),
        )
        yield Saying(now, Trap(UPS_ON_BATTERY, varbinds))
    elif before.no_mains and not is_now.no_mains:
        gone = (
            VarBind((*_UPS, 6, 2, 1, 1, 1), Tag.INTEGER, 1),
            VarBind((*_UPS, 6, 2, 1, 2, 1), Tag.OID, _UPS_ALARM_ON_BATTERY),
        )
        yield Saying(now, Trap(UPS_ALARM_GONE, gone))


def _carrier(now: Moment, before: _Known, is_now: _Known) -> Iterator[Saying]:
    if before.locked is None or before.locked == is_now.locked:
        return
    level = f"Es/N0 {signal_db(now):.1f} dB"
    if is_now.locked:
        yield Saying(now, Line(_INFO, f"RX carrier locked, {level}", "demod"))
    else:
        yield Saying(now, Line(_ERROR, f"RX carrier lock lost, {level}", "demod"))
