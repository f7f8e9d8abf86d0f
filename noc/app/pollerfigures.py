"""A poller's own figures, as `/metrics` shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from noc.app.pollerbuild import Poller
from noc.bus.sending import UPLINK
from noc.model.instants import to_ms
from noc.spool.tally import Tally
from noc.telemetry import Telemetry

if TYPE_CHECKING:
    from noc.app.autonomyhouse import House


def tell_figures(telemetry: Telemetry, poller: Poller) -> None:
    """Have all figures told."""
    _link(telemetry, poller)
    _frames(telemetry, poller)
    _work(telemetry, poller)
    _autonomy(telemetry, poller)


def _link(telemetry: Telemetry, poller: Poller) -> None:
    uplink, sending = poller.uplink, poller.sending
    gauge, counter = telemetry.gauge, telemetry.counter
    gauge("poller_link_up", "1 while there is a link to the broker.", lambda: float(uplink.is_up))
    gauge("poller_sending", "1 while the centre answers, and frames are sent.", lambda: float(sending.is_allowed))
    gauge("poller_quarantined", "1 while nothing may be sent.", lambda: float(bool(uplink.quarantine)))
    counter("poller_links_total", "Connections to the broker.", lambda: uplink.links)
    counter("poller_link_octets_total", "About what crossed the link, with all headers.", lambda: poller.pace.spent)
    gauge("poller_link_budget_octets", "What may cross it an hour; 0: no bound.", lambda: poller.pace.budget or 0)
    took = "How long the centre's acknowledgement of a frame takes."
    gauge("poller_acknowledged_after_seconds", took, lambda: sending.flight.took_s or 0.0)
    gauge("poller_under_way", "Frames sent that the centre hasn't acknowledged.", lambda: len(sending.flight))
    counter("poller_sent_again_total", "Frames sent once more.", lambda: sending.flight.again)
    ahead = "How far this clock is ahead of the centre's; not a number while that isn't known."
    gauge("poller_clock_ahead_seconds", ahead, lambda: _seconds(poller))
    counter("poller_clones_total", "Other processes seen with this identity.", lambda: poller.share.clones)


def _frames(telemetry: Telemetry, poller: Poller) -> None:
    keeping = poller.keeping

    def tally() -> Tally:
        return poller.spool.tally_of(UPLINK)

    text = "Readings and events of the spool since the start: found + given = stored + shed + dead + queued."
    telemetry.gauge_by("poller_spool_entries", text, "what", lambda: _entries(poller))
    telemetry.gauge("poller_spool_frames", "Frames that wait for the centre.", lambda: tally().queued.batches)
    telemetry.gauge("poller_spool_octets", "What the spool takes on disk.", lambda: poller.spool.size)
    telemetry.gauge("poller_spool_budget_octets", "What it may take.", lambda: poller.spool.budget_bytes)
    telemetry.gauge("poller_bases_octets", "What bases take on disk.", lambda: poller.shelf.size)
    telemetry.counter("poller_spool_lost_total", "Frames that damage took.", lambda: tally().lost)
    telemetry.counter("poller_baseless_total", "Readings whose base was gone.", lambda: poller.sending.lost)
    telemetry.counter("poller_refused_total", "Frames that the centre refused.", lambda: poller.sending.refused)

    def age_s() -> float:
        if keeping.oldest_ms is None or not poller.waiting:
            return 0.0
        return max(0.0, (to_ms(poller.clock.now()) - keeping.oldest_ms) / 1_000)

    telemetry.gauge("poller_spool_oldest_seconds", "How old the oldest frame is that waits.", age_s)


def _work(telemetry: Telemetry, poller: Poller) -> None:
    work, share = poller.work, poller.share
    telemetry.gauge("poller_devices", "Devices that are asked here now.", lambda: share.devices)
    telemetry.gauge("poller_endpoints", "End points that are asked here now.", lambda: share.endpoints)
    telemetry.gauge("poller_group_devices", "Devices of the whole group.", lambda: _devices(poller))
    telemetry.gauge("poller_group_others", "Other pollers of the group that are there.", lambda: len(share.others()))
    telemetry.gauge("poller_checks", "Checks that are made on a rhythm.", lambda: work.checks)
    telemetry.counter("poller_readings_total", "Readings taken.", lambda: poller.batching.readings)
    telemetry.counter("poller_events_total", "Events taken.", lambda: poller.batching.events)
    telemetry.gauge("poller_late_seconds", "How late the oldest check is.", lambda: work.overdue_s)
    plan = "How long ago the centre made the plan in use; not a number while there is none."
    telemetry.gauge("poller_plan_age_seconds", plan, lambda: _plan_age_s(poller))


def _autonomy(telemetry: Telemetry, poller: Poller) -> None:
    autonomy, gauge, counter = poller.autonomy, telemetry.gauge, telemetry.counter

    def told(count: Callable[[House], float]) -> Callable[[], float]:
        return lambda: 0.0 if autonomy.house is None else count(autonomy.house)

    gauge("poller_autonomous", "1 while it holds the alerting rooms.", lambda: float(autonomy.house is not None))
    gauge("poller_alone", "1 while it calls people by itself.", lambda: float(autonomy.alone_ms is not None))
    gauge("poller_silent_seconds", "How long the centre says nothing.", told(lambda house: house.silent_s))
    counter("poller_notices_total", "Messages to people.", told(lambda house: house.rooms.alerting.dispatch.tally.sent))
    taken = "Times an open incident of the centre was taken over."
    counter("poller_taken_over_total", taken, told(lambda house: house.work.taken_over))
    counter("poller_tales_total", "Tales that the centre took.", told(lambda house: house.work.tales))


def _entries(poller: Poller) -> dict[str, float]:
    tally = poller.spool.tally_of(UPLINK)
    amounts = {
        "found": tally.found,
        "given": tally.given,
        "stored": tally.stored,
        "shed": tally.shed,
        "dead": tally.dead,
        "queued": tally.queued,
    }
    return {name: float(amount.values) for name, amount in amounts.items()}


def _seconds(poller: Poller) -> float:
    offset = poller.uplink.offset
    return float("nan") if offset is None else offset.ahead_us / 1_000_000


def _devices(poller: Poller) -> float:
    return 0.0 if poller.plans.now is None else float(len(poller.plans.now.inventory.devices))


def _plan_age_s(poller: Poller) -> float:
    plan = poller.plans.now
    return float("nan") if plan is None else (to_ms(poller.clock.now()) - plan.made_ms) / 1_000
