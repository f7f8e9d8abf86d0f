"""Each property of each entity that can be wrong by itself."""

from __future__ import annotations

import pytest

from .conftest import Messages


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ("latitude: 91\n    longitude: 0", "4:15: error: site 'x': latitude: must be less than or equal to 90, not 91"),
        (
            "latitude: 0\n    longitude: -180.5",
            "5:16: error: site 'x': longitude: must be greater than or equal to -180, not -180.5",
        ),
        (
            "latitude: 0",
            "3:5: error: site 'x': longitude: latitude and longitude are given together, or neither",
        ),
        (
            "longitude: 0",
            "4:16: error: site 'x': longitude: latitude and longitude are given together, or neither",
        ),
        (
            "time_zone: Africa/Nairobbi",
            "4:16: error: site 'x': time_zone: unknown time zone 'Africa/Nairobbi' (did you mean 'Africa/Nairobi'?)",
        ),
        (
            "country: Kenya",
            "4:14: error: site 'x': country: 'Kenya' is not a country code; write two capital letters, such as KE",
        ),
        ("weight: 0", "4:13: error: site 'x': weight: must be greater than 0, not 0"),
        ("name: ''", "4:11: error: site 'x': name: is too short; it needs at least 1"),
        ("edge_devices: nbo-rtr-1", "4:19: error: site 'x': edge_devices: must be a list, not 'nbo-rtr-1'"),
        ("latitude: north\n    longitude: 0", "4:15: error: site 'x': latitude: must be a number, not 'north'"),
        ("lattitude: 1", "4:5: error: site 'x': unknown key 'lattitude' (did you mean 'latitude'?)"),
        (
            "defaults: {intervall: 1m}",
            "4:16: error: site 'x': unknown key 'intervall' (did you mean 'interval'?)",
        ),
        (
            "in_service: [{from: 2026-03-01}]",
            "4:25: error: site 'x': in_service.0.from: '2026-03-01' has no zone; write 2026-03-01T08:00:00Z or …+03:00",
        ),
        (
            "in_service: [{from: 2026-03-02T00:00:00Z, to: 2026-03-01T00:00:00Z}]",
            "4:18: error: site 'x': in_service.0: a period ends after it begins: `to` must be later than `from`",
        ),
    ],
)
def test_sites(messages: Messages, properties: str, expected: str) -> None:
    text = f"sites:\n  x:\n    region: africa\n    {properties}\n    class: field\n"
    device = "id,site,address,class\ny,x,192.0.2.9,router\n"
    found = [message for message in messages({"more.yaml": text, "devices.csv": device}) if "warning" not in message]
    assert found == [f"more.yaml:{expected}"]


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ("", "3:5: error: device 'x': missing key 'address'"),
        ("address: 192.0.2.9\n    site: [nairobi]", "5:11: error: device 'x': site: must be text, not a list"),
        (
            "address: 192.0.2.9\n    liveness: ping",
            "5:15: error: device 'x': liveness: 'ping' is no liveness check; write icmp, snmp or tcp:PORT",
        ),
        (
            "address: 192.0.2.9\n    retries: 11",
            "5:14: error: device 'x': retries: must be less than or equal to 10, not 11",
        ),
        (
            "address: 192.0.2.9\n    confirm_down: 0",
            "5:19: error: device 'x': confirm_down: must be greater than or equal to 1, not 0",
        ),
        (
            "address: 192.0.2.9\n    interval: 60",
            (
                "5:15: error: device 'x': interval: 60 is not a duration; "
                "write a number and a unit: 500ms, 30s, 5m, 2h, 1d"
            ),
        ),
        (
            "address: 192.0.2.9\n    tags: [Core]",
            "5:12: error: device 'x': tags.0: 'Core' is not a word of lower-case letters, digits, '.', '_' and '-'",
        ),
        (
            "address: 192.0.2.9\n    snmp_port: 0",
            "5:16: error: device 'x': snmp_port: must be greater than or equal to 1, not 0",
        ),
    ],
)
def test_devices(messages: Messages, properties: str, expected: str) -> None:
    site = "" if "site:" in properties else "    site: nairobi\n"
    text = f"devices:\n  x:\n    class: router\n    {properties}\n{site}"
    assert messages({"more.yaml": text}) == [f"more.yaml:{expected}"]


def test_a_class_that_is_unknown(messages: Messages) -> None:
    [message] = messages({"more.yaml": "devices:\n  x: {site: nairobi, address: 192.0.2.9, class: swich}\n"})
    assert message.startswith("more.yaml:2:49: error: device 'x': class: 'swich' is not one of 'switch', 'router', ")
    assert message.endswith("(did you mean 'switch'?)")


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ("capacity: fast", "capacity: 'fast' is not a bit rate; write bits per second as 512k, 2M or 1G"),
        ("byte_budget_per_hour: 20", "byte_budget_per_hour: 20 is not an amount of data; write 512kB, 20MB or 1GB"),
        ("kind: copper", "kind: 'copper' is not one of 'mpls', 'satellite', 'microwave', 'internet' or 'fibre'"),
    ],
)
def test_circuits(messages: Messages, properties: str, expected: str) -> None:
    kind = "" if properties.startswith("kind") else "    kind: mpls\n"
    text = (
        f"circuits:\n  c:\n    {properties}\n{kind}    site: nairobi\n    a: {{device: nbo-rtr-1, interface: Gi0/0}}\n"
    )
    column = 5 + properties.index(":") + 2
    assert messages({"more.yaml": text}) == [f"more.yaml:3:{column}: error: circuit 'c': {expected}"]


@pytest.mark.parametrize("target", ["0", "100.1", "-1"])
def test_a_target_is_a_percentage(messages: Messages, target: str) -> None:
    text = f"services:\n  s:\n    availability_target: {target}\n    formula: {{all_of: [site/nairobi]}}\n"
    [message] = messages({"more.yaml": text})
    assert message.startswith("more.yaml:3:26: error: service 's': availability_target: must be ")
