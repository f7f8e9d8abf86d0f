"""How full circuits are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from noc.inventory.entities import Circuit
from noc.inventory.inventory import Inventory
from noc.model.samples import Samples
from noc.pipeline.circuituse import CircuitUse

AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


def circuit(key: str, **more: object) -> Circuit:
    return Circuit.model_validate({"id": key, "name": key, "kind": "mpls", "site": "nbo", **more})


NEAR = circuit("near", capacity="2M", a={"device": "r1", "interface": "Gi0/0"})
FAR = circuit("far", a={"device": "r9", "interface": "x"}, z={"device": "r2", "interface": "GigabitEthernet1"})
INVENTORY = Inventory(circuits={one.id: one for one in (NEAR, FAR)})


def read(device: str, name: str, descr: str, in_bps: float | None, out_bps: float | None, at: datetime = AT) -> Samples:
    keys = ("device", "ifName", "ifDescr")
    return Samples(
        "interface", at, keys, ("x", "in_bps", "out_bps"), ((device, name, descr),), ((1.0, in_bps, out_bps),)
    )


def test_a_circuit_is_as_full_as_the_fuller_way_of_its_end() -> None:
    uses = CircuitUse(INVENTORY)
    assert uses.of(NEAR) is None
    uses.take("r1", [read("r1", "Gi0/1", "", 9e9, 9e9), read("r1", "Gi0/0", "", 1e6, 5e5)])
    found = uses.of(NEAR)
    assert found is not None
    assert (found.in_bps, found.out_bps, found.share, found.time_ms) == (1e6, 5e5, 50.0, AT.timestamp() * 1000)


def test_the_far_end_tells_the_ways_round() -> None:
    uses = CircuitUse(INVENTORY)
    uses.take("r2", [read("r2", "Gi1", "GigabitEthernet1", 10.0, 30.0)])
    found = uses.of(FAR)
    assert found is not None
    assert (found.in_bps, found.out_bps, found.share, found.end) == (30.0, 10.0, None, FAR.z)


def test_what_was_not_read_twice_says_nothing_and_what_is_gone_is_forgotten() -> None:
    uses = CircuitUse(INVENTORY)
    uses.take("r1", [read("r1", "Gi0/0", "", None, None)])
    assert uses.of(NEAR) is None
    uses.take("r1", [read("r1", "Gi0/0", "", 1e6, None)])
    assert uses.of(NEAR) is not None
    uses.replace(Inventory())
    uses.replace(INVENTORY)
    assert uses.of(NEAR) is None


def test_a_poll_without_rates_and_one_of_before_take_nothing_away() -> None:
    uses = CircuitUse(INVENTORY)
    uses.take("r1", [read("r1", "Gi0/0", "", 1e6, 5e5)])
    uses.take("r1", [read("r1", "Gi0/0", "", None, None, AT + timedelta(minutes=5))])
    uses.take("r1", [read("r1", "Gi0/0", "", 9e6, 9e6, AT - timedelta(minutes=5))])
    found = uses.of(NEAR)
    assert found is not None
    assert (found.in_bps, found.time_ms) == (1e6, AT.timestamp() * 1000)


def test_rates_of_before_come_behind_a_poll_that_had_none() -> None:
    uses = CircuitUse(INVENTORY)
    uses.take("r1", [read("r1", "Gi0/0", "", None, None)])
    uses.take("r1", [read("r1", "Gi0/0", "", 1e6, 5e5, AT - timedelta(minutes=5))])
    assert uses.of(NEAR) is not None
