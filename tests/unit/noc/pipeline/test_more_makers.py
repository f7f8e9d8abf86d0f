"""Makers of which no recording is at hand: who their devices are, and what their MIBs' values mean."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.profiles.load import pick
from noc.inventory.shipped import shipped
from noc.model.reading import Index, Raw, Reading, SnmpAnswer
from noc.model.snapshot import Snapshot
from noc.pipeline.snapshot import snapshot

PROFILES, _ = kept_profiles([shipped("profiles")])
Rows = Mapping[Index, Mapping[str, Raw]]


def take(profile: str, tables: Mapping[str, Rows] | None = None, **scalars: Raw) -> Snapshot:
    rows = {name: {index: dict(row) for index, row in table.items()} for name, table in (tables or {}).items()}
    answer = SnmpAnswer(profile, scalars, rows)
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return snapshot(Reading("snmp", "192.0.2.1", "test", at, 0.1, snmp=answer), PROFILES[profile])


def told(taken: Snapshot) -> set[tuple[str, str, object]]:
    return {(sensor.kind, sensor.name, sensor.text or sensor.value) for sensor in taken.sensors}


@pytest.mark.parametrize(
    ("identifier", "descr", "profile", "who"),
    [
        (
            "6527.1.3.4",
            "TiMOS-C-12.0.R8 cpm/hops64 ALCATEL SR 7750 Copyright (c) 2000-2014 Alcatel-Lucent.",
            "nokia-sros",
            ("C-12.0.R8", "SR 7750", "router"),
        ),
        (
            "14823.1.1.32",
            "ArubaOS (MODEL: Aruba7210), Version 6.4.4.4 (51212)",
            "aruba-controller",
            ("6.4.4.4", "7210", "other"),
        ),
        (
            "6486.800.1.1.2.1.7.1.10",
            "Alcatel-Lucent OS6850-P24X 6.4.4.585.R01 GA, October 12, 2012.",
            "alcatel-omniswitch",
            ("6.4.4.585.R01", "OS6850-P24X", "switch"),
        ),
        (
            "4526.100.1.36",
            "M4300-28G ProSAFE 24-port 1G and 2-port 10GBASE-T and 2-port 10G SFP+, 12.0.2.10, Linux 3.6.5",
            "netgear",
            ("12.0.2.10", "M4300-28G", "switch"),
        ),
        ("44641", "VyOS 1.3.0-rc6", "vyos", ("1.3.0-rc6", None, "router")),
        ("8072.3.2.10", "Vyatta VyOS 1.1.8", "vyos", ("1.1.8", None, "router")),
        ("41112.1.5", "EdgeOS v2.0.9.5346345", "ubiquiti-edgerouter", ("2.0.9.5346345", None, "router")),
        ("40310", "Cumulus Linux 3.7.12 (Linux Kernel 4.1.33)", "cumulus-linux", ("3.7.12", None, "switch")),
        (
            "4881.1.1.10.1.113",
            "Ruijie Full Gigabit Access Switch (S2910-24GT4SFP-UP-H) By Ruijie Networks",
            "ruijie",
            (None, "S2910-24GT4SFP-UP-H", "switch"),
        ),
        ("171.10.137.3.1", "DGS-1510-28X Gigabit Ethernet Switch", "dlink-switch", (None, "DGS-1510-28X", "switch")),
        ("890.1.15", "USG60W", "zyxel-zywall", (None, "USG60W", "firewall")),
        ("890.1.15", "XGS1930-28", "zyxel-switch", (None, "XGS1930-28", "switch")),
        ("3097.1.5.44", "M370", "watchguard-fireware", (None, "M370", "firewall")),
        (
            "207.1.14.102",
            "Allied Telesis router/switch, Software (AlliedWare Plus) Version 5.4.5-2.1",
            "allied-telesis",
            ("5.4.5-2.1", None, "switch"),
        ),
    ],
)
def test_a_maker_is_recognised(
    identifier: str, descr: str, profile: str, who: tuple[str | None, str | None, str]
) -> None:
    identifier = f"1.3.6.1.4.1.{identifier}"
    assert pick(PROFILES, identifier, descr).name == profile
    device = take(profile, sysDescr=descr.encode(), sysObjectID=identifier).device
    assert (device.version, device.model, device.device_class) == who


def test_parts_of_a_nokia_router_have_a_temperature_where_they_have_a_probe() -> None:
    card: dict[str, Raw] = {"tmnxHwClass": 8, "tmnxHwName": b"Slot 1", "tmnxHwOperState": 2, "tmnxHwTempSensor": 1}
    parts: Rows = {
        (1, 134217729): {**card, "tmnxHwTemperature": 41, "tmnxHwTempThreshold": 75},
        (1, 184549633): {"tmnxHwClass": 11, "tmnxHwName": b"MDA 1/1", "tmnxHwOperState": 5, "tmnxHwTempSensor": 2},
        (1, 33554433): {"tmnxHwClass": 13, "tmnxHwName": b"1/1/1", "tmnxHwOperState": 2, "tmnxHwTempSensor": 2},
    }
    fans: Rows = {(1, 1): {"tmnxChassisFanOperStatus": 3}, (1, 2): {"tmnxChassisFanOperStatus": 2}}
    peer: Rows = {(1, 2, 16, *bytes.fromhex("20010db8" + "00" * 11 + "05")): {"tBgpPeerNgConnState": 6}}
    tables = {"tmnxHwTable": parts, "tmnxChassisFanTable": fans, "tBgpPeerNgTable": peer}
    taken = take("nokia-sros", tables, sgiCpuUsage=7, sgiKbMemoryUsed=1000, sgiKbMemoryAvailable=3000)
    assert told(taken) == {
        ("temperature", "Slot 1", 41),
        ("state", "Slot 1", "inService"),
        ("state", "MDA 1/1", "failed"),
        ("state", "Chassis 1 fan 1", "ok"),
    }
    assert [row["peer"] for row in taken.records["bgp_peers"]] == ["2001:db8::5"]
    assert [row["used_pct"] for row in taken.records["memory"]] == [25]


@pytest.mark.parametrize(
    ("profile", "table", "rows", "expected"),
    [
        (
            "netgear",
            "ngTempSensorsTable",
            {(1, 0): {"ngTempSensorThird": 1, "ngTempSensorFourth": 1, "ngTempSensorTemperature": 38}},
            {("temperature", "Sensor 1.0", 38), ("state", "Sensor 1.0 temperature", "normal")},
        ),
        (
            "netgear",
            "ngTempSensorsTable",
            {(0,): {"ngTempSensorThird": 3, "ngTempSensorFourth": 71}},
            {("temperature", "Sensor 0", 71), ("state", "Sensor 0 temperature", "critical")},
        ),
        (
            "ubiquiti-edgeswitch",
            "boxServicesTempSensorsTable",
            {(1, 0): {"boxServicesTempSensorState": 5, "boxServicesTempSensorTemperature": 0}},
            {("state", "Sensor 1.0 temperature", "notpresent")},
        ),
        (
            "dell-os6",
            "dnosBoxServicesTempSensorsTable",
            {(0,): {"dnosBoxServicesTempSensorStateOld": 1, "dnosBoxServicesTempSensorState": 33}},
            {("temperature", "Sensor 0", 33), ("state", "Sensor 0 temperature", "normal")},
        ),
        (
            "cisco-small-business",
            "rlPhdUnitEnvParamTable",
            {(1,): {"rlPhdUnitEnvParamMainPSStatus": 1, "rlPhdUnitEnvParamNinth": 46, "rlPhdUnitEnvParamTenth": 1}},
            {("temperature", "Unit 1", 46), ("state", "Unit 1 main power supply", "normal")},
        ),
        (
            "cisco-small-business",
            "rlPhdUnitEnvParamTable",
            {(1,): {"rlPhdUnitEnvParamNinth": 5, "rlPhdUnitEnvParamTenth": 47}},
            {("temperature", "Unit 1", 47), ("state", "Unit 1 fan 6", "notPresent")},
        ),
        (
            "brocade-fabos",
            "swSensorTable",
            {
                (1,): {
                    "swSensorType": 1,
                    "swSensorStatus": 4,
                    "swSensorValue": 38,
                    "swSensorInfo": b"SLOT #0: TEMP #1",
                },
                (5,): {"swSensorType": 3, "swSensorStatus": 2, "swSensorValue": 0, "swSensorInfo": b"Power Supply #1"},
                (6,): {"swSensorType": 2, "swSensorStatus": 6, "swSensorValue": 0, "swSensorInfo": b"FAN #1"},
            },
            {
                ("temperature", "SLOT #0: TEMP #1", 38),
                ("state", "SLOT #0: TEMP #1", "nominal"),
                ("state", "Power Supply #1", "faulty"),
            },
        ),
        (
            "allied-telesis",
            "atEnvMonv2VoltageTable",
            {(1, 1, 1): {"atEnvMonv2VoltageCurrent": 3296, "atEnvMonv2VoltageDescription": b"3.3V"}},
            {("voltage", "3.3V", 3.296)},
        ),
    ],
)
def test_sensors_are_read_as_the_makers_mib_lays_them_out(
    profile: str, table: str, rows: Rows, expected: set[tuple[str, str, object]]
) -> None:
    assert told(take(profile, {table: rows})) == expected


def test_an_old_layout_tells_the_temperature_by_the_column_that_has_it() -> None:
    rows: Rows = {(0,): {"ngTempSensorThird": 1, "ngTempSensorFourth": 40}}
    taken = take("netgear", {"ngTempSensorsTable": rows})
    assert {(sensor.kind, sensor.oid[-4:]) for sensor in taken.sensors} == {("temperature", ".4.0"), ("state", ".3.0")}


@pytest.mark.parametrize(
    ("profile", "scalars", "used", "used_bytes"),
    [
        ("allied-telesis", {"atFreeMemory": 62}, 38, None),
        ("zyxel-switch", {"zySysMgmtMemUsage": b"41"}, 41, None),
        ("sophos-firewall", {"sfosMemoryCapacity": 4096, "sfosMemoryPercentUsage": 25}, 25, 2**30),
    ],
)
def test_memory_is_told_as_what_is_used(
    profile: str, scalars: dict[str, Raw], used: float, used_bytes: int | None
) -> None:
    (memory,) = take(profile, None, **scalars).records["memory"]
    assert (memory["used_pct"], memory["used_bytes"]) == (used, used_bytes)


def test_a_load_in_hundredths_is_a_percentage() -> None:
    (cpu,) = take("watchguard-fireware", wgSystemCpuUtil5=1250).records["processors"]
    assert cpu["usage_pct"] == 12.5


def test_a_stack_of_comware_tells_roles_and_links_and_its_peers_of_ipv6() -> None:
    tables: dict[str, Rows] = {
        "entPhysicalTable": {(2,): {"entPhysicalName": b"Board 1", "entPhysicalClass": 9}},
        "hh3cStackBoardConfigTable": {(2,): {"hh3cStackBoardRole": 2}},
        "hh3cStackPortInfoTable": {(1, 1): {"hh3cStackPortStatus": 2}},
        "hh3cBgp4v2PeerTable": {tuple(bytes.fromhex("20010db8" + "00" * 11 + "01")): {"hh3cBgp4v2PeerState": 3}},
    }
    taken = take("h3c-comware", tables, hh3cStackMemberNum=2, hh3cStackTopology=1)
    assert told(taken) == {
        ("state", "IRF topology", "chainConn"),
        ("state", "IRF Board 1", "master"),
        ("state", "IRF member 1 port 1", "down"),
    }
    assert [(row["peer"], row["state"]) for row in taken.records["bgp_peers"]] == [("2001:db8::1", "active")]


def test_a_peer_of_os9_is_named_by_its_remote_address() -> None:
    index = (1, 1, 4, 10, 0, 0, 1, 1, 4, 10, 0, 0, 2)
    rows: Rows = {index: {"dellNetBgpM2PeerState": 6, "dellNetBgpM2PeerRemoteAs": 65001, "dellNetBgpM2PeerStatus": 2}}
    (peer,) = take("dell-os9", {"dellNetBgpM2PeerTable": rows}).records["bgp_peers"]
    assert (peer["peer"], peer["state"], peer["remote_as"]) == ("10.0.0.2", "established", 65001)


def test_a_rack_server_of_ucs_tells_temperatures_and_disks_that_are_there() -> None:
    tables: dict[str, Rows] = {
        "cucsComputeRackUnitMbTempStatsTable": {
            (1,): {
                "cucsComputeRackUnitMbTempStatsDn": b"board",
                "cucsComputeRackUnitMbTempStatsAmbientTemp": b"24.5",
                "cucsComputeRackUnitMbTempStatsRearTemp": 0,
            }
        },
        "cucsStorageLocalDiskTable": {
            (1,): {
                "cucsStorageLocalDiskDn": b"disk-1",
                "cucsStorageLocalDiskOperability": 2,
                "cucsStorageLocalDiskPresence": 10,
            },
            (2,): {
                "cucsStorageLocalDiskDn": b"disk-2",
                "cucsStorageLocalDiskOperability": 6,
                "cucsStorageLocalDiskPresence": 11,
            },
        },
    }
    assert told(take("cisco-ucs", tables)) == {
        ("temperature", "board ambient", 24.5),
        ("state", "disk-1", "inoperable"),
    }


def test_comware_tells_results_of_nqa_and_limits_of_transceivers() -> None:
    owner = (*(5, *b"admin"), *(4, *b"echo"))
    silent = (*(5, *b"admin"), *(4, *b"lost"))
    idle = (*(5, *b"admin"), *(4, *b"idle"))
    results = ("pingResultsAverageRtt", "pingResultsProbeResponses", "pingResultsSentProbes")
    optics = {
        "hh3cTransceiverDiagnostic": 1,
        "hh3cTransceiverTemperature": 41,
        "hh3cTransceiverTempHiAlarm": 90000,
        "hh3cTransceiverTempLoAlarm": -45000,
        "hh3cTransceiverBiasCurrent": 652,
        "hh3cTransceiverBiasHiAlarm": 11000,
        "hh3cTransceiverBiasLoAlarm": 2147483647,
    }
    taken = take(
        "h3c-comware",
        {
            "pingResultsTable": {
                owner: dict(zip(results, (12, 9, 10), strict=True)),
                silent: dict(zip(results, (0, 0, 10), strict=True)),
                idle: dict(zip(results, (0, 0, 0), strict=True)),
            },
            "hh3cTransceiverInfoTable": {(3,): dict(optics)},
        },
    )
    rows = [(row["index"], row["rtt_ms"], row["loss_pct"], row["ok"]) for row in taken.records["ip_sla"]]
    assert rows == [("admin echo", 12, 10, True), ("admin lost", None, 100, False)]
    limits = {sensor.kind: (sensor.value, sensor.limit_low, sensor.limit_high) for sensor in taken.sensors}
    assert limits["temperature"] == (41, -45, 90)
    assert limits["current"] == pytest.approx((0.00652, None, 0.011))
