"""The ledger's seal reaches a real MQTT broker, retained, and a web server."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import aiomqtt
import pytest
from aiohttp import web

from alerts.tellingsettings import MqttSettings
from noc.app.sealing import TOPIC, seal_json, tellers
from noc.app.settings import SealSettings
from noc.model.errors import ReachError
from noc.model.seal import Seal
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


async def test_a_web_server_gets_the_seal_and_an_error_is_told(tmp_path: Path) -> None:
    taken: list[tuple[str, object]] = []
    status = 204

    async def take(request: web.Request) -> web.Response:
        taken.append((request.headers["Idempotency-Key"], json.loads(await request.read())))
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/seals", take)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_tcp_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    [tell] = tellers(SealSettings(url=f"http://127.0.0.1:{port}/seals"), tmp_path, "hq").values()
    await tell(SEAL)
    status = 500
    with pytest.raises(ReachError, match="status 500"):
        await tell(SEAL)
    await runner.cleanup()
    document = {"day": "2026-11-20", "record": 12_345, "hash": "ab" * 32, "poller": "poller/hq"}
    assert taken == [("seal-2026-11-20-12345", document)] * 2
