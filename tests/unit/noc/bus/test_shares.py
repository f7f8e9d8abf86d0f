"""Who asks which device: one and one alone at each moment, whoever comes and goes."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from noc.bus.shares import Member, owner, share, turning_points

DEVICES = [f"device/d{number}" for number in range(300)]
NAMES = st.sampled_from(["nbo-1", "nbo-2", "nbo-3", "nbo-4", "nbo-5"])
MEMBERS = st.lists(
    st.builds(Member, NAMES, st.integers(0, 50), st.none() | st.integers(0, 100)),
    max_size=5,
    unique_by=lambda member: member.name,
)


@given(MEMBERS, st.integers(0, 100))
def test_each_device_is_asked_by_one_as_long_as_anybody_is_there(members: list[Member], at_ms: int) -> None:
    shares = {member.name: share(member.name, DEVICES, members, at_ms) for member in members}
    asked = Counter(device for devices in shares.values() for device in devices)
    anybody = any(member.serves(at_ms) for member in members)
    assert asked == (dict.fromkeys(DEVICES, 1) if anybody else {})


@given(st.sets(NAMES, min_size=2), st.data())
def test_when_one_leaves_only_its_devices_move(names: set[str], data: st.DataObject) -> None:
    members = [Member(name, 0) for name in names]
    gone = data.draw(st.sampled_from(sorted(names)))
    left = [member for member in members if member.name != gone]
    moved = {device for device in DEVICES if owner(device, members, 1) != owner(device, left, 1)}
    assert moved == share(gone, DEVICES, members, 1)


def test_shares_are_of_about_one_size() -> None:
    members = [Member(f"p{number}", 0) for number in range(5)]
    sizes = [len(share(member.name, DEVICES, members, 1)) for member in members]
    assert sum(sizes) == 300
    assert min(sizes) >= 40


def test_a_newcomer_takes_its_share_from_the_moment_that_it_names() -> None:
    members = [Member("old", 0), Member("new", 5_000)]
    assert share("new", DEVICES, members, 4_999) == frozenset()
    assert share("old", DEVICES, members, 4_999) == frozenset(DEVICES)
    taken = share("new", DEVICES, members, 5_000)
    assert taken
    assert share("old", DEVICES, members, 5_000) == frozenset(DEVICES) - taken


def test_the_moments_at_which_shares_change() -> None:
    assert turning_points([Member("a", 0, 70), Member("b", 50), Member("c", 50, 60)], 50) == [60, 70]
