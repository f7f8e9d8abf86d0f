"""What shipped profiles make of answers that no recording holds: a failed probe, a disk too large, a worn battery."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.shipped import shipped
from noc.model.reading import Index, Raw, Reading, SnmpAnswer
from noc.model.snapshot import Scalar, Snapshot
from noc.pipeline.snapshot import snapshot

PROFILES, _ = kept_profiles([shipped("profiles")])
Rows = dict[Index, dict[str, Raw]]


def take(profile: str, tables: dict[str, Rows] | None = None, **scalars: Raw) -> Snapshot:
    answer = SnmpAnswer(profile, scalars, tables or {})
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return snapshot(Reading("snmp", "192.0.2.1", "test", at, 0.1, snmp=answer), PROFILES[profile])


def probe(sense: int | None, **more: Raw) -> dict[str, Scalar]:
    """Return the row of an IP SLA probe that took 1500 and was answered in this sense."""
    columns = {"rttMonLatestRttOperCompletionTime": 1500, "rttMonLatestRttOperSense": sense}
    tables: dict[str, Rows] = {
        "rttMonCtrlAdminTable": {(7,): {"rttMonCtrlAdminTag": b"hub", "rttMonCtrlAdminRttType": 1}},
        "rttMonLatestRttOperTable": {(7,): {name: value for name, value in columns.items() if value is not None}},
        "rttMonEchoAdminTable": {(7,): {"rttMonEchoAdminTargetAddress": bytes([10, 0, 0, 9]), **more}},
    }
    (row,) = take("cisco-ios", tables).records["ip_sla"]
    return dict(row)


@pytest.mark.parametrize(
    ("sense", "rtt_ms", "ok"), [(1, 1500, True), (3, 1500, True), (4, None, False), (2, None, False)]
)
def test_a_probe_without_an_answer_has_no_round_trip(sense: int, rtt_ms: float | None, ok: bool) -> None:
    row = probe(sense)
    assert (row["rtt_ms"], row["ok"]) == (rtt_ms, ok)


def test_a_probe_that_never_ran_is_neither_well_nor_ill() -> None:
    row = probe(None)
    assert (row["index"], row["rtt_ms"], row["ok"]) == (7, None, None)


def test_a_probe_in_microseconds_is_told_in_milliseconds() -> None:
    assert probe(1, rttMonEchoAdminPrecision=2)["rtt_ms"] == 1.5
    assert probe(1, rttMonEchoAdminPrecision=1)["rtt_ms"] == 1500


def test_a_jitter_probe_tells_the_loss_of_both_ways() -> None:
    tables: dict[str, Rows] = {
        "rttMonCtrlAdminTable": {(7,): {"rttMonCtrlAdminTag": b"", "rttMonCtrlAdminRttType": 9}},
        "rttMonLatestRttOperTable": {(7,): {"rttMonLatestRttOperCompletionTime": 20, "rttMonLatestRttOperSense": 1}},
        "rttMonEchoAdminTable": {(7,): {"rttMonEchoAdminTargetAddress": bytes([10, 0, 0, 9])}},
        "rttMonLatestJitterOperTable": {
            (7,): {
                "rttMonLatestJitterOperNumOfRTT": 97,
                "rttMonLatestJitterOperPacketLossSD": 1,
                "rttMonLatestJitterOperPacketLossDS": 2,
                "rttMonLatestJitterOperAvgJitter": 4,
            }
        },
    }
    (row,) = take("cisco-ios", tables).records["ip_sla"]
    assert (row["tag"], row["loss_pct"], row["jitter_ms"]) == ("10.0.0.9", 3, 4)


@pytest.mark.parametrize(
    ("index", "ports", "local_port"),
    [
        ((0, 3, 1), {"lldpLocPortDesc": b"uplink", "lldpLocPortId": b"ge3"}, "uplink"),
        ((0, 3, 1), {"lldpLocPortDesc": b"", "lldpLocPortId": b"ge3"}, "ge3"),
        ((0, 3, 1), {}, "3"),
        ((0, 0, 1), {}, None),
        ((5,), {}, None),  # an agent with an index of its own making
    ],
)
def test_a_neighbour_is_behind_a_port_that_people_know(
    index: Index, ports: dict[str, Raw], local_port: str | None
) -> None:
    tables: dict[str, Rows] = {
        "lldpRemTable": {index: {"lldpRemSysName": b"sw-2", "lldpRemPortId": bytes.fromhex("94642400010a")}},
        "lldpLocPortTable": {(3,): ports},
    }
    (row,) = take("generic", tables).records["neighbors"]
    assert (row["local_port"], row["remote_name"], row["remote_port"]) == (local_port, "sw-2", "94:64:24:00:01:0a")


def test_a_disk_larger_than_its_counter_is_no_negative_disk() -> None:
    rows: Rows = {
        (1,): {
            "hrStorageType": "1.3.6.1.2.1.25.2.1.4",
            "hrStorageDescr": b"/data",
            "hrStorageAllocationUnits": 4096,
            "hrStorageSize": -2_000_000_000,
            "hrStorageUsed": 1_000_000_000,
        }
    }
    (disk,) = take("generic", {"hrStorageTable": rows}).records["storage"]
    assert (disk["total_bytes"], disk["used_bytes"]) == ((2**32 - 2_000_000_000) * 4096, 4_096_000_000_000)


def test_linux_has_one_row_of_physical_memory_without_caches() -> None:
    rows: Rows = {
        (1,): {
            "hrStorageType": "1.3.6.1.2.1.25.2.1.2",
            "hrStorageDescr": b"Physical memory",
            "hrStorageAllocationUnits": 1024,
            "hrStorageSize": 1000,
            "hrStorageUsed": 980,
        }
    }
    memory = {"memTotalReal": 1000, "memAvailReal": 20, "memBuffer": 30, "memCached": 600}
    old, *parts = take("net-snmp-linux", {"hrStorageTable": rows}, **memory).records["memory"]
    assert [(part["name"], part["used_pct"]) for part in parts] == [("Memory buffers", 3), ("Cached memory", 60)]
    assert (old["name"], old["used_bytes"], old["used_pct"]) == ("Physical memory", 350 * 1024, 35)
    new, *_ = take("net-snmp-linux", {"hrStorageTable": rows}, **memory, memSysAvail=700).records["memory"]
    assert (new["used_bytes"], new["used_pct"]) == (300 * 1024, 30)
    (bare,) = take("net-snmp-linux", {"hrStorageTable": rows}).records["memory"]
    assert bare["used_pct"] == 98


def test_a_host_without_ucd_tells_its_caches_in_rows_of_their_own() -> None:
    def row(kind: int, name: bytes, size: int, used: int) -> dict[str, str | bytes | int]:
        told = {"hrStorageType": f"1.3.6.1.2.1.25.2.1.{kind}", "hrStorageDescr": name}
        return told | {"hrStorageAllocationUnits": 1024, "hrStorageSize": size, "hrStorageUsed": used}

    rows: Rows = {
        (1,): row(2, b"Physical memory", 1000, 980),
        (3,): row(3, b"Virtual memory", 1500, 990),
        (6,): row(1, b"Memory buffers", 1000, 30),
        (7,): row(1, b"Cached memory", 600, 600),  # its own size: full at all times
        (8,): row(1, b"Shared memory", 0, 0),
        (10,): row(3, b"Swap space", 0, 0),
        (11,): row(1, b"Available memory", 700, 700),
        (12,): row(1, b"Data Processor-0 Packet Descriptors", 200, 50),
        (13,): row(1, b"Ink", 200, 50),
    }
    memory = take("generic", {"hrStorageTable": rows}).records["memory"]
    assert {one["name"]: (one["total_bytes"], one["used_pct"]) for one in memory} == {
        "Physical memory": (1000 * 1024, 35),
        "Cached memory": (1000 * 1024, 60),
        "Virtual memory": (1500 * 1024, 66),
        "Memory buffers": (1000 * 1024, 3),
        "Data Processor-0 Packet Descriptors": (200 * 1024, 25),
    }


@pytest.mark.parametrize(
    ("raw", "text", "status"), [(2, "batteryNormal", "ok"), (3, "batteryLow", "critical"), (9, "9", "unknown")]
)
def test_a_battery_tells_its_state(raw: int, text: str, status: str) -> None:
    (sensor,) = take("ups-mib", upsBatteryStatus=raw).sensors
    assert (sensor.text, sensor.status) == (text, status)


@pytest.mark.parametrize(
    ("rx_state", "lock", "text", "status"),
    [
        (0, False, "noLock", "critical"),
        (1, False, "noPosition", "warning"),
        (2, False, "noTxStatus", "warning"),
        (3, True, "locked", "ok"),
        (136, True, "locked", "ok"),
    ],
)
def test_a_terminal_that_lost_its_satellite_says_so(rx_state: int, lock: bool, text: str, status: str) -> None:
    taken = take("uhp", rxState=rx_state)
    (sensor,) = taken.sensors
    assert taken.satellite["rx_lock"] is lock
    assert (sensor.value, sensor.text, sensor.status) == (rx_state, text, status)


def test_a_terminal_without_a_signal_has_no_input_level() -> None:
    assert take("uhp", inputLevel=800).sensors == ()
    assert take("uhp", inputLevel=112).sensors[0].value == -11.2


def test_how_far_a_uhp_level_is_from_another_says_so() -> None:
    # There is no kind for a difference of levels: its name has to tell.
    found = take("uhp", txLevelDelta=-21, lvlAdjust=-21).sensors
    assert [(one.kind, one.value) for one in found] == [("signal", -2.1)] * 2
    assert all(one.name.endswith("(difference, dB)") for one in found)


@pytest.mark.parametrize(("units", "celsius"), [(1, 70), (None, 70), (2, 21.11)])
def test_an_apc_probe_may_be_in_fahrenheit(units: int | None, celsius: float) -> None:
    row: dict[str, Raw] = {"iemStatusProbeName": b"Rack", "iemStatusProbeCurrentTemp": 70}
    if units is not None:
        row["iemStatusProbeTempUnits"] = units
    (sensor,) = take("apc", {"iemStatusProbesTable": {(1,): row}}).sensors
    assert (sensor.name, sensor.unit) == ("Rack", "celsius")
    assert sensor.value == pytest.approx(celsius, abs=0.01)
    row["iemStatusProbeCurrentTemp"] = -1
    assert take("apc", {"iemStatusProbesTable": {(1,): row}}).sensors == ()


def test_an_apc_ups_is_read_with_a_decimal_where_the_card_has_one() -> None:
    coarse, fine = {"upsAdvBatteryCapacity": 99}, {"upsHighPrecBatteryCapacity": 987}
    assert [(sensor.value, sensor.oid[-6:]) for sensor in take("apc", None, **coarse, **fine).sensors] == [
        (98.7, ".3.1.0")
    ]
    assert [(sensor.value, sensor.oid[-6:]) for sensor in take("apc", None, **coarse).sensors] == [(99, ".2.1.0")]
