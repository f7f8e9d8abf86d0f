"""What must not reach what, with its proofs, as the API tells it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from noc.api.routes import routes
from noc.model.instants import to_ms
from noc.model.segmentation import Proof, ProofAnswer
from noc.pipeline.segmentation import Wall
from noc.state import proofs
from tests.unit.noc.api.answers import get, refused
from tests.unit.noc.http.house import FREE_PORT, House, build

WALL = Wall(
    name="a",
    origin_name="field",
    target_name="management",
    origin=(ip_network("10.1.0.0/16"),),
    target=(ip_network("10.9.0.0/24"),),
    ports=(22,),
    icmp=False,
    pairs=(("10.9.0.1", 22), ("10.9.0.2", 22)),
    every_ms=3_600_000,
)


@pytest.fixture
async def walled(tmp_path: Path) -> AsyncIterator[House]:
    walls = (WALL, replace(WALL, name="b"))
    house = await build(tmp_path, FREE_PORT, routes, change=lambda one: replace(one, segmentation=lambda: walls))
    yield house
    await house.stack.aclose()


async def write(house: House, *answers: ProofAnswer) -> None:
    now_ms = to_ms(house.clock.now())
    found = [
        Proof("a", now_ms - number, "probe", "poller/here", "10.1.0.5", "10.9.0.1", 22, answer, "10.9.0.1")
        for number, answer in enumerate(answers)
    ]
    async with house.database.write() as connection:
        await proofs.add(connection, found[::-1])


async def test_statements_with_verdict_and_proofs(walled: House) -> None:
    await write(walled, "open", "prohibited")
    first, second = (await get(walled, "/segmentation"))["items"]
    assert (first["statement"], first["verdict"], first["from"], first["asked"], first["pairs"]) == (
        *("a", "broken", "field"),
        *(1, 2),
    )
    assert [(one["answer"], one["holds"]) for one in first["proofs"]] == [("open", False), ("prohibited", True)]
    assert [one["to"] for one in first["reached"]] == ["10.9.0.1"]
    assert (second["verdict"], second["last"], second["proofs"]) == ("unproven", None, [])


async def test_only_some_verdicts(walled: House) -> None:
    await write(walled, "prohibited")
    items = (await get(walled, "/segmentation?verdict=held"))["items"]
    assert [one["statement"] for one in items] == ["a"]
    assert "is not one of held, broken, unproven" in await refused(
        walled, "/segmentation?verdict=helt", "/query/verdict"
    )
