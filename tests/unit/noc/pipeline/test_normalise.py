"""A Snapshot to Samples: Telegraf's names, our own beside them, one series for each thing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from noc.model.samples import Samples
from noc.model.snapshot import Counters, DeviceIdentity, Interface, Scalar, Sensor, Snapshot
from noc.pipeline.normalise import samples

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DEVICE = DeviceIdentity(
    "10.0.0.1", "1.3.6.1.4.1.9", "core-1", "Thing", 8535.12, "Maker", "os", "7", "M1", "S1", "router", "p"
)
COUNTERS = Counters(*range(1, 13))
PORT = Interface(
    3, "Gi0/3", "GigabitEthernet0/3", "uplink", 6, 10**9, 1500, None, "up", "down", 1.0, None, True, COUNTERS
)
HEAT = Sensor("temperature", "7", "Case", 21.5, None, "celsius", "1.3.1.7", "warning")


def table(measurement: str, **parts: object) -> Samples:
    """Return the one table of that measurement that a snapshot of these parts gives."""
    found = [
        table
        for table in samples(Snapshot(DEVICE, **parts), AT)  # type: ignore[arg-type]
        if table.measurement == measurement
    ]
    assert len(found) == 1
    return found[0]


def fields(table: Samples, row: int = 0) -> dict[str, float | None]:
    return dict(zip(table.field_keys, table.values[row], strict=True))


def tags(table: Samples, row: int = 0) -> dict[str, str]:
    return dict(zip(table.tag_keys, table.tags[row], strict=True))


def test_uptime_is_in_hundredths_as_telegraf_writes_it_and_in_seconds_beside() -> None:
    assert fields(table("snmp")) == {"uptime": 853_512.0, "uptime_s": 8535.12}
    assert tags(table("snmp")) == {"agent_host": "10.0.0.1", "hostname": "core-1"}
    assert table("snmp").time == AT


def test_a_device_without_a_name_is_called_by_its_address() -> None:
    nameless = Snapshot(replace(DEVICE, sys_name=None))
    assert tags(samples(nameless, AT)[0])["hostname"] == "10.0.0.1"


def test_what_the_inventory_knows_becomes_tags() -> None:
    context = {"site": "nairobi", "region": "africa", "device_class": "router"}
    assert tags(samples(Snapshot(DEVICE), AT, context)[0]) == {
        "agent_host": "10.0.0.1",
        "hostname": "core-1",
        **context,
    }


def test_an_interface_is_written_as_telegraf_does() -> None:
    found = table("interface", interfaces=(PORT,))
    assert tags(found) == {
        "agent_host": "10.0.0.1",
        "hostname": "core-1",
        "ifIndex": "3",
        "ifName": "Gi0/3",
        "ifDescr": "GigabitEthernet0/3",
    }
    assert fields(found) == {
        "ifAdminStatus": 1,
        "ifOperStatus": 2,
        "ifHighSpeed": 1000,
        "ifHCInOctets": 1,
        "ifHCOutOctets": 2,
        "ifHCInUcastPkts": 3,
        "ifHCOutUcastPkts": 4,
        "ifHCInMulticastPkts": 5,
        "ifHCOutMulticastPkts": 6,
        "ifHCInBroadcastPkts": 7,
        "ifHCOutBroadcastPkts": 8,
        "ifInErrors": 9,
        "ifOutErrors": 10,
        "ifInDiscards": 11,
        "ifOutDiscards": 12,
    }


def test_counters_of_32_bits_have_names_of_their_own_so_that_no_series_mixes_widths() -> None:
    narrow = fields(table("interface", interfaces=(replace(PORT, wide=False),)))
    assert (narrow["ifInOctets"], narrow["ifOutBroadcastPkts"], narrow["ifInErrors"]) == (1, 8, 9)
    assert not [name for name in narrow if "HC" in name]
    both = samples(Snapshot(DEVICE, (PORT, replace(PORT, if_index=4, wide=False))), AT)
    assert [table.measurement for table in both] == ["snmp", "interface", "interface"]


@pytest.mark.parametrize(("bps", "mbit"), [(6_666, 0.006666), (10**10, 10_000), (0, 0), (None, None)])
def test_the_speed_is_in_megabits(bps: int | None, mbit: float | None) -> None:
    assert fields(table("interface", interfaces=(replace(PORT, speed_bps=bps),)))["ifHighSpeed"] == mbit


def test_a_sensor_is_told_apart_by_its_oid() -> None:
    found = table("noc_sensor", sensors=(HEAT, replace(HEAT, oid="1.3.2.7")))
    assert tags(found)["oid"] == "1.3.1.7"
    assert {key: tags(found)[key] for key in ("kind", "index", "name")} == {
        "kind": "temperature",
        "index": "7",
        "name": "Case",
    }
    assert len(set(found.tags)) == 2


@pytest.mark.parametrize(("status", "number"), [("ok", 0), ("warning", 1), ("critical", 2), ("unknown", 3)])
def test_a_status_is_a_number_that_grows_with_the_trouble(status: str, number: int) -> None:
    sensor = replace(HEAT, status=status)  # type: ignore[arg-type]
    assert fields(table("noc_sensor", sensors=(sensor,))) == {"value": 21.5, "status": number}


def test_a_sensor_without_a_value_keeps_its_status() -> None:
    assert fields(table("noc_sensor", sensors=(replace(HEAT, value=None),))) == {"value": None, "status": 1}


CPU: dict[str, Scalar] = {"name": "CPU", "usage_pct": 12, "oid": "1.3.1.1"}
POOL: dict[str, Scalar] = {"name": "RAM", "total_bytes": 40, "used_bytes": 10, "used_pct": 25.0, "oid": "1.3.2.1"}
PEER: dict[str, Scalar] = {
    "peer": "10.0.0.2",
    "remote_as": 65000,
    "state": "established",
    "admin_status": "start",
    "uptime_s": 9,
    "vrf": "red",
    "accepted_prefixes": 70,
    "last_error": None,
}
NEIGHBOUR: dict[str, Scalar] = {"neighbor": "10.0.0.3", "router_id": "1.1.1.1", "state": "full", "vrf": None}
PATH: dict[str, Scalar] = {
    "index": 10,
    "tag": "hub",
    "rtt_ms": 16,
    "loss_pct": None,
    "jitter_ms": 2.5,
    "delay_ms": 7.5,
    "mos": 4.1,
    "ok": True,
}
ADJACENCY: dict[str, Scalar] = {
    "neighbor": "10.0.0.3",
    "system_id": "0000.0000.0003",
    "level": "L2",
    "interface": "ge-0/0/1",
    "state": "up",
    "admin_status": "on",
}


@pytest.mark.parametrize(
    ("name", "record", "measurement", "own_tags", "own_fields"),
    [
        ("processors", CPU, "noc_processor", {"name": "CPU", "oid": "1.3.1.1"}, {"usage_pct": 12}),
        (
            "memory",
            POOL,
            "noc_memory",
            {"name": "RAM", "oid": "1.3.2.1"},
            {"total_bytes": 40, "used_bytes": 10, "used_pct": 25},
        ),
        (
            "storage",
            {**POOL, "kind": "disk"},
            "noc_storage",
            {"name": "RAM", "oid": "1.3.2.1"},
            {"total_bytes": 40, "used_bytes": 10, "used_pct": 25},
        ),
        (
            "bgp_peers",
            PEER,
            "noc_bgp_peer",
            {"peer": "10.0.0.2", "vrf": "red"},
            {"state": 6, "uptime_s": 9, "accepted_prefixes": 70},
        ),
        (
            "ospf_neighbors",
            NEIGHBOUR,
            "noc_ospf_neighbor",
            {"neighbor": "10.0.0.3", "router_id": "1.1.1.1", "vrf": ""},
            {"state": 8},
        ),
        (
            "ip_sla",
            PATH,
            "noc_path",
            {"index": "10", "tag": "hub"},
            {"rtt_ms": 16, "loss_pct": None, "jitter_ms": 2.5, "delay_ms": 7.5, "mos": 4.1, "ok": 1},
        ),
        (
            "isis_adjacencies",
            ADJACENCY,
            "noc_isis_adjacency",
            {"neighbor": "10.0.0.3", "system_id": "0000.0000.0003", "interface": "ge-0/0/1"},
            {"state": 3},
        ),
    ],
)
def test_the_rows_of_a_list_become_rows_of_a_measurement(
    name: str, record: dict[str, Scalar], measurement: str, own_tags: dict[str, str], own_fields: dict[str, float]
) -> None:
    found = table(measurement, records={name: (record,)})
    assert tags(found) == {"agent_host": "10.0.0.1", "hostname": "core-1", **own_tags}
    assert fields(found) == own_fields


def test_two_processors_of_one_name_are_two_series() -> None:
    found = table("noc_processor", records={"processors": (CPU, {**CPU, "oid": "1.3.1.2"})})
    assert len(set(found.tags)) == 2


def test_a_state_that_nobody_knows_is_no_number() -> None:
    found = table("noc_bgp_peer", records={"bgp_peers": ({**PEER, "state": None},)})
    assert fields(found) == {"state": None, "uptime_s": 9, "accepted_prefixes": 70}


def test_satellite_values_are_one_row_and_truth_is_1_or_0() -> None:
    found = table("noc_satellite", satellite={"snr_db": 13.5, "rx_lock": True, "tx_on": False, "state": "operation"})
    values = fields(found)
    assert (values["snr_db"], values["rx_lock"], values["tx_on"], values["es_n0_db"]) == (13.5, 1, 0, None)
    assert "state" not in values


def test_what_has_no_number_at_all_is_not_written() -> None:
    silent = replace(DEVICE, uptime_s=None)
    nothing: dict[str, Scalar] = {**CPU, "usage_pct": None}
    assert samples(Snapshot(silent, records={"processors": (nothing,)}, satellite={"state": "off"}), AT) == ()


def test_every_row_is_as_long_as_its_keys() -> None:
    for found in samples(Snapshot(DEVICE, (PORT,), (HEAT,), {"processors": (CPU,), "ip_sla": (PATH,)}), AT):
        assert {len(row) for row in found.tags} == {len(found.tag_keys)}
        assert {len(row) for row in found.values} == {len(found.field_keys)}
