"""The API's document as people read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.api.routes import routes
from noc.web.apidocument import Noun, Operation, address, nouns, type_words
from tests.unit.noc.http.house import FREE_PORT, build


@pytest.fixture(scope="module")
def told() -> dict[str, Noun]:
    """What is told of the API as it is."""
    import asyncio  # noqa: PLC0415 for this fixture alone
    import tempfile  # noqa: PLC0415

    async def read() -> tuple[Noun, ...]:
        with tempfile.TemporaryDirectory() as folder:
            house = await build(Path(folder), FREE_PORT, routes)
            document = house.server._sources.described.document()
            await house.stack.aclose()
        assert document is not None
        return nouns(document)

    return {one.name: one for one in asyncio.run(read())}


def operation(told: dict[str, Noun], path: str, method: str = "GET") -> Operation:
    noun = told[path.split("/")[3]]
    return next(one for one in noun.operations if (one.method, one.path) == (method, path))


def test_parameters_are_told_with_what_they_may_be(told: dict[str, Noun]) -> None:
    given = {one.name: one for one in operation(told, "/api/v1/sites").given}
    assert given["status"].choices == ("up", "down", "unreachable", "unknown")
    assert given["name__ic"].said == "Only those of which the name has this in it; capitals are as small letters."
    assert given["limit"].type == "whole number from 1 to 1000"
    assert given["limit"].place == "query"
    assert not given["limit"].required


def test_fields_of_answers_and_bodies_are_told_with_those_within(told: dict[str, Noun]) -> None:
    answer = {(one.depth, one.name): one for one in operation(told, "/api/v1/sites").answer}
    assert answer[(0, "items")].type == "list of SiteItem"
    assert answer[(0, "next")].type == "text or null"
    assert answer[(1, "since")].type == "time or null"
    assert answer[(2, "limit_bytes")].type == "whole number"
    body = {one.name: one for one in operation(told, "/api/v1/windows", "POST").body}
    assert body["entity"].required
    assert not body["rrule"].required


def test_every_address_is_told_once_and_only_what_asks_may_be_tried(told: dict[str, Noun]) -> None:
    keys = [one.key for noun in told.values() for one in noun.operations]
    assert len(set(keys)) == len(keys)
    assert len(keys) > 100
    for noun in told.values():
        for one in noun.operations:
            assert one.may_be_tried == (one.method == "GET" and one.path != "/api/v1/stream")
            assert one.fails or one.path.endswith("openapi.json")


def test_an_address_is_filled_in(told: dict[str, Noun]) -> None:
    one = operation(told, "/api/v1/devices/{id}")
    assert address(one, {}) is None
    assert address(one, {"id": [""]}) is None
    assert address(one, {"id": ["../a b"]}) == "/api/v1/devices/..%2Fa%20b"
    listed = operation(told, "/api/v1/devices")
    given = {"site": ["nairobi", ""], "name__ic": ["a&b"], "limit": [""], "other": ["x"]}
    assert address(listed, given) == "/api/v1/devices?site=nairobi&name__ic=a%26b"
    assert address(listed, {}) == "/api/v1/devices"


def test_what_begins_work_is_told_with_the_answer_that_it_has_begun(told: dict[str, Noun]) -> None:
    begun = operation(told, "/api/v1/rehearsals", "POST")
    assert begun.answer
    assert [status for status, _ in begun.fails if status.startswith("2")] == []


def test_what_refers_to_itself_ends() -> None:
    node = {"type": "object", "properties": {"below": {"anyOf": [{"$ref": "#/n"}, {"type": "null"}]}}}
    assert type_words({"n": node}, {"$ref": "#/n"}) == "n"
