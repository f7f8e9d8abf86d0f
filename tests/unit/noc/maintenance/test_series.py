"""Series in carriers' notices: times that are added, left out and moved, and what a later edition makes of them."""

from __future__ import annotations

import json

from noc.inventory.entities import Circuit
from noc.inventory.inventory import Inventory
from noc.maintenance.imports import Step, steps
from noc.maintenance.notice import Notice
from noc.maintenance.notices import read
from noc.maintenance.occurrences import occurrences
from noc.model.window import PlannedWindow, WindowDecision
from tests.unit.alerts.alerting import REGION, SITE

HOUR = 3_600_000
DAY = 24 * HOUR
MARCH = 1_772_323_200_000  # 2026-03-01T00:00:00Z
CIRCUIT = {"id": "nbo-wan", "name": "n", "kind": "fibre", "site": "s", "a": {"device": "d", "interface": "i"}}
INVENTORY = Inventory(
    {"africa": REGION}, {"s": SITE}, {}, {"nbo-wan": Circuit.model_validate_json(json.dumps(CIRCUIT))}
)
WORK = ("UID:42", "SUMMARY:Work on nbo-wan")
TIMES = ("DTSTART:20260301T020000Z", "DTEND:20260301T040000Z")
WEEKLY = (*WORK, *TIMES, "RRULE:FREQ=WEEKLY;COUNT=4")


def calendar(*events: tuple[str, ...]) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//carrier//EN"]
    for event in events:
        lines += ["BEGIN:VEVENT", *event, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def times(notices: list[Notice]) -> list[tuple[float, float]]:
    """Return all planned times that come of notices, as days since March began and hours."""
    found = []
    for one in notices:
        asked = WindowDecision(
            *("circuit/nbo-wan", 0, 1, "requested", one.start_ms, one.end_ms, one.rrule, one.zone, one.without),
            *("ann", "work"),
        )
        if not one.cancelled:
            approved = WindowDecision(**{**_fields(asked), "step": "approved"})  # type: ignore[arg-type]
            held = occurrences(PlannedWindow((asked, approved)), MARCH, MARCH + 60 * DAY)
            found += [((each.start - MARCH) / DAY, (each.end - each.start) / HOUR) for each in held]
    return sorted(found)


def _fields(decision: WindowDecision) -> dict[str, object]:
    return {name: getattr(decision, name) for name in WindowDecision.__dataclass_fields__}


def test_times_beside_the_rule_are_windows_of_their_own() -> None:
    notices = read(
        calendar(
            (
                *(*WEEKLY, "RDATE:20260303T020000Z,20260315T020000Z", "EXDATE:20260322T020000Z,20260303T020000Z"),
                *("RDATE;VALUE=PERIOD:20260304T000000Z/PT1H,20260305T000000Z/20260305T030000Z", "SEQUENCE:2"),
            )
        )
    )
    assert [one.uid for one in notices] == [
        "42",
        "42#time=20260315T020000Z",  # on a time of the rule: a window of its own, and the same time
        "42#time=20260304T000000Z",
        "42#time=20260305T000000Z",
    ]
    assert {one.sequence for one in notices} == {2}
    assert sorted({day for day, _ in times(notices)}) == [2 / 24, 3, 4, 7 + 2 / 24, 14 + 2 / 24]
    assert dict(times(notices))[3] == 1
    assert dict(times(notices))[4] == 3


def test_a_time_that_is_moved_leaves_its_series() -> None:
    moved = (*WORK, "RECURRENCE-ID:20260308T020000Z", "DTSTART:20260309T000000Z", "DURATION:PT30M", "SEQUENCE:1")
    gone = (*WORK, "RECURRENCE-ID:20260315T020000Z", *TIMES, "STATUS:CANCELLED")
    older = (*WORK, "RECURRENCE-ID:20260308T020000Z", "DTSTART:20260310T000000Z", "DURATION:PT30M")
    notices = read(calendar(moved, WEEKLY, gone, older))
    assert times(notices) == [(2 / 24, 2), (8, 0.5), (21 + 2 / 24, 2)]
    assert [(one.uid, one.sequence, one.cancelled) for one in notices] == [
        ("42#time=20260308T020000Z", 1, False),
        ("42", 1, False),
        ("42#time=20260315T020000Z", 0, True),
    ]


def test_of_work_without_a_rule_one_time_may_be_moved_too() -> None:
    moved = (*WORK, "RECURRENCE-ID:20260301T020000Z", "DTSTART:20260302T000000Z", "DURATION:PT30M")
    assert times(read(calendar((*WORK, *TIMES), moved))) == [(1, 0.5)]


def windows(found: list[Step]) -> list[PlannedWindow]:
    return [
        PlannedWindow(
            (
                WindowDecision(
                    *(step.asked.entity, 0, number, "requested", step.asked.start_ms, step.asked.end_ms),
                    *(step.asked.rrule, step.asked.zone, step.asked.without, "ann", "work"),
                    *(step.asked.source, step.asked.sequence),
                ),
            )
        )
        for number, step in enumerate(found, 1)
        if step.asked is not None
    ]


def test_a_later_edition_takes_back_what_it_tells_of_no_more() -> None:
    first = read(calendar((*WEEKLY, "RDATE:20260303T020000Z,20260305T020000Z")))
    held = windows(steps(first, INVENTORY, [], "ann", 0))
    assert len(held) == 3
    said = [(step.word, step.window) for step in steps(first, INVENTORY, held, "ann", 0)]
    assert said == [("unchanged", 1), ("unchanged", 2), ("unchanged", 3)]
    second = read(calendar((*WEEKLY, "RDATE:20260305T020000Z", "SEQUENCE:1")))
    said = [(step.word, step.window) for step in steps(second, INVENTORY, held, "ann", 0)]
    assert said == [("unchanged", 1), ("unchanged", 3), ("cancel", 2)]
    over = read(calendar((*WEEKLY, "STATUS:CANCELLED", "SEQUENCE:2")))
    said = [(step.word, step.window) for step in steps(over, INVENTORY, held, "ann", 0)]
    assert sorted(said) == [("cancel", 1), ("cancel", 2), ("cancel", 3)]
