"""Examples beside rules: they hold, and where they don't it is told what came instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.rules.load import load_examples, load_rules
from alerts.rulestried import tried
from noc.inventory.shipped import shipped
from noc.model.errors import InputError

THRESHOLD = """kind: threshold
summary: x
severity: major
for: 10m
sites: [nairobi]
measurement: noc_processor
field: usage_pct
above: {raise: 90, clear: 80}
"""
SAMPLES = """  - name: busy
    samples:
      - {at: 0s, rows: [{usage_pct: 95}]}
      - {at: 5m, rows: [{usage_pct: 95}]}
      - {at: 10m, rows: [{usage_pct: 95}]}
      - {at: 15m, rows: [{usage_pct: 10}]}
"""

SHIPPED_RULES, _ = load_rules([shipped("rules")])
SHIPPED = load_examples([shipped("rules")])


@pytest.mark.parametrize("name", sorted(SHIPPED_RULES))
def test_what_ships_does_what_its_examples_say(name: str) -> None:
    assert SHIPPED[name], f"{name} has no example: write one into its file"
    for example in SHIPPED[name]:
        assert tried(SHIPPED_RULES[name], example).wrong == ()
    assert any(example.raised for example in SHIPPED[name])


@pytest.mark.parametrize(
    ("expected", "wrong"),
    [
        ("    raised: [10m]\n    cleared: [15m]\n", ()),
        ("    raised: [5m]\n    cleared: [15m]\n", ("raised at 10m, and should be at 5m",)),
        ("", ("raised at 10m, and should be never", "cleared at 15m, and should be never")),
        ("    raised: [10m]\n    cleared: [15m, 20m]\n", ("cleared at 15m, and should be at 15m, 20m",)),
    ],
)
@pytest.mark.parametrize("beside", [False, True])
def test_what_differs_is_told(tmp_path: Path, expected: str, wrong: tuple[str, ...], beside: bool) -> None:
    examples = f"examples:\n{SAMPLES}{expected}"
    (tmp_path / "x.yaml").write_text(THRESHOLD if beside else THRESHOLD + examples)
    if beside:
        (tmp_path / "x.examples.yaml").write_text(examples)
    rules, findings = load_rules([tmp_path])
    assert findings == []
    assert set(rules) == {"x"}
    (example,) = load_examples([tmp_path])["x"]
    assert tried(rules["x"], example).wrong == wrong


def test_examples_of_no_rule_and_wrong_ones_are_told(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(THRESHOLD)
    (tmp_path / "y.examples.yaml").write_text("examples: []\n")
    assert "there is no rule 'y' that these are of" in str(load_rules([tmp_path])[1][0])
    (tmp_path / "y.examples.yaml").rename(tmp_path / "x.examples.yaml")
    (tmp_path / "x.examples.yaml").write_text("examples: [{name: x, sample: []}]\n")
    with pytest.raises(InputError, match="unknown key 'sample'"):
        load_examples([tmp_path])


def test_an_outage_that_is_shorter_than_the_rule_asks_for(tmp_path: Path) -> None:
    text = "kind: down\nsummary: x\nseverity: major\nfor: 5m\nexamples:\n  - name: short\n    status: "
    (tmp_path / "x.yaml").write_text(text + "[{at: 0s, status: down}, {at: 4m, status: up}, {at: 9m, status: down}]\n")
    rules, _ = load_rules([tmp_path])
    (example,) = load_examples([tmp_path])["x"]
    assert tried(rules["x"], example).happened == ()
    longer = example.model_copy(update={"until": example.status[-1].at * 2})
    assert [(at_ms, what) for at_ms, what, _ in tried(rules["x"], longer).happened] == [(14 * 60_000, "raised")]
