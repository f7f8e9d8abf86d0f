"""Asking devices what they see of an incident: once, bounded, and never in the way of anything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerts.lifesettings import DiagnosticSettings
from noc.app.diagnosing import LEFT, Diagnosing, Known
from noc.clock import ManualClock
from noc.inventory.entities import Device, Site
from noc.inventory.inventory import Inventory
from noc.model.command import Command
from noc.model.reading import FailureKind
from noc.settings.secrets import Secret
from noc.state import diagnostics, incidents
from noc.state.database import Database
from noc.state.diagnostics import Diagnostic
from noc.state.incidents import Opening
from noc.wire.errors import WireError
from noc.wire.ssh import Output, Patience, SshLogin
from tests.database import empty_database
from tests.things import device

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
LOGIN = SshLogin("noc", Secret("word"))
SITE = Site.model_validate({"id": "s", "name": "S", "region": "r", "class": "hub", "edge_devices": ("a", "b")})
INVENTORY = Inventory(sites={"s": SITE}, devices={name: device(name, f"192.0.2.{i}") for i, name in enumerate("ab")})


class Wires:
    """Answers as devices do: it is at the wire, where the shell service is. fails: addresses that time out."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self.fails: set[str] = set()

    async def run(
        self,
        address: str,
        login: SshLogin,
        commands: Sequence[Command],
        patience: Patience | None = None,
        room_bytes: int = 0,
    ) -> tuple[Output, ...]:
        assert login is LOGIN
        assert patience is not None
        self.asked.append((address, tuple(command.text for command in commands)))
        if address in self.fails:
            raise WireError(FailureKind.TIMEOUT, f"{address}: no answer")
        return tuple(Output(command, f"said {command.text}", 0.25) for command in commands)


class House:
    def __init__(self, folder: Path) -> None:
        self.database: Database = empty_database(folder / "noc.db")
        self.wires = Wires()
        self.changed: list[int] = []
        self.up = {"b"}
        known = Known(INVENTORY, DiagnosticSettings(), self._is_up, lambda _: "cisco-ios", lambda _: LOGIN)
        self.diagnosing = Diagnosing(self.database, ManualClock(NOW), self.wires, known, self.changed.append)

    def _is_up(self, one: Device) -> bool:
        return one.id in self.up

    async def opens(self, entity: str = "device/a", opened_ms: int = NOW_MS, rule: str = "device-down") -> int:
        opening = Opening(entity, rule, "status", "critical", "", opened_ms, opened_ms, {"status": "down"})
        async with self.database.write() as connection:
            return (await incidents.insert(connection, opening)).id

    async def asked(self, number: int) -> list[Diagnostic]:
        async with self.database.read() as connection:
            return await diagnostics.of_incident(connection, number)

    async def entries(self, number: int) -> list[dict[str, object]]:
        async with self.database.read() as connection:
            timeline = await incidents.timeline_of(connection, number)
        return [dict(entry.facts) for entry in timeline if entry.kind == "diagnosed"]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    await house.database.start()
    yield house
    await house.database.stop()


async def test_what_devices_say_is_kept_beside_the_incident(house: House) -> None:
    number = await house.opens()
    await house.diagnosing.diagnose(number)
    ((address, commands),) = house.wires.asked
    assert address == "192.0.2.1"
    found = await house.asked(number)
    assert [(one.device, one.question, one.state, one.took_ms) for one in found] == [
        ("b", command, "answered", 250) for command in commands
    ]
    assert found[0].answer == f"said {commands[0]}"
    assert await house.entries(number) == [{"devices": "b", "answered": 3, "failed": 0}]
    assert house.changed == [number, number]


async def test_a_device_that_does_not_answer_is_told_as_such(house: House) -> None:
    house.wires.fails.add("192.0.2.1")
    number = await house.opens()
    await house.diagnosing.diagnose(number)
    assert {(one.state, one.answer) for one in await house.asked(number)} == {("failed", "192.0.2.1: no answer")}
    assert (await house.entries(number))[0]["failed"] == 3


@pytest.mark.parametrize("why", ["off", "nobody up", "resolved", "old", "no login", "metered", "hour"])
async def test_where_nobody_is_to_be_asked_nobody_is(house: House, why: str) -> None:
    known = house.diagnosing.known
    number = await house.opens(opened_ms=NOW_MS - 11 * 60_000 if why == "old" else NOW_MS)
    if why == "off":
        house.diagnosing.known = replace(known, settings=DiagnosticSettings(enabled=False))
    elif why == "nobody up":
        house.up.clear()
    elif why == "resolved":
        async with house.database.write() as connection:
            await incidents.resolve(connection, number, NOW_MS, None)
    elif why == "no login":
        house.diagnosing.known = replace(known, login=lambda _: None)
    elif why == "metered":
        metered = replace(INVENTORY, sites={"s": SITE.model_copy(update={"budget": 65_536})})
        house.diagnosing.known = replace(known, inventory=metered)
    elif why == "hour":
        house.diagnosing.known = replace(known, settings=DiagnosticSettings(hourly=2))
    await house.diagnosing.diagnose(number)
    assert house.wires.asked == []
    assert await house.asked(number) == []


async def test_only_incidents_that_open_are_asked_about_each_once(house: House) -> None:
    old = await house.opens()
    await house.diagnosing.start()
    house.diagnosing.heard(old)
    new = await house.opens(rule="other")
    house.diagnosing.heard(new)
    house.diagnosing.heard(new)
    await house.diagnosing.stop()
    await house.diagnosing._round()
    assert await house.asked(old) == []


async def test_what_was_under_way_when_noc_ended_is_said_to_be_unanswered(house: House) -> None:
    number = await house.opens()
    async with house.database.write() as connection:
        await diagnostics.ask(connection, number, "b", ["show clock"], NOW_MS)
    await house.diagnosing.start()
    await house.diagnosing.stop()
    assert [(one.state, one.answer) for one in await house.asked(number)] == [("failed", LEFT)]
