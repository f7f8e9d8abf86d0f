"""Power and environment by shipped profiles, on answers that no recording holds: decimals beside, scales as set."""

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
DIGITS = {1: 1, 4: 0, 5: 0, 7: 2, 8: 0, 23: 1}


def take(profile: str, tables: dict[str, Rows] | None = None, **scalars: Raw) -> Snapshot:
    answer = SnmpAnswer(profile, scalars, tables or {})
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return snapshot(Reading("snmp", "192.0.2.1", "test", at, 0.1, snmp=answer), PROFILES[profile])


def told(taken: Snapshot) -> set[tuple[str, str, object]]:
    return {(sensor.kind, sensor.name, sensor.text or sensor.value) for sensor in taken.sensors}


def test_a_raritan_inlet_has_its_decimals_beside() -> None:
    rows: Rows = {
        (1, 1, kind): {
            "raritanInletSensorIsAvailable": 1,
            "raritanInletSensorState": 4,
            "raritanInletSensorValue": value,
        }
        for kind, value in ((1, 61), (4, 230), (5, 1357), (7, 97), (8, 123_456), (23, 500))
    }
    rows[1, 1, 1]["raritanInletSensorIsAvailable"] = 2
    digits: Rows = {(1, 1, kind): {"raritanInletSensorDecimalDigits": many} for kind, many in DIGITS.items()}
    taken = take("raritan-px", {"raritanInletSensorTable": rows, "raritanInletSensorConfigurationTable": digits})
    assert told(taken) == {
        ("voltage", "Inlet 1", 230),
        ("power", "Inlet 1", 1357),
        ("power_factor", "Inlet 1", 0.97),
        ("energy", "Inlet 1", 123_456),
        ("frequency", "Inlet 1", 50),
    }


@pytest.mark.parametrize(("scale", "celsius"), [(0, 77), (1, 25), (None, 77)])
def test_an_eaton_epdu_tells_the_scale_of_its_probes(scale: int | None, celsius: float) -> None:
    tables: dict[str, Rows] = {
        "epduUnitTable": {(0,): {} if scale is None else {"epduTemperatureScale": scale}},
        "epduTemperatureTable": {
            (0, 1): {"epduTemperatureName": b"Rack", "epduTemperatureProbeStatus": 1, "epduTemperatureValue": 770},
            (0, 2): {"epduTemperatureName": b"None", "epduTemperatureProbeStatus": 0, "epduTemperatureValue": 0},
        },
    }
    (sensor,) = take("eaton-epdu", tables).sensors
    assert (sensor.kind, sensor.name, sensor.value) == ("temperature", "Rack", pytest.approx(celsius))


def test_an_infeed_of_a_sentry_3_has_its_capacity_as_limit() -> None:
    row: dict[str, Raw] = {"infeedName": b"AA", "infeedStatus": 1, "infeedLoadValue": 1725, "infeedCapacity": 16}
    found = {sensor.kind: sensor for sensor in take("servertech-sentry3", {"infeedTable": {(1, 1): row}}).sensors}
    assert (found["current"].value, found["current"].limit_high, found["current"].status) == (17.25, 16, "critical")
    assert (found["state"].text, found["state"].status) == ("on", "ok")


@pytest.mark.parametrize(
    ("unit", "kind", "value"), [(1, "temperature", 21.5), (2, "temperature", -5.83), (4, "humidity", 21.5)]
)
def test_a_thermometer_of_hw_group_tells_its_unit(unit: int, kind: str, value: float) -> None:
    rows: Rows = {(1,): {"steSensName": b"Room", "steSensState": 1, "steSensValue": 215, "steSensUnit": unit}}
    found = {sensor.kind: sensor for sensor in take("hwg-ste", {"steSensTable": rows}).sensors}
    assert set(found) == {kind, "state"}
    assert found[kind].value == pytest.approx(value, abs=0.01)


@pytest.mark.parametrize(("failed", "status"), [(0, "ok"), (1, "critical")])
def test_a_failed_power_module_is_critical(failed: int, status: str) -> None:
    (sensor,) = take("liebert", lgpPwrNumberFailedPowerModules=failed).sensors
    assert sensor.status == status


@pytest.mark.parametrize(
    ("profile", "scalars", "device_class"),
    [
        ("liebert", {"lgpPwrBatteryCapacity": 100}, "ups"),
        ("liebert", {}, "other"),
        ("apc", {"upsBasicIdentModel": b"Smart-UPS 1500"}, "ups"),
        ("apc", {}, "other"),
    ],
)
def test_a_number_for_many_kinds_tells_its_ups(profile: str, scalars: dict[str, Raw], device_class: str) -> None:
    assert take(profile, **scalars).device.device_class == device_class


def test_an_apc_ups_with_three_phases_names_each() -> None:
    tables: dict[str, Rows] = {
        "upsPhaseInputTable": {(1,): {"upsPhaseInputFrequency": 500, "upsPhaseInputName": b"Main"}},
        "upsPhaseInputPhaseTable": {
            (1, 1, 2): {"upsPhaseInputVoltage": 231, "upsPhaseInputCurrent": 44, "upsPhaseInputPower": -1}
        },
        "upsPhaseOutputPhaseTable": {(1, 1, 3): {"upsPhaseOutputVoltage": 230, "upsPhaseOutputPercentLoad": 41}},
    }
    assert told(take("apc", tables)) == {
        ("frequency", "Main", 50),
        ("voltage", "Main phase 2", 231),
        ("current", "Main phase 2", 4.4),
        ("voltage", "Output phase 3", 230),
        ("load", "Output phase 3", 41),
    }


def test_an_apc_card_tells_both_its_programs() -> None:
    card: Rows = {(1,): {"expNmcVersion": b"v6.9.6"}, (2,): {"expNmcVersion": b"v6.9.5"}}
    assert take("apc", {"expNmcTable": card}).device.version == "AOS v6.9.6 / App v6.9.5"
    descr = b"APC Web/SNMP Management Card (PF:v6.4.0 PN:apc.bin AF1:v6.4.1 MN:AP9631 HR:08 SN: ZA1234 MD:07/07/2017)"
    device = take("apc", sysDescr=descr).device
    assert (device.version, device.model, device.serial) == ("AOS v6.4.0 / App v6.4.1", "AP9631", "ZA1234")
    assert take("apc", upsAdvIdentFirmwareRevision=b"UPS 09.9").device.version == "UPS 09.9"


def test_an_e1_line_tells_all_its_alarms() -> None:
    rows: Rows = {(7,): {"dsx1LineStatus": 2 + 64}, (8,): {"dsx1LineStatus": 1}}
    states = {
        sensor.name: (sensor.text, sensor.status)
        for sensor in take("patton-smartnode", {"dsx1ConfigTable": rows}).sensors
    }
    assert states == {"Line 7": ("dsx1RcvFarEndLOF, dsx1LossOfSignal", "critical"), "Line 8": ("dsx1NoAlarm", "ok")}


def test_a_load_of_a_first_pdu_without_phase_and_bank_is_called_by_its_row() -> None:
    loads: Rows = {(1,): {"rPDULoadStatusLoad": 14}}
    assert [sensor.name for sensor in take("apc-pdu", {"rPDULoadStatusTable": loads}).sensors] == ["Load 1"]
