"""Satellite receivers and headends on their recordings: scales and signs of their MIBs, worked out by hand."""

from __future__ import annotations

import pytest

from noc.model.snapshot import Scalar
from tests.live.conftest import RunningAgent
from tests.live.recorded import need, poll

pytestmark = pytest.mark.live

TERRA = "1.3.6.1.4.1.30631.1.17"
WISI = "1.3.6.1.4.1.7465.20.2.9.1.3.1"
UHP = "1.3.6.1.4.1.8000.22"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("terra-receivers_sdi480", ("Terra", "1.43", "sdi480", "sdi4800019160071", "video")),
        ("wisi-tangram", ("WISI", "3.2.8", "GT01W", "<private>", "video")),
    ],
)
def test_a_headend_says_who_it_is(name: str, told: tuple[str, ...], snmpsim: RunningAgent) -> None:
    device = poll(need(name), snmpsim.port).taken.device
    assert (device.vendor, device.version, device.model, device.serial, device.device_class) == told


@pytest.mark.parametrize(
    ("name", "oid", "kind", "label", "value", "status"),
    [
        ("terra-receivers_sdi480", f"{TERRA}.1.1.1.0", "state", "Input 1", "unlocked", "critical"),
        ("terra-receivers_sdi480", f"{TERRA}.1.1.2.0", "tv_signal", "Input 1 level", 78.1, "ok"),  # 781
        ("terra-receivers_sdi480", f"{TERRA}.1.1.3.0", "snr", "Input 1 SNR", 4.0, "ok"),  # 40
        ("terra-receivers_sdi480", f"{TERRA}.1.2.1.0", "state", "Input 2", "locked", "ok"),
        ("terra-receivers_sdi480", f"{TERRA}.1.2.4.0", "bitrate", "Input 2 bit rate", 58_100_000, "ok"),  # 581
        ("terra-receivers_sdi480", f"{TERRA}.1.2.5.0", "ber", "Input 2 packet error ratio", 1e-9, "ok"),  # <1.0E-9
        ("terra-receivers_sdi480", f"{TERRA}.1.586.6.0", "voltage", "Supply", 12.0, "ok"),  # 120
        ("terra-receivers_sdi480", f"{TERRA}.2.8.0", "state", "Demodulator 1", "fault", "critical"),
        ("terra-receivers_sdi480", f"{TERRA}.2.9.0", "state", "Demodulator 2", "normal", "ok"),
        ("wisi-tangram", f"{WISI}.2.1.3.7.1", "temperature", "Slot 7 GT11-Board", 38, "ok"),
        ("wisi-tangram", f"{WISI}.4.1.4.11.1", "fan_speed", "Slot 11 fan1 of 8", 8400, "ok"),
        ("wisi-tangram", f"{WISI}.6.1.4.9.1", "current", "Power supply 9 GT552110", 0.903, "ok"),  # mA
        ("wisi-tangram", f"{WISI}.6.1.5.9.1", "voltage", "Power supply 9 GT552110 internal", 12.06, "ok"),  # mV
        ("uhp", f"{UHP}.5.5.5.0", "count", "Level offset at the hub (no unit in the MIB)", 0, "ok"),
    ],
)
def test_a_value_has_the_scale_of_its_mib(
    name: str, oid: str, kind: str, label: str, value: float | str, status: str, snmpsim: RunningAgent
) -> None:
    sensor = next(sensor for sensor in poll(need(name), snmpsim.port).taken.sensors if sensor.oid == oid)
    read: Scalar = sensor.text if isinstance(value, str) else sensor.value
    assert (sensor.kind, sensor.name, read, sensor.status) == (kind, label, value, status)


def test_an_input_without_a_carrier_has_no_error_ratio(snmpsim: RunningAgent) -> None:
    """It writes "-" there: nothing was counted, which is not 0."""
    oids = {sensor.oid for sensor in poll(need("terra-receivers_sdi480"), snmpsim.port).taken.sensors}
    assert f"{TERRA}.1.1.5.0" not in oids


def test_a_streamers_processor_is_told(snmpsim: RunningAgent) -> None:
    (row,) = poll(need("terra-receivers_sdi480"), snmpsim.port).taken.records["processors"]
    assert (row["name"], row["usage_pct"]) == ("CPU", 26)
