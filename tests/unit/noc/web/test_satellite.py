"""What pages show of satellite links: numbers to read, and which of them are degraded."""

from __future__ import annotations

from dataclasses import replace

from noc.inventory.entities import Circuit
from noc.inventory.inventory import Inventory
from noc.model.incident import Fact, Incident
from noc.model.present import PartNow, StatusNow
from noc.model.snapshot import DeviceIdentity, Scalar, Snapshot
from noc.web.views.satellite import degraded, link_of, on_way, terminals_of
from tests.things import device

NOBODY = DeviceIdentity("192.0.2.1", None, None, None, None, None, None, None, None, None, None, "p")
ROUTER = replace(device("rtr"), upstream=("device/sat-1", "device/sat-2"))
OVER = Circuit.model_validate(
    {
        "id": "juba-sat",
        "name": "Juba",
        "kind": "satellite",
        "site": "s",
        "a": {"device": "rtr", "interface": "ge0"},
    }
)


def read(**told: Scalar) -> Snapshot:
    return Snapshot(NOBODY, satellite=told)


def opened(entity: str, resolved_ms: int | None = None, **facts: Fact) -> Incident:
    return Incident(1, entity, "r", "major", "p", 0, 0, facts, resolved_ms=resolved_ms)


class Known:
    """Devices as they were read."""

    def __init__(self, **snapshots: Snapshot) -> None:
        self._snapshots = snapshots

    def status(self, entity: str) -> StatusNow:
        return StatusNow("up")

    def snapshot(self, entity: str) -> Snapshot | None:
        return self._snapshots.get(entity.removeprefix("device/"))

    def parts(self, entity: str) -> tuple[PartNow, ...]:
        return ()


def test_a_link_is_told_in_words_and_units() -> None:
    link = link_of(read(es_n0_db=6.31, link_margin_db=-0.5, modcod="QPSK 3/4", rx_lock=False, buc_alarm=True, ber=1e-7))
    assert link is not None
    assert link.lock == "not locked"
    assert [(row.name, row.value, row.unit, row.is_said) for row in link.rows] == [
        ("Es/N0", 6.31, "db", False),
        ("Margin", -0.5, "db", False),
        ("MODCOD", "QPSK 3/4", None, False),
        ("Bit error ratio", 1e-7, None, False),
        ("BUC", "alarm", None, True),
    ]
    assert (link.shown("es_n0_db"), link.shown("snr_db")) == (6.31, None)


def test_a_device_that_tells_of_no_link_has_none() -> None:
    assert link_of(None) is None
    assert link_of(read()) is None
    assert link_of(read(es_n0_db=None, rx_lock=None)) is None


def test_the_degraded_stand_first_then_those_with_the_least_margin() -> None:
    known = Known(a=read(snr_db=11.0), b=read(link_margin_db=6.0), c=read(link_margin_db=2.0), d=read(snr_db=4.0))
    devices = [device(name) for name in ("a", "b", "c", "d", "e")]
    found = terminals_of(devices, known, {"device/d"})
    assert [one.device.id for one in found] == ["d", "c", "b", "a"]
    assert [one.is_degraded for one in found] == [True, False, False, False]


def test_what_is_degraded_is_told_by_open_incidents() -> None:
    found = [
        opened("device/a", status="degraded"),
        opened("device/b", status="down"),
        opened("device/c", status="degraded", resolved_ms=5),
        opened("device/d"),
    ]
    assert degraded(found) == {"device/a"}


def test_a_satellite_circuit_is_degraded_with_the_terminal_that_its_router_hangs_on() -> None:
    inventory = Inventory(devices={"rtr": ROUTER})
    assert on_way(OVER, inventory, {"device/sat-2"})
    assert not on_way(OVER, inventory, {"device/sat-3"})
    assert not on_way(OVER, Inventory(), {"device/sat-2"})
    assert not on_way(OVER.model_copy(update={"kind": "mpls"}), inventory, {"device/sat-2"})
    assert not on_way(OVER.model_copy(update={"a": None}), inventory, {"device/sat-2"})
