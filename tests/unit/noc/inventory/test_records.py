"""The files of an inventory folder, and what can be wrong with them as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.inventory.layers import Layers
from noc.inventory.load import load_inventory
from noc.inventory.watches import Known

from .conftest import Load, Messages


def test_the_clean_inventory_is_clean(load: Load) -> None:
    loaded = load({})
    assert loaded.findings == ()
    assert (loaded.devices, loaded.sites) == (1, 1)
    assert [path.name for path in loaded.files] == ["devices.yaml", "regions.yaml", "sites.yaml"]


def test_yaml_and_csv_say_the_same(load: Load) -> None:
    yaml = """
        devices:
          nbo-rtr-1:
            name: Router
            site: nairobi
            address: 192.0.2.1
            class: router
            snmp_port: 1161
            interval: 30s
            upstream: [nbo-sat-1, nbo-sat-2]
            in_service: [{from: 2026-01-01T00:00:00Z}]
            tags: [core]
          nbo-sat-1: {site: nairobi, address: 192.0.2.2, class: satellite-modem}
          nbo-sat-2: {site: nairobi, address: "2001:db8::2", class: satellite-modem}
    """
    csv = """\
        id,name,site,address,class,snmp_port,interval,upstream,in_service,tags
        nbo-rtr-1,Router,nairobi,192.0.2.1,router,1161,30s,nbo-sat-1 nbo-sat-2,2026-01-01T00:00:00Z/,core
        nbo-sat-1,,nairobi,192.0.2.2,satellite-modem,,,,,
        nbo-sat-2,,nairobi,2001:db8::2,satellite-modem,,,,,
    """
    from_yaml = load({"devices.yaml": yaml}).inventory
    from_csv = load({"devices.yaml": "", "devices.csv": csv}).inventory
    assert from_yaml is not None
    assert from_yaml == from_csv
    assert from_yaml.devices["nbo-rtr-1"].snmp_port == 1161
    assert from_yaml.devices["nbo-sat-1"].name == "nbo-sat-1"


def test_tables_of_every_kind(load: Load) -> None:
    loaded = load(
        {
            "regions.yaml": None,
            "sites.yaml": None,
            "regions.csv": "id,name,contacts\nafrica,Africa,a@example.org b@example.org\n",
            "sites.csv": (
                "id;region;class;latitude;longitude;edge_devices;defaults.interval\n"
                "nairobi;africa;rtc;-1.234;36.817;nbo-rtr-1;5m\n"
            ),
            "circuits.csv": "id,kind,site,capacity,a.device,a.interface\nnbo,mpls,nairobi,2M,nbo-rtr-1,Gi0/0\n",
            "services.csv": "id,formula.at_least,formula.of\nerp,1,site/nairobi device/nbo-rtr-1\n",
        }
    )
    assert loaded.findings == ()
    inventory = loaded.inventory
    assert inventory is not None
    assert inventory.regions["africa"].contacts == ("a@example.org", "b@example.org")
    assert inventory.sites["nairobi"].latitude == -1.234
    assert inventory.devices["nbo-rtr-1"].watch.interval.total_seconds() == 300
    assert inventory.circuits["nbo"].capacity == 2_000_000
    assert inventory.services["erp"].formula.of == ("site/nairobi", "device/nbo-rtr-1")


def test_environment_variables_are_replaced_in_yaml(load: Load) -> None:
    loaded = load({"devices.yaml": "devices: {nbo-rtr-1: {site: nairobi, address: '${PREFIX}.7', class: router}}"})
    assert loaded.inventory is not None
    assert str(loaded.inventory.devices["nbo-rtr-1"].address) == "192.0.2.7"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"more.yaml": "site: {}\ndevicez: {}\n7: {}\n"},
            [
                "more.yaml:1:1: error: unknown key 'site' (did you mean 'sites'?)",
                "more.yaml:2:1: error: unknown key 'devicez' (did you mean 'devices'?)",
                (
                    "more.yaml:3:1: error: unknown key '7'; "
                    "known here: regions, sites, devices, circuits, endpoints, services"
                ),
            ],
        ),
        (
            {"more.yaml": "- a"},
            ["more.yaml:1:1: error: expected some of the keys regions, sites, devices, circuits, endpoints, services"],
        ),
        ({"more.yaml": "devices:\n# none yet\n"}, []),
        ({"more.yaml": "devices: [a]"}, ["more.yaml:1:10: error: devices: expected a mapping from ids to properties"]),
        (
            {"more.yaml": "devices:\n  a: router\n"},
            ["more.yaml:2:3: error: device 'a': expected a mapping of its properties"],
        ),
        (
            {"more.yaml": "devices:\n  a:\n    id: b\n"},
            ["more.yaml:3:5: error: device 'a': unknown key 'id'; the id is what stands before the colon"],
        ),
        (
            {"more.yaml": "regions:\n  East Africa: {}\n  é: {}\n"},
            [
                (
                    "more.yaml:2:3: error: region 'East Africa': an id is made of lower-case letters, digits, '.', '_' "
                    "and '-' (did you mean 'east-africa'?)"
                ),
                "more.yaml:3:3: error: region 'é': an id is made of lower-case letters, digits, '.', '_' and '-'",
            ],
        ),
        (
            {"more.yaml": "devices: {nbo-rtr-1: {}}"},
            ["more.yaml:1:11: error: device 'nbo-rtr-1': is in the inventory already: devices.yaml:2:3"],
        ),
        (
            {"devices.csv": "site,id,address,class\nnairobi,nbo-rtr-1,192.0.2.1,router\n"},
            ["devices.yaml:2:3: error: device 'nbo-rtr-1': is in the inventory already: devices.csv:2:9"],
        ),
        (
            {"regions.csv": "id,name\nafrica,Africa\n", "regions.yaml": "", "more.yaml": "regions: {africa: {}}"},
            ["regions.csv:2:1: error: region 'africa': is in the inventory already: more.yaml:1:11"],
        ),
        (
            {"device.csv": "id\na\n"},
            [
                (
                    "device.csv: error: unknown table 'device' (did you mean 'devices'?); tables are regions.csv, "
                    "sites.csv, devices.csv, circuits.csv, endpoints.csv, services.csv"
                )
            ],
        ),
        ({"old.yml": "regions: {}"}, ["old.yml: warning: is not read; name it .yaml"]),
        ({".hidden.yaml": "[", "README.md": "["}, []),
        ({"more.yaml": "a: [1"}, ["more.yaml:1:4: error: not valid YAML: the [ here is not closed"]),
    ],
)
def test_what_can_be_wrong_with_files(messages: Messages, files: dict[str, str], expected: list[str]) -> None:
    found = messages(files)
    assert [message[: len(wanted)] for message, wanted in zip(found, expected, strict=True)] == expected


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (
            "id,site,adress,class,colour\nx,nairobi,192.0.2.9,router,red\n",
            [
                "devices.csv:1:9: error: unknown column 'adress' (did you mean 'address'?)",
                "devices.csv:1:22: error: unknown column 'colour'; known here: interval, poll_interval, timeout",
                "devices.csv:2:1: error: device 'x': missing key 'address'",
            ],
        ),
        ("name,site\nx,nairobi\n", ["devices.csv:1:1: error: the column 'id' is missing"]),
        ("site,id\nnairobi,\n", ["devices.csv:2:9: error: this device has no id"]),
        (
            "id,site,address,class,snmp_port\nx,nairobi,192.0.2.9,router,many\ny,nairobi,192.0.2.10,router,70000\n",
            [
                "devices.csv:2:28: error: device 'x': snmp_port: must be a whole number, not 'many'",
                "devices.csv:3:29: error: device 'y': snmp_port: must be less than or equal to 65535, not 70000",
            ],
        ),
        (
            "id,site,address,class\nx,nairobi,192.0.2.9\ny,nairobi,192.0.2.10,router,1\n",
            [
                "devices.csv:2:20: error: too few fields: 3, the header names 4 (the next would be 'class')",
                "devices.csv:3:29: error: too many fields: 5, the header names 4",
            ],
        ),
        ("", ["devices.csv:1:1: error: the file is empty; its first line names the columns"]),
    ],
)
def test_what_can_be_wrong_with_tables(messages: Messages, table: str, expected: list[str]) -> None:
    found = messages({"devices.csv": table})
    assert [message[: len(wanted)] for message, wanted in zip(found, expected, strict=True)] == expected


@pytest.mark.parametrize(
    "files",
    [
        {"sites.yaml": "sites: ["},
        {"regions.yaml": None, "regions.csv": "name\n"},
        {"devices.yaml": None, "devices.csv": 'id\n"'},
    ],
)
def test_a_broken_file_is_not_blamed_on_those_that_refer_to_it(
    messages: Messages, files: dict[str, str | None]
) -> None:
    assert len(messages(files)) == 1


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    loaded = load_inventory(tmp_path / "absent", Layers(), Known(), {})
    assert [str(finding) for finding in loaded.findings] == [
        (
            f"{tmp_path}/absent: error: the inventory folder can't be read: no such file or directory; "
            "create it, or name another in `inventory:`"
        )
    ]
    assert loaded.inventory is None
