"""The pages of rules and of segmentation."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from alerts.rules.compiled import Rules
from alerts.rules.load import load_rules
from alerts.watch import Watch
from noc.app.ruleroom import RulesInUse
from noc.app.whatifs import WhatIfs
from noc.http.ruleroom import Played
from noc.http.sources import Sources
from noc.model.segmentation import Proof, ProofAnswer
from noc.pipeline.segmentation import Wall
from noc.state import proofs
from noc.web.manifest import Manifest
from noc.web.pages import WebPages
from noc.web.routes import routes
from tests.unit.noc.http.house import FREE_PORT, NOW_MS, House, build

RULE = """\
kind: down
summary: Device <b>down</b>
severity: major
for: 0s
runbook: https://wiki.example/down
examples:
  - {name: it is down, status: [{at: 1m, status: down}], raised: [2m]}
"""
WALL = Wall(
    name="a",
    origin_name="field",
    target_name="management",
    origin=(ip_network("10.1.0.0/16"),),
    target=(ip_network("10.9.0.0/24"),),
    ports=(22,),
    icmp=False,
    pairs=(("10.9.0.1", 22),),
    every_ms=3_600_000,
)
CASE = {
    "entity": "device/x",
    "rule": "device-down",
    "severity": "major",
    "opened_at": "2026-03-01T02:30:00Z",
    "resolved_at": None,
    "part_of": None,
    "calls": {"achieng": 2},
}
SIDE = {"incidents": 1, "symptoms": 0, "calls": 2, "people": {"achieng": 2}}
MOVED: dict[str, object] = {
    **CASE,
    "opened_at": "2026-03-01T02:20:00Z",
    "resolved_at": "2026-03-01T03:00:00Z",
    "severity": "minor",
    "part_of": "site/goma",
}
ANSWER: dict[str, object] = {
    "from": "2026-03-01T00:00:00Z",
    "to": "2026-03-02T00:00:00Z",
    "appear": [CASE],
    "vanish": [],
    "move": [{"before": CASE, "after": MOVED, "what": ["opens 10m earlier"]}],
    "same": 3,
    "before": {**SIDE, "calls": 0, "people": {}},
    "after": SIDE,
    "not_played": ["events of before March"],
}


class Past(WhatIfs):
    """Plays nothing; what is known is put there."""

    def __init__(self) -> None:
        self.known: dict[int, Played] = {}

    def begin(self, name: str, text: str, days: int) -> Played:
        self.check(name, text, days)
        self.known[1] = Played(1, name, text, days, "running", NOW_MS, 0.25, None, ())
        return self.known[1]

    def get(self, number: int) -> Played | None:
        return self.known.get(number)


class Unbuilt(Manifest):
    """Stands where the scripts and styles were not built."""

    def url(self, name: str) -> str:
        return f"/static/{name}"


@dataclass
class Desk:
    house: House
    past: Past

    async def page(self, path: str, status: int = 200) -> str:
        async with self.house.http.get(self.house.url + path) as answer:
            assert answer.status == status
            return await answer.text()

    async def send(self, **form: str) -> tuple[str, str]:
        """Return the address that is shown then, and the page."""
        csrf = re.search(r'name="csrf" value="([^"]+)"', await self.page("/what-ifs/new"))
        assert csrf is not None
        data, headers = {"csrf": csrf[1], **form}, {"Origin": self.house.url}
        async with self.house.http.post(f"{self.house.url}/what-ifs", data=data, headers=headers) as answer:
            return answer.url.path, await answer.text()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "device-down.yaml").write_text(RULE)
    rules, past = Rules(load_rules([tmp_path / "rules"])[0].values()), Past()

    def change(one: Sources) -> Sources:
        watch = Watch(rules, one.inventory(), "here")
        folders = [tmp_path / "rules"]
        room = RulesInUse(one.database, one.clock, lambda: rules, lambda: watch, one.inventory, lambda: folders, past)
        return replace(one, rules=room, segmentation=lambda: (WALL, replace(WALL, name="b")))

    made = lambda sources: routes(sources, WebPages(sources, Unbuilt()))  # noqa: E731
    house = await build(tmp_path, FREE_PORT, made, change=change)
    await house.log_in()
    yield Desk(house, past)
    await house.stack.aclose()


async def test_rules_are_listed_and_filtered(desk: Desk) -> None:
    await desk.house.raises()
    text = await desk.page("/rules")
    assert "Device &lt;b&gt;down&lt;/b&gt;" in text
    assert 'class="s-major"' in text
    assert "No rule fits this filter" in await desk.page("/rules?q=nowhere")
    assert "Device &lt;b&gt;" in await desk.page("/rules?raised=true&kind=down")


async def test_a_rule_shows_its_file_and_an_example_that_does_not_hold(desk: Desk) -> None:
    text = await desk.page("/rules/device-down")
    assert "does not hold" in text
    assert "status: [{at: 1m, status: down}]" in text
    assert "rule none" in await desk.page("/rules/none", 404)


async def test_a_rule_that_noc_makes_itself_has_a_page(desk: Desk) -> None:
    listed = await desk.page("/rules")
    assert 'href="/rules/store-away"' in listed
    assert "The store takes no batch, for three minutes" in listed
    assert 'href="/rules/store-away"' not in await desk.page("/rules?kind=down")
    found = await desk.page("/rules?q=batch+minutes")
    assert ('href="/rules/store-away"' in found, 'href="/rules/poller-gone"' in found) == (True, False)
    assert "Show all rules" not in found
    page = await desk.page("/rules/store-away")
    assert "made by noc" in page
    assert "For three minutes no batch went in" in page, "its runbook"
    assert "<textarea" not in page, "nobody changes it"


async def test_an_incident_links_to_its_rule_and_has_the_runbook_that_the_rule_has_now(desk: Desk) -> None:
    """It was opened without one: what its rule said then is kept."""
    await desk.house.raises()
    page = await desk.page("/incidents/1")
    assert 'href="/rules/device-down"' in page
    assert 'href="https://wiki.example/down"' in page


async def test_a_change_is_played_and_seen(desk: Desk) -> None:
    path, text = await desk.send(rule="device-down", text="enabled: false", days="3")
    assert (path, 'hx-trigger="every 2s"' in text, "25 %" in text) == ("/what-ifs/1", True, True)
    desk.past.known[1] = replace(desk.past.known[1], state="done", answer=ANSWER)
    text = await desk.page("/what-ifs/1")
    assert ("every 2s" in text, "achieng" in text) == (False, True)
    cell = text.partition('<ul class="plain-list">')[2].partition("</ul>")[0].replace("</li>", "|")
    assert re.sub(r"<svg.*?</svg>|<[^>]*>", "", cell).split("|")[:-1] == [
        "is a part of site/goma now",
        "is minor now",
        "opens 10 min earlier",
        "ends now: 1 Mar, 03:00 UTC",
    ]
    desk.past.known[1] = replace(desk.past.known[1], state="failed", said=("x.yaml:1:1: error: <i>",))
    assert "x.yaml:1:1: error: &lt;i&gt;" in await desk.page("/what-ifs/1")
    assert "what-if 2" in await desk.page("/what-ifs/2", 404)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"rule": "No Name", "text": "x", "days": "3"}, "is no name of a rule"),
        ({"rule": "x", "text": "x", "days": "many"}, "is not from 1 to 31"),
        ({"rule": "x", "text": "", "days": "1"}, "a rule has 1 to"),
    ],
)
async def test_what_can_not_be_played_is_said(desk: Desk, form: dict[str, str], said: str) -> None:
    path, text = await desk.send(**form)
    assert path == "/what-ifs"
    assert said in text


@pytest.mark.parametrize(("answer", "said"), [("open", "broken"), ("prohibited", "held"), ("silent", "unproven")])
async def test_walls_with_their_verdict_and_proofs(desk: Desk, answer: ProofAnswer, said: str) -> None:
    proof = Proof("a", NOW_MS - 1, "probe", "poller/here", "10.1.0.5", "10.9.0.1", 22, answer, "10.9.0.1")
    async with desk.house.database.write() as connection:
        await proofs.add(connection, [proof])
    assert f"<b>{said}</b>" in await desk.page("/segmentation")
    assert "none yet" in await desk.page("/segmentation")
    assert "10.1.0.5 → 10.9.0.1" in await desk.page("/segmentation/a")
    assert "There is no proof yet" in await desk.page("/segmentation/b")
    assert "statement c" in await desk.page("/segmentation/c", 404)
