"""The highest numbers as pages show them, and how full a site's circuits are."""

from __future__ import annotations

from dataclasses import replace

from noc.inventory.entities import Circuit, Region, Site
from noc.inventory.inventory import Inventory
from noc.model.present import PartNow, StatusNow
from noc.model.series import Latest, Ranked
from noc.model.snapshot import Counters, DeviceIdentity, Interface, Snapshot
from noc.web.toplists import LISTS, TopList, rows_of
from noc.web.views.sitenumbers import uses_of
from tests.things import device

NOBODY = DeviceIdentity("192.0.2.1", None, None, None, None, None, None, None, None, None, None, "p")
NO_COUNTERS = Counters(*(None,) * 12)
PORT = Interface(
    1, "ge0", None, "To the hub", 6, 2_000_000, None, None, "up", "up", None, None, wide=True, counters=NO_COUNTERS
)
INVENTORY = Inventory(
    regions={"r": Region.model_validate({"id": "r", "name": "R", "contacts": ("desk@example.org",)})},
    sites={"s": Site.model_validate({"id": "s", "name": "S", "region": "r", "class": "x", "edge_devices": ()})},
    devices={name: replace(device(name), site="s", name=name.upper()) for name in ("a", "b", "c")},
)


class Known:
    """Device a was read."""

    def status(self, entity: str) -> StatusNow:
        return StatusNow("up")

    def snapshot(self, entity: str) -> Snapshot | None:
        return Snapshot(NOBODY, (PORT,)) if entity == "device/a" else None

    def parts(self, entity: str) -> tuple[PartNow, ...]:
        return ()


def ranked(**values: float) -> tuple[Ranked, ...]:
    return tuple(Ranked({"device": name, "ifName": "ge0"}, value) for name, value in values.items())


def listed(key: str) -> TopList:
    return next(one for one in LISTS if one.key == key)


def test_a_series_stands_once_with_the_worst_of_its_fields() -> None:
    found = {"in_pct": ranked(a=95.0, b=20.0), "out_pct": ranked(b=30.0, c=25.0, a=10.0)}
    rows = rows_of(listed("interfaces"), found, 2, INVENTORY, Known(), lambda _: True)
    assert [(row.rank, row.place.name, row.what, row.way, row.value, row.share) for row in rows] == [
        (1, "A", "ge0", "in", 95.0, 95.0),
        (2, "B", "ge0", "out", 30.0, 30.0),
    ]
    assert [(row.note, row.rate_bps, row.is_loud) for row in rows] == [
        ("To the hub", 1_900_000, True),
        ("", None, False),
    ]
    assert rows[0].url == "/devices/a?interface=ge0"


def test_bars_are_as_long_as_their_share_of_the_highest() -> None:
    rows = rows_of(listed("traffic"), {"in_bps": ranked(a=400.0, b=100.0)}, 9, INVENTORY, Known(), lambda _: True)
    assert [row.share for row in rows] == [100.0, 25.0]
    rows = rows_of(listed("interfaces"), {"in_pct": ranked(a=140.0)}, 9, INVENTORY, Known(), lambda _: True)
    assert rows[0].share == 100.0


def test_the_lowest_come_first_where_these_are_the_bad_ones() -> None:
    found = {
        "es_n0_db": tuple(Ranked({"device": name}, value) for name, value in (("a", 7.0), ("b", 0.0), ("c", -1.0)))
    }
    rows = rows_of(listed("satellite"), found, 9, INVENTORY, Known(), lambda _: True)
    assert [(row.place.name, row.value) for row in rows] == [("C", -1.0), ("B", 0.0), ("A", 7.0)]
    assert rows[0].url == "/devices/c"


def test_what_is_not_wrong_or_not_seen_is_left_out() -> None:
    found = {"in_errors_ps": ranked(a=0.0, b=2.0, c=3.0)}
    rows = rows_of(listed("errors"), found, 9, INVENTORY, Known(), lambda entity: entity != "device/c")
    assert [(row.place.name, row.way) for row in rows] == [("B", "errors in")]


def test_a_device_that_is_gone_has_no_page() -> None:
    rows = rows_of(listed("loss"), {"percent_packet_loss": ranked(gone=2.0)}, 9, INVENTORY, Known(), lambda _: True)
    assert [(row.place.name, row.url) for row in rows] == [("gone", None)]


def circuit(key: str, **ends: tuple[str, str]) -> Circuit:
    named = {end: {"device": name, "interface": port} for end, (name, port) in ends.items()}
    return Circuit.model_validate({"id": key, "name": key, "kind": "mpls", "site": "s", **named})


def last(name: str, field: str, value: float, at: int = 5) -> Latest:
    return Latest("interface", {"device": name, "ifName": "ge0"}, field, at, value)


def test_circuits_tell_how_full_they_are_where_an_end_was_read() -> None:
    circuits = [
        circuit("near", a=("a", "ge0")),
        circuit("far", a=("x", "ge0"), z=("b", "ge0")),
        circuit("unread", a=("a", "ge1")),
    ]
    read = [
        last("a", "in_pct", 5.0),
        last("a", "in_bps", 9.0, 7),
        last("b", "out_pct", 50.0),
        last("b", "ifIndex", 1.0),
    ]
    uses = uses_of(circuits, read)
    assert [(use.circuit.id, use.values, use.time_ms) for use in uses] == [
        ("far", {"out_pct": 50.0}, 5),
        ("near", {"in_pct": 5.0, "in_bps": 9.0}, 7),
    ]
    assert uses[0].url == "/devices/b?interface=ge0"
