"""Text that is compressed once and sent to many, with something of each reader's own in it.

A deflate stream may be put together from parts: what was flushed to the byte and refers to nothing before it, and
blocks that are stored as they are (RFC 1951, 3.2.4). Around them stands what gzip needs (RFC 1952).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

_HEADER: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_END: Final = b"\x03\x00"
_STORED_AT_MOST: Final = 65_535


@dataclass(frozen=True, slots=True)
class Inserted:
    """A text in parts; between each two of them a reader's own text is put. packed: the same, as deflate."""

    parts: tuple[bytes, ...]
    packed: tuple[bytes, ...]

    @classmethod
    def of(cls, text: str, place: str) -> Inserted:
        """Return a text with something put in wherever `place` stands."""
        parts = tuple(part.encode() for part in text.split(place))
        return cls(parts, tuple(map(_flushed, parts)))

    def plain(self, own: str) -> bytes:
        """Return the text with a reader's own put in."""
        return own.encode().join(self.parts)

    def gzipped(self, own: str) -> bytes:
        """Return the same, compressed. own: at most 65,535 bytes."""
        text = self.plain(own)
        trailer = zlib.crc32(text).to_bytes(4, "little") + (len(text) & 0xFFFFFFFF).to_bytes(4, "little")
        return _HEADER + _stored(own.encode()).join(self.packed) + _END + trailer


def _flushed(part: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH)


def _stored(own: bytes) -> bytes:
    if len(own) > _STORED_AT_MOST:
        raise ValueError(f"{len(own)} bytes are more than a stored block holds")
    return b"\x00" + len(own).to_bytes(2, "little") + (len(own) ^ 0xFFFF).to_bytes(2, "little") + own
