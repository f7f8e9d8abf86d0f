"""The OpenAPI document: complete, whole in itself, and open to all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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
    assert described == {(endpoint.method, ROOT + endpoint.path) for endpoint in endpoints(house.server._sources)}
    assert len(described) > 20
    ids = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(set(ids)) == len(ids)


async def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    found = set(references(document))
    assert {f"#/components/schemas/{name}" for name in schemas} >= found
    assert "#/components/schemas/Problem" in found
    assert [name for name in schemas if not re.fullmatch(r"[A-Za-z0-9._-]+", name)] == []


async def test_paths_and_parameters_agree(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            given = {entry["name"] for entry in operation.get("parameters", []) if entry["in"] == "path"}
            assert given == set(re.findall(r"{(\w+)}", path)), path
            assert "200" in operation["responses"]


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
        f"{ROOT}/windows",
        f"{ROOT}/windows/import",
        *(f"{ROOT}/oncall/{what}" for what in ("overrides/{id}/cancel", "handovers", "handovers/{id}/accept")),
        *(f"{ROOT}/windows/{{id}}/{step}" for step in decided),
        f"{ROOT}/what-ifs",
        f"{ROOT}/corrections",
        *(f"{ROOT}/corrections/{{id}}/{step}" for step in ("approve", "reject", "withdraw")),
    }
