"""Two worlds held against each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from noc.model.incident import Incident, Notice, Symptom
from noc.rehearsal.compared import Case, cases_of, compare

DOWN = Case("device/a", "device-down", "major", 60_000, 600_000, None, {"achieng": 2})
PART = replace(DOWN, entity="device/b", root="device/a", calls={})


def test_what_is_equal_is_counted_and_parts_are_not() -> None:
    found = compare([DOWN, PART], [DOWN, PART])
    assert (found.appear, found.vanish, found.move, found.same) == ((), (), (), 1)


def test_parts_that_come_and_go_are_no_incidents() -> None:
    assert compare([DOWN, PART], [DOWN]) == compare([DOWN], [DOWN, PART]) == compare([DOWN], [DOWN])


@pytest.mark.parametrize(
    ("after", "what"),
    [
        (replace(DOWN, from_ms=120_000), ("opens 1m later",)),
        (replace(DOWN, to_ms=None), ("ends not before the end, was at 1970-01-01T00:10:00Z",)),
        (replace(DOWN, to_ms=596_000), ("ends 4s earlier",)),
        (replace(DOWN, severity="critical"), ("is critical, was major",)),
        (replace(DOWN, rule="edge-down"), ("is raised by edge-down, was by device-down",)),
        (replace(DOWN, root="site/x", calls={}), ("is a part of site/x",)),
        (replace(DOWN, calls={"desk": 1}), ("calls desk 1, was achieng 2",)),
    ],
)
def test_what_moves_says_how(after: Case, what: tuple[str, ...]) -> None:
    found = compare([DOWN], [after])
    assert [one.what for one in found.move] == [what]
    assert (found.appear, found.vanish, found.same) == ((), (), 0)


def test_what_was_a_part_of_another_is_an_incident_of_its_own() -> None:
    (moved,) = compare([DOWN, PART], [DOWN, replace(PART, root=None, calls={"desk": 1})]).move
    assert moved.what[0] == "is an incident of its own, was a part of device/a"


def test_what_does_not_overlap_is_another_one() -> None:
    later = replace(DOWN, from_ms=700_000, to_ms=800_000)
    found = compare([DOWN], [later])
    assert (found.vanish, found.appear, found.move) == ((DOWN,), (later,), ())


def test_an_equal_one_is_not_taken_for_its_neighbour() -> None:
    again = replace(DOWN, from_ms=300_000, to_ms=900_000)
    found = compare([DOWN, again], [again])
    assert (found.vanish, found.same) == ((DOWN,), 1)


def test_cases_are_incidents_and_their_symptoms_once_each_and_calls_of_the_time() -> None:
    root = Incident(1, "site/x", "device-down", "major", "", 50, 60, {}, resolved_ms=900)
    merged = Incident(2, "device/a", "device-down", "major", "", 50, 55, {}, resolved_ms=70, parent=1)
    old = Incident(3, "device/z", "device-down", "major", "", 1, 2, {}, resolved_ms=9)
    parts = [
        Symptom(1, 1, "device/a", "device-down", "status", "major", "", 50, 70, {}, left_ms=800),
        Symptom(2, 1, "device/b", "device-down", "status", "minor", "", 50, 71, {}),
    ]
    notices = [
        Notice(1, "k1", 1, 1, "achieng", "email", "page", 60, sent_ms=60),
        Notice(2, "k2", 1, 2, "desk", "email", "escalation", 60, sent_ms=1000),
        Notice(3, "k3", 1, 1, "achieng", "email", "resolved", 900, sent_ms=900),
        Notice(4, "k4", 1, 1, "achieng", "email", "reminder", 80),
    ]
    assert cases_of([root, merged, old], {1: parts}, notices, 10, 1000) == (
        Case("device/a", "device-down", "major", 55, 70, "site/x"),
        Case("site/x", "device-down", "major", 60, 900, None, {"achieng": 1}),
        Case("device/b", "device-down", "minor", 71, 900, "site/x"),
    )
