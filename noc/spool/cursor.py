"""Where a consumer of the spool is: which batches are settled, kept on disk. Blocking file calls.

Settled is what the consumer took, what went to the dead letters, what was shed and what was lost: it is not given
again. A cursor that is missing or damaged has everything given again that is still there, which changes nothing in a
store.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from noc import crashpoints
from noc.spool.ranges import Ranges

log = logging.getLogger(__name__)

FORMAT: Final = 1
OLD_CURSOR: Final = "cursor"
"""Of noc before there were consumers: one number, up to which all is settled."""

_COUNTS: Final = ("stored", "dead", "shed", "lost", "replayed")


@dataclass(slots=True)
class Cursor:
    """One consumer's place. counts: batches by what became of them, since the spool was first made.

    last: the highest number of a batch that was on disk. last + replayed = stored + dead + shed + lost + queued.
    saved: what of `settled` is on disk.
    """

    path: Path
    settled: Ranges = field(default_factory=Ranges)
    last: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTS, 0))
    dirty: bool = False
    saved: Ranges = field(default_factory=Ranges)

    def settle(self, number: int, what: str) -> None:
        """Say what became of a batch."""
        self.settle_range(number, number, what)

    def settle_range(self, first: int, last: int, what: str) -> None:
        """Say what became of batches that were not settled."""
        self.settled.add(first, last)
        self.counts[what] += last - first + 1
        self.dirty = True

    def unsettle(self, number: int) -> None:
        """Have a batch given once more."""
        self.settled.remove(number, number)
        self.counts["replayed"] += 1
        self.dirty = True

    def save(self) -> None:
        """Have it on disk when this returns. Raises OSError; then the one before it is there."""
        fresh = self.path.with_suffix(".new")
        text = json.dumps(
            {"format": FORMAT, "last": self.last, "settled": self.settled.pairs(), "batches": self.counts}
        )
        with fresh.open("w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        crashpoints.reached("spool.cursor.written")
        fresh.replace(self.path)
        sync_folder(self.path.parent)
        crashpoints.reached("spool.cursor.replaced")
        self.dirty = False
        self.saved = Ranges(self.settled.pairs())
        with contextlib.suppress(OSError):
            (self.path.parent / OLD_CURSOR).unlink(missing_ok=True)


def load(path: Path) -> Cursor:
    """Return a consumer's cursor; one that knows nothing where there is none that can be read. Raises OSError."""
    try:
        return _parsed(path, path.read_bytes())
    except FileNotFoundError:
        return _old(path)
    except ValueError as error:
        log.warning("%s: is damaged (%s); batches that arrived already are sent once more", path, error)
        return Cursor(path)


def _parsed(path: Path, data: bytes) -> Cursor:
    """Raise ValueError."""
    try:
        found = json.loads(data)
        if found["format"] != FORMAT:
            raise ValueError(f"of format {found['format']!r}, this noc knows {FORMAT}")
        pairs = [(int(first), int(last)) for first, last in found["settled"]]
        if any(not 0 < first <= last for first, last in pairs):
            raise ValueError("ranges of no numbers")
        counts = {name: int(found["batches"][name]) for name in _COUNTS}
        return Cursor(path, Ranges(pairs), max(int(found["last"]), 0), counts, saved=Ranges(pairs))
    except (TypeError, KeyError, RecursionError) as error:
        raise ValueError(f"not a cursor: {error!r}") from error


def _old(path: Path) -> Cursor:
    """Return a cursor as noc wrote it before there were consumers. Raises OSError."""
    old = path.parent / OLD_CURSOR
    try:
        number = int(old.read_text())
    except FileNotFoundError:
        return Cursor(path)
    except ValueError:
        log.warning("%s: is damaged; batches that arrived already are sent once more", old)
        return Cursor(path)
    cursor = Cursor(path, last=number)
    if number > 0:
        cursor.settle_range(1, number, "stored")
    return cursor


def sync_folder(folder: Path) -> None:
    """Have a folder's entries on disk: a new file survives a power cut only then. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
