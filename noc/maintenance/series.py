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
from noc.maintenance.split import pieces
from noc.model.instants import from_ms

MARK: Final = "#time="


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it was read. of_ms: of which time of its series it tells; None: of the series.

    and_later: of all later times of it, too. also: beginnings and ends of times that are added to it. Milliseconds.
    """

    notice: Notice
    of_ms: int | None = None
    and_later: bool = False
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
    later: dict[str, dict[int, Event]] = {}
    for event in held:
        if event.of_ms is None or event.notice.wrong:
            continue
        of_uid = (later if event.and_later else moved).setdefault(event.notice.uid, {})
        if _is_newer(event, of_uid.get(event.of_ms)):
            of_uid[event.of_ms] = event
    known = {event.notice.uid for event in held if event.of_ms is None}
    for event in held:
        notice = event.notice
        if notice.wrong:
            yield notice
        elif event.of_ms is None:
            yield from _series(event, moved.get(notice.uid, {}), later.get(notice.uid, {}))
        elif notice.uid not in known:
            yield replace(notice, wrong="it moves one time of a series that is not in this file; ask for the whole one")
        elif moved.get(notice.uid, {}).get(event.of_ms) is event:
            yield replace(notice, uid=source_of(notice.uid, event.of_ms), rrule="", without=())


def _series(event: Event, moved: dict[int, Event], later: dict[int, Event]) -> Iterator[Notice]:
    notice = event.notice
    # Where a single time is moved, the series is another one than before, too.
    edition = max((notice.sequence, *(one.notice.sequence for one in (*moved.values(), *later.values()))))
    without = tuple(sorted({*notice.without, *moved}))
    whole = replace(notice, sequence=edition, without=without)
    if later and any(start >= min(later) for start, _ in event.also):
        yield replace(whole, wrong="it moves times that were added to a series (RDATE); ask for these windows by hand")
        return
    try:
        yield from _pieces(whole, later) if later and not notice.cancelled else (whole,)
    except ValueError as error:
        yield replace(whole, wrong=f"it can't be understood: {error}")
        return
    for start, end in event.also:
        if start not in without and start != notice.start_ms:
            uid = source_of(notice.uid, start)
            yield replace(
                notice, uid=uid, sequence=edition, start_ms=start, end_ms=end, rrule="", zone="UTC", without=()
            )


def _pieces(whole: Notice, later: dict[int, Event]) -> list[Notice]:
    moves = [(of_ms, later[of_ms].notice) for of_ms in sorted(later)]
    found = pieces(whole, moves, lambda of_ms: source_of(whole.uid, of_ms))
    return [replace(one, sequence=whole.sequence) for one in found]


def _is_newer(event: Event, before: Event | None) -> bool:
    return before is None or event.notice.sequence >= before.notice.sequence
