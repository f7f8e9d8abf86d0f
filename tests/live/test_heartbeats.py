"""noc's own sign of life at real servers: it comes while people would be told, and stays away when they would not."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path

import aiomqtt
import pytest
from aiohttp import web

from alerts.heartbeats import Beat, Heartbeat, tellers
from alerts.tellingsettings import HeartbeatSettings, MqttSettings
from noc.clock import SystemClock
from noc.model.errors import ReachError
from tests.live.mosquitto import broker

pytestmark = pytest.mark.live

BEAT = Beat("hq", 3, 1_795_219_200_000)


async def test_a_broker_hears_it_and_does_not_keep_it(tmp_path: Path) -> None:
    async with broker(tmp_path) as port:
        settings = HeartbeatSettings(mqtt=MqttSettings(host="127.0.0.1", port=port))
        [tell] = tellers(settings, tmp_path, "hq").values()
        async with asyncio.timeout(20), aiomqtt.Client("127.0.0.1", port) as client:
            await client.subscribe("noc/v1/poller/#")
            await tell(BEAT)
            message = await anext(client.messages)
        assert (str(message.topic), message.retain) == ("noc/v1/poller/hq/heartbeat", False)
        assert message.payload == BEAT.json()
    with pytest.raises(ReachError, match=f"mqtt://127.0.0.1:{port}"):
        await tell(BEAT)


async def test_it_comes_in_its_rhythm_while_noc_is_well_and_not_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    got: list[int] = []
    status, trouble = [200], [""]

    async def take(request: web.Request) -> web.Response:
        got.append((await request.json())["beat"])
        return web.Response(status=status[0])

    application = web.Application()
    application.router.add_post("/beat", take)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]

    async def alive() -> str:
        return trouble[0]

    async def until(number: int) -> None:
        async with asyncio.timeout(20):
            while len(got) < number:
                await asyncio.sleep(0.01)

    settings = HeartbeatSettings.model_validate_json(json.dumps({"url": f"http://127.0.0.1:{port}/beat"}))
    heartbeat = Heartbeat(SystemClock(), "hq", alive)
    heartbeat.use(0.05, tellers(settings, tmp_path, "hq"))
    await heartbeat.start()
    await until(3)
    trouble[0] = "somebody is to be called for 130 s"
    async with asyncio.timeout(20):
        while not heartbeat.missed:
            await asyncio.sleep(0.01)
    stopped = len(got)
    while heartbeat.missed < 5:
        await asyncio.sleep(0.01)
    assert len(got) <= stopped + 1
    trouble[0], status[0] = "", 503
    await until(stopped + 4)
    status[0] = 200
    await until(stopped + 8)
    await heartbeat.stop()
    await runner.cleanup()
    assert got == sorted(set(got))
    assert caplog.text.count("no heartbeat is given: somebody is to be called") == 1
    assert caplog.text.count("answered with status 503") == 1
    assert "reaches http://127.0.0.1" in caplog.text
