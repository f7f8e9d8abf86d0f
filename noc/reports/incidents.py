"""Incidents over a period: how many, how fast people were, how often things fail, what comes again and again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from noc.availability.corrections import Corrections
from noc.availability.spans import NEVER, Span, intersect, length, subtract, union
from noc.availability.statement import Statement
from noc.i18n.language import Language
from noc.inventory.inventory import Inventory
from noc.maintenance.below import self_and_above
from noc.model.correction import Cause
from noc.model.incident import Incident
from noc.reports._cases import REPEATED, Case, CauseOf, Count, cases, count, counted, repeated, up_times
from noc.reports._casewords import (
    Group,
    NoisyRow,
    RepeatedRow,
    Row,
    StepRow,
    groups_table,
    large_facts,
    noisiest_table,
    opened_chart,
    repeated_table,
)
from noc.reports._names import name_of, told_of
from noc.reports.frame.asked import EVERYTHING, Answer, Asked, By, Head, Issue
from noc.reports.frame.document import Document, Paragraph, Section
from noc.reports.frame.figures import parts_of
from noc.reports.frame.happened import read
from noc.reports.frame.material import Material
from noc.reports.frame.words import heading, period_words
from noc.state import incidents

PURPOSE: Final = "Count incidents, with mean times to acknowledge, to resolve and between failures."
BY: Final[tuple[By, ...]] = ()
PERIOD: Final = "month"
FROM_LEDGER: Final = False

NOISIEST: Final = 10
REPEATED_AT_MOST: Final = 50


class IncidentsAnswer(Answer):
    """total: of all that are told of. by_class and so on: the most incidents first."""

    total: Row
    by_class: tuple[Row, ...]
    by_site: tuple[Row, ...]
    by_cause: tuple[Row, ...]
    by_hub: tuple[Row, ...]
    noisiest: tuple[NoisyRow, ...]
    repeated: tuple[RepeatedRow, ...]
    repeated_left_out: int
    steps: tuple[StepRow, ...]


ANSWER: Final = IncidentsAnswer


async def gather(material: Material, asked: Asked) -> IncidentsAnswer:
    """Read what is asked. Raises UsageError where `of` is nothing, StateError."""
    inventory = material.inventory
    inside = told_of(asked.of, inventory)
    head = await material.head(asked)
    found = await material.figures(head)
    material.tell(0.6)
    decided = await read(material, head, inside, lambda entity: name_of(inventory, entity))
    opened = await incidents.opened_in(material.connection, head.start_ms, head.until_ms)
    told = [_as_known(one, head.known_at.time_ms) for one in opened if inside(one.entity)]
    return await asyncio.to_thread(_answer, head, inventory, found, (told, decided.rules, inside))


def _answer(
    head: Head,
    inventory: Inventory,
    found: Statement,
    read_of: tuple[list[Incident], Corrections, Callable[[str], bool]],
) -> IncidentsAnswer:
    told, rules, inside = read_of
    held = cases(told, inventory, causes_of(rules, inventory), head.known_at.time_ms)

    def up_ms(entity: str) -> int:
        known = found.measured.entities.get(entity)
        return int(known.figures.durations.up) if known is not None and inside(entity) else 0

    up = up_times(inventory, up_ms)
    all_up: dict[str, int] = dict.fromkeys((case.cause for case in held), up["all"]["all"])
    rows = _Rows(inventory, held, head)
    often = repeated(held, head.known_at.time_ms)
    return IncidentsAnswer(
        head=head,
        total=rows.row(EVERYTHING, count("all", held, up["all"]["all"])),
        by_class=rows.group("class", lambda case: case.device_class, up["class"]),
        by_site=rows.group("site", lambda case: case.site, up["site"]),
        by_cause=rows.group("cause", lambda case: case.cause, all_up),
        by_hub=rows.group("hub", lambda case: case.hub, up["hub"]),
        noisiest=rows.noisiest(),
        repeated=tuple(
            RepeatedRow(
                entity=one.entity,
                name=name_of(inventory, one.entity),
                rule=one.rule,
                times=one.incidents,
                open_s=one.open_ms / 1000,
                gap_s=None if one.gap_ms is None else one.gap_ms / 1000,
                first_ms=one.first_ms,
                last_ms=one.last_ms,
                cause=one.cause,
                numbers=one.numbers,
            )
            for one in often[:REPEATED_AT_MOST]
        ),
        repeated_left_out=max(0, len(often) - REPEATED_AT_MOST),
        steps=rows.steps(),
    )


def causes_of(rules: Corrections, inventory: Inventory) -> CauseOf:
    """Return what says what most of a time was caused by, as the approved corrections have it."""

    def cause_of(entity: str, start_ms: int, end_ms: int) -> Cause:
        rest = union([(start_ms, max(end_ms, start_ms + 1))])
        names = self_and_above(inventory, entity)
        found = {one.order: one for name in names for one in rules.of(name)}
        spent: Counter[Cause] = Counter()
        for order in sorted(found, reverse=True):
            one = found[order]
            span = (Span(one.start, one.end),)
            hit = intersect(rest, span) if rest else NEVER
            spent[one.cause] += length(hit)
            rest = subtract(rest, span)
        most = spent.most_common(1)
        return most[0][0] if most and most[0][1] else "unknown"

    return cause_of


def _as_known(incident: Incident, known_ms: int) -> Incident:
    """Return an incident without what people did after the moment as known at which the report tells."""
    acknowledged, resolved = incident.acknowledged_ms, incident.resolved_ms
    return replace(
        incident,
        acknowledged_ms=None if acknowledged is None or acknowledged > known_ms else acknowledged,
        resolved_ms=None if resolved is None or resolved > known_ms else resolved,
    )


class _Rows:
    """Makes the rows of an answer."""

    def __init__(self, inventory: Inventory, held: Sequence[Case], head: Head) -> None:
        self._inventory = inventory
        self._held = held
        self._head = head

    def row(self, entity: str, one: Count) -> Row:
        """Return a row."""
        return Row(
            entity=entity,
            key=one.key,
            name=name_of(self._inventory, one.key) if "/" in one.key else one.key,
            incidents=one.incidents,
            failures=one.failures,
            unresolved=one.unresolved,
            unowned=one.unowned,
            mtta_s=_seconds(one.mtta_ms),
            mttr_s=_seconds(one.mttr_ms),
            mtbf_s=_seconds(one.mtbf_ms),
        )

    def group(self, kind: Group, key_of: Callable[[Case], str], up_ms: Mapping[str, int]) -> tuple[Row, ...]:
        """Return the rows of a way to group."""
        rows = counted(self._held, key_of, up_ms)
        return tuple(self.row(one.key if kind == "site" else f"{kind}/{one.key}", one) for one in rows)

    def noisiest(self) -> tuple[NoisyRow, ...]:
        """Return the entities with the most incidents."""
        groups: dict[str, list[Case]] = {}
        for case in self._held:
            groups.setdefault(case.incident.entity, []).append(case)
        ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
        return tuple(
            NoisyRow(
                entity=entity,
                name=name_of(self._inventory, entity),
                incidents=len(group),
                failures=sum(case.is_failure for case in group),
                rules=tuple(rule for rule, _ in Counter(case.incident.rule for case in group).most_common()),
            )
            for entity, group in ordered[:NOISIEST]
        )

    def steps(self) -> tuple[StepRow, ...]:
        """Return how many were opened in each day or month."""
        found = []
        opened = [case.incident.opened_ms for case in self._held]
        for part in parts_of(self._head.named, self._head.until_ms):
            number = sum(part.start <= moment < part.end for moment in opened)
            found.append(StepRow(start_ms=part.start, incidents=number))
        return tuple(found)


def _seconds(milliseconds: Fraction | None) -> float | None:
    return None if milliseconds is None else float(milliseconds / 1000)


def document(answer: Answer, issue: Issue | None, language: Language) -> Document:
    """Return the answer as a document. Pure."""
    if not isinstance(answer, IncidentsAnswer):
        raise TypeError(f"this is an answer of {type(answer).__name__}")
    say, head = language.say, answer.head
    groups: tuple[tuple[str, Group, tuple[Row, ...]], ...] = (
        (say("By class"), "class", answer.by_class),
        (say("By cause"), "cause", answer.by_cause),
        (say("By hub"), "hub", answer.by_hub),
        (say("By site"), "site", answer.by_site),
    )
    often = repeated_table(answer.repeated, REPEATED, answer.repeated_left_out, language)
    return Document(
        name=head.asked.report,
        title=say("Incidents"),
        subtitle=period_words(head.named, language),
        language=language.tag,
        zone=head.asked.zone,
        heading=heading(answer, issue, language),
        sections=[
            Section(say("Result"), [large_facts(answer.total, language)]),
            Section(say("Method"), [Paragraph(_method(language))]),
            Section(say("In the course of time"), [opened_chart(answer.steps, head.asked.zone, language)]),
            Section(say("What deserves a problem record"), [often], begins_page=True),
            Section(say("The noisiest"), [noisiest_table(answer.noisiest, language)]),
            *(Section(title, [groups_table(group, rows, language)]) for title, group, rows in groups),
        ],
        main="by_site",
        made_ms=head.known_at.time_ms,
    )


def _method(language: Language) -> str:
    say = language.say
    return " ".join(
        (
            say("All incidents that were opened in the period count, as they stood at the record named above."),
            say("Mean time to acknowledge: from the opening, of those that somebody acknowledged."),
            say("Mean time to resolve: from the first sign of the fault, which is before the opening, of those that are"
                " over."),
            say("Mean time between failures: the time that the devices concerned were up, for each incident in which"
                " something was down; of a cause, the time of all devices."),
            say("A hub is the technology centre that looks after a region. A cause is what an approved correction"
                " says."),
        )
    )  # fmt: skip
