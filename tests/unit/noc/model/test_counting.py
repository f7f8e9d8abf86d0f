"""Counts as people say them."""

from __future__ import annotations

import pytest

from noc.model.counting import counted


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 devices"), (1, "1 device"), (2, "2 devices"), (1_234, "1,234 devices")]
)
def test_a_count_agrees_with_its_thing(count: int, said: str) -> None:
    assert counted(count, "device") == said


def test_a_word_may_have_a_plural_of_its_own() -> None:
    assert counted(1, "batch", "batches") == "1 batch"
    assert counted(2, "batch", "batches") == "2 batches"
