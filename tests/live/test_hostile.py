"""Hostile text of devices, callers and colleagues, on every page, in mails, on the command line and in exports."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import socket
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiohttp import ClientSession
from playwright.async_api import Browser, Page

from noc.clock import SystemClock
from noc.model.discovery import Drift, Found
from noc.model.instants import to_ms
from noc.service import running
from noc.state import configurations, drifts, proposals
from noc.state.configurations import Fetched
from noc.state.database import Database
from noc.wire.ber import Oid, Tag, Value
from tests.agents.device import IF_ENTRY, IFX_ENTRY, SYS_CONTACT, SYS_DESCR, SYS_LOCATION, SYS_NAME, device
from tests.agents.snmp import Agent
from tests.hostile import NAME, SCRIPT, TEXTS, octets
from tests.live.browser import chromium
from tests.live.conftest import free_udp_port
from tests.live.house import House, noc
from tests.live.mailserver import MailServer
from tests.views import LOADED_LATER, addresses, lacking

pytestmark = pytest.mark.live

TO = "achieng@example.org"
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]")
NUMBER = re.compile(r"[+-]?[0-9.]+([eE][+-]?[0-9]+)?")
SETTINGS = """\
receivers: {{syslog: {{udp: ["127.0.0.1:{syslog}"]}}}}
alerts:
  people: {{achieng: {{name: {name}, email: achieng@example.org}}}}
  notifiers: {{email: {{host: 127.0.0.1, port: {mail}, security: none, from: noc@example.org}}}}
  policies: {{default: {{steps: [{{notify: [achieng]}}]}}}}
  schedules: {{desk: {{time_zone: UTC, layers: [{{rotation: daily, people: [achieng]}}]}}}}
  desks: {{desk: {{name: {name}, time_zone: UTC, hours: [{{from: "08:00", to: "17:00"}}], schedule: desk}}}}
  sources: {{monitor: {{token: !secret file:source}}}}
segmentation:
  segments: {{field: {{sites: [loopback]}}, management: {{networks: [10.9.0.0/24]}}}}
  statements:
    walls: {{from: field, must_not_reach: management, ports: [22], every: 1h, owner: {name}, targets: [10.9.0.1]}}
"""
INVENTORY = """\
regions: {{here: {{name: {name}}}}}
sites: {{loopback: {{name: {name}, region: here, class: field, edge_devices: [agent], latitude: 1, longitude: 2}}}}
devices:
  agent: {{name: {name}, site: loopback, address: 127.0.0.1, class: router, liveness: snmp, snmp_port: {port}}}
circuits:
  line: {{name: {name}, kind: mpls, site: loopback, provider: {name}, a: {{device: agent, interface: {name}}}}}
endpoints: {{web: {{name: {name}, site: loopback, tcp: {{host: 127.0.0.1, port: 9}}}}}}
services: {{mail: {{name: {name}, places: {{loopback: {{formula: {{all_of: [endpoint/web]}}}}}}}}}}
"""
FOREIGN = """() => {
    const harm = "[onerror], [onload], [onfocus], [onmouseover], script:not([src]), [autofocus][onfocus], [src=x]";
    const isFar = (one, name) => /^\\s*(javascript|data|vbscript):/i.test(one.getAttribute(name) ?? "");
    const leading = ["href", "action", "formaction", "src", "hx-get", "hx-post"];
    const links = [...document.querySelectorAll("*")].filter(one => leading.some(name => isFar(one, name)));
    return [...document.querySelectorAll(harm), ...links].map(one => one.outerHTML.slice(0, 200));
}"""
"""Markup that no page of noc has."""

LOOSE = """whole => {
    const found = [], words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const isApart = one => /isolate|plaintext/.test(getComputedStyle(one).unicodeBidi);
    while (words.nextNode()) {
        const text = words.currentNode;
        if (!text.data.includes("\\u202e") || text.parentElement.closest("option, textarea, title, script")) continue;
        let one = text.parentElement;
        while (getComputedStyle(one).display === "inline" && !isApart(one)) one = one.parentElement;
        const said = text.data.trim(), begun = said.replace(/…$/, "");
        const isAlone = one.textContent.trim() === said && whole.some(one => one.startsWith(begun));
        const isSafe = getComputedStyle(one).display === "inline" ? isApart(one) : isAlone;
        if (!isSafe) found.push(one.outerHTML.slice(0, 300));
    }
    return found;
}"""
"""Texts that turn the direction of writing, and stand neither apart nor alone. whole: such texts."""

TURNING = [NAME, TEXTS["right to left"]]


@dataclass
class Room:
    """A daemon that was told all of it. names: of its world. mails: what it sent."""

    house: House
    mails: MailServer
    names: dict[str, object]


def objects() -> dict[Oid, tuple[Tag, Value]]:
    """Return a device that says all of it: in its names, and as name, description and alias of interfaces."""
    made = device(interfaces=len(TEXTS))
    for oid in (SYS_DESCR, SYS_NAME, SYS_CONTACT, SYS_LOCATION):
        made[oid] = (Tag.OCTET_STRING, octets(NAME))
    for index, text in enumerate(TEXTS.values(), start=1):
        for oid in ((*IF_ENTRY, 2, index), (*IFX_ENTRY, 1, index), (*IFX_ENTRY, 18, index)):
            made[oid] = (Tag.OCTET_STRING, octets(text, 64))
    return made


async def until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(met):
            await asyncio.sleep(0.1)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    mails = MailServer()
    await mails.start()
    (tmp_path / "source").write_text("a-token-of-another-monitor\n")
    syslog = free_udp_port()
    loop, agent = asyncio.get_running_loop(), Agent(objects())
    transport, _ = await loop.create_datagram_endpoint(lambda: agent, local_addr=("127.0.0.1", 0))
    house = House(tmp_path, SETTINGS.format(syslog=syslog, mail=mails.port, name=json.dumps(NAME)))
    house.patience_s = 90.0  # machines of CI are slow when all is tested at once
    port = transport.get_extra_info("sockname")[1]
    (tmp_path / "inventory" / "all.yaml").write_text(INVENTORY.format(name=json.dumps(NAME), port=port))
    try:
        await looked(house)
        await asyncio.to_thread(house.start)
        await until(
            lambda: (
                house.ask("/devices/agent")["status"] == "up" and bool(house.ask("/devices/agent/interfaces")["items"])
            )
        )
        await told(house, syslog)
        names = await written(house)
        transport.close()  # the device falls silent: somebody is called
        await until(lambda: bool(mails.mails))
        yield Room(house, mails, names)
    finally:
        transport.close()
        await asyncio.to_thread(house.close)
        await mails.stop()


async def looked(house: House) -> None:
    """Write what sweeps and looks at configurations find, as if it had been before noc starts."""
    now_ms, said = to_ms(SystemClock().now()), octets("\n".join(TEXTS.values()), 4_000).decode(errors="replace")
    stranger = Found(
        *("10.9.0.1", ("10.9.0.1",), ("icmp", "snmp")), sys_name=NAME, vendor=NAME, model=NAME, serial=NAME, banner=NAME
    )
    near = Found("10.9.0.2", ("10.9.0.2",), ("ssh",), sys_descr=NAME, site="loopback", site_why=NAME, version=NAME)
    (house.folder / "state").mkdir(mode=0o700)
    database = Database(house.folder / "state" / "noc.db")
    async with running([database]), database.write() as connection:
        await proposals.add(connection, [stranger, near], now_ms)
        drifting = [Drift("agent", "serial", "", NAME, NAME), Drift("agent", "neighbour", NAME)]
        await drifts.write(connection, ["agent"], drifting, now_ms)
        for number, text in enumerate((f"hostname {NAME}\n", f"hostname {NAME}\n{said}\n")):
            copy = Fetched(text, str(number).encode(), None, NAME)
            await configurations.keep(connection, "agent", copy, now_ms - 60_000 + number, 10)


async def told(house: House, syslog: int) -> None:
    """Tell noc all of it by syslog and as alerts of another system."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for text in TEXTS.values():
            sender.sendto(b"<187>Mar  1 12:00:00 agent %LINK-3-UPDOWN: " + octets(text, 900), ("127.0.0.1", syslog))
    alerts = [
        {
            "labels": {
                "alertname": octets(text, 150).decode(errors="replace"),
                "severity": "critical",
                "instance": text,
            },
            "annotations": {"summary": text, "runbook_url": text},
        }
        for text in TEXTS.values()
    ]
    url, _ = house.login()
    async with ClientSession(headers={"Authorization": "Bearer a-token-of-another-monitor"}) as http:
        for alert in alerts:
            async with http.post(f"{url}/api/v1/alerts", json=[alert]) as answer:
                assert answer.status < 500, await answer.text()


async def written(house: House) -> dict[str, object]:
    """Write all of it by hand: notes, tickets, problems, windows, corrections, people. Return the names of a world."""
    url, token = house.login()
    now, hour = SystemClock().now(), timedelta(hours=1)
    soon = {"from": f"{now + hour:%Y-%m-%dT%H:%M:%SZ}", "to": f"{now + 2 * hour:%Y-%m-%dT%H:%M:%SZ}"}
    past = {"from": f"{now - 2 * hour:%Y-%m-%dT%H:%M:%SZ}", "to": f"{now - hour:%Y-%m-%dT%H:%M:%SZ}"}
    async with ClientSession(headers={"Authorization": f"Bearer {token}"}) as http:

        async def made(path: str, said: Mapping[str, object], *, needed: bool = True) -> dict[str, object]:
            async with http.post(f"{url}/api/v1{path}", json=said) as answer:
                text = await answer.text()
                assert answer.status < (300 if needed else 500), (path, answer.status, text)
                return dict(json.loads(text)) if answer.status < 300 and text else {}

        incident = await made_incident(house)
        for text in TEXTS.values():
            await made(f"/incidents/{incident}/notes", {"note": text}, needed=False)
            await made("/entity-notes", {"entity": "device/agent", "text": text}, needed=False)
            ticket = {"channel": "email", "reference": text[:100], "url": text[:1000]}
            await made(f"/incidents/{incident}/tickets", ticket, needed=False)
        await made(f"/incidents/{incident}/acknowledge", {"note": NAME})
        record = await made("/problems", {"title": NAME, "incidents": [incident]})
        await made(f"/problems/{record['id']}", {"cause": NAME, "workaround": NAME})
        window = await made("/windows", {"entity": "site/loopback", "why": NAME, "by": NAME, **soon})
        why = {"entity": "site/loopback", "cause": "power", "why": NAME, "evidence": [NAME], "by": NAME}
        correction = await made("/corrections", {**why, **past})
        person = await made(
            "/accounts", {"name": "lucia", "role": "operator", "person": NAME, "email": "l@example.org"}
        )
        played = await made("/what-ifs", {"rule": "device-down", "text": NAME, "days": 1})
        asked = {"schedule": "desk", "person": "achieng", "why": NAME, "by": NAME, **soon}
        await made("/oncall/overrides", asked, needed=False)
        await made("/oncall/handovers", {"schedule": "desk", "text": NAME, "by": NAME}, needed=False)
        report = await made("/reports", {"report": "availability", "period": "7d", "by": "site"})
    return {
        "site": "loopback",
        "device": "agent",
        "circuit": "line",
        "incident": incident,
        "record": record["id"],
        "window": window["id"],
        "correction": correction["id"],
        "report": report["id"],
        "person": person["id"],
        "invitation": "nobodys",
        "link": "nobodys",
        "rule": "device-down",
        "statement": "walls",
        "played": played["id"],
    }


async def made_incident(house: House) -> int:
    """Return an incident that another system's alert opened."""
    await until(lambda: bool(house.ask("/incidents")["items"]))
    items = house.ask("/incidents")["items"]
    assert isinstance(items, list)
    return int(items[0]["id"])


async def visitor(browser: Browser, house: House) -> Page:
    """Return a browser that obeys no content policy: what keeps scripts out has to be the page itself."""
    context = await browser.new_context(bypass_csp=True, viewport={"width": 1440, "height": 900})
    await context.add_init_script("window.ran = () => document.documentElement.setAttribute('data-ran', '')")
    page = await context.new_page()
    url, token = house.login()
    await page.goto(f"{url}/?token={token}&name=Amina")
    return page


async def on_pages(room: Room) -> list[str]:
    """Return what pages make of it."""
    found: list[str] = []
    url, _ = room.house.login()
    parts = [path.format_map(room.names) for path in LOADED_LATER if not lacking(path, room.names)]
    asked = [f"/search?q={TEXTS['attribute']}", f"/problems?q={TEXTS['script']}", f"/sites?q={NAME}", f"/map?q={NAME}"]
    async with chromium() as browser:
        page = await visitor(browser, room.house)
        for path in (*addresses(room.names).values(), *parts, *asked):
            answer = await page.goto(url + path)
            if answer is None or answer.status >= 500:
                found.append(f"{path}: {answer}")
            found += [f"{path}: ran" for _ in range(await page.locator("html[data-ran]").count())]
            found += [f"{path}: markup: {one}" for one in await page.evaluate(FOREIGN)]
            found += [f"{path}: direction: {one}" for one in await page.evaluate(LOOSE, TURNING)]
            if "1337" in await page.evaluate("document.documentElement.innerText"):
                found.append(f"{path}: a template was worked out")
        for path in ("/discovery", "/discovery/drift", "/devices/agent/configuration"):
            await page.goto(url + path)
            if SCRIPT not in await page.inner_text("main"):
                found.append(f"{path} says nothing of it")
        await page.goto(f"{url}/devices/agent")
        if SCRIPT not in await page.inner_text("main"):
            found.append("what the device says does not stand on its page")
    return found


def in_mails(mails: list[EmailMessage]) -> list[str]:
    """Return what mails make of it."""
    found = [f"{mail['To']}, {mail['Bcc']}" for mail in mails if (mail["Bcc"], mail["To"]) != (None, TO)]
    texts = [part for mail in mails for part in mail.walk() if part.get_content_maintype() == "text"]
    for part in texts:
        said, is_html = part.get_content(), part.get_content_subtype() == "html"
        if CONTROLS.search(said) or (is_html and "<script" in said):
            found.append(said)
    return found


def in_exports(room: Room) -> list[str]:
    """Return the cells of tables that spreadsheets would work out."""
    house, report = room.house, f"/reports/{room.names['report']}/file"
    tables = (
        "/audit/file",
        f"{report}?format=csv",
        "/api/v1/devices/agent/latest?format=csv",
        "/api/v1/audit?format=csv",
    )
    found = []
    for path in tables:
        rows = list(csv.reader(io.StringIO(house.page(path))))
        cells = [cell for row in rows for cell in row]
        found += [f"{path}: {cell}" for cell in cells if re.match(r"\s*[=+\-@]", cell) and not NUMBER.fullmatch(cell)]
        if len(rows) < 2:
            found.append(f"{path}: {rows}")
    book = zipfile.ZipFile(io.BytesIO(house.content(f"{report}?format=xlsx")))
    return found + [name for name in book.namelist() if re.search(rb"<f>|<hyperlink", book.read(name))]


async def on_terminals(room: Room) -> list[str]:
    """Return what commands print that drives a terminal."""
    found, shown = [], ["incident", "show", str(room.names["incident"])]
    for command in (["status"], ["incident", "list"], shown, ["event", "list"], ["problem", "list"]):
        done = await asyncio.to_thread(noc, room.house, *command)
        if done.returncode not in (0, 1) or CONTROLS.search(done.stdout + done.stderr):
            found.append(f"{command}: {done.returncode} {done.stdout!a} {done.stderr!a}")
    return found


@pytest.mark.timeout(380)
async def test_hostile_text_is_text_wherever_it_stands(room: Room) -> None:
    assert await on_pages(room) == []
    assert in_mails(room.mails.mails) == []
    assert await asyncio.to_thread(in_exports, room) == []
    assert await on_terminals(room) == []
