"""A Reading to a Snapshot: identity, lists, satellite values; what is not given is None."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import settings

from noc.inventory.profiles.compiled import (
    Arithmetic,
    Condition,
    Expression,
    First,
    IndexPart,
    IndexValue,
    Lookup,
    Modified,
    Object,
    Profile,
    RecordSpec,
    Table,
    Text,
    Value,
)
from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.shipped import shipped
from noc.model.reading import Failure, FailureKind, Index, PartFailure, Raw, Reading, SnmpAnswer
from noc.model.snapshot import RECORD_FIELDS, SATELLITE_FIELDS, Scalar
from noc.pipeline.snapshot import snapshot

SHIPPED, _ = kept_profiles([shipped("profiles")])
USED = Object("used", "1.3.1.1", "integer", "pools")
FREE = Object("free", "1.3.1.2", "integer", "pools")
NAME = Object("name", "1.3.1.3", "string", "pools")
POOLS = Table("pools", "1.3.1", (IndexPart("pool", "integer"),), (USED,), (USED, FREE, NAME))
TOTAL = Object("total", "1.3.2", "integer")
MEMORY = RecordSpec(
    "pools",
    {
        "name": First((Value(NAME), Text(("pool ", IndexValue(0))))),
        "used_bytes": Value(USED),
        "total_bytes": Arithmetic("sum", (Value(USED), Value(FREE))),
    },
    (USED,),
)


def reading(snmp: SnmpAnswer | None, **more: object) -> Reading:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return Reading("snmp", "10.0.0.1", "here", at, 0.0123, snmp=snmp, **more)  # type: ignore[arg-type]


def profile(**more: object) -> Profile:
    return Profile("p", "P", (), **{"identity": {}, "scalars": (), "tables": (POOLS,), **more})  # type: ignore[arg-type]


def memory(*specs: RecordSpec, rows: dict[Index, dict[str, Raw]], **scalars: Raw) -> list[dict[str, Scalar]]:
    answer = SnmpAnswer("p", scalars, {"pools": rows})
    taken = snapshot(reading(answer), profile(records={"memory": specs}))
    return [dict(row) for row in taken.records["memory"]]


def test_a_record_has_all_fields_of_its_list_and_the_oid_of_its_main_value() -> None:
    assert memory(MEMORY, rows={(3,): {"used": 10, "free": 30, "name": b"Processor"}}) == [
        {"name": "Processor", "total_bytes": 40, "used_bytes": 10, "used_pct": None, "oid": "1.3.1.1.3"}
    ]


def test_a_row_with_nothing_but_a_name_is_no_record() -> None:
    assert memory(MEMORY, rows={(1,): {"name": b"empty"}, (2,): {"used": 1}})[0]["name"] == "pool 2"


def test_rows_come_in_the_order_of_their_indexes() -> None:
    rows: dict[Index, dict[str, Raw]] = {(10,): {"used": 1}, (9,): {"used": 2}}
    assert [row["name"] for row in memory(MEMORY, rows=rows)] == ["pool 9", "pool 10"]


def test_rows_that_do_not_meet_the_conditions_are_left_out() -> None:
    spec = RecordSpec("pools", {"used_bytes": Value(USED)}, (USED,), (Condition(Value(USED), frozenset("0"), True),))
    assert [row["used_bytes"] for row in memory(spec, rows={(1,): {"used": 0}, (2,): {"used": 7}})] == [7]


def test_unless_leaves_out_what_a_newer_table_repeats() -> None:
    old = RecordSpec(None, {"total_bytes": Value(TOTAL)}, unless="pools")
    assert memory(old, rows={(1,): {"used": 1}}, total=5) == []
    assert [row["total_bytes"] for row in memory(old, rows={}, total=5)] == [5]


def test_a_record_of_scalars_is_one_row() -> None:
    spec = RecordSpec(None, {"name": Text(("all",)), "total_bytes": Value(TOTAL)}, (TOTAL,))
    assert memory(spec, rows={}, total=5)[0]["oid"] == "1.3.2.0"
    assert memory(spec, rows={}) == []


ESTABLISHED = Modified(Value(USED), mapping={"6": "established"})
PEER, OLD_PEER = (
    RecordSpec("pools", {"peer": Text(("10.0.0.1",)), "state": ESTABLISHED, "uptime_s": Value(column)})
    for column in (USED, FREE)
)


def test_a_peer_that_two_tables_tell_of_is_told_once_by_the_first() -> None:
    records = {"bgp_peers": (PEER, OLD_PEER)}
    answer = SnmpAnswer("p", {}, {"pools": {(1,): {"used": 6, "free": 7}}})  # asked a second later, it is up longer
    assert [row["uptime_s"] for row in snapshot(reading(answer), profile(records=records)).records["bgp_peers"]] == [6]


def test_rows_of_one_table_that_look_alike_are_all_kept() -> None:
    spec = RecordSpec("pools", {"name": Text(("CPU",)), "usage_pct": Value(USED)}, (USED,))
    answer = SnmpAnswer("p", {}, {"pools": {(1,): {"used": 6}, (2,): {"used": 6}}})
    taken = snapshot(reading(answer), profile(records={"processors": (spec,)}))
    assert [row["oid"] for row in taken.records["processors"]] == ["1.3.1.1.1", "1.3.1.1.2"]


def test_identity_comes_from_the_system_group_and_the_profile() -> None:
    descr = Object("sysDescr", "1.3.6.1.2.1.1.1", "string")
    identity: dict[str, Expression] = {
        "vendor": Text(("Maker",)),
        "version": Modified(Value(descr), re.compile(r"Version (\S+)")),
        "serial": Value(Object("serial", "1.3.9", "string")),
        "model": Lookup(NAME, Text(("1",))),
    }
    scalars: dict[str, Raw] = {
        "sysDescr": b"Thing, Version 7.1",
        "sysObjectID": "1.3.6.1.4.1.9",
        "sysName": b"core-1",
        "sysUpTime": 853_512,
        "serial": b"  ",
    }
    device = snapshot(reading(SnmpAnswer("p", scalars)), profile(identity=identity)).device
    assert (device.address, device.profile) == ("10.0.0.1", "p")
    assert (device.sys_descr, device.sys_object_id, device.sys_name) == (
        "Thing, Version 7.1",
        "1.3.6.1.4.1.9",
        "core-1",
    )
    assert (device.uptime_s, device.vendor, device.version) == (8535.12, "Maker", "7.1")
    assert (device.serial, device.model, device.os, device.device_class) == (None, None, None, None)


def test_satellite_values_are_all_there_once_a_profile_has_any() -> None:
    answer = SnmpAnswer("p", {"total": 135})
    taken = snapshot(reading(answer), profile(satellite={"snr_db": Modified(Value(TOTAL), scale=0.1)}))
    assert dict(taken.satellite) == {**dict.fromkeys(SATELLITE_FIELDS), "snr_db": 13.5}
    assert dict(snapshot(reading(answer), profile()).satellite) == {}


def test_what_could_not_be_read_is_told() -> None:
    part = PartFailure("ifTable", "no answer")
    taken = snapshot(reading(SnmpAnswer("p"), parts=(part,)), profile())
    assert taken.errors == (part,)
    assert taken.duration_ms == 12.3


def test_a_device_that_did_not_answer_has_empty_lists() -> None:
    failed = reading(None, failure=Failure(FailureKind.TIMEOUT, "no answer"))
    taken = snapshot(failed, SHIPPED["generic"])
    assert (taken.interfaces, taken.sensors) == ((), ())
    assert taken.records == dict.fromkeys(RECORD_FIELDS, ())
    assert taken.device.address == "10.0.0.1"
    assert taken.device.uptime_s is None


RAWS: tuple[Raw, ...] = (
    *(None, b"", b"\0", b"\xff" * 12, b"1.5", b"-", "", "1.3.6.1"),
    *(0, 1, -1, 255, 2**31 - 1, -(2**31), 2**32 - 1, 2**63, 2**64, -(2**64), 10**30),
    *(0.0, -0.0, 0.5, 5e-324, 1.8e308, -1e308, math.inf, -math.inf, math.nan),
)
"""What is at the edge of its type, or of another one than was asked for."""


def any_answer(family: Profile, dealt: Random) -> SnmpAnswer:
    """Return an answer of nothing that fits: edges, any octets and any numbers, as they are dealt."""

    def raw() -> Raw:
        return dealt.choice((dealt.choice(RAWS), dealt.randbytes(dealt.randrange(13)), dealt.getrandbits(40)))

    table = dealt.choice(family.tables)
    index = tuple(dealt.getrandbits(32) for _ in range(dealt.randrange(7)))
    row = {column.name: raw() for column in table.columns}
    return SnmpAnswer(family.name, {thing.name: raw() for thing in family.scalars}, {table.name: {index: row}})


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_no_answer_makes_a_shipped_profile_raise(name: str) -> None:
    for number in range(min(settings().max_examples, 200)):
        answer = any_answer(SHIPPED[name], Random(f"{name} {number}"))  # noqa: S311 no secret
        taken = snapshot(reading(answer), SHIPPED[name])
        assert set(taken.records) == set(RECORD_FIELDS), number
