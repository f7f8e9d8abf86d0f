"""Numbers as Parquet, for programs that work with tables. The only place that knows pyarrow, which is optional."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from noc.model.errors import UsageError
from noc.store._rows import Tags

if TYPE_CHECKING:
    import pyarrow as pa

AT_ONCE: Final = 1_000_000
"""Numbers of a row group."""


class ParquetWriter:
    """Writes numbers a row each: time, measurement, field, tags (a map), value. Raises UsageError without pyarrow."""

    def __init__(self, path: Path) -> None:
        try:
            import pyarrow as pa  # noqa: PLC0415 optional, and slow to import
            import pyarrow.parquet as pq  # noqa: PLC0415
        except ImportError as error:
            raise UsageError(
                "Parquet needs pyarrow, which isn't installed: pip install 'noc-monitor[parquet]';"
                " or take --format csv or line-protocol"
            ) from error
        self._pa = pa
        text = pa.dictionary(pa.int32(), pa.string())
        self._schema = pa.schema(
            [
                ("time", pa.timestamp("ms", tz="UTC")),
                ("measurement", text),
                ("field", text),
                ("tags", pa.map_(pa.string(), pa.string())),
                ("value", pa.float64()),
            ]
        )
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")
        self._parts: list[pa.RecordBatch] = []
        self._rows = 0

    def write(
        self,
        measurement: str,
        columns: Sequence[tuple[str, Tags]],
        times: npt.NDArray[np.int64],
        matrix: npt.NDArray[np.float64],
    ) -> int:
        """Write the numbers of a matrix (columns × times, NaN for a gap); return how many."""
        there = ~np.isnan(matrix)
        counts = there.sum(axis=1)
        rows, places = np.nonzero(there)
        self._parts.append(self._batch(measurement, columns, counts, times[places], matrix[rows, places]))
        self._rows += rows.size
        if self._rows >= AT_ONCE:
            self._flush()
        return int(rows.size)

    def _batch(
        self,
        measurement: str,
        columns: Sequence[tuple[str, Tags]],
        counts: npt.NDArray[np.intp],
        times: npt.NDArray[np.int64],
        values: npt.NDArray[np.float64],
    ) -> pa.RecordBatch:
        pa = self._pa
        fields = sorted({field for field, _ in columns})
        numbers = np.repeat([fields.index(field) for field, _ in columns], counts).astype(np.int32)
        tags: list[list[tuple[str, str]]] = [
            list(own) for (_, own), count in zip(columns, counts.tolist(), strict=True) for _ in range(count)
        ]
        arrays = [
            pa.array(times, pa.timestamp("ms", tz="UTC")),
            pa.DictionaryArray.from_arrays(np.zeros(times.size, np.int32), [measurement]),
            pa.DictionaryArray.from_arrays(numbers, fields),
            pa.array(tags, self._schema.field("tags").type),
            pa.array(values),
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)

    def _flush(self) -> None:
        if self._parts:
            table = self._pa.Table.from_batches(self._parts).unify_dictionaries()
            self._writer.write_table(table)
        self._parts.clear()
        self._rows = 0

    def close(self) -> None:
        """Have the file whole."""
        self._flush()
        self._writer.close()
