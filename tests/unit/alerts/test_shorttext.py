"""Texts for one SMS: counted as telephones count, simplified where that makes room, cut where it must be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.shorttext import fits, fitted, plain, room


@pytest.mark.parametrize(("text", "taken"), [("a" * 160, 160), ("[€]", 6), ("é", 1), ("ê", None), ("дом", None)])
def test_room_is_counted_in_the_seven_bit_alphabet(text: str, taken: int | None) -> None:
    assert room(text) == taken


@pytest.mark.parametrize(
    ("text", "simple"),
    [
        ("rétabli tôt — « Genève »", 'rétabli tot - " Genève "'),
        ("interrupción en Bogotá", "interrupcion en Bogota"),
        ("сбой", "сбой"),
        ("\u2068a\u2069…", "a..."),
    ],
)
def test_signs_that_the_alphabet_lacks_become_simpler_ones_where_all_of_them_can(text: str, simple: str) -> None:
    assert plain(text) == simple


def test_the_fullest_wording_that_fits_is_taken() -> None:
    assert fitted(["a" * 161, "b" * 160, "c"]) == "b" * 160
    assert fitted(["ж" * 71, "ж" * 70]) == "ж" * 70
    assert fitted(["ж" * 80]) == "ж" * 67 + "..."


@given(st.lists(st.text(max_size=400), min_size=1, max_size=3))
def test_whatever_is_given_fits(wordings: list[str]) -> None:
    assert fits(fitted(wordings))
