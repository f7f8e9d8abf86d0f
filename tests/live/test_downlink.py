"""The centre and a poller, over a real Mosquitto: frames become statuses, ledger and series, and are acknowledged."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from noc.bus.plans import digest
from noc.clock import SystemClock
from noc.model.instants import to_ms
from tests.live.house import House
from tests.live.mosquitto import broker
from tests.live.standin_poller import enrol, ping, standing_in, until

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

SETTINGS = """\
pollers:
  broker: {{host: 127.0.0.1, port: {port}}}
  groups:
    east: {{scope: [region/east], vantage: nairobi}}
"""
INVENTORY = """\
  far-a: {site: nairobi, address: 127.0.0.2, class: router, liveness: icmp, interval: 10s, stale_after: 30s}
  far-b: {site: nairobi, address: 127.0.0.3, class: router, liveness: icmp, interval: 10s, stale_after: 30s}
"""


def now_ms() -> int:
    return to_ms(SystemClock().now())


async def statuses(house: House, entity: str) -> list[str]:
    return await asyncio.to_thread(house.statuses, entity)


def house_at(folder: Path, port: int) -> House:
    """Return a house two of whose devices pollers ask; the third, its own, there is not."""
    house = House(folder, SETTINGS.format(port=port))
    inventory = folder / "inventory" / "all.yaml"
    sites = "sites:\n  nairobi: {region: east, class: hub, edge_devices: [far-a]}\n"
    text = inventory.read_text().replace("regions: {", "regions: {east: {name: East}, ").replace("sites:\n", sites)
    inventory.write_text(text + INVENTORY)
    enrol(folder / "state", "nbo-1", "east")
    return house


async def test_frames_become_statuses_ledger_and_series_and_come_again_after_a_kill(tmp_path: Path) -> None:
    async with broker(tmp_path) as port:
        house = house_at(tmp_path, port)
        try:
            await asyncio.to_thread(house.start)
            async with standing_in(port, "nbo-1", "east") as poller:
                await until(lambda: poller.plans, "a plan")
                poller.plan = digest(poller.plans[-1].files)
                began = now_ms()
                readings = [ping("far-a", "127.0.0.2", began), ping("far-b", "127.0.0.3", began)]
                stranger = ping("agent", "127.0.0.1", began)
                await poller.send(1, [*readings, stranger])
                await poller.send(1, [*readings, stranger])
                await until(lambda: poller.stored() == {1}, "an acknowledgement")
                assert await statuses(house, "device/far-a") == ["up"]
                (seen,) = [one for one in await asyncio.to_thread(house.ledger) if one.entity == "device/far-b"]
                assert (seen.poller, seen.vantage, seen.check) == ("nbo-1", "nairobi", "icmp")
                await poller.raw(b"nonsense")
                for number in (2, 3, 4):
                    await poller.send(number, [ping("far-b", "127.0.0.3", began + number, ok=False)])
                await until(lambda: house.statuses("device/far-b") == ["up", "down"], "the device to be down")
                await until(lambda: poller.stored() == {1, 2, 3, 4}, "their acknowledgement")
                (known,) = (await asyncio.to_thread(house.ask, "/pollers"))["items"]  # type: ignore[misc]
                assert (known["readings"], known["refused"], known["state"]) == (5, 1, "here")
                await asyncio.to_thread(house.stop, signal.SIGKILL)
                await poller.send(5, [ping("far-a", "127.0.0.2", began + 5)])
                await asyncio.to_thread(house.start)
                poller.acks.clear()
                await poller.here()
                await poller.send(4, [ping("far-b", "127.0.0.3", began + 4, ok=False)])
                await poller.send(5, [ping("far-a", "127.0.0.2", began + 5)])
                await until(lambda: poller.stored() == {1, 2, 3, 4, 5}, "all to be acknowledged")
                assert await statuses(house, "device/far-b") == ["up", "down"]
                assert await statuses(house, "poller/nbo-1") == ["up"]
        finally:
            house.close()
