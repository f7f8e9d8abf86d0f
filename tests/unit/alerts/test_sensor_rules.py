"""The shipped rules of sensors: what is raised by what devices call critical or a warning, and in which words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from alerts import desk
from alerts.escalation import FURTHER_AT_MOST
from alerts.messages import words
from alerts.rules.compiled import Rules
from alerts.rules.load import load_rules
from alerts.scene import scene_of
from noc.inventory.shipped import shipped
from noc.model.incident import Incident, Notice
from noc.model.samples import Samples
from noc.web.words import evidence
from tests.unit.alerts.alerting import START_MS, House
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
    assert said.text.startswith("a: Sensor critical (PSU B: critical)\n")
    assert evidence(incident) == "PSU B: critical"
    many = replace(incident, facts={**facts, "series": 50})
    assert "(PSU B: critical, and 49 more)" in words(many, notice, scene, START_MS).text


async def test_a_sensor_that_fails_while_another_one_does_is_told_once(house: House) -> None:
    house.rules = Rules(RULES)
    house.engine.replace(house.rules, house.settings)
    watched = watching(*RULES, over=house.inventory)
    names = ("PSU A", "PSU B")

    async def until(minutes: range, *statuses: float) -> None:
        for minute in minutes:
            found = watched.take("device/a", [sensors(minute, *statuses, names=names)], "here")
            await house.handle(*found)

    await until(range(0, 15, 5), CRITICAL, OK)
    await house.send_all()
    async with house.database.write() as connection:
        await desk.acknowledge(connection, 1, START_MS, "achieng")
    await until(range(15, 60, 5), CRITICAL, CRITICAL)
    await house.send_all()
    assert house.mailbox.told() == [("page", "achieng"), ("further", "achieng")]
    said = house.mailbox.got[1]
    assert said.subject == "MORE: major: a: Sensor critical at Nairobi, Africa [#1]"
    assert said.text.startswith("a: Sensor critical (PSU A: critical, and 1 more; now also PSU B)\nThere is more of it")
    assert await house.lines() == [
        ("opened", "raised"),
        ("notified", None),
        ("acknowledged", None),
        ("note", "further"),
        ("notified", None),
    ]
    (one,) = await house.incidents()
    assert one.state == "acknowledged"
    assert (one.facts["tag.name"], one.facts["further"], one.facts["series"]) == ("PSU A", "PSU B", 2)


async def test_the_one_that_is_left_is_what_the_incident_is_about(house: House) -> None:
    house.engine.replace(Rules(RULES), house.settings)
    watched = watching(*RULES, over=house.inventory)
    for minute, statuses in enumerate([(CRITICAL, OK)] * 3 + [(CRITICAL, CRITICAL)] * 2 + [(OK, CRITICAL)] * 3):
        found = watched.take("device/a", [sensors(5 * minute, *statuses, names=("PSU A", "PSU B"))], "here")
        await house.handle(*found)
    (one,) = await house.incidents()
    assert (one.facts["tag.name"], one.facts["summary"], one.state) == ("PSU B", "Sensor critical", "new")
    assert "further" not in one.facts


async def test_a_further_sensor_after_somebody_closed_it_by_hand_is_a_new_incident(house: House) -> None:
    house.engine.replace(Rules(RULES), house.settings)
    watched = watching(*RULES, over=house.inventory)
    for minute, statuses in enumerate([(CRITICAL, OK)] * 3 + [(CRITICAL, CRITICAL)] * 3):
        found = watched.take("device/a", [sensors(5 * minute, *statuses, names=("PSU A", "PSU B"))], "here")
        await house.handle(*found)
        if minute == 2:
            await house.engine.resolve(1, "achieng")
    assert [(one.state, one.facts["tag.name"]) for one in await house.incidents()] == [
        ("resolved", "PSU A"),
        ("new", "PSU B"),
    ]


async def test_of_sensors_that_fail_one_after_the_other_people_are_told_a_few_times(house: House) -> None:
    house.engine.replace(Rules(RULES), house.settings)
    watched = watching(*RULES, over=house.inventory)
    for failed in range(1, 12):
        for look in range(3):
            statuses = [CRITICAL] * failed + [OK] * (12 - failed)
            house.clock.stall(300)
            found = watched.take("device/a", [sensors(15 * failed + 5 * look, *statuses)], "here")
            await house.handle(*found)
            await house.send_all()
    kinds = [kind for kind, who in house.mailbox.told() if kind == "further" and who == "achieng"]
    assert len(kinds) == FURTHER_AT_MOST
    assert (await house.lines()).count(("note", "further")) == 10
