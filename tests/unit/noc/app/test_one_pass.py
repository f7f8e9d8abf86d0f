"""`check` is one pass: a mistake of one kind hides none of another, and makes up none that isn't there."""

from __future__ import annotations

import pytest

from noc.model.finding import Finding

from .conftest import CLEAN, Checking

ALERTS = """alerts:
  people:
    achieng: {email: achieng@example.org, language: fr}
  notifiers:
    email: {host: mail.example.org, from: noc@example.org}
  policies:
    standard: {steps: [{notify: [achieng]}]}
"""
RULE = "kind: down\nsummary: Down\nseverity: major\nfor: 0s\n"


def short(findings: tuple[Finding, ...]) -> list[str]:
    """Return place and message, without the hint."""
    return [f"{finding.file}:{finding.line}: {finding.message.partition(' (did')[0]}" for finding in findings]


def test_everything_that_is_wrong_with_alerts_and_a_rule(checking: Checking) -> None:
    text = (
        ALERTS.replace("language: fr", "language: tlh")
        .replace("{host: mail.example.org,", "{host: mail server, prot: 25,")
        .replace("[{notify: [achieng]}]", "[{notify: [achien], by: [emial], after: soon}]")
        + "  default_policy: standart\n"
    )
    found = checking.run(
        {
            "noc.yaml": CLEAN["noc.yaml"] + "rules: rules\n" + text,
            "rules/mine.yaml": RULE.replace("major", "grave")
            + "policy: standrd\nsites: [nairobbi]\ndevices: [nbo-rtr-9]\n",
        }
    ).findings
    assert short(found) == [
        "noc.yaml:6: alerts.people.achieng.language: 'tlh' is not one of ar, zh, en, fr, ru, es",
        (
            "noc.yaml:8: alerts.notifiers.email.host: 'mail server' is no name or address of a server; "
            "write mail.example.org"
        ),
        "noc.yaml:8: alerts.notifiers.email: unknown key 'prot'",
        "noc.yaml:10: policy 'standard': unknown person 'achien'",
        "noc.yaml:10: policy 'standard': unknown notifier 'emial'",
        (
            "noc.yaml:10: alerts.policies.standard.steps.0.after: 'soon' is not a duration; write a number and a unit: "
            "500ms, 30s, 5m, 2h, 1d"
        ),
        "noc.yaml:11: unknown policy 'standart'",
        "rules/mine.yaml:3: severity: 'grave' is not one of 'critical', 'major', 'minor' or 'warning'",
        "rules/mine.yaml:5: unknown escalation policy 'standrd'",
        "rules/mine.yaml:6: unknown site 'nairobbi'",
        "rules/mine.yaml:7: no device is called 'nbo-rtr-9'",
    ]


def test_a_mistake_in_alerts_makes_no_policy_unknown_to_rules(checking: Checking) -> None:
    text = CLEAN["noc.yaml"] + "rules: rules\n" + ALERTS.replace("language: fr", "language: tlh")
    found = checking.run({"noc.yaml": text, "rules/mine.yaml": RULE + "policy: standard\n"}).findings
    assert short(found) == ["noc.yaml:6: alerts.people.achieng.language: 'tlh' is not one of ar, zh, en, fr, ru, es"]


def test_a_mistake_in_the_inventory_hides_no_wrong_name_in_rules(checking: Checking) -> None:
    found = checking.run(
        {
            "noc.yaml": CLEAN["noc.yaml"] + "rules: rules\n",
            "inventory/more.yaml": "devices: {x: {site: nairobi, address: 300.1.1.1, class: router, tags: [core]}}\n",
            "rules/mine.yaml": RULE + "sites: [nairobbi]\ndevices: [x]\ndevice_tags: [core, cor]\n",
        }
    ).findings
    assert [line.partition(";")[0] for line in short(found)] == [
        "inventory/more.yaml:1: device 'x': address: '300.1.1.1' is not an IPv4 or IPv6 address",
        "rules/mine.yaml:5: unknown site 'nairobbi'",
        "rules/mine.yaml:7: no device has the tag 'cor'",
    ]


def test_an_entity_with_a_mistake_hides_none_of_its_wrong_names(checking: Checking) -> None:
    found = checking.run(
        {
            "inventory/more.yaml": (
                "regions:\n"
                "  asia: {technology_centre: nairobbi, time_zone: Mars}\n"
                "sites:\n"
                "  goma: {region: asja, class: field, weight: 0, edge_devices: [b, nbo-rtr-1],"
                " defaults: {retries: many, profile: generc}}\n"
                "devices:\n"
                "  a: {site: nairobbi, address: 192.0.2.1, class: ruter, upstream: [nbo-rtr-2],"
                " credentials: standrd, profile: generc}\n"
                "  c: {site: goma, address: 192.0.2.3, class: ruter, upstream: [d]}\n"
                "  d: {site: goma, address: 192.0.2.4, class: switch, upstream: [c], liveness: snmp}\n"
                "circuits:\n"
                "  w: {site: gomma, kind: string, a: {device: dd, interface: 7}}\n"
                "services:\n"
                "  mail: {formula: {all_of: [device/e]}, availability_target: 101}\n"
            ),
        }
    ).findings
    assert {line.partition(": ")[2].partition("; ")[0] for line in short(found)} >= {
        "region 'asia': unknown site 'nairobbi'",
        "site 'goma': unknown region 'asja'",
        "site 'goma': unknown device 'b'",
        "site 'goma': edge device 'nbo-rtr-1' stands at another site, 'nairobi'",
        "site 'goma': defaults: unknown profile 'generc'",
        "site 'goma': weight: must be greater than 0, not 0",
        "device 'a': unknown site 'nairobbi'",
        "device 'a': upstream 'nbo-rtr-2' is neither a device nor a site",
        "device 'a': unknown credentials 'standrd'",
        "device 'a': unknown profile 'generc'",
        "device 'a': address 192.0.2.1 (port 161) is that of device 'nbo-rtr-1' too: inventory/all.yaml:3:47",
        "device 'c': upstream goes in a circle: device/c → device/d → device/c",
        "circuit 'w': unknown site 'gomma'",
        "circuit 'w': unknown device 'dd'",
        "service 'mail': unknown device 'e'",
    }


def test_layers_with_a_mistake_hide_no_wrong_names(checking: Checking) -> None:
    found = checking.run(
        {
            "noc.yaml": (
                CLEAN["noc.yaml"].replace("{credentials: standard}", "{credentials: standrd, retries: many}")
                + "classes:\n"
                "  devices: {router: {profile: generc, timeout: 0s}, ruter: {}}\n"
                "  sites: {rct: {}}\n"
                "ssh: {host_keys: never, known_hosts: absent}\n"
            )
        }
    ).findings
    assert [line.partition(",")[0] for line in short(found)] == [
        "absent:0: can't be read: no such file or directory",
        "noc.yaml:2: defaults: unknown credentials 'standrd'",
        "noc.yaml:2: defaults.retries: must be a whole number",
        "noc.yaml:4: classes.devices.router: unknown profile 'generc'",
        "noc.yaml:4: classes.devices.router.timeout: a duration must be longer than zero",
        "noc.yaml:4: classes.devices: 'ruter' is not one of 'switch'",
        "noc.yaml:5: classes.sites.rct: no site is of class 'rct'",
        "noc.yaml:6: ssh.host_keys: 'never' is not one of 'accept-new' or 'strict'",
    ]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        # What the site gives its devices can't be told while something is wrong with it.
        (
            {
                "noc.yaml": CLEAN["noc.yaml"].replace("defaults: {credentials: standard}\n", ""),
                "inventory/all.yaml": CLEAN["inventory/all.yaml"]
                .replace("class: rtc,", "class: rtc, country: kenya, defaults: {credentials: standard},")
                .replace("class: router", "class: router, liveness: snmp"),
            },
            "site 'nairobi': country: 'kenya' is not a country code",
        ),
        ({"noc.yaml": "credentials: standard\ndefaults: {credentials: standard}\n"}, "credentials: must be a mapping"),
        ({"noc.yaml": f"{CLEAN['noc.yaml']}alerts: [1]\n"}, "alerts: must be a mapping of keys, not a list"),
        ({"noc.yaml": f"{CLEAN['noc.yaml']}store: 7\n"}, "store: must be a mapping of keys, not a number"),
        ({"noc.yaml": f"{CLEAN['noc.yaml']}ssh: 7\n"}, "ssh: must be a mapping of keys, not a number"),
        ({"noc.yaml": f"{CLEAN['noc.yaml']}classes: {{sites: 7}}\n"}, "classes.sites: must be a mapping of keys"),
    ],
)
def test_one_mistake_makes_one_finding(checking: Checking, files: dict[str, str], expected: str) -> None:
    [finding] = checking.run(files).findings
    assert finding.message.startswith(expected)
