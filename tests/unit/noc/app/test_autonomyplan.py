"""The plan of a poller that calls people by itself: what its rooms need, by what the centre has, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from alerts.escalation import ladder_of
from noc.app.autonomyorders import group_of, orders_of
from noc.app.check import CheckResult, check
from noc.app.planning import plan_files
from noc.app.pollerplan import PollerPlan, read_plan
from noc.bus.plans import PlanText, digest
from noc.clock import SystemClock

SETTINGS = """\
state_dir: state
credentials: {{v2: {{snmp: {{version: 2c, community: !secret file:community}}}}}}
defaults: {{credentials: v2}}
polling: {{poller: hq}}
rules: own
http: {{base_url: "https://noc.example.org"}}
pollers:
  broker: {{host: 127.0.0.1}}
  groups:
    east: {{scope: [site/nairobi]{more}}}
alerts:
  people:
    achieng: {{email: achieng@example.org, addresses: {{webhook: "x"}}, channels: [chat, email]}}
    berta: {{email: berta@example.org}}
  schedules: {{radio: {{layers: [{{calendar: shifts.ics}}]}}}}
  notifiers:
    email: {{host: 127.0.0.1, from: noc@example.org, reply_to: noc@example.org, user: noc, ca: ca.pem,
      password: !secret file:mail}}
    chat: {{kind: webhook, url: "https://chat.example.org/", secrets: {{token: !secret file:chat}}}}
  policies:
    desk: {{steps: [{{notify: [achieng], by: [chat]}}, {{notify: [schedule/radio], after: 5m}}]}}
    standard: {{steps: [{{notify: [berta]}}]}}
  default_policy: standard
  heartbeat: {{url: "https://beat.example.org/"}}
  sources: {{elsewhere: {{token: !secret file:token}}}}
"""
INVENTORY = """\
regions: {east: {name: East}}
sites:
  nairobi: {region: east, class: hub, edge_devices: [a], people: 40, shares: {power: b}, subnets: [10.1.0.0/16]}
  gao: {region: east, class: field, edge_devices: [c]}
devices:
  a: {site: nairobi, address: 192.0.2.1, class: router, upstream: [c], tags: [core], room: r1}
  b: {site: nairobi, address: 192.0.2.2, class: switch, upstream: [a],
    in_service: [{from: "2026-01-01T00:00:00Z"}]}
  c: {site: gao, address: 192.0.2.3, class: router}
circuits:
  line: {kind: satellite, site: nairobi, provider: SES, capacity: 2M,
    a: {device: a, interface: x}, z: {device: c, interface: y}}
"""
CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//y//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART:20260101T000000Z
DTEND:20260301T000000Z
RRULE:FREQ=MONTHLY
SUMMARY:berta
END:VEVENT
END:VCALENDAR
"""
OWN_RULE = (
    "kind: down\nfor: 0s\nsummary: A core device is down\nseverity: critical\ndevice_tags: [core]\npolicy: desk\n"
)


def centre(folder: Path, more: str) -> CheckResult:
    (folder / "inventory").mkdir(parents=True, exist_ok=True)
    (folder / "own").mkdir(exist_ok=True)
    (folder / "noc.yaml").write_text(SETTINGS.format(more=more))
    (folder / "inventory" / "all.yaml").write_text(INVENTORY)
    (folder / "own" / "core-down.yaml").write_text(OWN_RULE)
    (folder / "shifts.ics").write_text(CALENDAR.replace("\n", "\r\n"))
    (folder / "ca.pem").write_text("a certificate")
    for name in ("community", "mail", "chat", "token"):
        (folder / name).write_text(f"the secret of {name}, long\n")
    found = check(folder / "noc.yaml", {})
    assert found.ok, found.findings
    return found


def plan_at(folder: Path, files: dict[str, bytes]) -> PollerPlan:
    for path, octets in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(octets)
    return read_plan(PlanText("nbo-1", 1, "test", files), folder, "east", folder / "state")


def test_without_autonomy_a_plan_tells_nothing_of_people(tmp_path: Path) -> None:
    files = plan_files(centre(tmp_path, ""), "nbo-1", "east")
    told = b"\n".join(files.values())
    for word in (b"achieng", b"alerts", b"secret of mail", b"upstream", b"autonomy"):
        assert word not in told
    assert group_of(plan_at(tmp_path / "poller", files), "east") is None


def test_the_inventory_has_what_root_causes_are_told_by(tmp_path: Path) -> None:
    found = centre(tmp_path, ", autonomy: true")
    files = plan_files(found, "nbo-1", "east")
    plan, whole = plan_at(tmp_path / "poller", files), found.inventory
    assert whole is not None
    assert files == plan_files(found, "nbo-1", "east")
    there = plan.inventory
    for name in ("a", "b"):
        upstream = tuple(one for one in whole.devices[name].upstream if one != "device/c")
        assert there.devices[name] == replace(whole.devices[name], upstream=upstream)
    site = whole.sites["nairobi"]
    assert there.sites["nairobi"] == site.model_copy(update={"subnets": ()})
    line = whole.circuits["line"]
    assert there.circuits["line"] == line.model_copy(update={"z": None})
    assert b"gao" not in files["inventory/plan.yaml"]


def test_people_policies_and_what_is_allowed_go_along_with_their_secrets(tmp_path: Path) -> None:
    found = centre(tmp_path, ", autonomy: true, autonomy_notifiers: [email]")
    files = plan_files(found, "nbo-1", "east")
    told = b"\n".join(files.values())
    for word in (b"secret of chat", b"secret of token", b"beat.example.org", b"chat.example.org", b"noc.example.org"):
        assert word not in told
    assert b"secret of mail" not in files["noc.yaml"]
    plan = plan_at(tmp_path / "poller", files)
    group = group_of(plan, "east")
    assert group is not None
    orders = orders_of(plan, group, tmp_path / "rooms", SystemClock())
    assert orders.notifiers.keys() == {"email"}
    ladder = ladder_of(orders.settings, "desk")
    assert ladder is not None
    now_ms = 1_800_000_000_000
    called = [ladder.targets(rung, now_ms) for rung in ladder.rungs]
    assert called == [(("achieng", "email"),), (("berta", "email"),)]  # by what is left, and by the calendar
    own = orders.rules.get("core-down")
    assert own is not None
    assert own.policy == "desk"
    assert (orders.settings.base_url, orders.settings.ack_links, orders.settings.heartbeat) == (None, None, None)
    [kept] = (tmp_path / "rooms" / "files").iterdir()
    assert kept.read_text() == "a certificate"


def test_the_policy_of_autonomy_is_that_of_all_rules(tmp_path: Path) -> None:
    found = centre(tmp_path, ", autonomy: true, autonomy_policy: standard")
    plan = plan_at(tmp_path / "poller", plan_files(found, "nbo-1", "east"))
    group = group_of(plan, "east")
    assert group is not None
    orders = orders_of(plan, group, tmp_path / "rooms", SystemClock())
    assert {rule.policy for rule in orders.rules.all} == {None}
    assert orders.settings.default_policy == "standard"
    assert "desk" in orders.settings.policies  # what the centre called by it goes on by it


def test_rules_that_need_weeks_of_numbers_stay_with_the_centre(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = centre(tmp_path, ", autonomy: true")
    plan = plan_at(tmp_path / "poller", plan_files(found, "nbo-1", "east"))
    group = group_of(plan, "east")
    assert group is not None
    with caplog.at_level("INFO"):
        orders = orders_of(plan, group, tmp_path / "rooms", SystemClock())
    left = {rule.name for rule in found.rules.all} - {rule.name for rule in orders.rules.all}
    assert left
    [line] = [one for one in caplog.messages if one.startswith("judged by the centre alone")]
    assert all(name in line for name in left)


def test_another_person_is_another_plan(tmp_path: Path) -> None:
    first = plan_files(centre(tmp_path, ", autonomy: true"), "nbo-1", "east")
    text = SETTINGS.replace("berta@example.org", "berta@example.com")
    (tmp_path / "noc.yaml").write_text(text.format(more=", autonomy: true"))
    second = plan_files(check(tmp_path / "noc.yaml", {}), "nbo-1", "east")
    assert digest(first) != digest(second)
