"""A replay gives what the definitions give when they are worked out one millisecond after another."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import at_least
from tests.unit.noc.availability import worlds
from tests.unit.noc.availability.by_definition import ByDefinition

MANY = settings(at_least(30), suppress_health_check=list(HealthCheck))

# Worlds from a seed are rich; those whose every choice is hypothesis's own are small, and shrink when one fails.
randoms = st.integers(0, 2**64).map(Random) | st.randoms(use_true_random=False)


@MANY
@given(randoms)
def test_replay_agrees_with_the_definitions(random: Random) -> None:
    world, period = worlds.world(random), worlds.period(random)
    expected = ByDefinition(world, *period).answer()
    found = worlds.document_of(world, *period)
    assert found["entities"].keys() == expected["entities"].keys()
    for name, fields in expected["entities"].items():
        assert found["entities"][name] == fields, name
    assert found["network"] == expected["network"]


@MANY
@given(randoms)
def test_intervals_cover_the_period_and_durations_add_up(random: Random) -> None:
    world, (start, stop) = worlds.world(random), worlds.period(random)
    for name, entity in worlds.answer_of(world, start, stop).entities.items():
        found = entity.intervals
        assert (found[0].start, found[-1].end) == (worlds.ORIGIN_MS + start, worlds.ORIGIN_MS + stop)
        for before, after in pairwise(found):
            assert before.start < before.end == after.start < after.end
            assert before.state is not after.state
        durations = entity.figures.durations
        in_service = sum(ByDefinition(world, start, stop).in_service(name, time) for time in range(start, stop))
        assert durations.agreed + durations.planned == in_service
        assert entity.figures.longest_outage <= durations.failed
        if durations.availability_pct is not None:
            assert durations.floor_pct <= durations.availability_pct <= durations.ceiling_pct
