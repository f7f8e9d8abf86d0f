"""Answers as CSV, for spreadsheets and scripts."""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import Final

from aiohttp import web

from noc.api import _query as query
from noc.api._shapes import Shape
from noc.http.tables import Cell, Table, written

__all__ = ["FORMATS", "Cell", "Table", "Tabular", "wants_csv", "written"]

FORMATS: Final = ("json", "csv")

_QUALITY: Final = re.compile(r";\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*(?:;|\Z)")


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
