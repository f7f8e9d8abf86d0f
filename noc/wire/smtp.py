"""SMTP as far as a look at a mail server needs it (RFC 5321): greeting, EHLO, QUIT. No mail is ever sent."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import Final

from noc.clock import Clock
from noc.model.reading import FailureKind
from noc.model.replies import SmtpReply
from noc.wire.errors import WireError
from noc.wire.streams import broken

MAX_LINE_BYTES: Final = 2_048
MAX_LINES: Final = 64
_BANNER_CHARACTERS: Final = 500
_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])([^\r\n]*))?\r?\n\Z")


async def look(host: str, port: int, ehlo: str | None, clock: Clock, timeout_s: float) -> SmtpReply:
    """Return what a mail server says. ehlo: the name to greet it with; None: only its greeting is read.

    timeout_s: for all. Raises WireError: TIMEOUT, REFUSED, PROTOCOL (no SMTP).
    """
    where = f"{host} port {port}"
    try:
        async with asyncio.timeout(timeout_s):
            begun = clock.monotonic()
            reader, writer = await asyncio.open_connection(host, port, limit=MAX_LINE_BYTES)
            try:
                code, lines = await _answer(reader)
                took_s = clock.monotonic() - begun
                extensions = None
                if ehlo is not None and code == 220:
                    writer.write(f"EHLO {ehlo}\r\n".encode("ascii"))
                    said, told = await _answer(reader)
                    extensions = tuple(line.partition(" ")[0].upper() for line in told[1:]) if said == 250 else ()
                writer.write(b"QUIT\r\n")
                with suppress(OSError):
                    await writer.drain()
            finally:
                writer.close()
    except TimeoutError:
        raise WireError(FailureKind.TIMEOUT, f"{where}: no greeting within {timeout_s:g} s") from None
    except (ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise WireError(FailureKind.PROTOCOL, f"{where}: what it says is no SMTP: {_short(error)}") from None
    except OSError as error:
        raise broken(where, error) from None
    return SmtpReply(code, " ".join(lines)[:_BANNER_CHARACTERS], took_s, extensions)


async def _answer(reader: asyncio.StreamReader) -> tuple[int, list[str]]:
    """Return code and lines of one answer. Raises ValueError and IncompleteReadError."""
    lines: list[str] = []
    while len(lines) < MAX_LINES:
        raw = await reader.readuntil(b"\n") if not reader.at_eof() else b""
        match = _LINE.match(raw)
        if match is None:
            raise ValueError("a line without a code" if raw else "it hung up")
        lines.append(_printable((match[3] or b"").decode("utf-8", "replace")))
        if match[2] != b"-":
            return int(match[1]), lines
    raise ValueError(f"an answer of more than {MAX_LINES} lines")


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text).strip()


def _short(error: Exception) -> str:
    if isinstance(error, asyncio.LimitOverrunError):
        return f"a line of more than {MAX_LINE_BYTES} bytes"
    return "it hung up" if isinstance(error, asyncio.IncompleteReadError) else str(error)
