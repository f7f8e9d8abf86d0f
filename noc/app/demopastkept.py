"""How much of the past of the demo's charts was told, on disk: a demo that goes on from its folder goes on with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from noc.clock import Clock
from noc.model.instants import to_ms
from noc.simulator.pastrun import Spent

FILE: Final = "past.json"
THROUGH: Final = "through"

WITHIN_MS: Final = 20 * 3_600_000
"""So long after the demo began: stores keep polls for thirty days, and the past has twenty-nine."""


class PastKept:
    """The file. folder: of the demo."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def keep(self, spent: Spent, *, through: bool = False) -> None:
        """Write down what was told, and whether that is all. Raises OSError."""
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps({**spent._asdict(), THROUGH: through}))
        part.replace(self._path)

    def left(self, clock: Clock, begins_ms: int) -> Spent | None:
        """Return what was told, to go on from there; None where that is all, or nobody knows, or it is too late."""
        if to_ms(clock.now()) - begins_ms > WITHIN_MS:
            return None
        try:
            known = json.loads(self._path.read_text())
            return None if known.pop(THROUGH) else Spent(**known)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None  # none was told, as by an earlier noc, or somebody else wrote it: charts begin with the demo
