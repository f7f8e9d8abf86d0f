"""Frames: what a poller puts on its disk and sends as one message. Pure.

In front of a frame stand the boot of the poller that made it, and its number of that boot: so the centre knows what it
has already, and the poller what it may forget.

    octets  0-1   `N2`, the version; `N1` is read too
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

from noc.bus.bases import Keeping, Told, whole
from noc.bus.briefs import BriefText, Onward, UnknownBaseError, onward_text, read_onward
from noc.bus.packing import Named, PackingError, Whole, packed, squeezed, swollen, unpacked
from noc.bus.readings import OldReadingText, ReadingText, anew
from noc.model.event import Event

VERSION: Final = b"N2"
OLD: Final = b"N1"
_HEAD: Final = Struct(">2s8sQI")
BOOT_OCTETS: Final = 8


class Body(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What a frame holds. bases: those that are new with it, before the readings that differ from them."""

    bases: tuple[Whole | Named | Onward, ...] = ()
    readings: tuple[ReadingText | BriefText, ...] = ()
    events: tuple[Event, ...] = ()


class OldBody(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What a frame of version 1 holds."""

    bases: tuple[Whole, ...] = ()
    readings: tuple[OldReadingText, ...] = ()
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """boot: of 8 octets. entries: readings and events. version: of the frame's form."""

    boot: bytes
    number: int
    entries: int
    version: bytes = VERSION


def framed(boot: bytes, number: int, body: Body) -> bytes:
    """Return a frame."""
    entries = len(body.readings) + len(body.events)
    return _HEAD.pack(VERSION, boot, number, entries) + squeezed(packed(body))


def head_of(frame: bytes) -> Head:
    """Return what stands in front of a frame. Raises PackingError."""
    if len(frame) < _HEAD.size:
        raise PackingError(f"it has {len(frame)} octets, a frame at least {_HEAD.size}")
    version, boot, number, entries = _HEAD.unpack_from(frame)
    if version not in (VERSION, OLD):
        raise PackingError(f"its version is {version!r}, not {VERSION!r}: bring poller and centre to one version")
    return Head(boot, number, entries, version)


def body_of(frame: bytes) -> Body:
    """Return what a frame holds. Raises PackingError."""
    head = head_of(frame)
    octets = swollen(frame[_HEAD.size :])
    body = unpacked(octets, Body) if head.version == VERSION else _lifted(unpacked(octets, OldBody))
    entries = len(body.readings) + len(body.events)
    if entries != head.entries:
        raise PackingError(f"it says that it has {head.entries} entries, and has {entries}")
    return body


def _lifted(old: OldBody) -> Body:
    return Body(old.bases, tuple([anew(text) for text in old.readings]), old.events)


def new_bases(told: Iterable[Told]) -> tuple[Named | Onward, ...]:
    """Return the bases that are to be sent with readings."""
    return tuple([onward_text(one) or whole(one.base) for one in told if one.fresh])


def keep_bases(body: Body, bases: Keeping) -> list[bytes]:
    """Keep the bases that come with a frame; return the digests of those before them that aren't here.

    Raises CellsError and PackingError where one isn't a base.
    """
    missing: list[bytes] = []
    for text in body.bases:
        try:
            bases.keep(whole(read_onward(text, bases)) if isinstance(text, Onward) else text)
        except UnknownBaseError as error:
            missing.append(error.digest)
    return missing
