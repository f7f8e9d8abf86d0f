from __future__ import annotations

import re
from dataclasses import replace

import pytest

from alerts.rules.compiled import Rules
from alerts.rules.selection import Selection
from tests.things import device
from tests.unit.alerts.rules.things import SITE, down, threshold

DEVICE = replace(device("nbo-rtr-1"), tags=("core",))

FITTING = [
    Selection(classes=frozenset({"router", "switch"})),
    Selection(regions=frozenset({"africa"})),
    Selection(site_classes=frozenset({"field"})),
    Selection(sites=frozenset({"s"})),
    Selection(device_tags=frozenset({"core", "edge"})),
    Selection(devices=re.compile(r"nbo-.*\Z")),
]
"""The least close first."""
OTHER = [
    Selection(classes=frozenset({"ups"})),
    Selection(regions=frozenset({"asia"})),
    Selection(site_classes=frozenset({"hq"})),
    Selection(sites=frozenset({"t"})),
    Selection(device_tags=frozenset({"edge"})),
    Selection(devices=re.compile(r"gva-.*\Z")),
]


def test_a_rule_that_chooses_nothing_is_for_all() -> None:
    assert down("all").matches(DEVICE, SITE)


@pytest.mark.parametrize("selection", FITTING)
def test_a_choice_that_fits(selection: Selection) -> None:
    assert down("some", selection).matches(DEVICE, SITE)


@pytest.mark.parametrize(("fitting", "other"), [*zip(FITTING, [*OTHER[1:], OTHER[0]], strict=True)])
def test_all_choices_must_fit(fitting: Selection, other: Selection) -> None:
    assert not other.matches(DEVICE, SITE)
    names = ("classes", "regions", "site_classes", "sites", "device_tags", "devices")
    both = {name: getattr(fitting, name) or getattr(other, name) for name in names}
    assert not Selection(**both).matches(DEVICE, SITE)


def test_of_several_down_rules_the_closest_holds() -> None:
    rules = [down("all"), *(down(f"{9 - n}-closer", selection) for n, selection in enumerate(FITTING))]
    while len(rules) > 1:
        assert Rules(rules).down_for(DEVICE, SITE) is rules[-1]
        assert Rules(reversed(rules)).down_for(DEVICE, SITE) is rules[-1]
        rules.pop()
    assert Rules(rules).down_for(DEVICE, SITE) is rules[0]


def test_among_equally_close_rules_the_first_name_wins() -> None:
    assert Rules([down("b"), down("a"), down("c")]).down_for(DEVICE, SITE) == down("a")


def test_nobody_may_want_to_hear_of_it() -> None:
    rules = Rules([down("others", OTHER[0])])
    assert rules.down_for(DEVICE, SITE) is None
    assert rules.for_device(DEVICE, SITE) == ()


def test_rules_are_found_by_name_kind_device_and_measurement() -> None:
    busy, warm = threshold(name="busy"), threshold("noc_sensor.value", name="warm")
    elsewhere = threshold(name="elsewhere", selection=OTHER[0])
    rules = Rules([warm, down("d"), elsewhere, busy])
    assert rules.get("busy") is busy
    assert rules.get("bussy") is None
    assert rules.down == (down("d"),)
    assert rules.thresholds == (busy, elsewhere, warm)
    assert rules.for_device(DEVICE, SITE) == (down("d"), busy, warm)
    assert dict(rules.thresholds_for(DEVICE, SITE)) == {"noc_processor": (busy,), "noc_sensor": (warm,)}


def test_devices_of_equal_rules_share_one_mapping() -> None:
    rules = Rules([threshold(name="busy")])
    assert rules.thresholds_for(DEVICE, SITE) is rules.thresholds_for(device("other"), SITE)
