"""Firewalls on their recordings: who they are, and values worked out by hand from the files and the MIBs."""

from __future__ import annotations

import pytest

from noc.model.snapshot import Sensor
from tests.live.conftest import RunningAgent
from tests.live.recorded import need, poll

pytestmark = pytest.mark.live

FORTIGATE = "1.3.6.1.4.1.12356.101"
PALO_ALTO = "1.3.6.1.4.1.25461.2.1.2"
CHECK_POINT = "1.3.6.1.4.1.2620.1"
F5 = "1.3.6.1.4.1.3375.2"


@pytest.fixture
def port(snmpsim: RunningAgent) -> int:
    return snmpsim.port


def sensors(name: str, port: int) -> dict[str, Sensor]:
    return {sensor.oid: sensor for sensor in poll(need(name), port).taken.sensors}


@pytest.mark.parametrize(
    ("name", "profile", "told"),
    [
        (
            "fortigate_60f3g4g",
            "fortinet-fortigate",
            ("v6.4.8,build1914,211117 (GA)", "FortiGate Rugged 60F_3G4G", "FR60Fxxxxxxxxxxx"),
        ),
        (
            "fortigate_60fospfv3",
            "fortinet-fortigate",
            ("v7.2.10,build1706,240918 (GA.M)", "FortiGate 60F", "FGT60FTK12345678"),
        ),
        ("fortigate_sdwan", "fortinet-fortigate", ("v7.0.6,build0366,220606 (GA.F)", None, None)),
        ("panos", "paloalto-panos", ("9.0.7", "PA-VM", "015351000009999")),
        ("panos_sensors_1", "paloalto-panos", (None, "PA-5450", None)),
        ("snmpsim-data_paloalto-pa-5000", "paloalto-panos", ("8.0.1", "PA-5050", "0009C100761")),
        ("gaia_15600", "checkpoint-gaia", ("R80.20", "Check Point 15600", "LR201805015955")),
        ("f5_ve", "f5-bigip", ("11.5.1", "BIG-IP Virtual Edition", "c0ed2a63-117c-6741-11d9da218714")),
    ],
)
def test_a_firewall_says_who_it_is(name: str, profile: str, told: tuple[str | None, ...], port: int) -> None:
    device = poll(need(name), port).taken.device
    assert (device.profile, device.device_class) == (profile, "firewall")
    assert (device.version, device.model, device.serial) == told


@pytest.mark.parametrize(
    ("name", "oid", "told"),
    [
        # Text "43.566002"; no unit but the name's.
        (
            "fortigate_60f3g4g",
            f"{FORTIGATE}.4.3.2.1.3.1",
            ("temperature", "CPU ON-DIE thermal sensor", 43.566002, "ok"),
        ),
        ("fortigate_60f3g4g", f"{FORTIGATE}.4.3.2.1.4.1", ("state", "CPU ON-DIE thermal sensor", 0, "ok")),
        ("fortigate_60f3g4g", f"{FORTIGATE}.12.2.2.1.20.1.1", ("state", "IPsec ipsec_vpn_a ipsec_vpn_a", 2, "ok")),
        ("fortigate_60f3g4g", f"{FORTIGATE}.19.3.1.11.1", ("signal", "LTE RSSI of modem 1", -62, "ok")),
        ("fortigate_60f3g4g", f"{FORTIGATE}.19.5.1.4.1", ("state", "LTE session 1", 2, "ok")),
        ("fortigate_60fospfv3", f"{FORTIGATE}.3.2.1.1.4.1", ("state", "root HA state", 3, "ok")),
        ("fortigate_60fospfv3", f"{FORTIGATE}.23.2.1.1.2.1.1", ("percent", "root DHCP server 1 leases", 0, "ok")),
        # Text "25.030", milliseconds; text "2.000", percent.
        (
            "fortigate_sdwan",
            f"{FORTIGATE}.4.9.2.1.5.2",
            ("delay", "Default_Office_365 on wan2 latency", 0.02503, "ok"),
        ),
        ("fortigate_sdwan", f"{FORTIGATE}.4.9.2.1.9.2", ("loss", "Default_Office_365 on wan2", 2, "ok")),
        ("fortigate_sdwan", f"{FORTIGATE}.4.9.2.1.4.2", ("state", "Default_Office_365 on wan2", 0, "ok")),
        # Text "non-functional": a state without a number.
        ("panos_sensors_1", f"{PALO_ALTO}.1.12.0", ("state", "HA state of the peer", None, "critical")),
        ("panos", f"{PALO_ALTO}.1.12.0", ("state", "HA state of the peer", None, "ok")),
        ("panos_sensors_1", f"{PALO_ALTO}.3.9.1.6.2", ("count", "<private> TCP connections a second (2)", 5610, "ok")),
        ("panos_sensors_1", "1.3.6.1.2.1.99.1.1.1.4.14", ("fan_speed", "Fan #1.1 RPM", 7359, "ok")),
        ("gaia_15600", f"{CHECK_POINT}.6.7.8.1.1.3.1.0", ("temperature", "CPU0 Temp", 62.88, "ok")),
        ("gaia_15600", f"{CHECK_POINT}.6.7.8.2.1.3.1.0", ("fan_speed", "System Fan 1", 4029, "ok")),
        ("gaia_15600", f"{CHECK_POINT}.6.7.8.3.1.6.1.0", ("state", "CPU0 Vcore out of range", 0, "ok")),
        ("gaia_15600", f"{CHECK_POINT}.5.6.0", ("state", "Cluster member", None, "ok")),
        ("f5_ve", f"{F5}.1.14.1.1.0", ("state", "Configuration synchronisation", 5, "critical")),
        ("f5_ve", f"{F5}.1.14.3.1.0", ("state", "Failover", 4, "ok")),
    ],
)
def test_a_firewall_has_the_units_and_states_of_its_mib(
    name: str, oid: str, told: tuple[str, str, float | None, str], port: int
) -> None:
    sensor = sensors(name, port)[oid]
    assert (sensor.kind, sensor.name, sensor.value, sensor.status) == told


def test_a_pair_of_firewalls_is_told_only_where_there_is_one(port: int) -> None:
    alone = sensors("snmpsim-data_paloalto-pa-5000", port)
    assert alone[f"{PALO_ALTO}.1.13.0"].text == "disabled"
    assert f"{PALO_ALTO}.1.12.0" not in alone


def test_a_balanced_server_has_the_names_of_its_index(port: int) -> None:
    names = {sensor.name for sensor in sensors("f5_ve", port).values()}
    assert "Virtual server /Common/vs-teste" in names


def test_the_memory_of_a_firewall_is_in_bytes(port: int) -> None:
    (memory,) = poll(need("fortigate_sdwan"), port).taken.records["memory"]
    assert (memory["total_bytes"], memory["used_pct"]) == (1911200 * 1024, 60)
    assert memory["used_bytes"] == 1174241280  # 60 % of it
    physical = next(
        row for row in poll(need("gaia_15600"), port).taken.records["memory"] if row["name"] == "Physical memory"
    )
    assert physical["used_bytes"] == (12803096 - 2531280 - 5908216) * 1024  # without buffers and cache
