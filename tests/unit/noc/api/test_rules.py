"""Rules as scripts see them, and what a change of one would have done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from alerts.rules.compiled import Rules
from alerts.rules.load import load_rules
from alerts.rules.made import MADE
from alerts.watch import Watch
from noc.api._endpoint import ROOT
from noc.api.routes import routes
from noc.app.ruleroom import RulesInUse
from noc.app.whatifs import WhatIfs
from noc.http.ruleroom import Played
from noc.http.scope import Scope
from noc.http.sources import Sources
from noc.model.errors import ConflictError
from tests.unit.noc.api.answers import ask, get, refused
from tests.unit.noc.http.house import FREE_PORT, NOW_MS, House, build

DOWN = """\
kind: down
summary: Device down
severity: major
for: 0s
owner: the desk
examples:
  - {name: it is down, status: [{at: 1m, status: down}], raised: [1m]}
"""
BUSY = """\
kind: threshold
summary: Processor busy
severity: warning
for: 5m
classes: [router]
devices: ["nbo-*"]
measurement: noc_processor
field: usage_pct
above: {raise: 90, clear: 80}
"""
OWN = BUSY.replace("raise: 90", "raise: 95")
WRONG = "examples:\n  - {name: never, status: [{at: 1m, status: down}], raised: [5m]}\n"


class Past(WhatIfs):
    """Takes what is asked, and plays nothing."""

    def __init__(self) -> None:
        self.asked: dict[int, Played] = {}

    def begin(self, name: str, text: str, days: int) -> Played:
        if self.asked:
            raise ConflictError("number 1 is being played")
        self.asked[1] = Played(1, name, text, days, "running", NOW_MS, 0.25, None, ())
        return self.asked[1]

    def get(self, number: int) -> Played | None:
        return self.asked.get(number)


@dataclass
class Desk:
    house: House
    own: Path
    past: Past
    rules: Rules


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    first, own = tmp_path / "shipped", tmp_path / "own"
    for folder in (first, own):
        folder.mkdir()
    (first / "device-down.yaml").write_text(DOWN)
    (first / "busy.yaml").write_text(BUSY)
    (first / "extra.yaml").write_text(BUSY)
    (own / "busy.yaml").write_text(OWN)
    (own / "extra.yaml").write_text("enabled: false\n")
    rules, past = Rules(load_rules([first, own])[0].values()), Past()

    def change(one: Sources) -> Sources:
        watch = Watch(rules, one.inventory(), "here")
        room = RulesInUse(
            *(one.database, one.clock, lambda: rules, lambda: watch, one.inventory, lambda: [first, own], past)
        )
        return replace(one, rules=room)

    house = await build(tmp_path, FREE_PORT, routes, change=change)
    yield Desk(house, own, past, rules)
    await house.stack.aclose()


async def test_rules_are_listed_with_what_they_are_for_and_how_they_stand(desk: Desk) -> None:
    await desk.house.raises()
    busy, down = (await get(desk.house, "/rules"))["items"]
    assert (busy["name"], busy["kind"], busy["for_s"]) == ("busy", "threshold", 300)
    assert busy["scope"] == {"classes": ["router"], "devices": ["nbo-*"]}
    assert (busy["looks_for"], busy["shipped"], busy["replaces"]) == (
        "noc_processor.usage_pct >= 95 percent",
        False,
        True,
    )
    assert (busy["entities"], busy["series"], busy["raised"], busy["last_raised"]) == (2, 0, 0, None)
    assert (down["name"], down["shipped"], down["owner"], down["examples"]) == ("device-down", True, "the desk", 1)
    assert (down["entities"], down["series"], down["raised"], down["raised_lately"]) == (4, None, 1, 1)
    assert down["last_raised"] == "2026-03-01T11:59:30Z"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("kind=down", ["device-down"]),
        ("severity=warning", ["busy"]),
        ("raised=true", ["device-down"]),
        ("raised=false", ["busy"]),
        ("q=USAGE%20router", ["busy"]),
        ("q=desk", ["device-down"]),
        ("q=nothing", []),
        ("limit=1", ["busy"]),
    ],
)
async def test_only_some_rules(desk: Desk, query: str, names: list[str]) -> None:
    await desk.house.raises()
    assert [one["name"] for one in (await get(desk.house, f"/rules?{query}"))["items"]] == names


async def test_rules_that_noc_makes_itself_are_listed_with_their_runbooks(desk: Desk) -> None:
    await desk.house.raises(rule="store-away", entity="site/nairobi")
    found = {one["name"]: one for one in (await get(desk.house, "/made-rules"))["items"]}
    assert len(found) == len(MADE)
    away = found["store-away"]
    assert (away["raised"], away["raised_lately"]) == (1, 1)
    assert away["runbook"] == "/help/runbooks/noc-itself#store-away"
    assert away["watches"] == "The store takes no batch, for three minutes"
    (one,) = (await get(desk.house, "/made-rules?q=batch%20minutes%20THREE"))["items"]
    assert one["name"] == "store-away"


async def test_one_rule_has_its_file_and_what_comes_of_its_examples(desk: Desk) -> None:
    found = await get(desk.house, "/rules/device-down")
    assert (found["text"], found["changed"]) == (DOWN, False)
    happened = [{"at_s": 60.0, "status": "raised", "entity": "device/example"}]
    assert found["tried"] == [{"example": "it is down", "ok": True, "wrong": [], "happened": happened}]


async def test_a_file_that_is_not_in_use_yet_is_told(desk: Desk) -> None:
    await get(desk.house, "/rules/device-down")
    (desk.own / "device-down.yaml").write_text(DOWN.partition("examples")[0] + WRONG)
    found = await get(desk.house, "/rules/device-down")
    assert (found["changed"], found["tried"][0]["ok"]) == (True, False)
    assert "5m" in found["tried"][0]["wrong"][0]
    (desk.own / "device-down.yaml").write_text("kind: dawn\n")
    found = await get(desk.house, "/rules/device-down")
    assert any("device-down.yaml:1:7: error: " in wrong for wrong in found["tried"][0]["wrong"])


async def test_what_there_is_not(desk: Desk) -> None:
    assert "rule none" in str((await desk.house.asks(f"{ROOT}/rules/none", status=404))["detail"])
    assert "is not one of down" in await refused(desk.house, "/rules?kind=dawn", "/query/kind")


async def test_a_change_is_tried_beside_the_daemon(desk: Desk) -> None:
    asked = {"rule": "busy", "text": OWN, "days": 3}
    begun = await ask(desk.house, "POST", "/what-ifs", json=asked)
    assert (begun["id"], begun["state"], begun["days"]) == (1, "running", 3)
    assert (await get(desk.house, "/what-ifs/1"))["done"] == 0.25
    await desk.house.asks(f"{ROOT}/what-ifs", method="POST", json=asked, status=409)
    assert "what-if 2" in str((await desk.house.asks(f"{ROOT}/what-ifs/2", status=404))["detail"])


async def test_rules_of_the_whole_network_are_for_those_who_may_see_it(desk: Desk) -> None:
    await desk.house.log_in_as(Scope(frozenset({"africa"})))
    async with desk.house.http.get(f"{desk.house.url}/api/v1/rules") as answer:
        assert answer.status == 404
