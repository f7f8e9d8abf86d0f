"""Results of liveness out of a store's numbers: whose, when, and whether they were good."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from noc.store._rows import Tags

Take = Callable[[str, list[int], list[bool]], None]
"""Is given an entity, times in milliseconds and whether each result was good, as many."""


class EvidenceWriter:
    """A Writer (noc/store/_exports.py) that hands results on. whose: the tag that names the entity."""

    def __init__(self, take: Take, whose: str) -> None:
        self._take = take
        self._whose = whose

    def write(
        self,
        measurement: str,
        columns: Sequence[tuple[str, Tags]],
        times: npt.NDArray[np.int64],
        matrix: npt.NDArray[np.float64],
    ) -> int:
        """Hand on each series of the matrix; return how many results."""
        count = 0
        for (_, tags), numbers in zip(columns, matrix, strict=True):
            there = ~np.isnan(numbers)
            oks = (numbers[there] >= 0.5).tolist()
            self._take(dict(tags).get(self._whose, ""), times[there].tolist(), oks)
            count += len(oks)
        return count

    def close(self) -> None:
        """Nothing has to be done."""
