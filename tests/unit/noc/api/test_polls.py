"""What is told of checks that fail: by the API and on the page of a device."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from noc.api.routes import routes as api_routes
from noc.http.sources import Sources
from noc.model.present import PollNow
from noc.model.reading import Failure, FailureKind, PartFailure, SnmpLine
from noc.model.snapshot import DeviceIdentity, Snapshot
from noc.web.pages import WebPages
from noc.web.routes import routes as page_routes
from tests.unit.noc.api.answers import get
from tests.unit.noc.http.house import FREE_PORT, NOW_MS, House, build

REFUSED = Failure(FailureKind.REFUSED, "192.0.2.1: port 161 is refused: <b>no</b> SNMP agent listens there")
LINE = SnmpLine(0.62, 0.93, 1400, 60)
POLLS = {"device/nbo-rtr-1": (PollNow("icmp", NOW_MS), PollNow("snmp", NOW_MS, REFUSED, 4, LINE))}
IDENTITY = DeviceIdentity("192.0.2.1", *(None,) * 10, "generic")  # type: ignore[arg-type]


@pytest.fixture
async def failing(tmp_path: Path) -> AsyncIterator[House]:
    """A house in which one device can't be read by SNMP."""

    def both(sources: Sources) -> list[object]:
        return [*api_routes(sources), *page_routes(sources, WebPages(sources))]

    def change(sources: Sources) -> Sources:
        return replace(sources, polls=lambda entity: POLLS.get(entity, ()))

    house = await build(tmp_path, FREE_PORT, both, change=change)  # type: ignore[arg-type]
    yield house
    await house.stack.aclose()


async def test_the_api_tells_how_each_check_went(failing: House) -> None:
    since = "2026-03-01T12:00:00Z"
    assert (await get(failing, "/devices/nbo-rtr-1"))["polls"] == [
        {"check": "icmp", "ok": True, "since": since, "kind": None, "reason": "", "failures": 0, "line": None},
        {
            "check": "snmp",
            "ok": False,
            "since": since,
            "kind": "refused",
            "reason": REFUSED.reason,
            "failures": 4,
            "line": {"rtt_s": 0.62, "wait_s": 0.93, "octets": 1400, "objects": 60},
        },
    ]
    assert (await get(failing, "/devices/bds-rtr-1"))["polls"] == []


async def test_the_api_tells_what_the_last_poll_lacked(failing: House) -> None:
    assert (await get(failing, "/devices/bds-rtr-1"))["errors"] == []
    missing = PartFailure("ifTable", "column ifDescr never ends: cut off")
    failing.read("bds-rtr-1", Snapshot(IDENTITY, errors=(missing,)))
    errors = (await get(failing, "/devices/bds-rtr-1"))["errors"]
    assert errors == [{"what": missing.what, "reason": missing.reason}]


async def test_the_page_tells_why_a_device_is_not_read(failing: House) -> None:
    await failing.log_in()
    async with failing.http.get(f"{failing.url}/devices/nbo-rtr-1") as answer:
        text = await answer.text()
        assert answer.status == 200, text
    assert "Checks that fail" in text
    assert "&lt;b&gt;no&lt;/b&gt; SNMP agent listens there" in text
    async with failing.http.get(f"{failing.url}/devices/nbo-rtr-1/interfaces") as answer:
        assert "be read by SNMP: why stands above." in await answer.text()
    async with failing.http.get(f"{failing.url}/devices/bds-rtr-1") as answer:
        text = await answer.text()
    assert "Checks that fail" not in text
    async with failing.http.get(f"{failing.url}/devices/bds-rtr-1/interfaces") as answer:
        assert "It was not read by SNMP yet." in await answer.text()
