"""Recordings of real devices, polled over UDP by the real collector, held against the files themselves."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest

from noc.cli._snapshot import document
from noc.model.snapshot import RECORD_FIELDS, SENSOR_UNITS, Counters
from noc.pipeline.normalise import samples
from noc.wire.lineprotocol import lines
from tests.live.conftest import RunningAgent
from tests.live.recorded import NAMES, Polled, poll, recorded
from tests.live.walkfile import Index, Value, WalkFile, words

pytestmark = pytest.mark.live

FALLS_SILENT = {"windows_svr_2019_1809"}
"""Objects whose names are no OIDs (`…<IPADDR>`): the agent that serves them does not answer from there on."""
ENDS_EARLY = {"ios", "iosxe", "nxos_n3k-3064pq"}
"""Hex that is not hex: the agent ends its view there."""

IF_TABLE, IFX_TABLE = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
ADMIN = {1: "up", 2: "down", 3: "testing"}
OPER = {**ADMIN, 4: "unknown", 5: "dormant", 6: "notPresent", 7: "lowerLayerDown"}
COUNTERS = {  # of ifXTable (64 bits), of ifTable or ifXTable (32 bits)
    "in_octets": ("6", f"{IF_TABLE}.10"),
    "out_octets": ("10", f"{IF_TABLE}.16"),
    "in_ucast_pkts": ("7", f"{IF_TABLE}.11"),
    "out_ucast_pkts": ("11", f"{IF_TABLE}.17"),
    "in_multicast_pkts": ("8", f"{IFX_TABLE}.2"),
    "out_multicast_pkts": ("12", f"{IFX_TABLE}.4"),
    "in_broadcast_pkts": ("9", f"{IFX_TABLE}.3"),
    "out_broadcast_pkts": ("13", f"{IFX_TABLE}.5"),
    "in_errors": (None, f"{IF_TABLE}.14"),
    "out_errors": (None, f"{IF_TABLE}.20"),
    "in_discards": (None, f"{IF_TABLE}.13"),
    "out_discards": (None, f"{IF_TABLE}.19"),
}


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def polled(name: str, snmpsim: RunningAgent) -> Polled:
    return poll(name, snmpsim.port)


def test_a_recording_is_polled_whole(name: str, polled: Polled) -> None:
    reading = polled.reading
    assert reading.failure is None
    if name not in FALLS_SILENT | ENDS_EARLY:
        assert reading.parts == ()
    if name in FALLS_SILENT:
        assert reading.parts
    assert all(part.what and part.reason for part in reading.parts)


def test_every_interface_is_there_once(name: str, polled: Polled) -> None:
    in_file = {index[1] for table in (IF_TABLE, IFX_TABLE) for index in recorded(name).column(table) if len(index) == 2}
    assert [row.if_index for row in polled.taken.interfaces] == sorted(in_file)


def test_every_interface_says_what_the_file_says(name: str, polled: Polled) -> None:
    walk = recorded(name)
    for row in polled.taken.interfaces:
        at = (row.if_index,)
        descr = walk.words(f"{IF_TABLE}.2", at)
        assert row.descr == descr
        assert row.name == (walk.words(f"{IFX_TABLE}.1", at) or descr or None)
        assert row.alias == walk.words(f"{IFX_TABLE}.18", at)
        assert row.if_type == walk.number(f"{IF_TABLE}.3", at)
        assert row.mtu == walk.number(f"{IF_TABLE}.4", at)
        assert row.mac == mac(walk.column(f"{IF_TABLE}.6").get(at))
        assert row.admin_status == ADMIN.get(walk.number(f"{IF_TABLE}.7", at) or 0)
        assert row.oper_status == OPER.get(walk.number(f"{IF_TABLE}.8", at) or 0)
        assert row.speed_bps == speed(walk, at)


def test_every_counter_is_the_one_of_the_file_64_bits_wide_where_it_has_them(name: str, polled: Polled) -> None:
    walk = recorded(name)
    for row in polled.taken.interfaces:
        at = (row.if_index,)
        for counter in fields(Counters):
            column, fallback = COUNTERS[counter.name]
            wide = None if column is None else walk.number(f"{IFX_TABLE}.{column}", at)
            value = walk.number(fallback, at) if wide is None else wide
            assert getattr(row.counters, counter.name) == value, (row.if_index, counter.name)
        octets = [walk.number(f"{IFX_TABLE}.{column}", at) for column in ("6", "10")]
        assert row.wide is any(value is not None for value in octets)


def mac(value: Value | None) -> str | None:
    if isinstance(value, bytes) and len(value) == 6:
        return value.hex(":")
    parts = words(value).lower().split(":") if value is not None else []
    return ":".join(part.rjust(2, "0") for part in parts) if len(parts) == 6 else None


def speed(walk: WalkFile, at: Index) -> int | None:
    """RFC 2863: ifSpeed, and ifHighSpeed (Mbit/s, rounded) where 32 bits are too few."""
    low, high = walk.number(f"{IF_TABLE}.5", at), walk.number(f"{IFX_TABLE}.15", at)
    if low == 2**32 - 1:
        low = None
    if high and (low is None or abs(high * 10**6 - low) >= 10**6):
        return high * 10**6
    return high if low is None else low


def test_the_system_group_is_read(name: str, polled: Polled) -> None:
    walk, device = recorded(name), polled.taken.device
    assert device.sys_descr == walk.words("1.3.6.1.2.1.1.1")
    assert device.sys_name == walk.words("1.3.6.1.2.1.1.5")
    if walk.scalar("1.3.6.1.2.1.1.2") != ".0.0":
        assert device.sys_object_id == walk.words("1.3.6.1.2.1.1.2")
    ticks = walk.scalar("1.3.6.1.2.1.1.3")
    assert device.uptime_s == (ticks / 100 if isinstance(ticks, int) else None)


def test_processors_of_host_resources_are_read(name: str, polled: Polled) -> None:
    loads = recorded(name).column("1.3.6.1.2.1.25.3.3.1.2")
    found = {row["oid"]: row["usage_pct"] for row in polled.taken.records["processors"]}
    for index, load in loads.items():
        assert found[oid("1.3.6.1.2.1.25.3.3.1.2", index)] == load


STORAGE = "1.3.6.1.2.1.25.2.3.1"
KINDS = {1: None, 2: "memory", 3: "memory", 4: "disk", 5: "removable", 8: "ramdisk", 9: "flash", 10: "network"}
CACHES = (("Memory buffers", "RAM (Buffers)"), ("Cached memory", "RAM (Cache)"))


def test_memory_and_disks_of_host_resources_are_read(name: str, polled: Polled) -> None:
    walk, records = recorded(name), polled.taken.records
    rows = (*records["memory"], *records["storage"])
    better = {row["name"] for row in rows if not str(row["oid"]).startswith(STORAGE)}
    found = {row["oid"]: row for row in rows}
    named = {walk.words(f"{STORAGE}.3", index): index for index in walk.column(f"{STORAGE}.3")}
    caches = [walk.number(f"{STORAGE}.6", named[name]) or 0 for names in CACHES for name in names if name in named]
    for index, sort in walk.column(f"{STORAGE}.2").items():
        units, size, used = (walk.number(f"{STORAGE}.{column}", index) for column in (4, 5, 6))
        kind = KINDS.get(int(str(sort).rsplit(".", 1)[-1]))
        if kind is None or units is None or not size or used is None or min(size, used) < 0:
            continue
        if walk.words(f"{STORAGE}.3", index) in better:
            continue
        if walk.words(f"{STORAGE}.3", index) in ("Physical memory", "RAM") and len(caches) == len(CACHES):
            used -= sum(caches)  # which is free for whoever needs it
        row = found[oid(f"{STORAGE}.6", index)]
        assert (row["name"], row["total_bytes"], row["used_bytes"]) == (
            walk.words(f"{STORAGE}.3", index),
            size * units,
            used * units,
        )
        assert row["used_pct"] == pytest.approx(100 * used / size)
        assert row.get("kind", "memory") == kind


def oid(column: str, index: Index) -> str:
    return ".".join((column, *map(str, index)))


SENSOR_TABLES = {  # value column, then type, scale, precision and status beside it
    "1.3.6.1.2.1.99.1.1.1": (4, 1, 2, 3, 5),
    "1.3.6.1.4.1.9.9.91.1.1.1.1": (4, 1, 2, 3, 5),
}
SENSOR_KINDS = {
    3: "voltage",
    4: "voltage",
    5: "current",
    6: "power",
    7: "frequency",
    8: "temperature",
    9: "humidity",
    10: "fan_speed",
    12: "state",
    14: "optical_power",
}


def test_entity_sensors_have_the_value_of_the_file_in_its_scale(name: str, polled: Polled) -> None:
    walk, taken = recorded(name), polled.taken
    found = {sensor.oid: sensor for sensor in taken.sensors}
    for table, (value, sort, scale, precision, status) in SENSOR_TABLES.items():
        if table.startswith("1.3.6.1.4.1.9") and not taken.device.profile.startswith("cisco"):
            continue
        for index, raw in walk.column(f"{table}.{value}").items():
            kind = SENSOR_KINDS.get(walk.number(f"{table}.{sort}", index) or 0)
            if kind is None or walk.number(f"{table}.{status}", index) not in (None, 1):
                continue
            assert isinstance(raw, int)
            if abs(raw) >= 10**9:  # RFC 3433: less, or more, than can be measured
                assert oid(f"{table}.{value}", index) not in found
                continue
            sensor = found[oid(f"{table}.{value}", index)]
            if raw == -(2**15) and sensor.value is None:
                continue  # IOS XR writes so where light is switched off
            exponent = 3 * ((walk.number(f"{table}.{scale}", index) or 9) - 9) - (
                walk.number(f"{table}.{precision}", index) or 0
            )
            if sensor.kind == "optical_power" and kind == "power":
                light = 0.0 if sensor.value is None else 10 ** (sensor.value / 10) / 1000
                assert light == pytest.approx(max(raw, 0) * 10.0**exponent, rel=1e-3)  # no light has no dBm
                continue
            assert sensor.kind == kind
            assert sensor.value == (raw if kind == "state" else pytest.approx(raw * 10.0**exponent, rel=1e-12))


BGP_STATES = {1: "idle", 2: "connect", 3: "active", 4: "opensent", 5: "openconfirm", 6: "established"}
OSPF_STATES = dict(enumerate(["down", "attempt", "init", "twoWay", "exchangeStart", "exchange", "loading", "full"], 1))


def test_bgp_peers_are_those_of_the_file(name: str, polled: Polled) -> None:
    walk, taken = recorded(name), polled.taken
    expected = {".".join(map(str, at)): at for at in walk.column("1.3.6.1.2.1.15.3.1.2")}
    found = {str(row["peer"]): row for row in taken.records["bgp_peers"]}
    assert expected.keys() <= found.keys()
    for peer, at in expected.items():
        if taken.device.profile.startswith("cisco"):
            continue  # CISCO-BGP4-MIB tells more of the same peer: tests/live/test_recordings_families.py
        assert found[peer]["remote_as"] == walk.number("1.3.6.1.2.1.15.3.1.9", at)
        assert found[peer]["state"] == BGP_STATES.get(walk.number("1.3.6.1.2.1.15.3.1.2", at) or 0)
        # A maker's own table tells it too, walked some seconds before or after.
        assert found[peer]["uptime_s"] == pytest.approx(walk.number("1.3.6.1.2.1.15.3.1.16", at), abs=30)
    assert len(found) == len(taken.records["bgp_peers"])


def test_ospf_neighbours_are_those_of_the_file(name: str, polled: Polled) -> None:
    walk = recorded(name)
    expected = {
        ".".join(map(str, at[:4])): (walk.words("1.3.6.1.2.1.14.10.1.3", at), OSPF_STATES.get(int(words(state))))
        for at, state in walk.column("1.3.6.1.2.1.14.10.1.6").items()
    }
    rows = polled.taken.records["ospf_neighbors"]
    # That of IPv6 is held in tests/live/recordings/test_routing.py.
    over_ipv4 = [row for row in rows if "%" not in str(row["neighbor"])]
    assert {str(row["neighbor"]): (row["router_id"], row["state"]) for row in over_ipv4} == expected


def test_the_answer_is_a_json_document_of_the_promised_shape(name: str, polled: Polled) -> None:
    taken = polled.taken
    answer = json.loads(json.dumps(document(taken), allow_nan=False))
    assert {row["kind"] for row in answer["sensors"]} <= SENSOR_UNITS.keys()
    oids = [row["oid"] for row in answer["sensors"]]
    assert len(oids) == len(set(oids))
    assert all(row["unit"] == SENSOR_UNITS[row["kind"]] for row in answer["sensors"])
    for listed, keys in RECORD_FIELDS.items():
        rows = taken.records[listed]
        assert all(set(row) == set(keys) for row in rows)


def test_every_series_is_told_apart_and_every_line_is_one_line(name: str, polled: Polled) -> None:
    tables = samples(polled.taken, polled.reading.started_at)
    series = [(table.measurement, row) for table in tables for row in table.tags]
    assert len(series) == len(set(series))
    written = [line for table in tables for line in lines(table)]
    assert len(written) == len(series)
    assert all(len(line.splitlines()) == 1 for line in written)
