"""Numbers in columns as tables of samples: how they leave a store as they came. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from noc.model.instants import from_ms
from noc.model.samples import Samples
from noc.store._rows import Tags


def tables(
    measurement: str,
    columns: Sequence[tuple[str, Tags]],
    times: npt.NDArray[np.int64],
    matrix: npt.NDArray[np.float64],
) -> Iterator[Samples]:
    """Yield a table for each time: a row for each series, a number for each of their fields.

    columns: field and tags of each row of the matrix (columns × times, NaN for a gap).
    """
    series = {tags: number for number, tags in enumerate(sorted({tags for _, tags in columns}))}
    fields = {field: number for number, field in enumerate(sorted({field for field, _ in columns}))}
    cube = np.full((times.size, len(series), len(fields)), np.nan)
    for (field, tags), numbers in zip(columns, matrix, strict=True):
        cube[:, series[tags], fields[field]] = numbers
    keys = tuple(sorted({key for tags in series for key, _ in tags}))
    named = [dict(tags) for tags in series]
    rows = tuple(tuple(tags.get(key, "") for key in keys) for tags in named)
    names = tuple(fields)
    for time_ms, table in zip(times.tolist(), cube.tolist(), strict=True):
        values = tuple(tuple(None if value != value else value for value in row) for row in table)
        yield Samples(measurement, from_ms(time_ms), keys, names, rows, values)
