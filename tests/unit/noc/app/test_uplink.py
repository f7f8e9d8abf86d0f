"""What noc says of itself while it reaches nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from noc.app.uplink import uplink_trouble
from noc.model.present import Present, StatusNow, Word


class Seen:
    """Devices by their status."""

    def __init__(self, *words: Word) -> None:
        self.words = {f"device/rtr-{number}": StatusNow(word) for number, word in enumerate(words)}

    def status(self, entity: str) -> StatusNow:
        return replace(self.words[entity])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), False),
        (("up", "down"), False),
        (("unknown", "down"), False),
        (("down",), True),
        (("down", "unreachable"), True),
    ],
)
def test_it_is_told_while_all_of_it_is_down(words: tuple[Word, ...], told: bool) -> None:
    said = uplink_trouble(cast("Present", Seen(*words)), [f"device/rtr-{number}" for number in range(len(words))])
    assert bool(said) is told
    assert ("device/rtr-0" in said) is told
