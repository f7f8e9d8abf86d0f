"""Device families on their recordings: what only they have, held against the file."""

from __future__ import annotations

import pytest

from noc.model.snapshot import Scalar
from tests.live.conftest import RunningAgent
from tests.live.recorded import by_oid, need, poll, recorded, rows_by
from tests.live.walkfile import Index, WalkFile, words

pytestmark = pytest.mark.live

PROFILES = {
    "ios": "cisco-ios",
    "ios_c3560": "cisco-ios",
    "ios_c3560-slas": "cisco-ios",
    "snmpsim-data_cisco-unmarked-0": "cisco-ios",
    "iosxe": "cisco-iosxe",
    "iosxe_asr920": "cisco-iosxe",
    "iosxe_c9300": "cisco-iosxe",
    "iosxr": "cisco-iosxr",
    "asa": "cisco-asa",
    "nxos_n3k-3064pq": "cisco-nxos",
    "linux_ntc": "net-snmp-linux",
    "linux_asterisk-v1": "net-snmp-linux",
    "net-snmp-linux": "net-snmp-linux",
    "netmanplus_204": "riello",
    "eaton-mgeups_9px": "eaton-mge",
    "cyberpower_pr2200rt2uc": "cyberpower-ups",
    "apc_smx750i": "apc",
    "apc_ap8959eu3": "apc-pdu",
    "uhp": "uhp",
    "terra-receivers_sdi480": "terra-sdi480",
    "wisi-tangram": "wisi-tangram",
    "aviat-wtm": "aviat-wtm",
    "ceraos": "ceragon-ceraos",
    "ptp670": "cambium-ptp670",
    "siklu": "siklu-etherhaul",
    "tait-infra93_tb9300": "tait-infra93",
    "fortigate_60f3g4g": "fortinet-fortigate",
    "fortigate_60fospfv3": "fortinet-fortigate",
    "fortigate_sdwan": "fortinet-fortigate",
    "panos": "paloalto-panos",
    "panos_sensors_1": "paloalto-panos",
    "snmpsim-data_paloalto-pa-5000": "paloalto-panos",
    "gaia_15600": "checkpoint-gaia",
    "f5_ve": "f5-bigip",
    "windows_svr_2019_1809": "windows-server",
    "snmpsim-data_XP": "windows",
    "vmware-esxi": "vmware-esxi",
    "hpe-ilo_4": "hpe-ilo",
    "drac_r640": "dell-idrac",
    "qnap": "qnap-qts",
    "quantum_scalari6000": "quantum-i6000",
    "snmpsim-data_unknown-005": "generic",
    "junos_mx": "juniper-junos",
    "ios_c3560@10": "generic",
    "vccodec": "cisco-codec",
}


LONG = {"windows_svr_2019_1809"}
"""Served for 18 s by snmpsim; what is aimed at is read of them always (test_recordings_aims)."""


@pytest.fixture
def port(snmpsim: RunningAgent) -> int:
    return snmpsim.port


def at(column: str, index: Index) -> str:
    return ".".join((column, *map(str, index)))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in LONG else name for name in PROFILES]
)
def test_a_device_gets_its_family(name: str, port: int) -> None:
    assert poll(need(name), port).taken.device.profile == PROFILES[name]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ios", ("Cisco", "ios", "12.1(22)EA14", "catalyst2950t24", None, "switch")),
        ("ios_c3560", ("Cisco", "ios", "12.2(55)SE12", "WS-C3560-48TS-S", "CAT0912N0CU", "switch")),
        ("iosxe", ("Cisco", "iosxe", "15.5(3)S1a", "ciscoASR1002F", None, "router")),
        ("iosxe_c9300", ("Cisco", "iosxe", "16.6.7", "C9300-48P", "FCW2204L050", "switch")),
        ("iosxe_asr920", ("Cisco", "iosxe", "17.6.2", "ciscoASR92024SZM", None, "router")),
        ("linux_ntc", ("net-snmp", "linux", "3.10.0-693.21.1.el7.x86_64", "x86_64", None, "server")),
        ("netmanplus_204", ("RPS SpA", None, None, "Netman 204", None, "ups")),
        ("cyberpower_pr2200rt2uc", ("CyberPower", None, "1.1786", "PR2200RT2UC", "123456789", "ups")),
        ("apc_smx750i", ("APC", None, "AOS v6.6.4 / App v6.6.4", "Smart-UPS X 750", "<private>", "ups")),
        ("apc_ap8959eu3", ("APC", None, "AOS v6.4.0 / App v6.4.0", "AP8959EU3", "5A1638E01463", "other")),
        ("uhp", ("UHP", "uhp", "3.6.0.45", None, "40076126", "satellite-modem")),
    ],
)
def test_a_device_says_who_it_is(name: str, told: tuple[str | None, ...], port: int) -> None:
    device = poll(need(name), port).taken.device
    assert (device.vendor, device.os, device.version, device.model, device.serial, device.device_class) == told


# --- UPS by RFC 1628 ----------------------------------------------------------------------------------------------

UPS = "1.3.6.1.2.1.33.1"
UPS_SENSORS = {
    "2.1": ("state", 1),
    "2.2": ("runtime", 1),
    "2.3": ("runtime", 60),
    "2.4": ("charge", 1),
    "2.5": ("voltage", 0.1),
    "2.6": ("current", 0.1),
    "2.7": ("temperature", 1),
    "3.3.1.2": ("frequency", 0.1),
    "3.3.1.3": ("voltage", 1),
    "3.3.1.4": ("current", 0.1),
    "3.3.1.5": ("power", 1),
    "4.1": ("state", 1),
    "4.2": ("frequency", 0.1),
    "4.4.1.2": ("voltage", 1),
    "4.4.1.3": ("current", 0.1),
    "4.4.1.4": ("power", 1),
    "4.4.1.5": ("load", 1),
    "5.1": ("frequency", 0.1),
    "5.3.1.2": ("voltage", 1),
    "5.3.1.3": ("current", 0.1),
    "5.3.1.4": ("power", 1),
    "6.1": ("count", 1),
}
UPS_BELOW_ZERO = ("2.5", "2.6", "2.7")
"""What the battery has may be below 0: -1 of it is a value."""


@pytest.mark.parametrize("name", ["netmanplus_204", "eaton-mgeups_9px", "cyberpower_pr2200rt2uc"])
def test_a_ups_has_a_sensor_for_each_number_of_rfc_1628(name: str, port: int) -> None:
    """Read as a UPS of no known maker is: by the standard MIB alone. A card says -1 for what it doesn't measure."""
    walk, found = recorded(need(name)), by_oid(poll(name, port, "ups-mib").taken)
    expected = {
        at(f"{UPS}.{column}", index): (kind, raw * factor if isinstance(raw, int) else None)
        for column, (kind, factor) in UPS_SENSORS.items()
        for index, raw in walk.column(f"{UPS}.{column}").items()
        if raw != -1 or column in UPS_BELOW_ZERO
    }
    assert expected
    told = {oid: sensor for oid, sensor in found.items() if oid.startswith(f"{UPS}.")}
    assert {oid: sensor.kind for oid, sensor in told.items()} == {oid: kind for oid, (kind, _) in expected.items()}
    for oid, (_, value) in expected.items():
        assert told[oid].value == pytest.approx(value), oid


def test_a_ups_on_mains_is_well(port: int) -> None:
    states = {sensor.name: sensor for sensor in poll(need("netmanplus_204"), port).taken.sensors if sensor.text}
    assert (states["Battery status"].text, states["Battery status"].status) == ("batteryNormal", "ok")
    assert (states["Output source"].text, states["Output source"].status) == ("normal", "ok")


def test_an_apc_ups_gives_its_times_in_seconds(port: int) -> None:
    found = by_oid(poll(need("apc_smx750i"), port).taken)
    assert found["1.3.6.1.4.1.318.1.1.1.2.2.3.0"].value == 5709
    assert found["1.3.6.1.4.1.318.1.1.1.4.1.1.0"].text == "onLine"


# --- UHP ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("below", "kind", "value"),
    [
        ("2.1", "snr", 13.5),
        ("2.2", "frequency", 2000),
        ("2.3", "signal", -11.9),
        ("2.4", "count", 4048928876),
        ("3.2", "frequency", -50_687_000),
        ("3.3", "signal", -8),
        ("4.2.4", "count", 1181),
        ("4.6.1", "signal", -25.9),
        ("4.6.2", "signal", -2.1),
        ("4.6.3", "signal", -25),
        ("5.1.1", "count", -482073969),
        ("5.1.7", "count", -2145),
        ("5.2.1", "state", 17),
        ("5.2.3", "bitrate", 11228),
        ("5.5.4", "count", 4),
        ("5.5.6", "signal", -2.1),
        ("5.5.10", "delay", -0.0021457),
        ("6.5", "count", 1612),
        ("8.1", "temperature", 65),
        ("8.3", "percent", 2),
        ("8.4", "state", 5),
        ("9.3", "signal", -11.2),
        ("9.4", "state", 136),
    ],
)
def test_a_uhp_terminal_has_the_scales_and_signs_of_its_mib(below: str, kind: str, value: float, port: int) -> None:
    sensor = by_oid(poll(need("uhp"), port).taken)[f"1.3.6.1.4.1.8000.22.{below}.0"]
    assert (sensor.kind, sensor.value) == (kind, value)


def test_a_uhp_terminal_has_its_satellite_values(port: int) -> None:
    satellite = poll(need("uhp"), port).taken.satellite
    told: dict[str, Scalar] = {"snr_db": 13.5, "rx_level_dbm": -11.9, "tx_power_dbm": -25.9, "rx_lock": True}
    assert {key: satellite[key] for key in told} == told
    assert (satellite["state"], satellite["es_n0_db"], satellite["modcod"]) == ("operation", None, None)


# --- Cisco --------------------------------------------------------------------------------------------------------

CISCO = [name for name, profile in PROFILES.items() if profile.startswith("cisco")]


@pytest.mark.parametrize("name", CISCO)
def test_ciscos_processors_are_those_of_the_file(name: str, port: int) -> None:
    walk, found = recorded(need(name)), rows_by(poll(name, port).taken, "processors")
    five_minutes = walk.column("1.3.6.1.4.1.9.9.109.1.1.1.1.8")
    expected = {at("1.3.6.1.4.1.9.9.109.1.1.1.1.8", index): load for index, load in five_minutes.items()}
    for index, load in walk.column("1.3.6.1.4.1.9.9.109.1.1.1.1.5").items():
        if index not in five_minutes:
            expected[at("1.3.6.1.4.1.9.9.109.1.1.1.1.5", index)] = load
    for index, load in walk.column("1.3.6.1.4.1.9.9.109.1.1.2.1.5").items():
        expected[at("1.3.6.1.4.1.9.9.109.1.1.2.1.5", index)] = load
    for index, load in walk.column("1.3.6.1.4.1.9.9.715.1.1.6.1.14").items():
        if index[-1] == 3:  # over five minutes
            expected[at("1.3.6.1.4.1.9.9.715.1.1.6.1.14", index)] = load
    host_resources = {oid for oid in found if oid.startswith("1.3.6.1.2.1.25.")}
    assert {oid: row["usage_pct"] for oid, row in found.items() if oid not in host_resources} == expected


def total(walk: WalkFile, used: str, free: str, index: Index) -> int | None:
    numbers = (walk.number(used, index), walk.number(free, index))
    return None if None in numbers else sum(number for number in numbers if number is not None)


@pytest.mark.parametrize("name", CISCO)
def test_ciscos_memory_is_that_of_the_file(name: str, port: int) -> None:
    walk, found = recorded(need(name)), rows_by(poll(name, port).taken, "memory")
    enhanced = "1.3.6.1.4.1.9.9.221.1.1.1.1"
    for index in walk.column(f"{enhanced}.3"):
        used, free = ("18", "20") if walk.number(f"{enhanced}.18", index) is not None else ("7", "8")
        row = found[at(f"{enhanced}.{used}", index)]
        assert row["used_bytes"] == walk.number(f"{enhanced}.{used}", index)
        assert row["total_bytes"] == total(walk, f"{enhanced}.{used}", f"{enhanced}.{free}", index)
    pools = "1.3.6.1.4.1.9.9.48.1.1.1"
    if not walk.column(f"{enhanced}.3"):
        for index, used_bytes in walk.column(f"{pools}.5").items():
            row = found[at(f"{pools}.5", index)]
            assert row["used_bytes"] == used_bytes
            assert row["total_bytes"] == total(walk, f"{pools}.5", f"{pools}.6", index)
            assert row["name"] == walk.words(f"{pools}.2", index)


PEERS = "1.3.6.1.4.1.9.9.187.1.2.5.1"
STATES = ("idle", "connect", "active", "opensent", "openconfirm", "established")


@pytest.mark.parametrize("name", ["iosxe", "iosxr", "iosxr_asr9001"])
def test_ciscos_bgp_peers_are_those_of_the_file(name: str, port: int) -> None:
    walk, found = recorded(need(name)), rows_by(poll(name, port).taken, "bgp_peers", "peer")
    ipv4 = [index for index in walk.column(f"{PEERS}.3") if index[:2] == (1, 4)]
    assert ipv4
    for index in ipv4:
        row = found[".".join(map(str, index[2:6]))]
        assert row["state"] == STATES[(walk.number(f"{PEERS}.3", index) or 0) - 1]
        assert row["remote_as"] == walk.number(f"{PEERS}.11", index)
        assert row["admin_status"] == {1: "stop", 2: "start"}[walk.number(f"{PEERS}.4", index) or 0]
        assert row["uptime_s"] == walk.number(f"{PEERS}.19", index)
    others = [index for index in walk.column(f"{PEERS}.3") if index[:2] != (1, 4)]
    assert len(found) >= len(ipv4) + len(others)


SLA = "1.3.6.1.4.1.9.9.42.1.2"


@pytest.mark.parametrize(
    ("name", "probe"),
    [
        (
            "ios_c3560-slas",
            {"index": 10, "tag": "192.168.168.182", "rtt_ms": 16, "loss_pct": None, "jitter_ms": None, "ok": True},
        ),
        (
            "iosxe_c9300",
            {"index": 200, "tag": "ICMP-JITTER", "rtt_ms": 15, "loss_pct": 0, "jitter_ms": 1, "ok": True},
        ),
    ],
)
def test_ip_sla_probes_are_those_of_the_file(name: str, probe: dict[str, Scalar], port: int) -> None:
    walk = recorded(need(name))
    (row,) = poll(name, port).taken.records["ip_sla"]
    assert dict(row) == probe | {"delay_ms": None, "mos": None}
    at_probe = (probe["index"],)
    assert walk.number(f"{SLA}.10.1.1", at_probe) == probe["rtt_ms"]
    assert walk.number(f"{SLA}.10.1.2", at_probe) == 1
    assert walk.number("1.3.6.1.4.1.9.9.42.1.5.4.1.44", at_probe) == probe["jitter_ms"]


@pytest.mark.parametrize("name", ["snmpsim-data_cisco-unmarked-0", "nxos_n3k-3064pq"])
def test_neighbours_by_cdp_and_lldp_are_those_of_the_file(name: str, port: int) -> None:
    walk, taken = recorded(need(name)), poll(name, port).taken
    expected = {
        ("cdp", words(who), walk.words("1.3.6.1.4.1.9.9.23.1.2.1.1.7", index))
        for index, who in walk.column("1.3.6.1.4.1.9.9.23.1.2.1.1.6").items()
    }
    told = {(row["protocol"], row["remote_name"], row["remote_port"]) for row in taken.records["neighbors"]}
    assert expected <= told
    assert len({row for row in told if row[0] == "lldp"}) == len(walk.column("1.0.8802.1.1.2.1.4.1.1.7"))


def test_linux_memory_leaves_out_what_only_caches(port: int) -> None:
    walk, found = recorded(need("net-snmp-linux")), rows_by(poll("net-snmp-linux", port).taken, "memory", "name")
    size, free = (walk.number("1.3.6.1.4.1.2021.4." + below, (0,)) for below in ("5", "27"))
    assert size is not None
    assert free is not None
    row = found["Physical memory"]
    assert (row["total_bytes"], row["used_bytes"]) == (size * 1024, (size - free) * 1024)
    assert walk.number("1.3.6.1.4.1.2021.4.3", (0,)) == 0
    assert "Swap space" not in found  # it has none
