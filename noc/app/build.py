"""Joins the rooms: from checked settings to the services of the daemon. Read this first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from collectors._ports import Doors
from noc.app.alerting import CHECKPOINT, Alerting, Orders, notifiers_of
from noc.app.check import CheckResult
from noc.app.feed import Feed
from noc.app.figures import Figures
from noc.app.live import Live
from noc.app.polling import Plan, Polling, resolved
from noc.app.settings import RootSettings
from noc.app.shell import shell_of, ssh_logins
from noc.app.store import build_store
from noc.clock import Clock
from noc.http.live import Hub
from noc.inventory.inventory import Inventory
from noc.model.errors import InputError
from noc.pipeline.fanout import Fanout
from noc.pipeline.present import Presence
from noc.pipeline.restore import rows
from noc.pipeline.status import Statuses
from noc.service import Service
from noc.spool.batch import encode
from noc.spool.drain import Drain
from noc.spool.spool import Spool
from noc.state import checkpoint
from noc.state.committer import Committer
from noc.state.database import Database
from noc.store._ports import Store
from noc.wire.icmp import Pinger
from noc.wire.ssh import Shell

LATE_AT_MOST_S = 30.0
"""A check that is later than this was not fired: the scheduler is stuck, and so is the daemon."""

STATE_FILE = "noc.db"
SPOOL_FOLDER = "spool"


class InUse:
    """The inventory as of the last good reload, for all who ask for it again and again."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory

    def __call__(self) -> Inventory:
        """Return it."""
        return self.inventory


@dataclass(frozen=True, slots=True)
class Daemon:
    """The services of one process, in the order in which they start; they stop in reverse. simulated: none is real."""

    settings: RootSettings
    clock: Clock
    database: Database
    store: Store
    spool: Spool
    drain: Drain
    fanout: Fanout
    alerting: Alerting
    pinger: Pinger
    shell: Shell
    polling: Polling
    presence: Presence
    figures: Figures
    hub: Hub
    inventory: InUse
    simulated: bool

    @property
    def services(self) -> tuple[Service, ...]:
        """Return all services but the web server, which begins when there is something to show."""
        samples = (self.store, self.spool, self.drain, self.fanout)
        return (self.database, *samples, self.alerting, self.pinger, self.shell, self.polling)

    def stuck(self) -> str | None:
        """Return what keeps the daemon from its work, in one sentence; None while it goes on."""
        late_s = self.polling.scheduler.overdue_s
        return f"the next check is {late_s:.0f} s late" if late_s > LATE_AT_MOST_S else None

    def replace(self, plan: Plan, orders: Orders) -> None:
        """Go on with other settings; what stays keeps its rhythm and its memory."""
        gone = self.inventory().devices.keys() - plan.inventory.devices.keys()
        self.inventory.inventory = plan.inventory
        self.polling.replace(plan)
        self.alerting.replace(orders)
        self.presence.forget(f"device/{name}" for name in gone)


def plan_of(checked: CheckResult) -> Plan:
    """Return what is polled. Raises InputError with all findings where the settings have an error."""
    if checked.settings is None or checked.inventory is None or not checked.ok:
        raise InputError(checked.findings)
    credentials, folder = checked.settings.credentials, checked.folder
    return Plan(checked.inventory, resolved(credentials, folder), ssh_logins(credentials, folder))


def orders_of(checked: CheckResult, clock: Clock) -> Orders:
    """Return what alerting goes by. Raises InputError, as `plan_of`, and SecretError."""
    if checked.settings is None or checked.merged is None or not checked.ok:
        raise InputError(checked.findings)
    settings = checked.settings.alerts
    if settings.base_url is None and checked.settings.http.base_url is not None:
        settings = settings.model_copy(update={"base_url": checked.settings.http.base_url})
    return Orders(checked.rules, settings, notifiers_of(checked.merged, settings.notifiers, checked.folder, clock))


def build(checked: CheckResult, clock: Clock, *, simulated: bool = False) -> Daemon:
    """Return the daemon that checked settings describe; nothing is started. Raises InputError, as `plan_of`."""
    plan, orders = plan_of(checked), orders_of(checked, clock)
    settings, merged = checked.settings, checked.merged
    if settings is None or merged is None:
        raise InputError(checked.findings)
    state_dir: Path = checked.folder / settings.state_dir
    poller = settings.polling.poller
    database = Database(state_dir / STATE_FILE)
    store = build_store(merged, checked.folder, state_dir, clock)
    spool = Spool(state_dir / SPOOL_FOLDER, clock, settings.spool.budget)
    drain = Drain(spool, store, clock, state_dir / SPOOL_FOLDER)
    fanout = Fanout(clock, lambda batch: spool.put(encode(batch)))
    pinger, shell = Pinger(), shell_of(settings, checked.folder, clock)
    statuses, hub = Statuses(), Hub(clock)

    in_use = InUse(plan.inventory)
    live = Live(hub, in_use)

    def to_remember() -> Iterable[checkpoint.Row]:
        return alerting.watch.memories()  # the committer writes them, alerting gives it more to write

    committer = Committer(
        database,
        clock,
        rows=lambda: rows(statuses.memories()),
        committed=lambda _: alerting.wake(),
        beside={CHECKPOINT: to_remember},
    )
    presence = Presence(statuses, in_use, clock)
    alerting = Alerting(
        database, clock, orders, in_use, poller, committer.put_rules, live.incident, simulated=simulated
    )
    doors = Doors(clock, poller, checked.profiles, pinger, shell)
    feed = Feed(fanout, presence, alerting, live)
    polling = Polling(plan, doors, database, committer, statuses, settings.polling.max_concurrent, feed)
    figures = Figures(database, in_use, clock)
    return Daemon(
        settings=settings,
        clock=clock,
        database=database,
        store=store,
        spool=spool,
        drain=drain,
        fanout=fanout,
        alerting=alerting,
        pinger=pinger,
        shell=shell,
        polling=polling,
        presence=presence,
        figures=figures,
        hub=hub,
        inventory=in_use,
        simulated=simulated,
    )
