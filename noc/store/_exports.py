"""Numbers out of a store as text: line protocol and CSV. Every number comes back from it bit for bit."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from typing import Final, Protocol, TextIO

import numpy as np
import numpy.typing as npt

from noc.model.instants import from_ms
from noc.store._rows import Tags
from noc.store._tables import tables
from noc.wire.lineprotocol import lines

_FORMULA: Final = ("=", "+", "-", "@")


class Writer(Protocol):
    """Takes numbers."""

    def write(
        self,
        measurement: str,
        columns: Sequence[tuple[str, Tags]],
        times: npt.NDArray[np.int64],
        matrix: npt.NDArray[np.float64],
    ) -> int:
        """Write the numbers of a matrix (columns × times, NaN for a gap); return how many. Raises OSError."""
        ...

    def close(self) -> None:
        """Have all of it written. Raises OSError."""
        ...


class LineWriter:
    """Line protocol, times in milliseconds (`precision=ms`)."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(
        self,
        measurement: str,
        columns: Sequence[tuple[str, Tags]],
        times: npt.NDArray[np.int64],
        matrix: npt.NDArray[np.float64],
    ) -> int:
        """Write a line for each time and series."""
        for samples in tables(measurement, columns, times, matrix):
            self._file.writelines(f"{line}\n" for line in lines(samples))
        return int(np.count_nonzero(~np.isnan(matrix)))

    def close(self) -> None:
        """Have all of it written."""
        self._file.flush()


class CsvWriter:
    """A number a row: time, measurement, field, tags (JSON), value."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
        self._writer.writerow(["time", "measurement", "field", "tags", "value"])

    def write(
        self,
        measurement: str,
        columns: Sequence[tuple[str, Tags]],
        times: npt.NDArray[np.int64],
        matrix: npt.NDArray[np.float64],
    ) -> int:
        """Write a row for each number."""
        texts = [from_ms(at).isoformat(timespec="milliseconds").replace("+00:00", "Z") for at in times.tolist()]
        count = 0
        for (field, tags), numbers in zip(columns, matrix.tolist(), strict=True):
            head = (_safe(measurement), _safe(field), json.dumps(dict(tags), ensure_ascii=False))
            rows = [(at, *head, value) for at, value in zip(texts, numbers, strict=True) if value == value]
            self._writer.writerows(rows)
            count += len(rows)
        return count

    def close(self) -> None:
        """Have all of it written."""
        self._file.flush()


def _safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
