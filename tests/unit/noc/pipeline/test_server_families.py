"""Firewalls, servers and storage of which there is no recording, on answers made by their MIBs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.shipped import shipped
from noc.model.reading import Index, Raw, Reading, SnmpAnswer
from noc.model.snapshot import Snapshot
from noc.pipeline.snapshot import snapshot

PROFILES, _ = kept_profiles([shipped("profiles")])
Rows = dict[Index, dict[str, Raw]]
Told = dict[tuple[str, str], tuple[float | None, str]]


def take(profile: str, tables: dict[str, Rows] | None = None, **scalars: Raw) -> Snapshot:
    answer = SnmpAnswer(profile, scalars, tables or {})
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return snapshot(Reading("snmp", "192.0.2.1", "test", at, 0.1, snmp=answer), PROFILES[profile])


def told(taken: Snapshot) -> Told:
    return {(sensor.kind, sensor.name): (sensor.value, sensor.status) for sensor in taken.sensors}


def test_a_fortigate_in_a_cluster_tells_who_is_out_of_step() -> None:
    rows: Rows = {
        (1,): {"fgHaStatsSerial": b"FG1", "fgHaStatsHostname": b"a", "fgHaStatsSyncStatus": 1, "fgHaStatsNetUsage": 40},
        (2,): {"fgHaStatsSerial": b"FG2", "fgHaStatsHostname": b"b", "fgHaStatsSyncStatus": 0},
    }
    pair = told(take("fortinet-fortigate", {"fgHaStatsTable": rows}, fgHaSystemMode=3))
    assert pair["state", "HA synchronisation of b FG2"] == (0, "critical")
    assert pair["bitrate", "a network usage"] == (40_000, "ok")
    alone = told(take("fortinet-fortigate", {"fgHaStatsTable": rows}, fgHaSystemMode=1))
    assert list(alone) == [("state", "HA mode")]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (b"FAN1", "fan_speed"),
        (b"PSU 1 FAN", "fan_speed"),
        (b"LM75 U80", "temperature"),
        (b"PS1 Temp", "temperature"),
        (b"CPU Core 0", None),
        (b"DTS CPU0", "temperature"),
        (b"+12V", "voltage"),
        (b"+3.3VSB", "voltage"),
        (b"P1V1_VCCIO", "voltage"),
        (b"CPU PVCCIN", "voltage"),
        (b"PS1 Status", None),
        (b"RPS Fail", None),
    ],
)
def test_the_name_of_a_fortigate_sensor_tells_its_unit(name: bytes, kind: str | None) -> None:
    row: dict[str, Raw] = {"fgHwSensorEntName": name, "fgHwSensorEntValue": b"12.5", "fgHwSensorEntAlarmStatus": 0}
    found = [one for one, _ in told(take("fortinet-fortigate", {"fgHwSensorTable": {(1,): row}})) if one != "state"]
    assert found == ([kind] if kind else [])


def test_an_f5_does_not_warn_of_what_people_have_disabled() -> None:
    names = {(2, 118, 49): (3, 1), (2, 118, 50): (3, 2)}
    rows: Rows = {
        index: {"ltmVsStatusAvailState": state, "ltmVsStatusEnabledState": enabled}
        for index, (state, enabled) in names.items()
    }
    assert told(take("f5-bigip", {"ltmVsStatusTable": rows})) == {("state", "Virtual server v1"): (3, "critical")}


def test_a_sonicwall_tells_its_load() -> None:
    taken = take(
        "sonicwall",
        snwlSysFirmwareVersion=b"SonicOS Enhanced 6.5.4.4-44n",
        sonicCurrentCPUUtil=7,
        sonicCurrentRAMUtil=55,
    )
    assert taken.device.version == "6.5.4.4-44n"
    assert [row["usage_pct"] for row in taken.records["processors"]] == [7]
    assert [row["used_pct"] for row in taken.records["memory"]] == [55]


def test_a_packet_filter_that_is_stopped_is_told() -> None:
    taken = take(
        "pfsense", pfStatusRunning=2, pfStateTableCount=120, sysDescr=b"pfSense fw 2.7.2-RELEASE FreeBSD 14.0 amd64"
    )
    assert told(taken)["state", "Packet filter"] == (2, "critical")
    assert (taken.device.version, taken.device.device_class) == ("2.7.2-RELEASE", "firewall")


def test_a_synology_tells_of_a_degraded_raid() -> None:
    raid: Rows = {(0,): {"synologyRaidName": b"Volume 1", "synologyRaidStatus": 11}}
    taken = take("synology-dsm", {"synologyRaidTable": raid}, synologyVersion=b"DSM 7.2-64570", synologyTemperature=41)
    assert told(taken) == {("temperature", "System"): (41, "ok"), ("state", "Volume 1"): (11, "critical")}
    assert taken.device.version == "7.2-64570"


def test_a_data_domain_has_its_space_in_bytes() -> None:
    space: Rows = {
        (1,): {
            "ddFileSystemResourceName": b"/data: post-comp",
            "ddFileSystemSpaceSize": b"2.0",
            "ddFileSystemSpaceUsed": b"0.5",
            "ddFileSystemPercentUsed": 25,
        }
    }
    (row,) = take("dell-datadomain", {"ddFileSystemSpaceTable": space}).records["storage"]
    assert (row["total_bytes"], row["used_bytes"], row["used_pct"]) == (2 * 2**30, 2**29, 25)


def test_a_netapp_with_a_failed_disk_is_critical() -> None:
    taken = take(
        "netapp-ontap",
        netappDiskFailedCount=1,
        netappEnvFailedFanCount=0,
        netappProductVersion=b"NetApp Release 9.7P1: Thu Feb",
    )
    assert told(taken) == {("count", "Failed disks"): (1, "critical"), ("count", "Failed fans"): (0, "ok")}
    assert taken.device.version == "9.7P1"


@pytest.mark.parametrize(("profile", "lead"), [("lenovo-xcc", "xcc"), ("ibm-imm", "imm")])
@pytest.mark.parametrize(
    ("speed", "found"), [(b"2520 RPM", ("fan_speed", 2520)), (b" 24% of maximum", ("percent", 24)), (b"offline", None)]
)
def test_a_fan_of_a_lenovo_server_tells_its_unit(
    profile: str, lead: str, speed: bytes, found: tuple[str, float] | None
) -> None:
    fans: Rows = {(1,): {f"{lead}FanDescr": b"Fan 1", f"{lead}FanSpeed": speed, f"{lead}FanHealthStatus": b"Normal"}}
    versions: Rows = {
        (1,): {f"{lead}VpdType": b"UEFI", f"{lead}VpdVersion": b"U1"},
        (2,): {f"{lead}VpdType": b"BMC (Primary)", f"{lead}VpdVersion": b"CDI380C"},
    }
    taken = take(profile, {f"{lead}FanTable": fans, f"{lead}VpdTable": versions})
    state: Told = {("state", "Fan 1"): (None, "ok")}
    assert told(taken) == state | ({(found[0], "Fan 1"): (found[1], "ok")} if found else {})
    assert taken.device.version == "CDI380C"


def test_a_supermicro_tells_its_kinds() -> None:
    def row(name: bytes, kind: int, reading: int) -> dict[str, Raw]:
        return {"smHealthMonitorName": name, "smHealthMonitorType": kind, "smHealthMonitorReading": reading}

    rows: Rows = {(1,): row(b"Fan1", 0, 3760), (6,): row(b"Vcore", 1, 1080), (9,): row(b"CPU", 2, 41)}
    found = told(take("net-snmp-linux", {"smHealthMonitorTable": rows}))
    assert found["fan_speed", "Fan1"] == (3760, "ok")
    assert found["voltage", "Vcore"] == (1.08, "ok")
    assert found["temperature", "CPU"] == (41, "ok")


@pytest.mark.parametrize("profile", ["dell-openmanage-linux", "dell-openmanage-windows", "dell-openmanage-esxi"])
def test_an_agent_of_dell_tells_the_server_beneath_the_operating_system(profile: str) -> None:
    tables: dict[str, Rows] = {
        "omsaChassisInformationTable": {
            (1,): {"omsaChassisModelName": b"PowerEdge R740", "omsaChassisServiceTagName": b"ABC1234"}
        },
        "omsaTemperatureProbeTable": {
            (1, 1): {
                "omsaTemperatureProbeLocationName": b"Inlet",
                "omsaTemperatureProbeReading": -35,
                "omsaTemperatureProbeType": 3,
                "omsaTemperatureProbeStatus": 8,
                "omsaTemperatureProbeLowerCriticalThreshold": -30,
            }
        },
    }
    taken = take(profile, tables)
    assert (taken.device.vendor, taken.device.model, taken.device.serial) == ("Dell", "PowerEdge R740", "ABC1234")
    found = told(taken)
    assert found["temperature", "Inlet"] == (-3.5, "critical")
    assert found["state", "Inlet"] == (8, "critical")


def test_a_small_tape_library_tells_its_drives() -> None:
    drive: Rows = {
        (1,): {"quantumPhDriveLocation": b"[0,3]", "quantumPhDriveRasStatus": 2, "quantumPhDriveCleaningStatus": 3}
    }
    found = told(take("quantum-midrange", {"quantumPhysicalDriveTable": drive}, quantumLibraryGlobalStatus=6))
    assert found["state", "Library"] == (6, "ok")
    assert found["state", "Drive [0,3]"] == (2, "critical")
    assert found["state", "Drive [0,3] cleaning"] == (3, "warning")


def test_pools_of_truenas_are_read_in_both_editions_of_its_mib() -> None:
    today: Rows = {
        (1,): {"zpoolName": b"tank", "zpoolHealth": b"ONLINE", "zpoolHealthNumber": 982734982},
        (2,): {"zpoolName": b"boot-pool", "zpoolHealth": b"DEGRADED", "zpoolHealthNumber": 0},
    }
    disks: Rows = {(1,): {"hddTempDevice": b"sda", "hddTempValue": 38000}, (2,): {"hddTempDevice": b"sdb"}}
    assert told(take("truenas", {"zpoolTable": today, "hddTempTable": disks})) == {
        ("state", "Pool tank"): (None, "ok"),
        ("state", "Pool boot-pool"): (None, "warning"),
        ("temperature", "Disk sda"): (38, "ok"),
    }
    before: Rows = {(1,): {"zpoolName": b"tank", "zpoolHealth": b"4096", "zpoolHealthNumber": 2}}
    assert told(take("truenas", {"zpoolTable": before})) == {("state", "Pool tank"): (2, "critical")}
