"""Tokens that noc announces, and failed tries, in memory: a restart ends them all.

A token opens noc once by its URL (`?token=…`). As `Authorization: Bearer …` it is good as often as wanted until it is
24 hours old or the process ends, also after its URL was used: a script can't keep a cookie.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from noc.clock import Clock

TOKEN_LIVES: Final = timedelta(hours=24)
TOKENS_AT_MOST: Final = 16
FAILURES_A_MINUTE: Final = 10
ADDRESSES_AT_MOST: Final = 1_024
LONGEST_SECRET: Final = 200
LONGEST_NAME: Final = 60
NOBODY: Final = "operator"
"""Who did it, where no name was given."""

Redeemed = Literal["ok", "used", "wrong"]


@dataclass(slots=True)
class _Token:
    digest: bytes
    until: float
    used: bool = False


class Tokens:
    """One-use tokens, kept as digests."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens: deque[_Token] = deque(maxlen=TOKENS_AT_MOST)

    def issue(self) -> str:
        """Return a new token; the oldest of too many ends."""
        text = secrets.token_urlsafe(32)
        self._tokens.append(_Token(_digest(text), self._clock.monotonic() + TOKEN_LIVES.total_seconds()))
        return text

    def redeem(self, text: str) -> Redeemed:
        """Use a token up for a log-in."""
        token = self._find(text)
        if token is None:
            return "wrong"
        if token.used:
            return "used"
        token.used = True
        return "ok"

    def bears(self, text: str) -> bool:
        """Return whether a token lives, used for a log-in or not."""
        return self._find(text) is not None

    def _find(self, text: str) -> _Token | None:
        now, wanted, found = self._clock.monotonic(), _digest(text), None
        for token in self._tokens:  # to the end, so that the time tells nothing
            if hmac.compare_digest(token.digest, wanted) and now < token.until:
                found = token
        return found


class Failures:
    """Wrong tries by address, or name: after ten in a minute it waits, whatever it sends."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tries: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, address: str) -> float:
        """Return how many seconds an address has to wait; 0 where it may try."""
        tries = self._tries.get(_network(address))
        if tries is None or len(tries) < FAILURES_A_MINUTE:
            return 0.0
        return max(0.0, tries[0] + 60.0 - self._clock.monotonic())

    def count(self, address: str) -> None:
        """Note a wrong try."""
        key = _network(address)
        tries = self._tries.setdefault(key, deque(maxlen=FAILURES_A_MINUTE))
        tries.append(self._clock.monotonic())
        self._tries.move_to_end(key)
        if len(self._tries) > ADDRESSES_AT_MOST:
            self._tries.popitem(last=False)


def clean_name(text: str) -> str:
    """Return a person's name fit for timelines and logs: printable, one line, not too long."""
    name = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return name[:LONGEST_NAME].strip() or NOBODY


def _digest(text: str) -> bytes:
    # A text that is longer than any secret is wrong in any case, and not worth hashing.
    return hashlib.sha256(text[:LONGEST_SECRET].encode("utf-8", "surrogateescape")).digest()


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    # One customer owns a /64: a try from each of its addresses is still one who tries.
    return str(ipaddress.ip_network((parsed, 64), strict=False))
