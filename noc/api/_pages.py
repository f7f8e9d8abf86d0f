"""Cuts a page out of a sorted list."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

from noc.api._query import next_cursor


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
