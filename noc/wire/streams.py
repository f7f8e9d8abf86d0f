"""What clients over TCP share: words for a connection that fails."""

from __future__ import annotations

import os
import socket

from noc.model.reading import FailureKind
from noc.wire.errors import WireError, is_ours


def broken(where: str, error: OSError) -> WireError:
    """Return the failure of a connection. where: whom it went to, for people."""
    if isinstance(error, socket.gaierror):
        return WireError(FailureKind.REFUSED, f"{where}: the name can't be resolved")
    # asyncio puts words of its own in the place of the system's.
    reason = os.strerror(error.errno).lower() if error.errno else "the connection broke"
    return WireError(FailureKind.REFUSED, f"{where}: {reason}", ours=is_ours(error))
