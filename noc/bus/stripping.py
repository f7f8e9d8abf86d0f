"""Which bases a frame needs, and a frame without the readings that nobody can read any more. Pure."""

from __future__ import annotations

from collections.abc import Collection

from noc.bus.briefs import BriefText
from noc.bus.frames import Body, body_of, framed, head_of
from noc.bus.readings import ReadingText, Snmp


def needed(frame: bytes) -> frozenset[bytes]:
    """Return the digests of the bases that a frame's readings differ from. Raises PackingError."""
    return frozenset(base for base in map(_base, body_of(frame).readings) if base is not None)


def stripped(frame: bytes, lost: Collection[bytes]) -> tuple[bytes, int]:
    """Return a frame of the same number without what differs from lost bases, and how many readings went.

    Raises PackingError.
    """
    head, body = head_of(frame), body_of(frame)
    left = tuple(text for text in body.readings if _base(text) not in lost)
    return framed(head.boot, head.number, Body(body.bases, left, body.events)), len(body.readings) - len(left)


def _base(text: ReadingText | BriefText) -> bytes | None:
    if isinstance(text, BriefText):
        return text.base
    return text.content.base if isinstance(text.content, Snmp) else None
