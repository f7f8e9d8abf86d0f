"""Corrections change the adjusted figure and never the measured one, and each moment of down time has one cause."""

from __future__ import annotations

import io
from itertools import pairwise
from random import Random
from typing import get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noc.availability.columns import statement as columns
from noc.availability.columns.timelines import from_timelines
from noc.availability.corrections import Correction
from noc.availability.document import document
from noc.availability.events import parse_events
from noc.availability.overlay import overlay
from noc.availability.policy import Period
from noc.availability.policyfile import parse_policy
from noc.availability.replay import raw_states, replay
from noc.availability.statement import Statement, statement
from noc.availability.timeline import Change, State, Timeline, append, intervals
from noc.model.correction import Cause
from tests.examples import at_least
from tests.unit.noc.availability import worlds
from tests.unit.noc.availability.by_definition import BAD, ByDefinition

MANY = settings(at_least(30), suppress_health_check=list(HealthCheck))
randoms = st.integers(0, 2**64).map(Random) | st.randoms(use_true_random=False)
Given = list[tuple[str, int, int, Cause]]


class Corrected(ByDefinition):
    """A world of which people said more. corrections: the last of them holds."""

    def __init__(self, world: dict, start: int, stop: int, corrections: Given) -> None:
        super().__init__(world, start, stop)
        self.corrections = corrections
        self.plain = ByDefinition(world, start, stop)  # of windows: a later correction is no window of those below
        self.adjusts = True

    def concerned(self, entity: str) -> set[str]:
        found = {entity}
        for _ in range(4):
            found |= {site for site, devices in self.world["sites"].items() if found & set(devices)}
            found |= {region for region, sites in self.world["regions"].items() if found & set(sites)}
            found |= {"device/" + name.split("/")[1] for name in found if name.startswith("interface/")}
        return found

    def said(self, entity: str, time: int) -> Cause | None:
        names, found = self.concerned(entity), None
        for name, start, end, cause in self.corrections:
            if name in names and start <= time < end:
                found = cause
        return found

    def raw(self, entity: str) -> dict[int, str]:
        states = super().raw(entity)
        for time, state in states.items():
            if self.adjusts and state == "down" and self.said(entity, time) == "false_reading":
                states[time] = "up"
        return states

    def is_planned(self, entity: str, time: int) -> bool:
        return self.plain.is_planned(entity, time) or (self.adjusts and self.said(entity, time) == "planned")

    def cause(self, entity: str, time: int) -> Cause | None:
        """Return the cause that somebody knows of an entity that is down or unreachable."""
        state = self.state(entity)[time]
        if state not in BAD:
            return None
        found = self.said(entity, time)
        others = list(self.world["sites"].get(entity, []))
        others += self.world["upstream"].get(entity, []) if state == "unreachable" else []
        for other in others:
            found = found or self.cause(other, time)
        return found

    def causes(self, entity: str) -> dict[Cause, int]:
        totals: dict[Cause, int] = {}
        for time in range(self.start, self.stop):
            if self.counts(entity, time) and self.state(entity)[time] in BAD:
                cause = self.cause(entity, time) or "unknown"
                totals[cause] = totals.get(cause, 0) + 1
        return totals

    def degraded(self, site: str) -> int:
        """Return for how long a site was up while one of its devices, in service, was down or unreachable."""
        states = self.state(site)
        return sum(
            self.counts(site, time)
            and states[time] == "up"
            and any(
                self.in_service(device, time) and self.state(device)[time] in BAD
                for device in self.world["sites"][site]
            )
            for time in range(self.start, self.stop)
        )


def corrections(random: Random, names: list[str]) -> Given:
    found: Given = []
    for _ in range(random.randint(0, 12)):
        start = random.randint(0, worlds.LAST // 2)
        found.append((random.choice(names), start, start + random.randint(1, 60), random.choice(get_args(Cause))))
    return found


def stated(world: dict, period: tuple[int, int], given_: Given) -> Statement:
    policy_text, events = worlds.as_files(world)
    policy = parse_policy(policy_text, "P.yaml").policy
    results = parse_events(io.BytesIO(events.encode()), "E.jsonl")
    raw, end = raw_states(results, policy, worlds.ORIGIN_MS + period[0])
    held = [
        Correction(name, worlds.ORIGIN_MS + start, worlds.ORIGIN_MS + end, cause, order)
        for order, (name, start, end, cause) in enumerate(given_)
    ]
    whole = Period(worlds.ORIGIN_MS + period[0], worlds.ORIGIN_MS + period[1])
    found = statement(raw, policy, held, whole, end)
    in_columns = columns.statement(from_timelines(columns.names_for(raw, policy), raw), policy, held, whole, end)
    assert in_columns.measured.entities == found.measured.entities
    assert in_columns == found
    assert found.measured.entities == replay(results, policy, whole).entities
    return found


@MANY
@given(randoms)
def test_a_statement_agrees_with_the_definitions(random: Random) -> None:
    world, period = worlds.world(random), worlds.period(random)
    by_definition = Corrected(world, *period, [])
    names = by_definition.of_kind("device", "site", "region", "interface")
    failing = [name for name in by_definition.of_kind("device", "site") if by_definition.causes(name)]
    given_ = corrections(random, random.sample(failing, min(2, len(failing))) or names) if names else []
    found = stated(world, period, given_)

    truth = Corrected(world, *period, given_)
    adjusted = truth.answer()
    for name, fields in adjusted["entities"].items():
        said = document(found.adjusted)["entities"][name]
        assert {key: said[key] for key in fields if key != "intervals"} == {
            key: fields[key] for key in fields if key != "intervals"
        }, name

    measured = Corrected(world, *period, given_)
    measured.adjusts = False
    for name in measured.of_kind("device", "site", "interface"):
        assert found.causes.get(name, {}) == measured.causes(name), name
    degraded = {site: measured.degraded(site) for site in measured.of_kind("site")}
    assert {site: found.degraded.get(site, 0) for site in degraded} == degraded
    for name, causes in found.causes.items():
        durations = found.measured.network if name == "network" else found.measured.regions.get(name)
        durations = durations or found.measured.entities[name].figures.durations
        assert sum(causes.values()) == durations.failed


def test_an_unknown_entity_of_a_correction_changes_nothing() -> None:
    random = Random(7)  # noqa: S311
    world, period = worlds.world(random), worlds.period(random)
    found = stated(world, period, [("device/elsewhere", 0, 60, "planned")])
    assert found.adjusted.network == found.measured.network


timelines = st.lists(st.tuples(st.integers(0, 30), st.sampled_from(State)), max_size=8).map(
    lambda drawn: _timeline(sorted(dict(drawn).items()))
)


def _timeline(drawn: list[tuple[int, State]]) -> Timeline:
    found: list[Change] = []
    for time, state in drawn:
        append(found, time, state)
    return found


@given(timelines, timelines, st.integers(0, 30), st.integers(1, 30))
def test_an_overlay_replaces_its_time_and_nothing_else(
    before: Timeline, said: Timeline, start: int, length: int
) -> None:
    def at(timeline: Timeline, time: int) -> State:
        return intervals(timeline, time, time + 1)[0].state

    end = start + length
    found = overlay(before, start, end, said)
    for time in range(-2, 65):
        inside = start <= time < end
        known = _timeline([(when, state) for when, state in said if start <= when])
        assert at(found, time) is at(known if inside else before, time)
    assert all(one.state is not two.state for one, two in pairwise(found))
