"""The OpenAPI document: complete, whole in itself, and open to all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis

from noc.api._endpoint import ROOT
from noc.api.routes import endpoints
from tests.unit.noc.http.house import House

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "api.md"


@pytest.fixture
async def document(house: House) -> dict[str, Any]:
    return await house.asks(f"{ROOT}/openapi.json", bearer=False)


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


async def test_every_endpoint_is_described(house: House, document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    listed = {(endpoint.method, ROOT + endpoint.path) for endpoint in endpoints(house.server._sources)}
    assert described == listed | {("GET", f"{ROOT}/stream"), ("GET", f"{ROOT}/openapi.json")}
    assert len(described) > 20
    ids = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(set(ids)) == len(ids)


async def test_it_is_valid_by_the_schema_of_openapi_3_1(document: dict[str, Any]) -> None:
    schemathesis.openapi.from_dict(document).validate()
    document["paths"][f"{ROOT}/sites"]["get"]["parameters"][0]["in"] = "somewhere"
    with pytest.raises(jsonschema_rs.ValidationError):
        schemathesis.openapi.from_dict(document).validate()


async def test_every_route_of_the_api_is_described(house: House, document: dict[str, Any]) -> None:
    served = {(route.method.lower(), route.path) for route in house.server.rights if route.path.startswith(ROOT)}
    assert {(method, path) for path, methods in document["paths"].items() for method in methods} == served


async def test_every_operation_says_what_it_takes_and_how_it_may_fail(document: dict[str, Any]) -> None:
    shared = document["components"]["responses"]
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            if one.get("security") == []:
                continue
            assert {"400", "401", "403", "404", "421", "429", "500", "503"} <= set(one["responses"]), path
            assert ("304" in one["responses"]) == (method == "get" and not path.endswith("/stream")), path
            assert method == "get" or "413" in one["responses"], path
            assert ("415" in one["responses"]) == ("requestBody" in one), path
            assert path.endswith("/stream") or f"the right to {one['x-right']}," in one["description"], path
    assert all(name in shared for name in ("NotModified", "Status403", "Status415"))


async def test_what_takes_a_key_tells_that_it_may_have_been_used(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for one in methods.values():
            names = {given["name"] for given in one.get("parameters", [])}
            assert ("Idempotency-Key" in names) == ("422" in one["responses"]), path
            assert ("If-Match" in names) == ("412" in one["responses"]), path


async def test_every_noun_says_what_it_is(document: dict[str, Any]) -> None:
    nouns = {one["name"]: one.get("description", "") for one in document["tags"]}
    assert [name for name, said in nouns.items() if not said.endswith(".")] == []
    assert nouns["incidents"].startswith("Incidents: lists")


async def test_who_asks_again_for_it_is_told_that_nothing_changed(house: House) -> None:
    async with house.http.get(f"{house.url}{ROOT}/openapi.json") as response:
        tag = response.headers["ETag"]
    async with house.http.get(f"{house.url}{ROOT}/openapi.json", headers={"If-None-Match": tag}) as response:
        assert response.status == 304


async def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    found = set(references(document))
    there = {
        f"#/components/{kind}/{name}" for kind in ("schemas", "responses") for name in document["components"][kind]
    }
    assert there >= found
    assert "#/components/schemas/Problem" in found
    assert [name for name in schemas if not re.fullmatch(r"[A-Za-z0-9._-]+", name)] == []


async def test_paths_and_parameters_agree(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            given = {entry["name"] for entry in operation.get("parameters", []) if entry["in"] == "path"}
            assert given == set(re.findall(r"{(\w+)}", path)), path
            assert ("200" in operation["responses"]) != ("202" in operation["responses"])


async def test_times_and_nulls_are_told(document: dict[str, Any]) -> None:
    site = document["components"]["schemas"]["SiteItem"]
    assert set(site["required"]) >= {"id", "status", "since", "class"}
    since = site["properties"]["since"]["anyOf"]
    assert [entry.get("type") for entry in since] == ["string", "null"]
    assert since[0]["format"] == "date-time"
    status = site["properties"]["status"]
    assert "up" in json.dumps(status)
    assert "everything on the way" in json.dumps(document["components"]["schemas"])


async def test_nothing_else_of_the_api_is_open(house: House, document: dict[str, Any]) -> None:
    del document["paths"][f"{ROOT}/openapi.json"]
    for path, methods in document["paths"].items():
        for method in methods:
            await house.asks(path.replace("{id}", "1"), method=method.upper(), bearer=False, status=401)


async def test_the_reference_page_names_every_endpoint(document: dict[str, Any]) -> None:
    text = PAGE.read_text()
    missing = [path for path in document["paths"] if f"`{path.removeprefix(ROOT)}`" not in text]
    assert missing == []


async def test_only_what_can_conflict_tells_of_conflicts(document: dict[str, Any]) -> None:
    found = {
        path for path, methods in document["paths"].items() for one in methods.values() if "409" in one["responses"]
    }
    decided = ("approve", "reject", "cancel", "shorten", "leave-out")
    assert found == {
        *(
            f"{ROOT}/incidents/{{id}}/{word}"
            for word in ("acknowledge", "own", "start", "resolve", "reopen", "close", "major", "priority")
        ),
        f"{ROOT}/accounts",
        *(f"{ROOT}/accounts/{{id}}/{word}" for word in ("change", "reset", "disable")),
        f"{ROOT}/tokens",
        f"{ROOT}/alerts",
        f"{ROOT}/problems",
        f"{ROOT}/problems/{{id}}/join",
        f"{ROOT}/rehearsals",
        f"{ROOT}/rehearsals/{{id}}/cancel",
        f"{ROOT}/windows",
        f"{ROOT}/windows/import",
        *(f"{ROOT}/oncall/{what}" for what in ("overrides/{id}/cancel", "handovers", "handovers/{id}/accept")),
        *(f"{ROOT}/windows/{{id}}/{step}" for step in decided),
        f"{ROOT}/what-ifs",
        f"{ROOT}/report-runs",
        *(f"{ROOT}/discovery/proposals/{{id}}/{word}" for word in ("ignore", "propose")),
        f"{ROOT}/corrections",
        *(f"{ROOT}/corrections/{{id}}/{step}" for step in ("approve", "reject", "withdraw")),
    }
