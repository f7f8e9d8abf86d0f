"""A report that is being made: how far it is, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from noc.reports.frame.asked import Asked

RunState = Literal["waiting", "running", "done", "failed"]
"""waiting: another one is being made."""

RUN_STATES: Final[tuple[RunState, ...]] = get_args(RunState)


@dataclass(frozen=True, slots=True)
class ReportRun:
    """begun_ms: when it was asked for. done: 0 to 1. issue: the id of the report, once it is done. said: why not."""

    id: int
    asked: Asked
    begun_ms: int
    state: RunState = "waiting"
    done: float = 0.0
    issue: int | None = None
    said: str = ""

    @property
    def is_over(self) -> bool:
        """Return whether nothing more comes of it."""
        return self.state in ("done", "failed")
