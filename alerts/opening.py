"""Opening: how an incident begins, or goes on where it was over a short time ago; in one transaction of the caller."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from alerts import life
from alerts.calling import Calling
from alerts.causes import Batch
from alerts.incidents import Open
from alerts.policies import AlertSettings
from alerts.rootcause import Because
from alerts.rules.compiled import Rules
from alerts.windows import UNTIL, Held
from noc.inventory.inventory import Inventory
from noc.model.incident import Entry, Facts, Incident
from noc.state import incidents, symptoms
from noc.state.database import Transaction
from noc.state.incidents import Opening as Row

Behind = Callable[[str, str], Iterable[str]]
"""Returns the entities that nobody sees, or that can't be reached, while a rule is raised for an entity."""


class Opening:
    """Opens incidents, by rules and policies that may be replaced. inventory: as of the last good reload.

    behind: what is affected beside the entity itself.
    """

    def __init__(
        self, rules: Rules, settings: AlertSettings, inventory: Callable[[], Inventory], calling: Calling
    ) -> None:
        self._inventory = inventory
        self._calling = calling
        self.behind: Behind = _nothing
        self.replace(rules, settings)

    def replace(self, rules: Rules, settings: AlertSettings) -> None:
        """Go on with other rules and policies."""
        self._rules, self._settings = rules, settings

    async def several(self, connection: Transaction, batch: Batch, action: Open, because: Because, now_ms: int) -> int:
        """Open an incident of what several share, and return its number."""
        since_ms = because.why.get("root_since_ms")
        began_ms = min(since_ms, action.since_ms) if isinstance(since_ms, int) else action.since_ms
        about = replace(action, entity=because.root, origin="status", since_ms=began_ms)
        return (await self.one(connection, batch, about, because.why, now_ms, because.cause)).id

    async def one(
        self, connection: Transaction, batch: Batch, action: Open, why: Facts, now_ms: int, cause: str = ""
    ) -> Incident:
        """Open an incident, or the last one of the same again, and return it. why: of `Root` or `Because`."""
        policy = self.policy(action)
        facts = {**action.facts, **self._said(action.rule)}
        seen = {"evidence": why.get("why"), **({"for": why["for"]} if "for" in why else {})}
        seen |= {"cause": cause} if cause else {}
        before = await life.reopenable(connection, action.rule, action.entity, now_ms, settings=self._settings)
        if before is not None:
            incident = await life.reopen(connection, before, now_ms, facts={"why": "again", **seen})
            await incidents.put_facts(connection, incident.id, facts)
        else:
            fields = (action.entity, action.rule, action.origin, action.severity, policy, action.since_ms)
            incident = await incidents.insert(connection, Row(*fields, now_ms, facts, now_ms))
        if cause:
            await symptoms.name_cause(connection, incident.id, cause)
        incident = replace(incident, facts=facts, cause=cause)
        held = await self._calling.held(connection, incident, now_ms)
        if before is None:
            said = {
                "why": "down" if action.origin == "status" else "raised",
                "rule": action.rule,
                "policy": policy or None,
                **seen,
                **({"window": held.why["window"], UNTIL: held.why[UNTIL]} if isinstance(held, Held) else {}),
            }
            await incidents.record(connection, [Entry(incident.id, now_ms, "opened", None, said)])
        self._calling.touched[incident.id] = None
        incident = await self._calling.began(connection, incident, now_ms)
        batch.began(incident)
        affected = [] if cause else [action.entity, *self.behind(action.rule, action.entity)]
        incident = await life.opened(connection, incident, affected, self._inventory(), now_ms, settings=self._settings)
        if isinstance(held, Held):
            await self._calling.hold_back(connection, incident, held)
        elif before is None:
            batch.uncalled[incident.id] = None
        return incident

    def policy(self, action: Open) -> str:
        """Return the name of the policy that holds for a condition; empty where there is none."""
        found = self._settings.policy(action.policy)
        return "" if found is None else found[0]

    def _said(self, name: str) -> Facts:
        """Return what the rule says of itself; written down, because tomorrow it may say something else."""
        rule = self._rules.get(name)
        return {} if rule is None else rule.said


def _nothing(rule: str, entity: str) -> tuple[str, ...]:
    """Say that nothing is behind what rules are raised for."""
    del rule, entity
    return ()
