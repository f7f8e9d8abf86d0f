"""How each part of the daemon is, for /readyz, /metrics and the pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from noc.app.build import Daemon
from noc.app.driftwatch import DriftWatch
from noc.app.eventfigures import tell_event_figures
from noc.app.reload import Reload
from noc.app.remote import concerns
from noc.app.remotefigures import tell_remote_figures
from noc.app.seriesfigures import tell_series_figures
from noc.app.telling import Telling
from noc.app.uplink import uplink_trouble
from noc.http.sources import Health
from noc.model.counting import counted
from noc.telemetry import Telemetry


def health(daemon: Daemon, reload: Reload) -> tuple[Health, ...]:
    """Return the parts in the order of the flow; what people must act on is said in a sentence."""
    stuck, clock = daemon.stuck(), daemon.keepers.watch.failing
    failing = daemon.polling.committer.failing
    store, is_safe = daemon.series.failing, daemon.series.is_safe
    unseen = "; ".join(concerns(daemon.remote))
    uplink = daemon.settings.polling.uplink
    blind = uplink_trouble(daemon.presence, uplink)
    found = counted(len(reload.findings), "finding")
    tickets = daemon.telling.tickets
    untold = daemon.alerting.untold_tickets
    away = f"tickets can't be opened: {untold}" if untold else ""
    away = away or (f"how tickets stand can't be asked: {tickets.failing}" if tickets.failing else "")
    settings = f"{found} in the settings; those before are in use" if reload.findings else ""
    return (
        Health("polling", stuck is None, stuck or ""),
        *([Health("uplink", not blind, blind, needed=False)] if uplink else []),
        Health("clock", clock is None, clock or ""),
        Health("ledger", failing is None, failing or ""),
        Health("alerts", not daemon.alerting.failing, daemon.alerting.failing),
        Health("events", daemon.receiving.events.failing is None, daemon.receiving.events.failing or ""),
        Health("store", not store, store, needed=not is_safe),
        *([Health("tickets", not away, away, needed=False)] if daemon.alerting.ticketing else []),
        *([] if daemon.remote is None else [Health("pollers", not unseen, unseen, needed=False)]),
        Health("settings", not reload.findings, settings, needed=False),
    )


def troubles(daemon: Daemon) -> tuple[str, ...]:
    """Return what is wrong with noc itself and told on each page, a sentence each."""
    blind = uplink_trouble(daemon.presence, daemon.settings.polling.uplink)
    return (*daemon.itself.troubles, *((blind,) if blind else ()), *concerns(daemon.remote))


def tell_figures(telemetry: Telemetry, daemon: Daemon, reload: Reload) -> None:
    """Register what noc tells Prometheus of itself (docs/operate.md)."""
    statuses = daemon.polling.statuses.tally
    checks, probes = daemon.polling.scheduler.tally, daemon.applications.probing
    committer, notices = daemon.polling.committer, daemon.alerting.dispatch.tally
    counters = (
        ("checks_due_total", "Checks that fell due", lambda: checks.due),
        ("checks_started_total", "Checks that were started", lambda: checks.started),
        ("checks_missed_total", "Checks that fell due while the last run was under way", lambda: checks.missed),
        ("checks_held_total", "Checks that the breaker of a silent device held back", lambda: checks.held),
        ("checks_left_out_total", "Checks that a byte budget left out", lambda: checks.left_out),
        (
            "checks_withheld_total",
            "Checks that came to nothing because noc itself was too busy, or could not ask: no evidence",
            lambda: checks.withheld + probes.scheduler.tally.withheld,
        ),
        ("results_late_total", "Liveness results that came too late to count", lambda: statuses.late),
        ("ledger_records_total", "Transitions that were written", lambda: committer.written),
        ("ledger_shed_total", "Transitions that were lost for want of room in memory", lambda: committer.shed),
        ("notices_sent_total", "Messages that were handed over", lambda: notices.sent),
        ("notices_failed_total", "Tries to hand one over that failed", lambda: notices.failed),
        ("notices_dead_total", "Messages that were given up", lambda: notices.dead),
        ("notices_unknown_total", "Messages of which nobody knew whether they arrived", lambda: notices.unknown),
        ("notices_other_way_total", "Messages that went another way than the first", lambda: notices.fallbacks),
    )
    for name, words, read in counters:
        telemetry.counter(name, words, read)
    telemetry.counter("budget_left_out_total", "Checks and parts that a budget left out", _left_out_of(daemon))
    tell_event_figures(telemetry, daemon.receiving)
    tell_series_figures(telemetry, daemon.series)
    tell_remote_figures(telemetry, daemon.remote)
    _tell_telling(telemetry, daemon.telling)
    _tell_gauges(telemetry, daemon, reload)


def _tell_telling(telemetry: Telemetry, telling: Telling) -> None:
    auditor, beats, inbound = telling.auditor, telling.heartbeat, telling.inbound.tally
    counters = (
        ("audits_total", "Looks whether every open incident has a next action", lambda: auditor.audits),
        ("audit_findings_total", "Incidents that had none, or a late one", lambda: auditor.found),
        ("heartbeats_given_total", "Signs of life that were given", lambda: beats.beats),
        ("heartbeats_withheld_total", "Signs of life that were not, because noc was not well", lambda: beats.missed),
        ("external_alerts_total", "Alerts of other systems that were taken", lambda: inbound.alerts),
        ("external_alerts_refused_total", "The same that were refused: too many fire", lambda: inbound.shed),
        ("external_heartbeats_total", "Signs of life of other systems", lambda: inbound.beats),
    )
    for name, words, read in counters:
        telemetry.counter(name, words, read)
    telemetry.gauge_by(
        "ticket_system_up",
        "Whether a system of tickets answered the last time it was asked",
        "notifier",
        lambda: {channel: float(up) for channel, up in telling.tickets.reached.items()},
    )


def _left_out_of(daemon: Daemon) -> Callable[[], int]:
    return lambda: daemon.polling.budgets.left_out


def _tell_gauges(telemetry: Telemetry, daemon: Daemon, reload: Reload) -> None:
    committer = daemon.polling.committer
    telemetry.gauge("ledger_waiting", "Transitions that are not on disk yet", lambda: committer.waiting)
    engine = daemon.alerting.engine
    parts = daemon.polling.parts
    telemetry.gauge("parts", "Parts of devices that have a status", lambda: parts.number)
    left_out = "Parts of devices that have none, beyond max_parts"
    telemetry.gauge("parts_left_out", left_out, lambda: sum(parts.left_out.values()))
    telemetry.gauge("alerts_set_aside", "Damaged rows in the queue of what alerting handles", lambda: engine.set_aside)
    telemetry.gauge(
        "clock_ahead_seconds", "Noc's time is ahead of a clock that went back", lambda: daemon.keepers.watch.ahead_s
    )
    scheduler = daemon.polling.scheduler
    telemetry.gauge("checks_overdue_seconds", "How late the next check is", lambda: scheduler.overdue_s)
    telemetry.gauge("checks_at_once", "Checks that may be under way at present", lambda: float(scheduler.width))
    telemetry.gauge(
        "config_last_reload_successful", "Whether the settings on disk are in use", lambda: float(not reload.findings)
    )
    budgets = daemon.polling.budgets
    telemetry.gauge_by(
        "budget_bytes", "Bytes of the last hour, of sites with a budget", "site", lambda: budgets.spent("site")
    )
    telemetry.gauge_by(
        "budget_circuit_bytes", "The same, of circuits with one", "circuit", lambda: budgets.spent("circuit")
    )
    telemetry.gauge(
        "snmp_duplicate_engine_ids", "SNMPv3 engine ids of more than one device", lambda: daemon.polling.engines.shared
    )
    polls = daemon.polling.polls
    telemetry.counter_by_all("poll_failures_total", "Checks that failed", ("check", "kind"), lambda: polls.counted)
    telemetry.gauge_by(
        "snmp_round_trip_seconds", "How long SNMP agents take to answer", "quantile", lambda: polls.round_trips
    )
    telemetry.gauge_by("polls_failing", "Devices of which a check fails now", "check", lambda: polls.failing)
    _tell_drift(telemetry, daemon.keepers.drifts)
    telemetry.gauge_by("devices", "Devices by status", "status", lambda: _devices(daemon))


def _tell_drift(telemetry: Telemetry, drifts: DriftWatch) -> None:
    telemetry.gauge_by("drift", "In what inventory and network disagree", "kind", lambda: drifts.kinds)
    telemetry.counter("drift_devices_total", "Devices that were looked at for drift", lambda: drifts.looked_at)
    oldest = "Since the site was looked at for drift that waits longest; NaN until all were"
    telemetry.gauge("drift_oldest_look_seconds", oldest, lambda: drifts.oldest_s)


def _devices(daemon: Daemon) -> Mapping[str, float]:
    entities = (device.entity for device in daemon.inventory().devices.values())
    found = Counter(daemon.presence.status(entity).status for entity in entities)
    return {word: float(found[word]) for word in ("up", "down", "unreachable", "unknown")}
