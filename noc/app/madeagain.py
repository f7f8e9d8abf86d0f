"""Makes reports that were issued again, from the records that they knew, and says which figures differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from noc.app.figures import Retold
from noc.app.reports import kept, material_of
from noc.availability.policy import Period, Policy
from noc.availability.statement import Statement
from noc.inventory.inventory import Inventory
from noc.model.errors import UsageError
from noc.pipeline.policy import availability_policy
from noc.reports.frame.again import Differs, differing
from noc.reports.frame.asked import Answer, Head, Issue
from noc.reports.frame.directory import OfIssue
from noc.reports.frame.registry import names, report
from noc.state import policies, reports
from noc.state.database import StateError, Transaction
from noc.state.looked import away_at

AT_MOST: Final = 10_000

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class MadeAgain:
    """made: how many reports were. left_out: how many whose figures the ledger gives were not looked at.

    without: how many can't be made again from the ledger: they tell of more than it, or it kept no policy then.
    faults: sentences.
    """

    made: int = 0
    left_out: int = 0
    without: int = 0
    faults: tuple[str, ...] = ()


async def issued(connection: Transaction) -> list[reports.Issued]:
    """Return the reports that were issued and whose figures the ledger gives, the newest first. Raises StateError."""
    of_ledger = {name for name in names() if report(name).FROM_LEDGER}
    return [one for one in await reports.page(connection, limit=AT_MOST) if one.name in of_ledger]


async def made_again(
    connection: Transaction, inventory: Inventory, at_most: int | None = None, tell: Tell = lambda _, __: None
) -> MadeAgain:
    """Make the reports again whose figures come from the ledger, and compare.

    at_most: the newest so many; None: all. tell: is given how many are done, and of how many. Raises StateError.
    """
    found = await issued(connection)
    chosen = sorted(found[:at_most], key=lambda one: one.seq)  # the ledger is read once, from the first on
    remaker, faults, without = _Remaker(connection, inventory), list[str](), 0
    for number, one in enumerate(chosen, 1):
        try:
            fault = await remaker.fault_of(one.id)
        except _NoPolicyError:
            without += 1
        except UsageError:  # it is damaged, which the proof names, or of something that is no more
            without += 1
        else:
            faults += [fault] if fault else []
        tell(number, len(chosen))
    return MadeAgain(len(chosen) - without, len(found) - len(chosen), without, tuple(faults))


class _NoPolicyError(Exception):
    """What figures were made by then was not kept in the ledger yet."""


class _Remaker:
    def __init__(self, connection: Transaction, inventory: Inventory) -> None:
        self._connection = connection
        self._inventory = inventory
        self._retold = Retold(availability_policy(inventory))

    async def fault_of(self, number: int) -> str | None:
        """Return what is wrong with a report; None: nothing. Raises UsageError, StateError."""
        issue, answer = await kept(self._connection, number)
        known = answer.head.known_at.record
        if await policies.digest_at(self._connection, known) is None:
            raise _NoPolicyError
        found = list(differing(answer, await self._again(issue, answer)))
        return _sentence(issue, answer, found) if found else None

    async def _again(self, issue: Issue, answer: Answer) -> Answer:
        head = await self._looked(issue, answer.head)
        # What lies behind the period's end changes no figure of it.
        now_ms = head.until_ms if head.is_running else max(issue.issued_ms, head.end_ms)

        async def figures(period: Period, known: int | None, end_ms: int) -> Statement:
            if known is None:
                raise StateError("a report that is made again goes by a record of the ledger")
            return await self._retold.statement(self._connection, period, known, end_ms)

        async def policy(known: int) -> Policy:
            return await self._retold.policy(self._connection, known)

        then = OfIssue(await policy(head.known_at.record), answer)
        material = material_of(self._connection, self._inventory, now_ms, then.target_of)
        again = replace(material, statement=figures, policy=policy, directory=then, told=head)
        return await report(head.asked.report).gather(again, head.asked)

    async def _looked(self, issue: Issue, head: Head) -> Head:
        """Return the head with the end of evidence that the ledger gives, where it gives one."""
        moment_ms = issue.issued_ms if head.asked.known is None else head.known_at.time_ms
        away = await away_at(self._connection, moment_ms)
        if away is None:
            return head
        return head.model_copy(update={"looked_until_ms": away.since_ms if away.since_ms < head.until_ms else None})


def _sentence(issue: Issue, answer: Answer, found: list[Differs]) -> str:
    first, asked = found[0], answer.head.asked
    more = f"; {len(found) - 1:,} more of its figures differ" if len(found) > 1 else ""
    return (
        f"report {issue.id} ({asked.report} of {asked.subject}) says {first.where} {_said(first.kept)}, "
        f"the ledger {_said(first.ledger)}{more}"
    )


def _said(value: float | str | None) -> str:
    return "nothing" if value is None else str(value)
