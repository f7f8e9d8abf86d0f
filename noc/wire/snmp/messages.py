"""The messages of one SNMPv3 conversation: requests as bytes, and whether a datagram is the answer (RFC 3414).

No socket, no clock: seconds are given.
"""

from __future__ import annotations

import hmac
import itertools
from functools import lru_cache
from typing import Final

from noc.model.errors import NocError
from noc.wire.ber import BerError, Pdu, PduType
from noc.wire.snmp.exchange import StrayError, UnreadableError
from noc.wire.snmp.memory import WINDOW_S, AgentMemory, EngineClock
from noc.wire.snmp.reports import Report, report_of
from noc.wire.snmpusers import User
from noc.wire.snmpv3 import Flags, Frame, Security, decode, decode_scoped, encode, encode_scoped
from noc.wire.usm import Keys, decrypt, encrypt, keys_of, mac, mac_octets

MAX_SIZE: Final = 65_507
_IDS: Final = 2**31
_next_id = itertools.count(1)


class ReportedError(NocError):
    """The agent sent a report instead of an answer. clock: of its engine, as the report shows it."""

    def __init__(self, report: Report, pdu: Pdu, clock: EngineClock) -> None:
        super().__init__(report.name)
        self.report = report
        self.pdu = pdu
        self.clock = clock


class Asker:
    """Makes the messages of a user for one engine and context, and judges the answers.

    proved: an answer came with a right digest. answered_try: of the question's messages, from 0. doubt: why
    answers, or their lack, look like a wrong log-in.
    """

    def __init__(self, user: User, memory: AgentMemory, chance: bytes, context: str = "") -> None:
        self._user = user
        self._context = context.encode()
        self._memory = memory
        self._salts = itertools.count(int.from_bytes(chance[:8], "big"))
        self._request_ids = itertools.count(int.from_bytes(chance[:3], "big"))
        self._pdu = Pdu(PduType.GET, 0)
        self._tries: dict[int, int] = {}
        self.answered_try = -1
        self.proved = False
        self.doubt = "unknown user, wrong key or protocol"

    def begin(self, pdu: Pdu) -> None:
        """Begin a question; answers to earlier ones are no longer taken."""
        self._pdu = pdu._replace(request_id=next(self._request_ids) % _IDS)
        self._tries.clear()

    def message(self, at_s: float) -> bytes:
        """Return a message with the question. The engine is known."""
        user, engine = self._user, self._engine()
        message_id = next(_next_id) % _IDS
        self._tries[message_id] = len(self._tries)
        time_s = engine.now_s(at_s)
        flags, salt = Flags.REPORTABLE, b""
        body = encode_scoped(engine.engine_id, self._context, self._pdu)
        keys = _keys(user, engine.engine_id)
        if user.priv is not None and keys.priv:
            flags |= Flags.PRIV
            number = next(self._salts)
            # RFC 3414, 8.1.1.1: for DES the boots and a counter; RFC 3826, 3.1.2.1: 64 bits that don't repeat.
            high = engine.boots if user.priv == "DES" else number >> 32
            salt = (high & 0xFFFF_FFFF).to_bytes(4, "big") + (number & 0xFFFF_FFFF).to_bytes(4, "big")
            body = encrypt(user.priv, keys.priv[0], salt, engine.boots, time_s, body)
        digest = b""
        if user.auth is not None:
            flags |= Flags.AUTH
            digest = bytes(mac_octets(user.auth))
        security = Security(engine.engine_id, engine.boots, time_s, user.name.encode(), digest, salt)
        frame = Frame(message_id, MAX_SIZE, flags, security, body)
        if user.auth is None:
            return encode(frame)
        signed = security._replace(digest=mac(user.auth, keys.auth, encode(frame)))
        return encode(frame._replace(security=signed))

    def take(self, data: bytes, at_s: float) -> Pdu:
        """Return the response in a datagram.

        Raises BlockingIOError where it is none to this question, or not believed; UnreadableError where it is no
        message; ReportedError where it is a report.
        """
        frame = _decoded(data)
        if frame.message_id not in self._tries:
            raise StrayError("another message id")
        security = frame.security
        signed = self._is_signed(frame, data)
        if Flags.AUTH in frame.flags and not signed:
            self.doubt = "its answers carry a wrong digest: another key, or somebody between"
            raise BlockingIOError
        pdu = self._pdu_of(frame)
        clock = EngineClock(security.engine_id, security.boots, security.time_s, at_s)
        if pdu.type is PduType.REPORT:
            raise ReportedError(report_of(pdu), pdu, clock)
        if (self._user.auth is not None and not signed) or (self._user.priv is not None) != (Flags.PRIV in frame.flags):
            self.doubt = f"its answers come without the level {self._user.level}"
            raise BlockingIOError
        if pdu.type is not PduType.RESPONSE or pdu.request_id != self._pdu.request_id:
            raise BlockingIOError
        if security.engine_id != self._engine().engine_id or not self._is_fresh(clock, at_s):
            raise BlockingIOError
        self.proved = True
        self.answered_try = self._tries[frame.message_id]
        return pdu

    def discovered(self, data: bytes, message_id: int, at_s: float) -> EngineClock:
        """Return the engine that a datagram tells. Raises as `take` does."""
        frame = _decoded(data)
        security = frame.security
        if frame.message_id != message_id:
            raise StrayError("another message id")
        if not security.engine_id:
            raise UnreadableError("the agent tells no engine id")
        return EngineClock(security.engine_id, security.boots, security.time_s, at_s)

    def _is_signed(self, frame: Frame, data: bytes) -> bool:
        user, security = self._user, frame.security
        if user.auth is None or len(security.digest) != mac_octets(user.auth):
            return False
        at, length = security.digest_at, len(security.digest)
        blank = data[:at] + bytes(length) + data[at + length :]
        keys = _keys(user, security.engine_id)
        return hmac.compare_digest(mac(user.auth, keys.auth, blank), security.digest)

    def _pdu_of(self, frame: Frame) -> Pdu:
        user, security, body = self._user, frame.security, frame.body
        try:
            if Flags.PRIV in frame.flags:
                keys = _keys(user, security.engine_id)
                if user.priv is None or not keys.priv:
                    raise BlockingIOError
                body = decrypt(user.priv, keys.priv[0], security.salt, security.boots, security.time_s, body)
            pdu = decode_scoped(body).pdu
        except (BerError, ValueError) as error:
            raise UnreadableError(str(error)) from None
        if not isinstance(pdu, Pdu):
            raise UnreadableError("a trap of v1 where an answer is due")
        return pdu

    def _is_fresh(self, clock: EngineClock, at_s: float) -> bool:
        """Return whether an answer is not an old one, and set the clock by it (RFC 3414, section 3.2, 7b)."""
        if self._user.auth is None:
            return True
        known = self._engine()
        if clock.boots < known.boots or (clock.boots == known.boots and clock.time_s < known.now_s(at_s) - WINDOW_S):
            return False
        self._memory.engine = clock
        return True

    def _engine(self) -> EngineClock:
        if self._memory.engine is None:
            raise RuntimeError("the engine was not discovered")
        return self._memory.engine


def discovery() -> tuple[int, bytes]:
    """Return the message that asks for an engine, and its id."""
    message_id = next(_next_id) % _IDS
    body = encode_scoped(b"", b"", Pdu(PduType.GET, message_id))
    return message_id, encode(Frame(message_id, MAX_SIZE, Flags.REPORTABLE, Security(b"", 0, 0, b""), body))


def _decoded(data: bytes) -> Frame:
    try:
        return decode(data)
    except BerError as error:
        raise UnreadableError(str(error)) from None


@lru_cache(maxsize=32_768)
def _keys(user: User, engine_id: bytes) -> Keys:
    """Make the keys of a user for an engine once: up to 3 MiB of hashing (RFC 3414, A.2; the drafts of long keys)."""
    return keys_of(user, engine_id)
