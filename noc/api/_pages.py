"""Cuts a page out of a sorted list: of one that is in memory, or of one that is read part by part."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeVar

from aiohttp import web

from noc.api import _query as query
from noc.api._query import next_cursor

SCANNED_AT_MOST: Final = 5_000
"""Rows of a database that one request looks at; a page may be short and still have a next one."""

CHUNK: Final = 500
"""Rows that are read at once, where the first are not enough."""

Row = TypeVar("Row")
Place = TypeVar("Place")
Item = TypeVar("Item")


def page(keys: Sequence[str], after: str | None, limit: int) -> tuple[Sequence[str], str | None]:
    """Return the keys behind `after`, and the cursor of the page behind them; None where there is none.

    keys: sorted. A key that is gone meanwhile, or new, neither repeats nor skips others.
    """
    start = 0 if after is None else bisect_right(keys, after)
    shown = keys[start : start + limit]
    return shown, next_cursor(shown[-1]) if start + limit < len(keys) else None


def filtered_page(
    keys: Sequence[str], after: str | None, limit: int, wanted: Callable[[str], bool]
) -> tuple[Sequence[str], str | None]:
    """As `page`, of those keys that are wanted; asks for no more of them than it needs."""
    start = 0 if after is None else bisect_right(keys, after)
    shown: list[str] = []
    for index in range(start, len(keys)):
        if wanted(keys[index]):
            if len(shown) == limit:
                return shown, next_cursor(shown[-1])
            shown.append(keys[index])
    return shown, None


def keyed_page(
    items: Mapping[str, Item], after: str | None, limit: int, wanted: Callable[[Item], bool] = lambda _: True
) -> tuple[list[Item], str | None]:
    """As `filtered_page`, of what is known by keys that need not be sorted, in their order."""
    shown, more = filtered_page(sorted(items), after, limit, lambda key: wanted(items[key]))
    return [items[key] for key in shown], more


async def numbered_page(
    request: web.Request,
    read: Callable[[int | None, int], Awaitable[Sequence[Row]]],
    number: Callable[[Row], int],
    wanted: Callable[[Row], bool],
) -> tuple[list[Row], str | None]:
    """Return the page that a request asks for of a list in the order of a number, and the cursor of the next.

    Arguments as of `scanned_page`. Raises ProblemError (400).
    """
    limit, before = query.limit(request), query.number_cursor(request)
    rows, after = await scanned_page(read, number, wanted, before, limit)
    return rows, None if after is None else next_cursor(after)


async def scanned_page(
    read: Callable[[Place | None, int], Awaitable[Sequence[Row]]],
    place: Callable[[Row], Place],
    wanted: Callable[[Row], bool],
    after: Place | None,
    limit: int,
) -> tuple[list[Row], Place | None]:
    """Return the rows behind a place that are wanted, and the place behind which the next page goes on; None: nowhere.

    read: gives so many rows behind a place, or fewer where there are no more. place: of a row.
    """
    shown: list[Row] = []
    scanned, at_once = 0, limit + 1
    while True:
        rows = await read(after, at_once)
        for row in rows:
            if wanted(row):
                if len(shown) == limit:
                    return shown, place(shown[-1])
                shown.append(row)
        if len(rows) < at_once:
            return shown, None
        after, scanned, at_once = place(rows[-1]), scanned + len(rows), CHUNK
        if scanned >= SCANNED_AT_MOST:
            return shown, after
