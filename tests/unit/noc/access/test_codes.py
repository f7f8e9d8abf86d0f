"""One-time codes: those of RFC 6238, and that each is good for a minute and a half, once."""

from __future__ import annotations

import base64

import pytest

from noc.access.codes import STEP_MS, address_of, new_secret, step_of

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("at_s", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_codes_of_the_standard(at_s: int, code: str) -> None:
    assert step_of(SECRET, code, at_s * 1000) == at_s // 30


def test_a_clock_may_be_off_by_a_step() -> None:
    at_ms = 59_000
    assert step_of(SECRET, "287082", at_ms + STEP_MS) == 1
    assert step_of(SECRET, "287 082", at_ms - STEP_MS) == 1
    assert step_of(SECRET, "287082", at_ms + 2 * STEP_MS) is None


@pytest.mark.parametrize("code", ["", "28708", "2870822", "28708a", "٢٨٧٠٨٢", "-28708"])
def test_what_is_no_code(code: str) -> None:
    assert step_of(SECRET, code, 59_000) is None


def test_a_new_secret_is_one_that_phones_take() -> None:
    secret = new_secret()
    assert len(base64.b32decode(secret)) == 20
    assert secret != new_secret()
    assert address_of(secret, "achieng", "noc") == f"otpauth://totp/noc:achieng?secret={secret}&issuer=noc"
