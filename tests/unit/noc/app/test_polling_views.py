"""What pollers at two places say of a device: one status, by the rule of the inventory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from noc.app.build import Daemon, build
from noc.app.check import check
from noc.app.polling import Far
from noc.clock import ManualClock
from noc.model.check import Check
from noc.model.reading import Failure, FailureKind, PingAnswer, Reading
from noc.pipeline.policy import probe_policy

START = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

SETTINGS = """\
state_dir: state
inventory: inventory
pollers:
  broker: {host: 127.0.0.1, port: 1}
  groups:
    nairobi: {scope: [site/s]}
    dakar: {scope: [device/edge], from_here: %s}
"""
SITES = "sites:\n  s: {region: r, class: field, edge_devices: [edge]}\n"
DEVICES = """\
devices:
  edge: {site: s, address: 192.0.2.1, class: router}
  inner: {site: s, address: 192.0.2.2, class: switch, upstream: [%s], down_when: testimony, confirm_down: 1}
"""


def daemon(folder: Path, *, from_here: bool = False, upstream: str = "device/edge") -> Daemon:
    (folder / "inventory").mkdir()
    (folder / "noc.yaml").write_text(SETTINGS % str(from_here).lower())
    (folder / "inventory/regions.yaml").write_text("regions: {r: {}}\n")
    (folder / "inventory/sites.yaml").write_text(SITES)
    (folder / "inventory/devices.yaml").write_text(DEVICES % upstream)
    checked = check(folder / "noc.yaml", {})
    assert checked.findings == ()
    return build(checked, ManualClock(START))


def say(to: Daemon, device: str, minute: int, poller: str, *, ok: bool) -> None:
    failure = None if ok else Failure(FailureKind.TIMEOUT, "no reply")
    address = str(to.inventory().devices[device].address)
    at = START + minute * MINUTE + timedelta(milliseconds=len(poller))
    ping = PingAnswer((0.01 if ok else None,))
    reading = Reading("icmp", address, poller, at, 0.01, failure, ping=ping)
    to.polling.take(Check(f"device/{device}", "icmp", 60.0, 5.0, liveness=True), reading)


def watched(folder: Path, upstream: str = "device/edge") -> Daemon:
    """Return a daemon that is not started, to which pollers of two groups speak."""
    found = daemon(folder, upstream=upstream)
    found.polling.far = Far(group=lambda poller: poller.partition("-")[0], several=lambda _: True)
    devices = found.inventory().devices.values()
    found.polling.statuses.watch({device.entity: probe_policy(device.watch) for device in devices})
    return found


def test_one_of_two_places_that_does_not_see_it_makes_nothing_down(tmp_path: Path) -> None:
    found = watched(tmp_path)
    for minute in range(6):
        say(found, "edge", minute, "nairobi-1", ok=minute < 1)
        say(found, "edge", minute, "dakar-11", ok=True)
    assert found.polling.statuses.status_of("device/edge") == "up"
    for minute in range(6, 10):
        say(found, "edge", minute, "nairobi-2", ok=False)
        say(found, "edge", minute, "dakar-11", ok=False)
    assert found.polling.statuses.status_of("device/edge") == "down"
    assert found.polling.views.views_of("device/edge").keys() == {"nairobi", "dakar"}


@pytest.mark.parametrize("upstream", ["device/edge", "site/s"])
def test_one_place_and_the_word_of_what_it_hangs_on(tmp_path: Path, upstream: str) -> None:
    found = watched(tmp_path, upstream)
    for minute in range(2):
        for poller in ("nairobi-1", "dakar-11"):
            say(found, "inner", minute, poller, ok=poller == "dakar-11" or minute == 0)
    assert found.polling.statuses.status_of("device/inner") == "up"
    for minute in range(2, 5):
        for device in ("edge", "inner"):
            for poller in ("nairobi-1", "dakar-11"):
                say(found, device, minute, poller, ok=device == "edge" or poller == "dakar-11")
    assert found.polling.statuses.status_of("device/inner") == "down"


def test_who_polls_what_and_from_how_many_places(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    far, both = daemon(tmp_path / "a"), daemon(tmp_path / "b", from_here=True)
    assert {check.entity for check in far.polling.gathering.plan.checks()} == {"device/edge", "device/inner"}
    assert far.polling.gathering.plan.elsewhere == {"edge", "inner"}
    assert both.polling.gathering.plan.elsewhere == {"inner"}
    assert [far.polling.far.several(one) for one in ("device/edge", "device/inner")] == [True, False]
    assert [both.polling.far.several(one) for one in ("device/edge", "device/inner")] == [True, False]
    assert far.polling.far.group("centre") == "centre"
