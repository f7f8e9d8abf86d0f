"""One-time codes of phones (TOTP, RFC 6238): SHA-1, 30 seconds, six digits, which is what all apps know."""

from __future__ import annotations

import re
from hmac import compare_digest
from typing import Final

import pyotp

STEP_MS: Final = 30_000
EARLIER_AND_LATER: Final = 1
"""Steps that a phone's clock may be off."""

_CODE: Final = re.compile(r"[0-9]{6}")


def new_secret() -> str:
    """Return a secret, in Base32, as people may type it."""
    return pyotp.random_base32()


def address_of(secret: str, person: str, house: str) -> str:
    """Return what a QR code for a phone says (`otpauth://`)."""
    return pyotp.TOTP(secret).provisioning_uri(name=person, issuer_name=house)


def step_of(secret: str, code: str, now_ms: int) -> int | None:
    """Return the step that a code is of, to be used up; None: it is wrong, or too old."""
    said = "".join(code.split())
    if _CODE.fullmatch(said) is None:
        return None
    clock, now, found = pyotp.TOTP(secret), now_ms // STEP_MS, None
    # To the end, so that the time tells nothing.
    for step in range(max(0, now - EARLIER_AND_LATER), now + EARLIER_AND_LATER + 1):
        if compare_digest(clock.generate_otp(step), said):
            found = step
    return found
