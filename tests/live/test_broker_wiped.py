"""A broker comes back with an empty disk: what it kept is published again, and nothing is lost."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from noc.wire.mqtt import linked
from tests.live.influx_server import Influxds, influxds
from tests.live.pair import DEVICES, POLLER, Pair, paired
from tests.live.standin_poller import until

__all__ = ["influxds"]

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(400)]

PRESENCE = f"noc/v1/poller/{POLLER}/presence"


@asynccontextmanager
async def kept(pair: Pair) -> AsyncIterator[Mapping[str, bytes]]:
    """Give what the broker keeps, by topic, as it comes."""
    found: dict[str, bytes] = {}

    async def hear() -> None:
        async for one in link.heard():
            if one.retained:
                found[one.topic] = one.body

    async with linked(pair.broker.centre("looks-on"), ["noc/v1/#"]) as link:
        hearing = asyncio.create_task(hear())
        try:
            yield found
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)


def states(devices: int) -> set[str]:
    return {f"noc/v1/state/device/far-{number}" for number in range(1, devices + 1)}


async def is_kept(pair: Pair, devices: int) -> None:
    """Wait until presence and states are kept, and all is up."""
    wanted = {PRESENCE, f"noc/v1/state/poller/{POLLER}", *states(devices)}

    async def whole() -> bool:
        async with kept(pair) as found:
            for _ in range(20):
                if wanted <= found.keys():
                    break
                await asyncio.sleep(0.05)
            here = json.loads(found.get(PRESENCE, b"{}"))
            said = {json.loads(found[topic]).get("status") for topic in states(devices) if topic in found}
            return wanted <= found.keys() and here["state"] == "here" and said == {"up"}

    async with asyncio.timeout(60):
        while not await whole():
            await asyncio.sleep(0.2)


async def test_a_broker_whose_disk_was_wiped_is_told_all_again(tmp_path: Path, influxds: Influxds) -> None:
    influxd, _ = await asyncio.to_thread(influxds.start)
    with paired(tmp_path, influxd.url) as pair:
        await pair.runs()
        await is_kept(pair, DEVICES)
        pair.broker.kill()
        pair.broker.wipe()
        # A device more while nobody hears anybody: the plan has to be said again, too.
        pair.inventory(DEVICES + 1)
        assert pair.house.daemon is not None
        pair.house.daemon.send_signal(signal.SIGHUP)
        await until(lambda: "pollers" in pair.wrong(), "that nobody is heard")
        await until(lambda: pair.far()["noc_poller_spool_frames"] >= 10, "frames at the poller")
        await asyncio.to_thread(pair.broker.start)
        await is_kept(pair, DEVICES + 1)
        await until(lambda: pair.far()["noc_poller_devices"] == DEVICES + 1, "the new plan")
        await until(lambda: not pair.wrong(), "that all is well")
        await pair.ends(influxd)
