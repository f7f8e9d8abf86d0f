"""Series in carriers' notices: times added to one (RDATE), and times of one that are moved (RECURRENCE-ID). Pure.

A window comes again by a rule, or not at all. So each time that stands beside the rule becomes a notice of its own,
with the UID of the series and the moment that it stands for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Final

from noc.maintenance.notice import Notice
from noc.model.instants import from_ms

MARK: Final = "#time="


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it was read. of_ms: of which time of its series it tells; None: of the series.

    also: beginnings and ends of times that are added to it. Milliseconds.
    """

    notice: Notice
    of_ms: int | None = None
    also: tuple[tuple[int, int], ...] = ()


def source_of(uid: str, time_ms: int) -> str:
    """Return the UID of one time of a series."""
    return f"{uid}{MARK}{from_ms(time_ms).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def series_of(source: str) -> str | None:
    """Return the UID of the series that a UID is one time of; None where it is of none."""
    uid, mark, _ = source.rpartition(MARK)
    return uid if mark else None


def separated(events: Iterable[Event]) -> Iterator[Notice]:
    """Yield notices: of each event, and of each time beside a series; in the order of the events."""
    held = list(events)
    moved: dict[str, dict[int, Event]] = {}
    for event in held:
        if event.of_ms is not None and _is_newer(event, moved.setdefault(event.notice.uid, {}).get(event.of_ms)):
            moved[event.notice.uid][event.of_ms] = event
    known = {event.notice.uid for event in held if event.of_ms is None}
    for event in held:
        notice = event.notice
        if notice.wrong:
            yield notice
        elif event.of_ms is None:
            yield from _series(event, moved.get(notice.uid, {}))
        elif notice.uid not in known:
            yield replace(notice, wrong="it moves one time of a series that is not in this file; ask for the whole one")
        elif moved[notice.uid][event.of_ms] is event:
            yield replace(notice, uid=source_of(notice.uid, event.of_ms), rrule="", without=())


def _series(event: Event, moved: dict[int, Event]) -> Iterator[Notice]:
    notice = event.notice
    # Where a single time is moved, the series is another one than before, too.
    edition = max((notice.sequence, *(one.notice.sequence for one in moved.values())))
    without = tuple(sorted({*notice.without, *moved}))
    yield replace(notice, sequence=edition, without=without)
    for start, end in event.also:
        if start not in without and start != notice.start_ms:
            uid = source_of(notice.uid, start)
            yield replace(
                notice, uid=uid, sequence=edition, start_ms=start, end_ms=end, rrule="", zone="UTC", without=()
            )


def _is_newer(event: Event, before: Event | None) -> bool:
    return before is None or event.notice.sequence >= before.notice.sequence
