"""Passwords: argon2id (RFC 9106), and what makes a password one that isn't taken. The one door of argon2."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST: Final = 12
"""Characters (NIST SP 800-63B asks for 8 where there is a second factor, 15 where there is none)."""

AT_MOST: Final = 200
AT_ONCE: Final = 2
"""Each takes 64 MiB of memory for some 50 ms."""

_HASHER: Final = PasswordHasher()


@cache
def _nobodys() -> str:
    return _HASHER.hash("a name that nobody has costs as much time as one that somebody has")


class Passwords:
    """Makes and compares hashes beside the event loop, few at once."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(AT_ONCE)

    async def hashed(self, password: str) -> str:
        """Return what is kept of a password."""
        async with self._free:
            return await asyncio.to_thread(_HASHER.hash, password)

    async def fits(self, known: str | None, password: str) -> bool:
        """Return whether a password is the one. known: None, where there is none: it takes as long."""
        if len(password) > AT_MOST:
            return False
        async with self._free:
            right = await asyncio.to_thread(lambda: _fits(known or _nobodys(), password))
        return right and known is not None

    def is_old(self, known: str) -> bool:
        """Return whether a hash was made with other parameters than those of today."""
        return _HASHER.check_needs_rehash(known)


def _fits(known: str, password: str) -> bool:
    try:
        return _HASHER.verify(known, password)
    except (VerificationError, InvalidHashError):
        return False


def wrong_with(password: str, name: str, person: str) -> str | None:
    """Return why a password isn't taken, one clause for its person; None where it is.

    Length is what counts; rules about kinds of characters make people write passwords down (NIST SP 800-63B).
    """
    if len(password) < LEAST:
        return f"it has {len(password)} characters; take {LEAST} or more: several words are easier than signs"
    if len(password) > AT_MOST:
        return f"it has {len(password)} characters; {AT_MOST} at most are read"
    if len(set(password.casefold())) < LEAST // 2:
        return "it repeats a few characters"
    folded = password.casefold()
    parts = {part for part in (name.casefold(), *person.casefold().split()) if len(part) > 3}
    if any(len(part) * 2 >= len(folded) and part in folded for part in parts):
        return "your name is half of it"
    return None
