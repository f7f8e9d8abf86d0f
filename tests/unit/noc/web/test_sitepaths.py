"""Ways of a site to the data centres as rows: over what they lead, and what is said where that is nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from noc.inventory.entities import Service
from noc.inventory.formula import Formula
from noc.sketch.ways import Ways
from noc.topology import Topology
from noc.web.views.sitepaths import Row, rows_of
from tests.flows.world import circuit, device, inventory, site

SITES = [site("dc", "c1"), site("nairobi", "n1"), site("juba", "j1")]
DEVICES = [
    device("c1", "dc", 1),
    device("n1", "nairobi", 2, upstream=("site/dc",)),
    device("j1", "juba", 3, upstream=("site/dc",)),
]
SERVED = {"erp": Service(id="erp", name="ERP", formula=Formula(any_of=("site/dc",)))}
WAYS = Ways(Topology(replace(inventory(SITES, DEVICES, [circuit("line", "juba", "j1", "c1")]), services=SERVED)))


def rows(of: str, sees: Callable[[str], bool] = lambda _: True) -> list[Row]:
    return rows_of(WAYS, of, lambda _: "up", [], sees)


def test_a_way_without_a_circuit_is_direct() -> None:
    assert [([step.place.entity for step in row.steps], row.is_direct) for row in rows("site/nairobi")] == [([], True)]


def test_a_way_over_a_circuit_is_not() -> None:
    found = [([step.place.entity for step in row.steps], row.is_direct) for row in rows("site/juba")]
    assert found == [(["circuit/line"], False)]


def test_a_way_over_what_the_reader_may_not_see_is_not_called_direct() -> None:
    found = rows("site/juba", lambda entity: entity != "circuit/line")
    assert [(row.steps, row.is_direct) for row in found] == [((), False)]
