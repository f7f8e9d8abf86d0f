"""The user-based security model of SNMPv3: keys, digests, encryption (RFC 3414, RFC 3826, RFC 7860). Pure functions.

AES-192 and AES-256 are drafts that became practice, in two dialects of making a long key out of a short digest:
draft-blumenthal-aes-usm-04 (net-snmp, Juniper) and draft-reeder-snmpv3-usm-3desede-00 (Cisco and many others).
The one door to `cryptography`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from noc.wire.snmpusers import AuthProtocol, PrivProtocol, User

_STRETCHED: Final = 1_048_576
"""Bytes of the repeated pass phrase that are digested (RFC 3414, appendix A.2)."""

_BLOCK: Final = 8  # of DES

SALT_OCTETS: Final = 8


@dataclass(frozen=True, slots=True)
class _Auth:
    digest: str
    mac_octets: int


_AUTH: Final[dict[AuthProtocol, _Auth]] = {
    "MD5": _Auth("md5", 12),
    "SHA-1": _Auth("sha1", 12),
    "SHA-224": _Auth("sha224", 16),
    "SHA-256": _Auth("sha256", 24),
    "SHA-384": _Auth("sha384", 32),
    "SHA-512": _Auth("sha512", 48),
}
_KEY_OCTETS: Final[dict[PrivProtocol, int]] = {
    "DES": 16,
    "AES-128": 16,
    "AES-192": 24,
    "AES-256": 32,
    "AES-192-C": 24,
    "AES-256-C": 32,
}
_REEDER: Final = ("AES-192-C", "AES-256-C")


@dataclass(frozen=True, slots=True)
class Keys:
    """A user's keys for one engine. priv: of each dialect of making long keys, that of the user first."""

    auth: bytes
    priv: tuple[bytes, ...]


def keys_of(user: User, engine_id: bytes) -> Keys:
    """Return the keys of a user for an engine. A few milliseconds for a user that is new, else microseconds."""
    if user.auth is None or user.auth_key is None:
        return Keys(b"", ())
    auth = _localised(_AUTH[user.auth].digest, _master(_AUTH[user.auth].digest, user.auth_key), engine_id)
    if user.priv is None or user.priv_key is None:
        return Keys(auth, ())
    keys = dict.fromkeys(_private_keys(user.auth, user.priv, user.priv_key, engine_id))
    return Keys(auth, tuple(reversed(keys)) if user.priv in _REEDER else tuple(keys))


def mac_octets(auth: AuthProtocol) -> int:
    """Return how long a digest is in a message."""
    return _AUTH[auth].mac_octets


def mac(auth: AuthProtocol, key: bytes, message: bytes) -> bytes:
    """Return the digest of a message whose own place for it is filled with zeros."""
    return hmac.digest(key, message, _AUTH[auth].digest)[: _AUTH[auth].mac_octets]


def decrypt(priv: PrivProtocol, key: bytes, salt: bytes, boots: int, time_s: int, data: bytes) -> bytes:
    """Return the plain bytes, with the padding of DES. Raises ValueError for a salt or a length that can't be."""
    if len(salt) != SALT_OCTETS:
        raise ValueError(f"a salt of {len(salt)} bytes; it has {SALT_OCTETS}")
    if priv == "DES" and (not data or len(data) % _BLOCK):
        raise ValueError(f"{len(data)} bytes are no blocks of DES")
    decryptor = _cipher(priv, key, salt, boots, time_s).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def encrypt(priv: PrivProtocol, key: bytes, salt: bytes, boots: int, time_s: int, data: bytes) -> bytes:
    """Return encrypted bytes. salt: 8 bytes that no other message under this key has."""
    if priv == "DES":
        data += bytes(-len(data) % _BLOCK)
    encryptor = _cipher(priv, key, salt, boots, time_s).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def _cipher(priv: PrivProtocol, key: bytes, salt: bytes, boots: int, time_s: int) -> Cipher[CBC | CFB]:
    if priv == "DES":
        vector = bytes(one ^ other for one, other in zip(key[_BLOCK:16], salt, strict=True))
        return Cipher(TripleDES(key[:_BLOCK] * 3), CBC(vector))  # with one key three times it is single DES
    return Cipher(AES(key), CFB(boots.to_bytes(4, "big") + time_s.to_bytes(4, "big") + salt))


def _private_keys(auth: AuthProtocol, priv: PrivProtocol, phrase: str, engine_id: bytes) -> Iterator[bytes]:
    digest, wanted = _AUTH[auth].digest, _KEY_OCTETS[priv]
    short = _localised(digest, _master(digest, phrase), engine_id)
    blumenthal = short
    while len(blumenthal) < wanted:
        blumenthal += hashlib.new(digest, blumenthal, usedforsecurity=False).digest()
    yield blumenthal[:wanted]
    reeder = last = short
    while len(reeder) < wanted:
        last = _localised(digest, _stretched(digest, last), engine_id)
        reeder += last
    yield reeder[:wanted]


@lru_cache(maxsize=256)
def _master(digest: str, phrase: str) -> bytes:
    return _stretched(digest, phrase.encode())


def _stretched(digest: str, phrase: bytes) -> bytes:
    repeated = phrase * (_STRETCHED // len(phrase) + 1)
    return hashlib.new(digest, repeated[:_STRETCHED], usedforsecurity=False).digest()


def _localised(digest: str, key: bytes, engine_id: bytes) -> bytes:
    return hashlib.new(digest, key + engine_id + key, usedforsecurity=False).digest()
