"""Probes, transfer switches and outlets by shipped profiles, on answers made by hand from their MIB texts."""

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


@pytest.mark.parametrize(
    ("unit", "kind", "value"), [(0, "temperature", 21.5), (3, "humidity", 21.5), (5, "current", 0.0215)]
)
def test_a_poseidon_tells_its_unit(unit: int, kind: str, value: float) -> None:
    rows: Rows = {(1,): {"sensName": b"Room", "sensState": 1, "sensValue": 215, "sensUnit": unit}}
    found = {sensor.kind: sensor for sensor in take("hwg-poseidon", {"sensTable": rows}).sensors}
    assert set(found) == {kind, "state"}
    assert found[kind].value == pytest.approx(value)


def test_a_cyberpower_switch_names_its_inputs() -> None:
    tables: dict[str, Rows] = {
        "cpsAtsInputTable": {
            (1,): {"cpsAtsInputName": b"Mains", "cpsAtsInputVoltage": 2301, "cpsAtsInputVolState": 1},
            (2,): {"cpsAtsInputName": b"", "cpsAtsInputVoltage": -1, "cpsAtsInputVolState": 3},
        },
        "cpsAtsLoadBankTable": {(1,): {"cpsAtsBankLoad": 34, "cpsAtsBankEnergy": 125}},
    }
    taken = take("cyberpower-ats", tables, cpsAtsRedundancyState=1)
    assert told(taken) == {
        ("state", "Redundancy", "atsRedundancyLost"),
        ("voltage", "Mains", 230.1),
        ("state", "Mains voltage", "normal"),
        ("state", "Input 2 voltage", "underVoltage"),
        ("current", "Output total", 3.4),
        ("energy", "Output total", 12_500),
    }


@pytest.mark.parametrize(
    ("unit", "raw", "degree", "celsius"), [(b"C", 215, 21, 21.5), (b"C", None, 21, 21), (b"F", 770, 77, 25)]
)
def test_a_sensorprobe_plus_tells_its_scale_by_text(unit: bytes, raw: int | None, degree: int, celsius: float) -> None:
    row: dict[str, Raw] = {
        "spPlusTemperatureDescription": b"Rack",
        "spPlusTemperatureDegree": degree,
        "spPlusTemperatureUnit": unit,
        "spPlusTemperatureStatus": 2,
        "spPlusTemperatureOnline": 1,
    }
    measured = row if raw is None else {**row, "spPlusTemperatureRaw": raw}
    away: dict[str, Raw] = {**row, "spPlusTemperatureOnline": 2}
    taken = take("akcp-sensorprobe-plus", {"spPlusTemperatureTable": {(0, 0, 0, 0): measured, (0, 0, 1, 0): away}})
    assert {(sensor.kind, sensor.name) for sensor in taken.sensors} == {("temperature", "Rack"), ("state", "Rack")}
    found = {sensor.kind: sensor for sensor in taken.sensors}
    assert found["temperature"].value == pytest.approx(celsius)
    assert found["state"].status == "ok"


def test_an_outlet_of_a_first_px_counts_energy() -> None:
    row: dict[str, Raw] = {
        "px1OutletLabel": b"Radio",
        "px1OutletOperationalState": 1,
        "px1OutletPowerFactor": 97,
        "px1OutletWattHours": 4200,
        "px1OutletCurrent": -1,
    }
    assert told(take("raritan-px1", {"px1OutletTable": {(3,): row}})) == {
        ("state", "Radio", "on"),
        ("power_factor", "Radio", 0.97),
        ("energy", "Radio", 4200),
    }


@pytest.mark.parametrize("humidity", [0, 40])
def test_an_eaton_switch_tells_its_sources_and_a_probe_that_is_there(humidity: int) -> None:
    tables: dict[str, Rows] = {
        "ats2InputStatusTable": {(2,): {"ats2InputStatusGood": 1, "ats2InputStatusVoltage": 4}},
        "ats2ContactSenseTable": {
            (1,): {"ats2ContactType": 1, "ats2ContactState": 4, "ats2ContactDescr": b"Door"},
            (2,): {"ats2ContactType": 4, "ats2ContactState": 1, "ats2ContactDescr": b""},
        },
    }
    taken = take("eaton-ats", tables, ats2EnvRemoteTemp=humidity // 2, ats2EnvRemoteHumidity=humidity)
    probe = {("temperature", "Probe", 20), ("humidity", "Probe", 40)} if humidity else set()
    assert told(taken) == probe | {
        ("state", "Input 2", "voltageOrFreqOutofRange"),
        ("state", "Input 2 voltage", "missing"),
        ("state", "Door", "closedWithNotice"),
    }


@pytest.mark.parametrize(("unit", "raw", "high"), [(0, 2_982, 3_132), (1, 250, 400), (2, 770, 1_040)])
@pytest.mark.parametrize("profile", ["eaton-ats", "eaton-mge", "eaton-xups"])
def test_a_probe_of_an_eaton_card_is_told_in_celsius(profile: str, unit: int, raw: int, high: int) -> None:
    tables: dict[str, Rows] = {
        "sensorConfigurationTable": {(1,): {"sensorName": b"EMPDT1H1C2 @1"}},
        "temperatureConfigurationTable": {
            (1, 1): {"temperatureName": b"Cabinet", "temperatureThresholdHighCritical": high}
        },
        "temperatureMonitoringTable": {
            (1, 1): {"temperatureValue": raw, "temperatureAlarm": 3, "temperatureCommunicationStatus": 2},
            (2, 1): {"temperatureValue": raw, "temperatureAlarm": 0, "temperatureCommunicationStatus": 3},
        },
        "digitalInputMonitoringTable": {(1, 2): {"digitalInputAlarm": 3, "digitalInputCommunicationStatus": 2}},
    }
    found = {sensor.kind + sensor.name: sensor for sensor in take(profile, tables, temperatureUnit=unit).sensors}
    contact = "stateEMPDT1H1C2 @1 contact 2"
    assert set(found) == {"temperatureEMPDT1H1C2 @1 Cabinet", "stateEMPDT1H1C2 @1 Cabinet", contact}
    warm = found["temperatureEMPDT1H1C2 @1 Cabinet"]
    assert (warm.value, warm.limit_high) == (pytest.approx(25, abs=0.1), pytest.approx(40, abs=0.1))
    assert (found["stateEMPDT1H1C2 @1 Cabinet"].text, found[contact].status) == ("highWarning", "critical")
