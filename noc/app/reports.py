"""Issues reports, keeps them, and makes files of what was kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache

from noc.app.figures import Retold, statement_from
from noc.app.policykept import PoliciesKept
from noc.availability.policy import Period, Policy
from noc.availability.statement import Statement
from noc.inventory.inventory import Inventory
from noc.model.errors import UsageError
from noc.model.ports import SeriesReader
from noc.pipeline.policy import availability_policy
from noc.reports.frame.asked import Answer, Asked, Issue
from noc.reports.frame.changes import DECISIONS, Changes, check_alike, figure_changes, reasons, told
from noc.reports.frame.directory import OfInventory, OfLedger
from noc.reports.frame.material import Material
from noc.reports.frame.registry import report, written
from noc.state import policies, reports
from noc.state.database import Transaction
from noc.state.statuses import known_at

Target = Callable[[str], Fraction | None]


def material_of(
    connection: Transaction,
    inventory: Inventory,
    now_ms: int,
    target_of: Target,
    tell: Callable[[float], None] = lambda _: None,
    series: SeriesReader | None = None,
    kept: PoliciesKept | None = None,
) -> Material:
    """Return what reports read, without a daemon. connection: a transaction; tell: is given how far it is, 0 to 1.

    series: where numbers over time are read. kept: where policies that were read stay.
    """
    retold = cache(lambda: Retold(availability_policy(inventory), kept))  # of a fleet the policy alone takes a while

    async def policy(known: int) -> Policy:
        return await retold().policy(connection, known)

    async def figures(period: Period, known: int | None, end_ms: int) -> Statement:
        if known is None:
            return await statement_from(connection, inventory, period, end_ms)
        return await retold().statement(connection, period, known, end_ms)

    directory = OfInventory(inventory)
    return Material(connection, inventory, now_ms, figures, policy, directory, target_of, tell, series)


async def drafted(material: Material, asked: Asked) -> Answer:
    """Return an answer that isn't kept. Raises UsageError, StateError."""
    made = report(asked.report)
    if made.BY and asked.by not in made.BY:
        raise UsageError(f"the report {asked.report} has no rows by {asked.by}; there are: {', '.join(made.BY)}")
    if made.FROM_LEDGER and material.told is None:
        material = await _by_the_ledger(material, asked)
    return await made.gather(material, asked)


async def _by_the_ledger(material: Material, asked: Asked) -> Material:
    """Return what is read, with who was where by the policy that the ledger kept.

    The inventory may be another one already: between a reload and the record of what it made of the policy, and in a
    shell, which reads what nobody has loaded yet.
    """
    last = await known_at(material.connection, asked.known)
    if last is None or await policies.digest_at(material.connection, last.record) is None:
        return material
    policy = await material.policy(last.record)
    return replace(material, directory=OfLedger(policy, material.inventory))


async def keep(connection: Transaction, answer: Answer, now_ms: int) -> Issue:
    """Keep an answer as the next issue of its subject, in the caller's transaction. now_ms: when it is issued.

    Where it is the same answer as the last issue's, that issue is returned. Raises StateError.
    """
    asked, known_at = answer.head.asked, answer.head.known_at
    return issue_of(
        await reports.keep(
            connection,
            name=asked.report,
            subject=asked.subject,
            issued_ms=now_ms,
            known=(known_at.record, bytes.fromhex(known_at.hash)),
            asked=written(asked),
            answer=written(answer),
        )
    )


async def kept(connection: Transaction, number: int) -> tuple[Issue, Answer]:
    """Return a report that was issued, by its id. Raises UsageError where there is none, or it is damaged."""
    found = await reports.get(connection, number)
    try:
        text = await reports.answer_of(connection, number)
    except ValueError as error:
        raise UsageError(str(error)) from error
    if found is None or text is None:
        raise UsageError(f"there is no report {number}; `noc report list` shows those that there are")
    return issue_of(found), report(found.name).ANSWER.model_validate_json(text)


async def changes_between(connection: Transaction, older: int, newer: int) -> Changes:
    """Return what changed between two issues, by their ids, and why. Raises UsageError."""
    (issue_a, a), (issue_b, b) = await kept(connection, older), await kept(connection, newer)
    check_alike(a, b)
    first, last = a.head.known_at.record, b.head.known_at.record
    records = await reports.recorded_between(connection, first, last, DECISIONS)
    came = await reports.transitions_between(connection, first, last, b.head.start_ms, b.head.end_ms)
    return Changes(
        a=told(a, issue_a),
        b=told(b, issue_b),
        figures=tuple(figure_changes(a, b)),
        records=tuple(reasons(records, b)),
        transitions=came,
    )


def issue_of(kept: reports.Issued) -> Issue:
    """Return what files tell of an issue."""
    return Issue(id=kept.id, number=kept.number, issued_ms=kept.issued_ms, digest=kept.digest)
