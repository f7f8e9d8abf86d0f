"""A document's main table as CSV (RFC 4180): names of columns and words by their keys, whatever the language."""

from __future__ import annotations

import csv as standard
import io
import re
from typing import Final

from noc.availability.times import format_time
from noc.reports.frame.document import Cell, Document, Kind, Said

_FORMULA: Final = re.compile(r"[\s\x00]*[=+\-@＝＋－＠\t\r\n]")


def csv(document: Document) -> str:
    """Return the main table: moments as ISO 8601 in UTC, lengths in seconds, percent unrounded.

    A text that a spreadsheet would take for a formula gets an apostrophe in front
    (https://owasp.org/www-community/attacks/CSV_Injection).
    """
    table = next(table for table in document.tables() if table.key == document.main)
    out = io.StringIO()
    writer = standard.writer(out, quoting=standard.QUOTE_NONNUMERIC)
    writer.writerow([column.key for column in table.columns])
    kinds = [column.kind for column in table.columns]
    writer.writerows([_cell(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in table.rows)
    return out.getvalue()


def _cell(cell: Cell, kind: Kind) -> str | float:
    if cell is None:
        return ""
    if isinstance(cell, Said):
        return cell.key
    if isinstance(cell, str):
        return f"'{cell}" if _FORMULA.match(cell) else cell
    return format_time(int(cell)) if kind == "moment" else cell
