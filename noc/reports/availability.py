"""Availability of the network, its regions, sites, devices, circuits or services over a period, from the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import chain
from typing import Final

from noc.availability.statement import Statement
from noc.i18n.language import Language
from noc.model.errors import UsageError
from noc.reports.frame.asked import EVERYTHING, Answer, Asked, By, Head, Issue
from noc.reports.frame.directory import Directory, name_of, told_of
from noc.reports.frame.document import Block, Document, Paragraph, Section
from noc.reports.frame.figures import Gap, Line, Looked, OutageRow, Step, line_of, parts_of
from noc.reports.frame.happened import Happened, Read, read
from noc.reports.frame.material import Material
from noc.reports.frame.tables import (
    causes_table,
    gaps_table,
    least_seen_table,
    lines_table,
    outages_table,
    result,
    steps_chart,
    unseen,
    worst_table,
)
from noc.reports.frame.told import corrections_table, restatements_table, windows_table
from noc.reports.frame.words import heading, method, period_words

PURPOSE: Final = "Tell availability over a period, with outages, causes, windows, corrections and coverage."
BY: Final[tuple[By, ...]] = ("site", "network", "region", "device", "circuit", "service")
PERIOD: Final = "month"
FROM_LEDGER: Final = True

WORST: Final = 10
LONG_MS: Final = 3_600_000
OUTAGES_AT_MOST: Final = 200
GAPS_AT_MOST: Final = 5


class AvailabilityAnswer(Answer):
    """total: of all that is told of, by `name`. lines: the rows, by entity. kind: what the other lists are of.

    outages: those over an hour, the longest first, and how many there is no room for. gaps: the longest, and how many
    there were.
    """

    name: str
    total: Line
    lines: tuple[Line, ...]
    kind: By
    worst: tuple[Line, ...]
    least_seen: tuple[Line, ...]
    steps: tuple[Step, ...]
    outages: tuple[OutageRow, ...]
    outages_left_out: int
    gaps: tuple[Gap, ...]
    gaps_left_out: int
    happened: Happened


ANSWER: Final = AvailabilityAnswer


async def gather(material: Material, asked: Asked) -> AvailabilityAnswer:
    """Read what is asked. Raises UsageError where `of` is nothing that has figures, StateError."""
    directory = material.directory
    inside = told_of(asked.of, directory)
    head = await material.head(asked)
    found = await material.figures(head)
    material.tell(0.6)
    decided = await read(material, head, inside, lambda entity: name_of(directory, entity))
    # Of a fleet it takes a second, in which an event loop has other things to do.
    answer = await asyncio.to_thread(_worked_out, material, head, found, decided, inside)
    material.tell(0.9)
    return answer


def _worked_out(
    material: Material, head: Head, found: Statement, decided: Read, inside: Callable[[str], bool]
) -> AvailabilityAnswer:
    asked, lines = head.asked, _Lines(found, material.directory, material.target_of)
    explained = bool(decided.happened.corrections)
    looked = Looked(found, decided.policy, decided.rules, head.until_ms, explained=explained)
    kind: By = "site" if asked.by in ("network", "region") else asked.by
    each = [lines.of(entity) for entity in _entities(found, kind) if inside(entity)]
    rows = each if asked.by == kind else [lines.of(one) for one in _entities(found, asked.by) if inside(one)]
    total = lines.of(asked.of)
    members = [one for one in _entities(found, "site") if inside(one)] if _is_sum(asked.of) else [asked.of]
    outages = [one for line in each for one in looked.outages(line.entity, line.name, LONG_MS)]
    outages.sort(key=lambda one: (one.start_ms - one.end_ms, one.entity))
    gaps = sorted(
        chain.from_iterable(looked.gaps(line.entity, line.name) for line in each),
        key=lambda one: (one.start_ms - one.end_ms, one.entity),
    )
    return AvailabilityAnswer(
        head=head,
        name=total.name,
        total=total,
        lines=tuple(rows),
        kind=kind,
        worst=_worst(each),
        least_seen=_least_seen(each),
        steps=tuple(looked.steps(members, parts_of(head.named, head.until_ms))),
        outages=tuple(outages[:OUTAGES_AT_MOST]),
        outages_left_out=max(0, len(outages) - OUTAGES_AT_MOST),
        gaps=tuple(gaps[:GAPS_AT_MOST]),
        gaps_left_out=max(0, len(gaps) - GAPS_AT_MOST),
        happened=decided.happened,
    )


def _is_sum(of: str) -> bool:
    return of == EVERYTHING or of.startswith("region/")


class _Lines:
    """Makes lines of figures."""

    def __init__(self, found: Statement, directory: Directory, target_of: Callable[[str], Fraction | None]) -> None:
        self._found = found
        self._directory = directory
        self._target_of = target_of

    def of(self, entity: str) -> Line:
        """Return the figures of an entity, a region, or the network. Raises UsageError where it has none."""
        measured, adjusted = self._found.measured, self._found.adjusted
        name, causes = name_of(self._directory, entity), self._found.causes.get(entity)
        target, degraded = self._target_of(entity), self._found.degraded.get(entity, 0)
        if entity == EVERYTHING:
            return line_of(entity, "", (measured.network, adjusted.network), causes, target, None, degraded)
        if entity in measured.regions:
            return line_of(
                entity, name, (measured.regions[entity], adjusted.regions[entity]), causes, target, None, degraded
            )
        if entity not in measured.entities:
            raise UsageError(f"{entity} has no figures: nothing checks it")
        told = measured.entities[entity].figures
        both = (told.durations, adjusted.entities[entity].figures.durations)
        return line_of(entity, name, both, causes, target, told, degraded)


def _entities(found: Statement, by: By) -> Sequence[str]:
    if by == "network":
        return [EVERYTHING]
    names = found.measured.regions if by == "region" else found.measured.entities
    return [name for name in names if name.startswith(f"{by}/")]


def _worst(lines: Sequence[Line]) -> tuple[Line, ...]:
    failed = [line for line in lines if line.measured.failed_s and line.measured.availability_pct is not None]
    return tuple(sorted(failed, key=lambda line: (line.measured.availability_pct or 0, line.entity))[:WORST])


def _least_seen(lines: Sequence[Line]) -> tuple[Line, ...]:
    lacking = [line for line in lines if line.measured.unknown_s]
    return tuple(sorted(lacking, key=lambda line: (line.measured.coverage_pct or 0, line.entity))[:WORST])


def document(answer: Answer, issue: Issue | None, language: Language) -> Document:
    """Return the answer as a document. Pure."""
    if not isinstance(answer, AvailabilityAnswer):
        raise TypeError(f"this is an answer of {type(answer).__name__}")
    say, head = language.say, answer.head
    whom = say("Whole network") if answer.total.entity == EVERYTHING else answer.name
    return Document(
        name=head.asked.report,
        title=say("Availability"),
        subtitle=f"{period_words(head.named, language)} · {whom}",
        language=language.tag,
        zone=head.asked.zone,
        heading=heading(answer, issue, language),
        sections=[*_first_page(answer, language), *_details(answer, head, language)],
        main="figures",
        made_ms=head.known_at.time_ms,
    )


def _first_page(answer: AvailabilityAnswer, language: Language) -> list[Section]:
    say = language.say
    gaps: list[Block] = [unseen(answer.total, language, is_sum=_is_sum(answer.total.entity))]
    if answer.gaps:
        gaps.append(gaps_table(answer.gaps, answer.gaps_left_out, language))
    return [
        Section(say("Result"), result(answer.total, language)),
        method(answer.head, language),
        Section(say("What was not seen"), gaps),
    ]


def _details(answer: AvailabilityAnswer, head: Head, language: Language) -> list[Section]:
    say, happened = language.say, answer.happened
    target = answer.total.target_pct
    return [
        Section(
            say("In the course of time"),
            [steps_chart(answer.steps, target, head.asked.zone, language)],
            begins_page=True,
        ),
        Section(say("The worst ten"), [worst_table(answer.kind, answer.worst, language)]),
        Section(say("Causes"), [causes_table(answer.total.causes, language)]),
        Section(say("Evidence that came late"), [restatements_table(happened.restatements, language)]),
        Section(say("The least seen"), [least_seen_table(answer.kind, answer.least_seen, language)]),
        Section(say("Outages over an hour"), [outages_table(answer.outages, answer.outages_left_out, language)]),
        Section(say("Planned maintenance"), [windows_table(happened.windows, language)]),
        Section(
            say("Corrections"),
            [
                Paragraph(say("Proposed by one person, approved by another; each is a record of the ledger.")),
                corrections_table(happened.corrections, language),
            ],
        ),
        Section(
            say("All figures"),
            [lines_table("figures", head.asked.by, [answer.total, *answer.lines], _whole(answer, language), language)],
            begins_page=True,
        ),
    ]


def _whole(answer: AvailabilityAnswer, language: Language) -> str:
    return language.say("Whole network") if answer.total.entity == EVERYTHING else answer.name
