"""Devices that noc has never seen: recordings of many vendors, told apart by nothing, or with pieces of them missing.

The recordings are changed in memory and served from there: no family fits them, and the generic reading must do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache

import pytest

from collectors.snmp import SnmpTarget, collect
from noc.app import recordings
from noc.clock import SystemClock
from noc.model.snapshot import Snapshot
from noc.pipeline.snapshot import snapshot
from noc.simulator.objects import Object
from noc.simulator.recorded import COMMUNITY, serving
from noc.simulator.recording import Recording
from noc.wire.ber_values import Oid, Tag
from noc.wire.snmp import Agent, Community
from tests.live.recorded import PROFILES, RECORDINGS, need

pytestmark = pytest.mark.live

SYS_DESCR: Oid = (1, 3, 6, 1, 2, 1, 1, 1, 0)
SYS_OBJECT_ID: Oid = (1, 3, 6, 1, 2, 1, 1, 2, 0)
NOBODY: Oid = (1, 3, 6, 1, 4, 1, 32473, 7)
IF_TABLE: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1)
IF_X_TABLE: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)

Change = Callable[[Recording], Recording]

SEEN = {
    "net-snmp-linux": "generic",
    "arista_eos_vrf": "generic",
    "arubaos-cx_10.10": "generic",
    "asa": "generic",
    "drac_r640": "generic",
    "f5_ve": "generic",
    "fortigate_60f3g4g": "generic",
    "gaia_15600": "generic",
    "iosxr": "generic",
    "panos_sensors_1": "generic",
    "procurve_e2910": "generic",
    "qnap": "generic",
    "routeros": "generic",
    "snmpsim-data_paloalto-pa-5000": "generic",
    "vmware-esxi": "generic",
    "windows_svr_2019_1809": "generic",
    "eaton-mgeups_9px": "ups-mib",
    "snmpsim-data_huawei-gse200m": "ups-mib",
}
"""Recording to the profile that reads it when it does not say what it is."""


@cache
def seen(name: str) -> Recording:
    return recordings.read_recording(RECORDINGS.paths()[need(name)])


def read(recording: Recording) -> Snapshot:
    return asyncio.run(recordings.poll(recording, PROFILES, SystemClock()))


@cache
def as_seen(name: str) -> Snapshot:
    return read(seen(name))


def unseen(recording: Recording) -> Recording:
    """Return a recording that says nothing of its maker."""
    said = {
        SYS_OBJECT_ID: Object(SYS_OBJECT_ID, Tag.OID, NOBODY),
        SYS_DESCR: Object(SYS_DESCR, Tag.OCTET_STRING, b"Box, version 7.4.1"),
    }
    return Recording(recording.name, tuple(said.get(row.oid, row) for row in recording.objects))


def without(*branches: Oid) -> Change:
    def change(recording: Recording) -> Recording:
        kept = (row for row in recording.objects if not any(row.oid[: len(one)] == one for one in branches))
        return Recording(recording.name, tuple(kept))

    return change


def far_apart(recording: Recording) -> Recording:
    """Return a recording with the interfaces at the other end of the numbers, and holes between them."""

    def is_interface(oid: Oid) -> bool:
        return oid[:9] == IF_TABLE or oid[:10] == IF_X_TABLE

    numbers = sorted({row.oid[-1] for row in recording.objects if is_interface(row.oid)})
    others = {number: 2**31 - 7 * (len(numbers) - at) for at, number in enumerate(numbers)}
    objects = [
        Object((*row.oid[:-1], others[row.oid[-1]]), row.tag, row.value) if is_interface(row.oid) else row
        for row in recording.objects
    ]
    return Recording(recording.name, tuple(sorted(objects, key=lambda row: row.oid)))


@cache
def as_unseen(name: str) -> Snapshot:
    return read(unseen(seen(name)))


@pytest.mark.parametrize("name", SEEN)
def test_no_family_is_needed_for_interfaces(name: str) -> None:
    known, generic = as_seen(need(name)), as_unseen(name)
    assert generic.device.profile == SEEN[name]
    assert generic.interfaces == known.interfaces
    assert generic.errors == ()


@pytest.mark.parametrize("name", SEEN)
def test_no_family_is_needed_for_what_standard_mibs_tell(name: str) -> None:
    generic = as_unseen(need(name))
    objects = {row.oid: row.value for row in seen(name).objects}
    column = {oid[-1]: value for oid, value in objects.items() if oid[:-1] == (1, 3, 6, 1, 2, 1, 25, 3, 3, 1, 2)}
    assert sorted(row["usage_pct"] for row in generic.records["processors"]) == sorted(column.values())
    sizes = {oid[-1] for oid, size in objects.items() if oid[:-1] == (1, 3, 6, 1, 2, 1, 25, 2, 3, 1, 5) and size != 0}
    others = {oid[-1] for oid, kind in objects.items() if oid[:-1] == (1, 3, 6, 1, 2, 1, 25, 2, 3, 1, 2)}
    pools = len(generic.records["memory"]) + len(generic.records["storage"])
    assert pools > 0 or not sizes & others
    assert pools <= len(sizes)
    standard = ("1.3.6.1.2.1.99.1.1.1.4.", "1.3.6.1.2.1.33.")
    told = {
        sensor.oid: (sensor.kind, sensor.value) for sensor in as_seen(name).sensors if sensor.oid.startswith(standard)
    }
    found = {sensor.oid: (sensor.kind, sensor.value) for sensor in generic.sensors}
    assert {oid: value for oid, value in found.items() if oid in told} == told
    lldp = [row for row in as_seen(name).records["neighbors"] if row["protocol"] == "lldp"]
    assert list(generic.records["neighbors"]) == lldp
    assert generic.device.version is not None


@pytest.mark.parametrize("name", [*SEEN, "himoinsa-gensets", "uhp", "junos_vmx", "ceraos"])
@pytest.mark.parametrize(
    "change",
    [
        without(IF_X_TABLE),
        without(SYS_OBJECT_ID),
        without((1, 3, 6, 1, 2, 1, 1)),
        without((1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 7), (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 2)),
        far_apart,
    ],
    ids=["no ifXTable", "no sysObjectID", "no system group", "no names of entities", "holes between interfaces"],
)
def test_a_device_with_pieces_missing_is_read_all_the_same(name: str, change: Change) -> None:
    known, crippled = as_seen(need(name)), read(change(seen(name)))
    assert crippled.errors == ()
    named = {row.descr for row in known.interfaces if row.descr}
    assert {row.descr for row in crippled.interfaces if row.descr} == named
    if change is not far_apart:
        names = {row.if_index: {row.name, row.descr or None} for row in known.interfaces}
        assert [row.name for row in crippled.interfaces if row.name not in names[row.if_index]] == []
    assert all(sensor.name for sensor in crippled.sensors)
    assert len(crippled.records["storage"]) == len(known.records["storage"])


async def _by_version_1(recording: Recording) -> Snapshot:
    async with serving(recording) as port:
        agent = Agent("127.0.0.1", Community(COMMUNITY, "1"), port)
        reading = await collect(SnmpTarget(agent, 60.0), PROFILES, SystemClock(), "test")
    return snapshot(reading, PROFILES[reading.snmp.profile if reading.snmp else "generic"])


@pytest.mark.parametrize("name", ["net-snmp-linux", "procurve_e2910", "apc_smx750i"])
def test_version_1_tells_all_but_the_wide_counters(name: str) -> None:
    old, new = asyncio.run(_by_version_1(seen(need(name)))), as_seen(name)
    assert [(row.if_index, row.name, row.oper_status) for row in old.interfaces] == [
        (row.if_index, row.name, row.oper_status) for row in new.interfaces
    ]
    assert not any(row.wide for row in old.interfaces)
    assert old.sensors == new.sensors
    assert old.records["storage"] == new.records["storage"]
