"""Restatements of what services stand on, to those of the services themselves. Pure.

A service has no results: it is what its formula makes of its inputs. Where these are restated, it is worked out from
what they were to the ledger before, and from what they are now.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

from noc.availability.overlay import overlay
from noc.availability.timeline import Change, State, Timeline, append
from noc.inventory.inventory import Inventory
from noc.model.restatement import Restatement
from noc.model.transition import Status
from noc.pipeline.gates import Gate, gate_of
from noc.pipeline.restate import Outcome, compare
from noc.pipeline.services import CHECK

_WORDS: Final[Mapping[State, Status]] = {State.UP: "up", State.DOWN: "down", State.UNKNOWN: "unknown"}


def standing_on(inventory: Inventory, entities: Iterable[str]) -> dict[str, Gate]:
    """Return the services that stand on some of these entities, with their formulas."""
    changed = set(entities)
    gates = {service.entity: gate_of(service.whole, inventory) for service in inventory.services.values()}
    return {name: gate for name, gate in gates.items() if not changed.isdisjoint(gate.entities())}


def restate_service(
    service: str, gate: Gate, changed: Mapping[str, Outcome], now: Mapping[str, Timeline], decided_ms: int
) -> Outcome:
    """Work out what restated inputs change of a service.

    changed: inputs that were restated, one at least. now: what the ledger says, with these restatements, of all inputs
    and of the service, by entity.
    """
    before = dict(now)
    said = {entity: one.restatement for entity, one in changed.items() if one.restatement is not None}
    for entity, one in said.items():
        was = ((since, State(status)) for since, status in changed[entity].before)
        before[entity] = overlay(now.get(entity, ()), one.since_ms, one.end_ms, was)
    first, end = min(one.since_ms for one in said.values()), max(one.end_ms for one in said.values())
    names = sorted(set(gate.entities()))
    found = compare(
        first,
        end,
        now.get(service, ()),
        before=_worked_out(gate, {name: before.get(name, ()) for name in names}, first, end),
        after=_worked_out(gate, {name: now.get(name, ()) for name in names}, first, end),
    )
    if not found.states:
        return Outcome(service, None, (), 0, found.contested)
    lines = "".join(f"{entity} {one.digest}\n" for entity, one in sorted(said.items()))
    restatement = Restatement(
        entity=service,
        since_ms=found.since,
        end_ms=found.end,
        states=found.states,
        decided_ms=decided_ms,
        check=CHECK,
        poller=next(iter(said.values())).poller,
        results=0,
        digest=hashlib.sha256(lines.encode()).hexdigest(),
    )
    return Outcome(service, restatement, found.was, 0, found.contested)


def _worked_out(gate: Gate, inputs: Mapping[str, Timeline], first: int, end: int) -> Timeline:
    """Return what a formula makes of its inputs, from `first` on."""
    steps = sorted((change.time, name, change.state) for name, timeline in inputs.items() for change in timeline)
    words: dict[str, Status] = {}
    found: list[Change] = []

    def word(name: str) -> Status:
        return words.get(name, "unknown")

    at = first
    for time, name, state in steps:
        if time >= end:
            break
        if time > at:
            append(found, at, State(gate.status(word)))
            at = time
        words[name] = _WORDS[state]
    append(found, at, State(gate.status(word)))
    return found
