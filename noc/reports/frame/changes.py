"""What changed between two issues of a report, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from noc.availability.times import format_time
from noc.model.away import Away
from noc.model.correction import CorrectionDecision
from noc.model.errors import UsageError
from noc.model.restatement import Restatement
from noc.model.seal import PolicyChange
from noc.model.window import WindowDecision
from noc.reports.frame.asked import Answer, Asked, Frozen, Issue
from noc.state.records import Recorded

DECISIONS: Final = ("restatement", "correction", "window", "policy", "away")
"""Kinds of records that tell why a figure of the past is another one."""


class Told(Frozen):
    """An issue. record: as known at which."""

    id: int
    report: str
    subject: str
    number: int
    record: int
    seal: str


class FigureChange(Frozen):
    """A figure that is not what it was. entity: whose, `network` for all. None: it had none."""

    entity: str
    figure: str
    before: float | str | None
    after: float | str | None


class Reason(Frozen):
    """A record of the ledger between the two, which bears on the period."""

    record: int
    kind: str
    entity: str
    why: str


class Changes(Frozen):
    """a, b: the issues. transitions: changes of status inside the period that became known in between."""

    a: Told
    b: Told
    figures: tuple[FigureChange, ...]
    records: tuple[Reason, ...]
    transitions: int


def check_alike(a: Answer, b: Answer) -> None:
    """Raise UsageError where two answers are of different things."""
    first, second = a.head.asked, b.head.asked
    if (first.report, first.subject) != (second.report, second.subject):
        raise UsageError(f"they are of different things: {_said(first)}, and {_said(second)}")
    if a.head.known_at.record > b.head.known_at.record:
        raise UsageError("the second one knows less than the first; change their places")


def _said(asked: Asked) -> str:
    return f"{asked.report} of {asked.subject}"


def told(answer: Answer, issue: Issue) -> Told:
    """Return what is told of an issue."""
    asked = answer.head.asked
    return Told(
        id=issue.id,
        report=asked.report,
        subject=asked.subject,
        number=issue.number,
        record=answer.head.known_at.record,
        seal=issue.digest,
    )


def figure_changes(a: Answer, b: Answer) -> Iterator[FigureChange]:
    """Yield the figures that differ, in the order of the second answer, then those that are gone."""
    before, after = dict(_figures(a.model_dump(mode="json"), "")), dict(_figures(b.model_dump(mode="json"), ""))
    for entity, figure in dict.fromkeys([*after, *before]):
        one, other = before.get((entity, figure)), after.get((entity, figure))
        if one != other:
            yield FigureChange(entity=entity, figure=figure, before=one, after=other)


def _figures(value: object, figure: str, entity: str = "") -> Iterator[tuple[tuple[str, str], float | str | None]]:
    """Yield the figures of rows that name an entity: numbers and words, not what happened when."""
    if isinstance(value, dict):
        named = value.get("entity")
        entity = named if isinstance(named, str) else entity
        for key, inner in value.items():
            if key not in _NOT_FIGURES:
                yield from _figures(inner, f"{figure}.{key}" if figure and named is None else str(key), entity)
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, dict) and "entity" in inner and "start_ms" not in inner:
                yield from _figures(inner, "", entity)
    elif entity and (value is None or (isinstance(value, int | float | str) and not isinstance(value, bool))):
        yield (entity, figure), value


_NOT_FIGURES: Final = frozenset({"head", "entity", "name", "happened", "steps", "worst", "least_seen"})


def reasons(records: Iterable[tuple[int, str, Recorded]], answer: Answer) -> Iterator[Reason]:
    """Yield why figures of an answer's period may have changed. records: number, kind, what was recorded."""
    start_ms, end_ms = answer.head.start_ms, answer.head.end_ms
    for seq, kind, said in records:
        why = _why(said, start_ms, end_ms)
        if why is not None:
            yield Reason(record=seq, kind=kind, entity=said.entity, why=why)


def _why(said: Recorded, start_ms: int, end_ms: int) -> str | None:
    """Return why a record bears on a period; None where it doesn't."""
    match said:
        case PolicyChange():
            return "what figures are made by changed: upstreams, edge devices, weights or dates in service"
        case Away() if _overlaps(said.since_ms, said.until_ms, start_ms, end_ms):
            return f"noc did not look {_times(said.since_ms, said.until_ms)}"
        case Restatement() if _overlaps(said.since_ms, said.end_ms, start_ms, end_ms):
            return f"restated {_times(said.since_ms, said.end_ms)}: {said.results:,} late results of {said.poller}"
        case CorrectionDecision() if said.step == "approved" and _overlaps(
            said.start_ms, said.end_ms, start_ms, end_ms
        ):
            return f"corrected {_times(said.start_ms, said.end_ms)}: {said.cause}; approved by {said.who}"
        case WindowDecision() if said.step not in ("requested", "rejected"):
            # One that comes again may have a time in the period whatever its first one was.
            if not _overlaps(said.start_ms, said.end_ms, start_ms, end_ms) and not said.rrule:
                return None
            late = ", entered late" if said.step == "approved" and said.since_ms > said.start_ms else ""
            return f"window {said.window} {said.step} by {said.who}{late}: {_times(said.start_ms, said.end_ms)}"
        case _:
            return None


def _overlaps(start_ms: int, end_ms: int, from_ms: int, to_ms: int) -> bool:
    return start_ms < to_ms and end_ms > from_ms


def _times(start_ms: int, end_ms: int) -> str:
    return f"from {format_time(start_ms)} to {format_time(end_ms)}"
