"""Microwave links and radio base stations on their recordings: scales and signs of their MIBs, worked out by hand."""

from __future__ import annotations

import pytest

from noc.model.snapshot import Scalar
from tests.live.conftest import RunningAgent
from tests.live.recorded import need, poll

pytestmark = pytest.mark.live

AVIAT = "1.3.6.1.4.1.2509.9"
CERAGON = "1.3.6.1.4.1.2281.10"
PTP = "1.3.6.1.4.1.17713.11"
SIKLU = "1.3.6.1.4.1.31926"
TAIT = "1.3.6.1.4.1.3570.2.2.2.1"
CERAGON_SLOT = "268452033"  # slot 3, port 1
NOT_MEASURED = -9900  # how Ceragon writes an MSE that isn't there


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("aviat-wtm", ("Aviat", "2.7.0.11.4349-WTM4100", "W42-11H2-WPX", "AAA9999A999", "microwave")),
        ("ptp670", ("Cambium", "50670-02-00", "PTP 670", None, "microwave")),
        ("siklu", ("Siklu", "3.7.6.24444 2018-07-19 15:13:12", "EH-1200TL", "F410060602", "microwave")),
        ("tait-infra93_tb9300", ("Tait", "dmr-3.05.00.0007", "TB9300/TB7300", "18271180", "radio")),
    ],
)
def test_a_radio_says_who_it_is(name: str, told: tuple[str | None, ...], snmpsim: RunningAgent) -> None:
    device = poll(need(name), snmpsim.port).taken.device
    assert (device.vendor, device.version, device.model, device.serial, device.device_class) == told


@pytest.mark.parametrize(
    ("name", "oid", "kind", "label", "value", "status"),
    [
        ("aviat-wtm", f"{AVIAT}.15.2.2.1.4.59", "signal", "Carrier1/1 RSL", -36.7, "ok"),  # -367
        ("aviat-wtm", f"{AVIAT}.5.2.1.1.1.59", "frequency", "Carrier1/1 transmit frequency", 11_565_000_000, "ok"),
        ("aviat-wtm", f"{AVIAT}.33.2.2.1.7.59", "signal", "Carrier1/1 transmit power", 22.4, "ok"),
        ("aviat-wtm", f"{AVIAT}.3.2.1.1.14.59", "state", "Carrier1/1 receive modulation", "4096QAM", "ok"),  # 14
        ("ceraos", f"{CERAGON}.5.1.1.2.{CERAGON_SLOT}", "signal", "Radio: Slot 3, Port 1 received level", -45, "ok"),
        ("ceraos", f"{CERAGON}.5.1.1.25.{CERAGON_SLOT}", "state", "Radio: Slot 3, Port 1 transmit mute", "off", "ok"),
        (
            "ceraos",
            f"{CERAGON}.5.1.1.25.268451969",
            "state",
            "Radio: Slot 2, Port 1 transmit mute",
            "on",
            "ok",  # it has no link yet
        ),
        (
            "ceraos",
            f"{CERAGON}.5.2.1.3.{CERAGON_SLOT}",
            "frequency",
            "Radio: Slot 3, Port 1 transmit frequency",
            6_840_000_000,  # 6840000 kHz
            "ok",
        ),
        ("ceraos", f"{CERAGON}.7.1.1.2.268451905", "snr", "Radio: Slot 1, port 1 MSE", -67.34, "ok"),  # -6734
        # 4294957397 is what 2^32 - 9899 looks like in a Gauge32
        ("ceraos", f"{CERAGON}.7.1.1.5.{CERAGON_SLOT}", "snr", "Radio: Slot 3, Port 1 XPI", -98.99, "ok"),
        (
            "ceraos",
            f"{CERAGON}.7.4.1.1.7.{CERAGON_SLOT}",
            "bitrate",
            "Radio: Slot 3, Port 1 transmit bit rate",
            258_624_000,  # kbit/s
            "ok",
        ),
        ("ceraos", f"{CERAGON}.1.1.11.6.6.1.4.1", "state", "NTP client 1", "local", "warning"),
        ("ptp670", f"{PTP}.12.12.0", "signal", "Receive power", -52.8, "ok"),  # -528
        ("ptp670", f"{PTP}.12.4.0", "signal", "Transmit power", 23.0, "ok"),  # 230
        ("ptp670", f"{PTP}.20.1.0", "bitrate", "Receive data rate", 161_340_000, "ok"),  # kbit/s
        ("ptp670", f"{PTP}.12.14.0", "state", "Receive modulation", "256QAM 0.81 dual", "ok"),  # 24
        ("ptp670", f"{PTP}.13.11.0", "state", "TDD synchronization", "inactive", "ok"),  # 9
        ("siklu", f"{SIKLU}.2.1.1.4.1", "frequency", "RF 1 frequency", 72_375_000_000, "ok"),  # MHz
        ("siklu", f"{SIKLU}.2.1.1.19.1", "signal", "RF 1 RSSI", -38, "ok"),
        ("siklu", f"{SIKLU}.2.1.1.18.1", "snr", "RF 1 CINR", 23, "ok"),
        ("tait-infra93_tb9300", f"{TAIT}.2.2.4.1.0", "signal", "RSSI", -88.88, "ok"),  # -8888
        ("tait-infra93_tb9300", f"{TAIT}.2.4.2.5.0", "voltage", "PMU output", 28.07, "ok"),  # 2807
        ("tait-infra93_tb9300", f"{TAIT}.2.3.2.2.0", "count", "Power amplifier VSWR", 1.1, "ok"),
        ("tait-infra93_tb9300", f"{TAIT}.2.4.2.2.0", "state", "PMU battery input", "no battery", "unknown"),
        ("tait-infra93_tb9300", f"{TAIT}.2.4.2.9.0", "state", "PMU standby converter supply", "notConnected", "ok"),
        ("tait-infra93_tb9300", f"{TAIT}.3.3.2.0", "state", "Receiver synthesizer out of lock", "cleared", "ok"),
        ("tait-infra93_tb9300", f"{TAIT}.3.3.19.0", "state", "Simulcast unsynchronized", "disabled", "ok"),
    ],
)
def test_a_value_has_the_scale_of_its_mib(
    name: str, oid: str, kind: str, label: str, value: float | str, status: str, snmpsim: RunningAgent
) -> None:
    sensor = next(sensor for sensor in poll(need(name), snmpsim.port).taken.sensors if sensor.oid == oid)
    read: Scalar = sensor.text if isinstance(value, str) else sensor.value
    assert (sensor.kind, sensor.name, read, sensor.status) == (kind, label, value, status)


def test_an_error_that_ceragon_did_not_measure_is_no_sensor(snmpsim: RunningAgent) -> None:
    taken = poll(need("ceraos"), snmpsim.port).taken
    assert NOT_MEASURED / 100 not in {sensor.value for sensor in taken.sensors if sensor.name.endswith("MSE")}
    assert f"{CERAGON}.7.1.1.2.268451906" not in {sensor.oid for sensor in taken.sensors}
