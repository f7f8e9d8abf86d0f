"""Figures of many entities in one table, put into objects when somebody looks at them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final, overload

from noc.availability.columns.timelines import Columns, Ints
from noc.availability.figures import Durations, Figures
from noc.availability.policy import Period, Policy
from noc.availability.replay import EntityAnswer
from noc.availability.timeline import Interval

_DURATIONS: Final = 5
"""The first columns of the table: up, down, unreachable, unknown, planned."""


class Stretches(Sequence[Interval]):
    """The states of one entity inside a period, worked out when somebody looks."""

    def __init__(self, columns: Columns, number: int, period: Period) -> None:
        self._columns, self._number, self._period = columns, number, period

    def _all(self) -> list[Interval]:
        return self._columns.intervals(self._number, self._period.start, self._period.end)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._all())

    def __iter__(self) -> Iterator[Interval]:
        """Yield them in order of time."""
        return iter(self._all())

    @overload
    def __getitem__(self, index: int) -> Interval: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Interval]: ...
    def __getitem__(self, index: int | slice) -> Interval | Sequence[Interval]:
        """Return one of them, or some."""
        return self._all()[index]

    def __eq__(self, other: object) -> bool:
        """Return whether these are the same intervals."""
        return isinstance(other, Sequence) and self._all() == list(other)

    def __hash__(self) -> int:
        """Return the hash of all of them."""
        return hash(tuple(self._all()))


class Answers(Mapping[str, EntityAnswer]):
    """The figures of each name of derived columns: of 20,303 devices few are looked at one by one.

    table: a row each name; milliseconds up, down, unreachable, unknown and planned, outages, the longest, how many
    ended, and how long these were.
    """

    def __init__(self, columns: Columns, table: Ints, period: Period, instead: Answers | None = None) -> None:
        """Take the figures. instead: those of some of the names that hold in place of their own."""
        self._columns = columns
        self._table = table
        self._period = period
        self._instead: Mapping[str, EntityAnswer] = {} if instead is None else instead

    def __getitem__(self, name: str) -> EntityAnswer:
        """Return the figures of one. Raises KeyError."""
        if name in self._instead:
            return self._instead[name]
        number = self._columns.index[name]
        up, down, unreachable, unknown, planned, outages, longest, ended, whole = self._table[number].tolist()
        durations = Durations(up, down, unreachable, unknown, planned)
        mttr = Fraction(whole, ended) if ended else None
        mtbf = Fraction(up, outages) if outages else None
        found = Figures(durations, outages, longest, mttr, mtbf)
        return EntityAnswer(found, Stretches(self._columns, number, self._period))

    def __iter__(self) -> Iterator[str]:
        """Yield the names, in the order of the columns."""
        return iter(self._columns.names)

    def __len__(self) -> int:
        """Return how many names there are."""
        return len(self._columns.names)

    def __contains__(self, name: object) -> bool:
        """Return whether a name is among them."""
        return name in self._columns.index

    def replaced(self, some: Answers) -> Answers:
        """Return the figures with those of some of the names replaced."""
        table = self._table.copy()
        table[[self._columns.index[name] for name in some]] = some._table
        return Answers(self._columns, table, self._period, some)

    def summed(self, members: Iterable[str], policy: Policy) -> Durations:
        """Return the sum over members, each once and times its weight, as `noc.availability.replay.summed` does."""
        by_weight: dict[Fraction, list[int]] = {}
        for name in dict.fromkeys(members):
            by_weight.setdefault(policy.weight_of(name), []).append(self._columns.index[name])
        if not by_weight:
            return Durations()
        sums = [(weight, self._table[rows, :_DURATIONS].sum(axis=0).tolist()) for weight, rows in by_weight.items()]
        return Durations(*(sum((weight * sum_[n] for weight, sum_ in sums), Fraction(0)) for n in range(_DURATIONS)))
