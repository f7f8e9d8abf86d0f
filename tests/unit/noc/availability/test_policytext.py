"""A policy as text: read again, it is the same policy."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from noc.availability.policy import Policy, ProbePolicy, Window
from noc.availability.policyfile import parse_policy
from noc.availability.policytext import policy_text
from noc.availability.spans import ALWAYS, BEGINNING, FOREVER, Span, union

NAMES = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=8)
DEVICES = NAMES.map("device/{}".format)
SITES = NAMES.map("site/{}".format)
TIMES = st.integers(0, 4_000_000_000_000)
PROBES = st.builds(ProbePolicy, st.integers(1, 10**9), st.integers(0, 10**9), st.integers(1, 9), st.integers(1, 9))
SPANS = st.tuples(st.none() | TIMES, st.none() | TIMES).map(
    lambda ends: Span(BEGINNING if ends[0] is None else ends[0], FOREVER if ends[1] is None else ends[1])
)
WINDOWS = st.builds(
    lambda entity, start, length, entered, why: Window(entity, start, start + length, entered, "ops", why),
    DEVICES,
    TIMES,
    st.integers(1, 10**8),
    st.none() | TIMES,
    st.text(st.characters(exclude_categories=("C", "Z")), max_size=12),
)
WEIGHTS = st.integers(0, 10_000).map(lambda number: Fraction(number, 100))


@given(
    PROBES,
    st.dictionaries(DEVICES, PROBES, max_size=4),
    st.dictionaries(SITES, st.lists(DEVICES, max_size=3), max_size=3),
    st.lists(WINDOWS, max_size=3),
    st.dictionaries(DEVICES, st.lists(SPANS.filter(lambda span: span.start < span.end), min_size=1).map(union)),
    st.dictionaries(SITES, WEIGHTS, max_size=3),
    st.none() | TIMES,
)
def test_a_policy_comes_back(
    probe: ProbePolicy,
    probes: dict[str, ProbePolicy],
    sites: dict[str, list[str]],
    windows: list[Window],
    in_service: dict[str, tuple[Span, ...]],
    weights: dict[str, Fraction],
    end: int | None,
) -> None:
    policy = Policy(probe, probes, {}, sites, {"region/x": list(sites)}, tuple(windows), in_service, weights, end)
    text = policy_text(policy)
    read = parse_policy(text, "p.yaml").policy
    assert (read.probe, read.end, read.weights) == (probe, end, weights)
    assert {name: read.probe_of(name) for name in probes} == probes
    assert {name: list(spans) for name, spans in read.in_service.items()} == {
        name: list(spans) for name, spans in in_service.items()
    }
    assert read.sites == sites
    assert sorted(map(repr, read.windows)) == sorted(map(repr, windows))
    assert read.entities() == policy.entities()
    assert policy_text(replace(read, probes=probes)) == text


def test_upstreams_and_what_is_only_named_are_in_it() -> None:
    policy = Policy(
        ProbePolicy.probed_every(60_000),
        upstream={"device/b": ["device/a", "site/x"]},
        sites={"site/x": ["device/a"]},
        in_service={"device/a": ALWAYS},
        named=frozenset({"service/mail"}),
    )
    read = parse_policy(policy_text(policy), "p.yaml").policy
    assert read.upstream == policy.upstream
    assert read.entities() == policy.entities()
    assert list(read.service_of("device/a")) == list(ALWAYS)
