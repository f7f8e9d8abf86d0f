"""Every shipped rule on disk: it loads, says what it is about, and asks for what is written."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from alerts.rules.compiled import Rule, Rules, ThresholdRule
from alerts.rules.load import load_examples, load_rules
from alerts.rules.measurements import ASKED, MEASUREMENTS
from docs.reference_classes import GEAR, PROMISED, by_class
from noc.app.segmentation import BROKEN, UNPROVEN
from noc.inventory.layers import DEVICE_CLASSES
from noc.inventory.profiles.compiled import SensorSpec, Text
from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.shipped import shipped
from noc.model.snapshot import SENSOR_UNITS

FOLDER = shipped("rules")
RULES, FINDINGS = load_rules([FOLDER])
EXAMPLES = load_examples([FOLDER])
FILES = sorted(FOLDER.glob("*.yaml"))
SERIES = (Path(__file__).parents[2] / "docs" / "reference" / "series.md").read_text()


@pytest.fixture(params=sorted(RULES))
def rule(request: pytest.FixtureRequest) -> Rule:
    return RULES[str(request.param)]


def test_all_files_load_without_a_finding() -> None:
    assert [str(finding) for finding in FINDINGS] == []
    assert set(RULES) == {path.stem for path in FILES}


def test_there_are_rules_of_both_kinds() -> None:
    rules = Rules(RULES.values())
    assert {"device-down", "transport-down"} <= {rule.name for rule in rules.down}
    assert {"processor-high", "satellite-es-n0-low"} <= {rule.name for rule in rules.thresholds}


def test_a_down_rule_is_for_every_device() -> None:
    assert any(rule.selection.closeness == (False,) * 7 for rule in Rules(RULES.values()).down)


def test_summaries_tell_rules_apart() -> None:
    assert [summary for summary, count in Counter(rule.summary for rule in RULES.values()).items() if count > 1] == []


def test_a_shipped_rule_names_nothing_of_a_users_network(rule: Rule) -> None:
    chosen = rule.selection
    assert rule.policy is None
    assert (chosen.devices, chosen.sites, chosen.regions, chosen.site_classes, chosen.device_tags) == (
        None,
        *[frozenset()] * 4,
    )
    assert chosen.classes <= set(DEVICE_CLASSES)


def test_a_threshold_asks_for_what_is_written_and_names_its_unit(rule: Rule) -> None:
    if isinstance(rule, ThresholdRule):
        measurement = ASKED[rule.measurement]
        assert rule.field in measurement.fields
        assert {tag for tag, _ in rule.tags} <= set(measurement.tags)
        unit = measurement.fields[rule.field]
        if (rule.measurement, rule.field) == ("noc_sensor", "value"):
            unit = SENSOR_UNITS[dict(rule.tags)["kind"]]
        assert rule.unit == unit


def test_a_sensor_that_a_rule_names_is_one_that_profiles_read() -> None:
    named = {
        (spec.kind, "".join(map(str, spec.name.parts)))
        for profile in kept_profiles([shipped("profiles")])[0].values()
        for spec in profile.sensors
        if isinstance(spec, SensorSpec) and isinstance(spec.name, Text)
    }
    thresholds = [rule for rule in RULES.values() if isinstance(rule, ThresholdRule)]
    asked = [dict(rule.tags) for rule in thresholds if rule.measurement == "noc_sensor" and rule.tags]
    assert {(tags["kind"], tags["name"]) for tags in asked if "name" in tags} <= named
    assert {tags["kind"] for tags in asked} <= {kind for kind, _ in named}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_says_why_it_is_as_it_is(path: Path) -> None:
    assert path.read_text().startswith("# ")
    assert path.stem == path.stem.lower()
    assert "_" not in path.stem


def rows_of_page(measurement: str) -> dict[str, set[str]]:
    """Return the tags and fields that the page of series tells; another test holds it to what is written."""
    section = re.search(rf"^### {measurement}\n(.*?)(?=^##+ |\Z)", SERIES, re.MULTILINE | re.DOTALL)
    assert section is not None
    found: dict[str, set[str]] = {"tag": set(), "field": set()}
    for name, sort in re.findall(r"^\| `(\w+)` \| (tag|field) \|", section[1], re.MULTILINE):
        found[sort].add(name)
        if name.startswith("ifHC"):
            found[sort].add(name.replace("ifHC", "if"))  # as the page says in words
    return found


def test_rules_know_every_measurement() -> None:
    assert set(re.findall(r"^### (\w+)$", SERIES, re.MULTILINE)) == MEASUREMENTS.keys()


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_rules_know_the_tags_and_fields_of_a_measurement(name: str) -> None:
    measurement, written = MEASUREMENTS[name], rows_of_page(name)
    assert set(measurement.tags) == written["tag"]
    assert set(measurement.fields) == written["field"]
    assert set(measurement.key) <= set(measurement.tags)


@pytest.mark.parametrize(("gear", "device_class"), GEAR.items())
def test_every_class_of_gear_has_rules_for_its_life_and_its_work(gear: str, device_class: str) -> None:
    down, around, work = by_class(device_class)
    assert down, gear
    assert around, gear
    assert work, gear
    assert set(around) | set(work) <= EXAMPLES.keys()


def test_every_class_is_that_of_some_gear() -> None:
    assert set(GEAR.values()) == set(DEVICE_CLASSES)


@pytest.mark.parametrize("what", PROMISED)
def test_what_was_promised_has_rules_that_are_tried(what: str) -> None:
    assert set(PROMISED[what]) <= EXAMPLES.keys() | {BROKEN, UNPROVEN}
