"""Families of routers and switches of which no recording is at hand: answers as their MIBs define them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.profiles.load import pick
from noc.inventory.shipped import shipped
from noc.model.reading import Index, Raw, Reading, SnmpAnswer
from noc.model.snapshot import Sensor, Snapshot
from noc.pipeline.snapshot import snapshot

PROFILES, _ = kept_profiles([shipped("profiles")])

Tables = Mapping[str, Mapping[Index, Mapping[str, Raw]]]


def read(profile: str, scalars: Mapping[str, Raw], tables: Tables) -> Snapshot:
    answer = SnmpAnswer(profile, dict(scalars), {name: {**rows} for name, rows in tables.items()})
    reading = Reading("snmp", "192.0.2.1", "here", datetime(2026, 3, 1, tzinfo=UTC), 0.1, snmp=answer)
    return snapshot(reading, PROFILES[profile])


def told(taken: Snapshot) -> dict[tuple[str, str], Sensor]:
    return {(sensor.kind, sensor.name): sensor for sensor in taken.sensors}


@pytest.mark.parametrize(
    ("oid", "descr", "profile", "who"),
    [
        (
            "1.3.6.1.4.1.2636.1.1.1.2.31",
            "Juniper Networks, Inc. ex4200-48t Ethernet Switch, kernel JUNOS 12.3R3.4, Build date: 2013-06-14",
            "juniper-junos",
            ("Juniper", "junos", "12.3R3.4", "ex4200-48t", "switch"),
        ),
        (
            "1.3.6.1.4.1.25506.11.1.184",
            (
                "HPE Comware Platform Software, Software Version 7.1.070, Release 2612P02\r\n"
                "HPE 5900AF-48G-4XG-2QSFP+ Switch\r\nCopyright (c) 2010-2018 Hewlett Packard Enterprise"
            ),
            "h3c-comware",
            ("HPE", "comware", "7.1.070 Release 2612P02", "5900AF-48G-4XG-2QSFP+", "switch"),
        ),
        (
            "1.3.6.1.4.1.25506.1.1199",
            (
                "H3C Comware Platform Software\r\nComware Software, Version 5.20.106, Release 2516P11\r\n"
                "H3C MSR30-20\r\nCopyright(c) 2004-2014 Hangzhou H3C Tech. Co., Ltd."
            ),
            "h3c-comware",
            ("H3C", "comware", "5.20.106 Release 2516P11", "MSR30-20", "router"),
        ),
        (
            "1.3.6.1.4.1.2011.2.224.67",
            (
                "Huawei AR2220 Huawei Versatile Routing Platform Software \r\n"
                "VRP (R) software,Version 5.160 (AR2200 V200R007C00SPC900)\r\nCopyright (C) 2011-2016 Huawei"
            ),
            "huawei-vrp",
            ("Huawei", "vrp", "5.160 (V200R007C00SPC900)", "AR2200", "router"),
        ),
        (
            "1.3.6.1.4.1.674.10895.3061",
            "Dell EMC Networking N1524P, 6.5.3.4, Linux 3.7.10",
            "dell-os6",
            ("Dell", "os6", "6.5.3.4", "N1524P", "switch"),
        ),
        (
            "1.3.6.1.4.1.6027.1.3.14",
            (
                "Dell Networking OS\r\nOperating System Version: 2.0\r\nApplication Software Version: 9.7(0.0)\r\n"
                "Series: S4810\r\nCopyright (c) 1999-2014"
            ),
            "dell-os9",
            ("Dell", "os9", "9.7(0.0)", "S4810", "switch"),
        ),
        (
            "1.3.6.1.4.1.674.11000.5000.100.2.1.23",
            (
                "Dell EMC Networking OS10 Enterprise.\r\nCopyright (c) 1999-2021 by Dell Inc.\r\n"
                "System Description: OS10 Enterprise.\r\nOS Version: 10.5.1.0.\r\nSystem Type: S5248F-ON"
            ),
            "dell-os10",
            ("Dell", "os10", "10.5.1.0", "S5248F-ON", "switch"),
        ),
        (
            "1.3.6.1.4.1.1916.2.237",
            "ExtremeXOS (X440G2-24p-10G4) version 30.7.1.1 30.7.1.1 by release-manager on Tue Jun 16 09:13:29 EDT 2020",
            "extreme-xos",
            ("Extreme", "xos", "30.7.1.1", "X440G2-24p-10G4", "switch"),
        ),
        (
            "1.3.6.1.4.1.1991.1.3.48.2.1",
            "Brocade Communications Systems, Inc. ICX6450-24, IronWare Version 08.0.30hT311 Compiled on Feb 15 2016",
            "ruckus-icx",
            ("Brocade", "ironware", "08.0.30hT311", "ICX6450-24", "switch"),
        ),
        (
            "1.3.6.1.4.1.47196.4.1.1.1.100",
            "Aruba JL635A  GL.10.04.3031",
            "aruba-aoscx",
            ("HPE Aruba", "aos-cx", "GL.10.04.3031", None, "switch"),
        ),
        (
            "1.3.6.1.4.1.11.2.3.7.11.181.17",
            "Aruba JL320A 2930M-24G-PoE+ Switch, revision WC.16.10.0009, ROM WC.17.02.0006",
            "hp-procurve",
            ("HPE", "procurve", "WC.16.10.0009", "JL320A 2930M-24G-PoE+", "switch"),
        ),
        (
            "1.3.6.1.4.1.14988.2",
            "CSS326-24G-2S+",
            "mikrotik-routeros",
            ("MikroTik", "routeros", None, "CSS326-24G-2S+", "switch"),
        ),
    ],
)
def test_a_device_is_known_by_its_description(oid: str, descr: str, profile: str, who: tuple[str | None, ...]) -> None:
    assert pick(PROFILES, oid, descr).name == profile
    device = read(profile, {"sysObjectID": oid, "sysDescr": descr.encode()}, {}).device
    assert (device.vendor, device.os, device.version, device.model, device.device_class) == who


def test_junipers_light_is_in_hundredths_of_dbm_and_microamperes() -> None:
    found = told(
        read(
            "juniper-junos",
            {},
            {
                "ifXTable": {(530,): {"ifName": b"xe-0/0/0"}},
                "jnxDomCurrentTable": {
                    (530,): {
                        "jnxDomCurrentRxLaserPower": -512,
                        "jnxDomCurrentTxLaserBiasCurrent": 32100,
                        "jnxDomCurrentModuleTemperature": 31,
                        "jnxDomCurrentRxLaserPowerLowAlarmThreshold": -1800,
                        "jnxDomCurrentRxLaserPowerHighAlarmThreshold": 250,
                        "jnxDomCurrentModuleVoltage": 3301,
                    }
                },
                "jnxDomModuleLaneTable": {(530, 2): {"jnxDomCurrentLaneRxLaserPower": -4000}},
            },
        )
    )
    receive = found["optical_power", "xe-0/0/0 receive"]
    assert (receive.value, receive.limit_low, receive.limit_high, receive.status) == (-5.12, -18, 2.5, "ok")
    assert found["current", "xe-0/0/0 laser bias"].value == 0.0321
    assert found["voltage", "xe-0/0/0 transceiver"].value == 3.301
    assert found["optical_power", "xe-0/0/0 lane 2 receive"].value == -40


def test_a_huawei_chassis_tells_its_entities_and_leaves_out_what_has_no_sensor() -> None:
    board: dict[str, Raw] = {
        "hwEntityOperStatus": 3,
        "hwEntityCpuUsage": 12,
        "hwEntityMemUsage": 40,
        "hwEntityMemSize": -2147483648,  # 2 GiB, run over
        "hwEntityTemperature": 45,
        "hwEntityTemperatureThreshold": 75,
        "hwEntityVoltage": 2147483647,
    }
    taken = read(
        "huawei-vrp",
        {},
        {
            "entPhysicalTable": {
                (9,): {"entPhysicalName": b"MPU Board 1", "entPhysicalClass": 9},
                (20,): {"entPhysicalName": b"10GE1/0/1", "entPhysicalClass": 10},
            },
            "hwEntityStateTable": {
                (9,): board,
                (20,): {"hwEntityOperStatus": 3, "hwEntityCpuUsage": 0, "hwEntityTemperature": 2147483647},
            },
            "hwOpticalModuleInfoTable": {
                (20,): {"hwEntityOpticalMode": 2, "hwEntityOpticalRxPower": -312, "hwEntityOpticalTxPower": -1}
            },
            "hwPwrStatusTable": {
                (0, 1): {"hwEntityPwrState": 2, "hwEntityPwrPresent": 1, "hwEntityPwrVoltage": 12100},
                (0, 2): {"hwEntityPwrState": 2, "hwEntityPwrPresent": 2},
            },
        },
    )
    found = told(taken)
    assert set(found) == {
        ("temperature", "MPU Board 1"),
        ("state", "MPU Board 1"),
        ("optical_power", "10GE1/0/1 receive"),
        ("state", "Power supply 0/1"),
        ("voltage", "Power supply 0/1"),
    }
    assert (found["temperature", "MPU Board 1"].value, found["temperature", "MPU Board 1"].limit_high) == (45, 75)
    assert found["optical_power", "10GE1/0/1 receive"].value == -3.12
    assert (found["state", "Power supply 0/1"].text, found["state", "Power supply 0/1"].status) == (
        "notSupply",
        "critical",
    )
    assert found["voltage", "Power supply 0/1"].value == 12.1
    assert [(row["name"], row["usage_pct"]) for row in taken.records["processors"]] == [("MPU Board 1", 12)]
    (pool,) = taken.records["memory"]
    assert (pool["total_bytes"], pool["used_pct"]) == (2**31, 40)
    assert pool["used_bytes"] == pytest.approx(2**31 * 0.4)


NQA_TEST = (1, 97, 2, 104, 113)  # owner "a", test "hq"


@pytest.mark.parametrize(
    ("completions", "rtt", "expected"), [(1, 31, {"rtt_ms": 31, "ok": True}), (2, 0, {"rtt_ms": None, "ok": False})]
)
def test_a_huawei_test_is_told_by_its_last_run(completions: int, rtt: int, expected: dict[str, object]) -> None:
    runs = {
        (*NQA_TEST, run, 1): {"nqaResultsCompletions": done, "nqaResultsRttAvg": time, "nqaResultsLostPacketRatio": 0}
        for run, done, time in ((26, 1, 99), (27, completions, rtt))
    }
    (test,) = read(
        "huawei-vrp",
        {},
        {"nqaScheduleTable": {NQA_TEST: {"nqaScheduleLastFinishIndex": 27}}, "nqaResultsTable": runs},
    ).records["ip_sla"]
    assert test["tag"] == "hq"
    assert {key: test[key] for key in expected} == expected


def test_a_peer_over_ipv6_is_read_from_the_index() -> None:
    address = (2, 16, 0x20, 1, 0x0D, 0xB8, *([0] * 11), 1)
    (peer,) = read(
        "arista-eos",
        {},
        {
            "aristaBgp4V2PeerTable": {
                (1, *address): {
                    "aristaBgp4V2PeerState": 6,
                    "aristaBgp4V2PeerAdminStatus": 2,
                    "aristaBgp4V2PeerRemoteAs": 65001,
                }
            },
            "aristaBgp4V2PeerEventTimesTable": {(1, *address): {"aristaBgp4V2PeerFsmEstablishedTime": 77}},
        },
    ).records["bgp_peers"]
    assert peer == {
        "peer": "2001:db8::1",
        "remote_as": 65001,
        "state": "established",
        "admin_status": "start",
        "uptime_s": 77,
        "vrf": None,
        "accepted_prefixes": None,
        "last_error": None,
    }


def test_comwares_entities_have_sentinels_and_error_states() -> None:
    taken = read(
        "h3c-comware",
        {},
        {
            "ifXTable": {(1,): {"ifName": b"Ten-GigabitEthernet1/0/1"}},
            "entPhysicalTable": {
                (2,): {"entPhysicalName": b"Slot 1", "entPhysicalClass": 9},
                (7,): {"entPhysicalName": b"Fan 1", "entPhysicalClass": 7},
            },
            "hh3cEntityExtStateTable": {
                (2,): {
                    "hh3cEntityExtErrorStatus": 2,
                    "hh3cEntityExtCpuUsage": 9,
                    "hh3cEntityExtMemUsage": 50,
                    "hh3cEntityExtMemSize": 1000,
                    "hh3cEntityExtTemperature": 41,
                },
                (7,): {"hh3cEntityExtErrorStatus": 41, "hh3cEntityExtTemperature": 65535},
            },
            "hh3cTransceiverInfoTable": {
                (1,): {
                    "hh3cTransceiverDiagnostic": 1,
                    "hh3cTransceiverCurRXPower": -623,
                    "hh3cTransceiverCurTXPower": 2147483647,
                }
            },
        },
    )
    found = told(taken)
    assert set(found) == {
        ("temperature", "Slot 1"),
        ("state", "Slot 1"),
        ("state", "Fan 1"),
        ("optical_power", "Ten-GigabitEthernet1/0/1 receive"),
    }
    assert (found["state", "Fan 1"].text, found["state", "Fan 1"].status) == ("fanError", "critical")
    assert found["optical_power", "Ten-GigabitEthernet1/0/1 receive"].value == -6.23
    assert taken.records["memory"][0]["used_bytes"] == 500


@pytest.mark.parametrize(
    ("profile", "scalar", "written"),
    [
        (
            "dell-os6",
            "dnosSwitchCpuProcessTotalUtilization",
            b"    5 Secs ( 18.7451%)   60 Secs ( 17.84%)  300 Secs ( 18.12%)",
        ),
        (
            "ubiquiti-edgeswitch",
            "agentSwitchCpuProcessTotalUtilization",
            b"5 Secs ( 6.51%) 60 Secs ( 6.77%) 300 Secs (18.12%)",
        ),
    ],
)
def test_a_load_is_read_out_of_text(profile: str, scalar: str, written: bytes) -> None:
    (row,) = read(profile, {scalar: written}, {}).records["processors"]
    assert row["usage_pct"] == 18.12


def test_icx_light_is_read_out_of_text_and_temperatures_are_halves() -> None:
    found = told(
        read(
            "ruckus-icx",
            {},
            {
                "ifXTable": {(1,): {"ifName": b"1/2/1"}},
                "snIfOpticalMonitoringInfoTable": {
                    (1,): {
                        "snIfOpticalMonitoringTemperature": b" 33.1484 C: Normal",
                        "snIfOpticalMonitoringTxPower": b"-002.6310 dBm: Normal",
                        "snIfOpticalMonitoringRxPower": b"N/A",
                    }
                },
                "snAgentTempTable": {(1, 1): {"snAgentTempSensorDescr": b"Unit 1 CPU", "snAgentTempValue": 91}},
            },
        )
    )
    assert found["optical_power", "1/2/1 transmit"].value == -2.631
    assert ("optical_power", "1/2/1 receive") not in found
    assert found["temperature", "1/2/1 transceiver"].value == 33.1484
    assert found["temperature", "Unit 1 CPU"].value == 45.5


def test_mikrotiks_gauges_tell_their_units() -> None:
    gauges: dict[Index, dict[str, Raw]] = {
        (number,): {"mtxrGaugeName": name, "mtxrGaugeValue": value, "mtxrGaugeUnit": unit}
        for number, (name, value, unit) in enumerate(
            [
                (b"cpu-temperature", 47, 1),
                (b"fan1-speed", 4230, 2),
                (b"psu1-voltage", 241, 3),
                (b"psu1-current", 9, 4),
                (b"power-consumption", 215, 5),
                (b"psu2-state", 1, 6),
            ],
            7000,
        )
    }
    found = told(read("mikrotik-routeros", {}, {"mtxrGaugeTable": gauges}))
    assert {key: sensor.value for key, sensor in found.items()} == {
        ("temperature", "cpu-temperature"): 47,
        ("fan_speed", "fan1-speed"): 4230,
        ("voltage", "psu1-voltage"): 24.1,
        ("current", "psu1-current"): 0.9,
        ("power", "power-consumption"): 21.5,
        ("state", "psu2-state"): 1,
    }
    assert found["state", "psu2-state"].status == "critical"


def test_aos_cx_states_are_numbers_or_words() -> None:
    found = told(
        read(
            "aruba-aoscx",
            {},
            {
                "arubaWiredFanTable": {
                    (1, 1, 1): {"arubaWiredFanName": b"1/1/1", "arubaWiredFanState": b"fault", "arubaWiredFanRPM": 0},
                    (1, 1, 2): {
                        "arubaWiredFanName": b"1/1/2",
                        "arubaWiredFanState": b"ok",
                        "arubaWiredFanStateEnum": 4,
                    },
                },
                "arubaWiredTempSensorTable": {
                    (1, 1, 1, 1): {
                        "arubaWiredTempSensorName": b"CPU",
                        "arubaWiredTempSensorState": b"normal",
                        "arubaWiredTempSensorTemperature": 48500,
                    }
                },
            },
        )
    )
    assert (found["state", "Fan 1/1/1"].text, found["state", "Fan 1/1/1"].status) == ("fault", "critical")
    assert (found["state", "Fan 1/1/2"].value, found["state", "Fan 1/1/2"].status) == (4, "ok")
    assert found["temperature", "CPU"].value == 48.5
