"""A small house for tests of alerting: two devices, one rule, one policy; and everything that is asked of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from alerts.composing import Telling
from alerts.dispatch import Dispatch
from alerts.engine import Engine
from alerts.notifiers._ports import Message, Notifier
from alerts.pace import Pace
from alerts.policies import AlertSettings
from alerts.rules.compiled import DownRule, Rules, ThresholdRule
from noc.clock import Clock, ManualClock
from noc.inventory.entities import Region, Site
from noc.inventory.inventory import Inventory
from noc.model.incident import Entry, Incident, Notice, RuleTransition
from noc.model.transition import Status, Transition
from noc.state import handling, incidents, ledger, outbox
from noc.state.database import Database
from tests.database import empty_database
from tests.things import device

START = datetime(2026, 3, 1, tzinfo=UTC)
START_MS = int(START.timestamp() * 1000)
MINUTE = 60_000

REGION = Region(id="africa", name="Africa")
SITE = Site.model_validate_json(
    json.dumps(
        {"id": "s", "name": "Nairobi", "region": "africa", "class": "rtc", "time_zone": "Africa/Nairobi"},
    )
)
DOWN = DownRule(name="device-down", summary="A device is down", severity="critical", hold_ms=0)
CPU = ThresholdRule(
    name="cpu-high",
    summary="Busy",
    severity="minor",
    hold_ms=0,
    measurement="cpu",
    field="usage_pct",
    side="above",
    raise_at=90.0,
    clear_at=80.0,
    policy="quiet",
)
SETTINGS = {
    "people": {
        "achieng": {"name": "Achieng Odhiambo", "email": "achieng@example.org"},
        "berta": {"email": "berta@example.org"},
    },
    "notifiers": {"email": {}},
    "policies": {
        "standard": {
            "steps": [{"notify": ["achieng"]}, {"after": "15m", "notify": ["berta"]}],
            "reminder": "30m",
            "reminders": 2,
        },
        "quiet": {"steps": [{"notify": ["berta"]}], "resolved": False},
    },
    "default_policy": "standard",
    "base_url": "https://noc.example.org",
}


def inventory(*names: str) -> Inventory:
    """Return an inventory with these devices at site `s`."""
    devices = {name: device(name, f"192.0.2.{number}") for number, name in enumerate(names, start=1)}
    return Inventory({"africa": REGION}, {"s": SITE}, devices)


def settings(**changes: object) -> AlertSettings:
    """Return the settings of the house, with changes."""
    return AlertSettings.model_validate_json(json.dumps({**SETTINGS, **changes}))


def changed(status: Status, at_ms: int = START_MS, entity: str = "device/a", before: Status = "up") -> Transition:
    """Return a change of status that was certain at once."""
    ok = status == "up"
    reason = "stale" if status == "unknown" else "confirmed"
    return Transition(entity, status, before, at_ms, at_ms, "icmp", "test", reason, ((at_ms, ok),))


def ruled(status: str, entity: str = "device/a") -> RuleTransition:
    """Return a change of the rule cpu-high."""
    facts = {"metric": "cpu.usage_pct", "value": 97.5, "limit": 90.0}
    return RuleTransition("cpu-high", entity, status, "minor", START_MS, START_MS, "test", facts)  # type: ignore[arg-type]


class Mailbox:
    """A notifier that keeps what it is given. takes: called first; it may wait or raise."""

    def __init__(self, takes: Callable[[Message], object] = lambda _: None) -> None:
        self.got: list[Message] = []
        self.takes = takes

    async def send(self, message: Message) -> None:
        outcome = self.takes(message)
        if asyncio.iscoroutine(outcome):
            await outcome
        self.got.append(message)

    def told(self) -> list[tuple[str, str]]:
        return [(message.kind, message.to.partition("@")[0]) for message in self.got]


class House:
    """An engine, a dispatch, a clock and a database on disk; nothing runs by itself. time: what they go by."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "noc.db"
        self.clock = ManualClock(START)
        self.time: Clock = self.clock
        self.database = empty_database(self.path)
        self.settings = settings()
        self.rules = Rules([DOWN, CPU])
        self.inventory = inventory("a", "b")
        self.changed: list[int] = []
        self.mailbox = Mailbox()
        self.notifiers: Mapping[str, Notifier] = {"email": self.mailbox}
        self.engine = self.new_engine()

    def new_engine(self) -> Engine:
        return Engine(
            self.database, self.time, self.rules, self.settings, lambda: self.inventory, changed=self.changed.append
        )

    def new_dispatch(self, pace: Pace = Pace()) -> Dispatch:  # noqa: B008 frozen
        telling = Telling(self.settings, self.notifiers, lambda: self.inventory)
        return Dispatch(self.database, self.time, telling, pace, self.changed.append, self.engine.wake)

    async def restart(self) -> None:
        """Begin anew on the same file, as after a crash."""
        await self.database.stop()
        self.database = Database(self.path)
        await self.database.start()
        self.engine = self.new_engine()

    async def put(self, *changes: Transition | RuleTransition) -> None:
        """Write changes as the committer does."""
        async with self.database.write() as connection:
            evidence = [change for change in changes if isinstance(change, Transition)]
            await handling.put(connection, changes, await ledger.append(connection, evidence))

    async def handle(self, *changes: Transition | RuleTransition) -> None:
        """Write changes and let the engine do what is due."""
        await self.put(*changes)
        await self.engine.work()

    async def later(self, minutes: float) -> None:
        """Let time pass, then let the engine do what is due."""
        self.clock.stall(minutes * 60)
        await self.engine.work()

    async def send_all(self, dispatch: Dispatch | None = None) -> None:
        """Send all that is due until nothing more is."""
        sender = dispatch or self.new_dispatch()
        async with asyncio.timeout(10):
            while True:
                before = sender.tally.claimed
                await sender.work()
                while sender.under_way:
                    await asyncio.sleep(0.001)  # the database's thread works in real time
                if sender.tally.claimed == before:
                    return

    async def incidents(self) -> list[Incident]:
        async with self.database.read() as connection:
            return (await incidents.page(connection))[::-1]

    async def notices(self, number: int = 1) -> list[Notice]:
        async with self.database.read() as connection:
            return await outbox.of_incident(connection, number)

    async def calls(self, number: int = 1) -> list[tuple[str, str, str]]:
        """Return kind, person and state of an incident's notices."""
        return [(notice.kind, notice.person, notice.state) for notice in await self.notices(number)]

    async def timeline(self, number: int = 1) -> list[Entry]:
        async with self.database.read() as connection:
            return await incidents.timeline_of(connection, number)

    async def lines(self, number: int = 1) -> list[tuple[str, object]]:
        """Return kind and reason of the timeline's lines, but for its priority."""
        return [(one.kind, one.facts.get("why")) for one in await self.timeline(number) if one.kind != "priority"]

    async def waiting(self) -> int:
        async with self.database.read() as connection:
            return await handling.waiting(connection)


def held(rule: DownRule, minutes: int) -> DownRule:
    """Return a rule that waits."""
    return replace(rule, hold_ms=minutes * MINUTE)
