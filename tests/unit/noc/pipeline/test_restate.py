"""Late evidence, after restatement, gives what all evidence at once gives; and never overrules what isn't at hand."""

from __future__ import annotations

import hashlib

from hypothesis import example, given
from hypothesis import strategies as st

from noc.availability.evidence import Result, raw_timeline
from noc.availability.policy import Period, Policy, ProbePolicy
from noc.availability.replay import derived, figures_of, replay
from noc.availability.spans import Span
from noc.availability.timeline import Timeline, intervals
from noc.pipeline.restate import Evidence, Outcome, context_ms, restate
from noc.state.timelines import restated

LAST = 60
DEVICE, OTHER = "device/a", "device/b"
PROBE = ProbePolicy(30, 10)

policies = st.builds(
    ProbePolicy, st.integers(3, 12), st.just(2), confirm_down=st.integers(1, 3), confirm_up=st.integers(1, 3)
)
series = st.dictionaries(st.integers(0, LAST), st.booleans(), max_size=40).map(lambda found: sorted(found.items()))
lots = st.lists(st.integers(0, 2), min_size=LAST + 1, max_size=LAST + 1)


def after(
    known: list[Result], late: list[Result], policy: ProbePolicy, present: Timeline, end: int = LAST
) -> tuple[Outcome, Timeline]:
    outcome = restate(Evidence(DEVICE, known, late, "icmp", "p1"), policy, present, end, LAST)
    said = [] if outcome.restatement is None else [outcome.restatement]
    return outcome, restated({DEVICE: present}, said).get(DEVICE, ())


def states(timeline: Timeline) -> list[str]:
    """Return the state of each moment."""
    return [one.state for one in intervals(timeline, 0, LAST) for _ in range(one.start, one.end)]


@given(series, lots, policies)
@example([(0, True), (10, True), (20, False), (21, False), (22, True)], [0] * 21 + [1] * 40, ProbePolicy(12, 2))
def test_late_evidence_in_two_lots_gives_what_all_of_it_gives(
    results: list[Result], of: list[int], policy: ProbePolicy
) -> None:
    live, first, second = ([one for one in results if of[one[0]] == lot] for lot in range(3))
    present = raw_timeline(live, policy, LAST)
    outcome, present = after(live, first, policy, present)
    assert not outcome.contested
    assert list(present) == list(raw_timeline(sorted(live + first), policy, LAST))
    outcome, present = after(sorted(live + first), second, policy, present)
    assert not outcome.contested
    assert list(present) == list(raw_timeline(results, policy, LAST))


@given(series, lots, policies)
def test_no_more_is_needed_of_what_was_known_than_a_little_before(
    results: list[Result], of: list[int], policy: ProbePolicy
) -> None:
    live, late = ([one for one in results if (of[one[0]] == 2) is is_late] for is_late in (False, True))
    since = min((time for time, _ in late), default=0) - context_ms(policy)
    known = [one for one in live if one[0] >= since]
    outcome, present = after(known, late, policy, raw_timeline(live, policy, LAST))
    assert not outcome.contested
    assert list(present) == list(raw_timeline(results, policy, LAST))


@given(series, lots, policies, st.integers(0, LAST))
def test_what_the_daemon_may_still_change_is_left_alone(
    results: list[Result], of: list[int], policy: ProbePolicy, end: int
) -> None:
    live, late = ([one for one in results if (of[one[0]] == 2) is is_late] for is_late in (False, True))
    outcome, _ = after(live, late, policy, raw_timeline(live, policy, LAST), end)
    assert outcome.restatement is None or outcome.restatement.end_ms <= end


@given(series, lots, policies)
def test_evidence_that_is_missing_overrules_nothing(results: list[Result], of: list[int], policy: ProbePolicy) -> None:
    live, late = ([one for one in results if (of[one[0]] == 2) is is_late] for is_late in (False, True))
    present = raw_timeline(live, policy, LAST)
    _, now = after([], late, policy, present)
    for was, became in zip(states(present), states(now), strict=True):
        assert became == was or was == "unknown"


@given(st.tuples(series, series), lots, st.integers(0, LAST - 1), st.integers(1, LAST))
def test_the_figures_are_those_of_all_evidence_at_once(
    both: tuple[list[Result], list[Result]], of: list[int], start: int, long: int
) -> None:
    probe = ProbePolicy(6, 2, 2, 1)
    policy = Policy(probe, upstream={OTHER: [DEVICE]}, sites={"site/x": [OTHER]}, end=LAST)
    period = Period(start, start + long)
    results = dict(zip((DEVICE, OTHER), both, strict=True))
    raw, said = {}, []
    for entity, every in results.items():
        live, late = ([one for one in every if (of[one[0]] == 2) is is_late] for is_late in (False, True))
        raw[entity] = raw_timeline(live, probe, LAST)
        outcome = restate(Evidence(entity, live, late, "icmp", "p1"), probe, raw[entity], LAST, LAST)
        said += [] if outcome.restatement is None else [outcome.restatement]
    after_it = figures_of(derived(restated(raw, said), policy), policy, period, LAST)
    at_once = replay(results, policy, period)
    assert after_it.network == at_once.network
    for entity, one in after_it.entities.items():
        assert one.figures == at_once.entities[entity].figures


def test_a_gap_is_filled_and_says_by_whom() -> None:
    known = [(0, True), (10, True), (100, True)]
    late = [(20, True), (30, False), (40, False), (50, False), (60, False), (70, True), (80, True), (90, True)]
    outcome = restate(
        Evidence(DEVICE, known, late, "icmp", "mogadishu"), PROBE, raw_timeline(known, PROBE, 130), 130, 130
    )
    assert outcome.before == ((30, "up"), (40, "unknown"))
    restatement = outcome.restatement
    assert restatement is not None
    assert (restatement.since_ms, restatement.end_ms) == (30, 100)
    assert restatement.states == ((30, "down"), (70, "up"))
    assert (restatement.poller, restatement.check, restatement.results, outcome.late) == ("mogadishu", "icmp", 7, 8)
    lines = b"30 false\n40 false\n50 false\n60 false\n70 true\n80 true\n90 true\n"
    assert restatement.digest == hashlib.sha256(lines).hexdigest()


def test_what_is_known_already_or_contradicts_it_changes_nothing() -> None:
    known = [(0, True), (10, True), (20, True)]
    present = raw_timeline(known, PROBE, 40)
    outcome = restate(Evidence(DEVICE, known, [(10, False), (20, True)], "icmp", "p1"), PROBE, present, 40, 40)
    assert outcome == Outcome(DEVICE, None, (), 0, ())
    outcome = restate(Evidence(DEVICE, known, [(15, True)], "icmp", "p1"), PROBE, present, 40, 40)
    assert outcome == Outcome(DEVICE, None, (), 1, [])


def test_where_the_ledger_saw_otherwise_late_evidence_alone_is_contested() -> None:
    present = raw_timeline([(time, True) for time in range(0, 100, 10)], PROBE, 100)
    late = [(35, False), (40, False), (45, False)]
    outcome = restate(Evidence(DEVICE, [], late, "icmp", "p1"), PROBE, present, 100, 100)
    assert outcome.restatement is None
    assert outcome.contested == [Span(35, 75)]
