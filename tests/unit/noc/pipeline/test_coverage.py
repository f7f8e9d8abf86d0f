"""Coverage: hour by hour the same as counted by hand from all results, whatever restarts come in between."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.availability.policy import ProbePolicy
from noc.model.coverage import HOUR_MS, Coverage
from noc.pipeline.coverage import GRACE_MS, CoverageCounts
from noc.pipeline.status import Result, Statuses
from tests.examples import at_least

POLICY = ProbePolicy(stale_after=900_000, skew=60_000, confirm_down=3, confirm_up=2)
START = 1_772_323_200_000
Probe = tuple[int, bool]


def results(entity: str, probes: Sequence[Probe]) -> list[Result]:
    return [Result(entity, time_ms, ok, "icmp", "centre") for time_ms, ok in probes]


def by_hand(entity: str, probes: Sequence[Probe]) -> list[Coverage]:
    """Count as the words of the model say, with nothing of the code under test."""
    found = []
    runs = unconfirmed_runs(probes)
    gaps = {later[0]: later[0] - earlier[0] for earlier, later in pairwise(probes)}
    for hour_ms, group in groupby(probes, key=lambda probe: probe[0] // HOUR_MS * HOUR_MS):
        times = [time_ms for time_ms, _ in group]
        longest = max((length for end_ms, length in runs if end_ms // HOUR_MS * HOUR_MS == hour_ms), default=0)
        gap = max((gaps.get(time_ms, 0) for time_ms in times), default=0)
        found.append(Coverage(entity, times[0], times[-1], len(times), gap, longest))
    return found


def unconfirmed_runs(probes: Sequence[Probe]) -> list[tuple[int, int]]:
    """Return when each run ended that changed nothing, and its length."""
    runs: list[list[Probe]] = []
    for probe in probes:
        last = runs[-1][-1] if runs else None
        if last is not None and last[1] is probe[1] and probe[0] - last[0] <= POLICY.stale_after:
            runs[-1].append(probe)
        else:
            runs.append([probe])
    found, state, last_ms = [], None, None
    for run in runs:
        if last_ms is not None and run[0][0] - last_ms > POLICY.stale_after:
            state = None
        ok, last_ms = run[0][1], run[-1][0]
        if len(run) >= (POLICY.confirm_up if ok else POLICY.confirm_down):
            state = ok
        if state is not ok:
            found.append((last_ms, len(run)))
    return found


probes_of = st.lists(st.tuples(st.integers(1_000, 1_500_000), st.booleans()), min_size=1, max_size=60).map(
    lambda steps: [(START + sum(step for step, _ in steps[: index + 1]), ok) for index, (_, ok) in enumerate(steps)]
)


@at_least(150)
@given(st.lists(probes_of, min_size=1, max_size=3), st.integers(0, 60))
def test_every_hour_is_as_counted_by_hand(series: list[list[Probe]], restart_at: int) -> None:
    counts = CoverageCounts()
    statuses = Statuses(
        lambda result, before, after, stale: counts.take(result.entity, result.time_ms, before, after, stale)
    )
    names = [f"device/{number}" for number in range(len(series))]
    statuses.watch(dict.fromkeys(names, POLICY))
    arrivals = sorted(
        (result for name, probes in zip(names, series, strict=True) for result in results(name, probes)),
        key=lambda result: result.time_ms,
    )
    for number, result in enumerate(arrivals):
        if number == restart_at:
            held = counts.rows()
            counts = CoverageCounts()
            counts.restore(held)
        statuses.take(result)
    written = []
    for hour_ms in counts.due(START + 1_000 * HOUR_MS):
        written += list(counts.columns(hour_ms).rows())
    expected = [row for name, probes in zip(names, series, strict=True) for row in by_hand(name, probes)]
    assert sorted(written, key=str) == sorted(expected, key=str)


def counted(*probes: Probe, entity: str = "device/a") -> CoverageCounts:
    counts = CoverageCounts()
    statuses = Statuses(lambda result, *rest: counts.take(result.entity, result.time_ms, *rest))
    statuses.watch({entity: POLICY})
    for result in results(entity, probes):
        statuses.take(result)
    return counts


def test_an_hour_is_due_when_its_last_checks_can_no_longer_be_answered() -> None:
    counts = counted((START + 1, True))
    assert counts.due(START + HOUR_MS + GRACE_MS - 1) == []
    assert counts.due(START + HOUR_MS + GRACE_MS) == [START]


def test_what_is_written_is_not_counted_again_also_after_a_restart() -> None:
    counts = counted((START + 1, True), (START + HOUR_MS, True))
    held = counts.rows()
    counts.written(START)
    assert counts.due(START + 9 * HOUR_MS) == [START + HOUR_MS]
    fresh = CoverageCounts()
    fresh.written(START)
    fresh.restore(held)
    assert fresh.due(START + 9 * HOUR_MS) == [START + HOUR_MS]


def test_a_result_of_an_hour_that_is_written_is_told_of() -> None:
    counts = counted((START + 1, True))
    counts.written(START)
    statuses = Statuses(lambda result, *rest: counts.take(result.entity, result.time_ms, *rest))
    statuses.watch({"device/b": POLICY})
    statuses.take(Result("device/b", START + 5, True, "icmp", "centre"))
    assert counts.uncounted == 1
    assert counts.due(START + 9 * HOUR_MS) == []


def test_parts_of_devices_are_not_counted() -> None:
    assert counted((START + 1, True), entity="interface/a/Gi0").due(START + 9 * HOUR_MS) == []


def test_who_is_no_longer_watched_stays_until_the_hour_is_written() -> None:
    counts = counted((START + 1, True))
    counts.retain(())
    assert [row.entity for row in counts.columns(START).rows()] == ["device/a"]
    counts.written(START)
    counts.retain(())
    assert counts.rows() == [("names",)]


@pytest.mark.parametrize(
    "row",
    [
        ("hour",),
        ("hour", "x"),
        ("hour", START, "AAAA"),
        ("hour", START, *["!"] * 7),
        ("hour", START, *["AAAAAA=="] * 7),
    ],
)
def test_a_checkpoint_without_sense_is_refused(row: tuple[str | int, ...]) -> None:
    with pytest.raises(ValueError, match="hour"):
        CoverageCounts().restore([("names",), row])
