"""How many files may be open: each check that is under way has one or two, and thousands may be in a lost region."""

from __future__ import annotations

import logging
import resource
from typing import Final

log = logging.getLogger(__name__)

WANTED: Final = 65_536
"""As systemd's unit allows."""


def allow_many() -> None:
    """Raise the soft limit of open files, 1,024 in most shells, to what is wanted, or to the hard one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError) as error:
        log.warning("at most %d files may be open, and many devices may need more: %s", soft, error)
