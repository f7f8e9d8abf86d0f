"""What people get wrong in rules is told with its place, and what is right there."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.rules.load import load_examples, load_rules
from alerts.rulestried import tried

BASELINE = """\
kind: expression
summary: Traffic far from usual
severity: minor
for: 10m
classes: [router]
when: abs(deviation(interface.in_bps)) >= 8 and interface.in_bps > 1 Mbit/s
clear: abs(deviation(interface.in_bps)) <= 4
examples:
  - name: ten times the usual
    history: [{field: interface.in_bps, median: 1000000, spread: 100000}]
    samples:
      - {at: 0m, rows: [{ifName: Gi0/1, in_bps: 9000000}]}
      - {at: 5m, rows: [{ifName: Gi0/1, in_bps: 9000000}]}
      - {at: 10m, rows: [{ifName: Gi0/1, in_bps: 9000000}]}
      - {at: 15m, rows: [{ifName: Gi0/1, in_bps: 1000000}]}
    raised: [10m]
    cleared: [15m]
"""
CHANGE = """\
kind: expression
summary: Temperature rose by ten
severity: minor
for: 0s
tags: {kind: temperature}
when: change(noc_sensor.value, 30 min) >= 10 °C
examples:
  - name: rises
    samples:
      - {at: 0m, rows: [{name: Inlet, oid: "1", value: 20}]}
      - {at: 30m, rows: [{name: Inlet, oid: "1", value: 31}]}
    raised: [30m]
"""
THRESHOLD = """\
kind: threshold
summary: Line full
severity: minor
for: 0s
measurement: interface
field: out_pct
above: {raise: 95, clear: 80}
examples:
  - name: full
    samples: [{at: 0m, rows: [{ifName: a, out_pct: 96}]}]
    raised: [0s]
"""
DOWN = """\
kind: down
summary: A router is down
severity: critical
for: 2m
of: [device]
"""
RULES = {"baseline": BASELINE, "change": CHANGE, "threshold": THRESHOLD, "down": DOWN}


@pytest.mark.parametrize("name", ["baseline", "change", "threshold"])
def test_as_they_are_written_they_hold(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.yaml"
    path.write_text(RULES[name])
    rules, findings = load_rules([path])
    assert findings == []
    assert [tried(rules[name], example).wrong for example in load_examples([path])[name]] == [()]


@pytest.mark.parametrize(
    ("name", "right", "wrong", "said"),
    [
        ("baseline", "1 Mbit/s", "1 Mbps", None),
        ("baseline", "1 Mbit/s", "1 Mbit", "6:49: error: when: bits per second is compared with bits: only what has"),
        ("baseline", "1 Mbit/s", "1 MBit/s", "6:70: error: when: unknown unit 'MBit' (did you mean 'Mbit'?)"),
        ("baseline", "1 Mbit/s", "1 week", "6:70: error: when: unknown unit 'week'; there are: %, ms, s, min"),
        ("baseline", "1 Mbit/s", "1", "bits per second is compared with a plain number: write the unit behind"),
        (
            "baseline",
            "interface.in_bps)) >=",
            "nothing.x)) >=",
            "no measurement 'nothing'; docs/reference/series.md has",
        ),
        (
            "baseline",
            "field: interface.in_bps",
            "field: interface.in_bit",
            "10:23: error: the rule doesn't look at 'int",
        ),
        (
            "baseline",
            "ifName: Gi0/1",
            "ifname: Gi0/1",
            "12:26: error: 'interface' has no field 'ifname' (did you mean 'i",
        ),
        (
            "baseline",
            "{at: 0m, rows",
            "{at: 0m, measurement: noc_memory, rows",
            "the rule doesn't look at 'noc_memory'",
        ),
        ("change", "kind: temperature", "kind: temprature", "5:14: error: no sensor is of kind 'temprature' (did you"),
        ("change", "kind: temperature", "kinds: temperature", "5:8: error: no measurement has a tag 'kinds' (did you"),
        ("change", "10 °C", "10 %", "6:7: error: when: celsius is compared with percent: only what has one unit"),
        ("threshold", "out_pct: 96", "out_prct: 96", "10:43: error: 'interface' has no field 'out_prct' (did you mean"),
        ("down", "[device]", "[devices]", "5:6: error: of.0: 'devices' is not one of 'device', 'circuit', 'endpoint'"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, name: str, right: str, wrong: str, said: str | None) -> None:
    path = tmp_path / f"{name}.yaml"
    assert right in RULES[name]
    path.write_text(RULES[name].replace(right, wrong, 1))
    findings = [str(one).removeprefix(f"{path}:") for one in load_rules([path])[1]]
    if said is None:
        assert findings == []
    else:
        (finding,) = findings
        assert said in finding


def test_examples_beside_a_rule_are_looked_over_too(tmp_path: Path) -> None:
    (tmp_path / "line.yaml").write_text(THRESHOLD.partition("examples")[0])
    (tmp_path / "line.examples.yaml").write_text(
        "examples:\n  - {name: x, samples: [{at: 0m, rows: [{out: 1}]}], raised: [0s]}\n"
    )
    (finding,) = load_rules([tmp_path])[1]
    assert "line.examples.yaml:2:42: error: 'interface' has no field 'out'" in str(finding)
