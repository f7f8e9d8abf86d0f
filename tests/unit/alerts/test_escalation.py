"""Escalation: whoever is to be told is told, once, however often and however late somebody looks."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from alerts.escalation import Decision, Ladder, Rung, decide, key_of, ladder_of
from alerts.policies import AlertSettings
from noc.model.incident import Incident, Notice, NoticeState

MINUTE = 60_000
OPENED = 1_772_323_200_000
INCIDENT = Incident(7, "device/a", "device-down", "critical", "standard", OPENED - 5_000, OPENED, {})
ACHIENG, BERTA, CHEN = ("achieng", "email"), ("berta", "email"), ("chen", "email")
TWO_STEPS = Ladder((Rung(0, (ACHIENG,)), Rung(15 * MINUTE, (BERTA, CHEN))), 30 * MINUTE, 5)


class Telling:
    """An incident over time: what was decided is remembered as the outbox would."""

    def __init__(self, ladder: Ladder | None = TWO_STEPS, incident: Incident = INCIDENT) -> None:
        self.ladder = ladder
        self.incident = incident
        self.told: list[Notice] = []
        self.decision = Decision()

    def look(self, after_ms: int, became: NoticeState = "sent") -> list[tuple[str, str, int]]:
        """Decide, and say what became of the new notices; return their kinds, people and steps."""
        self.decision = decide(self.incident, self.ladder, self.told, OPENED + after_ms)
        self.told += [replace(notice, state=became) for notice in self.decision.notices]
        return [(notice.kind, notice.person, notice.step) for notice in self.decision.notices]


def test_a_page_at_once_an_escalation_after_a_quarter_of_an_hour_then_reminders() -> None:
    telling = Telling()
    assert telling.look(0) == [("page", "achieng", 1)]
    assert telling.decision.next_ms == OPENED + 15 * MINUTE
    assert telling.look(15 * MINUTE - 1) == []
    assert telling.look(15 * MINUTE) == [("escalation", "berta", 2), ("escalation", "chen", 2)]
    (entry,) = telling.decision.entries
    assert entry == ("escalated", {"step": 2, "after_s": 900, "why": "unacknowledged", "to": "berta, chen"})
    assert telling.decision.next_ms == OPENED + 30 * MINUTE
    assert telling.look(30 * MINUTE) == [("reminder", "achieng", 1), ("reminder", "berta", 2), ("reminder", "chen", 2)]
    assert telling.decision.entries == (("reminded", {"number": 1, "to": "achieng, berta, chen"}),)
    for number in range(2, 6):
        assert len(telling.look(number * 30 * MINUTE)) == 3
    assert telling.decision.next_ms is None
    assert telling.look(1000 * MINUTE) == []


def test_an_acknowledged_incident_calls_nobody() -> None:
    telling = Telling()
    telling.look(0)
    telling.incident = replace(INCIDENT, acknowledged_ms=OPENED + 1, acknowledged_by="achieng")
    assert telling.look(100 * MINUTE) == []
    assert (telling.decision.next_ms, telling.decision.why) == (None, "acknowledged")


def test_the_end_is_told_to_exactly_those_who_were_told_of_the_beginning() -> None:
    telling = Telling()
    telling.look(0)
    telling.look(15 * MINUTE, became="dead")  # neither berta nor chen heard of it
    telling.incident = replace(INCIDENT, resolved_ms=OPENED + 20 * MINUTE)
    assert telling.look(20 * MINUTE) == [("resolved", "achieng", 1)]
    assert telling.decision.next_ms is None
    assert telling.look(20 * MINUTE) == []


def test_the_end_is_told_to_nobody_where_the_policy_says_so_and_to_all_where_the_policy_is_gone() -> None:
    for ladder, expected in ((replace(TWO_STEPS, resolved=False), []), (None, [("resolved", "achieng", 1)])):
        telling = Telling()
        telling.look(0)
        telling.ladder = ladder
        telling.incident = replace(INCIDENT, resolved_ms=OPENED + MINUTE, acknowledged_ms=OPENED + 1)
        assert telling.look(MINUTE) == expected


def test_a_step_that_reaches_nobody_does_not_keep_the_next_one_waiting() -> None:
    telling = Telling()
    telling.look(0, became="dead")
    assert telling.look(MINUTE) == [("escalation", "berta", 2), ("escalation", "chen", 2)]
    assert telling.decision.entries[0][1]["why"] == "undelivered"
    assert telling.look(16 * MINUTE) == []


def test_a_step_without_targets_is_passed_over_at_once() -> None:
    telling = Telling(Ladder((Rung(0, ()), Rung(MINUTE, (BERTA,)))))
    assert telling.look(0) == [("escalation", "berta", 2)]


def test_a_first_step_that_comes_later_is_waited_for() -> None:
    telling = Telling(Ladder((Rung(5 * MINUTE, (ACHIENG,)),)))
    assert telling.look(0) == []
    assert telling.decision.next_ms == OPENED + 5 * MINUTE
    assert telling.look(5 * MINUTE) == [("page", "achieng", 1)]


def test_after_a_long_pause_every_step_is_told_and_only_one_reminder() -> None:
    telling = Telling()
    telling.look(0)
    assert telling.look(100 * MINUTE) == [
        ("escalation", "berta", 2),
        ("escalation", "chen", 2),
        ("reminder", "achieng", 1),
    ]
    assert telling.decision.next_ms == OPENED + 120 * MINUTE


def test_who_has_something_on_its_way_gets_no_reminder_of_it() -> None:
    telling = Telling()
    telling.look(0, became="queued")
    assert telling.look(15 * MINUTE) != []
    assert telling.look(30 * MINUTE) == [("reminder", "berta", 2), ("reminder", "chen", 2)]


def test_without_a_policy_or_anybody_to_tell_nothing_is_sent_and_the_reason_is_there() -> None:
    assert decide(INCIDENT, None, (), OPENED).why == "none"
    nobody = decide(INCIDENT, Ladder((Rung(0, ()),)), (), OPENED)
    assert (nobody.notices, nobody.why, nobody.next_ms) == ((), "nobody", None)


def test_keys_differ_in_all_that_tells_notices_apart() -> None:
    keys = {
        key_of(INCIDENT, "page", 1, ACHIENG),
        key_of(replace(INCIDENT, id=8), "page", 1, ACHIENG),
        key_of(replace(INCIDENT, opened_ms=OPENED + 1), "page", 1, ACHIENG),
        key_of(INCIDENT, "reminder", 1, ACHIENG),
        key_of(INCIDENT, "page", 2, ACHIENG),
        key_of(INCIDENT, "page", 1, BERTA),
        key_of(INCIDENT, "page", 1, ("achieng", "sms")),
    }
    assert len(keys) == 7
    assert key_of(INCIDENT, "page", 1, ACHIENG) in keys


def test_a_ladder_is_the_policy_with_everything_looked_up() -> None:
    settings = AlertSettings.model_validate_json(
        """{"people": {"achieng": {"email": "a@example.org"}, "berta": {}},
            "notifiers": {"email": {}},
            "policies": {"standard": {"steps": [{"after": "15m", "notify": ["berta", "achieng", "achieng"]},
                                                {"notify": ["achieng"]}], "reminder": "30m"}}}"""
    )
    ladder = Ladder((Rung(0, (ACHIENG,)), Rung(15 * MINUTE, (ACHIENG,))), 30 * MINUTE, 5)
    assert ladder_of(settings, "standard") == ladder
    assert ladder_of(settings, None) == ladder
    assert ladder_of(settings, "gone") == ladder
    assert ladder_of(AlertSettings(), None) is None


TARGETS = st.lists(st.sampled_from([ACHIENG, BERTA, CHEN]), unique=True, max_size=3).map(tuple)


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    moments = sorted(draw(st.sets(st.integers(0, 100), min_size=1, max_size=4)))
    reminder = draw(st.none() | st.integers(1, 60))
    rungs = tuple(Rung(moment * MINUTE, draw(TARGETS)) for moment in moments)
    return Ladder(rungs, None if reminder is None else reminder * MINUTE, draw(st.integers(0, 4)), draw(st.booleans()))


OUTCOMES = st.sampled_from(["sent", "queued", "claimed", "dead"])
LOOKS = st.lists(st.tuples(st.integers(0, 400 * MINUTE), OUTCOMES), min_size=1, max_size=12)


@given(ladders(), LOOKS)
def test_nobody_is_told_the_same_twice_and_the_next_moment_lies_ahead(
    ladder: Ladder, looks: list[tuple[int, NoticeState]]
) -> None:
    telling = Telling(ladder)
    for after_ms, became in sorted(looks):
        telling.look(after_ms, became)
        next_ms = telling.decision.next_ms
        assert next_ms is None or next_ms > OPENED + after_ms
    assert max(Counter(notice.key for notice in telling.told).values(), default=1) == 1
    reminders = Counter((notice.person, notice.channel) for notice in telling.told if notice.kind == "reminder")
    assert all(number <= ladder.reminders for number in reminders.values())


@given(ladders(), LOOKS)
def test_calls_do_not_depend_on_when_somebody_looked(ladder: Ladder, looks: list[tuple[int, NoticeState]]) -> None:
    def calls(moments: list[int]) -> set[str]:
        telling = Telling(ladder)
        for moment in moments:
            telling.look(moment)
        return {notice.key for notice in telling.told if notice.kind != "reminder"}

    moments = sorted(moment for moment, _ in looks)
    everything = calls(moments)
    assert calls([moments[-1]]) == everything
    assert calls([0, *moments]) == everything


CALLED_AS_THE_REMINDER_FALLS_DUE = Ladder(
    (Rung(0, ()), Rung(MINUTE, (("achieng", "email"),)), Rung(22 * MINUTE, (("achieng", "email"),))),
    reminder_ms=22 * MINUTE,
    reminders=2,
    resolved=False,
)


@given(ladders())
@example(CALLED_AS_THE_REMINDER_FALLS_DUE)
def test_who_looks_only_when_told_to_misses_nothing(ladder: Ladder) -> None:
    patient, restless = Telling(ladder), Telling(ladder)
    moment: int | None = 0
    looked = []
    while moment is not None:
        looked.append(moment)
        patient.look(moment)
        moment = None if patient.decision.next_ms is None else patient.decision.next_ms - OPENED
    for minute in range(looked[-1] // MINUTE + 1):
        restless.look(minute * MINUTE)
    assert all(later > earlier for earlier, later in pairwise(looked))
    assert {notice.key for notice in patient.told} == {notice.key for notice in restless.told}


@given(ladders(), LOOKS, st.booleans())
def test_the_end_reaches_those_who_were_called_and_nobody_else(
    ladder: Ladder, looks: list[tuple[int, NoticeState]], owned: bool
) -> None:
    telling = Telling(ladder)
    for after_ms, became in sorted(looks):
        telling.look(after_ms, became)
    called = {(n.person, n.channel) for n in telling.told if n.kind != "reminder" and n.state != "dead"}
    acknowledged = OPENED + 401 * MINUTE if owned else None
    telling.incident = replace(INCIDENT, acknowledged_ms=acknowledged, resolved_ms=OPENED + 402 * MINUTE)
    told = telling.look(402 * MINUTE)
    assert {kind for kind, _, _ in told} <= {"resolved"}
    assert {(person, "email") for _, person, _ in told} == (called if ladder.resolved else set())
    assert telling.decision.next_ms is None
