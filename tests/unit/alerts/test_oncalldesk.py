"""What people change about who is on call: overrides, calendars, hand-overs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alerts import desk as incidents_desk
from alerts.oncall import on_call, timeline
from alerts.oncallcalendar import read, with_calendars, write
from alerts.oncalldesk import accept_handover, cancel, override, take, write_handover
from alerts.oncallnow import Policies, known
from alerts.oncalltargets import Directory
from alerts.policies import AlertSettings
from noc.model.errors import ConflictError, UsageError
from noc.model.instants import from_ms, to_ms
from noc.model.oncall import Override
from noc.settings.yamltext import parse
from noc.state import handovers, incidents, overrides
from noc.state.database import Database
from noc.state.incidents import Opening
from tests.database import empty_database

HOUR = 3_600_000
NOW = to_ms(datetime(2026, 3, 3, 7, 50, tzinfo=UTC))
WRITTEN = {
    "people": {name: {"email": f"{name}@example.org"} for name in ("achieng", "berta", "chen")},
    "notifiers": {"email": {}},
    "schedules": {
        "day": {
            "hand_over": True,
            "layers": [{"rotation": "daily", "people": ["achieng", "berta"], "start": "2026-03-02"}],
        }
    },
    "policies": {"standard": {"steps": [{"notify": ["schedule/day"]}]}},
}
SETTINGS = AlertSettings.model_validate_json(json.dumps(WRITTEN))
DIRECTORY = Directory.of(SETTINGS)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    yield database
    await database.stop()


def stand_in(person: str = "chen", start_ms: int = NOW, hours: int = 2) -> Override:
    return Override(0, "day", start_ms, start_ms + hours * HOUR, person, why="dentist", who="achieng")


async def test_a_policy_knows_an_override_as_soon_as_it_is_made_and_no_more_when_it_is_cancelled(
    database: Database,
) -> None:
    policies = Policies(SETTINGS)

    async def called(at_ms: int) -> list[str]:
        async with database.read() as connection:
            ladder = await policies.ladder(connection, "standard", at_ms)
        return [] if ladder is None else [person for person, _ in ladder.targets(ladder.rungs[0], at_ms)]

    assert await called(NOW) == ["achieng"]
    async with database.write() as connection:
        made = await override(connection, DIRECTORY, stand_in(), NOW)
    assert await called(NOW + 1) == ["chen"]
    async with database.write() as connection:
        await cancel(connection, made.id, "achieng", NOW + 2)
    assert await called(NOW + 1) == ["chen"]
    assert await called(NOW + 2) == ["achieng"]
    async with database.write() as connection:
        with pytest.raises(ConflictError, match="was cancelled at 2026-03-03"):
            await cancel(connection, made.id, "achieng", NOW + 3)
        with pytest.raises(LookupError, match="no override 99"):
            await cancel(connection, 99, "achieng", NOW)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (stand_in("chan"), r"nobody 'chan' in alerts.people \(did you mean 'chen'\?\)"),
        (stand_in(hours=0), "ends after it begins"),
        (stand_in(start_ms=NOW - 5 * HOUR), "changes nothing any more"),
        (stand_in(hours=24 * 100), "92 days at most"),
        (Override(0, "days", NOW, NOW + 1, "chen"), r"no schedule 'days' .*did you mean 'day'"),
        (Override(0, "day", NOW, NOW + 1, "chen", "chen"), "stand in for themselves"),
    ],
)
async def test_an_override_that_cannot_be_is_told(database: Database, asked: Override, said: str) -> None:
    async with database.write() as connection:
        with pytest.raises(UsageError, match=said):
            await override(connection, DIRECTORY, asked, NOW)


async def test_a_hand_over_names_what_is_open_and_whoever_accepts_owns_it(database: Database) -> None:
    async with database.write() as connection:
        for number, owner in ((1, "achieng"), (2, None)):
            opening = Opening(f"device/{number}", "down", "status", "major", "standard", NOW - HOUR, NOW - HOUR, {})
            one = await incidents.insert(connection, opening)
            if owner is not None:
                await incidents_desk.acknowledge(connection, one.id, NOW - 1, owner)
        with pytest.raises(UsageError, match="achieng hands over, not 'berta'"):
            await write_handover(connection, DIRECTORY, "day", "berta", "quiet", NOW)
        record = await write_handover(connection, DIRECTORY, "day", "achieng@example.org", "juba sags in rain", NOW)
    assert (record.outgoing, record.incoming, record.incidents) == ("achieng", "berta", {1: "achieng", 2: ""})
    assert from_ms(record.at_ms) == datetime(2026, 3, 3, 8, tzinfo=UTC)
    after = record.at_ms + 10 * 60_000
    async with database.read() as connection:
        shift = on_call((await known(connection, DIRECTORY, after)).rota, "day", after)
    assert shift is not None
    assert [(duty.person, duty.why) for duty in shift.duties] == [("achieng", "hand_over")]
    async with database.write() as connection:
        with pytest.raises(UsageError, match="is for berta, not 'chen'"):
            await accept_handover(connection, DIRECTORY, record.id, "chen", after)
        accepted, owned = await accept_handover(connection, DIRECTORY, record.id, "berta", after)
        assert (accepted.accepted_by, owned) == ("berta", [1])
        with pytest.raises(ConflictError, match="accepted already"):
            await accept_handover(connection, DIRECTORY, record.id, "berta", after)
    async with database.read() as connection:
        first = await incidents.get(connection, 1)
        entries = await incidents.timeline_of(connection, 1)
        now = await known(connection, DIRECTORY, after)
        assert [one.id for one in await handovers.page(connection)] == [record.id]
    assert first is not None
    assert first.acknowledged_by == "berta"
    assert (entries[-1].kind, dict(entries[-1].facts)) == (
        "handed_over",
        {"handover": 1, "from": "achieng", "to": "berta"},
    )
    taken = on_call(now.rota, "day", after)
    assert taken is not None
    assert taken.people == ("berta",)


CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:nights
SUMMARY:On call: Chen
ATTENDEE:mailto:CHEN@example.org
DTSTART;TZID=Europe/Rome:20260301T200000
DTEND;TZID=Europe/Rome:20260302T080000
RRULE:FREQ=DAILY;COUNT=40
EXDATE;TZID=Europe/Rome:20260310T200000
END:VEVENT
BEGIN:VEVENT
UID:stranger
SUMMARY:Mallory
DTSTART:20260305T080000Z
DTEND:20260305T090000Z
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n").encode()


async def test_a_calendar_makes_overrides_and_the_same_again_changes_nothing(database: Database) -> None:
    start, end = from_ms(NOW), from_ms(NOW) + timedelta(days=365)
    shifts, wrong = read(CALENDAR, SETTINGS.people, ZoneInfo("UTC"), start, end)
    assert len(shifts) == 37
    (said,) = wrong
    assert said.startswith("the event 'Mallory': neither its attendee nor its summary is a person of `people`; write")
    lengths = {one.end_ms - one.start_ms for one in shifts}
    assert lengths == {12 * HOUR, 11 * HOUR}  # the night in which summer time begins
    async with database.write() as connection:
        assert await take(connection, "day", "nights.ics", shifts, "achieng", NOW) == (37, 0)
        assert await take(connection, "day", "nights.ics", shifts, "achieng", NOW) == (0, 0)
        assert await take(connection, "day", "nights.ics", shifts[5:], "achieng", NOW) == (0, 5)
        assert len(await overrides.of_source(connection, "day:nights.ics")) == 32


def test_a_layer_may_be_a_calendar_and_what_noc_writes_it_can_read(tmp_path: Path) -> None:
    people, start = SETTINGS.people, NOW - 24 * HOUR
    shifts = timeline(DIRECTORY.rota, "day", start, start + 30 * 24 * HOUR, 0)
    text = write("day", [(shift.people[0], shift, []) for shift in shifts], NOW)
    (tmp_path / "day.ics").write_text(text, newline="")
    written = WRITTEN | {"schedules": {"day": {"layers": [{"calendar": "day.ics"}]}}}
    loaded, findings = with_calendars(
        AlertSettings.model_validate_json(json.dumps(written)), tmp_path, NOW, parse("{}", "noc.yaml")
    )
    assert findings == []
    again = timeline(Directory.of(loaded).rota, "day", start, start + 30 * 24 * HOUR, 0)
    assert [(one.start_ms // 1000, one.people) for one in again] == [
        (one.start_ms // 1000, one.people) for one in shifts
    ]
    assert set(people) >= {one.people[0] for one in again}


def test_a_file_that_is_no_calendar_is_told() -> None:
    for content in (b"hello", b"", b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"):
        with pytest.raises(UsageError, match="no iCalendar"):
            read(content, {}, UTC, from_ms(NOW), from_ms(NOW + HOUR))
