"""The version line of an SSH server (RFC 4253, section 4.2): what it says before anybody logs in."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from noc.model.reading import FailureKind
from noc.wire.errors import WireError, is_ours

LINE_AT_MOST: Final = 255
LINES_BEFORE: Final = 20
"""Lines that a server may send before its version."""


async def ssh_banner(address: str, port: int, timeout_s: float) -> str:
    """Return the version line, as `SSH-2.0-OpenSSH_9.2p1`; what isn't ASCII in it is replaced.

    Connects, reads, and goes: nothing is sent, nobody logs in. Raises WireError: refused, timeout, or protocol where
    something else than SSH answers.
    """
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection(address, port, limit=LINE_AT_MOST + 2)
            for _ in range(LINES_BEFORE):
                line = await reader.readuntil(b"\n")
                if line.startswith(b"SSH-"):
                    return line.decode("ascii", "replace").rstrip("\r\n")
    except TimeoutError as error:
        raise WireError(FailureKind.TIMEOUT, f"{address}: port {port} says nothing in {timeout_s:g} s") from error
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise WireError(FailureKind.PROTOCOL, f"{address}: what answers on port {port} is not SSH") from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise WireError(FailureKind.REFUSED, f"{address}: port {port}: {reason}", ours=is_ours(error)) from error
    finally:
        if writer is not None:
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()
    raise WireError(FailureKind.PROTOCOL, f"{address}: what answers on port {port} is not SSH")
