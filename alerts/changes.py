"""What people change beside the settings, where another noc keeps it: windows, and who is on call instead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from noc.model.oncall import Handover, Override
from noc.model.window import PlannedWindow


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """All of it as it was told at one moment; the next time it is another object."""

    windows: Sequence[PlannedWindow] = ()
    overrides: Sequence[Override] = ()
    handovers: Sequence[Handover] = ()


ChangesTold = Callable[[], Changes | None]
"""What was told last; None: nothing was, and the database says what people changed."""


def nothing() -> Changes | None:
    """Return None: people change it here."""
    return None
