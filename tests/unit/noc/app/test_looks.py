"""An event lets noc look at once, and a storm of them every few seconds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from noc.app.looks import PAUSE_S, Looks
from noc.clock import ManualClock
from noc.inventory.events.compiled import Meaning
from noc.inventory.inventory import Inventory
from noc.inventory.values import Liveness
from noc.model.event import Event, EventClass
from tests.things import device, watch

LINK, POWER, OTHER = Meaning("link"), Meaning("power"), Meaning("other")


class World:
    def __init__(self) -> None:
        self.clock = ManualClock(datetime(2026, 3, 1, tzinfo=UTC))
        self.asked: list[str] = []
        devices = {"a": device("a"), "b": device("b", "192.0.2.2", watch(liveness=Liveness("snmp")))}
        self.looks = Looks(self.expedite, lambda: Inventory(devices=devices), self.clock)

    def expedite(self, key: str) -> bool:
        self.asked.append(key)
        return True

    def take(self, meaning: Meaning, name: str | None = "device/a") -> None:
        self.looks.take(Event("192.0.2.1", name, "trap", "n", meaning.event_class, "info", 0, 0), meaning)


@pytest.mark.parametrize(
    ("event_class", "asked"),
    [
        ("link", ["device/a:icmp", "device/a:snmp"]),
        ("routing", ["device/a:snmp"]),
        ("environment", ["device/a:snmp"]),
        ("power", ["device/a:snmp"]),
        ("satellite", ["device/a:snmp"]),
        ("configuration", ["device/a:backup"]),
        ("authentication", []),
        ("other", []),
    ],
)
async def test_each_class_looks_at_what_it_speaks_of(event_class: EventClass, asked: list[str]) -> None:
    world = World()
    world.take(Meaning(event_class))
    assert world.asked == asked


async def test_a_rule_can_say_otherwise() -> None:
    world = World()
    world.take(Meaning("other", look=("liveness",)), "device/b")
    world.take(Meaning("link", look=()))
    assert world.asked == ["device/b:uptime"]


async def test_a_storm_is_one_look_and_one_after_the_pause() -> None:
    world = World()
    for _ in range(100):
        world.take(POWER)
    world.take(LINK)
    assert world.asked == ["device/a:snmp"]
    world.take(POWER, "device/b")
    assert world.asked == ["device/a:snmp", "device/b:snmp"]
    await world.clock.advance(PAUSE_S)
    assert world.asked[2:] == ["device/a:icmp", "device/a:snmp"]
    await world.clock.advance(2 * PAUSE_S)
    assert len(world.asked) == 4
    assert world.looks._waiting == {}
    assert world.looks.asked == 4


async def test_what_is_no_device_is_not_looked_at() -> None:
    world = World()
    world.take(LINK, None)
    world.take(LINK, "device/gone")
    assert world.asked == ["device/gone:snmp"]  # the scheduler knows of none
