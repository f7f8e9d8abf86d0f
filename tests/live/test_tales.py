"""The centre and a poller that was cut off, over a real Mosquitto: what it told people is known, and told once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from noc.availability.times import parse
from noc.bus import topics
from noc.bus.plans import digest
from noc.bus.tales import IncidentTold, Line, NoticeTold, Tale, written
from noc.bus.tales import digest as name_of
from noc.clock import SystemClock
from noc.model.incident import key_of
from noc.model.instants import to_ms
from noc.wire.mqtt import Publication
from tests.live.house import House, noc
from tests.live.mailserver import MailServer
from tests.live.mosquitto import broker
from tests.live.standin_poller import StandIn, enrol, ping, standing_in, until

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

SETTINGS = """\
pollers:
  broker: {{host: 127.0.0.1, port: {port}}}
  groups:
    east: {{scope: [region/east], vantage: nairobi, autonomy: {autonomy}}}
alerts:
  people:
    achieng: {{email: achieng@example.org}}
    berta: {{email: berta@example.org}}
  policies:
    standard: {{steps: [{{notify: [achieng]}}{more}]}}
  default_policy: standard
  notifiers:
    email: {{host: 127.0.0.1, port: {smtp}, security: none, from: noc@example.org}}
"""
INVENTORY = """\
  far-a: {site: nairobi, address: 127.0.0.2, class: router, liveness: icmp, interval: 10s, stale_after: 60s}
"""
ENTITY, RULE = "device/far-a", "device-down"
MINUTE_MS = 60_000


def now_ms() -> int:
    return to_ms(SystemClock().now())


def house_at(folder: Path, port: int, smtp: int, *, autonomy: str = "true", more: str = "") -> House:
    """Return a house of which a poller asks one device. more: steps after the first."""
    house = House(folder, SETTINGS.format(port=port, smtp=smtp, autonomy=autonomy, more=more))
    inventory = folder / "inventory" / "all.yaml"
    sites = "sites:\n  nairobi: {region: east, class: field, edge_devices: [far-a]}\n"
    text = inventory.read_text().replace("regions: {", "regions: {east: {name: East}, ").replace("sites:\n", sites)
    inventory.write_text(text + INVENTORY)
    enrol(folder / "state", "nbo-1", "east")
    return house


def told(since_ms: int, entity: str = ENTITY, there: int = 4) -> IncidentTold:
    """Return an incident of which the poller told achieng."""
    opened_ms = since_ms + 20_000
    page = NoticeTold(
        step=1,
        number=1,
        person="achieng",
        channel="email",
        kind="page",
        created_ms=opened_ms,
        state="sent",
        attempts=1,
        sent_ms=opened_ms + 500,
    )
    return IncidentTold(
        key=key_of(RULE, entity, since_ms),
        there=there,
        entity=entity,
        rule=RULE,
        origin="status",
        severity="critical",
        policy="standard",
        since_ms=since_ms,
        opened_ms=opened_ms,
        facts={"status": "down", "check": "icmp", "poller": "nbo-1"},
        lines=(Line(at_ms=opened_ms, kind="opened", facts={"why": "down", "rule": RULE}),),
        notices=(page,),
    )


async def tell(poller: StandIn, tale: Tale) -> None:
    await raw(poller, written(tale))


async def raw(poller: StandIn, octets: bytes) -> None:
    await poller.link.publish(Publication(topics.of_poller(poller.name, "tales"), octets))


def acknowledged(poller: StandIn) -> set[int]:
    return {one.tale for one in poller.acks if one.tale}


def unread(poller: StandIn) -> set[str]:
    return {one.unread for one in poller.acks if one.unread}


def incidents(house: House, of: str = ENTITY) -> list[dict[str, object]]:
    items = house.ask("/incidents")["items"]
    assert isinstance(items, list)
    return [one for one in items if one["entity"] == of]


async def test_who_was_called_in_the_cut_is_not_called_again_and_hears_of_the_end(tmp_path: Path) -> None:
    mails = MailServer()
    await mails.start()
    async with broker(tmp_path) as port:
        house = house_at(tmp_path, port, mails.port)
        try:
            await asyncio.to_thread(house.start)
            async with standing_in(port, "nbo-1", "east") as poller:
                await until(lambda: poller.plans, "a plan")
                poller.plan = digest(poller.plans[-1].files)
                await poller.here()
                since_ms = now_ms() - 5 * MINUTE_MS
                strange = told(since_ms, "device/agent", 5)
                await raw(poller, b"nonsense")
                await until(lambda: unread(poller) == {name_of(b"nonsense")}, "word that it can't be read")
                tale = Tale(poller="nbo-1", number=7, alone_ms=since_ms, incidents=(told(since_ms), strange))
                await tell(poller, tale)
                await until(lambda: acknowledged(poller) == {7}, "the tale to be taken")
                (one,) = await asyncio.to_thread(incidents, house)
                assert (one["state"], one["rule"]) == ("new", RULE)
                others = await asyncio.to_thread(incidents, house, "device/agent")  # its own, which nobody answers for
                assert strange.key not in [other["key"] for other in others]
                for number in (1, 2, 3):
                    await poller.send(number, [ping("far-a", "127.0.0.2", now_ms() + number, ok=False)])
                await until(lambda: house.statuses(ENTITY)[-1:] == ["down"], "the device to be down here")
                await tell(poller, tale)
                await until(lambda: len([one for one in poller.acks if one.tale == 7]) == 2, "it to be taken again")
                assert len(await asyncio.to_thread(incidents, house)) == 1
                for number in (4, 5, 6):
                    await poller.send(number, [ping("far-a", "127.0.0.2", now_ms() + number)])
                await until(lambda: house.statuses(ENTITY)[-1:] == ["up"], "the device to be up here")
                await until(lambda: ("resolved", "achieng@example.org") in mails.told(), "the end to be told")
                assert [mail["X-Noc-Kind"] for mail in mails.mails if "far-a" in str(mail["Subject"])] == ["resolved"]
                (one,) = await asyncio.to_thread(incidents, house)
                assert one["state"] == "resolved"
        finally:
            house.close()
            await mails.stop()


def window_over(house: House, entity: str) -> None:
    """Have a window approved that is under way."""
    span = ("--from", f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:%M}", "--for", "3h", "--what", "a new mast")
    agreed = ("window", "approve", "1", "--by", "berta", "--why", "agreed with the mission")
    for words in (("window", "request", entity, *span, "--by", "achieng"), agreed):
        done = noc(house, *words)
        assert done.returncode == 0, done.stderr


def case_of(house: House) -> dict[str, Any]:
    """Return all of the incident of the device."""
    (one,) = incidents(house)
    return house.ask(f"/incidents/{one['id']}")


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_window_that_was_made_during_the_cut_holds_what_the_region_called_for(tmp_path: Path) -> None:
    mails = MailServer()
    await mails.start()
    async with broker(tmp_path) as port:
        house = house_at(tmp_path, port, mails.port, more=", {notify: [berta], after: 1m}")
        try:
            await asyncio.to_thread(house.start)
            async with standing_in(port, "nbo-1", "east") as poller:
                await until(lambda: poller.plans, "a plan")
                poller.plan = digest(poller.plans[-1].files)
                since_ms, before_ms = now_ms() - 5 * MINUTE_MS, now_ms() // 1000 * 1000
                await asyncio.to_thread(window_over, house, ENTITY)
                await poller.here()
                tale = Tale(poller="nbo-1", number=7, alone_ms=since_ms, incidents=(told(since_ms),))
                for _ in range(2):  # it may come again
                    await tell(poller, tale)
                await until(lambda: len([one for one in poller.acks if one.tale == 7]) == 2, "the tale to be taken")
                case = await asyncio.to_thread(case_of, house)
                # Who was called before anybody knew was called; the next, who would be due, is not.
                assert [(one["person"], one["state"]) for one in case["notices"]] == [("achieng", "sent")]
                lines = [(one["kind"], one["facts"].get("why"), one["facts"].get("window")) for one in case["timeline"]]
                assert lines.count(("note", "window", 1)) == 1
                assert lines.index(("opened", "down", None)) < lines.index(("note", "cut_off", None))
                assert lines.index(("note", "cut_off", None)) < lines.index(("note", "window", 1))
                assert case["facts"]["window"] == 1
                assert before_ms <= parse(str(case["facts"]["window_since"])) <= now_ms()
                for number in range(1, 7):
                    reading = ping("far-a", "127.0.0.2", now_ms() + number, ok=number > 3)
                    await poller.send(number, [reading])
                await until(lambda: ("resolved", "achieng@example.org") in mails.told(), "the end to be told")
                case = await asyncio.to_thread(case_of, house)
                assert [(one["person"], one["kind"]) for one in case["notices"]] == [
                    ("achieng", "page"),
                    ("achieng", "resolved"),
                ]
                assert [one for one in mails.told() if one[1].startswith("berta")] == []
        finally:
            house.close()
            await mails.stop()


@pytest.mark.slow
async def test_a_tale_that_can_never_be_taken_is_acknowledged(tmp_path: Path) -> None:
    async with broker(tmp_path) as port:
        house = house_at(tmp_path, port, 1, autonomy="false")
        try:
            await asyncio.to_thread(house.start)
            async with standing_in(port, "nbo-1", "east") as poller:
                await until(lambda: poller.plans, "a plan")
                await tell(poller, Tale(poller="nbo-1", number=3, incidents=(told(now_ms() - MINUTE_MS),)))
                await until(lambda: acknowledged(poller) == {3}, "the tale to be refused")
                assert await asyncio.to_thread(incidents, house) == []
                assert "its group has no `autonomy`" in house.log.read_text()
        finally:
            house.close()
