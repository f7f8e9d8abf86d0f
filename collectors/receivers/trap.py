"""SNMP traps and informs of v1, v2c and v3. An inform is answered when it is on disk, and only then."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from collectors.receivers._intake import Intake
from collectors.receivers._settings import Endpoint
from collectors.receivers._sockets import bound, datagrams
from collectors.receivers._trapevent import Notification, NoTrapError, event_of, notification_of
from noc.wire.ber import BerError, Message, Oid, Pdu, PduType, decode, encode
from noc.wire.snmp import Community, User
from noc.wire.snmpv3 import is_v3
from noc.wire.usmengine import Engine, RefusedError

log = logging.getLogger(__name__)

INFORMS_AT_MOST: Final = 10_000
"""Informs that are remembered, so that one that is sent again is not two events."""

AGAIN_WITHIN_S: Final = 60.0

Reply = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Accepts:
    """Whose traps are believed. communities: None: any. users: of SNMPv3."""

    communities: frozenset[bytes] | None = None
    users: tuple[User, ...] = ()


def accepts(logins: Iterable[Community | User], *, any_community: bool) -> Accepts:
    """Return what is accepted of sets of credentials."""
    found = list(logins)
    communities = frozenset(one.community.encode() for one in found if isinstance(one, Community))
    users = tuple(one for one in found if isinstance(one, User))
    return Accepts(None if any_community else communities, users)


@dataclass(slots=True)
class _Inform:
    """An inform that came in. answer: makes its answer; None while it is not on disk."""

    at_s: float
    answer: Callable[[], bytes] | None = None


@dataclass(slots=True)
class TrapReceiver:
    """A service: listens, reads, hands on. listen: to bind; handed: sockets of systemd's."""

    intake: Intake
    engine: Engine
    accepted: Accepts
    listen: Sequence[Endpoint] = ()
    handed: Sequence[socket.socket] = ()
    ports: list[int] = field(default_factory=list)
    _transports: list[asyncio.DatagramTransport] = field(default_factory=list)
    _informs: OrderedDict[tuple[str, int, Oid], _Inform] = field(default_factory=OrderedDict)

    async def start(self) -> None:
        """Begin to listen. Raises ListenError."""
        sockets = [*self.handed, *(bound(one, socket.SOCK_DGRAM) for one in self.listen)]
        for made in sockets:
            self.ports.append(made.getsockname()[1])
            self._transports.append(await datagrams(made, self.datagram))
        if sockets:
            said = ", ".join(map(str, self.ports))
            log.info("traps and informs: UDP port %s, engine id %s", said, self.engine.engine_id.hex())

    async def stop(self) -> None:
        """Listen no more."""
        for transport in self._transports:
            transport.close()
        self._transports.clear()

    def use(self, accepted: Accepts) -> None:
        """Believe others from now on."""
        self.accepted = accepted
        self.engine.use(accepted.users)

    def datagram(self, data: bytes, address: str, reply: Reply) -> None:
        """Take a datagram; returns at once. reply: sends an answer to where it came from."""
        if not self.intake.admits(address, data):
            return
        try:
            if is_v3(data):
                self._v3(data, address, reply)
            else:
                self._community(decode(data), address, reply)
        except RefusedError as error:
            if error.report is not None:
                reply(error.report)
            if error.stat == "unknown engine":
                self.intake.tally.asked += 1
            else:
                self.intake.refused(address, str(error))
        except (BerError, NoTrapError) as error:
            self.intake.malformed(address, str(error))

    def _v3(self, data: bytes, address: str, reply: Reply) -> None:
        accepted = self.engine.take(data, self.intake.doors.clock.monotonic())

        def answer() -> bytes:
            return self.engine.answer(accepted, self.intake.doors.clock.monotonic())

        self._pdu(accepted.pdu, address, accepted.frame.message_id, answer, reply)

    def _community(self, message: Message, address: str, reply: Reply) -> None:
        allowed = self.accepted.communities
        if allowed is not None and message.community not in allowed:
            self.intake.refused(address, "its community is in no set of credentials that receivers.trap names")
            return
        pdu = message.pdu
        if not isinstance(pdu, Pdu):
            self._take(notification_of(pdu), address, None)
            return

        def answer() -> bytes:
            response = Pdu(PduType.RESPONSE, pdu.request_id, 0, 0, pdu.varbinds)
            return encode(Message(message.version, message.community, response))

        self._pdu(pdu, address, pdu.request_id, answer, reply)

    def _pdu(self, pdu: Pdu, address: str, number: int, answer: Callable[[], bytes], reply: Reply) -> None:
        if pdu.type is PduType.TRAP_V2:
            self._take(notification_of(pdu), address, None)
        elif pdu.type is PduType.INFORM:
            self._inform(notification_of(pdu), address, number, answer, reply)
        else:
            raise NoTrapError(f"a {pdu.type.name} PDU, where traps and informs are taken")

    def _inform(self, said: Notification, address: str, number: int, answer: Callable[[], bytes], reply: Reply) -> None:
        key = (address, number, said.oid)
        now_s = self.intake.doors.clock.monotonic()
        known = self._informs.get(key)
        if known is not None and now_s - known.at_s < AGAIN_WITHIN_S:
            self.intake.tally.again += 1
            if known.answer is not None:
                reply(known.answer())
            return
        inform = self._informs[key] = _Inform(now_s)
        self._informs.move_to_end(key)
        while len(self._informs) > INFORMS_AT_MOST:
            self._informs.popitem(last=False)

        def kept() -> None:
            inform.answer = answer
            reply(answer())

        if not self._take(said, address, kept):
            self._informs.pop(key, None)  # its sender tries again

    def _take(self, said: Notification, address: str, kept: Callable[[], None] | None) -> bool:
        doors = self.intake.doors
        senders = doors.senders()
        device = senders.at(address)
        if senders.is_relay(address):
            device = (senders.at(said.agent) if said.agent is not None else None) or device
        if device is None:
            self.intake.unknown(said.agent or address, f"by {address}".encode())
            return False
        event, meaning = event_of(said, doors.book(), address, device, self.intake.now_ms(), doors.interface)
        return self.intake.take(event, meaning, kept)
