"""Copies of damaged places of the spool, for people: bounded, the oldest go first. Blocking file calls."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path
from typing import Final

from noc import crashpoints
from noc.spool.record import Damage

log = logging.getLogger(__name__)

FOLDER: Final = "quarantine"
FILES_AT_MOST: Final = 200
BYTES_AT_MOST: Final = 64 * 1024 * 1024


def keep(folder: Path, segment: Path, damage: Damage, data: bytes) -> bool:
    """Copy a damaged place of a segment; return whether that went. That it can't be is told, and stops nothing."""
    target = folder / FOLDER / f"{segment.stem}-{damage.offset}.bin"
    try:
        target.parent.mkdir(exist_ok=True, mode=0o700)
        target.write_bytes(data[:BYTES_AT_MOST])
        _make_room(target)
    except OSError as error:
        log.warning("%s: a damaged place can't be copied: %s", target, error.strerror)
        with contextlib.suppress(OSError):
            target.unlink(missing_ok=True)
        return False
    crashpoints.reached("spool.quarantined")
    return True


def _make_room(newest: Path) -> None:
    kept = sorted(
        (path for path in newest.parent.glob("*.bin") if path != newest), key=lambda path: path.stat().st_mtime_ns
    )
    held = newest.stat().st_size + sum(path.stat().st_size for path in kept)
    while kept and (len(kept) >= FILES_AT_MOST or held > BYTES_AT_MOST):
        oldest = kept.pop(0)
        held -= oldest.stat().st_size
        oldest.unlink(missing_ok=True)
