"""Who is on call: never nobody where somebody should be, never two where one should be, whatever clocks do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from alerts.oncall import Duty, Rota, Shift, holes, layer_number, on_call, timeline
from alerts.oncallclock import moment_ms
from alerts.oncallsettings import Clock, Holidays, Layer, Schedule, parse_clock, parse_days, parse_mark
from noc.model.instants import from_ms, to_ms
from noc.model.oncall import Handover, Override
from tests.examples import at_least

HOUR = 3_600_000
DAY = 24 * HOUR


def ms(text: str) -> int:
    return to_ms(datetime.fromisoformat(text))


def schedule(*layers: Mapping[str, object], zone: str = "Europe/Rome", **more: object) -> Schedule:
    return Schedule.model_validate_json(json.dumps({"time_zone": zone, "layers": layers, **more}))


def rota(**schedules: Schedule) -> Rota:
    return Rota(schedules)


def people(found: Shift | None) -> tuple[str, ...]:
    return () if found is None else found.people


WEEKLY = {"people": ["achieng", "berta", "chen"]}
NIGHTS = {"rotation": "custom", "hand_off": ["08:00", "20:00"], "people": ["day", "night"], "start": "2026-01-01"}


def test_a_week_each_in_the_wall_clock_of_the_schedule() -> None:
    one = rota(rome=schedule(WEEKLY))
    assert people(on_call(one, "rome", ms("2024-01-01T06:59:59+00:00"))) == ()
    found = on_call(one, "rome", ms("2024-01-01T07:00:00+00:00"))
    assert found == Shift(ms("2024-01-01T08:00+01:00"), ms("2024-01-08T08:00+01:00"), found.duties if found else ())
    assert found.duties[0].person == "achieng"
    assert (found.duties[0].why, found.duties[0].by) == ("layer", "layer 1")
    assert people(on_call(one, "rome", ms("2024-07-01T05:59:59+00:00"))) == ("berta",)  # week 25, till 8 in summer time
    assert people(on_call(one, "rome", ms("2024-07-01T06:00:00+00:00"))) == ("chen",)


@pytest.mark.parametrize(
    ("day", "night_hours", "zone"),
    [("2026-03-28", 11, "Europe/Rome"), ("2026-10-24", 13, "Europe/Rome"), ("2026-04-04", 12.5, "Australia/Lord_Howe")],
)
def test_the_shift_in_which_clocks_change_is_shorter_or_longer(day: str, night_hours: float, zone: str) -> None:
    one = rota(x=schedule(NIGHTS, zone=zone))
    evening = to_ms(datetime.fromisoformat(f"{day}T20:00").replace(tzinfo=ZoneInfo(zone)))
    night = on_call(one, "x", evening)
    assert night is not None
    assert night.people == ("night",)
    assert (night.end_ms - night.start_ms) / HOUR == night_hours
    assert from_ms(night.end_ms).astimezone(ZoneInfo(zone)).hour == 8


def test_a_hand_off_that_the_clock_jumps_over_takes_place_at_the_jump() -> None:
    zone = ZoneInfo("Europe/Rome")
    assert moment_ms(zone, date(2026, 3, 29), Clock(150)) == ms("2026-03-29T01:00:00+00:00")
    assert moment_ms(zone, date(2026, 10, 25), Clock(150)) == ms("2026-10-25T00:30:00+00:00")  # the first of two
    apia = ZoneInfo("Pacific/Apia")  # had no 30 December 2011
    assert moment_ms(apia, date(2011, 12, 30), Clock(480)) == moment_ms(apia, date(2011, 12, 31), Clock(0))


def test_the_last_layer_that_has_somebody_counts() -> None:
    office = {"people": ["desk"], "hours": [{"days": "mon-fri", "from": "08:00", "to": "18:00"}], "name": "office"}
    one = rota(x=schedule(WEEKLY, office, zone="UTC"))
    assert people(on_call(one, "x", ms("2026-03-02T10:00:00+00:00"))) == ("desk",)
    night = on_call(one, "x", ms("2026-03-02T18:00:00+00:00"))
    assert night is not None
    assert night.duties[0].by == "layer 1"
    assert night.end_ms == ms("2026-03-03T08:00:00+00:00")


def test_holidays_of_a_country_and_of_ones_own() -> None:
    at_work = {"people": ["desk"], "not_on": ["kenya"], "rotation": "daily", "hand_off": "00:00"}
    on_leave = {"people": ["stand-in"], "only_on": ["kenya"], "rotation": "daily", "hand_off": "00:00"}
    kenya = Holidays.model_validate_json('{"country": "KE", "days": {"2026-12-24": "Christmas Eve"}}')
    one = Rota({"x": schedule(at_work, on_leave, zone="Africa/Nairobi")}, {"kenya": kenya})
    for day, expected in (("12-23", "desk"), ("12-24", "stand-in"), ("12-25", "stand-in"), ("12-28", "desk")):
        assert people(on_call(one, "x", ms(f"2026-{day}T09:00:00+03:00"))) == (expected,)
    assert holes(one, "x", ms("2026-01-01T00:00:00+00:00"), ms("2027-01-01T00:00:00+00:00"), 0) == []


def test_overrides_go_over_layers_and_only_from_when_they_were_made() -> None:
    start = ms("2026-03-02T08:00:00+00:00")
    all_of_it = Override(1, "x", start + 2 * HOUR, start + 6 * HOUR, "dora", made_ms=start + HOUR)
    swap = Override(2, "x", start + 4 * HOUR, start + 8 * HOUR, "emil", instead_of="dora", made_ms=start + HOUR)
    gone = Override(3, "x", start, start + DAY, "zoe", made_ms=0, cancelled_ms=start)
    one = rota(x=schedule(WEEKLY, zone="UTC")).knowing([all_of_it, swap, gone], [])
    week = people(on_call(one, "x", start))
    found = timeline(one, "x", start, start + 10 * HOUR, start + HOUR)
    assert [(shift.people, (shift.start_ms - start) // HOUR) for shift in found] == [
        (week, 0),
        (("dora",), 2),
        (("emil",), 4),
        (week, 6),
    ]
    assert people(on_call(one, "x", start + 3 * HOUR, known_ms=start)) == week


def test_the_outgoing_stay_until_the_incoming_accept_and_after_an_hour_both_are_called() -> None:
    daily = {"rotation": "daily", "people": ["achieng", "berta"], "start": "2026-03-02"}
    asked = rota(x=schedule(daily, zone="UTC", hand_over=True))
    at = ms("2026-03-03T08:00:00+00:00")
    assert people(on_call(asked, "x", at)) == ("achieng",)
    assert people(on_call(asked, "x", at + HOUR)) == ("berta", "achieng")
    record = Handover(1, "x", at, "achieng", "berta", "quiet", accepted_ms=at + 10 * 60_000)
    accepted = asked.knowing([], [record])
    assert people(on_call(accepted, "x", at + 10 * 60_000 - 1)) == ("achieng",)
    assert people(on_call(accepted, "x", at + 10 * 60_000)) == ("berta",)
    early = asked.knowing([], [Handover(1, "x", at, "achieng", "berta", "", accepted_ms=at - HOUR)])
    assert people(on_call(early, "x", at)) == ("berta",)
    assert people(on_call(early, "x", at - 1)) == ("achieng",)


def test_a_hole_is_named_with_its_hours_and_only_where_somebody_has_to_be_there() -> None:
    office = {"people": ["desk"], "hours": [{"days": "mon-fri", "from": "08:00", "to": "18:00"}]}
    start = ms("2026-03-23T00:00:00+01:00")
    week = start, start + 7 * DAY - HOUR
    always, promised = schedule(office), schedule(office, covers=[{"days": "mon-fri", "from": "08:00", "to": "19:00"}])
    one = rota(always=always, promised=promised)
    assert len(holes(one, "always", *week, 0)) == 6
    assert holes(one, "promised", *week, 0) == [
        (start + day * DAY + 18 * HOUR, start + day * DAY + 19 * HOUR) for day in range(5)
    ]


FAR_AND_WIDE = "UTC Africa/Nairobi Europe/Rome America/New_York Asia/Bangkok Australia/Lord_Howe Africa/Cairo "
FAR_AND_WIDE += "America/St_Johns Asia/Kathmandu Africa/Casablanca Pacific/Apia America/Santiago"
ZONES = st.sampled_from(FAR_AND_WIDE.split())
CLOCKS = st.integers(0, 95).map(lambda quarter: str(Clock(15 * quarter)))


@given(ZONES, st.lists(CLOCKS, min_size=1, max_size=3, unique=True), st.integers(2005, 2035), st.integers(1, 3))
@at_least(20)
def test_a_rotation_has_no_hole_and_no_double_in_any_zone_and_year(
    zone: str, hand_offs: list[str], year: int, every: int
) -> None:
    names = ["a", "b", "c"]
    turns = {"rotation": "custom", "hand_off": hand_offs, "people": names, "every": every, "start": "2004-01-01"}
    one, place = rota(x=schedule(turns, zone=zone)), ZoneInfo(zone)
    start, end = to_ms(datetime(year, 1, 1, tzinfo=UTC)), to_ms(datetime(year + 1, 1, 1, tzinfo=UTC))
    found = timeline(one, "x", start, end, start)
    assert (found[0].start_ms, found[-1].end_ms) == (start, end)
    assert all(before.end_ms == after.start_ms for before, after in pairwise(found))
    assert all(len(shift.people) == 1 for shift in found)
    for before, after in pairwise(found):
        shown = from_ms(after.start_ms).astimezone(place)
        jumped = shown.utcoffset() != from_ms(after.start_ms - 1).astimezone(place).utcoffset()
        assert f"{shown:%H:%M}" in hand_offs or jumped
        if every == 1 and shown.utcoffset() == from_ms(before.start_ms).astimezone(place).utcoffset():
            assert names.index(after.people[0]) == (names.index(before.people[0]) + 1) % 3
    assert holes(one, "x", start, end, start) == []


@given(ZONES, st.integers(0, 5_700_000), st.booleans())
@at_least(60)
def test_who_is_on_call_at_a_moment_is_who_the_wall_clock_says(zone: str, minute: int, weekly: bool) -> None:
    """An oracle of its own: count the hand-offs that the wall clock has shown by then."""
    names = ["a", "b", "c", "d"]
    layer = {"people": names, "rotation": "weekly" if weekly else "daily"}
    at = ms("2024-02-01T00:00:00+00:00") + minute * 60_000
    wall = from_ms(at).astimezone(ZoneInfo(zone)).replace(tzinfo=UTC)
    passed = (wall - datetime(2024, 1, 1, 8, tzinfo=UTC)) // timedelta(days=7 if weekly else 1)
    assert people(on_call(rota(x=schedule(layer, zone=zone)), "x", at)) == (names[passed % 4],)


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        ({}, "a layer needs `people`"),
        ({"people": ["a"], "calendar": "x.ics"}, "either `people` with a rotation, or `shifts`"),
        ({"people": ["a"], "rotation": "daily", "hand_off": "mon 08:00"}, "daily rotation is written as"),
        ({"people": ["a"], "hand_off": "08:00"}, "weekly rotation is written as"),
        ({"people": ["a"], "rotation": "custom"}, "needs `hand_off`"),
        ({"people": ["a"], "rotation": "daily", "hand_off": ["08:00", "09:00"]}, "has one hand-off"),
        ({"people": ["a"], "rotation": "custom", "hand_off": ["08:00", "mon 08:00"]}, "all of the day"),
        ({"people": ["a"], "rotation": "custom", "hand_off": ["08:00", "08:00"]}, "stands twice"),
    ],
)
def test_a_layer_that_cannot_be_is_told_in_a_sentence(layer: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Layer.model_validate_json(json.dumps(layer))


def test_clocks_days_and_hand_offs_are_read_as_people_write_them() -> None:
    assert parse_days("fri-mon") == (0, 4, 5, 6)
    assert parse_days(["Monday", "wed"]) == (0, 2)
    assert str(parse_mark("Fri 17:00")) == "fri 17:00"
    assert parse_clock("24:00").on(date(2026, 2, 28))[0] == date(2026, 3, 1)
    for wrong in ("8:00", "24:01", "noon", 800):
        with pytest.raises(ValueError, match="is no time of day"):
            parse_clock(wrong)


HOURS = st.fixed_dictionaries(
    {"from": CLOCKS, "to": CLOCKS, "days": st.sampled_from(["mon-fri", "sat-sun", "fri-mon"])}
)
LAYERS = st.lists(
    st.fixed_dictionaries(
        {"people": st.sampled_from([["a"], ["a", "b"], ["c", ["a", "b"]]]), "rotation": st.just("daily")},
        optional={"hours": st.lists(HOURS, max_size=2), "end": st.just("2026-11-15"), "start": st.just("2026-02-01")},
    ),
    min_size=1,
    max_size=3,
)
OVERRIDES = st.lists(
    st.tuples(st.integers(0, 90), st.integers(1, 20), st.sampled_from([None, "a", "b"]), st.sampled_from(["d", "e"])),
    max_size=3,
)


@given(ZONES, LAYERS, OVERRIDES, st.lists(st.integers(0, 100 * 24 * 60 - 1), min_size=1, max_size=12))
@at_least(20)
def test_layers_and_overrides_laid_together_are_what_each_says_alone(
    zone: str, layers: list[dict[str, object]], made: list[tuple[int, int, str | None, str]], minutes: list[int]
) -> None:
    """An oracle of its own: at each moment ask layer by layer from above, then override by override."""
    start = ms("2026-09-01T00:00:00+00:00")
    overrides = [
        Override(number, "x", start + day * DAY, start + day * DAY + length * 5 * HOUR, person, instead)
        for number, (day, length, instead, person) in enumerate(made, start=1)
    ]
    whole = rota(x=schedule(*layers, zone=zone)).knowing(overrides, [])
    alone = [rota(x=schedule(layer, zone=zone)) for layer in layers]
    empty = holes(whole, "x", start, start + 100 * DAY, start)
    for minute in minutes:
        at = start + minute * 60_000
        expected: list[str] = next(
            (list(people(on_call(one, "x", at))) for one in reversed(alone) if on_call(one, "x", at)), []
        )
        for one in overrides:
            if one.start_ms <= at < one.end_ms:
                swapped = [one.person if person == one.instead_of else person for person in expected]
                expected = [one.person] if one.instead_of is None else list(dict.fromkeys(swapped))
        assert list(people(on_call(whole, "x", at))) == expected
        assert any(first <= at < last for first, last in empty) == (not expected)


def test_a_layer_without_a_name_is_known_by_its_number() -> None:
    assert layer_number(Duty("achieng", "layer", "layer 2")) == 2
    for named in (
        Duty("achieng", "layer", "nights"),
        Duty("achieng", "layer", "layer of nights"),
        Duty("a", "override", "2"),
    ):
        assert layer_number(named) is None
