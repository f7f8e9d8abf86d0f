"""What the ledger and people hear of remote pollers."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from noc.app.pollersettings import Reach
from noc.app.remotepollers import Heard, Registry
from noc.app.remotestatus import (
    BLIND,
    CLEAR_AFTER_MS,
    CLONED,
    CUT_OFF,
    GONE,
    HOLD_MS,
    NAMED,
    UNHEARD,
    BlindGroup,
    Standing,
    behind,
    said_unheard,
)
from noc.app.remoteway import WaysOut
from noc.availability.times import format_time
from noc.bus.identity import Enrolled
from noc.bus.messages import Presence
from noc.model.check import Check
from noc.model.incident import Incident
from noc.model.reading import Failure, FailureKind, Reading
from tests.unit.alerts.alerting import inventory

KEY = base64.b64encode(bytes(32)).decode()
T = 1_780_000_000_000
REACH = Reach({"east": frozenset({"a", "b"}), "west": frozenset({"c"}), "nobody": frozenset({"d"})})
SITES = {"a": "nairobi", "b": "nairobi", "c": "gao"}


class House:
    """Three pollers, two of one group."""

    def __init__(self) -> None:
        self.registry = Registry(60_000)
        groups = {"p": "east", "q": "east", "w": "west"}
        self.registry.enrol(
            {
                name: Enrolled(poller=name, group=group, user=name, key=KEY, at_ms=0, by="x")
                for name, group in groups.items()
            }
        )
        self.ways = WaysOut({"east": frozenset({"device/a"})})
        self.standing = Standing(self.registry, self.ways, "hq", 60_000)
        self.standing.watch(T)

    def heard(self, name: str) -> Heard:
        found = self.registry.of(name)
        assert found is not None
        return found

    def says(self, name: str, at_ms: int, state: str = "here") -> list[str]:
        said = Presence(poller=name, state=state, boot="a", group="east", from_ms=0)  # type: ignore[arg-type]
        self.registry.presence(name, said, at_ms * 1_000, retained=False)
        return [change.status for change in self.standing.hear(self.heard(name), at_ms)]

    def told(self, at_ms: int, unheard: str | None = None) -> list[tuple[str, str, str, str]]:
        found = self.standing.judge(REACH, SITES.get, at_ms, unheard=unheard)
        return [(one.rule, one.entity, one.status, one.severity) for one in found]


def test_presence_is_the_evidence_of_a_poller() -> None:
    house = House()
    assert house.says("p", T) == ["up"]
    assert house.says("p", T + 10_000) == []
    assert house.says("p", T + 20_000, "gone") == ["down"]
    assert [one.status for one in house.standing.expire(T + 30_000, hears=True)] == []
    assert house.says("p", T + 40_000) == ["up"]


def test_who_is_gone_stays_down_and_who_is_not_heard_becomes_unknown() -> None:
    house = House()
    house.says("p", T, "gone")
    for at_ms in range(T, T + 300_000, 2_000):
        assert house.standing.expire(at_ms, hears=True) == []
    assert house.standing.statuses.status_of("poller/p") == "down"
    (change,) = house.standing.expire(T + 400_000, hears=False)
    assert (change.entity, change.status) == ("poller/p", "unknown")


def test_frames_are_signs_of_life_while_presences_are_rare() -> None:
    house = House()
    house.says("p", T)
    for at_ms in range(T, T + 600_000, 3_000):
        house.registry.heard("p", at_ms)
        assert house.standing.sign(house.heard("p"), at_ms) == []
        assert house.registry.silent(at_ms, T) == []
        assert house.standing.expire(at_ms, hears=True) == []
    assert house.standing.statuses.status_of("poller/p") == "up"
    last_ms = T + 597_000
    assert house.registry.silent(last_ms + 60_001, T) == ["p"]


def test_a_frame_that_comes_after_the_last_will_is_none() -> None:
    house = House()
    house.says("p", T)
    house.says("p", T + 20_000, "gone")
    assert house.standing.sign(house.heard("p"), T + 40_000) == []
    assert house.standing.statuses.status_of("poller/p") == "down"


def test_a_group_that_nobody_polls_is_one_incident_about_who_left_last() -> None:
    house = House()
    for name in ("p", "q", "w"):
        house.says(name, T)
    assert house.told(T) == []
    house.says("p", T + 1_000, "gone")
    assert house.told(T + 1_000) == []
    assert house.told(T + 1_000 + HOLD_MS[GONE]) == [(GONE, "poller/p", "raised", "minor")]
    house.says("q", T + 100_000, "gone")
    assert [one.group for one in house.standing.blind(REACH, SITES.get)] == ["east"]
    assert house.told(T + 100_000) == []
    assert house.told(T + 100_000 + HOLD_MS[BLIND]) == [(BLIND, "poller/q", "raised", "critical")]
    (blind,) = house.standing.blind(REACH, SITES.get)
    assert (blind.since_ms, blind.devices, blind.sites) == (T + 100_000, 2, 1)
    said = blind.said
    assert said.startswith("group east: 2 devices at 1 site are not seen since 2026-05-28T20:28:20Z")


@pytest.mark.parametrize(
    ("alone", "said"), [(True, "calls people by itself for what fails there"), (False, "nobody is called for what")]
)
def test_who_is_told_of_a_blind_group_hears_whether_it_calls_people_by_itself(alone: bool, said: str) -> None:
    house = House()
    house.standing = Standing(house.registry, house.ways, "hq", 60_000, lambda group: alone and group == "west")
    house.standing.watch(T)
    house.says("w", T)
    house.says("w", T + 1_000, "gone")
    house.told(T + 1_000)
    (raised,) = house.standing.judge(REACH, SITES.get, T + 1_000 + HOLD_MS[BLIND], unheard=None)
    assert said in str(raised.facts["said"])


def test_behind_a_blind_group_are_its_devices_and_the_sites_of_which_nobody_sees_any() -> None:
    known = inventory("a", "b")
    whole = BlindGroup("east", T, 2, 1, "p", 1, frozenset({"a", "b", "endpoint/web"}))
    assert set(behind([whole], BLIND, "poller/p", known)) == {"device/a", "device/b", "endpoint/web", "site/s"}
    part = BlindGroup("east", T, 1, 1, "p", 0, frozenset({"a"}))
    assert set(behind([part], BLIND, "poller/p", known)) == {"device/a"}
    assert list(behind([whole], GONE, "poller/p", known)) == []
    assert list(behind([whole], BLIND, "poller/q", known)) == []


def test_what_others_see_is_not_blind_and_end_points_are_counted() -> None:
    house = House()
    for name in ("p", "q", "w"):
        house.says(name, T)
    keys = frozenset({"a", "b", "endpoint/web"})
    reach = Reach({"east": keys, "west": frozenset({"a"})}, here=frozenset({"b"}))
    for name in ("p", "q"):
        house.says(name, T + 1_000, "gone")
    (blind,) = house.standing.blind(reach, {**SITES, "endpoint/web": "z"}.get)
    assert (blind.devices, blind.endpoints, blind.sites) == (0, 1, 1)
    assert blind.said.startswith("group east: 1 end point at 1 site is not seen since")
    seen = Reach({"east": frozenset({"a", "b"}), "west": frozenset({"a"})}, here=frozenset({"b"}))
    assert house.standing.blind(seen, SITES.get) == []
    house.says("w", T + 1_000, "gone")
    assert [one.group for one in house.standing.blind(seen, SITES.get)] == ["east", "west"]


def test_who_comes_back_ends_it_after_a_while() -> None:
    house = House()
    house.says("w", T)
    house.says("w", T + 1_000, "gone")
    house.told(T + 1_000)
    assert house.told(T + 1_000 + HOLD_MS[BLIND]) == [(BLIND, "poller/w", "raised", "critical")]
    house.says("w", T + 50_000)
    assert house.told(T + 50_000) == []
    assert house.told(T + 50_000 + CLEAR_AFTER_MS) == [(BLIND, "poller/w", "cleared", "critical")]
    assert house.told(T + 51_000 + CLEAR_AFTER_MS) == []


def test_a_short_break_is_told_to_nobody() -> None:
    house = House()
    house.says("w", T)
    house.says("w", T + 1_000, "gone")
    house.told(T + 1_000)
    house.says("w", T + 20_000)
    assert house.told(T + 20_000) == []
    assert house.told(T + 90_000) == []


def test_while_nobody_is_heard_that_alone_is_told() -> None:
    house = House()
    house.says("w", T)
    house.says("w", T + 1_000, "gone")
    house.told(T + 1_000)
    house.told(T + 1_000 + HOLD_MS[BLIND])
    away = "mqtt://127.0.0.1:1883: no connection"
    assert house.told(T + 40_000, away) == []
    assert house.told(T + 40_000 + HOLD_MS[UNHEARD], away) == [(UNHEARD, "poller/hq", "raised", "critical")]
    assert house.told(T + 200_000) == []
    assert house.told(T + 200_000 + CLEAR_AFTER_MS) == [(UNHEARD, "poller/hq", "cleared", "critical")]


def test_while_nobody_is_heard_it_is_said_what_is_not_seen_and_since_when() -> None:
    house = House()
    for name in ("p", "w"):
        house.says(name, T)
    away, since_ms = "mqtt://127.0.0.1:1883: no connection", T + 40_000
    assert house.told(since_ms, away) == []
    reach = Reach({**REACH.scopes, "east": frozenset({"a", "b", "c", "endpoint/web"})}, frozenset({"c"}))
    (raised,) = house.standing.judge(reach, SITES.get, since_ms + HOLD_MS[UNHEARD], unheard=away)
    wanted = f"{away}; not seen: group east, 2 devices and 1 end point at 1 site, since {format_time(since_ms)}"
    assert raised.facts["said"] == wanted  # `c` is seen from the centre, and nobody ever polled for `nobody`


def test_a_group_that_was_blind_before_nobody_was_heard_is_not_seen_since_then() -> None:
    house = House()
    for name in ("p", "w"):
        house.says(name, T)
    house.says("w", T + 1_000, "gone")
    house.told(T + 40_000, "no connection")
    groups = house.standing.unheard(REACH, SITES.get, T + 90_000)
    assert [(one.group, one.since_ms) for one in groups] == [("east", T + 40_000), ("west", T + 1_000)]


def test_of_very_many_groups_that_nobody_hears_the_first_are_named() -> None:
    groups = [BlindGroup(f"g{number:02}", T, 34, 1, "p") for number in range(NAMED + 3)]
    said = said_unheard("no connection", groups)
    assert said.startswith(f"no connection; not seen: group g00, 34 devices at 1 site, since {format_time(T)}; ")
    assert said.endswith("; 3 more groups with 102 devices")
    assert f"g{NAMED - 1:02}" in said
    assert f"g{NAMED:02}" not in said
    assert said_unheard("no connection", []) == "no connection"


def test_quarantine_is_told_at_once() -> None:
    house = House()
    house.says("p", T)
    house.says("q", T)
    house.heard("p").row = replace(house.heard("p").row, quarantine="two processes")
    assert house.told(T) == [(CLONED, "poller/p", "raised", "major")]


def test_a_poller_without_a_way_out_is_one_incident_about_it() -> None:
    house = House()
    house.says("p", T)
    check = Check("device/a", "icmp", 10.0, 5.0, liveness=True)
    at = datetime.fromtimestamp(T / 1000, UTC)
    failed = Reading("icmp", "192.0.2.1", "p", at, 0.1, Failure(FailureKind.TIMEOUT, "no reply"))
    assert house.ways.withholds(house.heard("p"), check, failed)
    assert house.told(T) == []
    assert house.told(T + HOLD_MS[CUT_OFF]) == [(CUT_OFF, "poller/p", "raised", "critical")]


def test_after_a_restart_what_was_open_is_known() -> None:
    house = House()
    opened = Incident(1, "poller/w", BLIND, "critical", "default", T, T, {})
    house.standing.take_up([opened, replace(opened, rule="disk-full")])
    house.says("w", T + 1_000)
    house.told(T + 1_000)
    assert house.told(T + 1_000 + CLEAR_AFTER_MS) == [(BLIND, "poller/w", "cleared", "critical")]
