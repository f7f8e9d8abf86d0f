"""Device families on their recordings, held against what LibreNMS read of them, where that is right."""

from __future__ import annotations

import pytest

from tests.live.conftest import RunningAgent
from tests.live.recorded import NAMES, by_oid, librenms, need, poll, rows_by

pytestmark = pytest.mark.live


@pytest.fixture
def port(snmpsim: RunningAgent) -> int:
    return snmpsim.port


COMPARED = [
    "ios",
    "ios_c3560",
    "ios_c3560-slas",
    "iosxe",
    "iosxe_asr920",
    "iosxe_c9300",
    "linux_ntc",
    "netmanplus_204",
    "apc_smx750i",
    "uhp",
]
MINUTES = "LibreNMS counts runtimes in minutes"
NOT_MEASURED = "RFC 1628 has no current below 0 there; -1 stands for what is not measured"
SIGN = "the MIB writes it as x -10 dBm; LibreNMS leaves the sign out"
BYTES = "a counter of bytes (or a length in bytes); LibreNMS calls it a bit rate and divides it by 8"
NOT_THERE = "LibreNMS makes an OID that the agent does not have"
UHP = "1.3.6.1.4.1.8000.22"
LIBRENMS_IS_WRONG = {
    ("netmanplus_204", "1.3.6.1.2.1.33.1.2.3.0"): MINUTES,
    ("apc_smx750i", "1.3.6.1.4.1.318.1.1.1.2.2.3.0"): MINUTES,
    **{("netmanplus_204", f"1.3.6.1.2.1.33.1.3.3.1.4.{phase}"): NOT_MEASURED for phase in (1, 2, 3)},
    ("uhp", f"{UHP}.2.3.0"): SIGN,
    ("uhp", f"{UHP}.3.3.0"): SIGN,
    ("uhp", f"{UHP}.4.6.1.0"): SIGN,
    ("uhp", f"{UHP}.4.6.3.0"): SIGN,
    ("uhp", f"{UHP}.9.3.0.0"): NOT_THERE,
    ("uhp", f"{UHP}.9.3.0.0.0"): NOT_THERE,
    ("uhp", f"{UHP}.5.1.0"): NOT_THERE,
    ("uhp", f"{UHP}.5.5.6.0"): "a Gauge32 that wraps below 0, read as 429496727.5 dBm",
    ("uhp", f"{UHP}.5.1.7.0"): "a Gauge32 that wraps below 0, in ticks; LibreNMS reads hertz",
    ("uhp", f"{UHP}.5.1.5.0"): "ticks; LibreNMS reads hertz",
    ("uhp", f"{UHP}.5.2.3.0"): "the MIB says bits per second; LibreNMS divides by 8",
    ("uhp", f"{UHP}.5.5.9.0"): "the MIB says symbols; LibreNMS divides by 10^8",
    ("uhp", f"{UHP}.5.5.10.0"): "the MIB says 10 MHz ticks, 10^-7 s; LibreNMS divides by 10^8",
    ("uhp", f"{UHP}.5.3.2.0"): "the MIB says 10 MHz ticks; LibreNMS counts",
    ("uhp", f"{UHP}.5.5.5.0"): "the MIB gives no unit: a count, not dBm",
    ("uhp", f"{UHP}.9.5.0"): "writing it restarts the search; left out",
    **{("uhp", f"{UHP}.{below}.0"): BYTES for below in ("2.4", "3.4", "4.5.1")},
    **{("uhp", f"{UHP}.4.{part}.{what}.0"): BYTES for part in (1, 2, 3, 4, 7, 8, 9, 10) for what in (1, 4)},
}
CLASSES = {"dbm": "signal", "fanspeed": "fan_speed"}


def compared(module: str) -> list[str]:
    return [name for name in COMPARED if name not in NAMES or module in librenms(name)]


@pytest.mark.parametrize("name", compared("sensors"))
def test_sensors_agree_with_librenms(name: str, port: int) -> None:
    found = by_oid(poll(need(name), port).taken)
    agreed = 0
    for row in librenms(name)["sensors"]["sensors"]:
        oid = row["sensor_oid"].lstrip(".")
        if (name, oid) in LIBRENMS_IS_WRONG or row["sensor_descr"] == "Temperature":
            continue  # UHP's temperature: read as Fahrenheit, and under the OID of the SNR
        sensor = found[oid]
        assert sensor.kind == CLASSES.get(row["sensor_class"], row["sensor_class"]), oid
        assert sensor.value == pytest.approx(row["sensor_current"]), oid
        agreed += 1
    assert agreed


@pytest.mark.parametrize("name", compared("ports"))
def test_interfaces_agree_with_librenms(name: str, port: int) -> None:
    found = {row.if_index: row for row in poll(need(name), port).taken.interfaces}
    for row in librenms(name)["ports"]["ports"]:
        ours = found[row["ifIndex"]]
        assert (ours.name, ours.descr) == (row["ifName"], row["ifDescr"])
        assert (ours.oper_status, ours.admin_status) == (row["ifOperStatus"], row["ifAdminStatus"])
        assert (ours.speed_bps or 0) == (row["ifSpeed"] or 0)
        assert (ours.counters.in_octets or 0) == (row["ifInOctets"] or 0)
        assert (ours.counters.out_octets or 0) == (row["ifOutOctets"] or 0)
        if row["ifPhysAddress"] is not None:
            assert ours.mac == ":".join(row["ifPhysAddress"][start : start + 2] for start in range(0, 12, 2))


@pytest.mark.parametrize("name", compared("processors"))
def test_processors_agree_with_librenms(name: str, port: int) -> None:
    found = rows_by(poll(need(name), port).taken, "processors")
    for row in librenms(name)["processors"]["processors"]:
        assert found[row["processor_oid"].lstrip(".")]["usage_pct"] == row["processor_usage"]


@pytest.mark.parametrize("name", compared("mempools"))
def test_memory_agrees_with_librenms(name: str, port: int) -> None:
    found = rows_by(poll(need(name), port).taken, "memory")
    for row in librenms(name)["mempools"]["mempools"]:
        ours = found[row["mempool_used_oid"].lstrip(".")]
        assert (ours["used_bytes"], ours["total_bytes"]) == (row["mempool_used"], row["mempool_total"])
        assert round(ours["used_pct"]) == row["mempool_perc"]
