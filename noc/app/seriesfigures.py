"""What noc tells Prometheus of the way of samples, in values and in batches.

`found + in = stored + dead + shed + queued` at every moment: found is what waited on disk when noc started.
"""

from __future__ import annotations

from noc.app.series import Series
from noc.telemetry import Telemetry


def tell_series_figures(telemetry: Telemetry, series: Series) -> None:
    """Register the figures of spool and drain (docs/operate.md). Before the spool starts, too: it keeps its tally."""
    spool, drain = series.spool, series.drain
    counters = (
        ("spool_batches_total", "Batches that were put into the spool", lambda: spool.tally.given.batches),
        ("spool_values_total", "Numbers that were put into the spool", lambda: spool.tally.given.values),
        ("spool_damaged_total", "Damaged places that the spool passed over", lambda: spool.tally.damaged),
        ("spool_lost_batches_total", "Batches that are missing on disk", lambda: spool.tally.lost),
        ("store_batches_total", "Batches that the store took", lambda: spool.tally.stored.batches),
        ("store_values_total", "Numbers that the store took", lambda: spool.tally.stored.values),
        ("store_refused_batches_total", "Batches of which it takes nothing", lambda: spool.tally.dead.batches),
        ("store_refused_values_total", "Numbers that it will never take", lambda: spool.tally.dead.values),
        ("store_failures_total", "Writes that failed and were tried again", lambda: drain.tally.failures),
    )
    for name, words, read in counters:
        telemetry.counter(name, words, read)
    shed = "that were shed, by reason"
    telemetry.counter_by(
        "spool_shed_batches_total",
        f"Batches {shed}",
        "reason",
        lambda: {reason: amount.batches for reason, amount in spool.tally.sheds.items()},
    )
    telemetry.counter_by(
        "spool_shed_values_total",
        f"Numbers {shed}",
        "reason",
        lambda: {reason: amount.values for reason, amount in spool.tally.sheds.items()},
    )
    bound = series.fanout.bound
    telemetry.counter_by(
        "series_left_out_values_total",
        "Numbers of series beyond spool.series_at_most, that never came to the spool",
        "measurement",
        lambda: {} if bound is None else bound.refused,
    )
    gauges = (
        ("spool_found_batches", "Batches that waited on disk at the start", lambda: spool.tally.found.batches),
        ("spool_found_values", "Numbers that waited on disk at the start", lambda: spool.tally.found.values),
        ("spool_queued_batches", "Batches that wait for the store", lambda: spool.tally.queued.batches),
        ("spool_queued_values", "Numbers that wait for the store", lambda: spool.tally.queued.values),
        ("spool_size_bytes", "What the spool takes on disk, with what is held back", lambda: spool.size),
        ("spool_budget_bytes", "What it may take", lambda: spool.budget_bytes),
    )
    for name, words, read in gauges:
        telemetry.gauge(name, words, read)
