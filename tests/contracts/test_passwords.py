"""Passwords at the full cost of today's parameters (tests of units take the least)."""

from __future__ import annotations

from noc.access.passwords import Passwords


async def test_a_password_fits_its_hash_alone_and_hashes_are_of_today() -> None:
    passwords = Passwords()
    known = await passwords.hashed("seven tall masts")
    assert known.startswith("$argon2id$")
    assert await passwords.fits(known, "seven tall masts")
    assert not await passwords.fits(known, "seven tall mast")
    assert not await passwords.fits(None, "seven tall masts")
    assert not passwords.is_old(known)
    assert passwords.is_old("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b2dWRWJTmaaVmHI3rCvzyL+nUQ")
