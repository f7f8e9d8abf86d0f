"""Pages of a sorted list: nothing twice, nothing left out, whatever comes and goes between them."""

from __future__ import annotations

import base64
import json

from hypothesis import given
from hypothesis import strategies as st

from noc.api._pages import filtered_page, page
from noc.api._query import next_cursor

KEYS = st.lists(st.text(min_size=1, max_size=8), unique=True).map(sorted)


def place(cursor: str) -> str:
    """Return what a cursor stands for."""
    decoded: str = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return decoded


@given(KEYS, st.integers(1, 5))
def test_pages_make_up_the_list(keys: list[str], limit: int) -> None:
    found: list[str] = []
    after: str | None = None
    while True:
        shown, more = page(keys, after, limit)
        assert (shown, more) == filtered_page(keys, after, limit, lambda _: True)
        found += shown
        if more is None:
            break
        assert len(shown) == limit
        after = place(more)
    assert found == keys


@given(KEYS, KEYS, st.integers(1, 5))
def test_what_stays_is_shown_once_whatever_comes_and_goes(first: list[str], second: list[str], limit: int) -> None:
    shown, more = page(first, None, limit)
    rest = [] if more is None else page(second, place(more), len(second) + 1)[0]
    both = [*shown, *rest]
    assert len(set(both)) == len(both)
    if more is not None:
        assert set(first) & set(second) <= set(both) | {key for key in second if key <= shown[-1]}


@given(st.sets(st.integers(0, 50)), st.sets(st.integers(0, 50)), st.integers(1, 5))
def test_a_filtered_page_has_a_next_one_only_where_something_is_left(
    numbers: set[int], wanted: set[int], limit: int
) -> None:
    keys = sorted(f"{number:02}" for number in numbers)
    fits = [key for key in keys if int(key) in wanted]
    shown, more = filtered_page(keys, None, limit, lambda key: int(key) in wanted)
    assert shown == fits[:limit]
    assert (more is None) == (len(fits) <= limit)


@given(st.text())
def test_a_cursor_needs_no_encoding_in_a_url(key: str) -> None:
    cursor = next_cursor(key)
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert place(cursor) == key
