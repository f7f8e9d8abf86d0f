"""Escalation calls who is on call when a step falls due, whoever looks when; and never nobody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import pytest

from alerts.escalation import Decision, decide, further, ladder_of
from alerts.oncalltargets import Directory
from alerts.policies import AlertSettings
from noc.model.incident import Incident, Notice, NoticeState, Severity
from noc.model.instants import to_ms
from noc.model.oncall import Override

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

DAILY = {"rotation": "daily", "people": ["achieng", "berta"], "start": "2026-03-02"}
"""achieng has Monday 2 March 2026 from 8:00 UTC on, berta the day after."""


def ms(text: str) -> int:
    return to_ms(datetime.fromisoformat(text))


def directory(policy: Mapping[str, object], **more: object) -> Directory:
    people = {name: {"email": f"{name}@example.org"} for name in ("achieng", "berta", "chen", "boss")}
    written = {
        "people": people,
        "notifiers": {"email": {}, "sms": {}},
        "schedules": {"day": {"layers": [DAILY]}},
        "policies": {"standard": policy},
    }
    return Directory.of(AlertSettings.model_validate_json(json.dumps(written | more)))


class Case:
    """An incident over time: what was decided is remembered as the outbox would."""

    def __init__(self, people: Directory, opened: str, severity: Severity = "critical") -> None:
        self.directory = people
        at = ms(opened)
        self.incident = Incident(7, "device/a", "device-down", severity, "standard", at, at, {})
        self.told: list[Notice] = []
        self.decision = Decision()

    def look(self, after_ms: int, became: NoticeState = "sent") -> list[tuple[str, int, str]]:
        now = self.incident.opened_ms + after_ms
        self.decision = decide(self.incident, ladder_of(self.directory, "standard"), self.told, now)
        for notice in self.decision.notices:
            goes = notice.state == "queued" and notice.next_ms <= now
            self.told.append(replace(notice, id=len(self.told) + 1, state=became if goes else notice.state))
        return [(notice.kind, notice.step, notice.person) for notice in self.decision.notices]


ON_CALL = {"steps": [{"notify": ["schedule/day"]}, {"after": "15m", "notify": ["schedule/day", "boss"]}]}


def test_the_step_after_a_hand_off_calls_who_is_on_call_then() -> None:
    case = Case(directory(ON_CALL), "2026-03-03T07:50:00+00:00")
    assert case.look(0) == [("page", 1, "achieng")]
    assert case.look(15 * MINUTE) == [("escalation", 2, "berta"), ("escalation", 2, "boss")]
    assert case.look(16 * MINUTE) == []


def test_who_looks_late_calls_who_was_on_call_when_the_step_fell_due() -> None:
    late = Case(directory(ON_CALL), "2026-03-03T07:50:00+00:00")
    assert late.look(HOUR) == [("page", 1, "achieng"), ("escalation", 2, "berta"), ("escalation", 2, "boss")]


def test_an_override_counts_from_when_it_was_made() -> None:
    opened = ms("2026-03-02T12:00:00+00:00")
    made = Override(1, "day", opened - HOUR, opened + HOUR, "chen", made_ms=opened + MINUTE)
    case = Case(directory(ON_CALL).knowing([made], []), "2026-03-02T12:00:00+00:00")
    assert case.look(5 * MINUTE) == [("page", 1, "achieng")]
    assert case.look(15 * MINUTE) == [("escalation", 2, "chen"), ("escalation", 2, "boss")]
    # A step that was called stays called, whatever somebody writes into the settings meanwhile.
    earlier = replace(made, made_ms=opened - HOUR)
    case.directory = directory(ON_CALL).knowing([earlier], [])
    assert case.look(16 * MINUTE) == []


def test_reminders_follow_the_hand_off() -> None:
    case = Case(
        directory({**ON_CALL, "steps": [{"notify": ["schedule/day"]}], "reminder": "30m"}), "2026-03-03T07:45+00:00"
    )
    assert case.look(0) == [("page", 1, "achieng")]
    assert case.look(30 * MINUTE) == [("reminder", 1, "berta")]
    case.incident = replace(case.incident, resolved_ms=case.incident.opened_ms + HOUR)
    assert {person for _, _, person in case.look(HOUR)} == {"achieng", "berta"}


def test_steps_come_again_as_often_as_the_policy_says_and_then_the_catch_all() -> None:
    policy = {"steps": [{"notify": ["achieng"]}, {"after": "10m", "notify": ["berta"]}], "repeat": 1}
    case = Case(directory(policy, catch_all={"notify": ["boss"], "after": "20m"}), "2026-03-02T12:00:00+00:00")
    moments = {0: "achieng", 10: "berta", 25: "achieng", 35: "berta", 55: "boss"}
    for minute in range(70):
        called = case.look(minute * MINUTE)
        assert [person for _, _, person in called] == ([moments[minute]] if minute in moments else [])
    assert case.decision.next_ms is None
    assert [notice.step for notice in case.told] == [1, 2, 3, 4, 5]


def test_a_hole_in_the_schedule_calls_the_next_at_once_and_the_catch_all_in_the_end() -> None:
    empty = {"day": {"layers": [{**DAILY, "end": "2026-03-03"}]}}
    people = directory({"steps": [{"notify": ["schedule/day"]}]}, schedules=empty, catch_all={"notify": ["boss"]})
    assert Case(people, "2026-03-05T12:00:00+00:00").look(0) == [("escalation", 2, "boss")]


def test_without_any_policy_the_catch_all_is_told() -> None:
    people = directory({}, policies={}, catch_all={"notify": ["boss"]})
    assert Case(people, "2026-03-05T12:00:00+00:00").look(0) == [("page", 1, "boss")]


def test_quiet_hours_hold_what_is_not_grave_until_they_are_over_and_never_the_catch_all() -> None:
    quiet = {"email": "a@example.org", "time_zone": "Africa/Nairobi", "quiet_hours": {"from": "22:00", "to": "06:00"}}
    more = {"people": {"achieng": quiet, "boss": quiet}, "catch_all": {"notify": ["boss"], "after": "1h"}}
    people = directory({"steps": [{"notify": ["achieng"]}]}, **more)
    night = "2026-03-02T20:00:00+00:00"  # 23:00 in Nairobi
    minor = Case(people, night, "minor")
    assert minor.look(0) == [("page", 1, "achieng")]
    assert minor.told[0].next_ms == ms("2026-03-03T06:00:00+03:00")
    (held,) = minor.decision.entries
    assert held == (
        "held",
        {
            "step": 1,
            "why": "quiet_hours",
            "person": "achieng",
            "channel": "email",
            "until": "2026-03-03T03:00:00Z",
        },
    )
    assert minor.look(HOUR) == [("escalation", 2, "boss")]
    assert minor.told[1].next_ms == minor.told[1].created_ms
    major = Case(people, night, "major")
    major.look(0)
    assert major.told[0].state == "sent"


def test_what_is_over_before_quiet_hours_end_is_told_once() -> None:
    quiet = {"email": "a@example.org", "quiet_hours": {"from": "22:00", "to": "06:00"}}
    case = Case(
        directory({"steps": [{"notify": ["achieng"]}]}, people={"achieng": quiet}), "2026-03-02T23:00+00:00", "minor"
    )
    case.look(0)
    case.incident = replace(case.incident, resolved_ms=case.incident.opened_ms + HOUR)
    assert case.look(HOUR) == []


def test_news_and_the_end_wait_for_the_end_of_quiet_hours_too() -> None:
    quiet = {"email": "a@example.org", "quiet_hours": {"from": "22:00", "to": "06:00"}}
    people = directory({"steps": [{"notify": ["achieng"]}]}, people={"achieng": quiet})
    case = Case(people, "2026-03-02T21:00+00:00", "minor")
    case.look(0)
    late = case.incident.opened_ms + 2 * HOUR
    (news,) = further(case.incident, case.told, late, late, ladder_of(people, "standard"))
    assert news.next_ms == ms("2026-03-03T06:00:00+00:00")
    case.incident = replace(case.incident, resolved_ms=late)
    case.look(2 * HOUR)
    assert case.decision.notices[0].next_ms == news.next_ms


OFFICE = {"office": {"time_zone": "Europe/Rome"}}
SPLIT = [{"notify": ["achieng"], "during": "office"}, {"after": "10m", "notify": ["berta"], "outside": "office"}]


@pytest.mark.parametrize(("opened", "called"), [("2026-03-02T10:00", "achieng"), ("2026-03-02T20:00", "berta")])
def test_steps_of_business_hours_and_of_the_rest(opened: str, called: str) -> None:
    case = Case(directory({"steps": SPLIT}, business_hours=OFFICE), f"{opened}:00+00:00")
    for minute in range(20):
        case.look(minute * MINUTE)
    assert [notice.person for notice in case.told if notice.state == "sent"] == [called]
    (passed,) = [notice for notice in case.told if notice.state == "dropped"]
    assert passed.error == "passed over: hours office"


def test_the_clock_of_a_policy_stands_still_outside_its_hours() -> None:
    policy = {"steps": [{"notify": ["achieng"]}, {"after": "2h", "notify": ["berta"]}], "hours": "office"}
    friday = Case(directory(policy, business_hours=OFFICE), "2026-03-06T16:30:00+01:00")
    assert friday.look(0) == [("page", 1, "achieng")]
    assert friday.decision.next_ms == ms("2026-03-09T09:30:00+01:00")
    saturday = Case(directory(policy, business_hours=OFFICE), "2026-03-07T12:00:00+01:00")
    assert saturday.look(0) == []
    assert saturday.decision.next_ms == ms("2026-03-09T08:00:00+01:00")
    assert saturday.look(saturday.decision.next_ms - saturday.incident.opened_ms) == [("page", 1, "achieng")]


SUN = {
    "bangkok": {"time_zone": "Asia/Bangkok", "hours": [{"from": "07:00", "to": "16:00"}], "schedule": "bkk"},
    "nairobi": {"time_zone": "Africa/Nairobi", "hours": [{"from": "08:00", "to": "17:00"}], "schedule": "nbo"},
    "new-york": {"time_zone": "America/New_York", "hours": [{"from": "08:00", "to": "20:00"}], "schedule": "nyc"},
}


@pytest.mark.parametrize(
    ("at", "person"),
    [("01:00", "achieng"), ("06:00", "berta"), ("13:30", "chen"), ("23:59", "chen"), ("08:59", "berta")],
)
def test_work_follows_the_sun_to_the_desk_whose_daylight_lasts_longest(at: str, person: str) -> None:
    desks = {"bkk": "achieng", "nbo": "berta", "nyc": "chen"}
    schedules = {name: {"layers": [{"people": [one]}]} for name, one in desks.items()}
    people = directory({"steps": [{"notify": ["desk/daylight"]}]}, schedules=schedules, desks=SUN)
    assert people.people(["desk/daylight"], ms(f"2026-01-15T{at}:00+00:00")) == (person,)


def test_channels_in_the_order_a_person_wants_and_a_telephone_for_sms() -> None:
    achieng = {"email": "a@example.org", "phone": "+254 20 762 1234", "channels": ["sms", "email"]}
    people = directory({"steps": [{"notify": ["team/all"]}]}, people={"achieng": achieng}, teams={"all": ["achieng"]})
    assert people.settings.channels_of("achieng") == ("sms", "email")
    assert people.targets(["team/all"], None, 0) == (("achieng", "sms"),)
    assert people.everywhere(["person/achieng"], 0) == (("achieng", "sms"), ("achieng", "email"))
