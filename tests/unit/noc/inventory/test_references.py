"""What entities say of each other: each wrong reference with its place and the nearest name."""

from __future__ import annotations

import pytest

from .conftest import DEVICES, REGIONS, SITES, Messages

CASES: list[tuple[str, dict[str, str | None], list[str]]] = [
    (
        "region of a site",
        {"more.yaml": "sites:\n  x:\n    class: field\n    region: afrika\n"},
        [
            "more.yaml:2:3: warning: site 'x': no device is at this site; its state stays unknown",
            "more.yaml:4:13: error: site 'x': unknown region 'afrika' (did you mean 'africa'?)",
        ],
    ),
    (
        "site of a device",
        {"more.yaml": "devices:\n  x: {site: nairobbi, address: 192.0.2.9, class: switch}\n"},
        ["more.yaml:2:13: error: device 'x': unknown site 'nairobbi' (did you mean 'nairobi'?)"],
    ),
    (
        "technology centre",
        {"regions.yaml": "regions:\n  africa: {technology_centre: nairob}\n"},
        ["regions.yaml:2:31: error: region 'africa': unknown site 'nairob' (did you mean 'nairobi'?)"],
    ),
    (
        "edge device that is unknown",
        {"sites.yaml": "sites:\n  nairobi: {region: africa, class: rtc, edge_devices: [nbo-rtr-1, nbo-rtr-2]}\n"},
        ["sites.yaml:2:67: error: site 'nairobi': unknown device 'nbo-rtr-2' (did you mean 'nbo-rtr-1'?)"],
    ),
    (
        "edge device of another site",
        {"more.yaml": "sites:\n  x:\n    {region: africa, class: field, edge_devices: [nbo-rtr-1]}\n"},
        [
            "more.yaml:2:3: warning: site 'x': no device is at this site; its state stays unknown",
            "more.yaml:3:51: error: site 'x': edge device 'nbo-rtr-1' stands at another site, 'nairobi'",
        ],
    ),
    (
        "no edge device",
        {"sites.yaml": "sites:\n  nairobi: {region: africa, class: rtc}\n"},
        [
            "sites.yaml:2:3: warning: site 'nairobi': edge_devices names none of its devices; its state stays unknown",
        ],
    ),
    (
        "region without sites",
        {"more.yaml": "regions:\n  asia: {}\n"},
        ["more.yaml:2:3: warning: region 'asia': no site is in this region"],
    ),
    (
        "upstream that is nothing",
        {"more.yaml": "devices:\n  x: {site: nairobi, address: 192.0.2.9, class: switch, upstream: [nbo-rtr-11]}\n"},
        [
            (
                "more.yaml:2:68: error: device 'x': upstream 'nbo-rtr-11' is neither a device nor a site"
                " (did you mean 'nbo-rtr-1'?)"
            )
        ],
    ),
    (
        "upstream by its full name that is nothing",
        {"more.yaml": "devices:\n  x: {site: nairobi, address: 192.0.2.9, class: radio, upstream: [site/nbo-rtr-1]}\n"},
        [
            (
                "more.yaml:2:67: error: device 'x': upstream 'site/nbo-rtr-1' is neither a device nor a site"
                " (did you mean 'nbo-rtr-1'?)"
            )
        ],
    ),
    (
        "a site that is misspelt: what follows from it is not told",
        {
            "devices.yaml": "devices:\n  nbo-rtr-1: {site: nairoby, address: 192.0.2.1, class: router}\n",
        },
        ["devices.yaml:2:21: error: device 'nbo-rtr-1': unknown site 'nairoby' (did you mean 'nairobi'?)"],
    ),
    (
        "a key that is misspelt: what follows from it is not told",
        {
            "sites.yaml": "sites:\n  nairobi: {regoin: africa, class: rtc, edge_devices: [nbo-rtr-1]}\n",
        },
        ["sites.yaml:2:13: error: site 'nairobi': unknown key 'regoin' (did you mean 'region'?)"],
    ),
    (
        "upstream that is two things",
        {
            "more.yaml": (
                "devices:\n"
                "  nairobi: {site: nairobi, address: 192.0.2.8, class: switch}\n"
                "  x: {site: nairobi, address: 192.0.2.9, class: switch, upstream: [nairobi]}\n"
            )
        },
        [
            (
                "more.yaml:3:68: error: device 'x': upstream 'nairobi' is a device and a site;"
                " write device/nairobi or site/nairobi"
            )
        ],
    ),
    (
        "upstream that is itself",
        {"more.yaml": "devices:\n  x: {site: nairobi, address: 192.0.2.9, class: switch, upstream: [x]}\n"},
        ["more.yaml:2:67: error: device 'x': upstream goes in a circle: device/x → device/x"],
    ),
    (
        "circle of upstream over a site",
        {
            "devices.yaml": (
                "devices:\n"
                "  nbo-rtr-1: {site: nairobi, address: 192.0.2.1, class: router, upstream: [a]}\n"
                "  a: {site: nairobi, address: 192.0.2.2, class: router, upstream: [b]}\n"
                "  b: {site: nairobi, address: 192.0.2.3, class: router, upstream: [site/nairobi]}\n"
            )
        },
        [
            (
                "devices.yaml:3:67: error: device 'a': upstream goes in a circle: "
                "device/a → device/b → site/nairobi → device/nbo-rtr-1 → device/a"
            )
        ],
    ),
    (
        "one address twice",
        {"more.yaml": "devices:\n  x: {site: nairobi, address: 192.0.2.1, class: switch}\n"},
        [
            (
                "more.yaml:2:31: error: device 'x': address 192.0.2.1 (port 161) is that of device 'nbo-rtr-1' too:"
                " devices.yaml:2:39"
            )
        ],
    ),
    (
        "one address on two ports",
        {"more.yaml": "devices:\n  x: {site: nairobi, address: 192.0.2.1, snmp_port: 1161, class: switch}\n"},
        [],
    ),
    (
        "one address one after the other",
        {
            "devices.yaml": None,
            "devices.csv": (
                "id,site,address,class,in_service\n"
                "nbo-rtr-1,nairobi,192.0.2.1,router,/2026-03-01T00:00:00Z\n"
                "x,nairobi,192.0.2.1,router,2026-03-01T00:00:00Z/\n"
                "y,nairobi,192.0.2.1,router,2026-04-01T00:00:00Z/2026-04-02T00:00:00Z\n"
            ),
        },
        [
            (
                "devices.csv:4:11: error: device 'y': address 192.0.2.1 (port 161) is that of device 'x' too:"
                " devices.csv:3:11"
            )
        ],
    ),
    (
        "circuit with ends and site that are unknown",
        {
            "more.yaml": (
                "circuits:\n  c:\n    kind: mpls\n    site: nairobe\n"
                "    a: {device: nbo-rtr-2, interface: Gi0/0}\n    z: {device: zzz, interface: Gi0/0}\n"
                "    probe: {device: nbo-rtr, name: a}\n"
            )
        },
        [
            "more.yaml:4:11: error: circuit 'c': unknown site 'nairobe' (did you mean 'nairobi'?)",
            "more.yaml:5:17: error: circuit 'c': unknown device 'nbo-rtr-2' (did you mean 'nbo-rtr-1'?)",
            "more.yaml:6:17: error: circuit 'c': unknown device 'zzz'",
            "more.yaml:7:21: error: circuit 'c': unknown device 'nbo-rtr' (did you mean 'nbo-rtr-1'?)",
        ],
    ),
    (
        "circuit without evidence",
        {"more.yaml": "circuits:\n  c: {kind: mpls, site: nairobi}\n"},
        [
            (
                "more.yaml:2:6: error: circuit 'c': a circuit needs evidence: "
                "give a and z (device and interface), or probe"
            ),
        ],
    ),
    (
        "service of entities that are unknown",
        {
            "more.yaml": (
                "services:\n  s:\n    formula:\n      all_of:\n        - site/nairobo\n"
                "        - any_of: [device/nbo-rtr-1, interface/nbo-rtr-2/Gi0/0, circuit/c]\n"
                "        - nairobi\n        - region/africa\n        - service/mail\n"
                "        - interface/nbo-rtr-1/Gi0/0\n"
            )
        },
        [
            "more.yaml:5:11: error: service 's': unknown site 'nairobo' (did you mean 'nairobi'?)",
            "more.yaml:6:38: error: service 's': unknown device 'nbo-rtr-2' (did you mean 'nbo-rtr-1'?)",
            "more.yaml:6:65: error: service 's': unknown circuit 'c'",
            (
                "more.yaml:7:11: error: service 's': 'nairobi' is not an entity;"
                " write site/…, device/…, interface/…, circuit/…, endpoint/…, service/…"
            ),
            (
                "more.yaml:8:11: error: service 's': 'region/africa' is not an entity;"
                " write site/…, device/…, interface/…, circuit/…, endpoint/…, service/…"
            ),
            "more.yaml:9:11: error: service 's': unknown service 'mail'",
        ],
    ),
    (
        "circle of services",
        {
            "more.yaml": (
                "services:\n  s: {formula: {all_of: [service/t]}}\n"
                "  t: {formula: {any_of: [site/nairobi, {at_least: 1, of: [service/s]}]}}\n"
            )
        },
        ["more.yaml:2:16: error: service 's': formulas go in a circle: service/s → service/t → service/s"],
    ),
]


@pytest.mark.parametrize(("files", "expected"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_references(messages: Messages, files: dict[str, str | None], expected: list[str]) -> None:
    assert messages(files) == expected


def test_a_device_in_error_is_known_all_the_same(messages: Messages) -> None:
    found = messages({"devices.yaml": "devices:\n  nbo-rtr-1: {site: nairobi, address: nowhere, class: router}\n"})
    assert found == [
        (
            "devices.yaml:2:39: error: device 'nbo-rtr-1': address: 'nowhere' is not an IPv4 or IPv6 address; "
            "names are not looked up, write the address"
        )
    ]


def test_all_files_are_told_in_order(messages: Messages) -> None:
    found = messages(
        {
            "regions.yaml": REGIONS.replace("{}", "{tz: x}"),
            "sites.yaml": SITES.replace("rtc", "RTC"),
            "devices.yaml": DEVICES.replace("router", "ruter"),
        }
    )
    assert [message.split(": ")[0] for message in found] == [
        "devices.yaml:2:57",
        "regions.yaml:2:12",
        "sites.yaml:2:36",
    ]
