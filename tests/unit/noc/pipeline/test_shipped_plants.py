"""DC plants, generating sets, clocks and gateways by shipped profiles, on answers made by hand from their MIB texts."""

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


def take(profile: str, tables: dict[str, Rows] | None = None, **scalars: Raw) -> Snapshot:
    answer = SnmpAnswer(profile, scalars, tables or {})
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return snapshot(Reading("snmp", "192.0.2.1", "test", at, 0.1, snmp=answer), PROFILES[profile])


def told(taken: Snapshot) -> set[tuple[str, str, object]]:
    return {(sensor.kind, sensor.name, sensor.text or sensor.value) for sensor in taken.sensors}


@pytest.mark.parametrize(("tenths", "amperes"), [(0, -120), (1, -12), (None, -120)])
def test_an_eltek_plant_tells_whether_its_currents_are_tenths(tenths: int | None, amperes: float) -> None:
    settings: dict[str, Raw] = {} if tenths is None else {"powerSystemCurrentDecimalSetting": tenths}
    assert told(take("eltek-smartpack", batteryCurrentsValue=-120, **settings)) == {("current", "Battery", amperes)}


@pytest.mark.parametrize(("scale", "celsius"), [(0, 77), (1, 25)])
def test_an_eltek_plant_tells_the_scale_of_its_temperatures(scale: int, celsius: float) -> None:
    rows: Rows = {
        (1, 1): {
            "batteryTemperatureStatus": 1,
            "batteryTemperatureValue": 77,
            "batteryTemperatureDescription": b"Bank",
        },
        (1, 2): {"batteryTemperatureStatus": 4, "batteryTemperatureValue": 0},  # disabled
    }
    taken = take("eltek-smartpack", {"batteryBankTemperatureTable": rows}, powerSystemTemperatureScale=scale)
    (sensor,) = taken.sensors
    assert (sensor.kind, sensor.name, sensor.value) == ("temperature", "Bank", pytest.approx(celsius))


@pytest.mark.parametrize(("percent", "kind"), [(0, "count"), (1, "charge")])
def test_an_eltek_battery_is_charged_in_percent_or_ampere_hours(percent: int, kind: str) -> None:
    (sensor,) = take("eltek-smartpack", powerSystemCapacityScale=percent, batteryRemainingCapacityValue=80).sensors
    assert (sensor.kind, sensor.value) == (kind, 80)


def test_an_eltek_plant_says_who_it_is_and_how_it_stands() -> None:
    units: Rows = {
        (1,): {"controlUnitSwVersion": b"", "controlUnitSerialNumber": b""},
        (2,): {"controlUnitSwVersion": b"2.14", "controlUnitSerialNumber": b"12345"},
    }
    taken = take(
        "eltek-smartpack",
        {"controlUnitTable": units},
        powerSystemType=2,
        powerSystemStatus=3,
        batteryVoltageValue=5350,
        batteryVoltageMajorLowLevel=4600,
        batteryTimeLeftValue=90,
    )
    assert (taken.device.model, taken.device.version, taken.device.serial) == ("Smartpack S", "2.14", "12345")
    found = {sensor.name: sensor for sensor in taken.sensors}
    assert (found["DC plant"].text, found["DC plant"].status) == ("majorAlarm", "critical")
    assert (found["Battery"].value, found["Battery"].limit_low) == (53.5, 46)
    assert found["Battery time left"].value == 5400


def test_a_webpower_plant_leaves_raw_what_it_has_no_unit_for() -> None:
    rows: Rows = {
        (1,): {"rectifierStatusStatus": 1, "rectifierStatusOutputCurrent": 123, "rectifierStatusOutputVoltage": 5405},
        (2,): {"rectifierStatusStatus": 0, "rectifierStatusOutputCurrent": 0, "rectifierStatusOutputVoltage": 0},
    }
    taken = take("eltek-webpower", {"rectifierStatusTable": rows}, batteryCurrent=-7, acVoltage1=231, acVoltage2=0)
    assert {one for one in told(taken) if one[0] != "state"} == {
        ("current", "Rectifier 1", 12.3),
        ("voltage", "Rectifier 1", 54.05),
        ("count", "Battery current (A or 0.1 A)", -7),
        ("voltage", "Mains phase 1", 231),
    }


def test_a_webpower_input_has_the_name_of_the_other_table() -> None:
    tables: dict[str, Rows] = {
        "systemControlUnitTable": {(0,): {"inputUserConfigurable1": 1}},
        "systemControlUnitInputTable": {(0,): {"inputUserConfigurableText1": b"Door"}},
    }
    (sensor,) = take("eltek-webpower", tables).sensors
    assert (sensor.name, sensor.text, sensor.status) == ("Door", "alarm", "warning")


def test_a_riello_that_answers_both_is_read_once() -> None:
    own: dict[str, Raw] = {"rupsEstimatedMinutesRemaining": 12, "rupsOutputSource": 5, "rupsTestResultsSummary": 3}
    alone = take("riello", **own)
    assert told(alone) == {
        ("runtime", "Battery time remaining", 720),
        ("state", "Output source", "battery"),
        ("state", "Last test", "doneError"),
    }
    both = take("riello", upsOutputSource=3, upsEstimatedMinutesRemaining=13, **own)
    assert told(both) == {
        ("runtime", "Battery time remaining", 780),
        ("state", "Output source", "normal"),
        ("state", "Last test", "doneError"),
    }


def test_a_netsure_plant_is_told_in_thousandths() -> None:
    rows: Rows = {
        (1,): {"psTemperatureMeasurement": 24_500, "psTemperatureName": b"Room", "psTemperatureType": 1},
        (2,): {"psTemperatureMeasurement": 2_147_483_647, "psTemperatureName": b"None", "psTemperatureType": 0},
    }
    taken = take(
        "vertiv-netsure",
        {"psTemperatureTable": rows},
        eesSystemVoltage=-54_320,
        psTotalBatteryCurrent=2_147_483_647,
        eesSystemStatus=6,
    )
    assert told(taken) == {
        ("temperature", "Room", 24.5),
        ("voltage", "System", -54.32),
        ("state", "DC plant", "critical"),
    }


def test_an_sc200_plant_has_the_units_of_its_mib() -> None:
    row: dict[str, Raw] = {
        "scRectifierRegistrationState": 2,
        "scRectifierFailedState": 1,
        "scRectifierVoltage": 5412,
        "scRectifierOutputPower": 415,
        "scRectifierReportedCurrent": 17,
    }
    empty: dict[str, Raw] = {"scRectifierRegistrationState": 0, "scRectifierFailedState": 0, "scRectifierVoltage": 0}
    taken = take("eaton-sc200", {"scRectifierTable": {(1,): row, (2,): empty}}, scLoadPower=123, scBatteryHealth=255)
    assert told(taken) == {
        ("state", "Rectifier 1", "bad status"),
        ("state", "Rectifier 1 registration", "registered"),
        ("voltage", "Rectifier 1", 54.12),
        ("load", "Rectifier 1", 41.5),
        ("current", "Rectifier 1", 17),
        ("power", "Load", 1230),
    }


def test_an_orion_plant_leaves_out_what_is_not_measured() -> None:
    taken = take("delta-orion", dcSystemVoltage=5421, dcBatteryTemperature=2_147_483_647, dcNumberRectifiersFailure=1)
    assert told(taken) == {("voltage", "System", 54.21), ("count", "Failed rectifiers", 1)}
    assert {sensor.name: sensor.status for sensor in taken.sensors}["Failed rectifiers"] == "critical"


@pytest.mark.parametrize("kind", [14, 17, 26])
def test_comap_controllers_have_one_number_an_object(kind: int) -> None:
    answers: dict[str, Raw] = {
        f"comapBatteryVoltage{kind}": 139,
        f"comapGenPower{kind}": 42,
        f"comapFuelLevel{kind}": -32_768,
        f"comapEngineState{kind}": 8,
    }
    assert told(take("comap", **answers)) == {
        ("voltage", "Starter battery", 13.9),
        ("power", "Generator", 42_000),
        ("state", "Engine", "Loaded"),
    }


def test_an_old_lantime_is_read_by_its_older_group_alone() -> None:
    older: dict[str, Raw] = {
        "mbgLtFirmwareVersion": b"5.32l",
        "mbgLtNtpCurrentStateVal": 5,
        "mbgLtNtpActiveRefclockOffsetVal": -12,
        "mbgLtRefGpsStateVal": 1,
        "mbgLtRefGpsModeVal": 3,
        "mbgLtRefGpsSatellitesGood": 0,
        "mbgLtRefPzfStateVal": 0,
    }
    taken = take("meinberg-lantime", **older)
    assert taken.device.version == "5.32l"
    assert told(taken) == {
        ("state", "NTP", "normalOperationRefclock"),
        ("delay", "NTP offset to the reference clock", -0.000012),
        ("state", "GPS", "synchronized"),
        ("state", "GPS receiver", "antennaFaulty"),
        ("count", "GPS satellites good", 0),
    }
    newer = take("meinberg-lantime", mbgLtNgNtpCurrentState=2, **older)
    assert told(newer) == {("state", "NTP", "synchronized")}


def test_a_smartnode_counts_memory_in_the_columns_of_its_mib() -> None:
    rows: Rows = {(109, 97, 105, 110): {"memDescr": b"main", "memAllocatedBytes": 25, "memFreeBytes": 75}}
    taken = take("patton-smartnode", {"patMemTable": rows}, snSwVersion=b"R4.2 2008-09-11 SIP", snProductName=b"SN4112")
    assert (taken.device.model, taken.device.version) == ("SN4112", "4.2")
    (memory,) = taken.records["memory"]
    assert (memory["name"], memory["total_bytes"], memory["used_pct"]) == ("main", 100, 25)
    columns = {column.name: column.oid for table in PROFILES["patton-smartnode"].tables for column in table.columns}
    assert columns["memAllocatedBytes"].endswith(".1768.100.70.20.2.1.3")
    assert columns["memFreeBytes"].endswith(".1768.100.70.20.2.1.4")


def test_an_avaya_gateway_tells_its_engines_and_parts() -> None:
    tables: dict[str, Rows] = {
        "cmgVoipEngineTable": {(101,): {"cmgVoipChannelsInUse": 4, "cmgVoipTotalChannels": 80, "cmgVoipDspStatus": 3}},
        "avEntPhyChFruTable": {
            (7,): {"avEntPhyChFruOperStat": 2, "avEntPhyChFruFault": 5},
            (8,): {"avEntPhyChFruOperStat": 3, "avEntPhyChFruFault": 1},
        },
    }
    taken = take("avaya-media-gateway", tables, cmgH248LinkStatus=2)
    assert told(taken) == {
        ("state", "H.248 link", "down"),
        ("count", "VoIP engine 101 channels in use", 4),
        ("count", "VoIP engine 101 channels", 80),
        ("state", "VoIP engine 101", "fault"),
        ("state", "Part 7", "fault"),
        ("state", "Part 7 fault", "singleFanFault"),
    }


def test_trunk_groups_of_an_omnipcx() -> None:
    row: dict[str, Raw] = {"trunkname": b"T2 PSTN", "trunkstatus": 0, "busychan": 3, "freechan": 27, "ooschan": 0}
    taken = take("alcatel-omnipcx", {"trunkTable": {(5,): row}})
    assert told(taken) == {
        ("state", "Trunk 5 T2 PSTN", "out of service"),
        ("count", "Trunk 5 T2 PSTN busy channels", 3),
        ("count", "Trunk 5 T2 PSTN free channels", 27),
        ("count", "Trunk 5 T2 PSTN channels out of service", 0),
    }


def test_a_huawei_plant_leaves_out_what_isnt_there() -> None:
    tables: dict[str, Rows] = {
        "hwRectConfigTable": {(28_672,): {"hwRectEquipName": b"Rect1"}},
        "hwRectOperTable": {
            (28_672,): {
                "hwRectOperStatus": 4,
                "hwRectOutputCurrent": 2_147_483_647,
                "hwRectOutputVoltage": 2_147_483_647,
                "hwRectACVoltage": 2288,
            },
            (28_673,): {"hwRectOperStatus": 1, "hwRectOutputCurrent": 76, "hwRectOutputVoltage": 520},
        },
        "hwBattStringOperTable": {
            (5,): {
                "hwBattStringOperStatus": 1,
                "hwBattStringTemprature": -99_999,
                "hwBattStringRemainCapacityPercent": 985,
            }
        },
        "hwEnvTempSensorTable": {
            (1,): {"hwEnvTempEquipName": b"Cabinet", "hwEnvTemperature": 41, "hwSetEnvTempUpperLimit": 40},
            (2,): {"hwEnvTempEquipName": b"Room", "hwEnvTemperature": -1024},
        },
    }
    taken = take("huawei-smu", tables, hwSiteDGWorkStatus=255, hwDcsTotalVoltage=520)
    assert told(taken) == {
        ("voltage", "System", 52),
        ("state", "Rect1", "commFail"),
        ("voltage", "Rect1 mains", 228.8),
        ("state", "Rectifier 28673", "normal"),
        ("current", "Rectifier 28673", 7.6),
        ("voltage", "Rectifier 28673", 52),
        ("state", "Battery string 5", "normal"),
        ("charge", "Battery string 5", 98.5),
        ("temperature", "Cabinet", 41),
    }
    assert {sensor.name: sensor.status for sensor in taken.sensors}["Cabinet"] == "critical"


def test_a_huawei_ups_is_read_by_its_own_mib_alone() -> None:
    tables: dict[str, Rows] = {
        "hwUpsInfoTable": {(1,): {"hwUpsModel": b"UPS5000-E", "hwUpsVersion": b"V2R1", "hwUpsSerial": b"21"}},
        "hwUpsStateTable": {(1,): {"hwUpsSupplyMethod": 4, "hwUpsBatteryState": 6, "hwUpsTemperature": 254}},
        "hwUpsBatteryTable": {(1,): {"hwUpsBatteryCharge": 87, "hwUpsBatteryTemperature": 4_294_967_295}},
        "hwUpsOutputTable": {(1,): {"hwUpsOutputVoltageB": 2204, "hwUpsOutputPowerB": 24, "hwUpsOutputLoadB": 219}},
        "upsOutputTable": {(1,): {"upsOutputVoltage": 2199}},
    }
    taken = take("huawei-ups", tables, upsEstimatedChargeRemaining=-1, hwUpsAmbientTemperature=2_147_483_647)
    assert (taken.device.vendor, taken.device.model, taken.device.serial) == ("Huawei", "UPS5000-E", "21")
    assert told(taken) == {
        ("state", "UPS 1 supply", "battery"),
        ("state", "UPS 1 battery", "discharging"),
        ("temperature", "UPS 1", 25.4),
        ("charge", "Battery 1 charge", 87),
        ("voltage", "Output 1 B", 220.4),
        ("power", "Output 1 B", 2400),
        ("load", "Output 1 B", 21.9),
    }


def test_a_voice_gateway_counts_calls_by_line() -> None:
    tables: dict[str, Rows] = {
        "cvCallVolIfTable": {(9,): {"cvCallVolMediaIncomingCalls": 3, "cvCallVolMediaOutgoingCalls": 1}},
        "ifXTable": {(9,): {"ifName": b"Se0/1/0:15"}},
    }
    taken = take("cisco-voice-gateway", tables, cvCallVolConnTotalActiveConnections=8)
    assert told(taken) == {
        ("count", "Active call legs", 8),
        ("count", "Se0/1/0:15 incoming calls", 3),
        ("count", "Se0/1/0:15 outgoing calls", 1),
    }


def test_a_ups_that_does_not_measure_its_input_current_has_none() -> None:
    rows: Rows = {(1,): {"upsInputVoltage": 231, "upsInputCurrent": -1}}
    assert told(take("riello", {"upsInputTable": rows}, upsBatteryCurrent=-1)) == {
        ("voltage", "Input 1", 231),
        ("current", "Battery", -0.1),  # signed in the RFC: it discharges
    }
