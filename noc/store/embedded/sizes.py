"""What a day of a class of devices takes on disk, as it is stored. Blocking."""

from __future__ import annotations

import sqlite3
from typing import Final

from noc.model.series import Resolution
from noc.store._forecast import Stored
from noc.store.embedded.chunkfile import ChunkFile
from noc.store.embedded.merge import MERGED
from noc.store.embedded.rolling import rolled_day
from noc.store.embedded.shelf import Shelf
from noc.store.embedded.view import View

NEWEST: Final = 3
"""Files that are looked at: the newest that are whole."""


def stored(view: View) -> dict[str, Stored]:
    """Return by class what a device takes a day, as the newest days that are merged tell; empty where none is.

    A file's indexes and half empty pages are shared out by the bytes of chunks.
    """
    found: dict[str, dict[Resolution, float]] = {}
    for resolution, shelf in view.source.shelves.all.items():
        for name, size in _by_class(shelf, resolution).items():
            found.setdefault(name, {})[resolution] = size
    return {name: Stored(sizes) for name, sizes in found.items() if "raw" in sizes}


def _by_class(shelf: Shelf, resolution: Resolution) -> dict[str, float]:
    sums: dict[str, float] = {}
    device_days: dict[str, float] = {}
    looked_at = 0
    for number in reversed(shelf.all()):
        try:
            file = shelf.current(number)
            days = 0 if file is None else _days(file, resolution)
            rows = [] if file is None or not days else file.sizes()
        except sqlite3.Error:
            continue
        if file is None or not rows:
            continue
        share = file.path.stat().st_size / max(1, sum(size for *_, size in rows))
        for _, name, _, size in rows:
            sums[name] = sums.get(name, 0.0) + size * share
            device_days[name] = device_days.get(name, 0.0) + days
        looked_at += 1
        if looked_at == NEWEST:
            break
    return {name: sums[name] / device_days[name] for name in sums}


def _days(file: ChunkFile, resolution: Resolution) -> int:
    """Return how many whole days a file holds; 0 for none."""
    states = file.states()
    if resolution == "raw":
        return 1 if states.get(MERGED) else 0
    return sum(rolled_day(key) is not None and bool(merge) for key, merge in states.items())
