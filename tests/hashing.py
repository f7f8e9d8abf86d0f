"""Passwords that cost tests next to nothing: argon2id itself, with the least of memory and time that it takes.

What today's parameters are, and that they work, is proved at their full cost in
tests/contracts/test_passwords.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from noc.access import passwords


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hash at the least cost."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher.from_parameters(CHEAPEST))
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()
