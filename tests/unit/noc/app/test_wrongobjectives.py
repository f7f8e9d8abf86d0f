"""Objectives of what there is not, and what is promised twice, are told with their place."""

from __future__ import annotations

from tests.unit.noc.app.conftest import CLEAN, Checking

SERVICES = "services:\n  mail: {formula: {any_of: [device/nbo-rtr-1]}, availability_target: 99.9}\n"


def with_objectives(text: str) -> dict[str, str | None]:
    return {
        "noc.yaml": CLEAN["noc.yaml"] + text,
        "inventory/services.yaml": SERVICES,
    }


def test_all_that_is_right_is_taken(checking: Checking) -> None:
    text = "objectives: {regions: {africa: 99.5}, site_classes: {rtc: 99.9}, sites: {nairobi: 99}, time_zone: UTC}\n"
    assert checking.messages(with_objectives(text)) == []


def test_names_of_nothing_are_told_with_what_was_meant(checking: Checking) -> None:
    text = "objectives:\n  sites: {nairobbi: 99}\n  site_classes: {rtx: 99}\n  devices: {zzz: 99}\n"
    assert checking.messages(with_objectives(text)) == [
        "noc.yaml:4:11: error: objectives.sites: there is no site 'nairobbi' (did you mean 'nairobi'?)",
        "noc.yaml:5:18: error: objectives.site_classes: there is no site class 'rtx' (did you mean 'rtc'?)",
        "noc.yaml:6:13: error: objectives.devices: there is no device 'zzz'",
    ]


def test_what_is_promised_twice_is_told(checking: Checking) -> None:
    text = "availability_target: 99.8\nobjectives: {network: 99.9, services: {mail: 99}}\n"
    said = checking.messages(with_objectives(text))
    assert len(said) == 2
    assert "noc.yaml:3:1: error: availability_target: objectives.network says the same" in said[0]
    assert "objectives.services: the inventory says the availability_target of 'mail' too" in said[1]


def test_a_percentage_beyond_100_is_no_target(checking: Checking) -> None:
    (said,) = checking.messages(with_objectives("objectives: {sites: {nairobi: 101}}\n"))
    assert "objectives.sites.nairobi" in said
