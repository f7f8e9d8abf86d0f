"""Plays a scenario: moves virtual time from one thing that happens to the next."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from noc.app.check import CheckResult
from noc.inventory.endpoints import Endpoint
from noc.inventory.entities import Circuit, Device, Site
from noc.model.errors import ConflictError, InputError
from noc.model.incident import Incident
from noc.model.instants import from_ms, length_ms
from noc.model.part import owner_of
from noc.model.window import WindowDecision
from noc.rehearsal.remarks import Remark, RemarkKind
from noc.rehearsal.scenario import ROOT, Scenario
from noc.rehearsal.stage import Stage
from noc.rehearsal.steps import ALL, Act, Fail, Hush, Plan, Restore, Step, Tell
from noc.rehearsal.touched import touched_by
from noc.rehearsal.truth import Truth
from noc.state import incidents, outbox, symptoms, windows
from noc.state.past import NO_PLANS, Plans

MANY: Final = 100
GATHER_MS: Final = 500
"""Where many devices are touched, changes so close together are handled together, and what waits is looked at no more
often: as the daemon does when it is busy, and a storm takes a fraction of the time."""

STALE_LOOK_MS: Final = 1_000
"""How often it is looked what nobody sees any more, as in the daemon."""


Share = Callable[[float], None]
"""Is told which share of a rehearsal's time is played, 0 to 1."""


def nobody(_: float) -> None:
    """Take it, where nobody wants to know."""


class Play:
    """One rehearsal. `run` it once, ask the stage, then stop that. failed_ms: when something failed first."""

    def __init__(
        self, checked: CheckResult, scenario: Scenario, steps: Sequence[Step], folder: Path, plans: Plans = NO_PLANS
    ) -> None:
        if checked.settings is None or checked.inventory is None:
            raise InputError(checked.findings)
        polling = checked.settings.polling
        self._scenario = scenario
        self._steps = list(steps)
        self._truth = Truth(checked.inventory, polling.poller, polling.vantage)
        self.touched = touched_by(steps, checked.inventory, self._truth)
        self.stage = Stage(checked, scenario.start, self._truth, self.touched, folder, plans)
        self.end_ms = scenario.start + length_ms(scenario.duration)
        self.start_ms = scenario.start
        self.remarks: list[Remark] = []
        self.failed_ms: int | None = None
        self._first: tuple[str, ...] = ()
        self._silent: set[str] = set()
        self._answers: list[tuple[int, int, str]] = []
        self._answered: set[tuple[int, str]] = set()
        self._due_ms: int | None = None
        self._gathered_ms: int | None = None
        self._gather_ms = GATHER_MS if len(self.touched.devices) >= MANY else 0
        self._stale_ms = scenario.start if self.touched.polled else None

    async def run(self, until_ms: int | None = None, tell: Share = nobody) -> None:
        """Play to the end, or until a moment. tell: is given the share that is played."""
        end_ms = self.end_ms if until_ms is None else min(until_ms, self.end_ms)
        self.end_ms = end_ms
        await self.stage.start(self._scenario.start)
        await self._settle()
        while (now_ms := self._next_ms()) is not None and now_ms <= end_ms:
            await self._move(now_ms)
            tell((now_ms - self.start_ms) / max(end_ms - self.start_ms, 1))
            acted = False
            while self._steps and self._steps[0].at_ms <= now_ms:
                await self._take(self._steps.pop(0))
                acted = True
            while self._answers and self._answers[0][0] <= now_ms:
                _, number, person = heapq.heappop(self._answers)
                acted = await self._answer(number, person) or acted
            self.stage.looking.run(now_ms)
            if self._stale_ms is not None and self._stale_ms <= now_ms:
                self._stale_ms += STALE_LOOK_MS
                self.stage.expire()
            if self.stage.committer.waiting and self._gathered_ms is None:
                self._gathered_ms = now_ms + self._gather_ms
            if acted or any(at_ms is not None and at_ms <= now_ms for at_ms in (self._due_ms, self._gathered_ms)):
                await self._settle()
        await self._move(end_ms)
        self.stage.expire()
        await self._settle()

    def _next_ms(self) -> int | None:
        call_s = self.stage.clock.next_call_s()
        moments = [
            self._steps[0].at_ms if self._steps else None,
            self._answers[0][0] if self._answers else None,
            self.stage.looking.next_ms,
            self._due_ms,
            self._gathered_ms,
            self._stale_ms,
            None if call_s is None else self.stage.now_ms + -int(-call_s * 1000 // 1),
        ]
        return min((one for one in moments if one is not None), default=None)

    async def _move(self, at_ms: int) -> None:
        seconds = (from_ms(at_ms) - self.stage.clock.now()).total_seconds()
        call_s = self.stage.clock.next_call_s()
        if call_s is not None and call_s <= seconds:
            await self.stage.clock.advance(seconds)
        elif seconds > 0:
            self.stage.clock.stall(seconds)

    async def _settle(self) -> None:
        self._gathered_ms = None
        due_ms, soonest_ms = await self.stage.work(), self.stage.now_ms + self._gather_ms
        self._due_ms = None if due_ms is None else max(due_ms, soonest_ms)
        if self._scenario.acknowledge_after is not None:
            await self._expect_answers(length_ms(self._scenario.acknowledge_after))

    async def _expect_answers(self, after_ms: int) -> None:
        """Note when people will acknowledge what they were told of."""
        async with self.stage.database.read() as connection:
            for one in await incidents.all_open(connection):
                for notice in await outbox.of_incident(connection, one.id):
                    key = (one.id, notice.person)
                    if notice.sent_ms is not None and key not in self._answered:
                        self._answered.add(key)
                        heapq.heappush(self._answers, (notice.sent_ms + after_ms, *key))

    async def _answer(self, number: int, person: str) -> bool:
        if person in self._silent:
            return False
        async with self.stage.database.read() as connection:
            found = await incidents.get(connection, number)
        if found is None or found.resolved_ms is not None or found.acknowledged_ms is not None:
            return False
        await self.stage.alerting.engine.acknowledge(number, person)
        return True

    async def _take(self, step: Step) -> None:
        action = step.action
        if isinstance(action, Fail):
            if self.failed_ms is None:
                self.failed_ms, self._first = step.at_ms, action.entities
            self._truth.fail(action.entities)
            self.stage.looking.wake(step.at_ms)
        elif isinstance(action, Restore):
            for name in action.entities:
                if name not in self._truth.failed:
                    self._remark(step, "not failed", name)
            self._truth.restore(action.entities)
            self.stage.looking.wake(step.at_ms)
        elif isinstance(action, Tell):
            self.stage.looking.tell(action, step.at_ms)
        elif isinstance(action, Hush):
            (self._silent.update if action.silent else self._silent.difference_update)(action.people)
        elif isinstance(action, Plan):
            await self._plan(step, action)
        else:
            await self._act(step, action)

    async def _plan(self, step: Step, plan: Plan) -> None:
        begins_ms = step.at_ms + length_ms(plan.work.begins)
        ends_ms = begins_ms + length_ms(plan.work.lasts)
        asked = WindowDecision(
            plan.work.entity, step.at_ms, 0, "requested", begins_ms, ends_ms, "", "UTC", (), "rehearsal", plan.work.why
        )
        async with self.stage.database.write() as connection:
            window = await windows.request(connection, asked)
            await windows.approve(connection, window.number, who="rehearsal-approver", now_ms=step.at_ms)

    async def _act(self, step: Step, act: Act) -> None:
        if not act.whose:
            self._remark(step, "said", act.note, act.by)
            return
        await self.stage.work()
        found = await self._meant(act.whose)
        if not found:
            self._remark(step, "none to ack" if act.kind == "ack" else "none to resolve", act.whose)
        engine = self.stage.alerting.engine
        for one in found:
            try:
                if act.kind == "ack":
                    await engine.acknowledge(one.id, act.by, act.note)
                else:
                    await engine.resolve(one.id, act.by, act.note)
            except ConflictError as error:
                self._remark(step, "refused", str(error))

    async def _meant(self, whose: str) -> list[Incident]:
        async with self.stage.database.read() as connection:
            known = await incidents.all_open(connection)
            explaining = {one.incident for one in await symptoms.open_among(connection, [whose])}
        if whose == ALL:
            return known
        if whose == ROOT:
            root = await self.root()
            return [one for one in known if root is not None and one.id == root.id]
        own = [one for one in known if one.entity == whose]
        return own or [one for one in known if one.id in explaining]

    async def root(self) -> Incident | None:
        """Return the incident that the first failure opened; where another one took it over, that one."""
        async with self.stage.database.read() as connection:
            known = {one.id: one for one in reversed(await incidents.page(connection, limit=10_000))}
        failed_ms = self._scenario.start if self.failed_ms is None else self.failed_ms
        since = [one for one in known.values() if one.opened_ms >= failed_ms]
        theirs = [one for one in since if self._is_of_first(one.entity)]
        found = next(iter(theirs or since), None)
        while found is not None and found.parent in known:
            found = known[found.parent]
        return found

    def _is_of_first(self, entity: str) -> bool:
        """Tell whether an entity is what failed first, or stands in it."""
        if entity in self._first:
            return True
        found = self.stage.inventory.entity(owner_of(entity) or entity)
        if not isinstance(found, Site | Device | Circuit | Endpoint):
            return False
        site = found.id if isinstance(found, Site) else found.site
        region = self.stage.inventory.sites[site].region
        return f"site/{site}" in self._first or f"region/{region}" in self._first

    def _remark(self, step: Step, kind: RemarkKind, what: str, who: str = "") -> None:
        self.remarks.append(Remark(step.at_ms, step.event, kind, what, who))
