"""What an expression looks at: the newest rows of one entity, what they were before, and what was learned. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

Cell = float | str | None
Row = tuple[Cell, ...]
"""The columns that a program asks for of one row, in its order."""

Key = tuple[str, ...]
"""The tags that tell a series of an entity from its others."""

Question = tuple[str, str]
"""Measurement and field."""

Past = deque[tuple[int, float]]

PAST_AT_MOST: Final = 1_000
"""Numbers of one series that are remembered for `change` and `rate`."""


class Learned(Protocol):
    """What the store says of a series. entity: as the series' tag `device` names it."""

    def baseline(self, question: Question, entity: str, key: Key, at_ms: int) -> tuple[float, float] | None:
        """Return median and spread of the same hour of the last weeks; None where too little is known."""
        ...

    def slope(self, question: Question, entity: str, key: Key) -> float | None:
        """Return how much it grows a second; None where too little is known."""
        ...


class Nothing:
    """Nothing was learned."""

    def baseline(self, question: Question, entity: str, key: Key, at_ms: int) -> tuple[float, float] | None:
        """Return None."""
        return None

    def slope(self, question: Question, entity: str, key: Key) -> float | None:
        """Return None."""
        return None


NOTHING: Final = Nothing()


@dataclass(slots=True)
class Scene:
    """One entity as a program sees it. Times in milliseconds of the Unix epoch.

    tables: the newest rows by measurement. row: the one that is looked at, inner: of an aggregate. past: by series of
    the program. seen: when a field that may be absent was told last.
    """

    entity: str
    learned: Learned = NOTHING
    now_ms: int = 0
    tables: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    row: Row = ()
    inner: Row = ()
    key: Key = ()
    past: dict[tuple[str, Key], Past] = field(default_factory=dict)
    seen: dict[Question, int] = field(default_factory=dict)

    def before(self, series: str, value: float | None, window_ms: float) -> tuple[float, float] | None:
        """Remember a number, and return (seconds ago, number) of the one a window before; None where there is none.

        A number counts that is at least nine tenths of the window old, and no older than twice it: polls are not to
        the second.
        """
        past = self.past.setdefault((series, self.key), deque(maxlen=PAST_AT_MOST))
        if value is not None and (not past or past[-1][0] < self.now_ms):
            past.append((self.now_ms, value))
        old_ms = self.now_ms - 0.9 * window_ms
        while len(past) > 1 and past[1][0] <= old_ms:
            past.popleft()
        if value is None or not past or not self.now_ms - 2 * window_ms <= past[0][0] <= old_ms:
            return None
        return (self.now_ms - past[0][0]) / 1000, past[0][1]
