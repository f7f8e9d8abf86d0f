"""Objects with a rhythm of their own: left out while their values are good, and never older than that."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from noc.inventory.profiles.compiled import Object, Profile, RecordSpec, SensorSpec, Table, Text, Value
from noc.model.reading import Block, Cells, Index, Known, Raw, Reading, SnmpAnswer
from noc.pipeline.slow import SlowObjects, slow_objects, without

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIVE = timedelta(minutes=5)
NAME = Object("ifName", "1.3.1.1", "string", "ifs", every_s=900)
STATUS = Object("ifStatus", "1.3.1.2", "integer", "ifs")
MODEL = Object("model", "1.3.2.1", "string", "parts", every_s=3600)
PLACE = Object("place", "1.3.3", "string", every_s=900)
HEAT = Object("heat", "1.3.4", "integer")
DESCR = Object("sysDescr", "1.3.5", "string", every_s=900)
PROFILE = Profile(
    "p",
    "P",
    (),
    {},
    (PLACE, HEAT, DESCR),
    (Table("ifs", "1.3.1", (), (NAME,), (NAME, STATUS)), Table("parts", "1.3.2", (), (MODEL,), (MODEL,))),
)
ROWS: tuple[Index, ...] = ((1,), (2,))
CELLS: Cells = {
    "": (Block(("place", "heat", "sysDescr"), ((),), (16, 5, 16)),),
    "ifs": (Block(("ifName", "ifStatus"), ROWS, (16, 5)),),
    "parts": (Block(("model",), ((7,),), (16,)),),
}
KNOWN = Known("p", False, NOON, True, (None, None), 5, {}, CELLS)
WHOLE: dict[str, dict[Index, dict[str, Raw]]] = {
    "": {(): {"place": b"Juba", "heat": 30, "sysDescr": b"x"}},
    "ifs": {(1,): {"ifName": b"ge1", "ifStatus": 1}, (2,): {"ifName": b"ge2", "ifStatus": 2}},
    "parts": {(7,): {"model": b"X-7"}},
}


def answered(asked: Cells, world: dict[str, dict[Index, dict[str, Raw]]] = WHOLE) -> SnmpAnswer:
    """Return what an agent answers that is asked for these cells."""
    found: dict[str, dict[Index, dict[str, Raw]]] = {}
    for table, blocks in asked.items():
        for block in blocks:
            for index in block.rows:
                row = world[table].get(index, {})
                found.setdefault(table, {}).setdefault(index, {}).update(
                    {column: row[column] for column in block.columns if column in row}
                )
    scalars = found.pop("", {}).get((), {})
    return SnmpAnswer("p", scalars, found)


def reading(known: Known | None, answer: SnmpAnswer | None, at: datetime) -> Reading:
    return Reading("snmp", "192.0.2.1", "test", at, 0.1, snmp=answer, known=known)


def polled(slow: SlowObjects, minute: float, known: Known = KNOWN) -> tuple[Known, Reading]:
    """Poll once; return what was asked for, and what came of it."""
    at = NOON + timedelta(minutes=minute)
    asked = slow.narrowed("device/a", known, at, FIVE)
    assert asked is not None
    return asked, slow.completed("device/a", reading(asked, answered(asked.cells), at))


def columns(cells: Cells) -> set[str]:
    return {column for blocks in cells.values() for block in blocks for column in block.columns}


def test_the_first_poll_asks_for_all_and_the_next_for_what_changes() -> None:
    slow = SlowObjects({"p": PROFILE})
    asked, first = polled(slow, 0)
    assert asked is KNOWN
    assert first.snmp == answered(CELLS)
    asked, second = polled(slow, 5)
    assert columns(asked.cells) == {"heat", "sysDescr", "ifStatus"}
    assert columns(asked.left_out) == {"place", "ifName", "model"}
    assert second.snmp is not None
    assert replace(second.snmp, ages_s={}) == answered(CELLS)
    assert second.snmp.ages_s == {"place": 300.0, "ifName": 300.0, "model": 300.0}
    assert second.known == KNOWN  # whole again, for the next poll


def test_a_value_is_read_anew_before_its_rhythm_is_over() -> None:
    slow = SlowObjects({"p": PROFILE})
    asked = [columns(polled(slow, minute)[0].cells) for minute in range(0, 65, 5)]
    assert [minute * 5 for minute, names in enumerate(asked) if "ifName" in names] == [0, 15, 30, 45, 60]
    assert [minute * 5 for minute, names in enumerate(asked) if "model" in names] == [0, 60]


@given(st.lists(st.integers(1, 2000), max_size=30), st.integers(10, 3600))
def test_nothing_is_ever_older_than_its_rhythm_allows(gaps: list[int], interval_s: int) -> None:
    slow, at = SlowObjects({"p": PROFILE}), NOON
    for gap in [0, *gaps]:
        at += timedelta(seconds=gap)
        asked = slow.narrowed("device/a", KNOWN, at, timedelta(seconds=interval_s))
        assert asked is not None
        whole = slow.completed("device/a", reading(asked, answered(asked.cells), at)).snmp
        assert whole is not None
        assert replace(whole, ages_s={}) == answered(CELLS)
        for name, age_s in whole.ages_s.items():
            assert 0 <= age_s <= slow_objects(PROFILE)[name].every_s


def test_a_discovery_reads_everything_and_what_went_is_gone() -> None:
    slow = SlowObjects({"p": PROFILE})
    polled(slow, 0)
    at = NOON + FIVE
    asked = slow.narrowed("device/a", KNOWN, at, FIVE)
    assert asked is not None
    found = replace(KNOWN, discovered_at=at, cells={"ifs": (Block(("ifStatus",), ((1,),), (5,)),)})
    answer = SnmpAnswer("p", {"heat": 31}, {"ifs": {(1,): {"ifStatus": 1}}})
    assert slow.completed("device/a", reading(found, answer, at)).snmp == answer
    after = slow.narrowed("device/a", found, at + FIVE, FIVE)
    assert after is found  # nothing is kept that the discovery didn't see


def test_a_row_that_is_not_told_of_gets_no_kept_values() -> None:
    slow = SlowObjects({"p": PROFILE})
    polled(slow, 0)
    asked = slow.narrowed("device/a", KNOWN, NOON + FIVE, FIVE)
    assert asked is not None
    answer = SnmpAnswer("p", {"heat": 31}, {"ifs": {(1,): {"ifStatus": 1}}})
    whole = slow.completed("device/a", reading(asked, answer, NOON + FIVE)).snmp
    assert whole is not None
    assert whole.tables["ifs"] == {(1,): {"ifStatus": 1, "ifName": b"ge1"}}
    assert whole.tables["parts"] == {(7,): {"model": b"X-7"}}  # nothing of it was asked


def test_a_poll_that_failed_keeps_what_there_is() -> None:
    slow = SlowObjects({"p": PROFILE})
    polled(slow, 0)
    asked = slow.narrowed("device/a", KNOWN, NOON + FIVE, FIVE)
    assert asked is not None
    doubtful = replace(asked, valid=False)
    came = slow.completed("device/a", reading(doubtful, None, NOON + FIVE))
    assert came.known == replace(KNOWN, valid=False)
    assert slow.narrowed("device/a", came.known, NOON + 2 * FIVE, FIVE) == came.known  # a discovery asks for all


def test_what_a_poll_tells_another_device_by_is_never_left_out() -> None:
    assert "sysDescr" not in slow_objects(PROFILE)


def test_a_device_that_left_is_forgotten() -> None:
    slow = SlowObjects({"p": PROFILE})
    polled(slow, 0)
    slow.forget("device/a")
    assert slow.narrowed("device/a", KNOWN, NOON + FIVE, FIVE) is KNOWN


def test_what_was_not_read_now_makes_no_samples() -> None:
    model = SensorSpec("count", "parts", Value(MODEL), (MODEL,), Text(("x",)))
    heat = SensorSpec("temperature", None, Value(HEAT), (HEAT,), Text(("x",)))
    parts, cpu = RecordSpec("parts", {}, (MODEL,)), RecordSpec(None, {}, ())
    profile = replace(PROFILE, sensors=(model, heat), records={"storage": (parts, cpu)})
    fresh = without(profile, {"model"})
    assert (fresh.sensors, fresh.records["storage"]) == ((heat,), (cpu,))


def test_what_another_check_brings_while_a_poll_is_under_way_takes_nothing_from_it() -> None:
    slow = SlowObjects({"p": PROFILE})
    slow.narrowed("device/a", None, NOON, FIVE)
    slow.completed("device/a", reading(KNOWN, answered(CELLS), NOON))
    known = slow.narrowed("device/a", KNOWN, NOON + FIVE, FIVE)
    assert known is not None
    uptime = Reading("uptime", "192.0.2.1", "test", NOON + FIVE, 0.1)
    assert slow.completed("device/a", uptime) is uptime
    done = slow.completed("device/a", reading(known, answered(known.cells), NOON + FIVE))
    assert done.snmp is not None
    assert done.snmp.tables["ifs"] == WHOLE["ifs"]
