"""Casework: what comes of transitions and of time, inside one transaction of the caller.

Whatever is written here is written together or not at all; telling anybody of it is for after the commit.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from alerts import life
from alerts.escalation import Decision, decide, further
from alerts.incidents import (
    NEVER_UP,
    NOT_SEEN,
    Action,
    Grow,
    Ignore,
    Open,
    Remark,
    Resolve,
    Wait,
    gone,
    of_rule,
    of_status,
)
from alerts.oncallnow import Policies
from alerts.policies import AlertSettings
from alerts.rules.compiled import DownRule, Rules
from alerts.windows import OF_WINDOWS, UNTIL, Held, Released, UnderWay, hold, under_way
from noc.inventory.inventory import Inventory
from noc.model.incident import Entry, Facts, Incident, RuleTransition
from noc.model.part import owner_of, part_name
from noc.model.transition import Transition
from noc.state import handling, incidents, ledger, outbox, windows
from noc.state.database import Transaction
from noc.state.handling import Damaged, Task
from noc.state.incidents import Opening

log = logging.getLogger(__name__)

LOOK_AGAIN_MS = 60_000
"""How long a part's failure waits before it is looked at again whether its device is back."""


class Casework:
    """Opens, remarks on, escalates and ends incidents, by rules and policies that may be replaced.

    inventory: as of the last good reload. touched: numbers of incidents that have changed; the caller empties it.
    met_damage: rows may have been set aside since the caller counted them; the caller resets it.
    """

    def __init__(self, rules: Rules, settings: AlertSettings, inventory: Callable[[], Inventory]) -> None:
        self._rules = rules
        self._settings = settings
        self._inventory = inventory
        self._policies = Policies(settings)
        self._nobody_said = False
        self._windows: Mapping[str, list[UnderWay]] = {}
        self._windows_of = (0, 0)
        self.touched: dict[int, None] = {}
        self.met_damage = True

    def replace(self, rules: Rules, settings: AlertSettings) -> None:
        """Go on with other rules and policies."""
        self._rules, self._settings = rules, settings
        self._policies.replace(settings)
        self._nobody_said = False

    async def look_around(self, connection: Transaction, now_ms: int) -> None:
        """After a start or a reload: end what nobody watches any more, and let escalation look at all that is open."""
        inventory = self._inventory()
        for incident in await incidents.all_open(connection):
            ended = gone(incident, inventory)
            if ended is not None:
                await self._resolve(connection, ended, now_ms)
        await incidents.look_at_all(connection, now_ms)

    async def handle(self, connection: Transaction, tasks: Sequence[Task], now_ms: int) -> None:
        """Do what comes of tasks, in their order, and take them out of the queue; those that have to wait stay."""
        done: list[Task] = []
        entities = [task.change.entity for task in tasks]
        by_status = {incident.entity for incident in await incidents.open_among(connection, entities, "status")}
        for task in tasks:
            waits = False
            if isinstance(task.change, Damaged):
                await self._set_aside(connection, task, task.change)
                continue
            for action in await self._judge(connection, task, task.change, by_status, now_ms):
                if isinstance(action, Wait):
                    waits = True
                    await handling.postpone(connection, task, action.until_ms)
                elif isinstance(action, Open) and action.origin == "status":
                    by_status.add(action.entity)
                await self._apply(connection, action, task, now_ms)
            if not waits:
                done.append(task)
        await handling.done(connection, done)

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
        task: Task,
        change: Transition | RuleTransition,
        by_status: set[str],
        now_ms: int,
    ) -> tuple[Action, ...]:
        if isinstance(change, RuleTransition):
            rule = self._rules.get(change.rule)
            opened = await incidents.open_of(connection, change.rule, change.entity)
            return (of_rule(change, None if rule is None else rule.policy, opened),)
        owner = owner_of(change.entity)
        if change.status == "down" and owner is not None:
            held = await self._held_back(connection, task, change, owner, now_ms)
            if held is not None:
                return (held,)
        known: list[Incident] = []
        if change.entity in by_status:
            known = await incidents.open_among(connection, [change.entity], "status")
        down = self._down_rule(change) if change.status == "down" and not known else None
        following = None
        if down is not None and down.hold_ms and task.seq is not None:
            following = await ledger.following(connection, change.entity, task.seq)
        return of_status(change, down, known, following, now_ms)

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

    def _down_rule(self, change: Transition) -> DownRule | None:
        inventory = self._inventory()
        kind, _, name = change.entity.partition("/")
        part = part_name(change.entity)
        if kind == "circuit":
            circuit = inventory.circuits.get(name)
            site = None if circuit is None else inventory.sites.get(circuit.site)
            return None if site is None else self._rules.down_for(None, site, "circuit")
        if kind == "service":
            service = inventory.services.get(name)
            return None if service is None else self._rules.down_for(service, None, "service")
        if kind == "endpoint":
            endpoint = inventory.endpoints.get(name)
            site = None if endpoint is None else inventory.sites.get(endpoint.site)
            return self._rules.down_for(endpoint, site, "endpoint") if endpoint and site else None
        device = inventory.devices.get(name if part is None else part.device)
        if device is None or (part is None and kind != "device"):
            return None
        return self._rules.down_for(device, inventory.sites[device.site], "device" if part is None else part.kind)

    async def _apply(self, connection: Transaction, action: Action, task: Task, now_ms: int) -> None:
        if isinstance(action, Open):
            await self._open(connection, action, now_ms)
        elif isinstance(action, Resolve):
            await self._resolve(connection, action, now_ms)
        elif isinstance(action, Remark):
            await incidents.record(connection, [Entry(action.incident.id, now_ms, "note", None, action.facts)])
            self.touched[action.incident.id] = None
        elif isinstance(action, Grow):
            await self._grow(connection, action, now_ms)
        elif isinstance(action, Ignore):
            log.debug("%s: nothing to do: %s", task.change.entity, action.why)

    async def _open(self, connection: Transaction, action: Open, now_ms: int) -> None:
        found = self._settings.policy(action.policy)
        policy = "" if found is None else found[0]
        opening = Opening(
            action.entity,
            action.rule,
            action.origin,
            action.severity,
            policy,
            action.since_ms,
            now_ms,
            {**action.facts, **self._said(action.rule)},
            now_ms,
        )
        incident = await incidents.insert(connection, opening)
        held = await self._held(connection, incident, now_ms)
        facts = {
            "why": "down" if action.origin == "status" else "raised",
            "rule": action.rule,
            "policy": policy or None,
            **({"window": held.why["window"], UNTIL: held.why[UNTIL]} if isinstance(held, Held) else {}),
        }
        await incidents.record(connection, [Entry(incident.id, now_ms, "opened", None, facts)])
        self.touched[incident.id] = None
        if isinstance(held, Held):
            await self._hold_back(connection, incident, held)
            return
        ladder = await self._policies.ladder(connection, policy, now_ms)
        await self._decided(connection, incident, decide(incident, ladder, (), now_ms), now_ms)

    def _said(self, name: str) -> Facts:
        """Return what the rule says of itself; written down, because tomorrow it may say something else."""
        rule = self._rules.get(name)
        if rule is None:
            return {}
        return {"summary": rule.summary, **({} if rule.runbook is None else {"runbook": rule.runbook})}

    async def _resolve(self, connection: Transaction, action: Resolve, now_ms: int) -> None:
        number = action.incident.id
        if not await incidents.resolve(connection, number, now_ms, None):
            return
        await outbox.drop_calls(connection, now_ms, number)
        await incidents.record(connection, [Entry(number, now_ms, "resolved", None, action.facts)])
        self.touched[number] = None
        await self.escalate(connection, number, now_ms)

    async def _grow(self, connection: Transaction, action: Grow, now_ms: int) -> None:
        incident = action.incident
        of_windows = {key: fact for key, fact in incident.facts.items() if key in OF_WINDOWS}
        await incidents.put_facts(connection, incident.id, {**action.known, **of_windows})
        await incidents.record(connection, [Entry(incident.id, now_ms, "note", None, action.facts)])
        self.touched[incident.id] = None
        if isinstance(await self._held(connection, incident, now_ms), Held):
            return
        told = await outbox.of_incident(connection, incident.id)
        ladder = await self._policies.ladder(connection, incident.policy, now_ms)
        await outbox.put(connection, further(incident, told, action.at_ms, now_ms, ladder))

    async def escalate(self, connection: Transaction, number: int, now_ms: int) -> None:
        """Tell whoever is to be told of an incident by now, and note when to look again."""
        incident = await incidents.get(connection, number)
        if incident is None:
            return
        before, incident = incident, await life.advance(connection, incident, now_ms, settings=self._settings)
        if incident != before:
            self.touched[number] = None
        if incident.state == "closed":
            await incidents.look_at(connection, number, None)
            return
        if incident.state == "new":
            held = await self._held(connection, incident, now_ms)
            if isinstance(held, Held):
                if held.is_new:
                    await incidents.record(connection, [Entry(number, now_ms, "note", None, held.why)])
                    self.touched[number] = None
                await self._hold_back(connection, incident, held)
                return
            if held is not None:
                incident = await self._release(connection, incident, held, now_ms)
        told = await outbox.of_incident(connection, number)
        ladder = await self._policies.ladder(connection, incident.policy, now_ms)
        await self._decided(connection, incident, decide(incident, ladder, told, now_ms), now_ms)

    async def _held(self, connection: Transaction, incident: Incident, now_ms: int) -> Held | Released | None:
        """Return what windows make of an incident now."""
        newest = await windows.newest(connection)
        if newest != 0 and (newest, now_ms) != self._windows_of:
            self._windows = under_way(await windows.near(connection, now_ms), now_ms)
            self._windows_of = (newest, now_ms)
        return hold(incident, self._windows, self._inventory(), now_ms)

    async def _hold_back(self, connection: Transaction, incident: Incident, held: Held) -> None:
        if held.is_new:
            await incidents.put_facts(connection, incident.id, held.facts)
        await incidents.look_at(connection, incident.id, held.next_ms)

    async def _release(self, connection: Transaction, incident: Incident, released: Released, now_ms: int) -> Incident:
        await incidents.put_facts(connection, incident.id, released.facts)
        await incidents.record(connection, [Entry(incident.id, now_ms, "note", None, released.why)])
        self.touched[incident.id] = None
        return replace(incident, facts=released.facts)

    async def _decided(self, connection: Transaction, incident: Incident, decision: Decision, now_ms: int) -> None:
        await outbox.put(connection, decision.notices)
        entries = [Entry(incident.id, now_ms, kind, None, facts) for kind, facts in decision.entries]
        await incidents.record(connection, entries)
        await incidents.look_at(connection, incident.id, decision.next_ms)
        if decision.notices or entries:
            self.touched[incident.id] = None
        if decision.why == "nobody":
            log.error("incident %d of %s: policy '%s' reaches nobody", incident.id, incident.entity, incident.policy)
        elif decision.why == "none" and not self._nobody_said:
            self._nobody_said = True
            log.warning("there is no policy: incidents are opened, and nobody is told of them; write alerts: policies:")
