"""The ledger's seal reaches a real MQTT broker, retained, and a web server; at midnight all that are told at once."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

import aiomqtt
import pytest
from aiohttp import web

from alerts.tellingsettings import MqttSettings
from noc.app.sealing import TOPIC, Sealing, seal_json, seal_text, tellers
from noc.app.settings import SealSettings
from noc.clock import ManualClock
from noc.model.clockstep import ClockStep
from noc.model.errors import ReachError
from noc.model.instants import to_ms
from noc.model.seal import Seal
from noc.service import running
from noc.state import ledger, sealing
from noc.state.chain import OutsideSeal
from noc.state.verify import proof
from tests.database import empty_database
from tests.live.mosquitto import broker
from tests.live.ssh_server import free_tcp_port

pytestmark = pytest.mark.live

SEAL = Seal("poller/hq", 1_795_219_200_000, "2026-11-20", 12_345, "ab" * 32)


def told_to(port: int) -> SealSettings:
    return SealSettings(mqtt=MqttSettings(host="127.0.0.1", port=port))


async def test_a_broker_keeps_the_seal_for_those_who_come_later(tmp_path: Path) -> None:
    async with broker(tmp_path) as port:
        [tell] = tellers(told_to(port), tmp_path, "hq").values()
        await tell(SEAL)
        async with asyncio.timeout(20), aiomqtt.Client("127.0.0.1", port) as client:
            await client.subscribe(TOPIC)
            message = await anext(client.messages)
    assert (str(message.topic), message.retain) == ("noc/v1/state/ledger/seal", True)
    assert message.payload == seal_json(SEAL)


async def test_a_broker_that_refuses_or_is_away_is_told(tmp_path: Path) -> None:
    async with broker(tmp_path, locked=True) as port:
        [tell] = tellers(told_to(port), tmp_path, "hq").values()
        with pytest.raises(ReachError, match=f"mqtt://127.0.0.1:{port}"):
            await tell(SEAL)
    with pytest.raises(ReachError, match=f"mqtt://127.0.0.1:{port}"):
        await tell(SEAL)


@asynccontextmanager
async def notary(taken: list[tuple[str, object]], status: Callable[[], int]) -> AsyncIterator[str]:
    """Run a web server that takes seals; give its address."""

    async def take(request: web.Request) -> web.Response:
        taken.append((request.headers["Idempotency-Key"], json.loads(await request.read())))
        return web.Response(status=status())

    app = web.Application()
    app.router.add_post("/seals", take)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_tcp_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}/seals"
    await runner.cleanup()


async def test_a_web_server_gets_the_seal_and_an_error_is_told(tmp_path: Path) -> None:
    taken: list[tuple[str, object]] = []
    answers = iter((204, 500))
    async with notary(taken, lambda: next(answers)) as url:
        [tell] = tellers(SealSettings(url=url), tmp_path, "hq").values()
        await tell(SEAL)
        with pytest.raises(ReachError, match="status 500"):
            await tell(SEAL)
    document = {"day": "2026-11-20", "record": 12_345, "hash": "ab" * 32, "poller": "poller/hq"}
    assert taken == [("seal-2026-11-20-12345", document)] * 2


async def test_at_midnight_log_file_address_and_broker_get_one_seal_and_verify_knows_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    taken: list[tuple[str, object]] = []
    database, clock = empty_database(tmp_path / "noc.db"), ManualClock(datetime(2026, 11, 20, 23, 59, 50, tzinfo=UTC))
    await database.start()
    async with database.write() as connection:
        await ledger.append(connection, [ClockStep("poller/hq", number, number) for number in range(7)])
        yesterday = await sealing.seal(connection, "poller/hq", sealing.last_midnight(to_ms(clock.now())))
    assert yesterday is not None
    async with broker(tmp_path) as port, notary(taken, lambda: 204) as url:
        said = SealSettings(file=Path("seals.txt"), url=url, mqtt=MqttSettings(host="127.0.0.1", port=port))
        service = Sealing(database, clock, "hq", tellers(said, tmp_path, "hq"))
        async with running([service]), aiomqtt.Client("127.0.0.1", port) as client, asyncio.timeout(30):
            await client.subscribe(TOPIC)
            heard = [await anext(client.messages)]  # what was told before is told again after a start
            while len(taken) < 2:
                await clock.advance(1)
                await asyncio.sleep(0.01)  # what goes over a socket takes real time
            heard += [await anext(client.messages)]
    async with database.read() as connection:
        sealed = await ledger.record_of(connection, 8)
    assert sealed is not None
    text = f"2026-11-20:8:{sealed.hash.hex()}"
    assert f"seal {text}" in caplog.text
    assert (tmp_path / "seals.txt").read_text().split() == [seal_text(yesterday), text]
    document = {"day": "2026-11-20", "record": 8, "hash": sealed.hash.hex(), "poller": "poller/hq"}
    assert [key for key, _ in taken] == ["seal-2026-11-19-7", "seal-2026-11-20-8"]
    assert [taken[-1][1], json.loads(heard[-1].payload)] == [document, document]
    await database.stop()
    outside = [OutsideSeal("2026-11-20", 8, sealed.hash.hex())]
    whole = proof(database.path, outside)
    assert (whole.whole, whole.records) == (True, 9)
    with closing(sqlite3.connect(database.path)) as raw, raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute("DELETE FROM ledger WHERE seq >= 8")  # what the chain alone doesn't show
    assert proof(database.path).whole
    assert not proof(database.path, outside).whole
