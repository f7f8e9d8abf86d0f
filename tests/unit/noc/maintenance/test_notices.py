"""Carriers' notices: what they say, which circuits they name, and what an edition makes of the one before it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from noc.inventory.entities import Circuit
from noc.inventory.inventory import Inventory
from noc.maintenance.imports import Word, circuits_named, steps
from noc.maintenance.notice import Notice
from noc.maintenance.notices import read
from noc.model.errors import UsageError
from noc.model.window import PlannedWindow, WindowDecision
from tests.unit.alerts.alerting import REGION, SITE

HOUR = 3_600_000
MARCH = 1_772_323_200_000  # 2026-03-01T00:00:00Z


def calendar(*lines: str, method: str = "REQUEST") -> bytes:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//carrier//EN", f"METHOD:{method}", "BEGIN:VEVENT"]
    return "\r\n".join([*head, *lines, "END:VEVENT", "END:VCALENDAR", ""]).encode()


def circuit(key: str, reference: str | None = None) -> Circuit:
    written = {"id": key, "name": key, "kind": "fibre", "site": "s", "a": {"device": "d", "interface": "i"}}
    return Circuit.model_validate_json(json.dumps({**written, "provider_reference": reference}))


INVENTORY = Inventory(
    {"africa": REGION}, {"s": SITE}, {}, {one.id: one for one in (circuit("nbo-wan", "KE/ET-10442"), circuit("ab"))}
)
BASE = ("UID:42@carrier", "SEQUENCE:1", "SUMMARY:Planned work", "DESCRIPTION:Circuit KE/ET-10442 is cut")
TIMES = ("DTSTART;TZID=Africa/Nairobi:20260301T020000", "DTEND;TZID=Africa/Nairobi:20260301T040000")


def test_what_a_notice_says() -> None:
    (found,) = read(calendar(*BASE, *TIMES, "RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE;TZID=Africa/Nairobi:20260308T020000"))
    assert (found.uid, found.sequence, found.cancelled, found.wrong) == ("42@carrier", 1, False, "")
    assert (found.start_ms, found.end_ms) == (MARCH - HOUR, MARCH + HOUR)
    assert (found.rrule, found.zone) == ("FREQ=WEEKLY;COUNT=3", "Africa/Nairobi")
    assert found.without == (MARCH - HOUR + 7 * 24 * HOUR,)
    assert found.text == "Planned work\nCircuit KE/ET-10442 is cut"


@pytest.mark.parametrize(
    ("times", "start", "end"),
    [
        (("DTSTART:20260301T020000Z", "DURATION:PT90M"), 2 * HOUR, 7 * HOUR // 2),
        (("DTSTART:20260301T020000", "DTEND:20260301T030000"), -HOUR, 0),  # by the zone of the import
        (("DTSTART;VALUE=DATE:20260301",), -3 * HOUR, 21 * HOUR),
    ],
)
def test_times(times: tuple[str, ...], start: int, end: int) -> None:
    (found,) = read(calendar(*BASE, *times), "Africa/Nairobi")
    assert (found.start_ms - MARCH, found.end_ms - MARCH) == (start, end)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((*BASE, "DTSTART:20260301T020000Z"), "neither an end"),
        ((*BASE[1:], *TIMES), "no UID"),
        ((*BASE, *TIMES, "RECURRENCE-ID:20260301T020000Z"), "one time of a series that is not in this file"),
        ((*BASE, *TIMES, "RECURRENCE-ID;RANGE=THISANDFUTURE:20260301T020000Z"), "a series that is not in this file"),
        ((*BASE, *TIMES, "RECURRENCE-ID;RANGE=THISANDPRIOR:20260301T020000Z"), "RANGE=THISANDPRIOR is none"),
        ((*BASE, *TIMES, "RDATE;VALUE=PERIOD:20260305T020000Z/20260305T010000Z"), "can't be understood"),
        (BASE, "can't be understood"),
    ],
)
def test_what_can_not_be_understood_is_told(lines: tuple[str, ...], said: str) -> None:
    (found,) = read(calendar(*lines))
    assert said in found.wrong
    assert found.summary == "Planned work"


@pytest.mark.parametrize("content", [b"", b"hello", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", b"\xff\xfe"])
def test_what_is_no_calendar_is_refused(content: bytes) -> None:
    with pytest.raises(UsageError, match=r"no iCalendar file|no event"):
        read(content)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("circuit ke/et-10442.", ["circuit/nbo-wan"]),
        ("circuits (NBO-WAN), ab", ["circuit/nbo-wan"]),  # `ab` is too short to tell
        ("KE/ET-104421 and nbo-wan-2", []),
    ],
)
def test_circuits_are_found_by_their_names(text: str, found: list[str]) -> None:
    assert circuits_named(text, INVENTORY) == found


def notice(**changes: object) -> Notice:
    return replace(read(calendar(*BASE, *TIMES))[0], **changes)  # type: ignore[arg-type]


def window(state: str = "approved", **changes: object) -> PlannedWindow:
    asked = WindowDecision(
        "circuit/nbo-wan", 0, 7, "requested", MARCH - HOUR, MARCH + HOUR, "", "Africa/Nairobi", (), "ann", "w"
    )
    asked = replace(asked, source="42@carrier", sequence=1, **changes)  # type: ignore[arg-type]
    return PlannedWindow((asked,) if state == "requested" else (asked, replace(asked, step=state)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "known", "words"),
    [
        (notice(), [], ["request"]),
        (notice(), [window()], ["unchanged"]),
        (notice(sequence=0, end_ms=MARCH), [window()], ["older"]),
        (notice(sequence=2), [window()], ["unchanged"]),
        (notice(sequence=2, end_ms=MARCH), [window()], ["cancel", "request"]),
        (notice(sequence=2, end_ms=MARCH), [window("cancelled")], ["request"]),
        (notice(sequence=2, text="nothing that we know"), [window()], ["unmatched", "cancel"]),
        (notice(cancelled=True, sequence=2), [window("requested")], ["cancel"]),
        (notice(cancelled=True, sequence=0), [window()], ["older"]),
        (notice(cancelled=True), [], ["unchanged"]),
        (notice(end_ms=-10 * 24 * HOUR), [], ["over"]),
        (notice(wrong="it has no end"), [], ["wrong"]),
    ],
)
def test_what_comes_of_a_notice(given: Notice, known: list[PlannedWindow], words: list[Word]) -> None:
    found = steps([given], INVENTORY, known, "ann", MARCH - 24 * HOUR)
    assert [step.word for step in found] == words


def test_of_two_editions_in_one_file_the_last_counts() -> None:
    found = steps([notice(sequence=3, end_ms=MARCH), notice(sequence=2)], INVENTORY, [], "ann", 0)
    assert [(step.word, step.notice.sequence) for step in found] == [("request", 3)]
    (asked,) = [step.asked for step in found]
    assert asked is not None
    assert (asked.entity, asked.end_ms, asked.source, asked.sequence) == ("circuit/nbo-wan", MARCH, "42@carrier", 3)
