"""Power, environment, voice and video on recordings: who they are, and values worked out from files and MIBs."""

from __future__ import annotations

import pytest

from noc.model.snapshot import Sensor
from tests.live.conftest import RunningAgent
from tests.live.recorded import need, poll

pytestmark = pytest.mark.live

APC = "1.3.6.1.4.1.318.1.1"
CYBERPOWER = "1.3.6.1.4.1.3808.1.1"
MGE = "1.3.6.1.4.1.705.1"
SENTRY4 = "1.3.6.1.4.1.1718.4.1"
HUAWEI = "1.3.6.1.4.1.2011.6.174.1"
HUAWEI_UPS = "snmpsim-data_huawei-gse200m"
HIMOINSA = "1.3.6.1.4.1.41809.1"


@pytest.fixture
def port(snmpsim: RunningAgent) -> int:
    return snmpsim.port


def sensors(name: str, port: int) -> dict[str, Sensor]:
    return {sensor.oid: sensor for sensor in poll(need(name), port).taken.sensors}


@pytest.mark.parametrize(
    ("name", "profile", "told"),
    [
        ("apc_smx750i", "apc", ("ups", "AOS v6.6.4 / App v6.6.4", "Smart-UPS X 750", "<private>")),
        ("apc_ap8959eu3", "apc-pdu", ("other", "AOS v6.4.0 / App v6.4.0", "AP8959EU3", "5A1638E01463")),
        (
            "apc_environmental-manager",
            "apc-environment-monitor",
            ("other", "AOS v3.0.3 / App v3.0.4", "NBRK0200", "FFFFFFFFFFFF"),
        ),
        ("cyberpower_pr2200rt2uc", "cyberpower-ups", ("ups", "1.1786", "PR2200RT2UC", "123456789")),
        ("eaton-mgeups_9px", "eaton-mge", ("ups", "01.16.4638", "Eaton 9PX 1000i RT 2U", "GA10J05109")),
        ("netmanplus_204", "riello", ("ups", None, "Netman 204", None)),
        (HUAWEI_UPS, "huawei-ups", ("ups", "V100R001C10SPC600", "UPS5000-E", "2102310NYJ10EB000045")),
        ("himoinsa-gensets", "himoinsa", ("other", "210", None, None)),
        ("sentry4", "servertech-sentry4", ("other", "Version 8.0n", "C2S42CE-YCMFAM00", "<private>")),
        ("audiocodes_virtualsbc", "audiocodes", ("pabx", "7.40A.600.203", "Mediant VE SBC", "1286095678")),
        ("omnipcx", "alcatel-omnipcx", ("pabx", None, None, None)),
        ("polycomLens_studioxc50", "polycom-endpoint", ("video", "3.10.0-362035", "StudioX50", "12345678")),
    ],
)
def test_a_device_says_who_it_is(name: str, profile: str, told: tuple[str | None, ...], port: int) -> None:
    device = poll(need(name), port).taken.device
    assert device.profile == profile
    assert (device.device_class, device.version, device.model, device.serial) == told


@pytest.mark.parametrize(
    ("name", "oid", "told"),
    [
        # 27 hundredths of a kilowatt; 19677 tenths of a kilowatt hour; 13 tenths of an ampere; 82 hundredths.
        ("apc_ap8959eu3", f"{APC}.26.4.3.1.5.1", ("power", 270)),
        ("apc_ap8959eu3", f"{APC}.26.4.3.1.9.1", ("energy", 1_967_700)),
        ("apc_ap8959eu3", f"{APC}.26.6.3.1.5.1", ("current", 1.3)),
        ("apc_ap8959eu3", f"{APC}.26.4.3.1.17.1", ("power_factor", 0.82)),
        ("apc_smx750i", f"{APC}.1.4.3.3.0", ("load", 20.2)),
        ("apc_smx750i", f"{APC}.1.2.2.3.0", ("runtime", 5709)),
        ("apc_smx750i", f"{APC}.10.2.3.2.1.4.1", ("temperature", 23)),
        ("apc_environmental-manager", f"{APC}.10.4.2.3.1.6.0.3", ("humidity", 48)),
        # 1050000 hundredths of a second; 8304 hundredths of a degree Fahrenheit, which envir2TempUnit 2 tells.
        ("cyberpower_pr2200rt2uc", f"{CYBERPOWER}.1.2.2.4.0", ("runtime", 10_500)),
        ("cyberpower_pr2200rt2uc", f"{CYBERPOWER}.8.2.3.1.3.1", ("temperature", (83.04 - 32) / 1.8)),
        ("cyberpower_pr2200rt2uc", f"{CYBERPOWER}.8.3.2.1.3.1", ("humidity", 84.79)),
        ("eaton-mgeups_9px", f"{MGE}.5.1.0", ("runtime", 1464)),
        ("eaton-mgeups_9px", "1.3.6.1.4.1.534.1.6.1.0", ("temperature", 17)),
        # 12.1 A at 221.3 V with 0.77 are 2.1 kW, told as 21; the same card's RFC 1628 has 2199 V and a charge of -1 %.
        (HUAWEI_UPS, f"{HUAWEI}.4.100.1.1.1", ("voltage", 221.3)),
        (HUAWEI_UPS, f"{HUAWEI}.4.100.1.4.1", ("current", 12.1)),
        (HUAWEI_UPS, f"{HUAWEI}.4.100.1.8.1", ("power", 2100)),
        (HUAWEI_UPS, f"{HUAWEI}.4.100.1.14.1", ("load", 20)),
        (HUAWEI_UPS, f"{HUAWEI}.6.100.1.3.1", ("charge", 100)),
        (HUAWEI_UPS, f"{HUAWEI}.6.100.1.4.1", ("runtime", 28_080)),
        ("sentry4", f"{SENTRY4}.4.3.1.3.1.1.1", ("current", 5.6)),
        ("sentry4", f"{SENTRY4}.3.3.1.7.1.1", ("load", 16.5)),
        ("sentry4", f"{SENTRY4}.3.3.1.10.2.1", ("energy", 2_565_900)),
        ("himoinsa-gensets", f"{HIMOINSA}.29.0", ("voltage", 13.7)),
        ("himoinsa-gensets", f"{HIMOINSA}.27.0", ("percent", 100)),
        ("himoinsa-gensets", f"{HIMOINSA}.55.1.2.0", ("frequency", 50)),
        ("omnipcx", "1.3.6.1.4.1.637.64.4400.1.8.0", ("count", 237)),
        ("linux_asterisk-v1", "1.3.6.1.4.1.8072.1.3.2.4.1.2.8.97.115.116.101.114.105.115.107.6", ("count", 20)),
    ],
)
def test_a_value_has_the_scale_of_its_mib(name: str, oid: str, told: tuple[str, float], port: int) -> None:
    sensor = sensors(name, port)[oid]
    assert sensor.kind == told[0]
    assert sensor.value == pytest.approx(told[1])


@pytest.mark.parametrize(
    ("name", "oid", "told"),
    [
        ("apc_ap8959eu3", f"{APC}.26.4.3.1.4.1", (2, "normal", "ok")),
        ("apc_ap8959eu3", f"{APC}.4.4.2.1.3.23", (2, "outletOff", "unknown")),
        ("apc_environmental-manager", f"{APC}.10.4.2.3.1.7.0.1", (2, "commsOK", "ok")),
        ("cyberpower_pr2200rt2uc", f"{CYBERPOWER}.1.4.1.1.0", (2, "onLine", "ok")),
        ("cyberpower_pr2200rt2uc", f"{CYBERPOWER}.8.4.2.1.5.2", (1, "contactNormal", "ok")),
        ("eaton-mgeups_9px", f"{MGE}.5.9.0", (2, "no", "ok")),
        ("sentry4", f"{SENTRY4}.7.3.1.2.1.1.1", (0, "normal", "ok")),
        # Sums of flags: 6 = 2 + 4, 66 = 2 + 64.
        ("himoinsa-gensets", f"{HIMOINSA}.46.0", (6, "stopped, auto", "ok")),
        ("himoinsa-gensets", f"{HIMOINSA}.55.1.28.0", (66, "auto, load on mains", "ok")),
        # An object that stands without the .0 of a scalar.
        ("omnipcx", "1.3.6.1.4.1.637.64.4400.1.2", (5, "normal", "ok")),
        ("audiocodes_virtualsbc", "1.3.6.1.4.1.5003.9.10.10.2.5.2.0", (2, "enabled", "ok")),
        ("polycomLens_studioxc50", "1.3.6.1.4.1.13885.101.1.2.8.3.1.2.1", (3, "failed", "critical")),
        ("polycomLens_studioxc50", "1.3.6.1.4.1.13885.101.1.3.11.1.0", (1, "disabled", "unknown")),
    ],
)
def test_a_state_means_what_its_mib_says(name: str, oid: str, told: tuple[int, str, str], port: int) -> None:
    sensor = sensors(name, port)[oid]
    assert (sensor.value, sensor.text, sensor.status) == told


@pytest.mark.parametrize(
    ("name", "oid"),
    [
        ("apc_environmental-manager", f"{APC}.10.4.2.3.1.6.0.1"),  # -1: no humidity
        ("apc_smx750i", f"{APC}.10.2.3.2.1.4.2"),  # -1: no probe
        ("apc_ap8959eu3", f"{APC}.26.10.2.2.1.8.1"),  # -1, and the probe is not installed
        ("sentry4", f"{SENTRY4}.9.3.1.1.1.1"),  # -410: no sensor
        ("sentry4", f"{SENTRY4}.10.3.1.1.1.1"),
        (HUAWEI_UPS, f"{HUAWEI}.6.100.1.6.1"),
        (HUAWEI_UPS, "1.3.6.1.2.1.33.1.4.4.1.2.1"),
        ("netmanplus_204", "1.3.6.1.2.1.33.1.3.3.1.4.1"),
    ],
)
def test_what_is_not_plugged_in_is_not_there(name: str, oid: str, port: int) -> None:
    found = sensors(name, port)
    assert found
    assert oid not in found


def test_a_name_without_nuls(port: int) -> None:
    assert poll(need("cyberpower_pr2200rt2uc"), port).taken.interfaces[0].name == "ag"
