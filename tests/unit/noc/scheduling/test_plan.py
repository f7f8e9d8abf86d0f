"""Which checks an inventory asks for, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.inventory.entities import Site
from noc.inventory.inventory import Inventory
from noc.inventory.ssh import SshCheck
from noc.inventory.values import Liveness
from noc.model.check import Check
from noc.model.command import Command
from noc.scheduling.plan import checks, checks_of, first_due_s, offset_s
from tests.things import WATCH, device

DEVICE = device()


def test_a_device_with_credentials_is_probed_and_polled() -> None:
    assert [(check.kind, check.interval_s, check.liveness) for check in checks_of(DEVICE)] == [
        ("icmp", 60.0, True),
        ("snmp", 300.0, False),
    ]


def test_a_device_without_credentials_is_only_probed() -> None:
    device = replace(DEVICE, watch=replace(WATCH, credentials=None))
    assert [check.kind for check in checks_of(device)] == ["icmp"]


def test_a_device_with_a_command_is_asked_it_once_a_poll_beside_the_rest() -> None:
    command = SshCheck(platform="linux", command=Command("linux", "uptime"))
    device = replace(DEVICE, watch=replace(WATCH, ssh=command))
    assert [(check.kind, check.interval_s, check.liveness) for check in checks_of(device)] == [
        ("icmp", 60.0, True),
        ("snmp", 300.0, False),
        ("ssh", 300.0, False),
    ]
    without = replace(DEVICE, watch=replace(WATCH, ssh=command, credentials=None))
    assert [check.kind for check in checks_of(without)] == ["icmp"]


def test_switches_are_asked_for_addresses_and_never_over_a_bounded_line_unless_wanted() -> None:
    def kinds(device_class: str, every: timedelta | None, budget: str | None) -> list[str]:
        site = Site.model_validate({"id": "s", "name": "S", "region": "r", "class": "field", "budget": budget})
        asked = replace(DEVICE, device_class=device_class, watch=replace(WATCH, port_addresses=every))
        return [check.kind for check in checks(Inventory(sites={"s": site}, devices={"d": asked}))]

    assert "addresses" in kinds("switch", None, None)
    assert "addresses" not in kinds("switch", None, "64KiB/h")
    assert "addresses" in kinds("switch", timedelta(hours=1), "64KiB/h")
    assert "addresses" not in kinds("switch", timedelta(), None)
    assert "addresses" not in kinds("router", None, None)
    assert "addresses" in kinds("router", timedelta(hours=1), None)


@pytest.mark.parametrize(("liveness", "kind"), [(Liveness("snmp"), "uptime"), (Liveness("tcp", 22), "tcp")])
def test_liveness_is_one_check_of_the_kind_that_the_device_names(liveness: Liveness, kind: str) -> None:
    device = replace(DEVICE, watch=replace(WATCH, liveness=liveness))
    assert [check.kind for check in checks_of(device) if check.liveness] == [kind]


def test_a_check_never_outlives_its_interval() -> None:
    device = replace(DEVICE, watch=replace(WATCH, interval=timedelta(seconds=5), timeout=timedelta(seconds=9)))
    assert all(check.deadline_s <= check.interval_s for check in checks_of(device))


def test_every_device_has_exactly_one_liveness_check() -> None:
    devices = {f"d{number}": replace(DEVICE, id=f"d{number}") for number in range(20)}
    alive = [check.entity for check in checks(Inventory(devices=devices)) if check.liveness]
    assert sorted(alive) == sorted(f"device/d{number}" for number in range(20))


@given(st.text(), st.floats(1.0, 86_400.0), st.floats(0.0, 4e9))
def test_first_due_lands_on_the_offset_within_one_interval(entity: str, interval_s: float, now_s: float) -> None:
    check = Check(entity, "icmp", interval_s, 1.0)
    wait_s = first_due_s(check, now_s)
    assert 0.0 <= wait_s <= interval_s
    distance = abs((now_s + wait_s - offset_s(check.key, interval_s)) % interval_s)
    assert min(distance, interval_s - distance) < 1e-3
