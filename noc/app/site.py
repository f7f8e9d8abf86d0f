"""The web server of a daemon: what its pages and its API read, and whom they ask."""

from __future__ import annotations

import os
from collections.abc import Callable

from alerts.calendarlinks import CalendarLinks
from noc.access.access import Access, access_of
from noc.api.routes import routes as api_routes
from noc.app.build import Daemon
from noc.app.demotour import DemoParts
from noc.app.health import health, tell_figures, troubles
from noc.app.itself import ItselfOf
from noc.app.rehearsing import Rehearsing
from noc.app.reload import Reload
from noc.app.reportdesk import ReportDesk
from noc.app.reporting import Reporting, ReportOrders
from noc.app.rulebook import rule_folders
from noc.app.ruleroom import RulesInUse
from noc.app.whatifs import WhatIfs
from noc.http.server import Server
from noc.http.sources import Sources
from noc.telemetry import Telemetry
from noc.web.pages import WebPages
from noc.web.routes import routes as page_routes


def sources_of(daemon: Daemon, reload: Reload, demo: DemoParts | None = None) -> Sources:
    """Return what pages and API read of a daemon. demo: what only the demo has."""
    return Sources(
        clock=daemon.clock,
        database=daemon.database,
        access=_access(daemon, reload),
        series=daemon.series.store,
        present=daemon.presence,
        made=daemon.presence.made,
        calendar_links=CalendarLinks(daemon.database.path.parent),
        desk=daemon.alerting.desk,
        inventory=daemon.inventory,
        reload=lambda: reload.findings,
        availability=daemon.figures.of,
        stated=daemon.figures.stated,
        objectives=daemon.objectives.objectives,
        health=lambda: health(daemon, reload),
        look=daemon.polling.look,
        simulated=daemon.simulated,
        target_pct=daemon.objectives.objectives.targets.network.percent,
        mailbox=None if demo is None else demo.mailbox,
        tour=None if demo is None else demo.guide,
        applications=daemon.applications,
        budget=daemon.polling.budgets.now,
        engine_twins=daemon.polling.engines.twins,
        polls=daemon.polling.polls.of,
        places=daemon.polling.views.views_of,
        topology=daemon.alerting.topology,
        judged=daemon.polling.statuses.judged,
        use=daemon.polling.uses.of,
        raw=lambda entity: daemon.polling.raw.of(entity, daemon.doors.profiles),
        troubles=lambda: troubles(daemon),
        changes=lambda: daemon.hub.last,
        beat=daemon.hub.beat,
        pollers=lambda: () if daemon.remote is None else daemon.remote.now(),
        reports=desk_of(daemon),
        itself=ItselfOf(daemon, reload),
        answers=daemon.alerting.answers,
        inbound=daemon.telling.inbound,
        people=lambda: daemon.alerting.orders.settings,
        rehearsals=Rehearsing(reload.config, daemon.clock, with_state=True),
        segmentation=lambda: daemon.keepers.segmentation.statements,
        rules=RulesInUse(
            daemon.database,
            daemon.clock,
            lambda: daemon.alerting.orders.rules,
            lambda: daemon.alerting.watch,
            daemon.inventory,
            lambda: rule_folders(reload.config, os.environ),
            WhatIfs(reload.config, daemon.clock),
        ),
    )


def _access(daemon: Daemon, reload: Reload) -> Access:
    http = daemon.settings.http
    folder, limits = daemon.database.path.parent, (http.session, http.session_at_most)
    return access_of(daemon.database, daemon.clock, folder, http.accounts, *limits, reload.config.parent, http.base_url)


def desk_of(daemon: Daemon) -> ReportDesk:
    """Return what issues reports."""
    targets = daemon.objectives.objectives
    given = (daemon.database, daemon.inventory, lambda: targets.targets, daemon.clock, daemon.series.store)
    return ReportDesk(*given, daemon.figures, daemon.keepers.policy.digest_of)


def reporting_of(daemon: Daemon, reload: Reload) -> Reporting:
    """Return what makes reports by themselves, not started; it goes by the settings of the last good reload."""

    def orders() -> ReportOrders:
        alerting = daemon.alerting.orders
        return ReportOrders(reload.settings.reports, alerting.settings, alerting.notifiers)

    return Reporting(daemon.database, desk_of(daemon), daemon.clock, orders)


def server_of(daemon: Daemon, reload: Reload, announce: Callable[[str], None], demo: DemoParts | None = None) -> Server:
    """Return the web server, not started. announce: is given each URL that logs in."""
    telemetry = Telemetry()
    tell_figures(telemetry, daemon, reload)
    sources = sources_of(daemon, reload, demo)
    pages = WebPages(sources)
    makers = (api_routes, lambda _: page_routes(sources, pages))
    return Server(daemon.settings.http, sources, makers, daemon.hub, telemetry, announce, pages)
