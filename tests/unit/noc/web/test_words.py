from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.i18n.language import language
from noc.model.incident import Facts, Incident
from noc.model.instants import from_ms
from noc.web import words
from noc.web.zones import times_for


def incident(rule: str = "device-down", facts: Facts | None = None) -> Incident:
    return Incident(1, "device/a", rule, "major", "standard", 0, 0, facts or {})


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3_599, "59 min"),
        (3_600, "1 h"),
        (12_000, "3 h 20 min"),
        (86_400, "1 d"),
        (187_200, "2 d 4 h"),
        (950_000, "10 d"),
    ],
)
def test_a_duration_has_two_units_at_most(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (Fraction(100), "100.000"),
        (Fraction(0), "0.000"),
        (Fraction(99_999_9, 10_000), "99.999"),
        (Fraction("99.79999"), "99.799"),
    ],
)
def test_a_percentage_is_never_rounded_up_to_what_it_is_not(value: Fraction | None, text: str) -> None:
    assert words.percent(value) == text


@given(st.fractions(min_value=0, max_value=100))
def test_a_percentage_as_written_is_at_most_itself(value: Fraction) -> None:
    assert value - Fraction(1, 1000) < Fraction(words.percent(value)) <= value


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "bit/s", "–"),
        (0.0, "bit/s", "0 bit/s"),
        (4_560_000.0, "bit/s", "4.56 Mbit/s"),
        (999.0, "bit/s", "999 bit/s"),
        (-12_300.0, "B", "-12.3 kB"),
        (24.0, "celsius", "24 °C"),
        (97.25, "percent", "97.2 %"),
        (1.5, None, "1.50"),
        (7.0, "furlongs", "7 furlongs"),
        (1_797_517_847.0, None, "1,797,517,847"),
        (-10_600.4, "watts", "-10,600 W"),
        (0.0002, "seconds", "0.20 ms"),
        (-0.25, "seconds", "-250 ms"),
        (0.0, "seconds", "0 s"),
        (119.0, "seconds", "119 s"),
        (180.0, "seconds", "3 min"),
    ],
)
def test_a_quantity_has_three_figures_and_its_unit(value: float | None, unit: str | None, text: str) -> None:
    assert words.quantity(value, unit) == text


def test_seconds_are_said_as_lengths_of_time_are() -> None:
    arabic = language("ar")
    assert words.quantity(0.0, "seconds", arabic) == words.duration(0, arabic) != "0 s"
    assert words.quantity(12.0, "seconds", arabic) == words.duration(12, arabic)
    assert words.quantity(240.0, "seconds", arabic) == words.duration(240, arabic)


def test_what_is_wrong_is_the_summary_or_the_rule_in_words() -> None:
    assert words.title(incident("interface-in-utilisation")) == "Interface in utilisation"
    assert words.title(incident(facts={"summary": "Line full"})) == "Line full"
    assert words.title(incident(facts={"summary": "Line full", "status": "degraded"})) == "Degraded: line full"
    assert words.title(incident(facts={"summary": "MODCOD low", "status": "degraded"})) == "Degraded: MODCOD low"


def test_a_name_of_the_program_keeps_its_short_forms() -> None:
    assert words.readable("satellite-modem") == "Satellite modem"
    assert words.readable("ups") == "UPS"
    assert words.readable("ip-phone") == "IP phone"


def test_evidence_is_a_number_with_its_limit() -> None:
    assert words.evidence(incident()) == ""
    assert words.evidence(incident(facts={"value": 97.2, "unit": "percent"})) == "97.2 %"
    assert words.evidence(incident(facts={"value": 97.2, "limit": 95, "unit": "percent"})) == "97.2 %, limit 95 %"


def test_what_is_only_so_or_not_so_is_no_evidence_beside_a_title_that_says_it() -> None:
    assert words.evidence(incident(facts={"value": 0, "limit": 0})) == ""
    assert words.evidence(incident(facts={"value": 1.0, "limit": 1, "unit": ""})) == ""
    assert words.evidence(incident(facts={"value": 1, "limit": 1, "unit": "db"})) == "1 dB, limit 1 dB"
    assert words.evidence(incident(facts={"value": 12, "limit": 1})) == "12, limit 1"


def test_a_timeline_leaves_out_what_stands_in_the_facts() -> None:
    told = {"why": "cleared", "value": 0, "limit": 1, "clear": 0, "measurement": "noc_service", "metric": "away"}
    assert words.said({**told, "place": "brindisi", "person": "luca", "attempts": 1}) == [
        ("", "its rule was cleared"),
        ("Place", "brindisi"),
    ]
    assert words.said({"value": 4, "limit": 9, "attempts": 3}) == [("Measured", "4, limit 9"), ("Attempts", "3")]


def test_facts_are_told_in_words_and_what_is_unknown_is_left_out() -> None:
    facts: Facts = {"since_ms": 0, "after_s": 300, "why": "stale", "tag.ifName": "Gi0/0", "text": "hello", "loss": None}
    assert words.facts(facts) == [
        ("Since", "1 Jan 1970, 00:00:00 UTC"),
        ("After", "5 min"),
        ("Why", "nobody sees it any more"),
        ("IfName", "Gi0/0"),
    ]


def test_times_in_facts_are_written_as_the_page_writes_times() -> None:
    facts: Facts = {"window_until": "2026-03-01T04:00:00Z", "until": "the end"}
    assert words.facts(facts) == [("In the window until", "1 Mar 2026, 04:00 UTC"), ("Until", "the end")]
    times = times_for("Asia/Bangkok", "", "", None)
    french = language("fr")
    assert words.facts(facts, french, times.read(french, from_ms(0)))[0][1] == "1 mars 2026, 11:00 +07:00"


def test_a_number_and_its_limit_are_one_fact_with_their_unit() -> None:
    facts: Facts = {"limit": 6, "tag.name": "demodulator 1", "unit": "db", "value": 4.1}
    assert words.facts(facts) == [("Measured", "4.10 dB, limit 6 dB"), ("Name", "demodulator 1")]
    assert words.facts({"value": 0.5}) == [("Measured", "0.50")]
    assert words.facts({"value": "off", "limit": 3}) == [("Value", "off"), ("Limit", "3")]


def test_times_come_back_as_they_went() -> None:
    moment = datetime(2026, 11, 21, 9, 49, 0, 123_000, tzinfo=UTC)
    assert words.at(words.ms(moment)) == moment


def test_a_number_and_its_limit_keep_their_places_where_lines_begin_at_the_right() -> None:
    seen = incident(facts={"value": 2.1, "limit": 5, "unit": "db"})
    assert words.evidence(seen, language("ar")) == "\u20662.10 dB\u2069، الحد \u20665 dB\u2069"


def test_a_priority_is_told_before_what_it_was_made_of() -> None:
    told = {"impact": 3, "people": 0, "priority": 4, "sites": 1, "urgency": 4}
    assert [name for name, _ in words.said(told)] == ["Priority", "Impact", "Urgency", "People", "Sites"]


@pytest.mark.parametrize(
    ("milliseconds", "said"),
    [(1, "0.1 s"), (49, "0.1 s"), (340, "0.3 s"), (999, "1.0 s"), (1000, "1 s")],
)
def test_by_how_much_something_comes_sooner_is_never_nothing(milliseconds: int, said: str) -> None:
    assert words.shift(milliseconds) == said


def test_what_the_auditor_found_is_said_as_it_was() -> None:
    assert words.said({"why": "repaired", "was": "lost"}) == [("", "it had no next action, and was looked at again")]
    late = "what was to be done for it next was overdue, and noc turned to it at once"
    assert words.said({"why": "repaired", "was": "late"}) == [("", late)]


def test_what_an_incident_became_a_part_of_is_named() -> None:
    names = [name for name, _ in words.said({"into": 4, "root": "site/valencia"}, language("fr"))]
    assert names == ["Dans l’incident", "Cause"]
