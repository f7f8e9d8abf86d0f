"""Tokens, sessions and failed tries, in memory: a restart ends them all.

A token opens noc once by its URL (`?token=…`). As `Authorization: Bearer …` it is good as often as wanted until it is
24 hours old or the process ends, also after its URL was used: a script can't keep a cookie.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections import OrderedDict, deque
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Literal

from noc.clock import Clock
from noc.http.scope import EVERYTHING, Caller, Scope
from noc.model.account import Role

TOKEN_LIVES: Final = timedelta(hours=24)
TOKENS_AT_MOST: Final = 16
SESSIONS_AT_MOST: Final = 1_000
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


@dataclass(slots=True)
class _Session:
    caller: Caller
    begun: float
    seen: float


class Sessions:
    """Who is logged in. idle: a session ends when unused for so long; at_most: in any case."""

    def __init__(self, clock: Clock, idle: timedelta, at_most: timedelta) -> None:
        self._clock = clock
        self._idle_s = idle.total_seconds()
        self._at_most_s = at_most.total_seconds()
        self._sessions: OrderedDict[bytes, _Session] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sessions)

    def open(self, who: str, scope: Scope = EVERYTHING, role: Role = "admin") -> str:
        """Begin a session and return the secret for its cookie; of too many, the longest unused ends."""
        self._sweep()
        if len(self._sessions) >= SESSIONS_AT_MOST:
            self._sessions.popitem(last=False)
        secret, now = secrets.token_urlsafe(32), self._clock.monotonic()
        caller = Caller(clean_name(who), scope, csrf=secrets.token_urlsafe(32), role=role)
        self._sessions[_digest(secret)] = _Session(caller, now, now)
        return secret

    def find(self, secret: str) -> Caller | None:
        """Return whose session this is, and count it as used."""
        key, now = _digest(secret), self._clock.monotonic()
        session = self._sessions.get(key)
        if session is None:
            return None
        if self._is_over(session, now):
            del self._sessions[key]
            return None
        session.seen = now
        self._sessions.move_to_end(key)
        return session.caller

    def rename(self, secret: str, who: str) -> None:
        """Give the person of a session another name; nothing happens where the session is over."""
        session = self._sessions.get(_digest(secret))
        if session is not None:
            session.caller = replace(session.caller, who=clean_name(who))

    def close(self, secret: str) -> None:
        """End a session."""
        self._sessions.pop(_digest(secret), None)

    def _is_over(self, session: _Session, now: float) -> bool:
        return now - session.seen >= self._idle_s or now - session.begun >= self._at_most_s

    def _sweep(self) -> None:
        now = self._clock.monotonic()
        for key in [key for key, session in self._sessions.items() if self._is_over(session, now)]:
            del self._sessions[key]


class Failures:
    """Wrong tries by address: after ten in a minute the address waits, whatever it sends."""

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
