"""Casework: what comes of transitions and of time, inside one transaction of the caller.

Whatever is written here is written together or not at all; telling anybody of it is for after the commit. A condition
becomes an incident, a symptom of one, or it waits until that is certain (docs/rootcause.md).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from alerts import life, priority, takeover
from alerts.calling import Calling
from alerts.causes import Batch, Surroundings, again
from alerts.correlation import limits_of
from alerts.downrules import DownRules
from alerts.escalation import further
from alerts.incidents import (
    NEVER_UP,
    NOT_SEEN,
    OPEN_ALREADY,
    OVER,
    Action,
    Grow,
    Ignore,
    Leave,
    Open,
    Remark,
    Resolve,
    Wait,
    gone,
    is_watched,
    of_rule,
    of_status,
    of_symptoms,
    recovery,
)
from alerts.joining import Told
from alerts.opening import Behind, Opening
from alerts.policies import AlertSettings
from alerts.rootcause import IN_VAIN, Because, Condition, Root, Undecided
from alerts.rules.compiled import Rules
from alerts.sight import Sight
from alerts.tales import Joined, Retelling
from alerts.windows import OF_WINDOWS, Held
from noc.clock import NO_STEPS, Steps
from noc.inventory.inventory import Inventory
from noc.model.incident import Entry, Incident, RuleTransition, Symptom
from noc.model.part import owner_of
from noc.model.transition import Transition
from noc.state import handling, incidents, ledger, outbox, symptoms
from noc.state.database import Transaction
from noc.state.handling import Damaged, Task
from noc.topology import Topology

log = logging.getLogger(__name__)

LOOK_AGAIN_MS = 60_000
"""How long a part's failure waits before it is looked at again whether its device is back."""

LOOK_SOON_MS = 2_000
"""How often is looked again at what waits until its parents are certain, or until it recovers after them."""

Joins = tuple[int, Because]
"""The incident that a condition is a symptom of, and why."""


class Casework:
    """Opens, remarks on, escalates and ends incidents, by rules and policies that may be replaced.

    inventory: as of the last good reload. touched: numbers of incidents that have changed; the caller empties it.
    met_damage: rows may have been set aside since the caller counted them; the caller resets it.
    """

    def __init__(
        self,
        rules: Rules,
        settings: AlertSettings,
        inventory: Callable[[], Inventory],
        sight: Sight,
        topology: Callable[[], Topology],
        steps: Callable[[], Steps] = lambda: NO_STEPS,
    ) -> None:
        self._inventory = inventory
        self._sight = sight
        self._topology = topology
        self._begun_ms: int | None = None
        self._told_by = (inventory(), priority.telling(inventory()))
        self.calling = Calling(settings, inventory, sight, steps)
        self.touched = self.calling.touched
        self._opening = Opening(rules, settings, inventory, self.calling)
        self.met_damage = True
        self.replace(rules, settings)

    def replace(self, rules: Rules, settings: AlertSettings) -> None:
        """Go on with other rules and policies."""
        self._rules, self._settings = rules, settings
        self._down_rules = DownRules(rules, self._inventory)
        self._limits = limits_of(settings.root_cause)
        self._around = Surroundings(
            self._sight, self._topology, self._down_rules.tells, self._limits, self.calling.steps
        )
        self.calling.replace(settings)
        self._opening.replace(rules, settings)

    def _batch(self, now_ms: int) -> Batch:
        return Batch(self._around, now_ms, self._begun_ms or 0)

    def know_behind(self, behind: Behind) -> None:
        """Rank incidents also by what nobody sees while they last."""
        self._opening.behind = behind

    async def look_around(self, connection: Transaction, now_ms: int) -> None:
        """After a start or a reload: end what nobody watches any more, and let escalation look at all that is open."""
        inventory, batch = self._inventory(), self._batch(now_ms)
        self._begun_ms = now_ms if self._begun_ms is None else self._begun_ms
        strangers = [one for one in await symptoms.all_open(connection) if not is_watched(one.entity, inventory)]
        await batch.leave(connection, strangers, "not_watched")
        await self._finish(connection, batch, now_ms)
        for incident in await incidents.all_open(connection):
            ended = gone(incident, inventory)
            if ended is not None:
                await self.calling.resolve(connection, ended, now_ms)
        await incidents.look_at_all(connection, now_ms)

    async def handle(self, connection: Transaction, tasks: Sequence[Task], now_ms: int) -> None:
        """Do what comes of tasks, in their order, and take them out of the queue; those that have to wait stay."""
        done: list[Task] = []
        entities = [task.change.entity for task in tasks]
        by_status = {incident.entity for incident in await incidents.open_among(connection, entities, "status")}
        batch, later = self._batch(now_ms), dict[int, list[Task]]()
        await batch.look(connection, entities)
        for task in tasks:
            until_ms: int | None = None
            if isinstance(task.change, Damaged):
                await self._set_aside(connection, task, task.change)
                continue
            for action in await self._judge(connection, batch, task, task.change, by_status, now_ms):
                wait = await self._apply(connection, batch, action, task, now_ms)
                if wait is not None:
                    until_ms = wait.until_ms
                elif isinstance(action, Open) and action.origin == "status":
                    by_status.add(action.entity)
            if until_ms is None:
                done.append(task)
            else:
                later.setdefault(until_ms, []).append(task)
        for at_ms, some in later.items():
            await handling.postpone_all(connection, some, at_ms)
        await handling.done(connection, done)
        await self._finish(connection, batch, now_ms)

    async def look_at_symptoms(self, connection: Transaction, found: Sequence[Symptom], now_ms: int) -> None:
        """Look whether symptoms whose incident is over are still explained: what is not is an incident of its own."""
        batch, later = self._batch(now_ms), list[int]()
        await batch.look(connection, [one.entity for one in found])
        roots = {number: await incidents.get(connection, number) for number in {one.incident for one in found}}
        for one in found:
            above = roots[one.incident]
            over_ms = now_ms if above is None or above.resolved_ms is None else above.resolved_ms
            now = recovery(one, self._sight, self._inventory(), self.calling.steps().here(over_ms), now_ms)
            if now.over is not None:
                await batch.leave(connection, [one], now.over)
                continue
            action = again(one)
            where = await self._where(connection, batch, action, now.certain_ms, now_ms) if now.fails else Wait(now_ms)
            if isinstance(where, Wait):
                later.append(one.id)
            elif isinstance(where, tuple):
                await batch.move(connection, one, where[0])
            elif above is not None and above.resolved_by is not None and where.why.get("why") == IN_VAIN:
                await batch.leave(connection, [one], "by_hand")
            else:
                await batch.leave(connection, [one], "alone")
                incident = await self._opening.one(connection, batch, action, where.why, now_ms)
                await takeover.own_again(connection, batch, one, incident, now_ms)
        await symptoms.look_at(connection, later, now_ms + LOOK_SOON_MS)
        await self._finish(connection, batch, now_ms)

    async def join(self, connection: Transaction, told: Sequence[Told], now_ms: int) -> Joined:
        """Let what a poller told of incidents become one with what is known here; roots come first."""
        batch = self._batch(now_ms)
        await batch.look(connection, [one.incident.entity for one in told])
        retelling = Retelling(connection, batch, self.calling, self._inventory, self._settings, now_ms)
        await retelling.take(told)
        await self._finish(connection, batch, now_ms)
        return retelling.joined

    async def escalate(self, connection: Transaction, number: int, now_ms: int) -> None:
        """Tell whoever is to be told of an incident by now, and note when to look again."""
        await self.calling.escalate(connection, number, now_ms)

    async def _finish(self, connection: Transaction, batch: Batch, now_ms: int) -> None:
        """Let what opened take over what it explains; note what joined and left; end what several share no more."""
        children = await takeover.absorb(connection, batch, self.calling, now_ms)
        grown, shrunk = await batch.finish(connection)
        inventory, telling = self._inventory(), self._telling
        for number, joined in grown.items():
            incident = await incidents.get(connection, number)
            if incident is not None and batch.may_be_graver(number, joined, telling):
                affected = await symptoms.down_of(connection, number, telling)
                await life.grew(connection, incident, affected, inventory, now_ms, settings=self._settings)
        await takeover.call(connection, batch, self.calling, children, now_ms)
        self._sight.reprobe(batch.asked)
        for incident in await batch.are_over(connection, shrunk):
            await self.calling.resolve(connection, Resolve(incident, {"why": "up"}), now_ms)
        self.touched.update(dict.fromkeys((*grown, *shrunk)))

    @property
    def _telling(self) -> frozenset[str]:
        inventory = self._inventory()
        if inventory is not self._told_by[0]:
            self._told_by = inventory, priority.telling(inventory)
        return self._told_by[1]

    async def _set_aside(self, connection: Transaction, task: Task, damaged: Damaged) -> None:
        self.met_damage = True
        log.error(
            "row %d of the table handling is damaged and set aside, of this change of %s nobody is told: %s",
            task.id,
            damaged.entity,
            damaged.reason,
        )
        await handling.set_aside(connection, task)

    async def _judge(
        self,
        connection: Transaction,
        batch: Batch,
        task: Task,
        change: Transition | RuleTransition,
        by_status: set[str],
        now_ms: int,
    ) -> tuple[Action, ...]:
        held = await batch.held(connection, change.entity)
        if isinstance(change, RuleTransition):
            rule = self._rules.get(change.rule)
            if change.status == "cleared":
                await self._forget_waiting(connection, task, change)
            opened = await incidents.open_of(connection, change.rule, change.entity)
            about = of_symptoms(change, held)
            return about or (of_rule(change, None if rule is None else rule.policy, opened),)
        owner = owner_of(change.entity)
        if change.status == "down" and owner is not None:
            back = await self._held_back(connection, task, change, owner, now_ms)
            if back is not None:
                return (back,)
        known: list[Incident] = []
        if change.entity in by_status:
            known = await incidents.open_among(connection, [change.entity], "status")
        if not known and (about := of_symptoms(change, held)):
            return about
        down = self._down_rules.of(change.entity) if change.status == "down" and not known else None
        following = None
        if down is not None and task.seq is not None and (down.hold_ms or task.due_ms):
            following = await ledger.following(connection, change.entity, task.seq)
            if following is not None and following.status == "up" and not down.hold_ms:
                return (Ignore(OVER),)
        return of_status(change, down, known, following, now_ms, self.calling.steps())

    async def _forget_waiting(self, connection: Transaction, task: Task, change: RuleTransition) -> None:
        """Take what raised a rule out of the queue, where it still waits for its parents, and is over already."""
        waiting = [
            one
            for one in await handling.waiting_of(connection, change.entity, task.id)
            if isinstance(one.change, RuleTransition) and one.change.rule == change.rule and one.due_ms
        ]
        await handling.done(connection, waiting)

    async def _held_back(
        self, connection: Transaction, task: Task, change: Transition, owner: str, now_ms: int
    ) -> Action | None:
        """Return what keeps a part's failure from being one: its device is not up, or it never was up itself."""
        if not await ledger.ever(connection, change.entity, "up"):
            return Ignore(NEVER_UP)
        last = (await ledger.latest(connection, [owner])).get(owner)
        if last is None or last.status == "up":
            return None
        # Nothing is known of it before its device is back; by then it has another change, or is still down.
        after = None if task.seq is None else await ledger.following(connection, change.entity, task.seq)
        return Wait(now_ms + LOOK_AGAIN_MS) if after is None else Ignore(NOT_SEEN)

    async def _apply(
        self, connection: Transaction, batch: Batch, action: Action, task: Task, now_ms: int
    ) -> Wait | None:
        if isinstance(action, Wait):
            return action
        if isinstance(action, Open):
            return await self._place(connection, batch, action, self._certain_ms(task.change), now_ms)
        if isinstance(action, Resolve):
            await takeover.call_for(connection, batch, self.calling, action.incident, now_ms)
            await self.calling.resolve(connection, action, now_ms)
        elif isinstance(action, Leave):
            await batch.leave(connection, action.symptoms, action.why)
        elif isinstance(action, Remark):
            await self._remark(connection, action, now_ms)
        elif isinstance(action, Grow):
            await self._grow(connection, action, now_ms)
        elif action.why == OPEN_ALREADY and isinstance(task.change, RuleTransition):
            await self._raised_again(connection, task.change, now_ms)
        return None

    async def _remark(self, connection: Transaction, action: Remark, now_ms: int) -> None:
        if action.incident.cause == "flapping" and action.facts.get("why") == "down":
            await self.calling.again(connection, action.incident, action.facts, now_ms)
            return
        await incidents.record(connection, [Entry(action.incident.id, now_ms, "note", None, action.facts)])
        self.touched[action.incident.id] = None

    async def _raised_again(self, connection: Transaction, change: RuleTransition, now_ms: int) -> None:
        opened = await incidents.open_of(connection, change.rule, change.entity)
        if opened is not None and opened.cause == "flapping":
            await self.calling.again(connection, opened, {"since_ms": change.since_ms}, now_ms)

    async def _place(
        self, connection: Transaction, batch: Batch, action: Open, certain_ms: int, now_ms: int
    ) -> Wait | None:
        """Make an incident or a symptom of a condition, or let it wait."""
        where = await self._where(connection, batch, action, certain_ms, now_ms)
        if isinstance(where, Wait):
            return where
        if isinstance(where, Root):
            await self._opening.one(connection, batch, action, where.why, now_ms)
        else:
            batch.join(where[0], action, self._opening.policy(action), where[1])
        return None

    async def _where(
        self, connection: Transaction, batch: Batch, action: Open, certain_ms: int, now_ms: int
    ) -> Joins | Wait | Root:
        """Return the incident that explains a condition, and why; until when it waits; or that it is a root."""
        since_ms = self.calling.steps().here(action.since_ms)
        condition = Condition(action.entity, action.rule, action.origin, since_ms, certain_ms)
        verdict = batch.judge(condition)
        if isinstance(verdict, Undecided):
            return Wait(min(verdict.until_ms, now_ms + LOOK_SOON_MS))
        if isinstance(verdict, Root) or verdict.cause == "site":
            is_new = isinstance(verdict, Root) or await batch.incident_of(connection, verdict.root) is None
            storm = await batch.storm(connection, self._opening.policy(action), action.severity) if is_new else None
            verdict = storm or verdict
        if isinstance(verdict, Root):
            return verdict
        number = await batch.incident_of(connection, verdict.root)
        if number is None and verdict.cause and (action.origin == "status" or "storm" in verdict.root):
            number = await self._opening.several(connection, batch, action, verdict, now_ms)
        if number is not None:
            return number, verdict
        rule = self._down_rules.of(verdict.root)
        until_ms = certain_ms + self._limits.wait_ms + (0 if rule is None else rule.hold_ms)
        if now_ms < until_ms:
            return Wait(min(until_ms, now_ms + LOOK_SOON_MS))
        return Root({"why": IN_VAIN, "for": verdict.root})

    def _certain_ms(self, change: Transition | RuleTransition | Damaged) -> int:
        """Return when it was certain that a condition holds, the rule's own time included."""
        if isinstance(change, Damaged):
            return 0
        rule = self._down_rules.of(change.entity) if isinstance(change, Transition) else None
        steps, hold_ms = self.calling.steps(), 0 if rule is None else rule.hold_ms
        return max(steps.here(change.decided_ms), steps.here(change.since_ms) + hold_ms)

    async def _grow(self, connection: Transaction, action: Grow, now_ms: int) -> None:
        incident = action.incident
        of_windows = {key: fact for key, fact in incident.facts.items() if key in OF_WINDOWS}
        await incidents.put_facts(connection, incident.id, {**action.known, **of_windows})
        await incidents.record(connection, [Entry(incident.id, now_ms, "note", None, action.facts)])
        self.touched[incident.id] = None
        if isinstance(await self.calling.held(connection, incident, now_ms), Held):
            return
        if self.calling.gate is not None and await self.calling.gate(connection, incident, now_ms) is None:
            return
        told = await outbox.of_incident(connection, incident.id)
        ladder = await self.calling.ladder(connection, incident.policy, now_ms)
        await outbox.put(connection, further(incident, told, action.at_ms, now_ms, ladder))
