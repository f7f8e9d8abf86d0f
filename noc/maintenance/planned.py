"""The planned times of all windows, as the arithmetic takes them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from noc.availability.policy import Window
from noc.maintenance.occurrences import occurrences
from noc.model.window import PlannedWindow


def planned_times(windows: Iterable[PlannedWindow], start_ms: int, end_ms: int) -> list[Window]:
    """Return the times of windows that overlap `[start_ms, end_ms)`, each whole, for the entities that they name.

    Who is below these, and so in the window too, is the policy's to say (`noc.pipeline.policy`).
    """
    return [one for window in windows for one in occurrences(window, start_ms, end_ms)]
