"""Alerting whose process is killed at any moment: every incident is told, nothing is forgotten, a repetition shows.

The mail server and the queue of transitions are outside of the process that is killed.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path

import pytest

from noc.clock import SystemClock
from noc.model.transition import Status
from noc.state import handling, incidents, ledger, outbox
from noc.state.database import Database
from tests.live.mailserver import MailServer
from tests.unit.alerts.alerting import changed

pytestmark = pytest.mark.live

DEVICES = [f"d{number}" for number in range(7)]  # of eight and more at once noc makes one incident

PROGRAM = """
import asyncio, json, sys
from pathlib import Path
from alerts.composing import Telling
from alerts.dispatch import Dispatch
from alerts.pace import Pace
from alerts.engine import Engine
from alerts.notifiers import email
from noc.clock import SystemClock
from noc.state.database import Database
from tests.unit.alerts.alerting import DOWN, Rules, inventory, settings

policy = {"steps": [{"notify": ["achieng"]}, {"after": "500ms", "notify": ["berta"]}]}

async def main(folder, port):
    clock, database = SystemClock(), Database(folder / "noc.db")
    await database.start()
    written = {"host": "127.0.0.1", "port": port, "security": "none", "from": "noc@example.org"}
    mailer = email.build(email.Settings.model_validate_json(json.dumps(written)), folder, clock)
    house, fleet = settings(policies={"standard": policy}), inventory(*sys.argv[3:])
    telling = Telling(house, {"email": mailer}, lambda: fleet)
    pace = Pace(concurrent=3, timeout_s=1.0, margin_s=0.2, first_s=0.1, longest_s=0.2)
    dispatch = Dispatch(database, clock, telling, pace, undelivered=lambda: engine.wake())
    engine = Engine(database, clock, Rules([DOWN]), house, lambda: fleet, told=dispatch.wake)
    await engine.start()
    await dispatch.start()
    print("working", flush=True)
    while True:
        await asyncio.sleep(0.1)
        engine.wake()

asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
"""


class Victim:
    """The process that is killed, again and again."""

    def __init__(self, folder: Path, port: int) -> None:
        self._arguments = (sys.executable, "-c", PROGRAM, str(folder), str(port), *DEVICES)
        self.process: asyncio.subprocess.Process | None = None
        self.kills = 0

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(*self._arguments, stdout=asyncio.subprocess.PIPE)
        assert self.process.stdout is not None
        assert await self.process.stdout.readline() == b"working\n"

    def kill(self) -> None:
        assert self.process is not None
        with suppress(ProcessLookupError):
            self.process.kill()
        self.kills += 1

    async def gone(self) -> None:
        assert self.process is not None
        await self.process.communicate()


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    server = MailServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(tmp_path / "noc.db")
    await database.start()
    yield database
    await database.stop()


async def put(database: Database, status: Status) -> None:
    """Write a change of every device into the ledger and the queue, as the committer does."""
    now_ms = int(SystemClock().now().timestamp() * 1000)
    changes = [changed(status, now_ms, f"device/{name}") for name in DEVICES]
    async with database.write() as connection:
        await handling.put(connection, changes, await ledger.append(connection, changes))


async def until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not met():
            await asyncio.sleep(0.005)


async def killed_at_each(victim: Victim, server: MailServer, moments: list[float | int]) -> None:
    """Run the victim once for each moment: a float is seconds after its start, an int the n-th mail in mid-transfer."""
    for moment in moments:
        if isinstance(moment, float):
            await victim.start()
            await asyncio.sleep(moment)
            victim.kill()
        else:
            server.hear = killing(victim, moment)
            await victim.start()
        await victim.gone()
        server.hear = lambda _: "250 OK"


def killing(victim: Victim, number: int) -> Callable[[EmailMessage], str]:
    """Return what kills the victim when it has handed over its n-th mail and waits for the answer."""
    heard = [0]

    def hear(_: EmailMessage) -> str:
        heard[0] += 1
        if heard[0] == number:
            victim.kill()
        return "250 OK"

    return hear


def distinct(server: MailServer) -> Counter[tuple[str, str]]:
    """Return how many different messages were accepted, by kind and recipient; repetitions are one."""
    first = {str(mail["Message-ID"]): (str(mail["X-Noc-Kind"]), str(mail["To"])) for mail in server.mails}
    return Counter(first.values())


@pytest.mark.parametrize(
    "moments",
    [
        pytest.param([1, 1, 2], id="with the first mails on their way"),
        pytest.param([3, 5], id="in the middle of the mails", marks=pytest.mark.slow),
        pytest.param([0.0, 0.015, 0.03], id="while incidents are opened"),
        pytest.param([0.08, 3, 0.6], id="at mixed moments, over the second step", marks=pytest.mark.slow),
    ],
)
async def test_every_incident_is_told_and_a_repetition_shows(
    tmp_path: Path, server: MailServer, database: Database, moments: list[float | int]
) -> None:
    victim = Victim(tmp_path, server.port)
    await put(database, "down")
    await killed_at_each(victim, server, moments)
    everybody = {("page", "achieng@example.org"): len(DEVICES), ("escalation", "berta@example.org"): len(DEVICES)}
    await victim.start()
    await until(lambda: distinct(server) == everybody)
    victim.kill()
    await victim.gone()
    await put(database, "up")
    await killed_at_each(victim, server, moments)
    everybody |= {("resolved", name): len(DEVICES) for name in ("achieng@example.org", "berta@example.org")}
    await victim.start()
    await until(lambda: distinct(server) == everybody)
    await wait_for_all_sent(database)
    victim.kill()
    await victim.gone()

    async with database.read() as connection:
        found = await incidents.page(connection, limit=1000)
        assert await handling.waiting(connection) == 0
        assert sorted(one.entity for one in found) == sorted(f"device/{name}" for name in DEVICES)
        assert {one.state for one in found} == {"resolved"}
        for one in found:
            timeline = await incidents.timeline_of(connection, one.id)
            kinds = Counter(entry.kind for entry in timeline if entry.kind not in ("note", "priority"))
            notes = [entry.facts["why"] for entry in timeline if entry.kind == "note"]
            assert set(notes) <= {"unknown"}, "of what was on its way at a kill nobody knows"
            assert len(notes) <= 3 * victim.kills
            notices = await outbox.of_incident(connection, one.id)
            # A call that was on its way at a kill, and that nobody needs any more after it, is not repeated.
            unknown = [notice for notice in notices if notice.state == "dropped"]
            assert all(notice.kind == "escalation" for notice in unknown)
            assert {notice.state for notice in notices} <= {"sent", "dropped"}
            assert kinds == {"opened": 1, "escalated": 1, "resolved": 1, "notified": 4 - len(unknown)}
    # What came twice carries the same Message-ID, and there is no more of it than was on its way at a kill.
    assert len(server.mails) - len(set(server.keys())) <= 3 * victim.kills
    keys = {f"<{notice.key}@example.org>" for notice in await all_notices(database)}
    assert set(server.keys()) == keys


async def all_notices(database: Database) -> list[outbox.Notice]:
    async with database.read() as connection:
        found = await incidents.page(connection, limit=1000)
        return [notice for one in found for notice in await outbox.of_incident(connection, one.id)]


async def wait_for_all_sent(database: Database) -> None:
    """Wait until the last outcome is written down, and what was on its way at a kill has been repeated."""
    async with asyncio.timeout(30):
        while {notice.state for notice in await all_notices(database)} & {"queued", "claimed", "unknown"}:
            await asyncio.sleep(0.05)
