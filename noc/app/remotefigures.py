"""What noc tells Prometheus of its remote pollers (docs/operate.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from noc.app.remote import Remote
from noc.telemetry import Telemetry

_US_OF_S = 1_000_000


def tell_remote_figures(telemetry: Telemetry, remote: Remote | None) -> None:
    """Register the figures; none where there are no remote pollers."""
    if remote is None:
        return
    link, taking, late, settling = remote.downlink, remote.taking.tally, remote.late, remote.settling
    tales = remote.tales.tally
    counters = (
        ("poller_broker_links_total", "Connections to the pollers' broker", lambda: link.links),
        ("poller_messages_total", "Messages of pollers that came", lambda: link.messages),
        ("poller_octets_in_total", "Octets of these, topics included", lambda: link.octets_in),
        ("poller_octets_out_total", "Octets that were said to pollers, topics included", lambda: link.octets_out),
        ("poller_frames_stored_total", "Frames of which all survives", lambda: settling.stored),
        ("poller_frames_broken_total", "Frames and presences that can't be read", lambda: remote.broken),
        ("poller_frames_lacking_total", "Frames that came before what they differ from", lambda: remote.lacking),
        ("poller_frames_quarantined_total", "Frames of pollers in quarantine", lambda: remote.quarantined),
        ("poller_unknown_total", "Messages of those who are not enrolled", lambda: remote.registry.unknown),
        ("poller_readings_total", "Readings that were taken", lambda: taking.readings),
        ("poller_events_total", "Events that were taken", lambda: taking.events),
        ("poller_refused_total", "What a poller may not speak of, or nobody can read", lambda: taking.refused),
        ("poller_late_total", "Readings older than what was known", lambda: taking.late),
        ("poller_withheld_total", "Failures of pollers that had no way out", lambda: remote.ways.withheld),
        ("poller_restated_total", "Entities whose past late results changed", lambda: late.restated),
        ("poller_plans_sent_total", "Plans that were sent", lambda: remote.plans.sent),
        ("poller_tales_total", "Tales of pollers that were cut off", lambda: tales.tales),
        ("poller_tale_incidents_opened_total", "Incidents of tales that were new here", lambda: tales.opened),
        ("poller_tale_incidents_merged_total", "Incidents of tales that were known here", lambda: tales.merged),
        ("poller_tale_refused_total", "What tales may not tell of, or nobody can read", lambda: tales.refused),
    )
    for name, words, read in counters:
        telemetry.counter(name, words, read)
    _tell_gauges(telemetry, remote)


def _tell_gauges(telemetry: Telemetry, remote: Remote) -> None:
    late, settling = remote.late, remote.settling
    telemetry.gauge("poller_broker_up", "1 while there is a link to the broker", lambda: float(remote.downlink.is_up))
    telemetry.gauge("poller_frames_waiting", "Frames that were taken and don't survive yet", lambda: settling.waiting)
    telemetry.gauge("poller_late_waiting", "Batches of late results that aren't ripe yet", lambda: late.waiting)
    blind = "Devices that nobody sees, as no poller of their group is there"
    telemetry.gauge("poller_blind_devices", blind, lambda: sum(one.devices for one in remote.blind()))
    telemetry.gauge_by("pollers", "Remote pollers by state", "state", lambda: _states(remote))
    waiting = "Frames on a poller's disk that the centre doesn't have"
    telemetry.gauge_by("poller_queued_frames", waiting, "poller", lambda: _of_each(remote, "waiting"))
    alone = "Remote pollers that call people by themselves, as they say"
    telemetry.gauge("pollers_alone", alone, lambda: sum(row.alone_ms is not None for row in remote.rows()))
    offset = "How far a poller's clock is ahead"
    telemetry.gauge_by("poller_clock_ahead_seconds", offset, "poller", lambda: _offsets(remote))


def _states(remote: Remote) -> Mapping[str, float]:
    found = Counter("quarantined" if row.quarantine else row.state for row in remote.rows())
    return {state: float(found[state]) for state in ("here", "draining", "gone", "never", "quarantined")}


def _of_each(remote: Remote, name: str) -> Mapping[str, float]:
    return {row.name: float(getattr(row, name)) for row in remote.rows()}


def _offsets(remote: Remote) -> Mapping[str, float]:
    return {row.name: row.offset_us / _US_OF_S for row in remote.rows() if row.offset_us is not None}
