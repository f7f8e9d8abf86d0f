"""What page and API are given to rehearse with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

SCENARIO_AT_MOST: Final = 100_000
"""Characters of a scenario."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What came of a scenario. met: all that it expects came. answer: docs/rehearsal.md. said: warnings."""

    met: bool
    answer: Mapping[str, object]
    said: tuple[str, ...]


Rehearse = Callable[[str, str], Awaitable[Rehearsed]]
"""Takes a scenario as YAML, and the language of its time line.

Raises ConflictError while another one runs, UsageError where it is wrong.
"""
