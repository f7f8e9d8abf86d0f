"""Calling: whom an incident calls as time goes by, what holds it back, and its end; in one transaction of the caller.

What flaps was told once, and is silent until it is calm. What an incident explained is looked at when it is over.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from alerts import flapping, life, majorincidents
from alerts.changes import ChangesTold, nothing
from alerts.escalation import Decision, Ladder, decide
from alerts.incidents import Resolve
from alerts.oncallnow import Policies
from alerts.policies import AlertSettings
from alerts.sight import Sight
from alerts.windows import Held, Released, UnderWay, hold, under_way
from noc.clock import NO_STEPS, Steps
from noc.inventory.inventory import Inventory
from noc.model.incident import Entry, Facts, Incident
from noc.state import incidents, outbox, symptoms, windows
from noc.state.database import Transaction

log = logging.getLogger(__name__)

Gate = Callable[[Transaction, Incident, int], Awaitable[Incident | None]]
"""Whether an incident is called for by this noc now: the incident as it is to be called for, or None."""

GATED_LOOK_MS: Final = 300_000
"""How often is looked again at what another noc calls for."""

CALM: Final = "calm_ms"
"""The fact of an incident that flaps and is well now: when it is over, if it stays so."""


class Calling:
    """Escalates and ends incidents. touched: numbers of incidents that have changed; the caller empties it.

    steps: of the clock. gate: is asked before anybody is called; None: all is called for here.
    """

    def __init__(
        self,
        settings: AlertSettings,
        inventory: Callable[[], Inventory],
        sight: Sight,
        steps: Callable[[], Steps] = lambda: NO_STEPS,
    ) -> None:
        self._settings = settings
        self._inventory = inventory
        self._sight = sight
        self.steps = steps
        self._restless = flapping.limits_of(settings.flapping)
        self._policies = Policies(settings)
        self._nobody_said = False
        self._windows: Mapping[str, list[UnderWay]] = {}
        self._windows_of = (0, 0)
        self.touched: dict[int, None] = {}
        self.gate: Gate | None = None
        self._told: ChangesTold = nothing

    def hear(self, told: ChangesTold) -> None:
        """Go by what people changed at another noc."""
        self._told = self._policies.told = told

    def replace(self, settings: AlertSettings) -> None:
        """Go on with other people and policies."""
        self._settings = settings
        self._restless = flapping.limits_of(settings.flapping)
        self._policies.replace(settings)
        self._nobody_said = False

    async def escalate(self, connection: Transaction, number: int, now_ms: int) -> None:
        """Tell whoever is to be told of an incident by now, and note when to look again."""
        incident = await incidents.get(connection, number)
        if incident is None:
            return
        before, incident = incident, await self._followed(connection, incident, now_ms)
        incident = await life.advance(connection, incident, now_ms, settings=self._settings)
        if incident != before:
            self.touched[number] = None
        if incident.resolved_ms is not None:
            await self._release(connection, incident, now_ms)
        if incident.state == "closed" or (incident.resolved_ms is not None and incident.parent is not None):
            await incidents.look_at(connection, number, None)
            return
        if incident.cause == "flapping" and incident.resolved_ms is None:
            calmed = await self._calm(connection, incident, now_ms)
            if calmed is None:
                return
            incident = calmed
        if incident.state == "new":
            held = await self.held(connection, incident, now_ms)
            if isinstance(held, Held):
                if held.is_new:
                    await incidents.record(connection, [Entry(number, now_ms, "note", None, held.why)])
                    self.touched[number] = None
                await self.hold_back(connection, incident, held)
                return
            if held is not None:
                incident = await self._over(connection, incident, held, now_ms)
        await self.call(connection, incident, now_ms)

    async def _followed(self, connection: Transaction, incident: Incident, now_ms: int) -> Incident:
        """Tell how it stands, where it is a major incident, or was, and return it."""
        if incident.major_ms is None and incident.update_by_ms is None:
            return incident
        directory = await self._policies.directory(connection, now_ms)
        return await majorincidents.follow(connection, incident, directory, self._settings, now_ms)

    async def call(self, connection: Transaction, incident: Incident, now_ms: int) -> None:
        """Write the notices that are missing by now."""
        if self.gate is not None:
            passed = await self.gate(connection, incident, now_ms)
            if passed is None:
                again_ms = None if incident.resolved_ms is not None else now_ms + GATED_LOOK_MS
                await incidents.look_at(connection, incident.id, again_ms)
                return
            incident = passed
        told = await outbox.of_incident(connection, incident.id)
        ladder = await self.ladder(connection, incident.policy, now_ms)
        decision = decide(incident, ladder, told, now_ms, self.steps())
        await self._decided(connection, incident, decision, now_ms)

    async def resolve(self, connection: Transaction, action: Resolve, now_ms: int) -> None:
        """End an incident; one that flaps is only well for now."""
        incident = action.incident
        if action.facts.get("why") in life.BY_ITSELF and await self._flaps(connection, action, now_ms):
            return
        await self._end(connection, incident, action.facts, now_ms)

    async def _end(self, connection: Transaction, incident: Incident, facts: Facts, now_ms: int) -> None:
        if not await incidents.resolve(connection, incident.id, now_ms, None):
            return
        await outbox.drop_calls(connection, now_ms, incident.id)
        await incidents.record(connection, [Entry(incident.id, now_ms, "resolved", None, facts)])
        self.touched[incident.id] = None
        await self.escalate(connection, incident.id, now_ms)

    async def restless(self, connection: Transaction, rule: str, entity: str, now_ms: int) -> float:
        """Return how restless something is."""
        begun = await self._begun(connection, rule, entity, now_ms)
        return flapping.score(begun, self._restless, now_ms)

    async def began(self, connection: Transaction, incident: Incident, now_ms: int) -> Incident:
        """Look whether an incident that began now flaps, and return it."""
        score = await self.restless(connection, incident.rule, incident.entity, now_ms)
        if incident.cause or score < self._restless.begin:
            return incident
        await symptoms.name_cause(connection, incident.id, "flapping")
        facts: Facts = {"why": "often", "score": round(score, 2), "limit": self._restless.begin}
        await incidents.record(connection, [Entry(incident.id, now_ms, "flapping", None, facts)])
        return replace(incident, cause="flapping")

    async def again(self, connection: Transaction, incident: Incident, facts: Facts, now_ms: int) -> None:
        """Say that something that flaps is down, or raised, again."""
        known = {key: fact for key, fact in incident.facts.items() if key != CALM}
        await incidents.put_facts(connection, incident.id, known)
        await incidents.record(connection, [Entry(incident.id, now_ms, "flapping", None, {**facts, "why": "again"})])
        await incidents.look_at(connection, incident.id, await self._calm_ms(connection, incident, now_ms))
        self.touched[incident.id] = None

    async def _flaps(self, connection: Transaction, action: Resolve, now_ms: int) -> bool:
        """Keep an incident open that is well for now, where it flaps."""
        incident = action.incident
        if incident.cause != "flapping":
            return False
        calm_ms = await self._calm_ms(connection, incident, now_ms)
        if calm_ms <= now_ms:
            return False
        await incidents.put_facts(connection, incident.id, {**incident.facts, CALM: calm_ms})
        facts: Facts = {**action.facts, "why": "flapping", "until_ms": calm_ms}
        await incidents.record(connection, [Entry(incident.id, now_ms, "held", None, facts)])
        await incidents.look_at(connection, incident.id, calm_ms)
        self.touched[incident.id] = None
        return True

    async def _calm_ms(self, connection: Transaction, incident: Incident, now_ms: int) -> int:
        begun = await self._begun(connection, incident.rule, incident.entity, now_ms)
        return flapping.calm_ms(begun, self._restless, now_ms)

    async def _begun(self, connection: Transaction, rule: str, entity: str, now_ms: int) -> list[int]:
        steps = self.steps()
        since_ms = steps.there(now_ms - self._restless.memory_ms)
        return [steps.here(at_ms) for at_ms in await symptoms.begun(connection, rule, entity, since_ms)]

    async def _calm(self, connection: Transaction, incident: Incident, now_ms: int) -> Incident | None:
        """Return an incident that flapped and is calm, but not well; None where nobody is to be called now."""
        calm_ms = await self._calm_ms(connection, incident, now_ms)
        if calm_ms > now_ms:
            await incidents.look_at(connection, incident.id, calm_ms)
            return None
        if CALM in incident.facts:
            await self._end(connection, incident, {"why": "calm"}, now_ms)
            return None
        await symptoms.name_cause(connection, incident.id, "")
        await incidents.record(connection, [Entry(incident.id, now_ms, "flapping", None, {"why": "calm"})])
        return replace(incident, cause="")

    async def _release(self, connection: Transaction, incident: Incident, now_ms: int) -> None:
        """Have what an incident explained looked at, now that it is over."""
        if incident.parent is None and await symptoms.release(connection, incident.id, now_ms):
            self._sight.reprobe(await symptoms.entities_of(connection, incident.id, "status"))

    async def held(self, connection: Transaction, incident: Incident, now_ms: int) -> Held | Released | None:
        """Return what windows make of an incident now."""
        changes = self._told()
        if changes is not None:
            return hold(incident, under_way(changes.windows, now_ms), self._inventory(), now_ms, self.steps())
        newest = await windows.newest(connection)
        if newest != 0 and (newest, now_ms) != self._windows_of:
            self._windows = under_way(await windows.near(connection, now_ms), now_ms)
            self._windows_of = (newest, now_ms)
        return hold(incident, self._windows, self._inventory(), now_ms, self.steps())

    async def hold_back(self, connection: Transaction, incident: Incident, held: Held) -> None:
        """Call nobody while a window is under way."""
        if held.is_new:
            await incidents.put_facts(connection, incident.id, held.facts)
        await incidents.look_at(connection, incident.id, held.next_ms)

    async def _over(self, connection: Transaction, incident: Incident, released: Released, now_ms: int) -> Incident:
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

    async def ladder(self, connection: Transaction, policy: str, now_ms: int) -> Ladder | None:
        """Return the steps of a policy, as people are on call now."""
        return await self._policies.ladder(connection, policy, now_ms)
