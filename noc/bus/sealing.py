"""Plans, sealed: what a poller is to ask holds credentials, which the broker and whoever finds a disk are not to see.

AES-256-GCM (NIST SP 800-38D) with a key that centre and poller share since the poller was enrolled. What it is about is
bound to it, so that one poller's plan opens for no other one, and an old form for no new one.
"""

from __future__ import annotations

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from noc.bus.packing import PackingError

VERSION: Final = b"S1"
KEY_OCTETS: Final = 32
_NONCE_OCTETS: Final = 12
"""Drawn at random for each plan: two of 2^32 plans of one key would have the same once in 2^33 times."""


def new_key() -> bytes:
    """Return a key."""
    return AESGCM.generate_key(KEY_OCTETS * 8)


def sealed(key: bytes, body: bytes, about: str) -> bytes:
    """Return a body that opens for whoever has the key and knows what it is about."""
    nonce = os.urandom(_NONCE_OCTETS)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, body, VERSION + about.encode())


def opened(key: bytes, octets: bytes, about: str) -> bytes:
    """Return the body. Raises PackingError, which says nothing of the key."""
    if not octets.startswith(VERSION):
        raise PackingError(f"its version is {octets[:2]!r}, not {VERSION!r}: bring poller and centre to one version")
    nonce, rest = octets[2 : 2 + _NONCE_OCTETS], octets[2 + _NONCE_OCTETS :]
    try:
        return AESGCM(key).decrypt(nonce, rest, VERSION + about.encode())
    except (InvalidTag, ValueError):
        raise PackingError(
            f"it wasn't sealed for {about} with this key, or is damaged: enrol the poller anew"
        ) from None
