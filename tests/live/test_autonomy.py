"""A poller that calls people by itself, for real: a process, Mosquitto, snmpd, a mail server, and a small centre."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from noc import crashpoints
from noc.bus import topics
from noc.bus.tales import NoticeTold, OpenIncidents, OpenThere
from noc.clock import SystemClock
from noc.model.incident import key_of
from noc.model.instants import to_ms
from tests.live.conftest import SNMPD_CONF, agent_answers, find_program, free_udp_port, wait_for
from tests.live.forked import finished
from tests.live.mailserver import MailServer
from tests.live.mosquitto import broker
from tests.live.standin import StandIn
from tests.live.test_poller import Process, identity_at

pytestmark = pytest.mark.live

SETTINGS = """\
credentials:
  standard: {{snmp: {{version: 2c, community: !secret file:secrets/1}}}}
defaults: {{credentials: standard, interval: 1s, poll_interval: 5m, timeout: 300ms, retries: 0, confirm_down: 2}}
polling: {{poller: nbo-1, vantage: nairobi, reprobe: 0s}}
pollers: {{lost_after: 2s, groups: {{africa: {{scope: [region/here], autonomy: true, autonomy_after: 4s}}}}}}
alerts:
  people: {{desk: {{name: Nairobi desk, email: desk@example.org}}, boss: {{email: boss@example.org}}}}
  notifiers: {{email: {{host: 127.0.0.1, port: {mail}, security: none, from: noc@example.org}}}}
  policies:
    local: {{steps: [{{notify: [desk]}}, {{notify: [boss], after: 1h}}]}}
"""
INVENTORY = """\
regions: {{here: {{name: Here}}}}
sites: {{nairobi: {{region: here, class: field, edge_devices: [agent]}}}}
devices:
  agent: {{site: nairobi, address: 127.0.0.1, class: router, liveness: snmp, snmp_port: {port}}}
"""


@dataclass
class Agent:
    """Debian's snmpd, which can be switched off and on."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        settings, log = self.folder / "snmpd.conf", self.folder / "snmpd.log"
        settings.write_text(SNMPD_CONF.format(port=self.port))
        command = [find_program("snmpd", "snmpd"), "-f", "-Lo", "-C", "-c", str(settings)]
        with log.open("ab") as out:
            environment = {"SNMP_PERSISTENT_DIR": str(self.folder)}
            self.process = subprocess.Popen(command, stdout=out, stderr=out, env=environment)
        wait_for(lambda: agent_answers(self.port, "public"), self.process, "snmpd", log)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None


@dataclass
class World:
    """All that stands around the poller."""

    centre: StandIn
    process: Process
    agent: Agent
    mails: MailServer

    async def until_mails(self, count: int) -> None:
        try:
            async with asyncio.timeout(30):
                while len(self.mails.mails) < count:
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"{len(self.mails.mails)} mails, not {count}: {self.process.log[-3000:]}") from None

    async def warm(self) -> None:
        """Wait until the poller has told of its devices, and has a database."""
        await self.centre.until(lambda: len(self.centre.readings) >= 3, "readings", timeout_s=90)
        await self.centre.until(lambda: self.centre.presences[-1].waiting == 0, "that nothing waits")

    def topics_since(self, came: int) -> list[str]:
        return [(topics.read(one.topic) or ("", ""))[1] for one in self.centre.came[came:]]

    def database(self) -> sqlite3.Connection:
        path = self.process.folder / "state" / "autonomy" / "noc.db"
        return sqlite3.connect(f"file:{path}?mode=ro", uri=True)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        config = str(self.process.folder / "poller.yaml")
        return finished((*arguments, "-c", config))


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    made = Agent(tmp_path, free_udp_port())
    made.start()
    yield made
    made.stop()


@pytest.fixture
async def world(tmp_path: Path, agent: Agent) -> AsyncIterator[World]:
    mails = MailServer()
    await mails.start()
    async with broker(tmp_path) as port:
        said = identity_at(port)
        files = {
            "noc.yaml": SETTINGS.format(mail=mails.port).encode(),
            "inventory/all.yaml": INVENTORY.format(port=agent.port).encode(),
            "secrets/1": b"public\n",
            "pollers.txt": b"nbo-1\n",
        }
        process = Process(tmp_path / "poller", said)
        try:
            yield World(StandIn(said, files), process, agent, mails)
        finally:
            process.close()
            await mails.stop()


async def test_it_calls_its_desk_while_the_centre_is_silent_and_tells_of_it_before_all_else(world: World) -> None:
    centre = world.centre
    world.process.start()
    async with centre.there():
        await world.warm()
        centre.answers = False
        await centre.until(lambda: centre.presences[-1].alone_ms is not None, "that it is alone")
        await asyncio.to_thread(world.agent.stop)
        await world.until_mails(1)
        assert world.mails.told() == [("page", "desk@example.org")]
        came = len(centre.came)
        centre.answers = True
        await centre.until(lambda: len(centre.came) > came + 1, "the tale, and frames")
        assert world.topics_since(came)[0] == "tales"
        assert "tales" not in world.topics_since(came)[1:]
        await centre.until(lambda: centre.presences[-1].alone_ms is None, "that it is not alone any more")
        [told] = centre.tales[-1].incidents
        assert (told.entity, told.rule) == ("device/agent", "transport-down")
        [notice] = told.notices
        assert (notice.person, notice.state, notice.kind, notice.number) == ("desk", "sent", "page", 1)
        assert [line.kind for line in told.lines if line.kind in ("opened", "notified")] == ["opened", "notified"]
        assert centre.tales[-1].alone_ms is not None
        assert not centre.tales[-1].more
        # Now the centre calls: what it ends is ended here, without a word.
        at_ms = to_ms(SystemClock().now()) + 1_000
        await centre.list(OpenIncidents(at_ms=at_ms))
        async with asyncio.timeout(30):
            while not _resolved(world):
                await asyncio.sleep(0.1)
        assert len(world.mails.mails) == 1


def _resolved(world: World) -> bool:
    with world.database() as connection:
        return bool(connection.execute("SELECT count(*) FROM incident WHERE resolved_ms IS NOT NULL").fetchone()[0])


@pytest.mark.slow
async def test_what_the_centre_told_is_not_told_again_and_a_kill_costs_nothing(world: World) -> None:
    centre = world.centre
    world.process.start()
    async with centre.there():
        await world.warm()
        await asyncio.to_thread(world.agent.stop)
        await centre.until(lambda: any(reading.failure for _, reading in centre.readings), "that the agent is down")
        now_ms = to_ms(SystemClock().now())
        sent = NoticeTold(
            step=1,
            number=1,
            person="desk",
            channel="email",
            kind="page",
            created_ms=now_ms,
            state="sent",
            sent_ms=now_ms,
        )
        known = OpenThere(
            key=key_of("transport-down", "device/agent", now_ms),
            number=7,
            entity="device/agent",
            rule="transport-down",
            origin="status",
            severity="critical",
            policy="local",
            since_ms=now_ms,
            opened_ms=now_ms,
            told=(sent,),
        )
        await centre.list(OpenIncidents(at_ms=now_ms, incidents=(known,)))
        kept = world.process.folder / "state" / "autonomy" / "incidents.bin"
        async with asyncio.timeout(30):
            while not kept.exists():
                await asyncio.sleep(0.1)
        centre.answers = False
        await centre.until(lambda: centre.presences[-1].alone_ms is not None, "that it is alone")
        alone_ms = centre.presences[-1].alone_ms
        await asyncio.to_thread(world.process.end, signal.SIGKILL)
        world.process.start()
        await centre.until(lambda: len({one.boot for one in centre.presences}) == 2, "the next start")
        await centre.until(lambda: centre.presences[-1].alone_ms == alone_ms, "that it goes on alone")
        await asyncio.to_thread(world.agent.start)
        await world.until_mails(1)
        assert world.mails.told() == [("resolved", "desk@example.org")]  # of the centre's call it knows the end alone
        centre.answers = True
        await centre.until(lambda: bool(centre.tales), "the tale")
        assert [one.kind for one in centre.tales[-1].incidents[0].notices] == ["page", "resolved"]


@pytest.mark.slow
async def test_a_desk_acknowledges_at_the_poller(world: World) -> None:
    centre = world.centre
    world.process.start()
    async with centre.there():
        await world.warm()
        centre.answers = False
        await asyncio.to_thread(world.agent.stop)
        await world.until_mails(1)
        listed = await asyncio.to_thread(world.command, "incident", "list")
        assert "device/agent" in listed.stdout, listed.stderr
        done = await asyncio.to_thread(world.command, "incident", "ack", "1", "--by", "achieng")
        assert done.returncode == 0, done.stderr
        centre.answers = True
        await centre.until(lambda: bool(centre.tales), "the tale")
        [told] = centre.tales[-1].incidents
        assert told.acknowledged_by == "achieng"


@pytest.mark.slow
async def test_a_centre_that_knows_no_tales_gets_frames_all_the_same(world: World) -> None:
    centre = world.centre
    world.process.start()
    async with centre.there():
        await world.warm()
        centre.answers, centre.takes_tales = False, False
        await centre.until(lambda: centre.presences[-1].alone_ms is not None, "that it is alone")
        known = len(centre.readings)
        centre.answers = True
        await centre.until(lambda: len(centre.readings) > known, "frames", timeout_s=90)
        assert centre.tales
        assert world.topics_since(0).count("tales") == len(centre.tales)


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "point",
    ["alone.begun", "tale.made", "tale.published", "tale.acknowledged", "tale.before-end", "tale.ended"],
)
async def test_a_kill_on_the_way_to_calling_and_back_calls_once_and_tells_all(
    world: World, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    centre = world.centre
    # So that it isn't alone before it is armed: a busy machine takes seconds to start it.
    centre.files["noc.yaml"] = centre.files["noc.yaml"].replace(b"autonomy_after: 4s", b"autonomy_after: 15s")
    monkeypatch.setenv(crashpoints.VARIABLE, point)
    world.process.start()
    monkeypatch.delenv(crashpoints.VARIABLE)
    async with centre.there():
        await world.warm()
        centre.answers = False
        await asyncio.to_thread(world.agent.stop)
        if point != "alone.begun":
            await world.until_mails(1)
            centre.answers = True
        assert world.process.running is not None
        assert await asyncio.to_thread(world.process.running.wait, 60) == -signal.SIGKILL
        centre.answers = False
        world.process.start()
        await centre.until(lambda: len({one.boot for one in centre.presences}) == 2, "the next start", 90)
        await centre.until(lambda: centre.presences[-1].alone_ms is not None, "that it is alone", 90)
        await world.until_mails(1)
        known = len(centre.readings)
        centre.answers = True
        await centre.until(lambda: len(centre.readings) > known, "frames", 90)
        await centre.until(lambda: centre.presences[-1].alone_ms is None, "that it is not alone any more")
        [told] = [one for tale in centre.tales for one in tale.incidents if one.notices][-1:]
        assert [(one.person, one.kind, one.state) for one in told.notices] == [("desk", "page", "sent")]
        assert [line.kind for line in told.lines if line.kind in ("opened", "notified")] == ["opened", "notified"]
        numbers = {tale.number: tale for tale in centre.tales}
        assert all(tale == numbers[tale.number] for tale in centre.tales), "one number is of two tales"
    assert world.mails.told() == [("page", "desk@example.org")]
