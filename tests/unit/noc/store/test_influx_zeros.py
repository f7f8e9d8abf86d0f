"""The zero below zero keeps its sign on its way through JSON, and no text is touched."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.store.influx.zeros import signed

texts = st.text() | st.sampled_from([",-0,", "[-0]", '"-0,', "\\", '\\",-0,"'])
numbers = st.sampled_from([0, 1, -1, -0.5, 0.25, 1e300])


@pytest.mark.parametrize("body", [b"[-0]", b"[1,-0]", b"[-0,1]", b"[1,-0,-0,1]", b'["",-0]'])
def test_a_zero_below_zero_keeps_its_sign(body: bytes) -> None:
    found = [number for number in json.loads(signed(body)) if number == 0]
    assert found
    assert all(math.copysign(1, number) < 0 for number in found)


@given(st.lists(st.lists(texts | numbers)))
def test_all_else_stays_as_it_is(rows: list[list[object]]) -> None:
    body = json.dumps([[-0.0], *rows], separators=(",", ":")).replace("[-0.0]", "[-0]", 1).encode()
    (first, *others) = json.loads(signed(body))
    assert (str(first), others) == ("[-0.0]", rows)
