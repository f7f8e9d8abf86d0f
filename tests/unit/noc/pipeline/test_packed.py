"""What is packed comes back as it was."""

from __future__ import annotations

import math
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.reading import PartFailure
from noc.model.snapshot import RECORD_FIELDS, Counters, DeviceIdentity, Interface, Sensor, Snapshot
from noc.pipeline.packed import pack, packed, unpack, unpacked

TEXTS = st.text(st.characters(), max_size=8)
SCALARS = st.none() | TEXTS | st.integers() | st.floats(allow_nan=False) | st.booleans()
COUNTERS = st.builds(Counters, *[st.none() | st.integers(0, 2**64 - 1)] * len(fields(Counters)))
SECONDS = st.none() | st.floats(allow_nan=False)
INTERFACES = st.builds(
    Interface,
    if_index=st.integers(0, 2**31),
    speed_bps=st.none() | st.integers(0),
    last_change_s=SECONDS,
    discontinuity_s=SECONDS,
    counters=COUNTERS,
)
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        name: st.lists(st.fixed_dictionaries(dict.fromkeys(names, SCALARS)), max_size=2).map(tuple)
        for name, names in RECORD_FIELDS.items()
    },
)
SNAPSHOTS = st.builds(
    Snapshot,
    device=st.builds(DeviceIdentity, uptime_s=SECONDS),
    interfaces=st.lists(INTERFACES, max_size=3).map(tuple),
    sensors=st.lists(st.builds(Sensor, value=st.none() | st.integers() | st.floats(allow_nan=False)), max_size=3).map(
        tuple
    ),
    records=RECORDS,
    satellite=st.dictionaries(TEXTS, SCALARS, max_size=3),
    errors=st.lists(st.builds(PartFailure), max_size=2).map(tuple),
    duration_ms=st.floats(0, 1e9),
    ages_s=st.dictionaries(TEXTS, st.floats(0, 1e9), max_size=3),
)


@given(SNAPSHOTS)
def test_a_snapshot_comes_back_equal_and_of_the_same_types(snapshot: Snapshot) -> None:
    back = unpacked(packed(snapshot))
    assert back == snapshot
    assert repr(back) == repr(snapshot)  # 1, 1.0 and True are equal, and not the same to a reader


def test_a_row_with_other_fields_than_its_list_has_comes_back_too() -> None:
    who = DeviceIdentity("::1", None, None, None, None, None, None, None, None, None, None, "p")
    whole = Snapshot(who, records={"memory": ({"name": "a"},), "new": ({"x": 1},)})
    assert unpacked(packed(whole)) == whole


def test_what_is_no_number_and_less_than_nothing_stay_so() -> None:
    assert repr(unpack(pack((math.nan, -0.0)))) == "(nan, -0.0)"


def test_what_is_no_plain_value_is_refused() -> None:
    with pytest.raises(ValueError, match="unmarshallable"):
        pack(Counters(*[None] * 12))
