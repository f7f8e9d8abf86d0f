"""Places at which a test has the process die as by `kill -9`: between two steps that a crash must not tear apart.

`NOC_CRASH_POINT=<name>` arms one, `<name>:<n>` at its n-th visit. Not armed, a place costs a comparison.
"""

from __future__ import annotations

import os
import signal
from typing import Final

VARIABLE: Final = "NOC_CRASH_POINT"

POINTS: Final = (
    "spool.segment.made",
    "spool.append.half-written",
    "spool.append.before-sync",
    "spool.append.synced",
    "spool.cursor.written",
    "spool.cursor.replaced",
    "spool.segment.before-delete",
    "spool.segment.deleted",
    "spool.quarantined",
    "spool.replayed",
    "drain.stored",
    "drain.letter-written",
)
"""All names, so that a test can visit each."""


def _armed() -> tuple[str, int]:
    name, _, visits = os.environ.get(VARIABLE, "").partition(":")
    return name, int(visits) if visits.isdigit() else 1


_NAME, _left = _armed()


def armed(name: str) -> bool:
    """Return whether the process is to die at a place."""
    return name == _NAME


def reached(name: str) -> None:
    """Die here, where that is armed."""
    global _left  # noqa: PLW0603 a test's switch
    if name == _NAME:
        _left -= 1
        if _left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
