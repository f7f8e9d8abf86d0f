"""What pollers and centre say beside frames: presence, acknowledgements, orders; JSON, as people read along. Pure."""

from __future__ import annotations

from typing import Final, Literal, TypeVar

import msgspec

from noc.bus.packing import PackingError

LARGEST: Final = 256 * 1024
"""Octets of such a message."""

Said = TypeVar("Said", bound="Message")


class Message(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """The base of all. Keys that a newer version has and this one doesn't are passed over."""


class Presence(Message, frozen=True):
    """A poller says that it is there. Retained; the broker says `gone` for it when it is cut off (last will).

    boot: of this start, in hexadecimal. from_ms: from when on it takes its share of the group's devices; None: of none.
    until_ms: until when one that is draining does. sent_us: by its clock, microseconds of the Unix epoch. waiting:
    frames that the centre has not stored yet, and oldest_ms: of when the oldest is. plan: the digest of the plan that
    it goes by; empty where it has none. offset_us: how far its clock is ahead of the centre's, and error_us: by how
    much that may be wrong, as the centre's answers tell; None: it has none yet. devices, endpoints: how many it
    polls now.
    alone_ms: since when it calls people by itself, because the centre is silent; None: it doesn't.
    """

    poller: str
    state: Literal["here", "draining", "gone"]
    boot: str = ""
    version: str = ""
    group: str = ""
    from_ms: int | None = None
    until_ms: int | None = None
    sent_us: int = 0
    waiting: int = 0
    oldest_ms: int | None = None
    plan: str = ""
    offset_us: int | None = None
    error_us: int | None = None
    devices: int = 0
    endpoints: int = 0
    alone_ms: int | None = None


class Acknowledged(Message, frozen=True):
    """The centre says what it has. stored: ranges of numbers of frames of a boot. missing: digests of bases, in
    hexadecimal, that it needs. refused: numbers of frames that it will never take, with why. tale: number of the newest
    tale that it has taken; 0: it speaks of none. unread: the digest of a tale that it can't read, and never will.

    sent_us, taken_us, answered_us: of the presence that it answers: when the poller sent it, when it came, and now.
    """

    centre: str
    boot: str
    stored: tuple[tuple[int, int], ...] = ()
    missing: tuple[str, ...] = ()
    refused: tuple[tuple[int, str], ...] = ()
    tale: int = 0
    unread: str = ""
    sent_us: int = 0
    taken_us: int = 0
    answered_us: int = 0


class Order(Message, frozen=True):
    """The centre asks for something. look: keys of checks to run now. drain: to give up its share, or to take it again.

    quarantine: why it is not to send anything any more; empty: it may.
    """

    look: tuple[str, ...] = ()
    drain: bool | None = None
    quarantine: str | None = None


def with_link(said: Presence, sent_us: int, ahead_us: int | None, error_us: int | None) -> Presence:
    """Return a presence with what belongs to the moment at which it is sent."""
    return msgspec.structs.replace(said, sent_us=sent_us, offset_us=ahead_us, error_us=error_us)


def written(message: Message) -> bytes:
    """Return a message as it is sent."""
    return msgspec.json.encode(message)


def read(octets: bytes, kind: type[Said]) -> Said:
    """Return what a message says. Raises PackingError."""
    if len(octets) > LARGEST:
        raise PackingError(f"it has {len(octets)} octets, {LARGEST} at most are read")
    try:
        return msgspec.json.decode(octets, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PackingError(f"it can't be read: {error}") from None
