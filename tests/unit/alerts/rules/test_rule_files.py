from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from alerts.rules.compiled import DownRule, Rule, ThresholdRule
from alerts.rules.load import Known, known_to_rules, load_rules
from noc.inventory.written import WrittenNames

DOWN = "kind: down\nsummary: Device down\nseverity: major\nfor: 0s\n"
BUSY = """\
kind: threshold
summary: Processor busy
severity: warning
for: 15m
measurement: noc_processor
field: usage_pct
above: {raise: 90, clear: 80}
"""
KNOWN = Known(
    devices={"nbo-rtr-1", "nbo-sw-1"},
    device_tags={"core"},
    sites={"nairobi"},
    site_classes={"field"},
    regions={"africa"},
    policies={"follow-the-sun"},
)


def load(
    root: Path, shipped: dict[str, str], own: dict[str, str] | None = None, known: Known | None = None
) -> tuple[dict[str, Rule], list[str]]:
    folders = []
    for folder, files in (("shipped", shipped), ("own", own)):
        if files is not None:
            folders.append(root / folder)
            folders[-1].mkdir()
            for name, text in files.items():
                (folders[-1] / f"{name}.yaml").write_text(textwrap.dedent(text))
    rules, findings = load_rules(folders, known)
    return dict(rules), [str(finding).replace(f"{root}/", "") for finding in findings]


def wrong(root: Path, text: str, known: Known | None = None) -> list[str]:
    """Return what is wrong with a rule, which is not loaded; `good` beside it is."""
    rules, findings = load(root, {"bad": text, "good": DOWN}, known=known)
    if any(" error: " in finding for finding in findings):
        assert set(rules) == {"good"}
    return findings


def test_a_down_rule(tmp_path: Path) -> None:
    rules, findings = load(tmp_path, {"device-down": DOWN})
    assert findings == []
    assert rules == {"device-down": DownRule(name="device-down", summary="Device down", severity="major", hold_ms=0)}


def test_a_threshold_with_everything(tmp_path: Path) -> None:
    text = """\
        kind: threshold
        summary: UPS battery charge low
        severity: critical
        for: 90s
        classes: [ups]
        regions: [africa]
        site_classes: [field]
        sites: [nairobi]
        device_tags: [core]
        devices: [nbo-*, gva-ups-?]
        policy: follow-the-sun
        runbook: https://wiki.example.org/ups?page=1#battery
        enabled: true
        measurement: noc_sensor
        field: value
        tags: {kind: charge, name: Battery charge}
        unit: percent
        below: {raise: 40, clear: 60.5}
        stale: 1h
        """
    rules, findings = load(tmp_path, {"ups": text})
    assert findings == []
    rule = rules["ups"]
    assert isinstance(rule, ThresholdRule)
    assert (rule.hold_ms, rule.stale_ms, rule.policy) == (90_000, 3_600_000, "follow-the-sun")
    assert (rule.side, rule.raise_at, rule.clear_at, rule.unit) == ("below", 40.0, 60.5, "percent")
    assert rule.tags == (("kind", "charge"), ("name", "Battery charge"))
    assert rule.runbook == "https://wiki.example.org/ups?page=1#battery"
    chosen = rule.selection
    assert (chosen.classes, chosen.sites, chosen.device_tags) == ({"ups"}, {"nairobi"}, {"core"})
    assert (chosen.regions, chosen.site_classes) == ({"africa"}, {"field"})
    fits = [name for name in ("nbo-ups-1", "gva-ups-1", "gva-ups-12", "xnbo-ups-1") if chosen.devices.match(name)]  # type: ignore[union-attr]
    assert fits == ["nbo-ups-1", "gva-ups-1"]


@pytest.mark.parametrize(
    ("measurement", "field", "tags", "unit"),
    [
        ("noc_processor", "usage_pct", "{}", "percent"),
        ("noc_sensor", "value", "{kind: temperature}", "celsius"),
        ("noc_sensor", "value", "{name: Inlet}", None),
        ("noc_sensor", "status", "{kind: temperature}", None),
    ],
)
def test_a_unit_that_is_left_out_is_that_of_the_series(
    tmp_path: Path, measurement: str, field: str, tags: str, unit: str | None
) -> None:
    text = BUSY.replace("noc_processor", measurement).replace("usage_pct", field) + f"tags: {tags}\n"
    rules, findings = load(tmp_path, {"r": text})
    assert findings == []
    assert isinstance(rules["r"], ThresholdRule)
    assert rules["r"].unit == unit


def test_a_file_of_the_same_name_replaces_the_shipped_one(tmp_path: Path) -> None:
    own = {"device-down": DOWN.replace("major", "minor"), "mine": DOWN}
    rules, findings = load(tmp_path, {"busy": BUSY, "device-down": DOWN}, own)
    assert findings == []
    assert [(name, rule.severity) for name, rule in rules.items()] == [
        ("busy", "warning"),
        ("device-down", "minor"),
        ("mine", "major"),
    ]


def test_a_wrong_file_does_not_leave_the_shipped_one_in_its_place(tmp_path: Path) -> None:
    rules, findings = load(tmp_path, {"device-down": DOWN}, {"device-down": DOWN.replace("major", "grave")})
    assert rules == {}
    assert len(findings) == 1


@pytest.mark.parametrize("text", ["enabled: false\n", f"{DOWN}enabled: false\n"])
def test_a_shipped_rule_is_switched_off(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, {"busy": BUSY, "device-down": DOWN}, {"device-down": text})[0].keys() == {"busy"}


def test_what_is_switched_off_must_be_there(tmp_path: Path) -> None:
    _, findings = load(tmp_path, {"device-down": DOWN}, {"device-dwn": "enabled: false\n"})
    assert findings[0].startswith(
        "own/device-dwn.yaml:1:1: error: there is no shipped rule 'device-dwn' to switch off"
        " (did you mean 'device-down'?)"
    )


def test_a_rule_that_is_switched_off_is_checked_all_the_same(tmp_path: Path) -> None:
    assert len(wrong(tmp_path, f"{DOWN.replace('major', 'grave')}enabled: false\n")) == 1


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        (
            "kind: threshold",
            "kind: treshold",
            "1:7: error: kind: 'treshold' is not one of 'down', 'threshold', 'expression'",
        ),
        ("kind: threshold\n", "", "1:1: error: missing key 'kind'"),
        ("severity: warning", "severity: grave", "3:11: error: severity: 'grave' is not one of"),
        ("for: 15m", "for: 0", "4:6: error: for: 0 is not a duration; write a number and a unit"),
        ("for: 15m\n", "", "1:1: error: missing key 'for'"),
        ("summary: Processor busy", "summary: ' '", "2:10: error: summary: must be one line"),
        ("summary: Processor busy", "summary: 'a\n\n  b'", "2:10: error: summary: must be one line"),
        ("noc_processor", "noc_procesor", "5:14: error: measurement: unknown measurement 'noc_procesor' (did you mean"),
        ("usage_pct", "usage", "6:8: error: field: 'noc_processor' has no field 'usage'"),
        ("above:", "except: {nam: [a]}\nabove:", "7:9: error: except: 'noc_processor' has no tag 'nam' (did you mean"),
        ("above:", "except: {name: []}\nabove:", "7:16: error: except.name: must not be empty"),
        ("above:", "skip: [x]\nabove:", "7:8: error: skip.0: must be a number, not 'x'"),
        ("above:", "unless: margin\nabove:", "7:9: error: unless: 'noc_processor' has no field 'margin'"),
        ("above:", "unless: usage_pct\nabove:", "7:9: error: unless: 'usage_pct' is the field that the rule is about"),
        ("above:", "below:", "7:8: error: below: clear (80) must be higher than raise (90)"),
        ("clear: 80", "clear: 90", "7:8: error: above: clear (90) must be lower than raise (90)"),
        ("clear: 80", "clear: 1e999", "7:27: error: above.clear: must be a number, not '1e999'"),
        ("clear: 80", "clear: high", "7:27: error: above.clear: must be a number, not 'high'"),
        (", clear: 80", "", "7:8: error: missing key 'clear'"),
        ("above: {raise: 90, clear: 80}\n", "", "1:1: error: below: a threshold has either 'above' or 'below'"),
        ("above:", "below: {raise: 1, clear: 2}\nabove:", "7:8: error: below: a threshold has either"),
        ("for:", "unit: celsius\nfor:", "4:7: error: unit: 'usage_pct' is in percent, not in 'celsius'"),
        ("for:", "tags: {nam: CPU}\nfor:", "4:13: error: tags: 'noc_processor' has no tag 'nam' (did you mean 'name'"),
        ("for:", "tags: {name: 1}\nfor:", "4:14: error: tags.name: must be text, not 1"),
        ("for:", "stale: 0s\nfor:", "4:8: error: stale: a duration must be longer than zero"),
        ("for:", "classes: []\nfor:", "4:10: error: classes: must not be empty; leave the key out"),
        ("for:", "classes: [ruter]\nfor:", "4:11: error: classes.0: 'ruter' is not one of"),
        ("for:", "runbook: wiki/page\nfor:", "4:10: error: runbook: 'wiki/page' is not a URL"),
        ("for:", "runbook: //wiki/page\nfor:", "4:10: error: runbook: '//wiki/page' is not a URL"),
        ("for:", "runbok: https://x\nfor:", "4:1: error: unknown key 'runbok' (did you mean 'runbook'?)"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, old: str, new: str, finding: str) -> None:
    assert old in BUSY
    findings = wrong(tmp_path, BUSY.replace(old, new, 1))
    assert len(findings) == 1
    place = f"shipped/bad.yaml:{finding}"
    if "tags: {nam:" in new:  # the tags as a whole
        place = place.replace("4:13", "4:7")
    assert findings[0].startswith(place)


def test_units_and_kinds_of_sensors(tmp_path: Path) -> None:
    text = BUSY.replace("noc_processor", "noc_sensor").replace("usage_pct", "value")
    assert "'value' is in percent, not in 'volts'" in wrong(tmp_path, f"{text}tags: {{kind: charge}}\nunit: volts\n")[0]


def test_a_kind_of_sensor_must_exist(tmp_path: Path) -> None:
    text = BUSY.replace("noc_processor", "noc_sensor").replace("usage_pct", "value")
    assert (
        "no sensor is of kind 'charg' (did you mean 'charge'?)" in wrong(tmp_path, f"{text}tags: {{kind: charg}}\n")[0]
    )


def test_a_down_rule_has_no_limits(tmp_path: Path) -> None:
    assert wrong(tmp_path, f"{DOWN}above: {{raise: 1, clear: 0}}\n")[0].startswith(
        "shipped/bad.yaml:5:1: error: unknown key 'above'"
    )


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = BUSY.replace("warning", "grave").replace("usage_pct", "usage").replace("15m", "15")
    assert len(wrong(tmp_path, f"{text}colour: red\n")) == 4


@pytest.mark.parametrize("text", ["", "- a\n", "kind: [\n"])
def test_a_file_that_is_no_mapping(tmp_path: Path, text: str) -> None:
    assert len(wrong(tmp_path, text)) == 1


def test_a_file_must_be_named_as_a_rule(tmp_path: Path) -> None:
    rules, findings = load(tmp_path, {"Device Down": DOWN})
    assert rules == {}
    assert findings[0].startswith(
        "shipped/Device Down.yaml: error: the file's name is the rule's name: small letters, digits, '.', '_' and '-';"
        " call it device-down.yaml"
    )


@pytest.mark.parametrize(
    ("line", "finding"),
    [
        ("policy: follow-the-son", "5:9: error: unknown escalation policy 'follow-the-son' (did you mean"),
        ("sites: [nairobi, nairobbi]", "5:18: error: unknown site 'nairobbi' (did you mean 'nairobi'?)"),
        ("regions: [afrika]", "5:11: error: unknown region 'afrika' (did you mean 'africa'?)"),
        ("site_classes: [feld]", "5:16: warning: no site is of class 'feld' (did you mean 'field'?)"),
        ("device_tags: [cor]", "5:15: warning: no device has the tag 'cor' (did you mean 'core'?)"),
        ("devices: [nbo-*, gva-*]", "5:18: warning: no device is called 'gva-*'"),
        ("devices: [nbo-rtr-2]", "5:11: warning: no device is called 'nbo-rtr-2' (did you mean 'nbo-rtr-1'?)"),
    ],
)
def test_names_that_are_defined_elsewhere(tmp_path: Path, line: str, finding: str) -> None:
    findings = wrong(tmp_path, f"{DOWN}{line}\n", KNOWN)
    assert len(findings) == 1
    assert findings[0].startswith(f"shipped/bad.yaml:{finding}")


def test_names_are_looked_at_only_where_they_can_be_told(tmp_path: Path) -> None:
    text = f"{DOWN}policy: x\nsites: [x]\nregions: [x]\nsite_classes: [x]\ndevice_tags: [x]\ndevices: [x]\n"
    rules, findings = load(tmp_path, {"r": text})
    assert (len(rules), findings) == (1, [])
    without_policies = Known(policies=None)
    assert len(load_rules([tmp_path / "shipped"], without_policies)[1]) == 5


def test_the_names_of_an_inventory() -> None:
    names = WrittenNames(devices=frozenset("d"), sites=frozenset("s"), site_classes=frozenset({"field"}))
    known = known_to_rules(names, {"p"})
    assert (known.devices, known.sites, known.site_classes, known.policies) == ({"d"}, {"s"}, {"field"}, {"p"})
    assert (known.regions, known.device_tags) == (None, None)


def test_a_mistake_of_schema_hides_no_wrong_name(tmp_path: Path) -> None:
    text = "kind: down\nsummary: 7\nseverity: grave\npolicy: follow-the-son\nsites: [nairobbi, 7]\ndevices: [x]\n"
    assert [finding.partition(": ")[2].partition(" (")[0] for finding in wrong(tmp_path, text, KNOWN)] == [
        "error: missing key 'for'",
        "error: summary: must be text, not 7",
        "error: severity: 'grave' is not one of 'critical', 'major', 'minor' or 'warning'",
        "error: unknown escalation policy 'follow-the-son'",
        "error: unknown site 'nairobbi'",
        "error: sites.1: must be text, not 7",
        "warning: no device is called 'x'",
    ]


def test_names_that_can_not_be_told_are_not_judged(tmp_path: Path) -> None:
    text = f"{DOWN}sites: [x]\nregions: [x]\nsite_classes: [x]\ndevice_tags: [x]\ndevices: [x]\n"
    assert wrong(tmp_path, text, known_to_rules(WrittenNames())) == []
