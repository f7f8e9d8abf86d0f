"""Reports in the daemon: issued beside everything else, and their files made by a process of their own."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from noc.app.figures import Figures
from noc.app.policykept import PoliciesKept
from noc.app.reportruns import ReportRuns
from noc.app.reports import drafted, keep, kept, material_of
from noc.availability.objectives import Targets
from noc.availability.policy import Period
from noc.availability.statement import Statement
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.model.errors import NocError
from noc.model.instants import to_ms
from noc.model.ports import SeriesReader
from noc.processes import ended
from noc.reports.frame.asked import Answer, Asked, Issue
from noc.reports.frame.material import Material
from noc.reports.frame.registry import written
from noc.reports.frame.run import ReportRun
from noc.reports.render.files import Format, file_name, file_of
from noc.state import policies, reports
from noc.state.database import Database

SLOWEST_S: Final = 300.0
_HEAVY: Final[tuple[Format, ...]] = ("pdf", "xlsx")


class ReportError(NocError):
    """A file that could not be made."""


class ReportDesk:
    """inventory: as of the last good reload. targets: what is promised now. series: where numbers are read.

    figures: who has read the ledger already. digest_of: the digest of the policy of an inventory, where it is known.
    """

    def __init__(
        self,
        database: Database,
        inventory: Callable[[], Inventory],
        targets: Callable[[], Targets],
        clock: Clock,
        series: SeriesReader | None = None,
        figures: Figures | None = None,
        digest_of: Callable[[Inventory], str | None] = lambda _: None,
    ) -> None:
        self._database = database
        self._inventory = inventory
        self._targets = targets
        self._clock = clock
        self._series = series
        self._figures = figures
        self._digest_of = digest_of
        self._one = asyncio.Lock()
        self._policies = PoliciesKept()
        self._runs = ReportRuns(self.issue, clock)

    def begin(self, asked: Asked) -> ReportRun:
        """Begin to make a report. Raises ConflictError where too many are being made."""
        return self._runs.begin(asked)

    def run(self, number: int) -> ReportRun | None:
        """Return a report that is being made, or was."""
        return self._runs.get(number)

    async def ended(self, number: int, within_s: float) -> ReportRun | None:
        """Return one as it is when it is over, or after a while."""
        return await self._runs.ended(number, within_s)

    async def issue(self, asked: Asked, tell: Callable[[float], None] = lambda _: None) -> Issue:
        """Make a report and keep it, one at a time. tell: is given how far it is, 0 to 1, from its turn on.

        Raises UsageError, StoreError, StateError.
        """
        async with self._one:
            tell(0.0)
            now_ms, targets = to_ms(self._clock.now()), self._targets()
            async with self._database.read() as connection:
                inventory, series = self._inventory(), self._series
                made = material_of(
                    connection,
                    inventory,
                    now_ms,
                    lambda one: targets.of(one).percent,
                    tell,
                    series,
                    kept=self._policies,
                )
                if asked.known is None:
                    made = replace(made, statement=self._quickly(made))
                answer = await drafted(made, asked)
            async with self._database.write() as connection:
                return await keep(connection, answer, now_ms)

    def _quickly(self, made: Material) -> Callable[[Period, int | None, int], Awaitable[Statement]]:
        """Return how figures are worked out from what the daemon has read of the ledger, where that is the same."""

        async def figures(period: Period, known: int | None, end_ms: int) -> Statement:
            if self._figures is not None and await self._is_by_now(made, known):
                found = await self._figures.statement(period, until_ms=end_ms)
                is_same = found.known_at is not None and found.known_at.record == known
                if is_same and self._inventory() is made.inventory:
                    return found
            return await made.statement(period, known, end_ms)  # another record or inventory came meanwhile

        return figures

    async def _is_by_now(self, made: Material, known: int | None) -> bool:
        """Return whether the policy that the ledger kept is that of now: after a reload it is a moment later."""
        if known is None or self._inventory() is not made.inventory:
            return False
        try:
            digest = await policies.digest_at(made.connection, known)
        except ValueError:
            return False  # who reads it tells what is damaged
        return digest is None or digest == self._digest_of(made.inventory)

    async def get(self, number: int) -> tuple[Issue, Answer]:
        """Return an issue. Raises LookupError where there is none, UsageError where it is damaged, StateError."""
        async with self._database.read() as connection:
            if await reports.get(connection, number) is None:
                raise LookupError(f"report {number}")
            return await kept(connection, number)

    async def file(self, number: int, form: Format, tag: str) -> tuple[str, bytes]:
        """Return the name and the content of a file of an issue. tag: of a language.

        Raises ReportError where it can't be made, and what `get` raises.
        """
        issue, answer = await self.get(number)
        name = file_name(answer, issue, form, tag)
        if form not in _HEAVY:
            return name, await asyncio.to_thread(file_of, answer, issue, form, tag)
        async with self._one:
            return name, await _made_apart(answer, issue, form, tag)


async def _made_apart(answer: Answer, issue: Issue, form: Format, tag: str) -> bytes:
    """Have a process make a file: it takes seconds, in which the event loop has other things to do."""
    asked = json.dumps({"answer": written(answer), "issue": written(issue), "form": form, "lang": tag})
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "noc.reports.render"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        body, said = await asyncio.wait_for(process.communicate(asked.encode()), SLOWEST_S)
    except TimeoutError as error:
        raise ReportError(f"the {form} of report {issue.id} was not ready after {SLOWEST_S:g} s") from error
    finally:
        if process.returncode is None:
            await ended(process)
    if process.returncode or not body:
        last = said.decode(errors="replace").strip().splitlines()[-1:]
        raise ReportError(f"the {form} of report {issue.id} could not be made: {''.join(last)[:500]}")
    return body
