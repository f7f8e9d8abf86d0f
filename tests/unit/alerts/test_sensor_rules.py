"""The shipped rules of sensors: what is raised by what devices call critical or a warning, and in which words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from alerts.messages import scene_of, words
from alerts.rules.load import load_rules
from noc.inventory.shipped import shipped
from noc.model.incident import Incident, Notice
from noc.model.samples import Samples
from noc.web.words import evidence
from tests.unit.alerts.alerting import START_MS
from tests.unit.alerts.alerting import inventory as of_alerts
from tests.unit.alerts.watching import table, take, watching

SHIPPED, _ = load_rules([shipped("rules")])
RULES = [rule for name, rule in SHIPPED.items() if name.startswith("sensor-")]
OK, WARNING, CRITICAL, UNKNOWN = range(4)


def sensors(minute: float, *statuses: float, names: Sequence[str] = ()) -> Samples:
    told = [
        {"kind": "state", "index": str(n), "name": names[n] if names else f"Fan {n}", "oid": f"1.3.{n}"}
        for n in range(len(statuses))
    ]
    return table(minute, "noc_sensor", "status", list(zip(told, statuses, strict=True)))


def after_an_hour(*statuses: float, names: Sequence[str] = ()) -> list[tuple[str, str, str]]:
    watched = watching(*RULES)
    return [one for minute in range(0, 60, 5) for one in take(watched, sensors(minute, *statuses, names=names))]


@pytest.mark.parametrize(
    ("status", "raised"),
    [(OK, []), (UNKNOWN, []), (WARNING, ["sensor-warning"]), (CRITICAL, ["sensor-critical"])],
)
def test_each_status_has_its_rule(status: float, raised: list[str]) -> None:
    assert after_an_hour(OK, status) == [(name, "device/d", "raised") for name in raised]


def test_fifty_bad_sensors_are_one_incident_that_says_how_many_they_are() -> None:
    assert after_an_hour(*[CRITICAL] * 50) == [("sensor-critical", "device/d", "raised")]
    watched = watching(*RULES)
    changes = [
        change
        for minute in (0, 5, 10)
        for change in watched.take("device/d", [sensors(minute, *[CRITICAL] * 50)], "here")
    ]
    assert [change.facts["series"] for change in changes] == [50]


def test_a_restart_is_too_short() -> None:
    watched = watching(*RULES)
    assert [take(watched, sensors(minute, status)) for minute, status in ((0, CRITICAL), (5, CRITICAL), (10, OK))] == [
        [],
        [],
        [],
    ]


def test_what_was_critical_and_is_a_warning_is_told_by_the_other_rule() -> None:
    watched = watching(*RULES)
    changes = [
        change
        for minute in range(0, 60, 5)
        for change in take(watched, sensors(minute, CRITICAL if minute < 15 else WARNING))
    ]
    assert changes == [
        ("sensor-critical", "device/d", "raised"),
        ("sensor-critical", "device/d", "cleared"),
        ("sensor-warning", "device/d", "raised"),
    ]


def test_a_sensor_that_no_longer_tells_its_state_clears_nothing() -> None:
    watched = watching(*RULES)
    for minute in (0, 5, 10):
        take(watched, sensors(minute, CRITICAL))
    assert take(watched, sensors(15, UNKNOWN)) == []
    assert take(watched, sensors(20, OK)) == [("sensor-critical", "device/d", "cleared")]


def test_tunnels_and_mains_have_rules_of_their_own() -> None:
    assert after_an_hour(CRITICAL, CRITICAL, names=("VPN gw-1 192.0.2.1", "IPsec hub lan")) == []
    assert after_an_hour(WARNING, names=("Output source",)) == []


def test_the_message_names_the_sensor_and_its_state() -> None:
    watched = watching(*RULES)
    (change,) = [
        change
        for minute in (0, 5, 10)
        for change in watched.take("device/d", [sensors(minute, OK, CRITICAL, names=("Fan 1", "PSU B"))], "here")
    ]
    rule = SHIPPED[change.rule]
    facts = {"summary": rule.summary, **change.facts}
    incident = Incident(7, "device/a", rule.name, rule.severity, "standard", START_MS, START_MS, facts)
    notice, scene = Notice(1, "7-a", 7, 1, "achieng", "email", "page", START_MS), scene_of("device/a", of_alerts("a"))
    said = words(incident, notice, scene, START_MS)
    assert said.subject == "major: a: Sensor critical at Nairobi, Africa [#7]"
    assert said.text.startswith("a: Sensor critical (PSU B: critical). ")
    assert evidence(incident) == "PSU B: critical"
    many = replace(incident, facts={**facts, "series": 50})
    assert "(PSU B: critical, and 49 more)" in words(many, notice, scene, START_MS).text
