"""Tables as CSV (RFC 4180), for spreadsheets and scripts. Pure.

What devices call themselves is hostile: a cell that a spreadsheet would take for a formula gets an apostrophe in front,
and all texts stand in quotes, so that no other separator cuts one into cells
(https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

Cell = str | float | None

_FORMULA: Final = re.compile(r"[\s\x00]*[=+\-@＝＋－＠\t\r\n]")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as wide as the header."""

    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def written(table: Table) -> str:
    """Return a table as CSV: texts in quotes, numbers without, nothing for None."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([_safe(name) for name in table.header])
    for row in table.rows:
        writer.writerow(["" if cell is None else _safe(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue()


def _safe(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text
