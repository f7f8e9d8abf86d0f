"""Cisco's families on their recordings: who they are, and values worked out by hand from the files and the MIBs."""

from __future__ import annotations

import pytest

from noc.model.snapshot import Sensor
from tests.live.conftest import RunningAgent
from tests.live.recorded import need, poll, recorded

pytestmark = pytest.mark.live

FAMILIES = {
    "ios": "cisco-ios",
    "ios_c3560": "cisco-ios",
    "ios_c3560-slas": "cisco-ios",
    "ios_ie1000": "cisco",
    "iosxe": "cisco-iosxe",
    "iosxe_asr920": "cisco-iosxe",
    "iosxe_c9300": "cisco-iosxe",
    "iosxr": "cisco-iosxr",
    "iosxr_asr9001": "cisco-iosxr",
    "nxos_n3k-3064pq": "cisco-nxos",
    "snmpsim-data_cisco-unmarked-0": "cisco-ios",
    "asa": "cisco-asa",
    "ftd_ftd1150": "cisco-ftd",
    "ucos_2": "cisco-ucs",
    "vccodec": "cisco-codec",
    "ciscosat": "cisco-satellite-receiver",
}


@pytest.fixture
def port(snmpsim: RunningAgent) -> int:
    return snmpsim.port


def sensors(name: str, port: int) -> dict[str, Sensor]:
    return {sensor.oid: sensor for sensor in poll(need(name), port).taken.sensors}


@pytest.mark.parametrize("name", FAMILIES)
def test_a_device_gets_its_family_and_is_read_without_a_complaint(name: str, port: int) -> None:
    polled = poll(need(name), port)
    assert polled.taken.device.profile == FAMILIES[name]
    assert polled.reading.failure is None


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ios", ("12.1(22)EA14", "catalyst2950t24", None, "switch")),
        ("ios_c3560", ("12.2(55)SE12", "WS-C3560-48TS-S", "CAT0912N0CU", "switch")),
        ("ios_c3560-slas", ("15.0(2)SE11", "catalyst3560G24TS", None, "switch")),
        ("ios_ie1000", ("1.8.2", "IE-1000-8P2S-LM", "DNI251904WZ", "switch")),
        ("iosxe", ("15.5(3)S1a", "ciscoASR1002F", None, "router")),
        ("iosxe_asr920", ("17.6.2", "ciscoASR92024SZM", None, "router")),
        ("iosxe_c9300", ("16.6.7", "C9300-48P", "FCW2204L050", "switch")),
        ("iosxr", ("5.3.4", "ciscoASR9006 (ASR9K Series)", None, "router")),
        ("iosxr_asr9001", ("6.6.3", "ASR-9001 (ASR9K Series)", "FOC1939NDNZ", "router")),
        ("nxos_n3k-3064pq", ("7.0(3)I7(8)", "N3K-C3064PQ-10GX", "<private>", "switch")),
        ("asa", ("9.12(3)", "ASA5555", "FGL1641413L", "firewall")),
        ("ftd_ftd1150", ("7.6.2.1", None, None, "firewall")),
        ("ucos_2", ("5.0(3)N2(3.13b)", "ucs-6100", None, "server")),
        ("vccodec", ("TC7.3.5.a93bdb1", "Cisco TelePresence SX20", "A0A0A0A0A0A", "video")),
        ("ciscosat", ("1.50(1.11)", "D9859", "<private>", "satellite-modem")),
    ],
)
def test_a_device_says_who_it_is(name: str, told: tuple[str | None, ...], port: int) -> None:
    device = poll(need(name), port).taken.device
    assert (device.version, device.model, device.serial, device.device_class) == told


# --- IOS XR -----------------------------------------------------------------------------------------------------------

VALUES = "1.3.6.1.4.1.9.9.91.1.1.1.1.4"


def test_a_receiver_that_is_shut_down_has_no_values(port: int) -> None:
    found = sensors("iosxr_asr9001", port)
    silent = {
        f"{VALUES}.{index[0]}"
        for index, raw in recorded("iosxr_asr9001").column(VALUES).items()
        if raw == -32768  # what IOS XR says where nothing is measured
    }
    assert len(silent) == 5
    assert {(found[oid].value, found[oid].status) for oid in silent} == {(None, "unknown")}
    assert found[f"{VALUES}.26493680"].kind == "optical_power"


def test_light_in_tenths_of_microwatts_is_told_in_dbm(port: int) -> None:
    # Watts, milli, precision 4: 5847 is 0.5847 mW, 10 log10 of it is -2.331 dBm.
    assert recorded("iosxr_asr9001").number(VALUES, (18708510,)) == 5847
    sensor = sensors("iosxr_asr9001", port)[f"{VALUES}.18708510"]
    assert (sensor.kind, sensor.value, sensor.unit) == ("optical_power", -2.331, "dbm")


@pytest.mark.parametrize(
    ("name", "oid", "told"),
    [
        ("iosxr_asr9001", "1.3.6.1.4.1.9.9.117.1.1.2.1.2.66531208", ("power-module 0/PS0/M0/SP", 2, "on", "ok")),
        ("iosxr_asr9001", "1.3.6.1.4.1.9.9.176.1.1.2.0", ("Redundancy, this unit", 14, "active", "ok")),
        ("iosxr_asr9001", "1.3.6.1.4.1.9.9.176.1.1.4.0", ("Redundancy, other unit", 2, "disabled", "ok")),
        ("nxos_n3k-3064pq", "1.3.6.1.4.1.9.9.176.1.1.4.0", ("Redundancy, other unit", 1, "notKnown", "unknown")),
        ("nxos_n3k-3064pq", "1.3.6.1.4.1.9.9.117.1.4.1.1.1.534", ("Fan Module-1", 2, "up", "ok")),
        ("asa", "1.3.6.1.4.1.9.9.147.1.2.1.1.1.3.6", ("Primary unit (this device)", 9, "active", "ok")),
        ("asa", "1.3.6.1.4.1.9.9.147.1.2.1.1.1.3.7", ("Secondary unit", 10, "standby", "ok")),
        ("asa", "1.3.6.1.4.1.3076.2.1.2.36.1.1.0", ("VPN load balancing role", 1, "virtualMaster", "ok")),
        ("ftd_ftd1150", "1.3.6.1.4.1.9.9.147.1.2.1.1.1.3.4", ("Failover interface", 2, "up", "ok")),
        ("ios_c3560", "1.3.6.1.4.1.9.9.106.1.2.1.1.15.2.1", ("HSRP 10.10.10.1", 1, "initial", "unknown")),
        ("ucos_2", "1.3.6.1.4.1.9.9.719.1.15.56.1.10.187111", ("sys/chassis-1/psu-3 power", 8, "powerSave", "ok")),
        ("ciscosat", "1.3.6.1.4.1.1429.2.2.5.5.3.2.1.3.1", ("Satellite lock", 3, "lockplussignal", "ok")),
    ],
)
def test_states_are_those_of_the_mib(name: str, oid: str, told: tuple[str, int, str, str], port: int) -> None:
    sensor = sensors(name, port)[oid]
    assert (sensor.name, sensor.value, sensor.text, sensor.status) == told


@pytest.mark.parametrize(
    ("name", "oid", "kind", "value"),
    [
        # FFFFFFFF: the least that NTP's fixed point has below 0, 1/65536 s
        ("nxos_n3k-3064pq", "1.3.6.1.4.1.9.9.168.1.2.1.1.23.1", "delay", -0.000015),
        ("asa", "1.3.6.1.4.1.9.9.147.1.2.2.2.1.5.40.6", "count", 7756),
        ("asa", "1.3.6.1.4.1.9.9.147.1.2.2.2.1.5.40.7", "count", 72363),
        ("ftd_ftd1150", "1.3.6.1.4.1.9.9.392.1.3.35.0", "count", 13),
        ("ciscosat", "1.3.6.1.4.1.1429.2.2.5.5.3.1.1.7.1", "signal", -40),  # the text "-40"
        ("ciscosat", "1.3.6.1.4.1.1429.2.2.5.5.3.1.1.6.1", "snr", 1.6),
        ("ciscosat", "1.3.6.1.4.1.1429.2.2.5.5.3.2.1.5.1", "bitrate", 65_326_240),  # the text "65.32624", Mbit/s
        ("ciscosat", "1.3.6.1.4.1.1429.2.2.5.18.2.2.1.3.7", "fan_speed", 4980),
    ],
)
def test_values_have_the_scale_and_sign_of_the_mib(name: str, oid: str, kind: str, value: float, port: int) -> None:
    sensor = sensors(name, port)[oid]
    assert (sensor.kind, sensor.value) == (kind, value)


def test_an_input_that_is_not_in_use_raises_no_alarm(port: int) -> None:
    # The receiver is on RF1; its ASI link is in error, as nothing is connected there.
    assert recorded(need("ciscosat")).number("1.3.6.1.4.1.1429.2.2.5.5.3.2.1.12", (1,)) == 3
    assert {sensor.status for sensor in sensors("ciscosat", port).values()} == {"ok"}


def test_a_device_whose_last_table_ends_its_view_is_read_whole(port: int) -> None:
    assert poll(need("ciscosat"), port).taken.errors == ()


def test_a_satellite_receiver_has_its_satellite_values(port: int) -> None:
    satellite = poll(need("ciscosat"), port).taken.satellite
    told = {"snr_db": 10, "link_margin_db": 1.6, "rx_level_dbm": -40, "rx_lock": True}
    assert {name: satellite[name] for name in told} == told


def test_vrfs_count_though_only_their_route_distinguisher_is_told(port: int) -> None:
    rows = poll(need("iosxr_asr9001"), port).taken.records["mpls_vrfs"]
    assert {row["name"] for row in rows} == {"mgmt", "TVPN10001"}


def test_a_peer_is_told_by_the_table_that_knows_its_state(port: int) -> None:
    # BGP4-MIB of this recording has no more than the peers' systems.
    rows = poll(need("iosxr"), port).taken.records["bgp_peers"]
    assert len(rows) == 34
    assert all(row["state"] for row in rows)
    assert {row["peer"]: row["state"] for row in rows}["192.168.13.214"] == "idle"


def test_flash_is_told_in_bytes(port: int) -> None:
    (row,) = poll(need("ios_c3560"), port).taken.records["storage"]
    assert (row["name"], row["kind"], row["total_bytes"]) == ("flash:", "flash", 32_514_048)
    assert row["used_bytes"] == 32_514_048 - 9_083_392
