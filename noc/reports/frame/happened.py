"""What people decided, and what came late, that bears on a period: windows, corrections, restatements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from noc.availability.corrections import Correction, Corrections
from noc.availability.policy import Policy, Window
from noc.maintenance.occurrences import occurrences
from noc.model.window import PlannedWindow
from noc.reports.frame.asked import Frozen, Head
from noc.reports.frame.material import Material
from noc.state import corrections, windows
from noc.state.timelines import restatements


class WindowRow(Frozen):
    """Planned time. start_ms: from when it counts. notice_s: how long before its beginning it was asked for.

    late: it was approved after it had begun, and counts from then.
    """

    number: int
    entity: str
    name: str
    start_ms: int
    end_ms: int
    what: str
    requested_by: str
    approved_by: str
    notice_s: float
    late: bool


class CorrectionRow(Frozen):
    """What turned out later, and who said so."""

    number: int
    entity: str
    name: str
    start_ms: int
    end_ms: int
    cause: str
    why: str
    evidence: tuple[str, ...]
    proposed_by: str
    approved_by: str
    approved_ms: int


class RestatementRow(Frozen):
    """Evidence that came late. results: how many. decided_ms: when it had come."""

    entity: str
    name: str
    start_ms: int
    end_ms: int
    poller: str
    results: int
    decided_ms: int


class Happened(Frozen):
    """All of it that overlaps the period, in order of time."""

    windows: tuple[WindowRow, ...]
    corrections: tuple[CorrectionRow, ...]
    restatements: tuple[RestatementRow, ...]


class Read:
    """happened: for the answer. policy: with the planned time. rules: the corrections."""

    def __init__(self, happened: Happened, policy: Policy, rules: Corrections) -> None:
        self.happened = happened
        self.policy = policy
        self.rules = rules


async def read(material: Material, head: Head, inside: Callable[[str], bool], name_of: Callable[[str], str]) -> Read:
    """Read what happened to entities that are `inside`. Raises StateError."""
    known, start_ms, end_ms = head.known_at.record, head.start_ms, head.until_ms
    plans = await windows.approved(material.connection, known)
    planned = [(plan, one) for plan in plans for one in occurrences(plan, start_ms, end_ms)]
    policy = replace(await material.policy(known), windows=[one for _, one in planned])
    held = await corrections.approved(material.connection, known)
    late = await restatements(material.connection, start_ms, known)
    happened = Happened(
        windows=tuple(
            _window(plan, one, name_of(plan.entity))
            for plan, one in sorted(planned, key=lambda pair: (pair[1].start, pair[0].number))
            if inside(plan.entity) and _counts_from(one) < end_ms
        ),
        corrections=await _corrections(material, held, head, inside, name_of),
        restatements=tuple(
            RestatementRow(
                entity=one.entity,
                name=name_of(one.entity),
                start_ms=one.since_ms,
                end_ms=one.end_ms,
                poller=one.poller,
                results=one.results,
                decided_ms=one.decided_ms,
            )
            for one in late
            if inside(one.entity) and one.since_ms < end_ms
        ),
    )
    return Read(happened, policy, Corrections(held, policy))


def _counts_from(one: Window) -> int:
    return one.start if one.entered is None else max(one.start, one.entered)


def _window(plan: PlannedWindow, one: Window, name: str) -> WindowRow:
    approval = plan.approval
    return WindowRow(
        number=plan.number,
        entity=plan.entity,
        name=name,
        start_ms=_counts_from(one),
        end_ms=one.end,
        what=plan.request.why,
        requested_by=plan.request.who,
        approved_by="" if approval is None else approval.who,
        notice_s=(one.start - plan.request.since_ms) / 1000,
        late=_counts_from(one) > one.start,
    )


async def _corrections(
    material: Material,
    held: list[Correction],
    head: Head,
    inside: Callable[[str], bool],
    name_of: Callable[[str], str],
) -> tuple[CorrectionRow, ...]:
    orders = {one.order for one in held if one.start < head.until_ms and one.end > head.start_ms and inside(one.entity)}
    rows = await corrections.page(material.connection, states=("approved",), limit=len(held) + 10_000)
    return tuple(
        CorrectionRow(
            number=one.number,
            entity=one.entity,
            name=name_of(one.entity),
            start_ms=one.start_ms,
            end_ms=one.end_ms,
            cause=one.cause,
            why=one.why,
            evidence=one.evidence,
            proposed_by=one.proposed_by,
            approved_by=one.decided_by or "",
            approved_ms=one.decided_ms or 0,
        )
        for one in sorted(rows, key=lambda one: (one.start_ms, one.number))
        if one.seq in orders
    )
