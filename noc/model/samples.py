"""Samples: the normalised numbers of one Reading, as a table in columns, never one object per number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Samples:
    """Rows of one measurement at one time.

    tag_keys × rows of `tags` tell whose numbers they are; field_keys × rows of `values` are the numbers, in the unit
    that docs/reference/series.md names for the field. A value that wasn't read is None and isn't written.
    """

    measurement: str
    time: datetime
    tag_keys: tuple[str, ...]
    field_keys: tuple[str, ...]
    tags: tuple[tuple[str, ...], ...]
    values: tuple[tuple[float | None, ...], ...]
