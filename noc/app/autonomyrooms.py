"""The alerting rooms of a poller: hops 3 to 8 for its group, by the classes of the daemon (docs/adr/0026)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from alerts.auditor import Auditor
from alerts.calling import Gate
from collectors._ports import Doors
from noc.app.alerting import Alerting, Orders
from noc.app.gathering import Plan
from noc.app.pollerplan import PollerPlan
from noc.app.polling import Far, Polling
from noc.app.portwatch import PortWatch
from noc.app.reprobing import Reprobing
from noc.app.ruletables import RuleTables
from noc.app.ruling import CHECKPOINT, RuleGround
from noc.app.shell import shell_of
from noc.app.sighting import Sighting, Topologies
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.model.check import Check
from noc.model.event import Event
from noc.model.reading import Reading
from noc.model.snapshot import Snapshot
from noc.pipeline.ingest import Ingested
from noc.pipeline.partwatch import PartWatch
from noc.pipeline.present import Presence
from noc.pipeline.restore import rows
from noc.pipeline.status import Statuses
from noc.service import Service
from noc.state import cutoff
from noc.state.committer import Committer
from noc.state.database import Database
from noc.topology import Vantage
from noc.wire.cliparser import CliParser
from noc.wire.icmp import Pinger

FILE: Final = "noc.db"


class Rooms:
    """Of one ground of a plan: a plan with other profiles needs others. folder: of their state.

    look: has a check run now, by its key; it is asked while people are called from here alone.
    """

    def __init__(
        self, plan: PollerPlan, orders: Orders, folder: Path, clock: Clock, look: Callable[[str], bool], gate: Gate
    ) -> None:
        self.ground = plan.ground
        self.inventory: Inventory = plan.inventory
        self.database = Database(folder / FILE)
        settings = plan.settings.polling
        poller, vantage = settings.poller, settings.vantage
        topology = Topologies(self._now, Vantage(poller, settings.uplink), clock, self._snapshot, self._watched)
        reprobing = Reprobing(clock, topology, look, settings.reprobe.total_seconds())
        self.statuses = Statuses(reprobing.heard)
        parts = PartWatch(self.statuses, plan.inventory)
        self.presence = Presence(self.statuses, self._now, clock, parts)
        self.committer = Committer(
            self.database,
            clock,
            rows=lambda: rows(self.statuses.memories()),
            committed=lambda _: self.alerting.wake(),
            beside={CHECKPOINT: lambda: self.alerting.watch.memories()},  # noqa: PLW0108 made later
            vantage_of=lambda _: vantage,
        )
        self.alerting = self._alerting(orders, clock, poller, topology, reprobing)
        self.alerting.engine.call_through(gate)
        self.alerting.dispatch.hold(True)
        shell, parser = shell_of(plan.settings, plan.folder, clock), CliParser(plan.templates)
        doors = Doors(clock, poller, plan.profiles, Pinger(wanted=False), shell, parser)
        at_most = settings.max_concurrent
        self.polling = Polling(
            _asking_nothing(plan.plan), doors, self.database, self.committer, self.statuses, at_most, self._told, parts
        )
        self.polling.far = Far(look=look)
        self._auditor = Auditor(
            self.database,
            clock,
            poller,
            lambda: self.alerting.orders.settings,
            lambda: self.alerting.engine.handled + self.alerting.dispatch.tally.claimed,
            self.alerting.wake_all,
            self.committer.put_rules,
        )
        self._reprobing = reprobing

    def _alerting(
        self, orders: Orders, clock: Clock, poller: str, topology: Topologies, reprobing: Reprobing
    ) -> Alerting:
        ports = PortWatch(self.database, clock, self._now)
        tables = RuleTables(self._now, self._twins, ports)
        sight = Sighting(lambda: self.statuses, lambda: self.presence, reprobing, lambda: self.statuses)
        return Alerting(
            self.database,
            clock,
            orders,
            self._now,
            poller,
            self.committer.put_rules,
            lambda _: None,
            sight,
            topology,
            ground=RuleGround(derived=tables, services=(ports,)),
        )

    @property
    def services(self) -> tuple[Service, ...]:
        """Return what is started behind the database, in this order; it is stopped in reverse."""
        return (self.alerting, self._auditor, self.polling)

    @property
    def failing(self) -> str:
        """Return what keeps the rooms from their work; empty where nothing does."""
        return self.committer.failing or self.alerting.failing

    async def open(self) -> None:
        """Open the database. Raises StateError."""
        await self.database.start()
        async with self.database.write() as connection:
            await cutoff.loosen(connection)

    async def close(self) -> None:
        """Ask nothing more, and close the database."""
        self._reprobing.stop()
        await self.database.stop()

    def replace(self, plan: PollerPlan, orders: Orders) -> None:
        """Go on with another plan of the same ground."""
        gone = self.inventory.devices.keys() - plan.inventory.devices.keys()
        self.inventory = plan.inventory
        self.polling.replace(_asking_nothing(plan.plan))
        self.alerting.replace(orders)
        self.presence.forget(f"device/{name}" for name in gone)

    def take(self, check: Check, reading: Reading) -> None:
        """Judge what a device answered. End points are judged by the centre alone."""
        if check.entity.startswith("device/"):
            self.polling.take(check, reading)

    def hear(self, events: Sequence[Event]) -> None:
        """Judge what devices sent by themselves."""
        self.alerting.rules.heard(events)

    def _told(self, check: Check | None, ingested: Ingested) -> None:
        if check is None:
            return
        self.alerting.take(check, ingested)
        if ingested.snapshot is not None:
            self.presence.keep(check.entity, ingested.snapshot)

    def _now(self) -> Inventory:
        return self.inventory

    def _snapshot(self, entity: str) -> Snapshot | None:
        return self.presence.snapshot(entity)

    def _twins(self, entity: str) -> Sequence[str]:
        return self.polling.engines.twins(entity)

    def _watched(self) -> list[str]:
        return [name for name, _ in self.statuses.memories()]


def _asking_nothing(plan: Plan) -> Plan:
    return replace(plan, elsewhere=frozenset(plan.inventory.devices))
