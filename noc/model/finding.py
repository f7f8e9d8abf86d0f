"""What is wrong with a file that people wrote, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from typing import Final, Literal

Level = Literal["error", "warning"]

_AS_NEAR: Final = 8


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong, at one place.

    file: the path as the user gave it; line and column count from 1, and are 0 where there is no place
    (a missing file). message: what is wrong and what to do, without the place.
    """

    file: str
    line: int
    column: int
    level: Level
    message: str

    def __str__(self) -> str:
        """Render as `file:line:column: level: message`, as compilers do."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.level}: {self.message}"


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)` for the nearest known name, or an empty string when none is near."""
    found = nearest(wrong, known)
    return "" if found is None else f" (did you mean '{found}'?)"


def nearest(wrong: str, known: Iterable[str]) -> str | None:
    """Return the nearest known name; None when none is near."""
    near = get_close_matches(wrong, list(known), n=_AS_NEAR, cutoff=0.6)
    # The first of equals.
    return max(sorted(near), key=lambda name: SequenceMatcher(None, name, wrong).ratio()) if near else None
