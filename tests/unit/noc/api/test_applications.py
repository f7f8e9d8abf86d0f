"""End points, services and rooms, as the API tells them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from noc.api.routes import routes
from noc.app.figures import Figures
from noc.app.objectives import Objectives
from noc.availability.objectives import Target, Targets
from noc.http.sources import Sources
from noc.inventory.endpoints import Endpoint, HttpProbe
from noc.inventory.entities import Service, ServicePlace
from noc.inventory.formula import Formula
from noc.model.present import StatusNow
from noc.model.reading import Reading
from noc.model.replies import Certificate, HttpReply
from noc.model.switch import ServiceSwitch
from noc.pipeline.endpoints import Last
from noc.pipeline.present import Presence
from noc.pipeline.services import ServiceNow
from noc.state import ledger
from tests.things import WATCH
from tests.unit.noc.api.answers import get, refused, whole
from tests.unit.noc.http.house import FREE_PORT, NOW, NOW_MS, House, build

URL = "https://erp.example.org/health?key=7"
ERP = Endpoint("erp-b", "ERP, Brindisi", "brindisi", "hall", "http", HttpProbe(url=URL), WATCH, (), ())
SERVICE = Service(
    id="erp",
    name="ERP",
    places={"brindisi": ServicePlace(formula=Formula(all_of=("endpoint/erp-b",)))},
    availability_target=99.9,
)
CERTIFICATE = Certificate("CN=erp", "CN=ca", NOW - timedelta(days=10), NOW + timedelta(days=5))
REPLY = HttpReply("https://erp.example.org/health", 503, {}, "", 0, 0.1, 0.25, certificate=CERTIFICATE)
LAST = Last(Reading("http", URL, "here", NOW, 0.3, reply=REPLY), ("status 503, not 200",))
DOWN = ServiceNow("down", NOW_MS - 1000, None, None, None, {"endpoint/erp-b": "down"}, {"brindisi": "down"})


class Known:
    """What is known of the applications of these tests."""

    def endpoint(self, entity: str) -> Last | None:
        return LAST if entity == ERP.entity else None

    def service(self, entity: str) -> ServiceNow | None:
        return DOWN if entity == SERVICE.entity else None


def with_applications(sources: Sources) -> Sources:
    whole = sources.inventory()
    inventory = replace(whole, endpoints={"erp-b": ERP}, services={"erp": SERVICE})
    assert isinstance(sources.present, Presence)
    sources.present.beside = {
        "endpoint": lambda _: StatusNow("down", NOW_MS - 1000, NOW_MS),
        "service": lambda _: StatusNow("down", NOW_MS - 1000),
    }
    figures = Figures(sources.database, lambda: inventory, sources.clock)
    targets = Targets(of_entity={SERVICE.entity: Target(Fraction("99.9"), SERVICE.entity)})
    objectives = Objectives(figures, sources.database, lambda: inventory, lambda: targets, sources.clock)
    stated, known = figures.stated, Known()
    return replace(sources, inventory=lambda: inventory, applications=known, stated=stated, objectives=objectives)


@pytest.fixture
async def applied(tmp_path: Path) -> AsyncIterator[House]:
    house = await build(tmp_path, FREE_PORT, routes, change=with_applications)
    yield house
    await house.stack.aclose()


async def test_an_end_point_tells_what_is_wrong_and_no_secret(applied: House) -> None:
    (item,) = (await get(applied, "/endpoints"))["items"]
    assert (item["id"], item["kind"], item["status"], item["faults"]) == (
        "erp-b",
        "http",
        "down",
        ["status 503, not 200"],
    )
    assert (item["response_s"], item["certificate_days"], item["room"]) == (0.25, 5.0, "hall")
    assert item["address"] == "https://erp.example.org/health"
    assert await get(applied, "/endpoints/erp-b") == item
    assert (await get(applied, "/endpoints?kind=dns"))["items"] == []
    assert (await get(applied, "/endpoints?status=up"))["items"] == []
    assert "icmp" in await refused(applied, "/endpoints?kind=icmp", "/query/kind")
    await applied.asks("/api/v1/endpoints/nothing", status=404)


async def test_a_service_tells_what_it_stands_on(applied: House) -> None:
    (item,) = (await get(applied, "/services"))["items"]
    assert (item["status"], item["serving"], item["degraded"], item["availability_target_pct"]) == (
        "down",
        None,
        False,
        99.9,
    )
    assert item["inputs"] == [{"entity": "endpoint/erp-b", "status": "down"}]
    assert item["places"] == [{"site": "brindisi", "status": "down", "serving": False}]
    assert await get(applied, "/services/erp") == item
    await applied.asks("/api/v1/services/nothing", status=404)


async def test_the_history_of_who_served_a_service(applied: House) -> None:
    path, evidence = "/services/erp/switches", (("endpoint/erp-b", "down"),)
    assert (await get(applied, path))["items"] == []
    first, second = (
        ServiceSwitch("service/erp", None, "brindisi", NOW_MS - 2000, "here", evidence),
        ServiceSwitch("service/erp", "brindisi", "valencia", NOW_MS - 1000, "here", evidence),
    )
    async with applied.database.write() as connection:
        await ledger.append(connection, [first, replace(first, entity="service/other"), second])
    for limit in (1, 100):
        found = await whole(applied, path, limit)
        assert [(one["record"], one["served_before"], one["serving"]) for one in found] == [
            (3, "brindisi", "valencia"),
            (1, None, "brindisi"),
        ]
    for query, expected in (("serving=brindisi", [1]), ("served_before__empty=false", [3]), ("since__gte=now", [])):
        assert [one["record"] for one in await whole(applied, f"{path}?{query}", 1)] == expected, query
    assert found[0]["evidence"] == [{"entity": "endpoint/erp-b", "said": "down"}]
    (item, _, _) = (await get(applied, "/ledger"))["items"]
    assert (item["kind"], item["record"]["after"]) == ("switch", "brindisi")
    await applied.asks("/api/v1/services/nothing/switches", status=404)


async def test_rooms_count_end_points_too(applied: House) -> None:
    (item,) = (await get(applied, "/rooms"))["items"]
    assert (item["site"], item["room"], item["devices"], item["endpoints"]) == ("brindisi", "hall", 0, 1)
    assert (await get(applied, "/rooms?site=nairobi"))["items"] == []


async def test_availability_of_services_goes_by_their_own_target(applied: House) -> None:
    figures = await get(applied, "/availability/services/erp")
    assert figures["target"]["target_pct"] == 99.9
    assert (await get(applied, "/availability/services/erp?target=99"))["target"]["target_pct"] == 99.0
    (item,) = (await get(applied, "/availability/endpoints"))["items"]
    assert (item["entity"], item["coverage_pct"]) == ("endpoint/erp-b", 0.0)


async def test_series_of_an_end_point_are_asked_for_by_its_entity(applied: House) -> None:
    assert (await get(applied, "/series/names?device=endpoint/erp-b"))["items"] == []
    assert "no device" in await refused(applied, "/series/names?device=endpoint/nothing", "/query/device")
