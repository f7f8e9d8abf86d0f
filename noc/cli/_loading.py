"""Imports without looking through all of noc for garbage, again and again: a sixth of the time of a short command."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """Import within this: Python's collector of cycles waits, and never looks at what is there at the end.

    For a process of noc's own alone, where all that is there then are modules that stay.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
