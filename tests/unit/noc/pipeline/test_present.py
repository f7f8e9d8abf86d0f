"""What is known now: unreachable and sites are worked out from what is down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from noc.availability.policy import ProbePolicy
from noc.clock import ManualClock
from noc.inventory.endpoints import Endpoint, TcpProbe
from noc.inventory.entities import Site
from noc.inventory.inventory import Inventory
from noc.inventory.values import Period
from noc.model.present import StatusNow, Word
from noc.model.snapshot import DeviceIdentity, Snapshot
from noc.pipeline.present import AT_HAND, Presence
from noc.pipeline.status import Result, Statuses
from tests.things import device

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
POLICY = ProbePolicy(30_000, 10_000, confirm_down=1)


def site(name: str, *edges: str) -> Site:
    return Site.model_validate({"id": name, "name": name, "region": "r", "class": "x", "edge_devices": edges})


INVENTORY = Inventory(
    sites={"hub": site("hub", "a"), "far": site("far", "b", "c"), "bare": site("bare")},
    devices={
        "a": replace(device("a"), site="hub"),
        "b": replace(device("b"), site="far", upstream=("site/hub",)),
        "c": replace(device("c"), site="far", upstream=("site/hub", "device/a")),
    },
)


def presence(inventory: Inventory = INVENTORY, **results: bool | None) -> tuple[Presence, Statuses, ManualClock]:
    statuses, clock = Statuses(), ManualClock(NOW)
    statuses.watch(dict.fromkeys(["device/a", "device/b", "device/c"], POLICY))
    for offset, (name, ok) in enumerate(results.items()):
        if ok is not None:
            statuses.take(Result(f"device/{name}", NOW_MS + offset, ok, "icmp", "here"))
    return Presence(statuses, lambda: inventory, clock), statuses, clock


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ({"a": True, "b": True, "c": False}, {"device/c": "down", "site/far": "up", "site/hub": "up"}),
        ({"a": True, "b": False, "c": False}, {"device/b": "down", "site/far": "down"}),
        (
            {"a": False, "b": False, "c": False},
            {"device/b": "unreachable", "site/far": "unreachable", "site/hub": "down"},
        ),
        ({"a": False, "b": False}, {"device/b": "unreachable", "device/c": "unknown", "site/far": "unknown"}),
        ({"b": False}, {"device/a": "unknown", "device/b": "down", "site/hub": "unknown"}),
        ({"a": True}, {"site/bare": "unknown", "site/none": "unknown", "region/r": "unknown"}),
    ],
)
def test_words(results: Mapping[str, bool], expected: Mapping[str, str]) -> None:
    present, _, _ = presence(**results)
    assert {entity: present.status(entity).status for entity in expected} == expected


@pytest.mark.parametrize(
    ("results", "word", "expected"),
    [
        ({"a": False, "b": False, "c": False}, "down", StatusNow("unreachable", NOW_MS + 2, NOW_MS + 9)),
        ({"a": True, "b": False, "c": False}, "down", StatusNow("unreachable", NOW_MS + 2, NOW_MS + 9)),
        ({"a": True, "b": True, "c": False}, "down", StatusNow("down", NOW_MS - 9, NOW_MS + 9)),
        ({"a": True, "b": False}, "down", StatusNow("down", NOW_MS - 9, NOW_MS + 9)),
        ({"a": False, "b": False, "c": False}, "up", StatusNow("up", NOW_MS - 9, NOW_MS + 9)),
    ],
)
def test_an_end_point_that_is_down_is_unreachable_while_its_site_is_out(
    results: Mapping[str, bool], word: Word, expected: StatusNow
) -> None:
    probe = TcpProbe(host="192.0.2.9", port=25)
    asked = Endpoint("e", "E", "far", None, "tcp", probe, INVENTORY.devices["a"].watch, (), ())
    present, _, _ = presence(replace(INVENTORY, endpoints={"e": asked}), **results)
    present.beside = {"endpoint": lambda _: StatusNow(word, NOW_MS - 9, NOW_MS + 9)}
    assert present.status("endpoint/e") == expected
    assert present.status("endpoint/gone") == StatusNow(word, NOW_MS - 9, NOW_MS + 9)


def test_since_and_seen() -> None:
    present, statuses, _ = presence(a=False, b=False, c=None)
    assert present.status("device/a") == StatusNow("down", NOW_MS, NOW_MS)
    assert present.status("device/b") == StatusNow("unreachable", NOW_MS + 1, NOW_MS + 1)
    statuses.take(Result("device/a", NOW_MS + 10_000, True, "icmp", "here"))
    assert present.status("device/a") == StatusNow("up", NOW_MS + 10_000, NOW_MS + 10_000)
    assert present.status("device/b").status == "down"
    statuses.take(Result("device/a", NOW_MS + 20_000, True, "icmp", "here"))
    assert present.status("device/a").seen_ms == NOW_MS + 20_000


async def test_a_device_that_leaves_service_loses_its_vote() -> None:
    leaves = Period.model_validate({"to": NOW + timedelta(minutes=2)})
    devices = dict(INVENTORY.devices)
    devices["b"] = replace(devices["b"], in_service=(leaves,))
    inventory = Inventory(sites=INVENTORY.sites, devices=devices)
    present, _, clock = presence(inventory, a=True, b=True, c=False)
    assert present.status("site/far").status == "up"
    await clock.advance(180)
    assert present.status("site/far").status == "down"


def told(number: int) -> Snapshot:
    who = DeviceIdentity("192.0.2.1", None, f"r{number}", None, None, None, None, None, None, None, None, "generic")
    return Snapshot(who, duration_ms=float(number))


def test_the_newest_snapshot_is_answered_also_of_what_was_just_asked_for() -> None:
    present, _, _ = presence()
    present.keep("device/a", told(1))
    assert present.snapshot("device/a") == told(1)
    present.keep("device/a", told(2))
    assert present.snapshot("device/a") == told(2)
    present.forget(["device/a"])
    assert present.snapshot("device/a") is None


def test_every_device_is_answered_however_many_were_asked_for_since() -> None:
    present, _, _ = presence()
    for number in range(3 * AT_HAND):
        present.keep(f"device/{number}", told(number))
    for _ in range(2):
        for number in range(3 * AT_HAND):
            assert present.snapshot(f"device/{number}") == told(number)
