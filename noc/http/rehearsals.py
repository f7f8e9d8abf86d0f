"""What page and API are given to rehearse with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol, get_args

SCENARIO_AT_MOST: Final = 100_000
"""Characters of a scenario."""

RehearsalState = Literal["waiting", "running", "done", "failed", "cancelled"]
"""waiting: another one is being played."""

REHEARSAL_STATES: Final[tuple[RehearsalState, ...]] = get_args(RehearsalState)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What came of a scenario. met: all that it expects came. answer: docs/rehearsal.md. said: warnings."""

    met: bool
    answer: Mapping[str, object]
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A scenario, YAML, that is being played, or was, and who asked for it.

    lang: of its time line. done: the share of its virtual time, 0 to 1. found: once it is done. said: why it failed, or
    who cancelled it.
    """

    id: int
    scenario: str
    lang: str
    by: str
    begun_ms: int
    state: RehearsalState = "waiting"
    done: float = 0.0
    found: Rehearsed | None = None
    said: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        """Return whether nothing more comes of it."""
        return self.state not in ("waiting", "running")


class Rehearsals(Protocol):
    """Plays scenarios, one after the other, beside everything else; the newest are kept."""

    def begin(self, scenario: str, lang: str, by: str) -> Rehearsal:
        """Begin one; where somebody's own is being played already, return that. Raises ConflictError: too many wait."""
        ...

    def get(self, number: int) -> Rehearsal | None:
        """Return one; None where there is none of this number any more."""
        ...

    def all(self) -> tuple[Rehearsal, ...]:
        """Return those that are kept, the newest first."""
        ...

    def cancel(self, number: int, by: str) -> Rehearsal | None:
        """End one that is being played or waits, and return it. Raises ConflictError where it is over."""
        ...

    async def ended(self, number: int, within_s: float) -> Rehearsal | None:
        """Return one as it is when it is over, or after a while."""
        ...
