"""What a passkey has to sign: made for one attempt, good once, for five minutes."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from noc.clock import Clock

LIVES_S: Final = 300.0
AT_MOST: Final = 5_000
OF_AN_ADDRESS: Final = 200
OCTETS: Final = 32


@dataclass(frozen=True, slots=True)
class Challenge:
    """One. account: whose passkey alone will do, None: anybody's. address: that asked for it."""

    octets: bytes
    account: int | None
    address: str
    until_s: float


class Challenges:
    """Those that wait for an answer, by the attempt that they belong to; who asks for many loses their own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: OrderedDict[bytes, Challenge] = OrderedDict()

    def make(self, attempt: bytes, address: str, account: int | None = None) -> bytes:
        """Return a new challenge for an attempt; one that it had before is over."""
        now_s = self._clock.monotonic()
        self._open.pop(attempt, None)
        while self._open and next(iter(self._open.values())).until_s <= now_s:
            self._open.popitem(last=False)
        own = [key for key, one in self._open.items() if one.address == address]
        if len(own) >= OF_AN_ADDRESS:
            del self._open[own[0]]
        elif len(self._open) >= AT_MOST:
            self._open.popitem(last=False)
        made = Challenge(secrets.token_bytes(OCTETS), account, address, now_s + LIVES_S)
        self._open[attempt] = made
        return made.octets

    def take(self, attempt: bytes) -> Challenge | None:
        """Return the challenge of an attempt, and use it up; None: there is none, or it is over."""
        found = self._open.pop(attempt, None)
        return None if found is None or found.until_s <= self._clock.monotonic() else found
