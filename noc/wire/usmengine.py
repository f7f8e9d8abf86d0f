"""An SNMPv3 engine that takes notifications: who sent it, is it whole, is it fresh, what does it say (RFC 3414, 3.2).

A trap is signed with the sender's engine id, an inform with ours: its sender first asks for ours, is answered by a
Report, and gets a Response when somebody says that the inform is kept. No socket, no clock: seconds are given.
"""

from __future__ import annotations

import hmac
from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

from noc.model.errors import NocError
from noc.wire.ber import BerError, Pdu, PduType, Tag, VarBind
from noc.wire.snmpusers import User
from noc.wire.snmpv3 import Flags, Frame, Security, decode, decode_scoped, encode, encode_scoped
from noc.wire.usm import Keys, decrypt, encrypt, keys_of, mac, mac_octets

WINDOW_S: Final = 150
"""Seconds that a message may be older than the newest of its engine (RFC 3414, section 2.2.3)."""

MAX_BOOTS: Final = 2**31 - 1
ENGINES_AT_MOST: Final = 30_000
KEYS_AT_MOST: Final = 30_000
MAX_SIZE: Final = 65_507

Stat = Literal[
    "unsupported level", "not in time window", "unknown user", "unknown engine", "wrong digest", "decryption"
]
_STATS: Final[tuple[Stat, ...]] = (
    "unsupported level",
    "not in time window",
    "unknown user",
    "unknown engine",
    "wrong digest",
    "decryption",
)
_USM_STATS: Final = (1, 3, 6, 1, 6, 3, 15, 1, 1)
"""usmStats of SNMP-USER-BASED-SM-MIB: the n-th counter stands for the n-th word of `_STATS`."""


class RefusedError(NocError):
    """A message that is not accepted. stat: the word that it is counted under. report: the answer, where one is due."""

    def __init__(self, stat: Stat, reason: str, report: bytes | None = None) -> None:
        super().__init__(reason)
        self.stat = stat
        self.report = report


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message that is whole, fresh and of a known user. reply: makes the answer to an inform."""

    frame: Frame
    user: User
    keys: Keys
    engine_id: bytes
    context: bytes
    pdu: Pdu


@dataclass(slots=True)
class _Heard:
    """What is known of an engine's clock: its boots, and its time in seconds as of a moment of ours."""

    boots: int
    time_s: int
    at_s: float


class Engine:
    """Takes notifications of SNMPv3.

    engine_id: ours, 5 to 32 bytes, the same after each restart. boots: how often it was started, greater each time.
    started_s: of the clock that `now_s` is read from, never going back.
    """

    def __init__(self, engine_id: bytes, boots: int, started_s: float, users: Iterable[User]) -> None:
        self.engine_id = engine_id
        self.boots = boots
        self.refused: Counter[Stat] = Counter()
        self._started_s = started_s
        self._users: dict[bytes, list[User]] = {}
        self._keys: OrderedDict[tuple[User, bytes], Keys] = OrderedDict()
        self._heard: OrderedDict[bytes, _Heard] = OrderedDict()
        self._salt = 0
        self.use(users)

    def use(self, users: Iterable[User]) -> None:
        """Take messages of these users from now on. Two may have one name: the keys tell them apart."""
        self._users = {}
        for user in dict.fromkeys(users):
            self._users.setdefault(user.name.encode(), []).append(user)
        self._keys.clear()

    def take(self, data: bytes, now_s: float) -> Accepted:
        """Return the notification in a datagram. Raises RefusedError, and BerError where it is no message."""
        frame = decode(data)
        security = frame.security
        if Flags.REPORTABLE in frame.flags and security.engine_id != self.engine_id:
            raise self._refusal(frame, "unknown engine", "asks for our engine id, or uses that of another", now_s)
        user, keys = self._sender(frame, data, now_s)
        if Flags.AUTH in frame.flags:
            self._fresh(frame, user, keys, now_s)
        plain, keys = self._plain(frame, user, keys, now_s)
        scoped = decode_scoped(plain)
        if not isinstance(scoped.pdu, Pdu):
            raise BerError("a trap of v1 inside a message of SNMPv3", 0)
        return Accepted(frame, user, keys, scoped.engine_id, scoped.context, scoped.pdu)

    def answer(self, accepted: Accepted, now_s: float) -> bytes:
        """Return the Response that tells the sender of an inform that it is kept."""
        pdu = Pdu(PduType.RESPONSE, accepted.pdu.request_id, 0, 0, accepted.pdu.varbinds)
        flags = accepted.frame.flags & ~Flags.REPORTABLE
        body = encode_scoped(accepted.engine_id, accepted.context, pdu)
        return self._signed(accepted.frame.message_id, flags, body, accepted.user, accepted.keys, now_s)

    def _sender(self, frame: Frame, data: bytes, now_s: float) -> tuple[User, Keys]:
        named = self._users.get(frame.security.user, [])
        if not named:
            name = frame.security.user.decode("utf-8", "replace")
            raise self._refusal(frame, "unknown user", f"user '{name}' is in no set of credentials", now_s)
        # A user with a key is not believed without it: whoever knows the name could send that.
        level = frame.flags & (Flags.AUTH | Flags.PRIV)
        able = [user for user in named if level == _level(user)]
        if not able:
            said = {Flags.NONE: "noAuthNoPriv", Flags.AUTH: "authNoPriv"}.get(level, "authPriv")
            reason = f"user '{named[0].name}' sends {said}, its credentials ask for another level"
            raise self._refusal(frame, "unsupported level", reason, now_s)
        engine_id = frame.security.engine_id
        for user in able:
            # Keys for encryption take milliseconds to make: only for an engine that has shown that it knows the user.
            keys = self._keys.get((user, engine_id)) or keys_of(replace(user, priv=None, priv_key=None), engine_id)
            if user.auth is None:
                return user, keys
            if _is_signed(frame, data, user, keys):
                return user, self._keys_of(user, engine_id)
        raise self._refusal(frame, "wrong digest", f"user '{able[0].name}': another authentication key", now_s)

    def _keys_of(self, user: User, engine_id: bytes) -> Keys:
        known = self._keys.get((user, engine_id))
        if known is None:
            known = self._keys[user, engine_id] = keys_of(user, engine_id)
            if len(self._keys) > KEYS_AT_MOST:
                self._keys.popitem(last=False)
        return known

    def _fresh(self, frame: Frame, user: User, keys: Keys, now_s: float) -> None:
        boots, time_s = frame.security.boots, frame.security.time_s
        if frame.security.engine_id == self.engine_id:
            if boots == self.boots and abs(time_s - self._time_s(now_s)) <= WINDOW_S:
                return
        elif self._newer(frame.security, now_s):
            return
        reason = f"boots {boots}, time {time_s} s: an old message, or a clock that stood still"
        raise self._refusal(frame, "not in time window", reason, now_s, (user, keys))

    def _newer(self, security: Security, now_s: float) -> bool:
        """Return whether a message is fresh by what its own engine told before; learn of its clock."""
        engine_id, boots, time_s = security.engine_id, security.boots, security.time_s
        heard = self._heard.get(engine_id)
        if heard is None or boots > heard.boots or (boots == heard.boots and time_s > heard.time_s):
            self._heard[engine_id] = _Heard(boots, time_s, now_s)
            self._heard.move_to_end(engine_id)
            if len(self._heard) > ENGINES_AT_MOST:
                self._heard.popitem(last=False)
            return boots < MAX_BOOTS
        expected_s = heard.time_s + now_s - heard.at_s
        return boots == heard.boots and time_s >= expected_s - WINDOW_S

    def _plain(self, frame: Frame, user: User, keys: Keys, now_s: float) -> tuple[bytes, Keys]:
        """Return the scoped PDU, and the keys with the one for encryption that the sender has."""
        if Flags.PRIV not in frame.flags or user.priv is None:
            return frame.body, keys
        security = frame.security
        for key in keys.priv:
            try:
                plain = decrypt(user.priv, key, security.salt, security.boots, security.time_s, frame.body)
                decode_scoped(plain)
            except ValueError as error:
                raise self._refusal(frame, "decryption", f"user '{user.name}': {error}", now_s, (user, keys)) from error
            except BerError:
                continue  # the other dialect of long keys
            return plain, Keys(keys.auth, (key,))
        raise self._refusal(frame, "decryption", f"user '{user.name}': another encryption key", now_s, (user, keys))

    def _refusal(
        self, frame: Frame, stat: Stat, reason: str, now_s: float, signer: tuple[User, Keys] | None = None
    ) -> RefusedError:
        """Return the refusal, with a Report where the sender waits for one. signer: who the sender is, where known."""
        self.refused[stat] += 1
        if Flags.REPORTABLE not in frame.flags:
            return RefusedError(stat, reason)
        oid = (*_USM_STATS, _STATS.index(stat) + 1, 0)
        pdu = Pdu(PduType.REPORT, 0, 0, 0, (VarBind(oid, Tag.COUNTER32, self.refused[stat] & 0xFFFF_FFFF),))
        body = encode_scoped(self.engine_id, b"", pdu)
        # Only that our clock is another is told with a signature: the sender sets its notion of it by that.
        if signer is not None and stat == "not in time window":
            return RefusedError(stat, reason, self._signed(frame.message_id, Flags.AUTH, body, *signer, now_s))
        nobody = User(frame.security.user.decode("utf-8", "replace"))
        return RefusedError(
            stat, reason, self._signed(frame.message_id, Flags.NONE, body, nobody, Keys(b"", ()), now_s)
        )

    def _signed(self, message_id: int, flags: Flags, body: bytes, user: User, keys: Keys, now_s: float) -> bytes:
        time_s, salt = self._time_s(now_s), b""
        if Flags.PRIV in flags and user.priv is not None:
            self._salt = (self._salt + 1) % 2**32
            salt = self.boots.to_bytes(4, "big") + self._salt.to_bytes(4, "big")  # RFC 3414, section 8.1.1.1
            body = encrypt(user.priv, keys.priv[0], salt, self.boots, time_s, body)
        zeros = bytes(mac_octets(user.auth)) if Flags.AUTH in flags and user.auth is not None else b""
        security = Security(self.engine_id, self.boots, time_s, user.name.encode(), zeros, salt)
        frame = Frame(message_id, MAX_SIZE, flags, security, body)
        if not zeros or user.auth is None:
            return encode(frame)
        digest = mac(user.auth, keys.auth, encode(frame))
        return encode(frame._replace(security=security._replace(digest=digest)))

    def _time_s(self, now_s: float) -> int:
        return min(int(now_s - self._started_s), MAX_BOOTS)


def _level(user: User) -> Flags:
    if user.auth is None:
        return Flags.NONE
    return Flags.AUTH if user.priv is None else Flags.AUTH | Flags.PRIV


def _is_signed(frame: Frame, data: bytes, user: User, keys: Keys) -> bool:
    digest, at = frame.security.digest, frame.security.digest_at
    if user.auth is None or len(digest) != mac_octets(user.auth):
        return False
    blank = data[:at] + bytes(len(digest)) + data[at + len(digest) :]
    return hmac.compare_digest(mac(user.auth, keys.auth, _message(blank)), digest)


def _message(data: bytes) -> bytes:
    """Return the message without bytes behind it, which no digest covers."""
    length = data[1]
    if length < 0x80:
        return data[: 2 + length]
    octets = length & 0x7F
    return data[: 2 + octets + int.from_bytes(data[2 : 2 + octets], "big")]
