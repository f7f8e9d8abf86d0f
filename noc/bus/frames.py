"""Frames: what a poller puts on its disk and sends as one message. Pure.

In front of a frame stand the boot of the poller that made it, and its number of that boot: so the centre knows what it
has already, and the poller what it may forget.

    octets  0-1   `N1`, the version
            2-9   boot: at random at each start of the poller
           10-17  number: 1, 2, 3, … of that boot
           18-21  how many readings and events there are
           22-    the rest, MessagePack, compressed by deflate
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from struct import Struct
from typing import Final

import msgspec

from noc.bus.bases import Base, Keeping, Told, based_on, from_whole, whole
from noc.bus.cells import applied, difference
from noc.bus.packing import PackingError, Whole, packed, squeezed, swollen, unpacked
from noc.bus.readings import ReadingText, Step, UnknownBaseError, moves, steps
from noc.model.event import Event

VERSION: Final = b"N1"
_HEAD: Final = Struct(">2s8sQI")
BOOT_OCTETS: Final = 8


class Onward(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, tag="o"):
    """A base as what moved since one before it. before: the digest of that."""

    before: bytes
    moved: tuple[Step, ...]


class Body(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What a frame holds. bases: those that are new with it, before the readings that differ from them."""

    bases: tuple[Whole | Onward, ...] = ()
    readings: tuple[ReadingText, ...] = ()
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """boot: of 8 octets. entries: readings and events."""

    boot: bytes
    number: int
    entries: int


def framed(boot: bytes, number: int, body: Body) -> bytes:
    """Return a frame."""
    entries = len(body.readings) + len(body.events)
    return _HEAD.pack(VERSION, boot, number, entries) + squeezed(packed(body))


def head_of(frame: bytes) -> Head:
    """Return what stands in front of a frame. Raises PackingError."""
    if len(frame) < _HEAD.size:
        raise PackingError(f"it has {len(frame)} octets, a frame at least {_HEAD.size}")
    version, boot, number, entries = _HEAD.unpack_from(frame)
    if version != VERSION:
        raise PackingError(f"its version is {version!r}, not {VERSION!r}: bring poller and centre to one version")
    return Head(boot, number, entries)


def body_of(frame: bytes) -> Body:
    """Return what a frame holds. Raises PackingError."""
    head = head_of(frame)
    body = unpacked(swollen(frame[_HEAD.size :]), Body)
    entries = len(body.readings) + len(body.events)
    if entries != head.entries:
        raise PackingError(f"it says that it has {head.entries} entries, and has {entries}")
    return body


def new_bases(told: Iterable[Told]) -> tuple[Whole | Onward, ...]:
    """Return the bases that are to be sent with readings."""
    return tuple([_base_text(one) for one in told if one.fresh])


def keep_bases(body: Body, bases: Keeping) -> list[bytes]:
    """Keep the bases that come with a frame; return the digests of those before them that aren't here.

    Raises CellsError and PackingError where one isn't a base.
    """
    missing: list[bytes] = []
    for text in body.bases:
        try:
            bases.keep(_base(text, bases))
        except UnknownBaseError as error:
            missing.append(error.digest)
    return missing


def _base_text(told: Told) -> Whole | Onward:
    if told.before is None:
        return whole(told.base.shape, told.base.cells)
    return Onward(told.before.digest, steps(difference(told.base.cells, told.before.cells)))


def _base(text: Whole | Onward, bases: Keeping) -> Base:
    if isinstance(text, Whole):
        return from_whole(text)
    before = bases.of(text.before)
    if before is None:
        raise UnknownBaseError(text.before)
    return based_on(before.shape, applied(moves(text.moved), before.cells))
