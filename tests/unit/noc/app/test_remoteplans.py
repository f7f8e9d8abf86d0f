"""Plans go to pollers that go by others, and orders to whom they are for."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from noc.app.check import CheckResult, check
from noc.app.remoteplans import AGAIN_AFTER_MS, LOOKS_AT_MOST, Plans
from noc.app.remotepollers import Heard, Registry
from noc.bus.identity import Enrolled
from noc.bus.messages import Order, Presence, read
from noc.bus.plans import digest
from noc.bus.plans import read as plan_in
from noc.bus.topics import Word
from noc.clock import ManualClock
from noc.model.instants import to_us

START = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
KEY = bytes(range(32))
SETTINGS = """\
state_dir: state
pollers: {broker: {host: 127.0.0.1}, groups: {east: {scope: [region/east]}}}
"""
INVENTORY = """\
regions: {east: {name: East}}
sites: {nairobi: {region: east, class: hub, edge_devices: [a]}}
devices: {a: {site: nairobi, address: 192.0.2.1, class: router}}
"""


@dataclass
class House:
    """A centre with two pollers, of which one is there, and what was said to them."""

    checked: CheckResult
    clock: ManualClock = field(default_factory=lambda: ManualClock(START))
    said: list[tuple[str, Word, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.registry = Registry(60_000)
        key = base64.b64encode(KEY).decode()
        names = ("p", "q")
        self.registry.enrol(
            {name: Enrolled(poller=name, group="east", user=name, key=key, at_ms=0, by="x") for name in names}
        )
        self.plans = Plans(self.checked, self.registry, self.clock, lambda *said: self.said.append(said))
        self.here("p", "")

    def here(self, name: str, plan: str) -> Heard:
        presence = Presence(poller=name, state="here", boot="a", group="east", plan=plan)
        self.registry.presence(name, presence, to_us(self.clock.now()), retained=False)
        known = self.registry.of(name)
        assert known is not None
        return known

    def words(self) -> list[tuple[str, Word]]:
        return [(name, word) for name, word, _ in self.said]


@pytest.fixture
def house(tmp_path: Path) -> House:
    (tmp_path / "inventory").mkdir()
    (tmp_path / "noc.yaml").write_text(SETTINGS)
    (tmp_path / "inventory" / "all.yaml").write_text(INVENTORY)
    return House(check(tmp_path / "noc.yaml", {}))


async def test_a_plan_goes_to_who_is_there_and_goes_by_another(house: House) -> None:
    await house.plans.make()
    assert house.words() == [("p", "plan")]
    plan = plan_in(house.said[0][2], KEY, "p")
    house.plans.check(house.here("p", digest(plan.files)))
    house.plans.check(house.here("q", ""))
    assert house.words()[1:] == [("q", "plan")]


async def test_it_is_sent_again_to_who_goes_on_without_but_not_at_once(house: House) -> None:
    await house.plans.make()
    known = house.here("p", "old")
    house.plans.check(known)
    assert len(house.said) == 1
    await house.clock.advance(AGAIN_AFTER_MS / 1000)
    house.plans.check(known)
    assert len(house.said) == 2
    house.plans.anew("p")
    house.plans.check(known)
    assert len(house.said) == 3


async def test_the_same_settings_again_send_nothing(house: House) -> None:
    await house.plans.make()
    await house.plans.make(house.checked)
    assert len(house.said) == 1


async def test_looks_are_asked_for_together(house: House) -> None:
    assert all(house.plans.look("p", f"device/d{number}:icmp") for number in range(LOOKS_AT_MOST))
    assert not house.plans.look("p", "device/one-more:icmp")
    assert house.said == []
    await house.clock.advance(1)
    ((name, word, body),) = house.said
    assert (name, word, len(read(body, Order).look)) == ("p", "orders", LOOKS_AT_MOST)
