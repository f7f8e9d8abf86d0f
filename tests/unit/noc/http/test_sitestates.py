"""How sites and circuits are: the worst of what is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from noc.http.sitestates import SITE_LEVELS, Level, site_of, states_of
from noc.model.incident import Incident
from noc.model.present import PartNow, StatusNow, Word
from noc.model.snapshot import Snapshot
from tests.unit.noc.http.house import INVENTORY, NOW_MS


@dataclass
class Known:
    """Everything is up, but for what is told."""

    words: dict[str, Word] = field(default_factory=dict)
    since_ms: int | None = NOW_MS

    def status(self, entity: str) -> StatusNow:
        return StatusNow(self.words.get(entity, "up"), self.since_ms)

    def snapshot(self, _: str) -> Snapshot | None:
        return None

    def parts(self, _: str) -> Sequence[PartNow]:
        return ()


def _incident(number: int, entity: str, severity: str = "major", status: str = "down") -> Incident:
    return Incident(number, entity, "rule", severity, "standard", NOW_MS, NOW_MS, {"status": status})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "level"),
    [
        pytest.param({}, "up", id="all is well"),
        pytest.param({"site/nairobi": "down", "device/nbo-rtr-1": "down"}, "down", id="down"),
        pytest.param({"site/nairobi": "unreachable"}, "unreachable", id="unreachable"),
        pytest.param({"site/nairobi": "unknown", "device/nbo-ups-1": "down"}, "unknown", id="unknown"),
        pytest.param({"device/nbo-ups-1": "down"}, "degraded", id="a device"),
        pytest.param({"device/nbo-ups-1": "unknown"}, "up", id="a device that was never seen"),
        pytest.param({"circuit/nbo-sat": "down"}, "degraded", id="a circuit"),
        pytest.param({"device/bgf-rtr-1": "down"}, "up", id="a device elsewhere"),
    ],
)
def test_a_site_is_as_its_edge_and_degraded_where_something_of_it_is_broken(
    words: dict[str, Word], level: Level
) -> None:
    assert states_of(INVENTORY, Known(words), ()).sites["nairobi"] == level


@pytest.mark.parametrize("entity", ["circuit/nbo-sat", "device/nbo-rtr-1", "interface/nbo-rtr-1/Gi0/0"])
def test_what_an_incident_calls_degraded_is_so_on_the_map(entity: str) -> None:
    found = states_of(INVENTORY, Known(), [_incident(1, entity, status="degraded")])
    assert found.sites == {"nairobi": "degraded", "bangui": "up", "brindisi": "up"}
    assert found.circuits == {"nbo-sat": "degraded"}


def test_a_circuit_is_as_it_is_told() -> None:
    assert states_of(INVENTORY, Known({"circuit/nbo-sat": "unknown"}), ()).circuits == {"nbo-sat": "unknown"}
    assert states_of(INVENTORY, Known({"site/nairobi": "down"}), ()).circuits == {"nbo-sat": "up"}


def test_a_circuit_that_nobody_has_measured_yet_is_no_problem() -> None:
    found = states_of(INVENTORY, Known({"circuit/nbo-sat": "unknown"}, since_ms=None), ())
    assert (found.circuits, found.sites["nairobi"]) == ({"nbo-sat": "unmeasured"}, "up")
    assert "unmeasured" not in SITE_LEVELS


def test_incidents_stand_at_their_sites_the_gravest_first() -> None:
    found = [_incident(1, "device/nbo-ups-1", "warning"), _incident(2, "circuit/nbo-sat", "critical")]
    found += [_incident(3, "poller/far"), _incident(4, "device/gone")]
    assert {site: [one.id for one in those] for site, those in states_of(INVENTORY, Known(), found).open.items()} == {
        "nairobi": [2, 1]
    }


@pytest.mark.parametrize(
    ("entity", "site"),
    [
        ("site/nairobi", "nairobi"),
        ("peer/bds-rtr-1/bgp:192.0.2.9", "brindisi"),
        ("circuit/nbo-sat", "nairobi"),
        ("region/africa", None),
        ("service/erp", None),
    ],
)
def test_where_an_entity_stands(entity: str, site: str | None) -> None:
    assert site_of(INVENTORY, entity) == site
