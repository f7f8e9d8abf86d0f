"""A small house in which every page has something to show: also windows, corrections, rules, statements, people."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from email.message import EmailMessage
from ipaddress import ip_network
from pathlib import Path

from aiohttp import ClientSession

from alerts.acklinks import AckLinks
from alerts.answers import Answers
from alerts.composing import Telling
from alerts.messages import Context, words
from alerts.rules.compiled import Rules
from alerts.rules.load import load_rules
from alerts.scene import scene_of
from alerts.watch import Watch
from noc.access.people import Acting
from noc.app.rehearsing import Rehearsing
from noc.app.ruleroom import RulesInUse
from noc.app.whatifs import WhatIfs
from noc.http.sources import Sources
from noc.inventory.shipped import shipped
from noc.model.incident import Notice
from noc.model.segmentation import Proof
from noc.pipeline.segmentation import Wall
from noc.state import incidents, outbox, proofs
from tests.live.paged import House
from tests.live.visiting import Visit, visiting
from tests.rehearsed import SCENARIO, SETTINGS, configured

BY = Acting("test")
RULE = "device-down"
PLAYED = f"{SCENARIO}  - {{at: 5m, fail: site/nairobi}}\n  - {{at: 90m, restore: site/nairobi}}\n"
PATIENCE_S = 60
STATEMENT = Wall(
    name="field-to-management",
    origin_name="field offices",
    target_name="management of the data centres",
    origin=(ip_network("10.1.0.0/16"),),
    target=(ip_network("10.9.0.0/24"),),
    ports=(22, 443),
    icmp=True,
    pairs=(("10.9.0.1", 22), ("10.9.0.1", 443)),
    every_ms=3_600_000,
    owner="security desk",
)


@dataclass(frozen=True)
class Furnished:
    """A visit, and what a world's names are here."""

    visit: Visit
    names: Mapping[str, object]


def with_rules(folder: Path, links: AckLinks) -> Callable[[Sources], Sources]:
    """Return what gives a house the rules that come with noc, a statement of segmentation, rehearsals, links."""

    def change(one: Sources) -> Sources:
        rules = Rules(load_rules([shipped("rules")])[0].values())
        watch = Watch(rules, one.inventory(), "here")
        past = WhatIfs(folder / "noc.yaml", one.clock)
        folders = [shipped("rules")]
        room = RulesInUse(one.database, one.clock, lambda: rules, lambda: watch, one.inventory, lambda: folders, past)
        telling = Telling(one.people(), {}, one.inventory, links=links)
        return replace(
            one,
            rules=room,
            segmentation=lambda: (STATEMENT,),
            rehearsals=Rehearsing(folder / "network" / "noc.yaml", one.clock),
            answers=Answers(one.database, one.clock, links, lambda: telling),
        )

    return change


@asynccontextmanager
async def furnished(folder: Path, *, is_played: bool = False) -> AsyncIterator[Furnished]:
    """Run it, and a browser that has logged in. is_played: its rehearsal is over, which takes a few seconds."""
    links = AckLinks(folder, 3_600_000)
    _networked(folder / "network")
    async with visiting(folder, with_rules(folder, links)) as visit:
        house = visit.house
        made = await _furnish(house)
        link = await _linked(house, links)
        (folder / "mail" / "0002.eml").write_bytes(bytes(await _mailed(house, f"{house.server.url}/a/{link}")))
        if is_played:
            await _played(house, int(str(made["rehearsed"])))
        yield Furnished(visit, {**made, "link": link})


def _networked(folder: Path) -> None:
    """Write a network to rehearse with."""
    folder.mkdir()
    (folder / "community").touch(mode=0o600)
    (folder / "community").write_text("public\n")
    configured(folder, SETTINGS.replace('"env:COMMUNITY"', "file:community"))


async def _linked(house: House, links: AckLinks) -> str:
    """Page Achieng; return the last part of the link in her message."""
    notice = Notice(0, "k", 1, 1, "achieng", "email", "page", house.now_ms(), "sent")
    async with house.database.write() as connection:
        await outbox.put(connection, [notice])
    async with house.database.read() as connection:
        (kept,) = await outbox.of_incident(connection, 1)
    return links.path(kept, house.now_ms()).rpartition("/")[2]


async def _mailed(house: House, ack_url: str) -> EmailMessage:
    """Return the mail of the first incident, as it is sent."""
    async with house.database.read() as connection:
        incident = await incidents.get(connection, 1)
    assert incident is not None
    notice = Notice(0, "k", 1, 1, "achieng", "email", "page", 0, "sent")
    scene = scene_of(incident.entity, house.inventory)
    context = Context(symptoms=2, named=("device/goma-modem-1",), ack_url=ack_url, by_reply=True)
    said = words(incident, notice, scene, house.now_ms(), house.server.url, context=context, simulated=True)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "noc@example.org", "achieng@example.org", said.subject
    mail.set_content(said.text)
    mail.add_alternative(said.html, subtype="html")
    return mail


async def _played(house: House, number: int) -> None:
    room = house.server._sources.rehearsals
    assert room is not None
    over = await room.ended(number, PATIENCE_S)
    assert over is not None
    assert over.state == "done", over.said


async def _furnish(house: House) -> Mapping[str, object]:
    now, access = house.clock.now(), house.server.gate.access
    soon, past = now + timedelta(hours=5), now - timedelta(hours=3)
    hour = timedelta(hours=1)
    async with house.database.write() as connection:
        reached = Proof(
            STATEMENT.name, house.now_ms() - 60_000, "probe", "poller/here", "10.1.0.4", "10.9.0.1", 22, "open"
        )
        await proofs.add(connection, [reached, replace(reached, port=443, answer="silent")])
    lucia = await access.people.add("lucia", "Lucía Ortega", "operator", frozenset({"africa"}), "l@example.org", BY)
    async with ClientSession(headers={"Authorization": f"Bearer {house.server.gate.tokens.issue()}"}) as http:

        async def made(path: str, **said: object) -> int:
            async with http.post(f"{house.server.url}/api/v1{path}", json=said) as answer:
                told = await answer.json()
                assert answer.status < 300, told
                return int(told["id"])

        span = {"from": f"{soon:%Y-%m-%dT%H:%M:%SZ}", "to": f"{soon + hour:%Y-%m-%dT%H:%M:%SZ}"}
        was = {"from": f"{past:%Y-%m-%dT%H:%M:%SZ}", "to": f"{past + hour:%Y-%m-%dT%H:%M:%SZ}"}
        return {
            "site": "goma",
            "device": "nairobi-rtr-1",
            "circuit": "nbo-mpls",
            "incident": 1,
            "mail": "0002",
            "report": 1,
            "rule": RULE,
            "statement": STATEMENT.name,
            "person": lucia.id,
            "invitation": await access.people.invite(lucia.id, BY),
            "window": await made("/windows", entity="site/goma", why="new masts", **span),
            "correction": await made("/corrections", entity="site/goma", cause="power", why="no fuel", **was),
            "record": await made("/problems", title="Terminals that fall off after rain", incidents=[2]),
            "rehearsed": await made("/rehearsals", scenario=PLAYED),
            "played": await made("/what-ifs", rule=RULE, text="enabled: false", days=1),
        }
