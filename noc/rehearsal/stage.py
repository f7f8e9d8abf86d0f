"""The stage: what decides in the daemon, put together around a clock that is moved by hand. Nothing is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from alerts.notifiers._ports import Message, Notifier, NotifyError
from alerts.policies import AlertSettings
from noc.app.alerting import Alerting, Orders
from noc.app.check import CheckResult
from noc.app.reprobing import Reprobing
from noc.app.servicing import Servicing
from noc.availability.evidence import Memory
from noc.clock import ManualClock
from noc.inventory.inventory import Inventory
from noc.model.check import Check
from noc.model.errors import InputError
from noc.model.instants import from_ms, to_ms
from noc.model.transition import Status, Transition
from noc.pipeline.ingest import Ingested
from noc.pipeline.status import Result
from noc.rehearsal.eyes import Eyes, TakenAsUp
from noc.rehearsal.looking import Looking
from noc.rehearsal.settling import settle
from noc.rehearsal.touched import Touched
from noc.rehearsal.truth import Truth
from noc.state import ledger
from noc.state.committer import Committer
from noc.state.database import Database
from noc.state.past import NO_PLANS, Plans, put_plans
from noc.topology import Topology, Vantage


@dataclass(slots=True)
class Recorder:
    """A notifier that sends nothing. sent: what it was given, by the key of the notice."""

    name: str
    truth: Truth
    sent: dict[str, Message] = field(default_factory=dict)

    async def send(self, message: Message) -> None:
        """Keep a message. Raises NotifyError while a scenario has it fail."""
        if f"notifier/{self.name}" in self.truth.failed:
            raise NotifyError(f"{self.name} can't be reached (rehearsal)")
        self.sent[message.key] = message


class Stage:
    """Statuses, ledger, rules, engine and dispatch of one rehearsal.

    folder: for its state, which is thrown away. plans: what people have planned, taken from the state of a daemon.
    """

    def __init__(
        self,
        checked: CheckResult,
        start_ms: int,
        truth: Truth,
        touched: Touched,
        folder: Path,
        plans: Plans = NO_PLANS,
    ) -> None:
        if checked.settings is None or checked.inventory is None:
            raise InputError(checked.findings)
        polling = checked.settings.polling
        self.inventory: Inventory = checked.inventory
        self.settings = _settings(checked)
        self.clock = ManualClock(from_ms(start_ms))
        self.database = Database(folder / "noc.db", lasting=False)
        self.evidence: dict[str, list[tuple[int, bool]]] = {}
        self.statuses = TakenAsUp(self._heard)
        inventory = checked.inventory
        topology = Topology(inventory, Vantage(polling.poller, polling.uplink))
        self._plans = plans
        self._reprobing = Reprobing(self.clock, lambda: topology, self._run, polling.reprobe.total_seconds())
        eyes = Eyes(self.statuses, self.clock, self._of_service, self._reprobing.ask, self._catch_up)
        self.committer = Committer(
            self.database,
            self.clock,
            rows=tuple,
            vantage_of=lambda poller: polling.vantage if poller == polling.poller else "",
        )
        self.recorders = {name: Recorder(name, truth) for name in self.settings.notifiers}
        notifiers: dict[str, Notifier] = dict(self.recorders)
        orders = Orders(checked.rules, self.settings, notifiers)
        put_rules = self.committer.put_rules
        self.alerting = Alerting(
            self.database,
            self.clock,
            orders,
            lambda: inventory,
            polling.poller,
            put_rules,
            lambda _: None,
            eyes,
            lambda: topology,
        )
        self.servicing = Servicing(
            lambda: inventory,
            self.statuses,
            lambda: self.statuses,
            self.clock,
            self.database,
            self.committer,
            polling.poller,
        )
        self.servicing.told = self._told_of_service
        self.looking = Looking(checked.inventory, truth, touched, self.statuses, self.clock, polling.poller, self._told)

    @property
    def now_ms(self) -> int:
        """Return the virtual time."""
        return to_ms(self.clock.now())

    async def start(self, start_ms: int) -> None:
        """Take up what was seen before the beginning."""
        await self.database.start()
        past = self.looking.begin(start_ms)
        self.statuses.ask([name for name, _ in self.statuses.memories()])
        async with self.database.write() as connection:
            await put_plans(connection, self._plans)
            await ledger.append(connection, past)
        if self.inventory.services:
            await self.servicing.start()
        await self.work()

    async def stop(self) -> None:
        """Give everything back."""
        await self.servicing.stop()
        await self.database.stop()

    def expire(self) -> None:
        """Judge what nobody sees any more."""
        transitions = tuple(self.statuses.expire(self.now_ms))
        if transitions:
            self._committed(transitions)

    async def work(self) -> int | None:
        """Do all that is due at this moment: the ledger, incidents, messages. Returns when more is due.

        Raises StateError.
        """
        return await settle(self.alerting, self.committer, self.database, self.clock)

    def _told(self, check: Check, ingested: Ingested) -> None:
        if ingested.transitions:
            self._committed(ingested.transitions)
        if ingested.samples:
            self.alerting.take(check, ingested)

    def _committed(self, transitions: Sequence[Transition]) -> None:
        self.committer.put(transitions)
        self.servicing.take(transitions)

    def _told_of_service(self, check: Check | None, ingested: Ingested) -> None:
        if check is not None:
            self.alerting.take(check, ingested)

    def _heard(self, result: Result, before: Memory, after: Memory, speaks_ms: int) -> None:
        self.evidence.setdefault(result.entity, []).append((result.time_ms, result.ok))
        self._reprobing.heard(result, before, after, speaks_ms)

    def _run(self, key: str) -> bool:
        return self.looking.expedite(key)

    def _catch_up(self, entity: str) -> None:
        self.looking.catch_up(entity)

    def _of_service(self, entity: str) -> tuple[Status, int | None]:
        now = self.servicing.status(entity)
        return "unknown" if now.status == "unreachable" else now.status, now.since_ms


def _settings(checked: CheckResult) -> AlertSettings:
    """Return the settings of alerting, as the daemon has them."""
    if checked.settings is None:
        raise InputError(checked.findings)
    alerts, page = checked.settings.alerts, checked.settings.http.base_url
    return alerts.model_copy(update={"base_url": page}) if alerts.base_url is None and page is not None else alerts
