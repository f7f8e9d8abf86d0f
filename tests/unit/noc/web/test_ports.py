"""Interfaces of a device: order, filter, neighbours, sparklines."""

from __future__ import annotations

import pytest

from noc.model.series import Series
from noc.model.snapshot import Counters, DeviceIdentity, Interface, Snapshot
from noc.web.ports import ports_of, rates_of, sparks_of, wanted
from noc.web.sparks import Numbers, spark

IDENTITY = DeviceIdentity("192.0.2.1", *[None] * 10, "generic")


def interface(number: int, name: str, oper: str = "up", admin: str = "up", alias: str = "") -> Interface:
    counters = Counters(*[None] * 12)
    return Interface(number, name, name, alias, 6, number * 1000, 1500, None, admin, oper, None, None, True, counters)


SNAPSHOT = Snapshot(
    IDENTITY,
    (
        interface(1, "Gi0/10", alias="To Geneva"),
        interface(2, "Gi0/9", oper="down"),
        interface(3, "Gi0/2", oper="down", admin="down"),
    ),
    records={
        "neighbors": (
            {"protocol": "lldp", "local_port": "Gi0/9", "remote_name": "GVA-sw-1.example.org", "remote_port": "ge1"},
        )
    },
)
RATES = {"Gi0/10": {"in_bps": 5.0, "out_bps": 1.0}, "Gi0/9": {"in_bps": 1.0, "out_bps": 9.0, "in_errors_ps": 0.5}}
PORTS = ports_of(SNAPSHOT, RATES, {"gva-sw-1": "gva-sw-1"})


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("", ["Gi0/10", "Gi0/9", "Gi0/2"]),
        ("name", ["Gi0/2", "Gi0/9", "Gi0/10"]),
        ("state", ["Gi0/9", "Gi0/10", "Gi0/2"]),
        ("in", ["Gi0/10", "Gi0/9", "Gi0/2"]),
        ("out", ["Gi0/9", "Gi0/10", "Gi0/2"]),
        ("errors", ["Gi0/9", "Gi0/10", "Gi0/2"]),
        ("speed", ["Gi0/2", "Gi0/9", "Gi0/10"]),
    ],
)
def test_interfaces_stand_in_the_order_that_is_asked_for(order: str, names: list[str]) -> None:
    assert [one.name for one in wanted(PORTS, "", "", order)] == names


def test_a_filter_looks_at_names_and_neighbours_and_at_the_state() -> None:
    assert [one.name for one in wanted(PORTS, "geneva", "", "")] == ["Gi0/10"]
    assert [one.name for one in wanted(PORTS, "gva-SW", "", "")] == ["Gi0/9"]
    assert [one.name for one in wanted(PORTS, "", "off", "")] == ["Gi0/2"]
    assert [one.name for one in wanted(PORTS, "", "down", "")] == ["Gi0/9"]


def test_a_neighbour_is_found_by_its_name_without_the_domain() -> None:
    assert [(one.neighbour, one.far) for one in PORTS] == [("", ""), ("GVA-sw-1.example.org ge1", "gva-sw-1"), ("", "")]
    assert ports_of(None, {}, {}) == []


def test_a_sparkline_ends_where_numbers_are_missing_and_has_one_scale_for_both_ways() -> None:
    into = Numbers((0, 100, 300, 400), (10.0, 20.0, 0.0, 10.0))
    found = spark(into, Numbers((0,), (5.0,)), 0, 400, 100)
    assert found is not None
    assert list(found.into) == ["0.0,12.0 25.0,2.0", "75.0,22.0 100.0,12.0"]
    assert list(found.out) == ["0.0,17.0 1.0,17.0"]
    assert spark(Numbers(), Numbers(), 0, 400, 100) is None


def test_series_are_told_apart_by_the_name_of_their_interface() -> None:
    def series(tags: dict[str, str], field: str, *values: float) -> Series:
        return Series("interface", tags, field, tuple(range(len(values))), values)

    named = [series({"ifName": "a"}, "in_bps", 1.0, 2.0), series({"ifName": "", "ifDescr": "b"}, "out_bps", 3.0)]
    assert rates_of(named) == {"a": {"in_bps": 2.0}, "b": {"out_bps": 3.0}}
    assert set(sparks_of(named, 0, 10, 1)) == {"a", "b"}
