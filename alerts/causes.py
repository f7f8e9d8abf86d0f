"""Causes: which incident explains what, inside one transaction; what joins, leaves and is taken over.

The deciding is in alerts/rootcause.py; here it meets what is written. One Batch serves one transaction of casework.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from alerts.correlation import Limits
from alerts.incidents import Open, Origin
from alerts.picture import Known, Present
from alerts.rootcause import Because, Condition, Picture, Undecided, Verdict
from alerts.sight import Sight
from alerts.storms import BESIDE, PREFIX, gathered_in
from noc.clock import NO_STEPS, Steps
from noc.model.incident import SEVERITIES, Entry, Facts, Incident, Severity, Symptom
from noc.model.part import owner_of
from noc.state import incidents, symptoms
from noc.state.database import Transaction
from noc.topology import Topology

NAMED: Final = 5
"""Entities that a line of the timeline names; of more it says how many."""

CANDIDATES: Final = 300
"""Open incidents, the newest, of which it is looked whether a new one explains them."""

OF_CAUSE: Final = ("why", "root", "root_since_ms", "for")
"""Facts of a symptom that say why it is one."""

OWNED: Final = ("owned_by", "owned_until_ms")
"""Facts of a symptom that was an incident which somebody owned: it is theirs again when nothing explains it."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all batches go by. tells: whether a rule asks for an entity being down. steps: of the clock."""

    sight: Sight
    topology: Callable[[], Topology]
    tells: Callable[[str], bool]
    limits: Limits
    steps: Callable[[], Steps] = lambda: NO_STEPS


class Batch:
    """What is known, and what comes of it, in one transaction.

    opened: an incident was, which may explain others. uncalled: new incidents that people are to be called for, as soon
    as it is known that nothing explains them. asked: entities that are waited for.
    """

    def __init__(self, around: Surroundings, now_ms: int, patient_ms: int) -> None:
        self._around = around
        self._now_ms = now_ms
        self._patient_ms = patient_ms
        self._steps = around.steps()
        self._several: dict[str, tuple[int, int]] = {}
        self._joined: dict[int, list[str]] = {}
        self._left: dict[tuple[int, str], list[str]] = {}
        self._severities: dict[int, Severity] = {}
        self._took_over: set[int] = set()
        self._numbers: dict[str, int | None] = {}
        self.picture = Picture(self._present(Known()), around.tells, around.limits, patient_ms)
        self._new: dict[tuple[str, str], Symptom] = {}
        self._held: set[str] = set()
        self.opened = False
        self.uncalled: dict[int, None] = {}
        self.asked: set[str] = set()

    def _ask(self, entity: str) -> None:
        topology = self._around.topology()
        found = topology.edges(entity) if entity.startswith("site/") else (entity,)
        self.asked.update(one for one in found if one)

    def _present(self, known: Known) -> Present:
        return Present(self._around.topology(), self._around.sight, known, self._now_ms, self._steps)

    async def look(self, connection: Transaction, entities: Iterable[str]) -> None:
        """Learn what is written of some entities and of what they hang on, as far as nobody sees these now."""
        entities = list(entities)
        self._held.update(one.entity for one in await symptoms.open_among(connection, entities))
        names = self._unseen(entities)
        here = self._steps.here
        known = [(one.entity, here(one.since_ms)) for one in await incidents.open_among(connection, names, "status")]
        found = await symptoms.open_among(connection, names)
        known += [(one.entity, here(one.since_ms)) for one in found if one.origin == "status"]
        self._several = await symptoms.several(connection)
        raised = await symptoms.raised(connection, self._around.limits.power_rules)
        topology, power = self._around.topology(), dict[str, int]()
        for entity, since_ms in raised.items():
            site = topology.site_of(entity)
            if site is not None:
                power[site] = min(here(since_ms), power.get(site, here(since_ms)))
        several = {entity: here(since_ms) for entity, (_, since_ms) in self._several.items()}
        present = self._present(Known(dict(known), several, power))
        self.picture = Picture(present, self._around.tells, self._around.limits, self._patient_ms)
        self._numbers.clear()

    def _unseen(self, entities: Iterable[str]) -> set[str]:
        topology, sight = self._around.topology(), self._around.sight
        found, left = set[str](), list(entities)
        while left:
            one = left.pop()
            if one not in found and (one.startswith("site/") or sight.status(one) == "unknown"):
                found.add(one)
                left += topology.upstream(one)
        return found

    def judge(self, condition: Condition) -> Verdict:
        """Return what a condition is; what has to be seen for that is asked soon."""
        verdict = self.picture.judge(condition)
        if isinstance(verdict, Undecided):
            self._ask(str(verdict.why.get("for", "")))
            if owner_of(condition.entity) is not None:
                self._ask(condition.entity)  # its device tells of its own end of a line, too
        return verdict

    async def incident_of(self, connection: Transaction, root: str) -> int | None:
        """Return the open incident that a root has, or is a symptom of; None where there is none yet."""
        if root in self._several:
            return self._several[root][0]
        if root not in self._numbers:
            self._numbers[root] = await self._find(connection, root)
        return self._numbers[root]

    async def _find(self, connection: Transaction, root: str) -> int | None:
        own = await incidents.open_among(connection, [root], "status")
        if own:
            return own[0].id
        for one in await symptoms.open_among(connection, [root]):
            above = await incidents.get(connection, one.incident) if one.origin == "status" else None
            if above is not None and above.resolved_ms is None:
                return above.id
        return None

    def began(self, incident: Incident) -> None:
        """Take a new incident."""
        self.opened = True
        self._numbers.clear()
        if incident.cause not in symptoms.OF_ONE:
            self._several[incident.entity] = (incident.id, incident.since_ms)

    def join(self, number: int, action: Open, policy: str, because: Because) -> None:
        """Make a condition a symptom of an incident."""
        facts = {**action.facts, **because.why}
        found = Symptom(
            0,
            number,
            action.entity,
            action.rule,
            action.origin,
            action.severity,
            policy,
            action.since_ms,
            self._now_ms,
            facts,
        )
        self._new[action.entity, action.rule] = found
        self._held.add(action.entity)
        self._has_joined(number, action.entity, action.severity)

    async def flush(self, connection: Transaction) -> None:
        """Write the new symptoms: they are many at once."""
        await symptoms.put(connection, list(self._new.values()))
        self._new.clear()

    async def held(self, connection: Transaction, entity: str) -> list[Symptom]:
        """Return the symptoms of an entity that haven't left."""
        if any(name == entity for name, _ in self._new):
            await self.flush(connection)
        return await symptoms.open_among(connection, [entity]) if entity in self._held else []

    def _has_joined(self, number: int, entity: str, severity: Severity) -> None:
        self._joined.setdefault(number, []).append(entity)
        before = self._severities.get(number, severity)
        self._severities[number] = min(before, severity, key=SEVERITIES.index)

    async def leave(self, connection: Transaction, found: Sequence[Symptom], why: str) -> None:
        """Say that symptoms are over, or no symptoms any more."""
        await symptoms.leave(connection, [one.id for one in found], self._now_ms)
        for one in found:
            self._left.setdefault((one.incident, why), []).append(one.entity)

    async def move(self, connection: Transaction, one: Symptom, to: int) -> None:
        """Let another incident explain a symptom."""
        if one.incident == to:
            await symptoms.move(connection, [one.id], to)  # it is looked at no more
            return
        await symptoms.move(connection, [one.id], to)
        self._left.setdefault((one.incident, "moved"), []).append(one.entity)
        self._has_joined(to, one.entity, one.severity)

    async def storm(self, connection: Transaction, policy: str, severity: Severity) -> Because | None:
        """Return what gathers a further root while very many open; None where it is told by itself."""
        limits = self._around.limits
        newest = await symptoms.recent(connection, policy, limits.storm + BESIDE)
        since_ms = self._now_ms - limits.together_ms
        opened = [entity for entity, at_ms in newest if self._steps.here(at_ms) >= since_ms]
        alone = sum(1 for entity in opened if not entity.startswith(PREFIX))
        root = gathered_in(alone, severity, policy, limits.storm, self._several)
        facts: Facts = {"why": "storm", "root": root, "opened": len(opened)}
        return None if root is None else Because(root, "shared", facts)

    async def absorb(self, connection: Transaction) -> list[int]:
        """Let open incidents take over those that they explain; return the numbers of those that ended by it.

        Where none has just opened, only what hangs on new symptoms may be explained now and was not before.
        """
        await self.flush(connection)
        found = await incidents.newest_open(connection, CANDIDATES) if self.opened or self._joined else []
        if not self.opened:
            joined = {entity for entities in self._joined.values() for entity in entities}
            found = [one for one in found if not joined.isdisjoint(self._around.topology().upstream(one.entity))]
        if not found:
            return []
        await self.look(connection, (one.entity for one in found))
        ended = []
        for one in found:
            origin = await symptoms.origin_of(connection, one.id)
            # One that was reopened is about what failed since.
            since_ms = self._steps.here(one.since_ms) if one.reopened_ms is None else self.picture.since(one.entity)
            verdict = self.judge(Condition(one.entity, one.rule, origin, since_ms, 0))
            number = await self.incident_of(connection, verdict.root) if isinstance(verdict, Because) else None
            if number is None or number == one.id or not isinstance(verdict, Because):
                continue
            if await self._take_over(connection, number, one, origin, verdict):
                ended.append(one.id)
        return ended

    async def _take_over(
        self, connection: Transaction, number: int, one: Incident, origin: str, because: Because
    ) -> bool:
        if not await symptoms.merge(connection, one.id, number, self._now_ms):
            return False
        owner = one.acknowledged_by if one.acknowledged_ms is not None else None
        told: Facts = {} if owner is None else {"owner": owner}
        said: Facts = {"incident": one.id, "entity": one.entity, "rule": one.rule, **told}
        entries = [
            Entry(one.id, self._now_ms, "merged", None, {"into": number, **because.why}),
            Entry(number, self._now_ms, "merged", None, said),
        ]
        await incidents.record(connection, entries)
        if one.cause in symptoms.OF_ONE:
            owned = {} if owner is None else dict(zip(OWNED, (owner, one.acknowledged_until_ms), strict=True))
            facts = {**one.facts, **because.why, **owned, "incident": one.id}
            was = (one.entity, one.rule, origin, one.severity, one.policy, one.since_ms)
            await symptoms.put(connection, [Symptom(0, number, *was, self._now_ms, facts)])
        self._has_joined(number, one.entity, one.severity)
        self._took_over.add(number)
        self._numbers.clear()
        return True

    async def finish(self, connection: Transaction) -> tuple[dict[int, list[str]], list[int]]:
        """Write what joined and left into timelines; return the incidents that grew, by what, and those that shrank."""
        await self.flush(connection)
        entries = [
            Entry(number, self._now_ms, "joined", None, named(entities)) for number, entities in self._joined.items()
        ]
        for (number, why), entities in self._left.items():
            entries.append(Entry(number, self._now_ms, "left", None, {"why": why, **named(entities)}))
        await incidents.record(connection, entries)
        for number, severity in self._severities.items():
            incident = await incidents.get(connection, number)
            if incident is not None and SEVERITIES.index(severity) < SEVERITIES.index(incident.severity):
                await symptoms.make_graver(connection, number, severity)
                self._took_over.add(number)
        grown, shrunk = self._joined, list(dict.fromkeys(number for number, _ in self._left))
        self._joined = {}
        self._left.clear()
        self._severities.clear()
        return grown, shrunk

    def may_be_graver(self, number: int, joined: Iterable[str], telling: frozenset[str]) -> bool:
        """Tell whether an incident that grew may be graver by that. telling: the entities that make one graver."""
        return number in self._took_over or not telling.isdisjoint(joined)

    async def are_over(self, connection: Transaction, numbers: Iterable[int]) -> list[Incident]:
        """Return the incidents of several among some that are over, because what they share works again."""
        several = {number: entity for entity, (number, _) in (await symptoms.several(connection)).items()}
        wanted = [number for number in numbers if number in several]
        if not wanted:
            return []
        await self.look(connection, (several[number] for number in wanted))
        counts, found = await symptoms.counts(connection, wanted), []
        for number in wanted:
            total, left = counts.get(number, (0, 0))
            incident = await incidents.get(connection, number)
            if incident is not None and self.picture.is_over(several[number], left, total):
                found.append(incident)
        return found


def named(entities: Sequence[str]) -> Facts:
    """Return how many entities there are, and the names of the first."""
    return {"count": len(entities), "entities": ", ".join(entities[:NAMED])}


def again(one: Symptom) -> Open:
    """Return the incident that a symptom becomes when nothing explains it any more."""
    facts = {key: fact for key, fact in one.facts.items() if key not in (*OF_CAUSE, *OWNED, "incident")}
    origin: Origin = "rule" if one.origin == "rule" else "status"
    return Open(one.entity, one.rule, origin, one.severity, one.policy or None, one.since_ms, facts)
