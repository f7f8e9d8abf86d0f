"""Circuits: by their probe, or by the interfaces at their ends."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from noc.inventory.entities import Circuit
from noc.inventory.inventory import Inventory
from noc.model.part import Part
from noc.model.snapshot import Counters, DeviceIdentity, Interface, Scalar, Snapshot
from noc.pipeline.circuits import Circuits
from noc.pipeline.parts import parts_of
from noc.pipeline.policy import part_policy
from tests.things import device

IDENTITY = DeviceIdentity("192.0.2.1", *(None,) * 10, "generic")  # type: ignore[arg-type]
DEVICES = {name: device(name) for name in ("near", "far")}
STALE_MS = part_policy(DEVICES["near"].watch).stale_after
NOW_MS = 1_000_000_000_000


def circuits(**given: object) -> Circuits:
    circuit = Circuit.model_validate({"id": "c", "name": "c", "kind": "mpls", "site": "s", **given})
    return Circuits(Inventory(devices=DEVICES, circuits={"c": circuit}))


def end(of: str) -> dict[str, str]:
    return {"device": of, "interface": "Gi0"}


def taken(oper: str | None, admin: str = "up", probes: tuple[Mapping[str, Scalar], ...] = ()) -> Snapshot:
    counters = Counters(*(None,) * 12)
    port = Interface(1, "Gi0", "GigabitEthernet0", "", 6, None, None, None, admin, oper, None, None, False, counters)
    return Snapshot(IDENTITY, () if oper is None else (port,), (), {"ip_sla": probes})


def look(known: Circuits, of: str, snapshot: Snapshot, time_ms: int = NOW_MS, lost: tuple[str, ...] = ()) -> list[str]:
    parts: list[Part] = list(parts_of(of, snapshot, lambda _: False).values())
    found = list(known.take(of, snapshot, parts, time_ms, lost=lost))
    assert {entity for entity, _ in found} <= {"circuit/c"}
    return [verdict for _, verdict in found]


@pytest.mark.parametrize(
    ("oper", "admin", "said"),
    [("up", "up", ["ok"]), ("down", "up", ["bad"]), ("down", "down", ["off"]), ("unknown", "up", []), (None, "up", [])],
)
def test_a_circuit_with_one_end_is_as_this_end(oper: str | None, admin: str, said: list[str]) -> None:
    assert look(circuits(a=end("near")), "near", taken(oper, admin)) == said
    assert look(circuits(a={"device": "near", "interface": "GigabitEthernet0"}), "near", taken(oper, admin)) == said


def test_two_ends_must_both_be_up_and_one_that_is_down_is_enough() -> None:
    known = circuits(a=end("near"), z=end("far"))
    assert look(known, "near", taken("up")) == []
    assert look(known, "far", taken("up"), NOW_MS + 1) == ["ok"]
    assert look(known, "near", taken("down"), NOW_MS + 2) == ["bad"]
    assert look(known, "far", taken("up"), NOW_MS + 3) == []  # the failure of the other end counts once
    assert look(known, "far", taken("down"), NOW_MS + 4) == ["bad"]
    assert look(known, "far", taken("up"), NOW_MS + 5 + STALE_MS) == []  # nobody sees the other end
    assert look(known, "near", taken("up"), NOW_MS + 6 + STALE_MS) == ["ok"]


def test_an_end_that_was_there_and_vanished_is_down() -> None:
    known = circuits(a=end("near"))
    assert look(known, "near", taken(None)) == []
    assert look(known, "near", taken(None), lost=("Gi0",)) == ["bad"]


@pytest.mark.parametrize("name", ["hub", "7", "root/hub"])
def test_a_probe_alone_decides_by_its_tag_or_its_number(name: str) -> None:
    known = circuits(a=end("near"), probe={"device": "near", "name": name})
    index = "root hub" if "/" in name else "7"

    def row(ok: bool | None) -> tuple[Mapping[str, Scalar], ...]:
        return ({"index": index, "tag": "hub", "ok": ok},)

    assert look(known, "near", taken("down", probes=row(True))) == ["ok"]
    assert look(known, "near", taken("up", probes=row(False))) == ["bad"]
    assert look(known, "near", taken("up", probes=row(None))) == []
    assert look(known, "near", taken("up")) == []
    assert look(known, "far", taken("up", probes=row(False))) == []


def test_an_interface_says_nothing_where_the_circuit_is_of_others() -> None:
    assert look(circuits(a=end("far")), "near", taken("down")) == []
    assert circuits(a=end("near"), z=end("far")).names("near") == {"Gi0"}
    assert circuits(probe={"device": "near", "name": "hub"}).probes("near") == {"hub"}
    assert list(circuits(a=end("nobody")).policies) == []
