"""The main job on real input: an agent falls silent, the ledger says so, a page is sent, somebody owns it."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from noc.clock import SystemClock
from tests.live.house import House
from tests.live.influx_server import influxd_servers
from tests.live.mailserver import MailServer
from tests.live.ssh_server import free_tcp_port

pytestmark = pytest.mark.live

ALERTS = """\
alerts:
  people:
    achieng: {{name: Achieng Otieno, email: achieng@example.org}}
    desk: {{email: desk@example.org}}
  notifiers:
    email: {{host: 127.0.0.1, port: {port}, security: none, from: noc@example.org}}
  policies:
    default:
      steps: [{{notify: [achieng]}}, {{after: 4s, notify: [desk]}}]
      reminder: 1h
"""
UPTIME = "/series?device=agent&measurement=snmp&field=uptime"


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    server = MailServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


async def until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not await asyncio.to_thread(met):
            await asyncio.sleep(0.05)


def values(house: House) -> int:
    series = house.ask(UPTIME)["items"]
    assert isinstance(series, list)
    return sum(len(entry["values"]) for entry in series)


def polled(house: House) -> bool:
    """Whether a poll has read the uptime, stored or not; a liveness check alone stores none."""
    raw = house.ask("/devices/agent/why?q=sysUpTime")["raw"]
    return isinstance(raw, dict) and bool(raw["values"])


def incidents(house: House) -> list[tuple[str, str]]:
    items = house.ask("/incidents")["items"]
    assert isinstance(items, list)
    return [(item["entity"], item["state"]) for item in items]


async def test_from_a_silent_agent_to_a_page_and_back(tmp_path: Path, mail: MailServer, stack: ExitStack) -> None:
    house = House(tmp_path, ALERTS.format(port=mail.port))
    stack.callback(house.close)
    await asyncio.to_thread(house.agent_on)
    await asyncio.to_thread(house.start)
    await until(lambda: house.ask("/devices/agent")["status"] == "up" and values(house) > 1)

    seen = await asyncio.to_thread(values, house)
    house.agent_off()
    await until(lambda: mail.told() == [("page", "achieng@example.org")])
    assert await asyncio.to_thread(incidents, house) == [("device/agent", "new")]
    assert "device-down" in str(mail.mails[0]["Subject"]) or "agent" in str(mail.mails[0]["Subject"])

    # Nobody acknowledges, noc is killed, and starts again: escalation goes on, the first page isn't sent twice.
    await asyncio.to_thread(house.stop, signal.SIGKILL)
    await asyncio.to_thread(house.start)
    await until(lambda: ("escalation", "desk@example.org") in mail.told())
    assert [kind for kind, _ in mail.told()].count("page") == 1

    await asyncio.to_thread(house.ask, "/incidents/1/acknowledge", {"note": "on it"})
    await asyncio.to_thread(house.agent_on)
    await until(lambda: len(mail.mails) == 4)
    assert await asyncio.to_thread(incidents, house) == [("device/agent", "resolved")]
    assert sorted(kind for kind, _ in mail.told()) == ["escalation", "page", "resolved", "resolved"]
    timeline = (await asyncio.to_thread(house.ask, "/incidents/1"))["timeline"]
    assert isinstance(timeline, list)
    kinds = [entry["kind"] for entry in timeline]
    assert kinds[0] == "opened"
    assert {"notified", "escalated", "acknowledged", "resolved"} <= set(kinds)

    # What was read before the kill is still there.
    assert await asyncio.to_thread(values, house) >= seen
    figures = await asyncio.to_thread(house.ask, "/availability/devices/agent?from=now-1h&to=now")
    assert float(str(figures["down_s"])) > 0
    assert await asyncio.to_thread(house.stop, signal.SIGTERM) == 0


def test_a_store_that_is_down_at_start_gets_everything_when_it_comes(tmp_path: Path, stack: ExitStack) -> None:
    port = free_tcp_port()
    store = f"store: {{kind: influx, url: 'http://127.0.0.1:{port}', dialect: v1, database: noc}}"
    (tmp_path / "house").mkdir()
    house = House(tmp_path / "house", store)
    stack.callback(house.close)
    house.agent_on()
    house.start()
    house.until(lambda: house.said("they wait in the spool"), "the store to be missed")
    house.until(lambda: house.verdicts() == ["up"], "the ledger to go on without it")
    house.until(lambda: polled(house), "a poll to be made")
    assert house.said("connection refused") or house.said("can't connect") or house.said("refused")
    servers = stack.enter_context(influxd_servers(tmp_path))
    came_ms = SystemClock().now().timestamp() * 1000
    influxd, _ = servers.start(port=port)
    house.until(lambda: house.said("takes samples again"), "the spool to be emptied")
    house.until(lambda: values(house) > 1, "numbers to be there")
    (series,) = influxd.tell("SELECT uptime FROM snmp")
    rows = series["values"]
    assert isinstance(rows, list)
    assert rows[0][0] < came_ms  # from before the server was there
    assert house.stop(signal.SIGTERM) == 0
