"""Passwords: what is kept of them tells nothing, and which are taken."""

from __future__ import annotations

import pytest

from noc.access.passwords import AT_MOST, Passwords, wrong_with


async def test_a_password_fits_its_hash_alone() -> None:
    passwords = Passwords()
    known = await passwords.hashed("seven tall masts")
    assert known.startswith("$argon2id$")
    assert "masts" not in known
    assert await passwords.fits(known, "seven tall masts")
    assert not await passwords.fits(known, "seven tall mast")
    assert not await passwords.fits(None, "seven tall masts")
    assert not await passwords.fits("no hash at all", "seven tall masts")
    assert not await passwords.fits(known, "x" * (AT_MOST + 1))


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "it has 5 characters; take 12 or more: several words are easier than signs"),
        ("x" * 201, "it has 201 characters; 200 at most are read"),
        ("aaaaaaaaaaaaaaab", "it repeats a few characters"),
        ("achieng.o123", "your name is half of it"),
        ("Otieno-77-ab", "your name is half of it"),
        ("seven tall masts", None),
        ("правильный пароль", None),
    ],
)
def test_what_is_taken(password: str, why: str | None) -> None:
    assert wrong_with(password, "achieng.o", "Achieng Otieno") == why
