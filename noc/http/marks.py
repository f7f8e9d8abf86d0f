"""What stands behind charts as bands and marks: when something was down or unknown, planned, an incident, an event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, Literal

from noc.http.sources import Sources
from noc.maintenance.below import self_and_above
from noc.maintenance.occurrences import occurrences
from noc.model.incident import Incident
from noc.model.transition import Transition
from noc.state import events, incidents, ledger, windows
from noc.state.database import Transaction
from noc.state.evidence import evidence_of

MarkKind = Literal["down", "unknown", "window", "incident", "event"]
MARK_KINDS: Final[tuple[MarkKind, ...]] = ("down", "unknown", "window", "incident", "event")

AT_MOST: Final = 200
"""Marks of each kind: the newest."""

_LAST_RECORD: Final = 2**62


@dataclass(frozen=True, slots=True)
class Mark:
    """A time, in milliseconds of the Unix epoch. end_ms: None where it goes on, or of what is one moment: an event.

    text: what is to be said beside the kind, empty where nothing is; a device's own of an event. severity: a word of
    incidents, `info`, or empty. url: of its page, empty where it has none.
    """

    kind: MarkKind
    start_ms: int
    end_ms: int | None
    text: str = ""
    severity: str = ""
    url: str = ""


async def marks_of(sources: Sources, entity: str, start_ms: int, end_ms: int) -> list[Mark]:
    """Return the marks of an entity in `[start_ms, end_ms)`, in order of time. Raises StateError."""
    above = set(self_and_above(sources.inventory(), entity))
    async with sources.database.read() as connection:
        records = await evidence_of(connection, [entity], start_ms, end_ms, _LAST_RECORD)
        held = await windows.overlapping(connection, start_ms, end_ms)
        found = await incidents.page(connection, entity=entity, limit=AT_MOST)
        told = await _events(connection, entity, start_ms, end_ms)
    marks = [
        *_states([ledger.transition_of(one) for one in records], start_ms, end_ms),
        *_incidents(found, start_ms, end_ms),
        *(Mark("event", one.event.last_ms, None, one.event.name, one.event.severity) for one in told),
    ]
    for one in held:
        if one.entity in above:
            url, why = f"/maintenance/{one.number}", one.now.why
            spans = occurrences(one, start_ms, end_ms)[-AT_MOST:]
            marks += [Mark("window", span.start, span.end, why, "", url) for span in spans]
    return sorted(marks, key=lambda one: (one.start_ms, one.kind))


async def _events(connection: Transaction, entity: str, start_ms: int, end_ms: int) -> list[events.Kept]:
    if not entity.startswith("device/"):
        return []
    return await events.page(connection, device=entity, since_ms=start_ms, until_ms=end_ms, limit=AT_MOST)


def _states(changes: Sequence[Transition], start_ms: int, end_ms: int) -> Iterator[Mark]:
    """Yield the times in which an entity was down, or nobody knew."""
    ordered = sorted(changes, key=lambda one: one.since_ms)
    for change, after in zip_longest(ordered, ordered[1:]):
        end = None if after is None else after.since_ms
        if change.status == "up" or (end is not None and end <= start_ms) or change.since_ms >= end_ms:
            continue
        yield Mark("down" if change.status == "down" else "unknown", max(start_ms, change.since_ms), end)


def _incidents(found: Iterable[Incident], start_ms: int, end_ms: int) -> Iterator[Mark]:
    for one in found:
        if one.since_ms < end_ms and (one.resolved_ms is None or one.resolved_ms > start_ms):
            text = str(one.facts.get("summary") or one.rule)
            yield Mark("incident", one.since_ms, one.resolved_ms, text, one.severity, f"/incidents/{one.id}")
