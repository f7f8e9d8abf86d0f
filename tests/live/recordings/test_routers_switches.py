"""Routers and switches of Juniper, Arista, HPE, Huawei and MikroTik on their recordings, worked out from their MIBs."""

from __future__ import annotations

import pytest

from noc.model.snapshot import Scalar, Sensor
from tests.live.conftest import RunningAgent
from tests.live.recorded import need, poll, recorded

pytestmark = pytest.mark.live

JUNIPER = "1.3.6.1.4.1.2636.3"
MIKROTIK = "1.3.6.1.4.1.14988.1.1"
OPTIX = "1.3.6.1.4.1.2011.2.25.4"


@pytest.mark.parametrize(
    ("name", "profile", "told"),
    [
        ("junos_mx", "juniper-junos", ("Juniper", "junos", "16.2R2.8", "mx80", "G0290", "router")),
        ("junos_vmx", "juniper-junos", ("Juniper", "junos", "18.2R1.9", "vmx", "VM600B272BD3", "router")),
        ("junos_srx3600", "juniper-junos", ("Juniper", "junos", "12.1X46-D35.1", "srx3600", None, "firewall")),
        ("arista_eos_vrf", "arista-eos", ("Arista", "eos", "4.20.12.1M", "DCS-7150S-24", "serial", "switch")),
        (
            "arubaos-cx_10.10",
            "aruba-aoscx",
            (
                "HPE Aruba",
                "aos-cx",
                "PL.10.10.0002",
                "JL679A 6100 12G Class4 PoE 2G/2SFP+ 139W Switch",
                "CN10K00000",
                "switch",
            ),
        ),
        (
            "procurve_e2910",
            "hp-procurve",
            ("HPE", "procurve", "W.15.08.0012", "J9146A E2910al-24G-PoE", "AB123CD45E", "switch"),
        ),
        (
            "routeros",
            "mikrotik-routeros",
            ("MikroTik", "routeros", "6.40.5", "RB952Ui-5ac2nD", "71B1060EE89D", "router"),
        ),
        (
            "routeros_rblhgr",
            "mikrotik-routeros",
            ("MikroTik", "routeros", "6.45.7", "RBLHGR", "A33309596248", "router"),
        ),
        (
            "vrp_slas",
            "huawei-vrp",
            ("Huawei", "vrp", "5.170 (V200R019C10SPC500)", "S5720-56C-PWR-EI-AC", None, "switch"),
        ),
        (
            "vrp_ne8000",
            "huawei-vrp",
            ("Huawei", "vrp", "8.200 (V800R012C10SPC300)", "NetEngine 8000 F1A-8H20Q", None, "router"),
        ),
        (
            "vrp_ce12804-withvrf",
            "huawei-vrp",
            ("Huawei", "vrp", "8.150 (V200R002C50SPC800)", "CE12804", None, "switch"),
        ),
        (
            "huawei-optixrtn_optixrtn905",
            "huawei-optix-rtn",
            ("Huawei", "optix-rtn", "V100R011C00SPC200", "optixrtn905", "215241417", "microwave"),
        ),
    ],
)
def test_a_device_gets_its_family_and_says_who_it_is(
    name: str, profile: str, told: tuple[str | None, ...], snmpsim: RunningAgent
) -> None:
    device = poll(need(name), snmpsim.port).taken.device
    assert device.profile == profile
    assert (device.vendor, device.os, device.version, device.model, device.serial, device.device_class) == told


@pytest.mark.parametrize(
    ("name", "oid", "kind", "label", "value", "status"),
    [
        ("junos_srx3600", f"{JUNIPER}.1.15.1.8.2.1.0.0", "state", "node0 PEM 0", "online", "ok"),  # 6
        ("junos_srx3600", f"{JUNIPER}.4.2.3.1.0", "state", "Red alarm", "off", "ok"),  # 2
        ("junos_srx3600", f"{JUNIPER}.1.13.1.7.12.4.0.0", "temperature", "node1 CB 1", 28, "ok"),
        (
            "junos_srx3600",
            f"{JUNIPER}.39.1.12.1.1.1.6.34",
            "count",
            "node1 FPC 8 SPU 0 flow sessions",
            672,
            "ok",
        ),
        ("junos_vmx", f"{JUNIPER}.1.13.1.6.9.1.0.0", "state", "Routing Engine 0 operation", "running", "ok"),  # 2
        ("arista_eos_vrf", "1.3.6.1.2.1.99.1.1.1.4.100006001", "temperature", "Cpu temp sensor", 41.8, "ok"),
        (
            "procurve_e2910",
            "1.3.6.1.4.1.11.2.14.11.1.2.6.1.4.6",
            "state",
            "RPS Power Supply Sensor",
            "notPresent",
            "unknown",
        ),
        ("procurve_e2910", "1.3.6.1.4.1.11.2.14.11.1.2.6.1.4.1", "state", "Fan Sensor", "good", "ok"),
        (
            "arubaos-cx_10.10",
            "1.3.6.1.2.1.99.1.1.1.5.7201",
            "state",
            "Power sensor for power supply 1/1 status",
            "ok",
            "ok",
        ),
        ("routeros", f"{MIKROTIK}.3.8.0", "voltage", "Supply", 15.4, "ok"),  # 154
        ("routeros", f"{MIKROTIK}.3.10.0", "temperature", "System", 33, "ok"),  # 330
        ("routeros", f"{MIKROTIK}.19.1.1.10.25", "optical_power", "sfp1 receive", -5.673, "ok"),  # -5673
        ("routeros", f"{MIKROTIK}.19.1.1.8.25", "current", "sfp1 laser bias", 0.007, "ok"),  # 7 mA
        ("routeros", f"{MIKROTIK}.15.1.1.3.7", "state", "ether5 PoE", "waitingForLoad", "ok"),  # 2
        ("routeros", f"{MIKROTIK}.1.8.1.6.1", "frequency", "MikroTik-e2f1fc frequency", 58_320_000_000, "ok"),
        ("routeros", f"{MIKROTIK}.1.8.1.13.1", "bitrate", "MikroTik-e2f1fc rate", 2_310_000_000, "ok"),
        ("routeros_rblhgr", f"{MIKROTIK}.16.1.1.4.1", "signal", "lte1 RSRP", -97, "ok"),
        ("routeros_rblhgr", f"{MIKROTIK}.16.1.1.7.1", "snr", "lte1 SINR", 23, "ok"),
        # The receive level is 55 dBm below zero, between its thresholds of -75 and -30.
        (
            "huawei-optixrtn_optixrtn905",
            f"{OPTIX}.40.4.10.30.1.9.23.255",
            "signal",
            "Radio 23 receive level",
            -55,
            "ok",
        ),
        (
            "huawei-optixrtn_optixrtn905",
            f"{OPTIX}.40.4.10.30.1.8.23.255",
            "signal",
            "Radio 23 transmit power",
            9.3,
            "ok",
        ),
        (
            "huawei-optixrtn_optixrtn905",
            f"{OPTIX}.40.4.10.20.1.3.23.255",
            "frequency",
            "Radio 23 transmit frequency",
            23_138_500_000,
            "ok",
        ),
        ("huawei-optixrtn_optixrtn905", f"{OPTIX}.30.14.1.1.1.5.23", "temperature", "Board 23 odu", 24.5, "ok"),
        ("huawei-optixrtn_optixrtn905", f"{OPTIX}.30.14.1.2.1.3.23", "state", "Board 23 odu", "work", "ok"),
    ],
)
def test_a_sensor_has_the_scale_and_sign_of_its_mib(
    name: str, oid: str, kind: str, label: str, value: Scalar, status: str, snmpsim: RunningAgent
) -> None:
    sensor = sensors(name, snmpsim)[oid]
    assert (sensor.kind, sensor.name, sensor.status) == (kind, label, status)
    assert (sensor.text if sensor.kind == "state" else sensor.value) == value


def sensors(name: str, snmpsim: RunningAgent) -> dict[str, Sensor]:
    return {sensor.oid: sensor for sensor in poll(need(name), snmpsim.port).taken.sensors}


def test_an_srx_leaves_out_slots_that_are_empty_and_modules_without_light(snmpsim: RunningAgent) -> None:
    found = sensors("junos_srx3600", snmpsim)
    walk = recorded("junos_srx3600")
    states = walk.column(f"{JUNIPER}.1.15.1.8")
    told = {oid for oid in found if oid.startswith(f"{JUNIPER}.1.15.1.8.")}
    assert told == {f"{JUNIPER}.1.15.1.8." + ".".join(map(str, index)) for index, state in states.items() if state != 2}
    dark = [index for index, power in walk.column(f"{JUNIPER}.60.1.1.1.1.5").items() if power == 0]
    assert dark
    assert not any(f"{JUNIPER}.60.1.1.1.1.5.{index[0]}" in found for index in dark)


def test_aristas_thresholds_are_limits_in_the_scale_of_the_value(snmpsim: RunningAgent) -> None:
    found = sensors("arista_eos_vrf", snmpsim)
    cpu = found["1.3.6.1.2.1.99.1.1.1.4.100006001"]
    assert (cpu.limit_high, cpu.limit_low) == (100, None)  # 1000 and -1000000000, with one decimal
    light = found["1.3.6.1.2.1.99.1.1.1.4.100321212"]
    assert light.kind == "optical_power"
    assert light.value == pytest.approx(-6.556)  # 2210 x 10^-7 W
    assert light.limit_low == pytest.approx(-11.494)  # 709
    assert light.limit_high == pytest.approx(-1.002)  # 7940


def test_junipers_memory_is_a_share_of_what_is_installed(snmpsim: RunningAgent) -> None:
    pools = {str(row["name"]): row for row in poll(need("junos_srx3600"), snmpsim.port).taken.records["memory"]}
    engine = pools["node0 Routing Engine 0"]  # 1023 MiB, 49 %
    assert (engine["total_bytes"], engine["used_pct"]) == (1023 * 2**20, 49)
    assert engine["used_bytes"] == pytest.approx(1023 * 2**20 * 0.49)


def test_junipers_peers_are_told_from_their_column(snmpsim: RunningAgent) -> None:
    peers = {str(row["peer"]): row for row in poll(need("junos_mx"), snmpsim.port).taken.records["bgp_peers"]}
    assert set(peers) == {"192.168.99.25", "192.168.99.34", "fd00:28:1:1::1:5"}
    assert (peers["192.168.99.25"]["state"], peers["192.168.99.25"]["remote_as"]) == ("established", 64513)
    assert peers["fd00:28:1:1::1:5"]["state"] == "active"


def test_junipers_probes_have_their_times_and_losses(snmpsim: RunningAgent) -> None:
    probes = {str(row["index"]): row for row in poll(need("junos_vmx"), snmpsim.port).taken.records["ip_sla"]}
    assert probes["test-rpm internet"] == {
        "index": "test-rpm internet",
        "tag": "internet",
        "rtt_ms": 24.562,
        "loss_pct": 0,
        "jitter_ms": None,
        "delay_ms": None,
        "mos": None,
        "ok": True,
    }
    assert probes["test-twamp1 twamp"]["rtt_ms"] == 26.97


@pytest.mark.parametrize(
    ("name", "vrfs"),
    [
        ("junos_vmx", {"DC", "WAN_EDGE"}),
        ("arista_eos_vrf", {"Mgt"}),
        ("vrp_ce12804-withvrf", {"test1"}),
    ],
)
def test_a_router_tells_its_vrfs(name: str, vrfs: set[str], snmpsim: RunningAgent) -> None:
    assert {row["name"] for row in poll(need(name), snmpsim.port).taken.records["mpls_vrfs"]} == vrfs


def test_huaweis_peers_of_both_families_are_told_once(snmpsim: RunningAgent) -> None:
    rows = poll(need("vrp_ne8000"), snmpsim.port).taken.records["bgp_peers"]
    peers = [str(row["peer"]) for row in rows]
    assert len(peers) == len(set(peers)) == 18 + 5
    by_peer = {str(row["peer"]): row for row in rows}
    assert by_peer["10.16.7.2"] == {
        "peer": "10.16.7.2",
        "remote_as": 26479,
        "state": "established",
        "admin_status": "start",
        "uptime_s": 53364,
        "vrf": None,
        "accepted_prefixes": None,
        "last_error": "finite state machine error",
    }
    assert by_peer["2001:12f8::252"]["remote_as"] == 20121


def test_huaweis_tests_have_times_where_answers_came(snmpsim: RunningAgent) -> None:
    tests = poll(need("vrp_slas"), snmpsim.port).taken.records["ip_sla"]
    assert [(row["tag"], row["rtt_ms"], row["loss_pct"], row["ok"]) for row in tests] == [
        ("TEST_Local", 2, 0, True),
        ("TEST_Lnms_Neg", 4, 0, True),
    ]


def test_procurves_memory_is_told_for_both_pools(snmpsim: RunningAgent) -> None:
    taken = poll(need("procurve_e2910"), snmpsim.port).taken
    pools = {str(row["name"]): (row["total_bytes"], row["used_bytes"]) for row in taken.records["memory"]}
    assert pools == {"Global memory 1": (100663296, 27333556), "Local memory 1": (100663296, 27333552)}
    assert [(row["name"], row["usage_pct"]) for row in taken.records["processors"]] == [("CPU", 37)]
