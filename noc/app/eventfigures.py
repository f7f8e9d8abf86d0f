"""What noc tells Prometheus of the events that it receives (docs/operate.md)."""

from __future__ import annotations

from collections.abc import Callable

from collectors.receivers._intake import Tally
from noc.app.receiving import Receiving
from noc.model.event import EVENT_CLASSES
from noc.telemetry import Telemetry


def tell_event_figures(telemetry: Telemetry, receiving: Receiving) -> None:
    """Register them."""
    events, looks = receiving.events, receiving.looks

    def by_kind(read: Callable[[Tally], int]) -> Callable[[], dict[str, float]]:
        return lambda: {
            "trap": float(read(receiving.traps.tally)),
            "syslog": float(read(receiving.syslog.tally)),
        }

    def by_class() -> dict[str, float]:
        return {one: float(events.classes[one]) for one in EVENT_CLASSES}

    telemetry.counter_by("events_total", "Events that were accepted, by class", "class", by_class)
    kinds: tuple[tuple[str, str, Callable[[Tally], int]], ...] = (
        ("received", "Messages that came in", lambda tally: tally.received),
        ("accepted", "Messages that became events", lambda tally: tally.accepted),
        ("unknown_sender", "Messages of senders that are no device", lambda tally: tally.unknown),
        ("shed", "Messages beyond the rate of a sender, or for which there was no room", lambda tally: tally.shed),
        ("malformed", "Messages that can't be read", lambda tally: tally.malformed),
        ("refused", "Messages with a wrong community, user, key or time", lambda tally: tally.refused),
        ("engine_questions", "Senders that asked for the engine id", lambda tally: tally.asked),
        ("informs_again", "Informs that were sent again", lambda tally: tally.again),
    )
    for name, words, read in kinds:
        telemetry.counter_by(f"events_{name}_total", words, "kind", by_kind(read))
    telemetry.counter("events_written_total", "Events that are on disk as rows", lambda: events.tally.written)
    telemetry.counter("events_repeated_total", "Events that were counted onto a row", lambda: events.tally.repeated)
    telemetry.counter("events_pruned_total", "Rows that were removed by age or number", lambda: events.tally.pruned)
    telemetry.counter("events_looks_total", "Checks that ran at once because of an event", lambda: looks.asked)
    telemetry.gauge("events_waiting", "Events that are not on disk yet", lambda: events.waiting)
