"""The examples of docs/extend/rule.md are rules, and do what the page says of them."""

from __future__ import annotations

import re
from pathlib import Path

from alerts.rules.compiled import DownRule, Rules, ThresholdRule
from alerts.rules.load import load_examples, load_rules
from alerts.rulestried import tried
from noc.inventory.shipped import shipped
from tests.things import device
from tests.unit.alerts.rules.things import SITE

PAGE = (Path(__file__).parents[4] / "docs" / "extend" / "rule.md").read_text()
EXAMPLES = re.findall(r"<!-- (?:rule|off): ([\w-]+) -->\n```yaml\n(.*?)```\n<!-- end -->", PAGE, re.DOTALL)


def test_every_example_is_named() -> None:
    assert len(EXAMPLES) == PAGE.count("```yaml")


def test_the_examples_stand_beside_the_shipped_rules(tmp_path: Path) -> None:
    for name, text in EXAMPLES:
        (tmp_path / f"{name}.yaml").write_text(text)
    alone, _ = load_rules([shipped("rules")])
    both, findings = load_rules([shipped("rules"), tmp_path])
    assert findings == []
    assert both.keys() - alone.keys() == {
        *("nairobi-hub-line-full", "hub-signal-weak", "teleport-signal-weak", "field-ups-down"),
        *("hub-peers-lost", "hub-power-lost", "carrier-budget"),
    }
    assert alone.keys() - both.keys() == {"interface-errors"}


def test_what_their_own_examples_say_holds(tmp_path: Path) -> None:
    for name, text in EXAMPLES:
        if "examples:" in text:
            (tmp_path / f"{name}.yaml").write_text(text)
    rules, _ = load_rules([tmp_path])
    for name, examples in load_examples([tmp_path]).items():
        assert [tried(rules[name], one).wrong for one in examples] == [()]


def test_the_examples_mean_what_the_page_says(tmp_path: Path) -> None:
    for name, text in EXAMPLES:
        (tmp_path / f"{name}.yaml").write_text(text)
    rules, _ = load_rules([shipped("rules"), tmp_path])
    weak = rules["hub-signal-weak"]
    assert isinstance(weak, ThresholdRule)
    assert weak.raises(8.0)
    assert weak.clears(9.5)
    assert weak.unit == "db"
    down = Rules(rules.values()).down_for(device("nbo-rtr-1"), SITE)
    assert isinstance(down, DownRule)
    assert down.name == "transport-down"
