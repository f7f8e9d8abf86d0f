"""Who polls how much, since when nobody does, and what would move."""

from __future__ import annotations

from dataclasses import replace

from noc.app.pollersnow import moves, standings
from noc.model.poller import RemotePoller

DEVICES = frozenset(f"d{number}" for number in range(300))
A = RemotePoller("a", "africa", state="here", since_ms=100)
B = RemotePoller("b", "africa", state="here", since_ms=200)


def test_those_that_serve_share_all_devices() -> None:
    draining = RemotePoller("c", "africa", state="here", drain=True)
    rows, (group,) = standings([B, A, draining, RemotePoller("d", "africa", state="gone")], {"africa": DEVICES})
    assert [(row.known.name, row.devices > 100) for row in rows] == [
        ("a", True),
        ("b", True),
        ("c", False),
        ("d", False),
    ]
    assert sum(row.devices for row in rows) == 300
    assert (group.serving, group.is_blind, group.blind_ms) == (("a", "b"), False, None)


def test_a_group_is_blind_since_the_last_one_left() -> None:
    gone = [replace(A, state="gone", since_ms=500), replace(B, quarantine="two boots", since_ms=400)]
    rows, (group,) = standings(gone, {"africa": DEVICES})
    assert (group.is_blind, group.blind_ms) == (True, 500)
    assert [(row.state, row.is_wrong) for row in rows] == [("gone", True), ("quarantined", True)]


def test_a_group_without_devices_or_that_never_began_is_told_as_it_is() -> None:
    rows, groups = standings([RemotePoller("n", "new")], {"new": DEVICES, "empty": frozenset()})
    assert [(one.name, one.is_blind, one.blind_ms) for one in groups] == [("empty", False, None), ("new", True, None)]
    assert not rows[0].is_wrong


def test_a_poller_of_a_group_that_is_gone_is_still_listed() -> None:
    rows, groups = standings([A], {})
    assert (rows[0].devices, groups[0].is_blind) == (0, False)


def test_only_what_must_move_moves() -> None:
    made = moves("africa", DEVICES, ["a", "b", "c"], ["a", "b"])
    assert all(old == "c" and new in ("a", "b") for _, old, new in made.moved)
    assert len(made.moved) == made.before["c"]
    assert made.after == {"a": made.after["a"], "b": 300 - made.after["a"], "c": 0}
    assert moves("africa", DEVICES, ["a"], ["a"]).moved == ()
    assert len(moves("africa", DEVICES, [], ["a"]).moved) == 300
