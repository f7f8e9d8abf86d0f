"""The page of an incident: what it shows, and what can be done there."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alerts import desk, problemdesk
from noc.http.sources import Sources
from noc.model.incident import ENTRY_KINDS, Entry
from noc.state import accounts, diagnostics, incidents, notes, tickets
from noc.state.alerttables import symptom
from noc.web.manifest import Manifest
from noc.web.pages import WebPages
from noc.web.routes import routes
from tests.unit.noc.http.house import FREE_PORT, NOW_MS, House, build


class Unbuilt(Manifest):
    """Stands where the scripts and styles were not built."""

    def url(self, name: str) -> str:
        return f"/static/{name}"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    def pages(sources: Sources) -> list[object]:
        return list(routes(sources, WebPages(sources, Unbuilt())))

    house = await build(tmp_path, FREE_PORT, pages)  # type: ignore[arg-type]
    await house.log_in("achieng")
    yield house
    await house.stack.aclose()


async def page(house: House, path: str) -> str:
    async with house.http.get(house.url + path) as response:
        assert response.status == 200, await response.text()
        return await response.text()


async def post(house: House, path: str, **fields: str) -> str:
    """Send a form of the page, and return the page that comes."""
    csrf = re.search(r'name="csrf" value="([^"]+)"', await page(house, "/problems"))
    assert csrf is not None
    async with house.http.post(
        house.url + path, data={"csrf": csrf[1], **fields}, headers={"Origin": house.url}
    ) as response:
        assert response.status == 200, await response.text()
        return await response.text()


async def test_all_of_an_incident_is_shown(house: House) -> None:
    number = await house.raises()
    async with house.database.write() as connection:
        await incidents.put(connection, number, {"priority": 1, "respond_by_ms": NOW_MS - 1, "restore_by_ms": NOW_MS})
        fields = {"entity": "device/nbo-ups-1", "rule": "device-down", "origin": "status", "severity": "major"}
        times = {"since_ms": NOW_MS, "joined_ms": NOW_MS, "incident": number, "policy": "", "facts": "{}"}
        await connection.execute(symptom.insert().values(**fields, **times))
        await diagnostics.ask(connection, number, "nbo-rtr-1", ["show version"], NOW_MS)
        await tickets.put(connection, number, "ineed", "INC0012", "open", NOW_MS)
        await notes.put(connection, "device/nbo-rtr-1", NOW_MS, "ann", "it sags in rain")
        await desk.status_update(connection, number, NOW_MS, "ann", "the carrier digs")
        await desk.major(connection, number, NOW_MS, "ann")
        await problemdesk.begin(connection, NOW_MS, "ann", "Modem sags", [number])
        await incidents.record(connection, [Entry(number, NOW_MS, kind) for kind in ENTRY_KINDS])
    text = await page(house, f"/incidents/{number}")
    for part in ("major incident", "Overdue:", "NBO-UPS-1", "INC0012", "it sags in rain", "the carrier digs"):
        assert part in text
    for part in ("Modem sags", "show version", "Answer by", "Key"):
        assert part in text


PANEL = '<details class="panel runbook"'


@pytest.mark.parametrize(
    ("runbook", "shown", "hidden"),
    [
        (
            "/help/runbooks/devices#device-down",
            (
                '<details class="panel runbook"',
                "<strong>Device down.</strong>",
                'href="/help/runbooks/devices#device-down"',
            ),
            ("Transport device down",),
        ),
        (
            "/help/runbooks/devices#none",
            ('<a href="/help/runbooks/devices#none"',),
            (PANEL,),
        ),
        ("https://wiki.example.org/a", ('<a href="https://wiki.example.org/a"',), (PANEL,)),
        ("javascript:alert(1)", ("<bdi>javascript:alert(1)</bdi>",), ('href="javascript', PANEL)),
    ],
)
async def test_what_to_do_is_shown_where_noc_has_it_and_else_linked(
    house: House, runbook: str, shown: tuple[str, ...], hidden: tuple[str, ...]
) -> None:
    number = await house.raises(facts={"runbook": runbook, "status": "down"})
    text = await page(house, f"/incidents/{number}")
    for part in shown:
        assert part in text
    for part in hidden:
        assert part not in text


async def test_who_is_on_call_acknowledges_works_resolves_and_reopens(house: House) -> None:
    number = await house.raises()
    path = f"/incidents/{number}"
    assert "Begin work" in await post(house, f"{path}/acknowledge", note="mine", hours="4")
    text = await post(house, f"{path}/start")
    assert "in progress" in text
    assert "Nobody owns it from" in text
    assert "Not so any more" in await post(house, f"{path}/know", note="it sags in rain")
    assert "Reopen" in await post(house, f"{path}/resolve")
    assert "Acknowledge" in await post(house, f"{path}/reopen", note="not yet")
    assert "No major incident" in await post(house, f"{path}/major")
    async with house.database.read() as connection:
        timeline = await incidents.timeline_of(connection, number)
    assert [entry.kind for entry in timeline] == [
        "opened",
        "acknowledged",
        "in_progress",
        "resolved",
        "reopened",
        "major",
    ]


async def test_a_note_of_an_entity_is_removed_where_it_is_shown(house: House) -> None:
    number = await house.raises()
    text = await post(house, f"/incidents/{number}/know", note="it sags in rain")
    found = re.search(r'name="remove" value="(\d+)"', text)
    assert found is not None
    assert "it sags in rain" not in await post(house, f"/incidents/{number}/know", remove=found[1])


async def test_the_list_tells_priority_symptoms_and_what_is_overdue(house: House) -> None:
    number = await house.raises()
    await house.raises(entity="device/bgf-rtr-1", severity="minor")
    async with house.database.write() as connection:
        await incidents.put(connection, number, {"priority": 2, "respond_by_ms": NOW_MS - 1})
        fields = {"entity": "device/nbo-ups-1", "rule": "device-down", "origin": "status", "severity": "major"}
        times = {"since_ms": NOW_MS, "joined_ms": NOW_MS, "incident": number, "policy": "", "facts": "{}"}
        await connection.execute(symptom.insert().values(**fields, **times))
    text = await page(house, "/problems")
    row = text[text.index(f'id="incident-{number}"') :]
    row = row[: row.index("</tr>")]
    for part in ("P2", "1 symptom", "overdue"):
        assert part in row
    assert "symptom" not in text[text.index('id="incident-2"') :].partition("</tr>")[0]


async def test_what_comes_again_gets_a_record_with_cause_and_workaround(house: House) -> None:
    for _ in range(3):
        number = await house.raises()
        await post(house, f"/incidents/{number}/resolve")
    assert "Open a record" in await page(house, "/problem-records")
    await post(house, "/problem-records", incident=str(number), title="Modem sags")
    fields = {"title": "Modem sags in rain", "state": "known_error", "cause": "rain", "workaround": "wait an hour"}
    text = await post(house, "/problem-records/1", **fields)
    for part in ("Modem sags in rain", "wait an hour", "known error"):
        assert part in text
    assert "workaround: <bdi>wait an hour</bdi>" in await page(house, f"/incidents/{number}")
    text = await page(house, "/problem-records")
    assert "Open a record" not in text
    assert "Modem sags in rain" in text


@pytest.mark.parametrize(
    "entity",
    [
        "shared/beam/ses-4-c3",
        "poller/here",
        "external/ups",
        "segment/field",
        "site/nairobi",
        "peer/nbo-rtr-1/bgp:192.0.2.9",
    ],
)
async def test_roots_of_every_kind_have_a_page(house: House, entity: str) -> None:
    number = await house.raises(entity=entity)
    async with house.database.write() as connection:
        await incidents.put(connection, number, {"cause": "beam", "parent": 7, "closed_ms": None, "reopened": 0})
    assert f"Incident {number}" in await page(house, f"/incidents/{number}")
    assert f'id="incident-{number}"' in await page(house, "/problems")


async def test_a_priority_is_set_and_released_on_the_page(house: House) -> None:
    number = await house.raises()
    path = f"/incidents/{number}"
    text = await post(house, f"{path}/priority", priority="1", note="the visit begins at noon")
    assert "set by" in text
    assert "Let noc work it out" in text
    assert "Let noc work it out" not in await post(house, f"{path}/release-priority")
    async with house.database.read() as connection:
        said = [(entry.kind, entry.facts.get("why")) for entry in await incidents.timeline_of(connection, number)]
    assert said[-2:] == [("priority", "by_hand"), ("priority", "released")]


@pytest.mark.parametrize(
    ("tag", "word"),
    [("ar", "التسلسل الزمني"), ("es", "Cronología"), ("fr", "Chronologie"), ("ru", "Хронология"), ("zh", "时间线")],
)
async def test_the_page_is_in_the_language_of_its_reader(house: House, tag: str, word: str) -> None:
    number = await house.raises()
    text = await post(house, "/language", language=tag, next=f"/incidents/{number}")
    assert word in text
    assert f'<html lang="{tag}" dir="{"rtl" if tag == "ar" else "ltr"}">' in text
    assert "Timeline" not in text
    assert f'<html lang="{tag}"' in await page(house, "/problems")
    async with house.http.get(house.url + f"/incidents/{number}", headers={"Accept-Language": "en"}) as response:
        assert word in await response.text()  # the choice counts before what the browser asks for


async def test_a_storm_is_named_in_words_and_not_by_its_key(house: House) -> None:
    number = await house.raises(entity="shared/storm/default/major")
    for path, part, name in (
        (f"/incidents/{number}", r"<title>(.*?)<.*<h1>(.*?)</h1>", "une série de pannes"),
        ("/problems", r"<tbody(.*)</tbody>", "une série de pannes"),
    ):
        async with house.http.get(house.url + path, headers={"Accept-Language": "fr"}) as response:
            found = re.search(part, await response.text(), re.DOTALL)
        assert found is not None
        for said in found.groups():
            assert name in said
            assert "storm/default" not in said


async def shown_in(house: House, path: str, tag: str) -> str:
    async with house.http.get(house.url + path, headers={"Accept-Language": tag, "Cookie": ""}) as response:
        return re.sub(r"<[^>]*>", "", await response.text())


async def test_a_title_is_joined_as_its_language_joins(house: House) -> None:
    number = await house.raises(facts={"summary": "Device down"})
    for tag, joint in (("en", ": "), ("fr", " : "), ("zh", "：")):
        text = await shown_in(house, f"/incidents/{number}", tag)
        assert re.search(rf"\S{joint}\S*(?:NBO|nbo)", text), tag


async def test_the_audit_is_read_and_searched_in_the_readers_language(house: House) -> None:
    await post(house, f"/incidents/{await house.raises()}/acknowledge")
    assert "incident 1 acknowledged POST /incidents/1/acknowledge" in await shown_in(house, "/audit", "en")
    found = await shown_in(house, "/audit?text=pris+en+charge", "fr")
    assert "incident 1 pris en charge POST /incidents/1/acknowledge" in found
    assert "consultation de l’audit" not in found
    assert "consultation de l’audit" in await shown_in(house, "/audit?text=looked+at", "fr")


async def test_an_owner_is_called_by_the_full_name_of_the_account(house: House) -> None:
    number = await house.raises()
    async with house.database.write() as connection:
        await accounts.add(connection, "a.odhiambo", "Amina Odhiambo", "operator", None, by="test", now_ms=NOW_MS)
        await desk.acknowledge(connection, number, NOW_MS, "a.odhiambo", "")
    for path in (f"/incidents/{number}", "/problems?q=owner:a.odhiambo", "/problems?q=owner:%22Amina+Odhiambo%22"):
        text = await page(house, path)
        assert "<bdi>Amina Odhiambo</bdi>" in text, path
        assert "<bdi>a.odhiambo</bdi>" not in text, path
