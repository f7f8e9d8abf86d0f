"""Microwave and radio families that nobody has recorded: an agent with the objects of their MIBs, over UDP.

The numbers are ours; OIDs, types, units and signs are those of the sources that the profiles name. That a real device
keeps to them is not shown here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tests.live.conftest import RunningAgent
from tests.live.made import Walk, served
from tests.live.recorded import poll

pytestmark = pytest.mark.live

FAMILIES: Mapping[str, tuple[str, Walk, Mapping[str, float | str]]] = {
    "cambium-ptp250": (
        "17713.250",
        {"17713.250.5.1.0": -612, "17713.250.5.15.0": -950, "17713.250.11.1.0": 1234, "17713.250.11.4.0": 0},
        {"Receive power": -61.2, "Noise floor": -95, "Receive data rate": 123_400_000, "Wireless link": "down"},
    ),
    "cambium-ptp500": (
        "17713.5",
        {"17713.5.12.1.0": -612, "17713.5.12.4.0": 53, "17713.5.12.14.0": 5_480_000, "17713.5.20.5.0": 3},
        {
            "Receive power": -61.2,
            "Range in metres": 5300,
            "Receive frequency": 5_480_000_000,
            "Wireless link": "searching",
        },
    ),
    "cambium-ptp600": (
        "17713.6",
        {"17713.6.12.1.0": -700, "17713.6.20.5.0": 2},
        {"Receive power": -70, "Wireless link": "searching"},
    ),
    "cambium-ptp800": (
        "17713.8",
        {"17713.8.12.1.0": -412, "17713.8.20.5.0": 3},
        {"Receive power": -41.2, "Wireless link": "acquiring"},
    ),
    "ericsson-minilink-6000": (
        "193.81.1.1.3",
        {
            "193.81.3.4.3.1.8.1.3.7": 18,
            "193.81.3.4.3.1.8.1.7.7": -423,
            "193.81.3.4.5.1.3.1.1.9": "1/2/1",
            "193.81.3.4.5.1.3.1.3.9": 2,
            "193.81.3.4.5.1.3.1.13.9": 400_000,
        },
        {"Radio 7 transmit power": 18, "Radio 7 received power": -42.3, "Carrier 1/2/1 capacity": 400_000_000},
    ),
    "siklu-multihaul-tg": (
        "31926.35",
        {"31926.35.1.1.3.1.1.2.4": "far", "31926.35.1.1.3.1.1.7.4": -58, "31926.35.1.1.3.1.1.14.4": 950},
        {"Link to far RSSI": -58, "Link to far receive rate": 950_000_000},
    ),
    "ubiquiti-af60": (
        "10002.1",
        {
            "41112.1.11.1.1.1.1": 0,
            "41112.1.11.1.1.2.1": 60_480,
            "41112.1.11.1.3.1.3.36.90.76.0.0.1": -55,
            "41112.1.11.1.3.1.7.36.90.76.0.0.1": 1_900_000,
            "41112.1.11.1.3.1.14.36.90.76.0.0.1": "far",
        },
        {"Radio": 60_480_000_000, "far RSSI": -55, "far transmit capacity": 1_900_000_000},
    ),
    "ubiquiti-ltu": (
        "10002.1",
        {
            "41112.1.10.1.2.2.0": 5200,
            "41112.1.10.1.3.4.0": "v2.3.0",
            "41112.1.10.1.4.1.3.36.90.76.0.0.2": 300_000,
            "41112.1.10.1.4.1.5.36.90.76.0.0.2": -61,
            "41112.1.10.1.4.1.13.36.90.76.0.0.2": "far",
        },
        {"Radio": 5_200_000_000, "far received power, chain 0": -61, "far transmit capacity": 300_000_000},
    ),
    "tait-tn9300": (
        "3570.3.6",
        {"3570.3.6.2.1.5.0": 1, "3570.3.6.2.1.9.0": 2, "3570.3.6.2.1.17.0": 1},
        {"Node": "offline", "Network check A": "failed", "Disk space": "ok"},
    ),
    "siae-smos": (
        "3373.1103",
        {"3373.1103.80.17.1.6.1.1": 8, "3373.1103.80.17.1.11.1.1": 183_000, "3373.1103.80.17.1.15.1.1": 4},
        {
            "Link 1 polarization 1 receive modulation": "256QAM",
            "Link 1 polarization 1 receive Ethernet capacity": 183_000_000,
            "Link 1 polarization 1 reduced capacity": "activeReportableMinor",
        },
    ),
    "saf-ipradio": (
        "7571.100.1.1.5",
        {
            "7571.100.1.1.5.1.1.1.10.1.2.1": 1,
            "7571.100.1.1.5.1.1.1.10.1.4.1": -100,
            "7571.100.1.1.5.1.1.1.10.1.5.1": -43,
            "7571.100.1.1.5.1.1.1.10.1.2.2": 2,
            "7571.100.1.1.5.1.1.1.10.1.5.2": -44,
            "7571.100.1.1.5.1.1.1.12.1.2.1": 1,
            "7571.100.1.1.5.1.1.1.12.1.5.1": 23,
            "7571.100.1.1.5.1.1.1.12.1.10.1": -342,
            "7571.100.1.1.5.1.1.1.12.1.18.1": 366_000,
        },
        {
            "Local received level": -43,
            "Remote received level": -44,
            "Remote radio": "error",
            "Local modulation": "acmqam256",
            "Local radial MSE": -34.2,
            "Local capacity by ACM": 366_000_000,
        },
    ),
    "saf-integra": (
        "7571.100.1.1.7.2",
        {"7571.100.1.1.7.2.2.3.0": -47, "7571.100.1.1.7.2.3.1.0": 3, "7571.100.1.1.7.2.4.5.0": 47_800},
        {"Received level": -47, "Modem": "acquireFailed", "Supply": 47.8},
    ),
    "mimosa-b5": (
        "43356.1.1.1",
        {
            "43356.2.1.2.1.8.0": 412,
            "43356.2.1.2.3.3.0": 2,
            "43356.2.1.2.6.1.1.2.1": 135,
            "43356.2.1.2.6.1.1.3.1": -563,
            "43356.2.1.2.6.1.1.5.1": 341,
            "43356.2.1.2.6.1.1.6.1": 5500,
            "43356.2.1.2.6.1.1.2.2": -80,
            "43356.2.1.2.6.1.1.3.2": -1000,
            "43356.2.1.2.6.1.1.6.2": 0,
            "43356.2.1.2.7.3.0": 125,
        },
        {
            "Device": 41.2,
            "Wireless link": "disconnected",
            "Chain 1 received power": -56.3,
            "Chain 1 SNR": 34.1,
            "Transmit packet errors": 1.25,
        },
    ),
    "dragonwave-harmony": (
        "7262.4.5.1.2",
        {
            "7262.4.5.2.2.2.0": 5,
            "7262.4.5.12.202.1.1.2.1": 1,
            "7262.4.5.12.202.1.1.11.1": 2,
            "7262.4.5.12.203.1.1.5.1": -352,
            "7262.4.5.12.203.1.1.7.1": 381,
        },
        {"Gravest alarm": "major", "Radio 1 link": "down", "Radio 1 received level": -35.2, "Radio 1 SNR": 38.1},
    ),
    "alcoma-mp": (
        "12140.2",
        {
            "12140.2.3.2.0": "10588.5",
            "12140.2.3.3.0": -128,
            "12140.2.3.4.0": -38,
            "12140.2.4.2.0": "34.1 dB",
            "12140.2.7.1.0": "1.0E-9",
            "12140.2.7.4.0": 1,
        },
        {"Receive frequency": 10_588_500_000, "Received level": -38, "SNR": 34.1, "BER": 1e-9, "Frame": "loss"},
    ),
    "racom-ray": (
        "33555.4",
        {"33555.4.2.1.4.0": 10_575_000, "33555.4.2.1.13.0": 359_000, "33555.4.3.2.1.0": -512, "33555.4.3.2.2.0": 354},
        {"Transmit frequency": 10_575_000_000, "Bit rate": 359_000_000, "Received level": -51.2, "SNR": 35.4},
    ),
    "racom-ray2": (
        "33555.1",
        {"33555.1.2.1.4": 10_575_000, "33555.1.2.1.13": 170_000, "33555.1.3.2.1": -512},
        {"Transmit frequency": 10_575_000_000, "Bit rate": 170_000_000, "Received level": -51.2},
    ),
    "cambium-pmp450": (
        "161.19.250.256",
        {"161.19.3.1.7.37.0": 547_500, "161.19.3.1.12.2.1.0": "47", "161.19.3.2.2.21.0": -62},
        {"Carrier": 5_475_000_000, "Downlink frame use over 5 minutes": 47, "Received power": -62},
    ),
    "cambium-epmp": (
        "17713.21",
        {"17713.21.1.2.3.0": -61, "17713.21.1.2.5.0": 18, "17713.21.1.2.7.0": 14, "17713.21.1.2.16.0": 2},
        {"Downlink RSSI": -61, "Wireless link": "connecting"},
    ),
    "cambium-cnwave": (
        "17713.60.1",
        {
            "17713.60.1.1.1.2.3": "terra0",
            "17713.60.1.1.1.4.3": "12:04:56:00:00:01",
            "17713.60.1.1.1.5.3": 9,
            "17713.60.1.1.1.7.3": -61,
        },
        {"Link terra0 to 12:04:56:00:00:01 RSSI": -61, "Link terra0 to 12:04:56:00:00:01 MCS": 9},
    ),
    "exalt": (
        "25651.1.2",
        {"25651.1.2.4.2.3.1.1.0": 2, "25651.1.2.4.2.4.1.1.0": 4, "25651.1.2.4.3.1.1.0": 12, "25651.1.2.4.3.1.3.0": -48},
        {"Link": "major", "Link, far end": "notAvailable", "BER": 1.2e-05, "Received level": -48},
    ),
}
ABSENT = {"Local transmit power", "Chain 2 received power", "Chain 2 transmit power", "Transmit power"}
"""Sensors of a transmitter that is off, a chain that is not there, a unit that is offline: none, not a number."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAgent]:
    """An agent for each family, by its name as the community."""
    walks = {f"{name}-made": (above, walk) for name, (above, walk, _) in FAMILIES.items()}
    with served(walks, tmp_path_factory.mktemp("made")) as agent:
        yield agent


@pytest.mark.parametrize("name", FAMILIES)
def test_what_its_objects_tell_has_the_scale_of_the_source(name: str, made: RunningAgent) -> None:
    polled = poll(f"{name}-made", made.port)
    assert polled.reading.snmp is not None
    assert polled.reading.snmp.profile == name.replace("ray2", "ray")
    read = {row.name: row.value if row.text is None else row.text for row in polled.taken.sensors}
    expected = FAMILIES[name][2]
    assert {label: read.get(label) for label in expected} == expected
    assert not ABSENT & read.keys()
