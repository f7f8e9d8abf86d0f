from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.simulator.objects import Object, View
from noc.wire.ber import Tag, encode_varbind
from tests.unit.noc.simulator.simulated import NOW_MS, scene

OIDS = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=20).map(lambda parts: (1, 3, *parts))


@given(OIDS, st.binary(max_size=400))
def test_a_worked_value_is_encoded_as_any_other(oid: tuple[int, ...], value: bytes) -> None:
    view = View([Object(oid, Tag.OCTET_STRING, lambda _: value)])
    assert view.varbind(0, scene().moment(0, NOW_MS)) == encode_varbind(oid, Tag.OCTET_STRING, value)


@given(st.lists(OIDS, min_size=1, max_size=20, unique=True), OIDS)
def test_after_is_the_next_name(oids: list[tuple[int, ...]], asked: tuple[int, ...]) -> None:
    view = View([Object(oid, Tag.INTEGER, 1) for oid in oids])
    behind = [oid for oid in sorted(oids) if oid > asked]
    index = view.after(asked)
    assert view.oids[index:] == behind


def test_a_name_stands_once() -> None:
    with pytest.raises(ValueError, match=r"object 1\.3\.6 stands twice"):
        View([Object((1, 3, 6), Tag.INTEGER, 1), Object((1, 3, 6), Tag.INTEGER, 2)])


def test_instances() -> None:
    view = View([Object((1, 3, 6, 1, 0), Tag.INTEGER, 1)])
    assert view.has_instances((1, 3, 6, 1, 7))
    assert not view.has_instances((1, 3, 6, 2, 0))
    assert not view.has_instances((1, 3, 6, 0, 0))
