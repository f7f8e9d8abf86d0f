"""Text that is compressed once, with something of each reader's own in it."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.http.inserted import Inserted


@given(st.lists(st.text(max_size=300), min_size=1, max_size=5), st.text(max_size=100))
def test_what_is_packed_is_the_text_with_the_readers_own_in_it(parts: list[str], own: str) -> None:
    place = "\N{SNOWMAN}place\N{SNOWMAN}"
    made = Inserted.of(place.join(part.replace(place, "") for part in parts), place)
    wanted = own.join(part.replace(place, "") for part in parts).encode()
    assert made.plain(own) == wanted
    assert gzip.decompress(made.gzipped(own)) == wanted


def test_it_is_about_as_small_as_what_is_packed_at_once() -> None:
    text = "<tr><td>nairobi-rtr-1</td><td>down</td></tr>" * 1000
    assert len(Inserted.of(f"{text}HERE{text}", "HERE").gzipped("x" * 43)) < 2 * len(gzip.compress(text.encode())) + 100


def test_more_than_a_block_holds_is_a_fault() -> None:
    with pytest.raises(ValueError, match="stored block"):
        Inserted.of("aHEREb", "HERE").gzipped("x" * 65_536)
