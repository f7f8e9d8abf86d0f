"""Rules over events: what fits, how many, for whom, and what ends it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerts.eventwatch import EventWatch
from alerts.rules.compiled import Rules
from alerts.rules.load import load_rules
from noc.clock import Steps
from noc.inventory.entities import Region, Site
from noc.inventory.inventory import Inventory
from noc.model.event import Event
from noc.model.incident import Fact
from tests.things import device

HEAD = "kind: event\nsummary: x\nseverity: major\n"
BEGIN_MS = int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp() * 1000)
MINUTE = 60_000
SITE = {"id": "s", "name": "S", "region": "africa", "class": "field", "time_zone": "Africa/Nairobi"}


def watch_of(folder: Path, text: str, *, in_window: bool = False) -> EventWatch:
    (folder / "x.yaml").write_text(HEAD + text)
    rules, findings = load_rules([folder])
    assert [str(one) for one in findings] == []
    regions = {"africa": Region(id="africa", name="Africa")}
    sites = {"s": Site.model_validate_json(str(SITE).replace("'", '"'))}
    inventory = Inventory(regions, sites, {name: device(name) for name in ("a", "b", "c")})
    return EventWatch(Rules(rules.values()), inventory, "here", lambda _, __: in_window)


def event(minute: float, name: str = "a", **facts: Fact) -> Event:
    at_ms = BEGIN_MS + int(minute * MINUTE)
    text = str(facts.pop("text", "Failed password for root"))
    return Event(
        "192.0.2.1", f"device/{name}", "syslog", "sshd", "authentication", "warning", at_ms, at_ms, facts, text
    )


def take(watch: EventWatch, *events: Event) -> list[tuple[str, str]]:
    return [(one.entity, one.status) for one in watch.take(events)]


def tick(watch: EventWatch, minute: float) -> list[tuple[str, str]]:
    return [(one.entity, one.status) for one in watch.tick(BEGIN_MS + int(minute * MINUTE))]


def test_so_many_within_a_time(tmp_path: Path) -> None:
    watch = watch_of(tmp_path, "match: {classes: [authentication]}\ncount: 3\nwithin: 5m\nclear_after: 20m\n")
    assert take(watch, event(0), event(1), event(6)) == []  # the first is too old when the third comes
    (raised,) = watch.take([event(6.5), event(7)])
    assert (raised.entity, raised.since_ms, raised.facts["events"]) == ("device/a", BEGIN_MS + 6 * MINUTE, 3)


def test_counted_and_quiet_again(tmp_path: Path) -> None:
    watch = watch_of(tmp_path, "match: {classes: [authentication]}\ncount: 3\nwithin: 10m\nclear_after: 20m\n")
    assert take(watch, event(0), event(1)) == []
    (raised,) = watch.take([event(2, user="root", **{"from": "198.51.100.7"})])
    assert (raised.since_ms, raised.decided_ms) == (BEGIN_MS, BEGIN_MS + 2 * MINUTE)
    wanted = {"events": 3, "user": "root", "from": "198.51.100.7", "within_s": 600, "event": "sshd"}
    assert {name: raised.facts[name] for name in wanted} == wanted
    assert take(watch, event(10)) == []  # it is raised already
    assert tick(watch, 29.9) == []
    assert tick(watch, 30) == [("device/a", "cleared")]
    assert tick(watch, 31) == []
    assert take(watch, event(40)) == []


def test_a_leap_of_the_clock_is_no_time_of_quiet_and_none_between_events(tmp_path: Path) -> None:
    watch = watch_of(tmp_path, "match: {classes: [authentication]}\ncount: 3\nwithin: 10m\nclear_after: 20m\n")
    assert take(watch, event(0), event(1)) == []
    watch.steps = Steps(((BEGIN_MS + 62 * MINUTE, 60 * MINUTE),))
    assert tick(watch, 62) == []
    (raised,) = watch.take([event(63)])
    assert (raised.since_ms, raised.facts["events"]) == (BEGIN_MS, 3)
    watch.steps = Steps((*watch.steps.known, (BEGIN_MS + 130 * MINUTE, 60 * MINUTE)))
    assert tick(watch, 142.9) == []
    assert tick(watch, 143) == [("device/a", "cleared")]


def test_different_devices_of_a_network(tmp_path: Path) -> None:
    watch = watch_of(tmp_path, "match: {classes: [authentication]}\nper: network\ndistinct: device\ncount: 3\n")
    assert take(watch, event(0, "a"), event(1, "a"), event(2, "b"), event(3, "b")) == []
    (raised,) = watch.take([event(4, "c")])
    assert (raised.entity, raised.facts["events"], raised.facts["devices"]) == ("network", 3, "a, b, c")


@pytest.mark.parametrize(
    ("text", "fits", "fits_not"),
    [
        ('match: {pattern: "Failed (password|publickey)"}', {"text": "Failed password for x"}, {"text": "Accepted"}),
        ('match: {names: ["ss*"], facts: {user: ["adm*"]}}', {"user": "admin"}, {"user": "root"}),
        ("match: {facts: {user: [root]}}", {"user": "root"}, {}),
        ("match: {outside: [10.0.0.0/8]}", {"from": "192.0.2.9"}, {"from": "10.1.2.3"}),
        ("match: {outside: [10.0.0.0/8]}", {"from": "2001:db8::1"}, {"from": "console"}),
        ("match: {outside: [10.0.0.0/8]}", {"from": "192.0.2.9"}, {"from": "::ffff:10.1.2.3"}),
    ],
)
def test_what_fits(tmp_path: Path, text: str, fits: dict[str, Fact], fits_not: dict[str, Fact]) -> None:
    watch = watch_of(tmp_path, text + "\n")
    assert take(watch, event(0, **fits_not)) == []
    assert take(watch, event(1, **fits)) == [("device/a", "raised")]


@pytest.mark.parametrize(
    ("hours", "minute", "odd"),
    [
        ("07:00-19:00", 0, False),  # noon in UTC is three in the afternoon in Nairobi
        ("07:00-19:00", 239, False),
        ("07:00-19:00", 240, True),
        ("22:00-06:00", 0, True),
        ("22:00-06:00", 12 * 60, False),
        ("22:00-06:00", 15 * 60, True),
    ],
)
def test_odd_hours_by_the_clock_of_the_site(tmp_path: Path, hours: str, minute: float, odd: bool) -> None:
    watch = watch_of(tmp_path, f'match: {{odd_hours: {{at: "{hours}"}}}}\n')
    assert bool(take(watch, event(minute))) is odd


def test_a_day_on_which_nobody_works(tmp_path: Path) -> None:
    watch = watch_of(tmp_path, 'match: {odd_hours: {at: "07:00-19:00", days: [tue]}}\n')
    assert take(watch, event(0)) == [("device/a", "raised")]  # a Monday


def test_an_opposite_event_ends_it(tmp_path: Path) -> None:
    text = "match: {facts: {state: [lost]}}\nends: {facts: {state: [found]}}\nper: about\nclear_after: 1d\n"
    watch = watch_of(tmp_path, text)
    assert take(watch, event(0, state="lost", interface="Gi1")) == [("interface/a/Gi1", "raised")]
    assert take(watch, event(1, state="found", interface="Gi2")) == []
    assert take(watch, event(2, state="found", interface="Gi1")) == [("interface/a/Gi1", "cleared")]
    assert tick(watch, 3000) == []


def test_what_comes_in_a_window_counts_not(tmp_path: Path) -> None:
    text = "match: {classes: [authentication]}\noutside_windows: true\n"
    assert take(watch_of(tmp_path, text, in_window=True), event(0)) == []
    assert take(watch_of(tmp_path, text), event(0)) == [("device/a", "raised")]


def test_a_row_of_the_log_stands_for_all_of_its_repetitions(tmp_path: Path) -> None:
    watch = watch_of(tmp_path, "match: {classes: [authentication]}\ncount: 3\nwithin: 10m\n")
    whole = Event(
        "192.0.2.1", "device/a", "syslog", "sshd", "authentication", "warning", BEGIN_MS, BEGIN_MS + 9 * MINUTE, count=2
    )
    assert watch.take([whole], quiet=True) == ()
    assert take(watch, event(9.5)) == [("device/a", "raised")]


def test_what_was_open_before_a_restart_ends_after_its_time(tmp_path: Path) -> None:
    watch = watch_of(tmp_path, "match: {classes: [authentication]}\nclear_after: 20m\n")
    watch.adopt("x", "device/a", BEGIN_MS)
    assert take(watch, event(5)) == []
    assert tick(watch, 24) == []
    assert tick(watch, 25) == [("device/a", "cleared")]


def test_a_rule_that_is_gone_takes_what_it_raised_with_it(tmp_path: Path) -> None:
    watch = watch_of(tmp_path, "match: {classes: [authentication]}\n")
    take(watch, event(0))
    gone = watch.replace(Rules(), Inventory(), BEGIN_MS + MINUTE)
    assert [(one.entity, one.status, one.facts) for one in gone] == [("device/a", "cleared", {"reason": "rule"})]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("match: {pattern: '(a'}", "is no pattern: missing )"),
        ("match: {pattern: '(?=a)'}", "is no pattern: invalid perl operator"),
        ("match: {outside: [10.0.0.1/8]}", "is no network"),
        ("match: {odd_hours: {at: 7-19}}", "are no hours; write 07:00-19:00"),
        ("match: {}", "says nothing of the events that are meant"),
        ("match: {classes: [auth]}", "'auth' is not one of"),
        ("match: {classes: [link]}\nfor: 5m", "an event is a moment"),
        ("match: {classes: [link]}\ndistinct: device\ncount: 3", "of one device there is one"),
        ("match: {classes: [link]}\nwhen: x", "unknown key 'when'"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, wrong: str) -> None:
    (tmp_path / "x.yaml").write_text(HEAD + text + "\n")
    (finding,) = load_rules([tmp_path])[1]
    assert wrong in str(finding)


def test_a_pattern_that_would_take_for_ever_elsewhere(tmp_path: Path) -> None:
    watch = watch_of(tmp_path, "match: {pattern: '(a+)+$'}\n")
    assert take(watch, event(0, text="a" * 1900 + "!")) == []
