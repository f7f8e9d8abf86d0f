"""Joins the rooms: from checked settings to the services of the daemon. Read this first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from socket import socket

from alerts.acklinks import AckLinks
from alerts.heartbeats import tellers as beats_to
from collectors._ports import Doors
from noc.app.alerting import Alerting, Orders, notifiers_of
from noc.app.applications import Applications, applications_of
from noc.app.applications import Ground as ApplicationGround
from noc.app.backups import Backups, backups_in
from noc.app.check import CheckResult
from noc.app.coverage import CHECKPOINT as COVERAGE
from noc.app.coverage import CoverageWatch
from noc.app.diagnosing import Diagnosing, Listeners, diagnosing_of
from noc.app.feed import Feed
from noc.app.figures import Figures
from noc.app.gatewaywatch import GatewayWatch
from noc.app.gathering import Plan, resolved
from noc.app.includes import Merged
from noc.app.keepers import Keepers, Known, keepers_of
from noc.app.lastseen import LastSeen
from noc.app.linebudgets import beside_links
from noc.app.live import Live
from noc.app.objectivewatch import ObjectiveWatch, objective_watch_of
from noc.app.paths import state_folder
from noc.app.planning import lines_of
from noc.app.pollersettings import reach_of
from noc.app.polling import BUDGETS, Polling
from noc.app.probeplan import probe_plan_of
from noc.app.probing import CHECKPOINT as ENDPOINTS
from noc.app.receiving import Ground, Receiving, receiving_of
from noc.app.remote import Remote
from noc.app.remotekeeping import CHECKPOINT as POLLERS
from noc.app.remotemade import remote_of
from noc.app.remotestatus import RULES
from noc.app.ruleground import rule_ground
from noc.app.ruling import CHECKPOINT
from noc.app.segmentationsettings import statements_of
from noc.app.selfwatch import SelfWatch
from noc.app.series import Series, series_of
from noc.app.serieswatch import series_concerns
from noc.app.settings import RootSettings
from noc.app.shell import shell_of, ssh_logins
from noc.app.sighting import eyes_of
from noc.app.statefile import STATE_FILE
from noc.app.telling import Telling, tokens_of
from noc.clock import Clock, SteadyClock
from noc.http.live import Hub
from noc.inventory.inventory import Inventory
from noc.model.errors import InputError
from noc.pipeline.partwatch import PartWatch
from noc.pipeline.present import Presence
from noc.pipeline.restore import rows
from noc.pipeline.status import Statuses
from noc.service import Service
from noc.state.claim import Claim
from noc.state.committer import Committer
from noc.state.database import Database
from noc.wire.cliparser import CliParser
from noc.wire.icmp import Pinger

LATE_AT_MOST_S = 30.0
"""A check that is later than this was not fired: the scheduler is stuck, and so is the daemon."""


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
    claim: Claim
    database: Database
    series: Series
    alerting: Alerting
    telling: Telling
    diagnosing: Diagnosing
    doors: Doors
    coverage: CoverageWatch
    itself: SelfWatch
    keepers: Keepers
    backups: Backups
    polling: Polling
    receiving: Receiving
    remote: Remote | None
    applications: Applications
    gateways: GatewayWatch
    presence: Presence
    figures: Figures
    objectives: ObjectiveWatch
    hub: Hub
    inventory: InUse
    simulated: bool

    @property
    def services(self) -> tuple[Service, ...]:
        """Return all services but the web server, which begins when there is something to show."""
        wire = (self.doors.pinger, self.doors.shell, self.doors.parser)
        return (
            self.claim,
            self.database,
            self.keepers.watch,
            self.keepers.sealing,
            *self.series.services,
            self.alerting,
            *self.telling.services,
            self.itself,
            *wire,
            self.keepers.sign,
            self.keepers.leaving,
            self.backups,
            self.keepers.swept,
            self.gateways,
            self.coverage,
            self.keepers.policy,
            self.polling,
            *self.applications.services,
            self.keepers.segmentation,
            self.receiving,
            *(() if self.remote is None else (self.remote,)),
            self.keepers.back,
            self.keepers.shown,
            self.keepers.drifts,
            self.keepers.audit,
            self.diagnosing,
            self.keepers.warming,
            self.objectives,
        )

    def stuck(self) -> str | None:
        """Return what keeps the daemon from its work, in one sentence; None while it goes on."""
        late_s = max(self.polling.scheduler.overdue_s, self.applications.probing.scheduler.overdue_s)
        return f"the next check is {late_s:.0f} s late" if late_s > LATE_AT_MOST_S else None

    def replace(self, plan: Plan, orders: Orders, fresh: CheckResult) -> None:
        """Go on with other settings; what stays keeps its rhythm and its memory."""
        probes = probe_plan_of(plan.inventory, fresh.folder, plan.elsewhere)
        gone = self.inventory().devices.keys() - plan.inventory.devices.keys()
        self.keepers.leaving.leave(self.inventory().devices[name] for name in sorted(gone))
        self.inventory.inventory = plan.inventory
        self.polling.replace(plan)
        self.applications.replace(probes)
        self.receiving.replace(plan, fresh.events, fresh.profiles)
        if self.remote is not None:
            self.remote.replace(fresh, plan, _settled(fresh)[0].pollers)
        self.alerting.replace(orders)
        self.telling.replace()
        self.diagnosing.replace(plan, orders.settings)
        self.presence.forget(f"device/{name}" for name in gone)
        self.keepers.drifts.replace(fresh)
        self.gateways.replace()
        self.coverage.replace()
        self.keepers.policy.replace()
        self.keepers.shown.replace(_settled(fresh)[0])
        self.keepers.segmentation.replace(statements_of(_settled(fresh)[0].segmentation, plan.inventory))
        self.objectives.replace(_settled(fresh)[0])


def _settled(checked: CheckResult) -> tuple[RootSettings, Merged]:
    """Return the settings, and how they are written. Raises InputError where they can't be used."""
    if checked.settings is None or checked.merged is None:
        raise InputError(checked.findings)
    return checked.settings, checked.merged


def plan_of(checked: CheckResult) -> Plan:
    """Return what is polled. Raises InputError with all findings where the settings have an error."""
    if checked.settings is None or checked.inventory is None or not checked.ok:
        raise InputError(checked.findings)
    credentials, folder = checked.settings.credentials, checked.folder
    return Plan(checked.inventory, resolved(credentials, folder), ssh_logins(credentials, folder), checked.cli)


def centre_plan_of(checked: CheckResult) -> Plan:
    """Return what is polled, of which remote pollers ask a part. Raises as `plan_of`."""
    plan, settings = plan_of(checked), _settled(checked)[0].pollers
    if settings.broker is None:
        return plan
    beside = beside_links(plan.inventory, lines_of(checked))
    return replace(plan, elsewhere=reach_of(settings, plan.inventory).elsewhere, beside_links=beside)


def orders_of(checked: CheckResult, clock: Clock) -> Orders:
    """Return what alerting goes by. Raises InputError, as `plan_of`, and SecretError."""
    if checked.settings is None or checked.merged is None or not checked.ok:
        raise InputError(checked.findings)
    settings = checked.settings.alerts
    if settings.base_url is None and checked.settings.http.base_url is not None:
        settings = settings.model_copy(update={"base_url": checked.settings.http.base_url})
    folder, poller = checked.folder, checked.settings.polling.poller
    notifiers = notifiers_of(checked.merged, settings.notifiers, folder, clock)
    beats = beats_to(settings.heartbeat, folder, poller)
    return Orders(checked.rules, settings, notifiers, tokens_of(settings, folder), beats)


def build(
    checked: CheckResult,
    clock: Clock,
    *,
    handed: Mapping[str, Sequence[socket]] | None = None,
) -> Daemon:
    """Return the daemon that checked settings describe; nothing is started. Raises InputError, as `plan_of`.

    handed: sockets that systemd made for us, by name.
    """
    plan, clock = centre_plan_of(checked), SteadyClock(clock)
    (settings, merged), folder, orders = _settled(checked), checked.folder, orders_of(checked, clock)
    state_dir, poller, far = state_folder(folder, settings), settings.polling.poller, bool(settings.pollers.broker)
    database, hub, in_use = Database(state_dir / STATE_FILE), Hub(clock), InUse(plan.inventory)
    series, figures = series_of(merged, folder, state_dir, settings.spool, clock), Figures(database, in_use, clock)
    coverage = CoverageWatch(database, clock, lambda: committer, poller, in_use)
    eyes = eyes_of(settings.polling, clock, in_use, coverage.heard, lambda: (statuses, presence, polling, applications))
    statuses, live, doors = Statuses(eyes.heard), Live(hub, in_use, clock), _doors(checked, plan, settings, clock)
    committer = _committer(settings, database, clock, statuses, coverage, lambda: (alerting, applications, polling))
    rules, told, at_most = committer.put_rules, Listeners(live.incident), settings.polling.max_concurrent
    base = rule_ground(series, database, clock, in_use, state_dir, lambda: (alerting, polling, receiving))
    known_to, links = (orders, in_use, poller, rules, told, eyes.sight, eyes.topology), AckLinks(state_dir, None)
    alerting = Alerting(database, clock, *known_to, simulated=settings.simulated, links=links, ground=base)
    parts, gateways = PartWatch(statuses, plan.inventory), GatewayWatch(database, clock, in_use, poller, rules)
    presence, backups = Presence(statuses, in_use, clock, parts), Backups(database, clock, backups_in(in_use))
    heard, seen = (gateways.take, coverage.samples), LastSeen(series.spool, clock, poller, coverage.samples, far)
    feed = Feed(series.fanout, presence, alerting, live, lambda: applications.servicing.take, *heard)
    polling = Polling(plan, doors, database, committer, statuses, at_most, feed, parts, backups, seen)
    known = Known(database, clock, in_use, statuses, committer, parts, presence, polling, figures, doors, series)
    keepers = keepers_of(checked, settings, known)
    ground = Ground(database, clock, hub, in_use, presence, polling.expedite, keepers.heard(alerting.rules.heard))
    asked = ApplicationGround(in_use, doors, database, committer, statuses, feed, eyes.heard, seen, polling.views)
    applications = applications_of(probe_plan_of(plan.inventory, folder, plan.elsewhere), asked, presence, at_most)
    receiving = receiving_of(settings.receivers, folder, plan, checked.events, checked.profiles, ground, handed or {})
    return Daemon(
        settings=settings,
        clock=clock,
        claim=Claim(state_dir),
        database=database,
        series=series,
        alerting=alerting,
        telling=Telling(database, clock, alerting, committer, in_use, poller, settings.receivers.mail),
        diagnosing=diagnosing_of(told, database, clock, doors.shell, plan, settings.alerts, polling.asking, presence),
        doors=doors,
        coverage=coverage,
        itself=SelfWatch(clock, database, poller, rules, series_concerns(series, clock), _elsewhere(alerting)),
        keepers=keepers,
        backups=backups,
        polling=polling,
        receiving=receiving,
        remote=remote_of(checked, settings.pollers, plan, known, feed, receiving, state_dir, applications.probing),
        applications=applications,
        gateways=gateways,
        presence=presence,
        figures=figures,
        objectives=objective_watch_of(settings, figures, database, in_use, clock, feed),
        hub=hub,
        inventory=in_use,
        simulated=settings.simulated,
    )


def _elsewhere(alerting: Alerting) -> Callable[[str], bool]:
    """Return what tells whether others end the incidents of a rule about noc itself."""
    return lambda rule: alerting.knows(rule) or rule in RULES


def _doors(checked: CheckResult, plan: Plan, settings: RootSettings, clock: Clock) -> Doors:
    """Return what collectors may use."""
    pinger = Pinger(wanted=any(check.kind == "icmp" for check in plan.here()))
    shell, parser = shell_of(settings, checked.folder, clock), CliParser(checked.templates)
    return Doors(clock, settings.polling.poller, checked.profiles, pinger, shell, parser)


def _committer(
    settings: RootSettings,
    database: Database,
    clock: Clock,
    statuses: Statuses,
    coverage: CoverageWatch,
    later: Callable[[], tuple[Alerting, Applications, Polling]],
) -> Committer:
    """Return what writes transitions, and what is remembered beside them. later: gives what is made after it."""
    vantage = settings.polling.vantage
    return Committer(
        database,
        clock,
        rows=lambda: rows(statuses.memories()),
        committed=lambda _: later()[0].wake(),
        beside={
            COVERAGE: coverage.rows,
            CHECKPOINT: lambda: later()[0].watch.memories(),  # noqa: PLW0108 made later
            ENDPOINTS: lambda: later()[1].probing.remembered(),  # noqa: PLW0108 made later
            BUDGETS: lambda: later()[2].budgets.rows(),  # noqa: PLW0108 made later
            POLLERS: lambda: later()[2].far.remembered(),  # noqa: PLW0108 made later
        },
        vantage_of=lambda poller: vantage if poller == settings.polling.poller else later()[2].far.vantage(poller),
    )
