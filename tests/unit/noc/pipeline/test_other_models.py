"""What other models and firmware of the shipped families tell, by their MIBs: scales, alternatives, fallbacks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.profiles.load import pick, probes
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
    ("descr", "version"),
    [
        (b"Acme Relay 9, Version 4.2.1 (build 7)", "4.2.1"),
        (b"AcmeOS Software Release 12.3(4)T", "12.3(4)T"),
        (b"Relay SW ver: 1.0.3b", "1.0.3b"),
        (b"ACME-7 v2.10.0-rc1, bootloader", "2.10.0-rc1"),
        (b"Acme Firmware V3.20", "3.20"),
        (b"Acme Relay 9000 of 10.2.0.1", None),
        (b"Hardware revision 7", None),
    ],
)
def test_an_unknown_device_tells_its_version_by_its_description(descr: bytes, version: str | None) -> None:
    assert take("generic", sysDescr=descr).device.version == version


def test_an_unknown_device_is_told_by_its_chassis() -> None:
    chassis: dict[str, Raw] = {
        "entPhysicalClass": 3,
        "entPhysicalMfgName": b"Acme",
        "entPhysicalModelName": b"R9",
        "entPhysicalSerialNum": b"S1",
        "entPhysicalSoftwareRev": b"4.2",
    }
    module: dict[str, Raw] = {"entPhysicalClass": 9, "entPhysicalModelName": b"card", "entPhysicalSerialNum": b"S2"}
    whole = take("generic", {"entPhysicalTable": {(2,): module, (7,): chassis}}, sysDescr=b"Version 9.9").device
    assert (whole.vendor, whole.model, whole.serial, whole.version) == ("Acme", "R9", "S1", "4.2")
    alone = take("generic", {"entPhysicalTable": {(2,): module}}).device
    assert (alone.model, alone.serial, alone.version) == ("card", "S2", None)


def test_a_ups_or_a_poe_switch_of_unknown_make_is_known_by_what_it_answers() -> None:
    identifier = "1.3.6.1.4.1.32473.1"
    asked = probes(PROFILES, identifier, "", pick(PROFILES, identifier, ""))
    assert asked["1.3.6.1.2.1.33.1.2.1.0"].name == "ups-mib"
    assert asked["1.3.6.1.2.1.105.1.3.1.1.3.1"].name == "ethernet-switch"
    assert "1.3.6.1.2.1.33.1.2.1.0" not in probes(PROFILES, "1.3.6.1.4.1.9.1.1", "Cisco IOS", PROFILES["cisco-ios"])


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"RxPower": 412, "TxPower": 501, "RxLowThreshold": 0}, {"receive": -3.85, "transmit": -3.0}),
        ({"RxPower": -385, "TxPower": 120, "RxLowThreshold": -1440}, {"receive": -3.85, "transmit": 1.2}),
        ({"RxPower": -385, "TxPower": -300}, {"receive": -3.85, "transmit": -3}),
        ({"RxPower": 35, "TxPower": 120, "RxLowThreshold": -1440}, {"receive": 0.35, "transmit": 1.2}),
    ],
)
def test_light_of_huawei_is_in_microwatts_or_in_hundredths_of_a_dbm(
    row: dict[str, int], expected: dict[str, float]
) -> None:
    cells: dict[str, Raw] = {f"hwEntityOptical{name}": value for name, value in row.items()}
    tables: dict[str, Rows] = {
        "entPhysicalTable": {(7,): {"entPhysicalName": b"GE0/0/1", "entPhysicalClass": 10}},
        "hwOpticalModuleInfoTable": {(7,): {"hwEntityOpticalMode": 2} | cells},
    }
    taken = take("huawei-vrp", tables)
    light = {sensor.name.split()[-1]: sensor.value for sensor in taken.sensors if sensor.kind == "optical_power"}
    assert light == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(("raw", "ampere"), [(6, 0.006), (6012, 0.006012)])
def test_a_laser_of_huawei_takes_milliamperes_or_microamperes(raw: int, ampere: float) -> None:
    rows: Rows = {(7,): {"hwEntityOpticalMode": 2, "hwEntityOpticalBiasCurrent": raw}}
    (sensor,) = [s for s in take("huawei-vrp", {"hwOpticalModuleInfoTable": rows}).sensors if s.kind == "current"]
    assert sensor.value == pytest.approx(ampere)


def test_lanes_of_aoscx_tell_milliwatts_as_text() -> None:
    lane: dict[str, Raw] = {
        "arubaWiredPmXcvrLaneDomRxPower": b"0.5012",
        "arubaWiredPmXcvrLaneDomTxPower": b"0.00",
        "arubaWiredPmXcvrLaneDomTxBias": b"6.52",
    }
    tables: dict[str, Rows] = {
        "arubaWiredPmXcvrLaneDomTable": {(49, 1): lane},
        "ifXTable": {(49,): {"ifName": b"1/1/49"}},
    }
    assert told(take("aruba-aoscx", tables)) == {
        ("optical_power", "1/1/49 lane 1 receive", -3.0),
        ("current", "1/1/49 lane 1", 0.00652),
    }


def test_a_liebert_measures_points_and_lines_and_leaves_out_what_it_lacks() -> None:
    point: dict[str, Raw] = {
        "lgpPwrMeasurementPointId": "1.3.6.1.4.1.476.1.42.3.5.2.1.5",
        "lgpPwrMeasurementPointTruePower": 4200,
        "lgpPwrMeasurementPointPowerFactor": 97,
        "lgpPwrMeasurementPointGroundCurrent": 12,
        "lgpPwrMeasurementPointWattHours": 2147483647,
    }
    line: dict[str, Raw] = {
        "lgpPwrMeasurementPoint": "1.3.6.1.4.1.476.1.42.3.5.2.1.7",
        "lgpPwrLineMeasurementVoltsLN": 231,
    }
    room: dict[str, Raw] = {"lgpEnvTemperatureMeasurementDegC": 21, "lgpEnvTemperatureMeasurementTenthsDegC": 214}
    tables: dict[str, Rows] = {
        "lgpPwrMeasurementPointTable": {(1,): point},
        "lgpPwrLineMeasurementTable": {(2, 3): line},
        "lgpEnvTemperatureTableDegC": {(1,): room, (2,): {"lgpEnvTemperatureMeasurementDegC": 2147483647}},
    }
    taken = take("liebert", tables, lgpEnvStateCoolingCapacity=4294967295, lgpEnvStateSystem=1)
    assert told(taken) == {
        ("power", "Output", 4200),
        ("power_factor", "Output", 0.97),
        ("current", "Output ground", 1.2),
        ("voltage", "Bypass line 3", 231),
        ("temperature", "Temperature 1", 21.4),
        ("state", "System", "on"),
    }


def test_a_tunnel_of_a_fortigate_is_told_once() -> None:
    old: Rows = {(1,): {"fgVpnTunEntStatus": 2, "fgVpnTunEntPhase1Name": b"hq", "fgVpnTunEntPhase2Name": b"lan"}}
    new: Rows = {(1, 1): {"fgVpn2TunStatus": 1, "fgVpn2TunPhase1Name": b"hq", "fgVpn2TunPhase2Name": b"lan"}}
    assert told(take("fortinet-fortigate", {"fgVpnTunTable": old})) == {("state", "IPsec hq lan", "up")}
    both = take("fortinet-fortigate", {"fgVpnTunTable": old, "fgVpn2TunTable": new})
    assert told(both) == {("state", "IPsec hq lan", "down")}


@pytest.mark.parametrize(
    ("profile", "scalars", "expected"),
    [
        ("netapp-ontap", {"netappProductVersion": b"NetApp Release 8.2.3P3 7-Mode: Tue Apr 28 2015"}, "8.2.3P3 7-Mode"),
        ("netapp-ontap", {"netappProductVersion": b"NetApp Release 9.11.1P4: Fri Nov 11 2022"}, "9.11.1P4"),
        ("endrun-sonoma", {"gntpVersion": b"Sonoma_N12 GPS v 6010-0065-000 v 3.04 - Wed Oct 1"}, "3.04"),
        ("truenas", {"sysDescr": b"TrueNAS-13.0-U5.3. Hardware: amd64 Xeon. Software: FreeBSD 13.1"}, "13.0-U5.3"),
    ],
)
def test_versions_of_other_firmware(profile: str, scalars: dict[str, Raw], expected: str) -> None:
    assert take(profile, **scalars).device.version == expected


def test_a_supply_of_procurve_that_is_not_there_has_no_temperature() -> None:
    rows: Rows = {
        (1,): {"hpicfPsState": 3, "hpicfPsTemp": 41, "hpicfPsWattageCur": 88, "hpicfPsWattageMax": 680},
        (2,): {"hpicfPsState": 1, "hpicfPsTemp": 0, "hpicfPsWattageCur": 0, "hpicfPsWattageMax": 0},
    }
    assert told(take("hp-procurve", {"hpicfPsTable": rows})) == {
        ("state", "Power supply 1", "psPowered"),
        ("state", "Power supply 2", "psNotPresent"),
        ("temperature", "Power supply 1", 41),
        ("power", "Power supply 1", 88),
    }


def test_a_chassis_of_dell_tells_its_power_as_text() -> None:
    tables: dict[str, Rows] = {
        "drsCMCPowerTable": {
            (1,): {"drsWattsReading": b"1840", "drsAmpsReading": b"8.2", "drsMaxPowerSpecification": b"7928"}
        },
        "drsCMCServerTable": {
            (1,): {"drsServerMonitoringCapable": 3, "drsServerSlotName": b"SLOT-01", "drsServerSlotNumber": b"1"},
            (2,): {"drsServerMonitoringCapable": 1, "drsServerSlotName": b"N/A", "drsServerSlotNumber": b"N/A"},
        },
    }
    assert told(take("dell-cmc", tables)) == {
        ("power", "Chassis 1", 1840),
        ("power", "Chassis 1 allowed", 7928),
        ("current", "Chassis 1", 8.2),
        ("state", "Slot 1 SLOT-01", "basic"),
    }


def test_an_air_conditioner_of_apc_tells_tenths() -> None:
    taken = take(
        "apc-cooling",
        airIRRP100UnitStatusOperateMode=2,
        airIRRP100UnitStatusSupplyAirTempMetric=182,
        airIRRP100UnitStatusRackInletTempMetric=-1,
        airIRRP100UnitStatusCoolOutput=37,
    )
    assert told(taken) == {
        ("state", "Unit", "on"),
        ("temperature", "Unit, supply air", 18.2),
        ("power", "Unit, cooling output", 3700),
    }
