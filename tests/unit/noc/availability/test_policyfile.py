from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from noc.availability.policy import Policy, ProbePolicy, Window
from noc.availability.policyfile import parse_policy, read_policy
from noc.availability.spans import BEGINNING, FOREVER
from noc.availability.times import parse
from noc.model.errors import InputError

PROBE = "probe: {interval: 10s}\n"


def policy(text: str) -> Policy:
    return parse_policy(PROBE + text, "P.yaml").policy


def messages(text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        parse_policy(text, "P.yaml")
    return [str(finding) for finding in caught.value.findings]


def probe(text: str, entities: str = "{}", entity: str = "device/x") -> ProbePolicy:
    return parse_policy(f"probe: {text}\nentities: {entities}", "P.yaml").policy.probe_of(entity)


def test_a_whole_policy() -> None:
    found = policy(
        """
upstream: {device/b: [device/a, site/y]}
sites: {site/x: [device/a, device/b], site/y: []}
maintenance:
  - {entity: device/b, from: 2026-03-01T01:00:00Z, to: 2026-03-01T02:00:00Z,
     entered: 2026-02-20T09:00:00Z, who: ops, why: "IOS upgrade"}
  - {entity: region/africa, from: 2026-03-01T01:00:00+01:00, to: 2026-03-01T02:00:00Z, why: 4711}
entities:
  device/b: {interval: 60s, in_service: [{from: 2026-02-01T00:00:00Z}, {to: 2025-01-01T00:00:00Z}]}
  site/x: {weight: 2}
  site/y: {weight: 0.1}
regions: {region/africa: [site/x]}
end: 2026-03-02T00:00:00Z
"""
    )
    one = parse("2026-03-01T01:00:00Z")
    hour = 3_600_000
    assert found.probe == ProbePolicy(30_000, 10_000)
    assert found.probe_of("device/b") == ProbePolicy(180_000, 60_000)
    assert found.upstream == {"device/b": ["device/a", "site/y"]}
    assert found.sites == {"site/x": ["device/a", "device/b"], "site/y": []}
    assert found.regions == {"region/africa": ["site/x"]}
    assert found.windows == (
        Window("device/b", one, one + hour, parse("2026-02-20T09:00:00Z"), "ops", "IOS upgrade"),
        Window("region/africa", one - hour, one + hour, None, "", "4711"),
    )
    assert found.service_of("device/b") == [
        (BEGINNING, parse("2025-01-01T00:00:00Z")),
        (parse("2026-02-01T00:00:00Z"), FOREVER),
    ]
    assert found.weights == {"site/x": 2, "site/y": Fraction(1, 10)}
    assert found.end == parse("2026-03-02T00:00:00Z")


def test_the_smallest_policy() -> None:
    assert policy("") == Policy(ProbePolicy.probed_every(10_000))


def test_keys_with_nothing_behind_them_are_empty() -> None:
    found = policy("sites: {site/x: }\nregions:\nmaintenance:\nentities: {device/a: }\nupstream:\nend:\n")
    assert found.sites == {"site/x": []}
    assert found.entities() == {"site/x", "device/a"}
    assert found.end is None


def test_no_dates_are_always() -> None:
    assert policy("entities: {device/a: {in_service: []}}").in_service == {}
    assert policy("entities: {device/a: {in_service: }}").in_service == {}
    for dates in ("{}", "{from: }", "{from: null, to: null}"):
        found = policy(f"entities: {{device/a: {{in_service: [{dates}]}}}}")
        assert found.service_of("device/a") == [(BEGINNING, FOREVER)]


def test_dates_may_overlap() -> None:
    first = "{from: 2026-03-01T00:00:00Z, to: 2026-03-03T00:00:00Z}"
    second = "{from: 2026-03-02T00:00:00Z, to: 2026-03-04T00:00:00Z}"
    found = policy(f"entities: {{device/a: {{in_service: [{second}, {first}]}}}}")
    assert found.service_of("device/a") == [(parse("2026-03-01T00:00:00Z"), parse("2026-03-04T00:00:00Z"))]


def test_who_and_why_may_be_left_empty() -> None:
    window = "{entity: device/a, from: 2026-03-01T00:00:00Z, to: 2026-03-02T00:00:00Z, entered: , who: , why: }"
    (found,) = policy(f"maintenance: [{window}]").windows
    assert (found.entered, found.who, found.why) == (None, "", "")


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("500ms", 500), ("30s", 30_000), ("5m", 300_000), ("2h", 7_200_000), ("1d", 86_400_000), ("1.5s", 1_500)],
)
def test_durations(text: str, milliseconds: int) -> None:
    assert probe(f"{{interval: {text}}}").skew == milliseconds


@pytest.mark.parametrize("text", ["30", "0.5ms", "0.0001s", "30 s", "-5s", "1h30m", "5S", "0s", "5w", "''", "[]"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    (message,) = messages(f"probe: {{interval: 10s, stale_after: {text}}}")
    assert message.startswith("P.yaml:1:37: error: probe.stale_after: ")


def test_skew_may_be_nothing() -> None:
    assert probe("{interval: 10s, skew: 0s}").skew == 0


def test_derived_from_the_interval_unless_given() -> None:
    assert probe("{interval: 10s, stale_after: 7s, confirm_down: 5}") == ProbePolicy(7_000, 10_000, 5, 1)
    assert probe("{stale_after: 7s, skew: 2s}") == ProbePolicy(7_000, 2_000)


@pytest.mark.parametrize(
    ("exception", "expected"),
    [
        ("{}", ProbePolicy(99_000, 5_000, 2, 2)),
        ("{interval: 60s}", ProbePolicy(180_000, 60_000, 2, 2)),
        ("{interval: 60s, skew: 1s}", ProbePolicy(180_000, 1_000, 2, 2)),
        ("{interval: 60s, skew: 0s}", ProbePolicy(180_000, 0, 2, 2)),
        ("{interval: 60s, stale_after: 61s}", ProbePolicy(61_000, 60_000, 2, 2)),
        ("{skew: 1s}", ProbePolicy(99_000, 1_000, 2, 2)),
        ("{stale_after: 1s}", ProbePolicy(1_000, 5_000, 2, 2)),
        ("{confirm_down: 9}", ProbePolicy(99_000, 5_000, 9, 2)),
        ("{confirm_up: 9}", ProbePolicy(99_000, 5_000, 2, 9)),
    ],
)
def test_an_exception_s_own_interval_gives_what_it_does_not_say(exception: str, expected: ProbePolicy) -> None:
    default = "{interval: 10s, stale_after: 99s, skew: 5s, confirm_down: 2, confirm_up: 2}"
    assert probe(default, f"{{device/x: {exception}}}") == expected
    assert probe(default, f"{{device/x: {exception}}}", "device/other") == ProbePolicy(99_000, 5_000, 2, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("prob: {interval: 10s}", "P.yaml:1:1: error: unknown key 'prob' (did you mean 'probe'?)"),
        ("sites: {}", "P.yaml:1:1: error: missing key 'probe'"),
        ("probe: {confirm_down: 3}", "missing key 'interval'"),
        ("probe: {stale_after: 3s}", "missing key 'interval'"),
        ("probe: {intervall: 10s}", "P.yaml:1:9: error: unknown key 'intervall' (did you mean 'interval'?)"),
        (PROBE + "entities: {device/a: {wait: 2}}", "P.yaml:2:23: error: unknown key 'wait'"),
        (
            PROBE + "entities: {device/a: {wieght: 2}}",
            "P.yaml:2:23: error: unknown key 'wieght' (did you mean 'weight'?)",
        ),
        (PROBE + "maintenance: [{entity: device/a, untill: 3}]", "unknown key 'untill'"),
        (PROBE + "entities: {device/a: {in_service: [{form: x}]}}", "unknown key 'form' (did you mean 'from'?)"),
    ],
)
def test_unknown_and_missing_keys_are_named_with_the_nearest_known(text: str, expected: str) -> None:
    assert any(expected in message for message in messages(text))


@pytest.mark.parametrize(
    ("text", "place", "why"),
    [
        ("end: 2026-03-02T00:00:00", "2:6", "has no zone"),
        ("end: [1]", "2:6", "is not a time"),
        ("probe: {interval: 1s}", "2:1", "duplicate key 'probe'"),
        ("sites: {site/x: device/a}", "2:17", "must be a list"),
        ("sites: {site/x: [site/y]}", "2:18", "'site/y' is a site; only a device can stand here"),
        ("sites: {device/x: []}", "2:9", "'device/x' is a device; only a site can stand here"),
        ("regions: {region/x: [device/y]}", "2:22", "only a site can stand here"),
        ("upstream: {device/x: [region/y]}", "2:23", "only a device or site can stand here"),
        ("upstream: {region/x: [device/y]}", "2:12", "'region/x' is a region"),
        ("upstream: {device/x: [devcie/y]}", "2:23", "'devcie/y' is not an entity (did you mean 'device'?)"),
        ("entities: {region/x: {}}", "2:12", "'region/x' is a region"),
        ("entities: {site/x: {weight: -1}}", "2:29", "must not be negative"),
        ("entities: {site/x: {weight: true}}", "2:29", "must be a number"),
        ("entities: {site/x: {weight: heavy}}", "2:29", "must be a number"),
        ("entities: {site/x: {confirm_up: 0}}", "2:33", "must be greater than or equal to 1"),
        ("entities: {site/x: {confirm_up: 1.5}}", "2:33", "must be a whole number"),
        (
            "entities: {site/x: {in_service: [{from: 2026-03-02T00:00:00Z, to: 2026-03-02T00:00:00Z}]}}",
            "2:34",
            "'to' must be later than 'from'",
        ),
        (
            "maintenance: [{entity: site/x, from: 2026-03-02T00:00:00Z, to: 2026-03-01T00:00:00Z}]",
            "2:15",
            "'to' must be later than 'from'",
        ),
        ("maintenance: [{entity: site/x, to: 2026-03-01T00:00:00Z}]", "2:15", "missing key 'from'"),
        (
            "maintenance: [{entity: x, from: 2026-03-01T00:00:00Z, to: 2026-03-02T00:00:00Z, who: [a]}]",
            "2:24",
            "'x' is not an entity",
        ),
    ],
)
def test_mistakes_are_named_with_their_place(text: str, place: str, why: str) -> None:
    found = messages(PROBE + text)
    assert found[0].startswith(f"P.yaml:{place}: error: ")
    assert why in found[0]


def test_all_mistakes_are_told_at_once() -> None:
    found = messages("probe: {interval: 10}\nend: x\nnonsense: 1\n")
    assert [message.split(":")[1] for message in found] == ["1", "2", "3"]


def test_a_circle_is_named_as_a_chain_with_its_line() -> None:
    (message,) = messages(PROBE + "upstream:\n  device/c: [device/a]\n  device/b: [device/a]\n  device/a: [device/b]\n")
    place, _, reason = message.partition(": error: a circle in upstream: ")
    to_b, to_a = "device/a has the upstream device/b", "device/b has the upstream device/a"
    assert (place, reason) in (
        ("P.yaml:4:3", f"device/b -> device/a -> device/b; {to_a}, {to_b}; take one of these out"),
        ("P.yaml:5:3", f"device/a -> device/b -> device/a; {to_b}, {to_a}; take one of these out"),
    )


def test_a_circle_may_lead_through_a_site() -> None:
    (message,) = messages(PROBE + "upstream: {device/a: [site/x]}\nsites: {site/x: [device/a]}")
    assert message.startswith("P.yaml:2:12: error: a circle in upstream: ")
    assert "device/a has the upstream site/x" in message
    assert "site/x has the edge device device/a" in message


def test_sites_and_regions_that_are_named_only_in_passing_are_warned_of() -> None:
    text = (
        "sites: {site/nairobi: []}\n"
        "regions: {region/africa: [site/nairobi, site/nairobbi]}\n"
        "upstream: {device/a: [site/z]}\n"
        "entities: {site/q: {weight: 2}}\n"
        "maintenance: [{entity: region/x, from: 2026-03-01T00:00:00Z, to: 2026-03-02T00:00:00Z}]\n"
    )
    found = parse_policy(PROBE + text, "P.yaml").warnings
    assert {finding.level for finding in found} == {"warning"}
    unknown = "it has no devices, and is unknown"
    assert [(finding.line, finding.column, finding.message) for finding in sorted(found)] == [
        (3, 41, f"site/nairobbi is not among `sites` (did you mean 'nairobi'?): {unknown}"),
        (4, 23, f"site/z is not among `sites`: {unknown}"),
        (5, 12, f"site/q is not among `sites`: {unknown}"),
        (6, 24, "region/x is not among `regions`: it has no sites"),
    ]


def test_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(PROBE)
    assert read_policy(path).policy == policy("")
    with pytest.raises(InputError, match="can't be read"):
        read_policy(tmp_path / "none.yaml")
