"""What the ledger told of the states of entities, gathered once and then kept up to date. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from noc.availability.columns.timelines import UNKNOWN, Codes, Columns, Ints, from_records

_CODES: Final[Mapping[str, int]] = {"up": 0, "down": 1, "unknown": UNKNOWN}
_DAMAGED: Final = -1
_NOBODY: Final = -1


class Gathered:
    """Changes of state, 17 bytes each. wanted: whose."""

    def __init__(self, wanted: Callable[[str], bool]) -> None:
        self._wanted = wanted
        self._numbers: dict[str, int] = {}
        self._names: list[str] = []
        self._owners: list[Ints] = []
        self._times: list[Ints] = []
        self._states: list[Codes] = []
        self._made: Columns | None = None
        self._named: Columns | None = None

    def take(self, rows: Sequence[tuple[str, int, str]]) -> None:
        """Take records in the order of the ledger: entity, since when (milliseconds), status.

        Raises ValueError for a status that nobody knows.
        """
        if not rows:
            return
        entities, times, statuses = zip(*rows, strict=True)
        for entity in dict.fromkeys(entities).keys() - self._numbers.keys():
            # Who isn't wanted has a number too, which nothing is made of.
            self._numbers[entity] = len(self._names) if self._wanted(entity) else _NOBODY
            if self._numbers[entity] != _NOBODY:
                self._names.append(entity)
        owners = np.array([self._numbers[entity] for entity in entities], np.int64)
        codes = np.array([_CODES.get(status, _DAMAGED) for status in statuses], np.int8)
        if (codes == _DAMAGED).any():
            raise ValueError(
                f"a record of {entities[int(codes.argmin())]} in the ledger has no status; run `noc ledger verify`"
            )
        kept = owners != _NOBODY
        self._owners.append(owners[kept])
        self._times.append(np.array(times, np.int64)[kept])
        self._states.append(codes[kept])
        self._made = self._named = None

    @property
    def names(self) -> Sequence[str]:
        """Whom records tell of."""
        return tuple(self._names)

    def columns(self, names: Sequence[str]) -> Columns:
        """Return the timelines of names, in their order."""
        if self._named is not None and self._named.names == names:
            return self._named
        if self._made is None:
            self._made = from_records(self.names, *self._together())
        self._named = self._made.named(names)
        return self._named

    def _together(self) -> tuple[Ints, Ints, Codes]:
        if not self._owners:
            nothing = np.empty(0, np.int64)
            return nothing, nothing, np.empty(0, np.int8)
        owners, times = np.concatenate(self._owners), np.concatenate(self._times)
        states = np.concatenate(self._states)
        order = np.argsort(owners, kind="stable")  # what was in order once is put together fast the next time
        self._owners, self._times, self._states = [owners[order]], [times[order]], [states[order]]
        return self._owners[0], self._times[0], self._states[0]
