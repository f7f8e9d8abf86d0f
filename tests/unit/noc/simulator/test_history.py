from __future__ import annotations

import pytest

from noc.availability.policy import ProbePolicy
from noc.availability.spans import contains
from noc.model.transition import Transition
from noc.pipeline.status import Result, Statuses
from noc.simulator.history import Past, Probed, past
from noc.simulator.reach import down_spans
from tests.unit.noc.simulator.simulated import DAY_MS, NOW_MS, story, world

START_MS = NOW_MS - 10 * DAY_MS


def devices(interval_ms: int, policy: ProbePolicy) -> list[Probed]:
    return [
        Probed(device.entity, "uptime", policy, interval_ms, device.number * 7919 % interval_ms)
        for device in world().devices
    ]


def circuits() -> list[Probed]:
    """Return lines of sites, as the polls of their first routers tell of them."""
    policy = ProbePolicy.probed_every(120_000)
    routers = [edges[0] for edges in world().edges.values()]
    return [
        Probed(f"circuit/{one.site}", "snmp", policy, 120_000, one.number * 7919 % 120_000, one.entity)
        for one in routers
    ]


def lines_by_definition(lines: list[Probed]) -> Past:
    """Feed each poll that a router answered, and look whether the last one is stale."""
    silent = down_spans(story(), START_MS, NOW_MS)
    statuses = Statuses()
    statuses.watch({line.entity: line.policy for line in lines})
    found: list[Transition] = []
    for line in lines:
        spans = silent.get(world().device[line.told_by.removeprefix("device/")].number, ())
        first = START_MS + (line.offset_ms - START_MS) % line.interval_ms
        for time in range(first, NOW_MS, line.interval_ms):
            if contains(spans, time):
                continue
            seen = statuses.seen_ms(line.entity)
            if seen is not None:
                found += statuses.expire(min(time, seen + line.policy.stale_after + 1_000))
            found += statuses.take(Result(line.entity, time, True, "snmp", "brindisi"))
    found.sort(key=lambda change: (change.decided_ms, change.entity))
    return Past(tuple(found), statuses)


def by_definition(probed: list[Probed]) -> Past:
    """Feed every single probe, in the order of time."""
    silent = down_spans(story(), START_MS, NOW_MS)
    numbers = {device.entity: device.number for device in world().devices}
    statuses = Statuses()
    statuses.watch({device.entity: device.policy for device in probed})
    found: list[Transition] = []
    for device in probed:
        spans = silent.get(numbers[device.entity], ())
        first = START_MS + (device.offset_ms - START_MS) % device.interval_ms
        for time in range(first, NOW_MS, device.interval_ms):
            found += statuses.take(Result(device.entity, time, not contains(spans, time), device.check, "brindisi"))
    found.sort(key=lambda change: (change.decided_ms, change.entity))
    return Past(tuple(found), statuses)


@pytest.mark.parametrize("policy", [ProbePolicy.probed_every(900_000), ProbePolicy.probed_every(900_000, 1, 4)])
def test_history_is_what_all_probes_would_have_told(policy: ProbePolicy) -> None:
    probed = devices(900_000, policy)[::5]
    quick, whole = past(story(), probed, START_MS, NOW_MS, "brindisi"), by_definition(probed)
    assert len(quick.transitions) > 1.2 * len(probed)
    assert quick.transitions == whole.transitions
    assert quick.statuses.memories() == whole.statuses.memories()
    assert quick.statuses.tally.given < whole.statuses.tally.given / 2
    assert quick.statuses.tally.late == 0


def test_every_device_is_up_in_the_end_and_nothing_is_unknown_on_the_way() -> None:
    probed = devices(60_000, ProbePolicy.probed_every(60_000))
    told = past(story(), probed, START_MS, NOW_MS, "brindisi")
    assert {told.statuses.status_of(device.entity) for device in probed} == {"up"}
    assert all(change.status != "unknown" for change in told.transitions)
    first = {change.entity: change for change in reversed(told.transitions)}
    assert {change.before for change in first.values()} == {"unknown"}
    assert len(first) == len(probed)
    assert [change.decided_ms for change in told.transitions] == sorted(c.decided_ms for c in told.transitions)
    for change in told.transitions:
        assert change.results[-1][0] == change.decided_ms
        assert change.since_ms in {time for time, _ in change.results}
    for _, memory in told.statuses.memories():
        assert memory.last is not None
        assert NOW_MS - 60_000 <= memory.last < NOW_MS


def test_a_quiet_world_has_a_history_without_a_failure() -> None:
    probed = devices(60_000, ProbePolicy.probed_every(60_000))
    told = past(story(quiet=True), probed, START_MS, NOW_MS, "brindisi")
    assert {change.status for change in told.transitions} == {"up"}
    assert len(told.transitions) == len(probed)


def test_devices_of_another_world_are_passed_over() -> None:
    stranger = Probed("device/stranger", "uptime", ProbePolicy.probed_every(60_000), 60_000, 0)
    assert past(story(), [stranger], START_MS, NOW_MS, "x").transitions == ()


def test_the_history_of_circuits_is_what_all_polls_would_have_told() -> None:
    lines = circuits()[::5]
    quick, whole = past(story(), lines, START_MS, NOW_MS, "brindisi"), lines_by_definition(lines)
    assert quick.transitions == whole.transitions
    assert quick.statuses.memories() == whole.statuses.memories()
    assert quick.statuses.tally.given < whole.statuses.tally.given / 2
    assert quick.statuses.tally.late == 0


def test_a_circuit_is_unknown_while_its_site_is_cut_off_for_long_and_never_down() -> None:
    lines = circuits()
    told = past(story(), lines, START_MS, NOW_MS, "brindisi")
    silent = down_spans(story(), START_MS, NOW_MS)
    routers = {line.entity: world().device[line.told_by.removeprefix("device/")].number for line in lines}
    unknown = [change for change in told.transitions if change.status == "unknown"]
    assert len(unknown) > 3
    assert {change.reason for change in unknown} == {"stale"}
    assert all(contains(silent[routers[change.entity]], change.since_ms) for change in unknown)
    assert {change.status for change in told.transitions} == {"up", "unknown"}
    assert {told.statuses.status_of(line.entity) for line in lines} == {"up"}


def test_what_is_told_by_a_device_of_another_world_is_passed_over() -> None:
    stranger = Probed("circuit/x", "snmp", ProbePolicy.probed_every(60_000), 60_000, 0, "device/stranger")
    assert past(story(), [stranger], START_MS, NOW_MS, "x").transitions == ()
