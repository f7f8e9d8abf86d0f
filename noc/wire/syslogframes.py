"""Cuts a stream of syslog into messages: octet counting and newlines, also mixed (RFC 6587, RFC 5425). No socket."""

from __future__ import annotations

import re
from collections.abc import Iterator

from noc.wire.syslog import MAX_LINE

_COUNT = re.compile(rb"[\r\n\0 ]*([1-9][0-9]{0,8}) <")
_END = re.compile(rb"[\n\0]")


class Frames:
    """Takes bytes as they come, gives messages. What is longer than 8 KiB is cut, and its rest is skipped.

    A number is taken for a count only where a PRI follows: lines of some switches begin with the year.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._to_skip = 0  # octets of a counted message that is cut
        self._skips_line = False
        self.cut = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the messages that are whole now, without their frame."""
        self._buffer += data
        while self._buffer:
            if self._to_skip:
                skipped = min(self._to_skip, len(self._buffer))
                del self._buffer[:skipped]
                self._to_skip -= skipped
                continue
            counted = None if self._skips_line else _COUNT.match(self._buffer)
            message = self._counted(counted) if counted is not None else self._line()
            if message is None:
                return
            if message:
                yield message

    def rest(self) -> bytes:
        """Return what is left when the stream ended: a last line may have no end."""
        left = b"" if self._skips_line or self._to_skip else bytes(self._buffer).strip(b"\r\n\0 ")
        self._buffer.clear()
        return left

    def _counted(self, found: re.Match[bytes]) -> bytes | None:
        length, start = int(found[1]), found.end() - 1
        if length > MAX_LINE:
            if len(self._buffer) - start < MAX_LINE:
                return None
            self.cut += 1
            message = bytes(self._buffer[start : start + MAX_LINE])
            del self._buffer[: start + MAX_LINE]
            self._to_skip = length - MAX_LINE
            return message
        if len(self._buffer) - start < length:
            return None
        message = bytes(self._buffer[start : start + length])
        del self._buffer[: start + length]
        return message

    def _line(self) -> bytes | None:
        """Return a line; empty where it is to be skipped, None where its end is still to come."""
        end = _END.search(self._buffer)
        if end is None:
            if len(self._buffer) <= MAX_LINE and not self._skips_line:
                return None
            cut = b"" if self._skips_line else bytes(self._buffer[:MAX_LINE])
            self.cut += not self._skips_line
            self._skips_line = True
            self._buffer.clear()
            return cut
        self.cut += not self._skips_line and end.start() > MAX_LINE
        message = b"" if self._skips_line else bytes(self._buffer[: min(end.start(), MAX_LINE)])
        del self._buffer[: end.end()]
        self._skips_line = False
        return message.strip(b"\r\n\0 ")
