"""Servers and storage on their recordings: who they are, and values worked out by hand from the files and the MIBs."""

from __future__ import annotations

import pytest

from noc.model.snapshot import Sensor
from tests.live.conftest import RunningAgent
from tests.live.recorded import need, poll

pytestmark = pytest.mark.live

COMPAQ = "1.3.6.1.4.1.232"
IDRAC = "1.3.6.1.4.1.674.10892.5.4"
QNAP = "1.3.6.1.4.1.24681.1.4.1.1.1.1"
QUANTUM = "1.3.6.1.4.1.3764.1.1.200"
DRIVE = "8.0.0.0.0.0.1.0.59.4.7.0.1.0.0.0.0"


@pytest.fixture
def port(snmpsim: RunningAgent) -> int:
    return snmpsim.port


@pytest.mark.parametrize(
    ("name", "profile", "told"),
    [
        ("hpe-ilo_4", "hpe-ilo", ("HPE", "2.60", "ProLiant ML350 Gen9", "CZ270746S1", "server")),
        ("drac_r640", "dell-idrac", ("Dell", "5.10.10.00", "PowerEdge R640", "1234ABC", "server")),
        ("vmware-esxi", "vmware-esxi", ("VMware", "7.0.0", "ProLiant DL380p Gen8", "CZ162913BZ", "server")),
        pytest.param(
            *("windows_svr_2019_1809", "windows-server"),
            ("Microsoft", "Server 2019 (1809)", "Intel x64", None, "server"),
            marks=pytest.mark.slow,  # 18 s of snmpsim; what is aimed at is read of it always (test_recordings_aims)
        ),
        ("snmpsim-data_XP", "windows", ("Microsoft", "XP", "Generic x86", None, "server")),
        ("linux_ntc", "net-snmp-linux", ("net-snmp", "3.10.0-693.21.1.el7.x86_64", "x86_64", None, "server")),
        ("qnap", "qnap-qts", ("QNAP", "4.3.3", "TVS-871U-RP", "Q157I12451", "storage")),
        (
            "quantum_scalari6000",
            "quantum-i6000",
            ("Quantum", "800Q.GS25700", "Scalar i6000", "263102381", "tape-library"),
        ),
    ],
)
def test_a_server_says_who_it_is(name: str, profile: str, told: tuple[str | None, ...], port: int) -> None:
    device = poll(need(name), port).taken.device
    assert device.profile == profile
    assert (device.vendor, device.version, device.model, device.serial, device.device_class) == told


@pytest.mark.parametrize(
    ("name", "oid", "told"),
    [
        ("hpe-ilo_4", f"{COMPAQ}.6.2.6.8.1.4.0.1", ("temperature", "Ambient 1", 21, "ok", 42)),
        (
            "hpe-ilo_4",
            f"{COMPAQ}.6.2.6.8.1.4.0.10",
            ("temperature", "Power supply 10", 40, "ok", None),
        ),  # limit 0: none
        ("hpe-ilo_4", f"{COMPAQ}.6.2.6.7.1.9.0.1", ("state", "System fan 1", 1, "unknown", None)),  # not fitted
        ("hpe-ilo_4", f"{COMPAQ}.6.2.14.13.1.20.0", ("state", "PROC 1 DIMM 1", 2, "ok", None)),
        ("hpe-ilo_4", f"{COMPAQ}.3.2.3.1.1.4.0.1", ("state", "Logical drive 0.1", 2, "ok", None)),
        ("drac_r640", f"{IDRAC}.700.20.1.6.1.1", ("temperature", "CPU1 Temp", 55, "ok", 98)),  # 550 and 980 tenths
        ("drac_r640", f"{IDRAC}.600.20.1.6.1.1", ("voltage", "PS1 Voltage 1", 204, "ok", None)),  # 204000 mV
        ("drac_r640", f"{IDRAC}.600.20.1.6.1.42", ("voltage", "CPU1 VCORE VR", 1.82, "ok", None)),
        ("drac_r640", f"{IDRAC}.600.30.1.6.1.1", ("current", "PS1 Current 1", 0.4, "ok", None)),  # type 23: tenths of A
        ("drac_r640", f"{IDRAC}.600.30.1.6.1.3", ("power", "System Board Pwr Consumption", 144, "ok", 936)),  # 26: W
        ("drac_r640", f"{IDRAC}.300.70.1.6.1.1", ("state", "Intrusion reading 1", 1, "ok", None)),
        ("qnap", f"{QNAP}.2.2.1.5.1", ("fan_speed", "Fan 1", 4504, "ok", None)),
        ("qnap", f"{QNAP}.2.2.1.4.1", ("state", "Fan 1", 0, "ok", None)),
        (
            "qnap",
            f"{QNAP}.5.2.1.6.14",
            ("temperature", "Disk 14 WDC WD6002FFWX-68TZ4N0 (SATA)", 50, "ok", None),
        ),
        ("quantum_scalari6000", f"{QUANTUM}.20.80.110.1.31.{DRIVE}", ("state", "Drive 10WT009925", 4, "warning", None)),
        # -1392430019 is 2902537277 MB
        (
            "quantum_scalari6000",
            f"{QUANTUM}.20.80.110.1.26.{DRIVE}",
            ("count", "Drive 10WT009925 bytes written", 2_902_537_277_000_000, "ok", None),
        ),
        (
            "quantum_scalari6000",
            f"{QUANTUM}.20.100.10.1.2.8.0.0.0.0.0.1.0.59.4",
            ("state", "Drives and media", 4, "warning", None),
        ),
    ],
)
def test_a_server_has_the_units_and_states_of_its_mib(
    name: str, oid: str, told: tuple[str, str, float | None, str, float | None], port: int
) -> None:
    found: dict[str, Sensor] = {sensor.oid: sensor for sensor in poll(need(name), port).taken.sensors}
    sensor = found[oid]
    assert (sensor.kind, sensor.name, sensor.value, sensor.status, sensor.limit_high) == told


def test_a_probe_that_knows_good_and_bad_only_has_no_voltage(port: int) -> None:
    found = {sensor.oid for sensor in poll(need("drac_r640"), port).taken.sensors}
    assert f"{IDRAC}.600.20.1.5.1.3" in found
    assert f"{IDRAC}.600.20.1.6.1.3" not in found


def test_power_supplies_that_are_not_there_are_left_out(port: int) -> None:
    column = f"{QUANTUM}.200.10.1.8."
    found = [one.name for one in poll(need("quantum_scalari6000"), port).taken.sensors if one.oid.startswith(column)]
    assert found == ["Library PS #1 [Fr:1, PS:1]", "Library PS #2 [Fr:1, PS:2]"]


@pytest.mark.slow
def test_a_windows_server_has_its_processors_and_memory(port: int) -> None:
    records = poll(need("windows_svr_2019_1809"), port).taken.records
    assert [row["usage_pct"] for row in records["processors"]] == [2, 4, 1, 1]
    memory = {row["name"]: row for row in records["memory"]}
    assert memory["Physical Memory"]["used_bytes"] == 59527 * 65536


def test_a_hypervisor_has_its_volumes(port: int) -> None:
    records = poll(need("vmware-esxi"), port).taken.records
    assert [(row["kind"], row["total_bytes"]) for row in records["storage"]][:2] == [("ramdisk", 63966 * 8192)] * 2
    assert [row["name"] for row in records["memory"]] == ["Real Memory"]
