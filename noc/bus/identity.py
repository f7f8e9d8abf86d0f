"""Identities: by what a poller is known at the broker and at the centre. Pure.

One file for each side is written when a poller is enrolled. The poller's holds all that it needs to begin, and goes
there on a way that nobody else reads. The centre keeps what it must know of the poller, and no password.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

import msgspec

from noc.bus.packing import PackingError, Said
from noc.bus.sealing import KEY_OCTETS

VERSION: Final = 1


class Identity(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A poller's file. host, port: of the broker as the poller reaches it. ca: certificates in PEM; empty: the system's
    are trusted.

    key: of KEY_OCTETS, base64; it seals the plan. centre: the name of the poller that the centre itself is.
    """

    version: int = VERSION
    poller: str
    group: str
    centre: str
    host: str
    port: int
    tls: bool = True
    ca: str = ""
    user: str
    password: str
    key: str

    def __post_init__(self) -> None:
        """Refuse another version, and what is no key."""
        _refuse(self.version, self.key)

    def __repr__(self) -> str:
        return f"Identity({self.poller} of {self.group}, {self.host}:{self.port})"

    @property
    def sealing_key(self) -> bytes:
        """Return the key as octets."""
        return base64.b64decode(self.key)


class Enrolled(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The centre's file of a poller. at_ms, by: when it was enrolled, and by whom."""

    version: int = VERSION
    poller: str
    group: str
    user: str
    key: str
    at_ms: int
    by: str

    def __post_init__(self) -> None:
        """Refuse another version, and what is no key."""
        _refuse(self.version, self.key)

    def __repr__(self) -> str:
        return f"Enrolled({self.poller} of {self.group})"

    @property
    def sealing_key(self) -> bytes:
        """Return the key as octets."""
        return base64.b64decode(self.key)


def written(said: Identity | Enrolled) -> bytes:
    """Return a file's octets."""
    return msgspec.json.format(msgspec.json.encode(said), indent=2) + b"\n"


def read(octets: bytes, kind: type[Said]) -> Said:
    """Return what a file says. Raises PackingError, which never tells a secret."""
    try:
        return msgspec.json.decode(octets, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PackingError(f"it can't be read: {error}; enrol the poller anew") from None


def _refuse(version: int, key: str) -> None:
    if version != VERSION:
        raise ValueError(f"it is of version {version}, this noc knows {VERSION}")
    try:
        octets = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("its key is no base64") from None
    if len(octets) != KEY_OCTETS:
        raise ValueError(f"its key has {len(octets)} octets, not {KEY_OCTETS}")
