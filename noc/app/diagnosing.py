"""Asks devices by SSH what they see when an incident opens, and keeps what they say beside it.

Only commands that change nothing; few, bounded in time and number; none over links with a byte budget.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from alerts.diagnosis import Ask, asks
from alerts.lifesettings import DiagnosticSettings, LifeSettings
from noc.app.asking import Asking
from noc.app.gathering import Plan
from noc.clock import Clock
from noc.inventory.entities import Device
from noc.inventory.inventory import Inventory
from noc.model.command import Command, Platform
from noc.model.errors import NocError
from noc.model.incident import Entry, Fact
from noc.model.instants import to_ms
from noc.pipeline.present import Presence
from noc.service import Rounds
from noc.state import diagnostics, incidents
from noc.state.database import Database, StateError
from noc.state.diagnostics import Diagnostic, DiagnosticState
from noc.wire.ssh import Output, Patience, SshLogin

log = logging.getLogger(__name__)

WAITING_AT_MOST: Final = 1_000
IDLE_S: Final = 3_600.0
RETRY_AFTER_S: Final = 10.0
HOUR_MS: Final = 3_600_000
LATE_MS: Final = 10 * 60_000
"""What is older tells nothing of how the incident began."""
ROOM_BYTES: Final = 32_768
LEFT: Final = "noc ended before it was asked"


class Asks(Protocol):
    """Logs in and runs commands: the shell service."""

    async def run(
        self,
        address: str,
        login: SshLogin,
        commands: Sequence[Command],
        patience: Patience | None = None,
        room_bytes: int = ROOM_BYTES,
    ) -> tuple[Output, ...]:
        """Return what each printed."""
        ...


class Listeners:
    """Passes the number of an incident that changed to all who want to know."""

    def __init__(self, *first: Callable[[int], None]) -> None:
        self.all = list(first)

    def __call__(self, number: int) -> None:
        """Tell them."""
        for one in self.all:
            one(number)


@dataclass(frozen=True, slots=True)
class Known:
    """What it goes by. is_up: whether a device answers. platform: its command line. login: None where noc can't."""

    inventory: Inventory
    settings: DiagnosticSettings
    is_up: Callable[[Device], bool]
    platform: Callable[[Device], Platform | None]
    login: Callable[[Device], SshLogin | None]


class Diagnosing:
    """A service. changed: is given the incident that has new answers. shed: incidents that there was no room for."""

    def __init__(
        self, database: Database, clock: Clock, shell: Asks, known: Known, changed: Callable[[int], None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._shell = shell
        self.known = known
        self._changed = changed
        self._newest: int | None = None
        self._waiting: deque[int] = deque()
        self._rounds = Rounds(clock, "diagnostics", self._round)
        self.shed = 0

    async def start(self) -> None:
        """Begin with the next incident that opens; what was under way when noc ended stays unanswered."""
        async with self._database.write() as connection:
            for one in await diagnostics.unanswered(connection, WAITING_AT_MOST):
                await diagnostics.answer(connection, one.id, "failed", 0, LEFT)
            newest = await incidents.page(connection, limit=1)
        self._newest = newest[0].id if newest else 0
        self._rounds.start()

    async def stop(self) -> None:
        """End after what is under way."""
        await self._rounds.stop()

    def replace(self, plan: Plan, settings: LifeSettings) -> None:
        """Go on with another inventory, other credentials and settings."""
        self.known = replace(self.known, inventory=plan.inventory, settings=settings.diagnostics, login=_logins(plan))

    def heard(self, number: int) -> None:
        """Note that an incident changed; only a new one is asked about."""
        if self._newest is None or number <= self._newest:
            return
        self._newest = number
        if len(self._waiting) >= WAITING_AT_MOST:
            self.shed += 1
            return
        self._waiting.append(number)
        self._rounds.wake()

    async def _round(self) -> float:
        while self._waiting and not self._rounds.ending:
            try:
                await self.diagnose(self._waiting[0])
            except StateError as error:
                log.warning("devices are asked later what they see of incidents: %s", error)
                return RETRY_AFTER_S
            self._waiting.popleft()
        return IDLE_S

    async def diagnose(self, number: int) -> None:
        """Ask what there is to ask about an incident, and keep it. Raises StateError."""
        settings, now_ms = self.known.settings, to_ms(self._clock.now())
        if not settings.enabled:
            return
        async with self._database.write() as connection:
            incident = await incidents.get(connection, number)
            if incident is None or incident.resolved_ms is not None or now_ms - incident.opened_ms > LATE_MS:
                return
            wanted = asks(incident, self.known.inventory, self._can_answer, self.known.platform)
            room = settings.hourly - await diagnostics.count_since(connection, now_ms - HOUR_MS)
            if not wanted or room < sum(len(ask.commands) for ask in wanted):
                return
            for ask in wanted:
                await diagnostics.ask(connection, number, ask.device.id, [one.text for one in ask.commands], now_ms)
            rows = await diagnostics.of_incident(connection, number)
        self._changed(number)
        await asyncio.gather(*(self._ask(ask, rows, settings) for ask in wanted))
        async with self._database.write() as connection:
            found = await diagnostics.of_incident(connection, number)
            said: dict[str, Fact] = {
                "devices": ", ".join(ask.device.id for ask in wanted),
                "answered": sum(one.state == "answered" for one in found),
                "failed": sum(one.state == "failed" for one in found),
            }
            await incidents.record(connection, [Entry(number, to_ms(self._clock.now()), "diagnosed", None, said)])
        self._changed(number)

    async def _ask(self, ask: Ask, rows: list[Diagnostic], settings: DiagnosticSettings) -> None:
        login, begun = self.known.login(ask.device), self._clock.monotonic()
        total_s = settings.timeout.total_seconds()
        answers: list[tuple[DiagnosticState, int, str]] = []
        try:
            if login is not None:
                patience = Patience(min(10.0, total_s), min(20.0, total_s), total_s)
                outputs = await self._shell.run(str(ask.device.address), login, ask.commands, patience, ROOM_BYTES)
                answers = [("answered", round(one.duration_s * 1000), one.text) for one in outputs]
            why = "noc can't log in there" if login is None else "the answer before it was too long"
        except NocError as error:
            why = str(error)
        took_ms = round((self._clock.monotonic() - begun) * 1000)
        mine = [row for row in rows if row.device == ask.device.id]
        answers += [("failed", took_ms, why)] * (len(mine) - len(answers))
        async with self._database.write() as connection:
            for row, (state, took, text) in zip(mine, answers, strict=False):
                await diagnostics.answer(connection, row.id, state, took, text)

    def _can_answer(self, device: Device) -> bool:
        inventory = self.known.inventory
        site = inventory.sites.get(device.site)
        metered = (site is not None and site.budget is not None) or any(
            circuit.bytes_an_hour is not None for circuit in inventory.circuits_of(device.site)
        )
        return not metered and self.known.is_up(device) and self.known.login(device) is not None


def diagnosing_of(
    told: Listeners,
    database: Database,
    clock: Clock,
    shell: Asks,
    plan: Plan,
    settings: LifeSettings,
    asking: Asking,
    presence: Presence,
) -> Diagnosing:
    """Return the service; it hears of incidents by `told`, and tells it of answers."""

    def is_up(device: Device) -> bool:
        return presence.status(device.entity).status == "up"

    known = Known(plan.inventory, settings.diagnostics, is_up, asking.platform_of, _logins(plan))
    made = Diagnosing(database, clock, shell, known, told)
    told.all.append(made.heard)
    return made


def _logins(plan: Plan) -> Callable[[Device], SshLogin | None]:
    return lambda device: plan.ssh.get(device.watch.credentials or "")
