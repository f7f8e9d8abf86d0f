"""Answers as CSV (RFC 4180), for spreadsheets and scripts.

What devices call themselves is hostile: a cell that a spreadsheet would take for a formula gets an apostrophe in front,
and all texts stand in quotes, so that no other separator cuts one into cells
(https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

import csv
import io
import re
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from noc.api import _query as query
from noc.api._shapes import Shape

FORMATS: Final = ("json", "csv")

Cell = str | float | None

_FORMULA: Final = re.compile(r"[\s\x00]*[=+\-@＝＋－＠\t\r\n]")
_QUALITY: Final = re.compile(r";\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*(?:;|\Z)")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as wide as the header."""

    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]


class Tabular(Shape):
    """An answer that may also be had as CSV."""

    @abstractmethod
    def table(self) -> Table:
        """Return the answer as rows. What is told once for all of it stands in each row."""

    def more(self) -> str | None:
        """Return the cursor of the next page; None where there is none. CSV has it in the header `Link`."""
        return None


def wants_csv(request: web.Request) -> bool:
    """Return whether CSV is asked for: by `format`, else by `Accept`, which must prefer it to JSON."""
    if "format" in request.query:
        return query.word(request, "format", FORMATS) == "csv"
    accepted = ",".join(request.headers.getall("Accept", []))
    return _quality(accepted, "text/csv") > _quality(accepted, "application/json")


def _quality(accepted: str, name: str) -> float:
    """Return how much a type is wanted, 0 to 1; the most exact range counts (RFC 9110, 12.5.1)."""
    ranges = ["*/*", f"{name.partition('/')[0]}/*", name]
    found = (-1, 0.0)
    for part in accepted.split(","):
        kind = part.partition(";")[0].strip().lower()
        if kind in ranges:
            quality = _QUALITY.search(part)
            found = max(found, (ranges.index(kind), float(quality[1]) if quality else 1.0))
    return found[1]


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
