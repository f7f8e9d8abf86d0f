"""Tales that the centre can't read, put aside on the poller's disk: what they tell is lost to it otherwise."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from noc.app.pollerplan import write_whole

log = logging.getLogger(__name__)

FOLDER: Final = "unread"
KEPT_AT_MOST: Final = 20
"""Files; the newest are kept."""


def put_aside(folder: Path, number: int, octets: bytes) -> None:
    """Keep a tale, as it was sent. A disk that doesn't take it keeps nobody from going on: the log says so."""
    path = folder / FOLDER / f"{number}.tale"
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_whole(path, octets)
        for old in sorted(path.parent.glob("*.tale"), key=lambda one: int(one.stem))[:-KEPT_AT_MOST]:
            old.unlink()
    except OSError as error:
        log.error("the centre can't read tale %d, and %s can't be written: %s", number, path, error.strerror or error)
    else:
        log.error("the centre can't read tale %d, its log says why: kept in %s, and not told again", number, path)
