"""What the ledger told of the states of entities, gathered once and then kept up to date. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from noc.availability.columns.timelines import UNKNOWN, Codes, Columns, Ints, from_records

_CODES: Final[Mapping[str, int]] = {"up": 0, "down": 1, "unknown": UNKNOWN}


class Gathered:
    """Changes of state, 17 bytes each. wanted: whose."""

    def __init__(self, wanted: Callable[[str], bool]) -> None:
        self._wanted = wanted
        self._numbers: dict[str, int] = {}
        self._passed_over: set[str] = set()
        self._owners: list[Ints] = []
        self._times: list[Ints] = []
        self._states: list[Codes] = []
        self._made: Columns | None = None
        self._named: Columns | None = None

    def take(self, rows: Sequence[tuple[str, int, str]]) -> None:
        """Take records in the order of the ledger: entity, since when (milliseconds), status.

        Raises ValueError for a status that nobody knows.
        """
        numbers, owners, times, codes = self._numbers, [], [], []
        for entity, time, status in rows:
            number = numbers.get(entity)
            if number is None:
                if not self._is_new(entity):
                    continue
                number = numbers.setdefault(entity, len(numbers))
            code = _CODES.get(status)
            if code is None:
                raise ValueError(f"{entity} has the status {status!r} in the ledger; run `noc ledger verify`")
            owners.append(number)
            times.append(time)
            codes.append(code)
        self._owners.append(np.array(owners, np.int64))
        self._times.append(np.array(times, np.int64))
        self._states.append(np.array(codes, np.int8))
        self._made = self._named = None

    def _is_new(self, entity: str) -> bool:
        if entity in self._passed_over:
            return False
        if not self._wanted(entity):
            self._passed_over.add(entity)
            return False
        return True

    @property
    def names(self) -> Sequence[str]:
        """Whom records tell of."""
        return tuple(self._numbers)

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
