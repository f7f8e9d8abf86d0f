"""The centre and a poller, over a real Mosquitto: frames become statuses, ledger and series, and are acknowledged."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from noc.availability.times import format_time
from noc.bus.plans import digest
from noc.clock import SystemClock
from noc.model.instants import to_ms
from tests.live.house import House, noc
from tests.live.mosquitto import broker
from tests.live.standin_poller import StandIn, enrol, ping, standing_in, until

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

SETTINGS = """\
pollers:
  broker: {{host: 127.0.0.1, port: {port}}}
  groups:
    east: {{scope: [region/east], vantage: nairobi}}
"""
OTHER = bytes(8)
MINUTE_MS = 60_000
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
                await until(lambda: house.verdicts("device/far-b") == ["up", "down"], "the device to be down")
                await until(lambda: poller.stored() == {1, 2, 3, 4}, "their acknowledgement")
                known = await poller_now(house)
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


@pytest.mark.slow
async def test_two_processes_of_one_name_are_put_into_quarantine_until_people_release_it(tmp_path: Path) -> None:
    async with broker(tmp_path) as port:
        house = house_at(tmp_path, port)
        try:
            await asyncio.to_thread(house.start)
            async with standing_in(port, "nbo-1", "east") as poller, standing_in(port, "nbo-1", "east", OTHER) as clone:
                await until(lambda: poller.plans or clone.plans, "a plan")
                await poller.here()
                await until(lambda: any(one.quarantine for one in (*poller.orders, *clone.orders)), "an order")
                await poller.send(1, [ping("far-a", "127.0.0.2", now_ms())])
                await until(lambda: ("poller/nbo-1", "poller-cloned") in incidents(house), "an incident")
                known = await poller_now(house)
                assert (known["state"], known["readings"]) == ("quarantined", 0)
                assert await statuses(house, "device/far-a") == []
                assert (await asyncio.to_thread(noc, house, "pollers", "release", "nbo-1")).returncode == 0
                await until(lambda: poller.orders[-1].quarantine == "", "its release")
                await poller.send(1, [ping("far-a", "127.0.0.2", now_ms())])
                await until(lambda: poller.stored() == {1}, "an acknowledgement")
        finally:
            house.close()


async def poller_now(house: House) -> dict[str, object]:
    items = (await asyncio.to_thread(house.ask, "/pollers"))["items"]
    assert isinstance(items, list)
    return dict(items[0])


def incidents(house: House) -> list[tuple[object, object]]:
    items = house.ask("/incidents?state=new")["items"]
    assert isinstance(items, list)
    return [(one["entity"], one["rule"]) for one in items]


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_what_was_cut_off_restates_the_ledger_and_calls_nobody(tmp_path: Path) -> None:
    async with broker(tmp_path) as port:
        house = house_at(tmp_path, port)
        try:
            await asyncio.to_thread(house.start)
            async with standing_in(port, "nbo-1", "east") as poller:
                await until(lambda: poller.plans, "a plan")
                poller.plan = digest(poller.plans[-1].files)
                began = now_ms() - 20 * MINUTE_MS
                live = asyncio.create_task(keeps_sending(poller, 1_000))
                await until(lambda: "up" in house.statuses("device/far-a"), "the device to be up")
                for number in range(100):
                    at_ms = began + number * 10_000
                    ok = not 20 <= number < 50
                    await poller.send(number + 1, [ping("far-a", "127.0.0.2", at_ms, ok=ok)])
                await until(lambda: set(range(1, 101)) <= poller.stored(), "all to be acknowledged")
                asked = f"/availability/devices/far-a?from={text(began)}&to={text(began + 900_000)}"
                await until(lambda: house.ask(asked)["down_s"] == 300.0, "the ledger to be restated", 300)
                assert house.ask(asked)["unknown_s"] == 0.0
                # What it did to the budget of a region is told; of the device, which is up, nobody hears.
                told = {entity for entity, rule in incidents(house) if not str(rule).startswith("budget-")}
                assert told <= {"device/agent"}
                assert noc(house, "ledger", "verify").returncode == 0
                live.cancel()
                await asyncio.gather(live, return_exceptions=True)
        finally:
            house.close()


async def keeps_sending(poller: StandIn, number: int) -> None:
    """Have a device be up from now on."""
    while True:
        number += 1
        await poller.here()
        await poller.send(number, [ping("far-a", "127.0.0.2", now_ms())])
        await asyncio.sleep(5)


def text(at_ms: int) -> str:
    return format_time(at_ms).replace("+", "%2B")
