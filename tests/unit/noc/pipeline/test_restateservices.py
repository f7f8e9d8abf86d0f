"""A service whose inputs are restated is what its formula makes of all results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from noc.availability.evidence import Result, raw_timeline
from noc.availability.policy import ProbePolicy
from noc.availability.timeline import State, Timeline, append, intervals
from noc.inventory.entities import Service
from noc.inventory.formula import Formula
from noc.inventory.inventory import Inventory
from noc.pipeline.gates import Gate, gate_of
from noc.pipeline.restate import Evidence, restate
from noc.pipeline.restateservices import restate_service, standing_on
from noc.state.timelines import restated

LAST = 40
PROBE = ProbePolicy(6, 0, 2, 1)
A, B, C = "device/a", "device/b", "device/c"
FORMULAS = (
    Formula(all_of=(A, B)),
    Formula(any_of=(A, B)),
    Formula(at_least=2, of=(A, B, C)),
    Formula(any_of=(Formula(all_of=(A, B)), C)),
)
series = st.dictionaries(st.integers(0, LAST), st.booleans(), max_size=25).map(lambda found: sorted(found.items()))


def by_definition(gate: Gate, inputs: Mapping[str, Timeline]) -> Timeline:
    """Return a service's states, moment by moment."""
    states = {
        name: [str(one.state) for one in intervals(timeline, 0, LAST) for _ in range(one.start, one.end)]
        for name, timeline in inputs.items()
    }
    found: list = []
    for time in range(LAST):
        append(found, time, State(gate.status(lambda name, at=time: states[name][at])))  # type: ignore[misc,return-value]
    append(found, LAST, State.UNKNOWN)
    return found


@given(st.tuples(series, series, series), st.integers(0, 30), st.integers(1, 20), st.sampled_from(FORMULAS))
def test_it_is_what_the_formula_makes_of_all_results(
    every: tuple[list[Result], ...], cut: int, long: int, formula: Formula
) -> None:
    results = dict(zip((A, B, C), every, strict=True))
    gate = gate_of(formula, Inventory(regions={}, sites={}, devices={}))
    raw, changed = {}, {}
    for name, found in results.items():
        live, late = ([one for one in found if (cut <= one[0] < cut + long) is is_late] for is_late in (False, True))
        raw[name] = raw_timeline(live, PROBE, LAST)
        outcome = restate(Evidence(name, live, late, "icmp", "p1"), PROBE, raw[name], LAST, LAST)
        if outcome.restatement is not None:
            changed[name] = outcome
    of_it = {name: one for name, one in changed.items() if name in set(gate.entities())}
    now = restated(raw, [one.restatement for one in of_it.values() if one.restatement is not None])
    now["service/s"] = by_definition(gate, raw)
    if of_it:
        outcome = restate_service("service/s", gate, of_it, now, LAST)
        assert not outcome.contested
        now = restated(now, [outcome.restatement] if outcome.restatement is not None else [])
    whole = {name: raw_timeline(found, PROBE, LAST) for name, found in results.items()}
    assert list(now["service/s"]) == list(by_definition(gate, whole))


def test_only_services_that_stand_on_it_are_looked_at() -> None:
    services = {name: Service(id=name, name=name, formula=Formula(all_of=(on,))) for name, on in (("x", A), ("y", B))}
    inventory = replace(Inventory(regions={}, sites={}, devices={}), services=services)
    assert list(standing_on(inventory, [A, C])) == ["service/x"]
